//! Differences in numbers. Comes in: differences. Goes out: how many there are of each kind. Not here: what a difference
//! is (`model`).

use super::model::{Change, Kind};

/// Differences by kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Counts {
    /// Items that are new.
    pub added: u64,
    /// Items that are gone.
    pub removed: u64,
    /// Properties with another value.
    pub changed: u64,
    /// Items or elements with another identity.
    pub renamed: u64,
    /// Lists in another order.
    pub reordered: u64,
    /// Entries older than the new window.
    pub aged_out: u64,
    /// Items that the new snapshot may not show.
    pub not_seen: u64,
    /// Items that the old snapshot may not have shown.
    pub newly_seen: u64,
    /// What rules left out.
    pub suppressed: u64,
    /// What people accepted; none of it is in the other counts.
    pub approved: u64,
}

impl Counts {
    pub(super) fn one(&mut self, change: &Change<'_>) {
        if change.is_approved() {
            self.approved += 1;
            return;
        }
        let count = match change.kind {
            Kind::Added => &mut self.added,
            Kind::Removed => &mut self.removed,
            Kind::Changed => &mut self.changed,
            Kind::Renamed => &mut self.renamed,
            Kind::Reordered => &mut self.reordered,
            Kind::AgedOut => &mut self.aged_out,
            Kind::NotSeen => &mut self.not_seen,
            Kind::NewlySeen => &mut self.newly_seen,
        };
        *count += 1;
    }

    /// All that is drift: without what was accepted.
    #[must_use]
    pub const fn drift(&self) -> u64 {
        self.added + self.removed + self.changed + self.renamed + self.reordered
    }

    pub(super) fn add(&mut self, other: &Self) {
        self.added += other.added;
        self.removed += other.removed;
        self.changed += other.changed;
        self.renamed += other.renamed;
        self.reordered += other.reordered;
        self.aged_out += other.aged_out;
        self.not_seen += other.not_seen;
        self.newly_seen += other.newly_seen;
        self.suppressed += other.suppressed;
        self.approved += other.approved;
    }
}
