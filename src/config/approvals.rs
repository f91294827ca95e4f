//! `approvals.yaml`: drift that people accepted, difference by difference. Comes in: a file's name and bytes. Goes out:
//! approvals in file order. Not here: which difference one covers (`diff`), and writing (the command `approve`).

use std::ops::Range;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::attestations::guid;
use super::drift;
use crate::policy::answer::{moment, person};
use crate::record;
use crate::yaml::decode::Listed;
use crate::yaml::file::{self, Limits};
use crate::yaml::scalar::Word;
use crate::yaml::suggest::shown;
use crate::yaml::tree;
use crate::yaml::{Cx, Decode, Mistakes, Need, Source, Text};

/// A program writes it: it may be longer than what people write.
pub const LIMITS: Limits = Limits { bytes: 16 * 1024 * 1024, nodes: 1_000_000 };

record! {
    /// Drift that people of one tenant accepted.
    pub struct RawApprovals {
        /// Directory id of the tenant whose drift it is.
        tenant: Need<Text>,
        /// The approvals. New ones are appended; of one difference the last one counts.
        approvals: Listed<RawApproval>,
    }
}

record! {
    /// One accepted difference, as `levelmark approve` writes it.
    pub struct RawApproval {
        /// The section, e.g. `conditionalAccess.policies`.
        section: Need<Text>,
        /// Key of the item; left out for the only item of a section. `sha256:…` where nothing else tells it from others.
        key: Option<Text>,
        /// Which property of the item; elements of lists are named, e.g. `/passwordCredentials/[keyId=…]/endDateTime`.
        /// Left out for the whole item.
        pointer: Option<Text>,
        /// What happened.
        change: Need<Word<Accepted>>,
        /// The value that was accepted: SHA-256 (64 hexadecimal digits) of its normal form, or `absent`.
        value: Need<Text>,
        /// What it was and what it is, for people; nothing reads it. Left out for sensitive sections.
        shown: Option<Text>,
        /// Why it is accepted.
        reason: Need<Text>,
        /// Who accepted it: `Name <mail address>`.
        by: Need<Text>,
        /// When, e.g. 2026-01-31.
        on: Need<Text>,
    }
}

/// What happened, of that which can be accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Accepted {
    /// An item is new.
    Added,
    /// An item is gone.
    Removed,
    /// A property has another value.
    Changed,
    /// An item or element has another identity or name.
    Renamed,
    /// A list, or the items themselves, stand in another order.
    Reordered,
}

impl Accepted {
    /// As the file writes it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Changed => "changed",
            Self::Renamed => "renamed",
            Self::Reordered => "reordered",
        }
    }
}

/// The value that was accepted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Pin {
    /// Nothing is there.
    Absent,
    /// SHA-256, 64 hexadecimal digits in lower case, of its normal form.
    Sha256(String),
}

impl std::fmt::Display for Pin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Absent => f.write_str("absent"),
            Self::Sha256(digest) => f.write_str(digest),
        }
    }
}

/// Which difference it is, whatever value it has: the same from night to night.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Subject {
    /// The section.
    pub section: String,
    /// The item; None = the only one.
    pub key: Option<String>,
    /// The property; empty = the whole item.
    pub pointer: String,
    /// What happened.
    pub change: Accepted,
}

/// An accepted difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approval {
    /// Which difference.
    pub subject: Subject,
    /// The value that was accepted.
    pub value: Pin,
    /// What it was and what it is, for people.
    pub shown: Option<String>,
    /// Why.
    pub reason: String,
    /// Who, `Name <mail>`.
    pub by: String,
    /// When.
    pub on: DateTime<Utc>,
    /// Line in the file, from 1; 0 before it is in one.
    pub line: usize,
}

/// The approvals of a tenant.
#[derive(Debug, Clone)]
pub struct Approvals {
    /// Directory id of the tenant, a GUID in lower case.
    pub tenant: String,
    /// In file order.
    pub list: Vec<Approval>,
    /// The file.
    pub source: Arc<Source>,
}

impl Approvals {
    /// Reads the file.
    ///
    /// # Errors
    /// All mistakes in it.
    pub fn read(name: &str, bytes: &[u8]) -> Result<Self, Mistakes> {
        let source = file::source_within(name, bytes, LIMITS).map_err(|mistake| Mistakes(vec![mistake]))?;
        let mut mistakes = Vec::new();
        let node = tree::parse_within(&source, 0..source.text.len(), LIMITS, &mut mistakes);
        let mut cx = Cx { source: source.clone(), mistakes: &mut mistakes };
        let raw = node.and_then(|node| RawApprovals::decode(&node, &mut cx));
        let tenant = raw.as_ref().and_then(|raw| guid(raw.tenant.get()?, &mut cx));
        let mut lines = Lines { text: &source.text, at: 0, line: 1 };
        let list = raw.iter().flat_map(|raw| raw.approvals.iter());
        let list = list.filter_map(|raw| approval(raw, lines.of(raw.span.start), &mut cx)).collect();
        Mistakes::check(mistakes)?;
        let Some(tenant) = tenant else { return Err(Mistakes::default()) };
        Ok(Self { tenant, list, source })
    }
}

