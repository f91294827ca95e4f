//! What a comparison of two snapshots comes to. Comes in: nothing. Goes out: types that borrow from both.
//! Not here: finding differences (`walk`), showing them (`report::drift`).

use std::collections::BTreeMap;

use crate::snapshot::document::NodeRef;
use crate::snapshot::record::{SectionRecord, State};

use super::counts::Counts;
use super::noise::{Rule, RuleId};

/// All that two snapshots differ in.
#[derive(Debug)]
pub struct Drift<'s> {
    /// Sections that either of them speaks of, in order of their ids.
    pub sections: Vec<SectionDrift<'s>>,
    /// The rules that were gone by; a [`RuleId`] is a place in it.
    pub rules: Vec<Rule>,
}

/// What became of a section.
#[derive(Debug)]
pub struct SectionDrift<'s> {
    /// Its id.
    pub id: &'static str,
    /// What the old snapshot says of it; None where it was not asked.
    pub old: Option<&'s SectionRecord>,
    /// What the new one says.
    pub new: Option<&'s SectionRecord>,
    /// Whether there was anything to compare.
    pub comparison: Comparison,
    /// Properties that only one side collected, by name.
    pub fields: BTreeMap<String, FieldDrift>,
    /// How items were matched, where not by the section's key.
    pub notes: Notes,
    /// The differences: items in the new order, then those that are gone; properties in the order of the file.
    pub changes: Vec<Change<'s>>,
    /// How many differences each rule left out.
    pub suppressed: BTreeMap<RuleId, u64>,
}

/// Whether there was anything to compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// Both sides have the same digest.
    Identical,
    /// Both sides have data.
    Compared,
    /// Only the old side has data: the new one does not show what became of it.
    NoLongerCollected,
    /// Only the new side has data.
    NewlyCollected,
    /// Neither has.
    NeverCollected,
}

/// How much of a section either side shows, where both have data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// As much as the other, or nothing to compare.
    Alike,
    /// It was read whole, and in part now: what checks ask of all items is not known any more.
    NowInPart,
    /// It was read in part, and whole now.
    NowWhole,
}

/// A property of the first level that one side did not collect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldDrift {
    /// True where the new side is the one that lacks it.
    pub lost: bool,
    /// In how many items the other side has it; none of them need.
    pub items: u64,
    /// Why, as the snapshot says; None where it was not asked for.
    pub reason: Option<String>,
}

/// How items of a section were matched, where not by its key alone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Notes {
    /// Keys that stand more than once: one of them as an example, and how many items have such keys
    /// on the old and the new side. They were compared as a multiset.
    pub duplicates: Option<Duplicates>,
    /// Items without a key, old and new. They were compared as a multiset.
    pub keyless: (u64, u64),
    /// Items that were matched because most of them is alike.
    pub by_likeness: u64,
    /// Items or elements that were too many to look for likeness, old and new: they show as removed and added.
    pub crowded: (u64, u64),
}

/// Keys that stand more than once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Duplicates {
    /// One of them.
    pub example: String,
    /// Items with such keys in the old snapshot.
    pub old: u64,
    /// And in the new one.
    pub new: u64,
}

impl Notes {
    /// Takes over what a part of the section had to say.
    pub(super) fn add(&mut self, other: &Self) {
        self.by_likeness += other.by_likeness;
        self.crowded.0 += other.crowded.0;
        self.crowded.1 += other.crowded.1;
    }
}

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// An item that was not there.
    Added,
    /// An item that is gone, though it would have been seen.
    Removed,
    /// Another value: of a property, or of a set that gained and lost elements.
    Changed,
    /// What identifies an item or element is another, all else is the same; or a name is, and most else the same.
    Renamed,
    /// The same elements in another order.
    Reordered,
    /// An entry that is older than the window of the new snapshot.
    AgedOut,
    /// An item that may still be there: the new snapshot shows only a part.
    NotSeen,
    /// An item that may have been there: the old snapshot shows only a part.
    NewlySeen,
}

impl Kind {
    /// Whether the tenant itself changed.
    #[must_use]
    pub const fn is_drift(self) -> bool {
        match self {
            Self::Added | Self::Removed | Self::Changed | Self::Renamed | Self::Reordered => true,
            Self::AgedOut | Self::NotSeen | Self::NewlySeen => false,
        }
    }
}

/// How an item or element was found again on the other side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum How {
    /// By the key of its section, or an identity such as `id`.
    Key,
    /// It is the only one on both sides.
    Only,
    /// By a name.
    Name,
    /// By everything but its key.
    Rest,
    /// By being equal to it.
    Equal,
    /// By most of its properties.
    Likeness,
    /// By its position in a list whose order counts.
    Position,
}

