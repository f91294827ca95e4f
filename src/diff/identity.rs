//! What identifies an item or element: the key of its section, then what objects of Graph are known by.
//! Comes in: nodes. Goes out: values that can be looked up. Not here: who is matched with whom (`pairing`).

use std::borrow::Cow;

use crate::sections::Section;
use crate::snapshot::document::NodeRef;
use crate::snapshot::item;

use super::normal::Scalar;
use super::shape::Shape;

/// Something that identifies: one property, or several together.
#[derive(Debug, Clone, Copy)]
pub(super) struct Level {
    /// Dotted paths of the parts.
    pub parts: &'static [&'static str],
    /// Two objects that differ in it are two objects; two that differ in a name may be one, renamed.
    pub strong: bool,
}

/// The levels of a kind of object, the most telling first.
#[derive(Debug)]
pub(super) struct Levels(Vec<Level>);

/// What objects are known by, in any list.
const STRONG: [&[&str]; 3] = [&["id"], &["@odata.id"], &["appId"]];
/// What the elements of lists in Graph's objects are known by.
const ELEMENTS: [&[&str]; 6] =
    [&["keyId"], &["skuId"], &["servicePlanId"], &["resourceAppId"], &["labelId"], &["userId"]];
/// What people call them; a name that is not the only one of its kind tells nothing.
const NAMES: [&[&str]; 5] = [&["displayName"], &["name"], &["title"], &["key"], &["controlName"]];

impl Levels {
    /// Of the items of a section: its key, `id`, `@odata.id`, `appId`, a name. Between two tenants (`foreign`)
    /// other ids prove nothing.
    pub fn of_items(section: &Section, foreign: bool) -> Self {
        let named = matches!(section.key, ["name"]);
        let own = (!section.key.is_empty()).then_some(Level { parts: section.key, strong: !named });
        let strong = STRONG.iter().filter(|parts| **parts != section.key);
        let names = NAMES.iter().filter(|parts| **parts != section.key);
        let levels = own.into_iter().chain(strong.map(strongly)).chain(names.map(weakly));
        Self::new(levels, foreign)
    }

    /// Of the elements of a list in an item.
    pub fn of_elements(foreign: bool) -> Self {
        let strong = STRONG.iter().chain(&ELEMENTS).map(strongly);
        Self::new(strong.chain(NAMES.iter().map(weakly)), foreign)
    }

    fn new(levels: impl Iterator<Item = Level>, foreign: bool) -> Self {
        Self(levels.map(|level| Level { strong: level.strong && !foreign, ..level }).collect())
    }

    pub fn iter(&self) -> impl Iterator<Item = &Level> {
        self.0.iter()
    }
}

const fn strongly(parts: &&'static [&'static str]) -> Level {
    Level { parts, strong: true }
}

const fn weakly(parts: &&'static [&'static str]) -> Level {
    Level { parts, strong: false }
}

/// What an object is identified by at one level.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Key<'d> {
    One(Scalar<'d>),
    Many(Box<[Scalar<'d>]>),
}

impl<'d> Key<'d> {
    /// None where a part is missing, null, empty, or no text and no number.
    pub fn of(node: NodeRef<'d>, shape: Shape, level: &Level) -> Option<Self> {
        match level.parts {
            [path] => part(node, shape, path).map(Self::One),
            parts => {
                let parts = parts.iter().map(|path| part(node, shape, path));
                parts.collect::<Option<Box<[_]>>>().map(Self::Many)
            }
        }
    }
}

fn part<'d>(node: NodeRef<'d>, shape: Shape, path: &str) -> Option<Scalar<'d>> {
    let found = item::at(node, path)?;
    let shape = if path.starts_with('@') {
        shape.member(path)
    } else {
        path.split('.').fold(shape, |shape, name| shape.member(name))
    };
    match Scalar::of(found, shape.form())? {
        Scalar::Text(text) if text.is_empty() => None,
        Scalar::Null | Scalar::Bool(_) => None,
        scalar @ (Scalar::Text(_) | Scalar::Number(_) | Scalar::Time(..)) => Some(scalar),
    }
}

/// The member of an object in which a part of its key stands.
pub(super) fn member_of(path: &'static str) -> &'static str {
    if path.starts_with('@') { path } else { path.split('.').next().unwrap_or(path) }
}

/// What a key's value reads like; cropped where it is shown.
pub(super) fn shown(section: &Section, node: NodeRef<'_>) -> Option<String> {
    item::key(section.id, node).or_else(|| item::name(node).map(Cow::into_owned))
}
