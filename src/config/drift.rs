//! What an organisation says of drift: changes that are none to it, and blanks that are alike to it.
//! Comes in: `drift` of `levelmark.yaml`. Goes out: rules whose sections and paths exist. Not here:
//! what they hide (`diff`), and the rules that are built in.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::record;
use crate::sections::{self, contract::Resolved};
use crate::yaml::scalar::Word;
use crate::yaml::suggest::{self, shown};
use crate::yaml::{Cx, Need, Place, Text};

use super::pattern::Pattern;

record! {
    /// What `levelmark diff` leaves out here.
    pub struct RawDrift {
        /// Changes that are no drift here. They are counted, and `--no-ignore` shows them.
        ignore: Vec<RawIgnore>,
        /// Paths where absent, null and empty mean the same.
        alike: Vec<RawAlike>,
    }
}

record! {
    /// Changes that are no drift here.
    pub struct RawIgnore {
        /// A section such as `users.accounts`, an area such as `'devices.*'`, or `'*'` for all.
        section: Need<Text>,
        /// Which property and what lies in it, e.g. `/signInActivity`: names alone, lists are passed through, `*` is
        /// any name and `**` any number of them. Without it the whole item, also that it comes and goes.
        path: Option<Text>,
        /// Only the item with this key.
        key: Option<Text>,
        /// Why.
        reason: Need<Text>,
    }
}

record! {
    /// A path where some kinds of nothing mean the same.
    pub struct RawAlike {
        /// A section, an area, or `'*'`.
        section: Need<Text>,
        /// Which property, as in `ignore`.
        path: Need<Text>,
        /// Which of them mean the same; two at least.
        values: Vec<Word<Blank>>,
        /// Why.
        reason: Need<Text>,
    }
}

/// A kind of nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Blank {
    /// The property is not there.
    Absent,
    /// `null`
    Null,
    /// `[]`, `{}` or `""`
    Empty,
}

/// Which sections a rule is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// All.
    Every,
    /// Those of an area.
    Area(String),
    /// One.
    One(String),
}

impl Scope {
    /// Whether it is about a section.
    pub fn has(&self, section: &str) -> bool {
        match self {
            Self::Every => true,
            Self::Area(area) => section.split_once('.').is_some_and(|(own, _)| own == area),
            Self::One(id) => id == section,
        }
    }
}

impl std::fmt::Display for Scope {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Every => f.write_str("*"),
            Self::Area(area) => write!(f, "{area}.*"),
            Self::One(id) => f.write_str(id),
        }
    }
}

/// A rule of the configuration.
#[derive(Debug, Clone)]
pub struct DriftRule {
    /// Which sections.
    pub scope: Scope,
    /// Which properties; None = the whole item, also that it comes and goes.
    pub path: Option<Pattern>,
    /// Which item, by its key; None = all.
    pub key: Option<String>,
    /// Kinds of nothing that are alike; None = everything there is ignored.
    pub alike: Option<BTreeSet<Blank>>,
    /// Why.
    pub reason: String,
    /// Where it stands.
    pub place: Place,
}

/// The rules of a file, in its order.
pub(super) fn rules(raw: &RawDrift, cx: &mut Cx<'_>) -> Vec<DriftRule> {
    let ignored: Vec<Option<DriftRule>> = raw.ignore.iter().map(|raw| ignore(raw, cx)).collect();
    let alike: Vec<Option<DriftRule>> = raw.alike.iter().map(|raw| alike_rule(raw, cx)).collect();
    ignored.into_iter().chain(alike).flatten().collect()
}

fn ignore(raw: &RawIgnore, cx: &mut Cx<'_>) -> Option<DriftRule> {
    let scope = raw.section.get().and_then(|text| scope(text, cx));
    let path = match &raw.path {
        Some(text) => Some(path(text, scope.as_ref(), cx)?),
        None => None,
    };
    Some(DriftRule {
        scope: scope?,
        path,
        key: raw.key.as_ref().map(|key| key.value.clone()),
        alike: None,
        reason: raw.reason.get()?.value.clone(),
        place: cx.place(&raw.span),
    })
}

fn alike_rule(raw: &RawAlike, cx: &mut Cx<'_>) -> Option<DriftRule> {
    let scope = raw.section.get().and_then(|text| scope(text, cx));
    let path = raw.path.get().and_then(|text| path(text, scope.as_ref(), cx));
    let values: BTreeSet<Blank> = raw.values.iter().map(|word| word.value).collect();
    if values.len() < 2 && !raw.broken {
        cx.mistake("config::drift", "two kinds of nothing at least can be alike", &raw.span).help =
            Some("e.g. values: [absent, null, empty]".to_owned());
    }
    Some(DriftRule {
        scope: scope?,
        path: Some(path?),
        key: None,
        alike: Some(values),
        reason: raw.reason.get()?.value.clone(),
        place: cx.place(&raw.span),
    })
}

fn scope(text: &Text, cx: &mut Cx<'_>) -> Option<Scope> {
    let id = text.value.as_str();
    if id == "*" {
        return Some(Scope::Every);
    }
    if let Some(area) = id.strip_suffix(".*")
        && sections::all().any(|section| section.area() == area)
    {
        return Some(Scope::Area(area.to_owned()));
    }
    one(text, "`levelmark sections` lists all of them; an area is written as `'devices.*'`", cx)
        .map(Scope::One)
}

/// The id of a section that a snapshot can hold.
pub(super) fn one(text: &Text, help: &str, cx: &mut Cx<'_>) -> Option<String> {
    let id = text.value.as_str();
    if sections::find(id).is_some_and(|section| section.kind != sections::Kind::Derived) {
        return Some(id.to_owned());
    }
    let help =
        sections::suggest(id).map_or_else(|| help.to_owned(), |near| format!("did you mean `{near}`?"));
    cx.mistake("config::section", format!("there is no section `{}`", shown(id)), &text.at).help = Some(help);
    None
}

/// A path whose names the section has.
fn path(text: &Text, scope: Option<&Scope>, cx: &mut Cx<'_>) -> Option<Pattern> {
    let pattern = match Pattern::parse(&text.value) {
        Ok(pattern) => pattern,
        Err(what) => {
            cx.mistake("config::drift", what, &text.at).help =
                Some("e.g. /conditions/users/excludeUsers".to_owned());
            return None;
        }
    };
    let Some(Scope::One(id)) = scope else { return Some(pattern) };
    let contract = sections::find(id)?.contract();
    let names = pattern.head();
    let Resolved::Unknown { at, suggestion } = contract.resolve(&names) else { return Some(pattern) };
    let name = names.get(at).copied().unwrap_or_default();
    let numbered = name.bytes().all(|byte| byte.is_ascii_digit());
    let help = match suggestion {
        Some(near) => Some(format!("did you mean `{near}`?")),
        None if numbered => Some("leave positions in lists out: a list is passed through".to_owned()),
        None => suggest::help(name, contract.fields.keys().map(String::as_str)),
    };
    cx.mistake("config::drift", format!("{id} has no `{}` there", shown(name)), &text.at).help = help;
    None
}
