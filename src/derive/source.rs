//! What goes into a derived section: the sections of a snapshot with what is known of each. Comes
//! in: whatever implements `Inputs`. Goes out: items that may be looked at, and for the others a
//! `Cause` that says why not. Not here: what is made of them.

use std::borrow::Cow;
use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::derived::{Cause, Origin};
use crate::snapshot::Snapshot;
use crate::snapshot::document::NodeRef;
use crate::snapshot::record::{SectionRecord, State};

/// Where derived sections get the others from.
pub trait Inputs {
    /// The array of a section; None where the snapshot has no data of it.
    fn section(&self, id: &str) -> Option<NodeRef<'_>>;
    /// What the snapshot says of a section, as the engine judges it: one that is too old or has
    /// expired is no longer `read`. None = not listed.
    fn record(&self, id: &str) -> Option<&SectionRecord>;
}

/// A snapshot as it stands, nothing too old or expired.
impl Inputs for Snapshot {
    fn section(&self, id: &str) -> Option<NodeRef<'_>> {
        Self::section(self, id)
    }

    fn record(&self, id: &str) -> Option<&SectionRecord> {
        Self::record(self, id)
    }
}

/// One section that a derived section is made from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Input {
    /// Section id.
    pub section: &'static str,
    /// Without it there are no items at all. Without another, some fields or kinds are unknown.
    pub required: bool,
}

impl Input {
    pub(super) const fn required(section: &'static str) -> Self {
        Self { section, required: true }
    }
    pub(super) const fn optional(section: &'static str) -> Self {
        Self { section, required: false }
    }
}

/// One input, opened.
#[derive(Clone, Copy)]
pub(super) struct Source<'d> {
    pub(super) section: &'static str,
    pub(super) state: State,
    items: Option<NodeRef<'d>>,
    record: Option<&'d SectionRecord>,
}

impl<'d> Source<'d> {
    /// The items that were seen: none unless the section was read, at least partly.
    pub(super) fn items(self) -> impl Iterator<Item = NodeRef<'d>> {
        self.items.into_iter().flat_map(NodeRef::elements)
    }

    /// Some of it was read, perhaps all.
    pub(super) fn seen(self) -> bool {
        self.items.is_some()
    }

    /// All of it was read: what is not there does not exist.
    pub(super) fn complete(self) -> bool {
        self.state == State::Read
    }

    /// The tenant has no licence for it.
    pub(super) fn unlicensed(self) -> bool {
        self.state == State::Unlicensed
    }

    /// How far back it goes, where it is a log.
    pub(super) fn from(self) -> Option<DateTime<Utc>> {
        self.record.and_then(|r| r.from)
    }

    /// Where an item of this section lies.
    pub(super) fn origin(self, node: NodeRef<'d>) -> Origin {
        Origin { section: self.section, node: node.index() }
    }

    /// Why it can't be relied on.
    pub(super) fn cause(self) -> Cause {
        let what = match self.state {
            State::Read => "was read",
            State::Partial => "was read only in part",
            State::Denied => "was denied",
            State::Unlicensed => "is not licensed",
            State::Unavailable => "is not available",
            State::Failed => "could not be read",
            State::NotAsked => "was not collected",
        };
        let more = self.record.and_then(|r| r.reason.as_deref().or(r.needs.as_deref()));
        let reason = match more {
            Some(more) => format!("{} {what}: {more}", self.section),
            None => format!("{} {what}", self.section),
        };
        Cause { section: self.section, state: self.state, reason }
    }

    /// Like [`Source::cause`], in words of the caller's.
    pub(super) fn because(self, what: &str) -> Cause {
        Cause { section: self.section, state: self.state, reason: format!("{} {what}", self.section) }
    }

    /// Why a first-level property of its items is not known, if it was left out when collected.
    pub(super) fn lacks(self, field: &str) -> Option<Cause> {
        let record = self.record?;
        if let Some(reason) = record.without.get(field) {
            return Some(self.because(&format!("has no `{field}`: {reason}")));
        }
        let asked = record.fields.as_ref().is_none_or(|fields| fields.iter().any(|f| f == field));
        (!asked).then(|| self.because(&format!("was collected without `{field}`")))
    }
}

/// The opened inputs of one derived section.
pub(super) struct Sources<'d> {
    opened: BTreeMap<&'static str, Source<'d>>,
}

impl<'d> Sources<'d> {
    pub(super) fn open(wanted: &[Input], inputs: &'d dyn Inputs) -> Self {
        let opened = wanted.iter().map(|input| (input.section, open(input.section, inputs))).collect();
        Self { opened }
    }

    /// An input; one that was not declared as such counts as not collected.
    pub(super) fn of(&self, section: &'static str) -> Source<'d> {
        let nothing = Source { section, state: State::NotAsked, items: None, record: None };
        self.opened.get(section).copied().unwrap_or(nothing)
    }
}

fn open<'d>(section: &'static str, inputs: &'d dyn Inputs) -> Source<'d> {
    let record = inputs.record(section);
    let stated = record.map_or(State::NotAsked, |r| r.state);
    match stated {
        State::Read | State::Partial => match inputs.section(section) {
            Some(items) => Source { section, state: stated, items: Some(items), record },
            // said to be read, but nothing is there: never the same as empty
            None => Source { section, state: State::Failed, items: None, record },
        },
        State::Denied | State::Unlicensed | State::Unavailable | State::Failed | State::NotAsked => {
            Source { section, state: stated, items: None, record }
        }
    }
}

/// A member's text; None for null, absent and other kinds.
pub(super) fn text<'d>(node: NodeRef<'d>, name: &str) -> Option<Cow<'d, str>> {
    node.get(name)?.as_str()
}

/// A member's boolean.
pub(super) fn flag(node: NodeRef<'_>, name: &str) -> Option<bool> {
    node.get(name)?.as_bool()
}

/// The strings of an array member; None where there is no array.
pub(super) fn strings<'d>(node: NodeRef<'d>, name: &str) -> Option<Vec<Cow<'d, str>>> {
    let array = node.get(name)?;
    (array.kind() == crate::snapshot::document::Kind::Array)
        .then(|| array.elements().filter_map(NodeRef::as_str).collect())
}

/// A member's text in lower case, as ids are joined.
pub(super) fn id(node: NodeRef<'_>, name: &str) -> Option<String> {
    text(node, name).map(|s| s.to_ascii_lowercase()).filter(|s| !s.is_empty())
}
