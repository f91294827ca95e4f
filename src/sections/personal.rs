//! Which properties of a section are personal: what `redact` replaces and what it leaves. Comes in:
//! the notation of `personal.json`. Goes out: a tree beside the contract. Not here: what a personal
//! value becomes (`redact`).
//!
//! `open` says that a text of this property is the service's word (a state, a version, a product);
//! `published` that it is an id which Microsoft gave to everybody (a licence, a template); `scopes` that it lists
//! permissions; `personal` that
//! it may be a name, an address, an id or free text. An entry counts for all below it,
//! a deeper one wins. Booleans, numbers, times and members of enums stay wherever they are what their
//! contract says, so they need no entry; what no entry covers is personal.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::Deserialize;

use super::Section;

/// Whether texts of a property may be shown to strangers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Care {
    /// The service's own words: they stay.
    Open,
    /// Ids that Microsoft gave to everybody: they stay, too. Of others that are open, ids are replaced.
    Published,
    /// Permissions with blanks between them: Microsoft's stay, those of the tenant's own services are replaced.
    Scopes,
    /// Names, addresses, ids, free text: they are replaced.
    Personal,
}

/// What is declared of an object's members.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Fields {
    care: Option<Care>,
    members: BTreeMap<String, Fields>,
}

impl Fields {
    /// What is declared of this value itself.
    #[must_use]
    pub const fn care(&self) -> Option<Care> {
        self.care
    }

    /// What is declared of a member.
    #[must_use]
    pub fn member(&self, name: &str) -> Option<&Self> {
        self.members.get(name)
    }

    fn declare(&mut self, path: &str, care: Care) {
        let mut here = self;
        for name in path.split('/') {
            here = here.members.entry(name.to_owned()).or_default();
        }
        here.care = Some(care);
    }
}

/// How the file writes a section.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    /// Paths of names with `/` between, arrays passed through.
    open: Vec<String>,
    #[serde(default)]
    published: Vec<String>,
    #[serde(default)]
    scopes: Vec<String>,
    personal: Vec<String>,
}

/// The file as it is: what redaction makes of a property rests on it.
pub const SOURCE: &str = include_str!("personal.json");

fn parse(text: &str) -> Result<BTreeMap<String, Fields>, serde_json::Error> {
    let raw: BTreeMap<String, Raw> = serde_json::from_str(text)?;
    let section = |raw: Raw| {
        let mut fields = Fields::default();
        raw.open.iter().for_each(|path| fields.declare(path, Care::Open));
        raw.published.iter().for_each(|path| fields.declare(path, Care::Published));
        raw.scopes.iter().for_each(|path| fields.declare(path, Care::Scopes));
        raw.personal.iter().for_each(|path| fields.declare(path, Care::Personal));
        fields
    };
    Ok(raw.into_iter().map(|(id, raw)| (id, section(raw))).collect())
}

/// Nothing is declared: all is personal.
static NOTHING: Fields = Fields { care: None, members: BTreeMap::new() };

impl Section {
    /// Which of its properties are personal. The file is ours and a test reads it: a mistake in it would
    /// make everything personal, never open.
    #[must_use]
    pub fn personal(&self) -> &'static Fields {
        static TABLE: OnceLock<BTreeMap<String, Fields>> = OnceLock::new();
        let table = TABLE.get_or_init(|| parse(SOURCE).unwrap_or_default());
        table.get(self.id).unwrap_or(&NOTHING)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::sections::contract::{Object, Type};
    use crate::sections::{Kind, all};

    /// Paths of all texts that no entry covers.
    fn undecided(path: &str, object: &Object, fields: Option<&Fields>, covered: bool) -> Vec<String> {
        let mut found = Vec::new();
        for (name, kind) in &object.fields {
            let path = format!("{path}/{name}");
            let own = fields.and_then(|fields| fields.member(name));
            let covered = covered || own.is_some_and(|own| own.care().is_some());
            match kind.element() {
                Type::Object(inner) => found.extend(undecided(&path, inner, own, covered)),
                Type::String | Type::Guid | Type::Any if !covered => found.push(path),
                _ => {}
            }
        }
        found
    }

    /// Paths that are declared, with their declaration.
    fn declared(path: &str, fields: &Fields, found: &mut BTreeSet<String>) {
        for (name, inner) in &fields.members {
            let path = format!("{path}/{name}");
            if inner.care.is_some() {
                found.insert(path.clone());
            }
            declared(&path, inner, found);
        }
    }

    fn exists(object: &Object, path: &str) -> bool {
        let names: Vec<&str> = path.split('/').skip(1).collect();
        matches!(object.resolve(&names), crate::sections::contract::Resolved::Known(_))
    }

    #[test]
    fn every_text_of_every_section_is_decided() {
        let table = parse(SOURCE).unwrap();
        let stored: BTreeSet<&str> =
            all().filter(|section| section.kind != Kind::Derived).map(|section| section.id).collect();
        assert_eq!(table.keys().map(String::as_str).collect::<BTreeSet<_>>(), stored);
        for section in all().filter(|section| section.kind != Kind::Derived) {
            let missing = undecided("", section.contract(), Some(section.personal()), false);
            assert!(
                missing.is_empty(),
                "{}: say in personal.json whether these are personal: {missing:?}",
                section.id
            );
        }
    }

    #[test]
    fn nothing_is_decided_of_what_does_not_exist() {
        for section in all().filter(|section| section.kind != Kind::Derived) {
            let mut found = BTreeSet::new();
            declared("", section.personal(), &mut found);
            for path in found {
                assert!(exists(section.contract(), &path), "{}{path}", section.id);
            }
        }
    }

    #[test]
    fn a_path_is_in_one_list_only() {
        let raw: BTreeMap<String, Raw> = serde_json::from_str(SOURCE).unwrap();
        for (id, raw) in raw {
            let mut once = BTreeSet::new();
            for path in raw.open.iter().chain(&raw.published).chain(&raw.personal) {
                assert!(once.insert(path), "{id}: {path} twice");
            }
        }
    }

    #[test]
    fn what_identifies_people_is_personal_everywhere() {
        let personal =
            ["displayName", "userPrincipalName", "mail", "givenName", "surname", "ipAddress", "mobilePhone"];
        for section in all().filter(|section| section.kind != Kind::Derived) {
            for name in personal {
                let Some(fields) = section.personal().member(name) else { continue };
                assert_eq!(fields.care(), Some(Care::Personal), "{}/{name}", section.id);
            }
        }
    }
}