fn approval(raw: &RawApproval, line: usize, cx: &mut Cx<'_>) -> Option<Approval> {
    let help = "`levelmark sections` lists all of them";
    let section = raw.section.get().and_then(|text| drift::one(text, help, cx));
    let change = raw.change.get().map(|word| word.value);
    let pointer = raw.pointer.as_ref().map(|text| pointer(text, cx));
    fits(raw, change, cx);
    let value = raw.value.get().and_then(|text| pin(text, cx));
    let by = raw.by.get().and_then(|text| person(text, cx));
    let on = raw.on.get().and_then(|text| moment(text, cx));
    let pointer = pointer.unwrap_or_else(|| Some(String::new()))?;
    let key = raw.key.as_ref().map(|key| key.value.clone());
    Some(Approval {
        subject: Subject { section: section?, key, pointer, change: change? },
        value: value?,
        shown: raw.shown.as_ref().map(|text| text.value.clone()),
        reason: raw.reason.get()?.value.clone(),
        by: by?,
        on: on?,
        line,
    })
}

/// Whole items come and go, properties change.
fn fits(raw: &RawApproval, change: Option<Accepted>, cx: &mut Cx<'_>) {
    match (change, &raw.pointer) {
        (Some(change @ (Accepted::Added | Accepted::Removed)), Some(text)) => {
            let message = format!("`{}` is about a whole item and has no pointer", change.word());
            cx.mistake("config::approval", message, &text.at);
        }
        (Some(change @ (Accepted::Changed | Accepted::Renamed)), None) => {
            let message = format!("`{}` is about a property and needs its `pointer`", change.word());
            cx.mistake("config::approval", message, &raw.span);
        }
        (Some(Accepted::Added | Accepted::Removed | Accepted::Reordered), None)
        | (Some(Accepted::Changed | Accepted::Renamed | Accepted::Reordered), Some(_))
        | (None, _) => {}
    }
}

fn pointer(text: &Text, cx: &mut Cx<'_>) -> Option<String> {
    if text.value.starts_with('/') {
        return Some(text.value.clone());
    }
    let message = format!("`{}` is no pointer: one starts with `/`", shown(&text.value));
    cx.mistake("config::approval", message, &text.at).help = Some("e.g. pointer: /state".to_owned());
    None
}

fn pin(text: &Text, cx: &mut Cx<'_>) -> Option<Pin> {
    if text.value == "absent" {
        return Some(Pin::Absent);
    }
    let digits = text.value.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
    if text.value.len() == 64 && digits {
        return Some(Pin::Sha256(text.value.clone()));
    }
    let message = format!("`{}` is neither `absent` nor a SHA-256", shown(&text.value));
    cx.mistake("config::approval", message, &text.at).help =
        Some("`levelmark approve` writes it; a value that was accepted is not written by hand".to_owned());
    None
}

/// Lines of places that come in order, counted once.
struct Lines<'t> {
    text: &'t str,
    at: usize,
    line: usize,
}

impl Lines<'_> {
    fn of(&mut self, start: usize) -> usize {
        let between: Range<usize> = self.at..start.max(self.at);
        let passed = self.text.as_bytes().get(between).unwrap_or_default();
        self.line += passed.iter().filter(|byte| **byte == b'\n').count();
        self.at = start.max(self.at);
        self.line
    }
}

/// The JSON Schema of `approvals.yaml`.
#[must_use]
pub fn schema() -> serde_json::Value {
    crate::policy::raw::plain(schemars::schema_for!(RawApprovals), "Levelmark approvals")
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "tenant: 8E2F1C44-0000-4000-8000-000000000000\napprovals:\n";
    const REST: &str = "reason: agreed, by: 'Ada L <ada@contoso.com>', on: 2026-11-02";

    fn read(entries: &[String]) -> Result<Approvals, Vec<String>> {
        let entries: String = entries.iter().map(|entry| format!("  - {{ {entry} }}\n")).collect();
        let read = Approvals::read("approvals.yaml", (HEAD.to_owned() + &entries).as_bytes());
        read.map_err(|mistakes| mistakes.0.into_iter().map(|mistake| mistake.message).collect())
    }

    #[test]
    fn what_is_in_it() {
        let digest = "0123456789abcdef".repeat(4);
        let file = read(&[
            format!("section: users.accounts, key: a, change: removed, value: absent, {REST}"),
            format!("section: users.accounts, key: a, pointer: /x, change: changed, value: \"{digest}\", shown: 1 → 2, {REST}"),
        ])
        .unwrap();
        assert_eq!(file.tenant, "8e2f1c44-0000-4000-8000-000000000000");
        let [gone, changed] = file.list.as_slice() else { panic!() };
        assert_eq!((gone.line, &gone.value, gone.subject.change), (3, &Pin::Absent, Accepted::Removed));
        assert_eq!((changed.line, &changed.value), (4, &Pin::Sha256(digest)));
        assert_eq!(changed.subject.pointer, "/x");
        assert_eq!(changed.shown.as_deref(), Some("1 → 2"));
    }

    #[test]
    fn all_mistakes_are_said_at_once() {
        let mistakes = read(&[
            format!("section: users.acounts, key: a, change: removed, value: absent, {REST}"),
            format!("section: users.accounts, key: a, pointer: /x, change: removed, value: absent, {REST}"),
            format!("section: users.accounts, key: a, change: changed, value: absent, {REST}"),
            format!("section: users.accounts, key: a, pointer: x, change: changed, value: ABC, {REST}"),
            "section: users.accounts, key: a, change: added, value: absent, reason: r, by: Ada, on: soon"
                .to_owned(),
        ])
        .unwrap_err()
        .join("\n");
        for what in [
            "there is no section `users.acounts`",
            "`removed` is about a whole item",
            "`changed` is about a property",
            "`x` is no pointer",
            "`ABC` is neither",
            "`Ada`",
            "`soon` is neither a date",
        ] {
            assert!(mistakes.contains(what), "{what}\n{mistakes}");
        }
    }
}