/// One side of a difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side<'s> {
    /// The value.
    Value(NodeRef<'s>),
    /// The property is not there; it would stand in this object.
    Absent(NodeRef<'s>),
    /// The whole item is not there.
    Nothing,
}

impl<'s> Side<'s> {
    /// The value, if there is one.
    #[must_use]
    pub const fn value(self) -> Option<NodeRef<'s>> {
        match self {
            Self::Value(node) => Some(node),
            Self::Absent(_) | Self::Nothing => None,
        }
    }

    /// Where to look: at the value, or at what it would stand in.
    #[must_use]
    pub const fn place(self) -> Option<NodeRef<'s>> {
        match self {
            Self::Value(node) | Self::Absent(node) => Some(node),
            Self::Nothing => None,
        }
    }
}

/// One difference.
#[derive(Debug, Clone)]
pub struct Change<'s> {
    /// What happened.
    pub kind: Kind,
    /// The item in the old snapshot.
    pub old_item: Option<NodeRef<'s>>,
    /// The item in the new snapshot.
    pub new_item: Option<NodeRef<'s>>,
    /// How the item was found again.
    pub matched: How,
    /// RFC 6901 pointer within the item, as in the new snapshot; empty for the item itself.
    pub pointer: Box<str>,
    /// The same as in the old snapshot, where positions in lists are others.
    pub old_pointer: Option<Box<str>>,
    /// The innermost element of a list that it lies in, and how that was found again.
    pub within: Option<(NodeRef<'s>, How)>,
    /// What was there.
    pub old: Side<'s>,
    /// What is there now.
    pub new: Side<'s>,
    /// Of a set: the elements that it lost.
    pub lost: Box<[NodeRef<'s>]>,
    /// Of a set: the elements that it gained.
    pub gained: Box<[NodeRef<'s>]>,
    /// The rule that would leave it out, where nothing is left out.
    pub rule: Option<RuleId>,
    /// Whether people accepted it.
    pub standing: Standing,
}

/// Whether people accepted a difference. Numbers are places in the list of approvals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Nobody did.
    Open,
    /// With the value that it has.
    Approved(usize),
    /// With another value than it has now.
    Otherwise(usize),
}

impl Change<'_> {
    /// Whether somebody accepted it as it is.
    #[must_use]
    pub const fn is_approved(&self) -> bool {
        match self.standing {
            Standing::Approved(_) => true,
            Standing::Open | Standing::Otherwise(_) => false,
        }
    }

    /// Whether the tenant itself changed, and nobody accepted that.
    #[must_use]
    pub const fn is_drift(&self) -> bool {
        self.kind.is_drift() && !self.is_approved()
    }
}

/// What it all comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Nothing that counts differs.
    Same,
    /// No section has data on both sides.
    NothingCompared,
    /// Nothing differs, but what was seen before is not seen any more.
    Undetermined,
    /// Something differs.
    Drift,
}

impl SectionDrift<'_> {
    /// Its differences by kind.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let mut counts = Counts { suppressed: self.suppressed.values().sum(), ..Counts::default() };
        self.changes.iter().for_each(|change| counts.one(change));
        counts
    }

    /// Whether there is more to say of it than its differences.
    #[must_use]
    pub fn has_notes(&self) -> bool {
        !self.fields.is_empty() || self.notes.crowded != (0, 0) || self.extent() != Extent::Alike
    }

    /// Whether both sides have data.
    #[must_use]
    pub const fn has_both(&self) -> bool {
        match self.comparison {
            Comparison::Identical | Comparison::Compared => true,
            Comparison::NoLongerCollected | Comparison::NewlyCollected | Comparison::NeverCollected => false,
        }
    }

    /// Whether one side was read whole and the other in part.
    #[must_use]
    pub fn extent(&self) -> Extent {
        let state = |record: Option<&SectionRecord>| record.map(|record| record.state);
        match (state(self.old), state(self.new)) {
            (Some(State::Read), Some(State::Partial)) => Extent::NowInPart,
            (Some(State::Partial), Some(State::Read)) => Extent::NowWhole,
            _ => Extent::Alike,
        }
    }

    /// Whether something that was seen is not seen any more.
    #[must_use]
    pub fn is_lost(&self) -> bool {
        self.comparison == Comparison::NoLongerCollected
            || self.extent() == Extent::NowInPart
            || self.fields.values().any(|field| field.lost)
            || self.changes.iter().any(|change| change.kind == Kind::NotSeen)
    }
}

impl Drift<'_> {
    /// All differences by kind.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        self.sections.iter().for_each(|section| counts.add(&section.counts()));
        counts
    }

    /// What it all comes to.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        let drift = self.sections.iter().any(|section| section.changes.iter().any(Change::is_drift));
        match (drift, self.sections.iter().any(SectionDrift::is_lost)) {
            (true, _) => Outcome::Drift,
            (false, true) => Outcome::Undetermined,
            (false, false) if self.sections.iter().any(SectionDrift::has_both) => Outcome::Same,
            (false, false) => Outcome::NothingCompared,
        }
    }

    /// How many differences a rule left out in all sections.
    #[must_use]
    pub fn left_out(&self, rule: RuleId) -> u64 {
        self.sections.iter().filter_map(|section| section.suppressed.get(&rule)).sum()
    }
}
