//! One tenant of the file. Comes in: what is written of it, and the defaults. Goes out: an entry. Not
//! here: what several of them must not have in common (`mod`).

use std::path::{Path, PathBuf};

use super::raw::{RawDefaults, RawSignIn, RawTenant};
use super::signing::{Said, SignIn};
use crate::sections::normal::is_guid;
use crate::sections::{self, Section};
use crate::snapshot::record::Cloud;
use crate::yaml::scalar::Word;
use crate::yaml::suggest::{self, shown};
use crate::yaml::{Cx, Text};

/// A tenant of the file.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Directory id or domain, in small letters.
    pub id: String,
    /// Name of its folder.
    pub name: String,
    /// Which cloud; None where the file does not say.
    pub cloud: Option<Cloud>,
    /// Who signs in.
    pub sign_in: SignIn,
    /// Words to choose it by.
    pub tags: Vec<String>,
    /// The `levelmark.yaml` that has its parameters, where the file names one.
    pub config: Option<PathBuf>,
    /// Sections that are taken on request alone.
    pub include: Vec<&'static Section>,
}

/// What counts for every tenant that does not say it itself.
#[derive(Debug, Default)]
pub(super) struct Defaults {
    cloud: Option<Cloud>,
    said: Said,
    tags: Vec<String>,
    config: Option<PathBuf>,
    include: Vec<&'static Section>,
    /// Something in them was reported: what they lack is not told of every tenant.
    broken: bool,
}

impl Defaults {
    pub(super) fn of(raw: &RawDefaults, folder: &Path, cx: &mut Cx<'_>) -> Self {
        Self {
            cloud: raw.cloud.as_ref().map(|cloud| cloud.value),
            said: said(raw.sign_in.as_ref(), folder, cx),
            tags: raw.tags.as_ref().map(|tags| words(tags, cx)).unwrap_or_default(),
            config: raw.config.as_ref().map(|path| folder.join(&path.value)),
            include: raw.include.as_ref().map(|ids| included(ids, cx)).unwrap_or_default(),
            broken: raw.broken,
        }
    }
}

impl Entry {
    /// The entry; None where mistakes stand for it.
    pub(super) fn of(raw: &RawTenant, defaults: &Defaults, folder: &Path, cx: &mut Cx<'_>) -> Option<Self> {
        let id = raw.id.get().and_then(|text| identity(text, cx));
        let name = match &raw.name {
            Some(text) => safe(text, "name of a folder", cx),
            None => id.clone(),
        };
        let cloud = |own: &Option<Word<Cloud>>| own.as_ref().map(|cloud| cloud.value).or(defaults.cloud);
        let said = said(raw.sign_in.as_ref(), folder, cx);
        // A `sign_in` that could not be read was reported already.
        let whole = !raw.broken || raw.sign_in.as_ref().is_some_and(|sign_in| !sign_in.broken);
        let sign_in = match (&id, raw.id.get()) {
            (Some(id), Some(text)) if whole && !defaults.broken => {
                said.over(&defaults.said, (id, &text.at), cx)
            }
            _ => None,
        };
        let tags = raw.tags.as_ref().map_or_else(|| defaults.tags.clone(), |tags| words(tags, cx));
        let include = raw.include.as_ref();
        let include = include.map_or_else(|| defaults.include.clone(), |ids| included(ids, cx));
        let config = raw.config.as_ref().map(|path| folder.join(&path.value));
        let config = config.or_else(|| defaults.config.clone());
        Some(Self {
            id: id?,
            name: name?,
            cloud: cloud(&raw.cloud),
            sign_in: sign_in?,
            tags,
            config,
            include,
        })
    }

    /// Whether it is meant by a word.
    pub(super) fn is_meant(&self, word: &str) -> bool {
        self.words().any(|own| own.eq_ignore_ascii_case(word))
    }

    /// What it is called.
    pub(super) fn words(&self) -> impl Iterator<Item = &str> {
        [&self.name, &self.id].into_iter().chain(&self.tags).map(String::as_str)
    }
}

fn said(raw: Option<&RawSignIn>, folder: &Path, cx: &mut Cx<'_>) -> Said {
    raw.map(|raw| Said::of(raw, folder, cx)).unwrap_or_default()
}

/// A directory id or a domain: either can stand in an address and name a folder.
fn identity(text: &Text, cx: &mut Cx<'_>) -> Option<String> {
    let value = text.value.to_ascii_lowercase();
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    let domain = value.contains('.') && value.len() <= 253 && value.split('.').all(label);
    if !domain && !is_guid(&value) {
        let message = format!("`{}` is neither a directory id nor a domain", shown(&text.value));
        cx.mistake("tenants::id", message, &text.at).help = Some(
            "a GUID (Entra admin centre, Overview, Tenant ID), or a domain such as contoso.com".to_owned(),
        );
        return None;
    }
    Some(value)
}

fn words(texts: &[Text], cx: &mut Cx<'_>) -> Vec<String> {
    texts.iter().filter_map(|text| safe(text, "tag", cx)).collect()
}

/// A name that every file system takes as it is, and no shell as anything else.
fn safe(text: &Text, what: &str, cx: &mut Cx<'_>) -> Option<String> {
    let value = &text.value;
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    let help = if value.len() > 100 {
        "100 letters at most"
    } else if !value.bytes().all(fits) {
        "letters from a to z, digits, `-`, `_` and `.`"
    } else if value.starts_with(['.', '-']) || value.ends_with('.') {
        "it begins with neither `.` nor `-`, and does not end with `.`"
    } else if reserved(value) {
        "Windows keeps it for a device"
    } else {
        return Some(value.clone());
    };
    cx.mistake("tenants::name", format!("`{}` can't be the {what}", shown(value)), &text.at).help =
        Some(help.to_owned());
    None
}

/// Names that Windows keeps, whatever their ending ("Naming Files, Paths, and Namespaces").
fn reserved(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().to_ascii_lowercase();
    let numbered = |rest: &str| matches!(rest.as_bytes(), [b'0'..=b'9']);
    matches!(stem.as_str(), "con" | "prn" | "aux" | "nul")
        || ["com", "lpt"].iter().any(|port| stem.strip_prefix(port).is_some_and(numbered))
}

/// Sections that Graph serves.
fn included(ids: &[Text], cx: &mut Cx<'_>) -> Vec<&'static Section> {
    let mut found = Vec::new();
    for id in ids {
        let section = sections::find(&id.value);
        if let Some(section) = section.filter(|section| section.graph.is_some()) {
            found.push(section);
            continue;
        }
        let (message, help) = match section {
            Some(_) => (
                format!("the section `{}` is not read from Microsoft Graph", shown(&id.value)),
                Some("`levelmark sections` says how each section comes in".to_owned()),
            ),
            None => {
                let known = sections::all().map(|section| section.id).collect::<Vec<_>>();
                let near = suggest::nearest(&id.value, known);
                (
                    format!("there is no section `{}`", shown(&id.value)),
                    Some(match near {
                        Some(near) => format!("did you mean `{near}`?"),
                        None => "`levelmark sections` lists them".to_owned(),
                    }),
                )
            }
        };
        cx.mistake("tenants::section", message, &id.at).help = help;
    }
    found
}
