//! What a query reads, found when it is compiled, so that the engine knows which sections a check
//! rests on. Comes in: nothing. Goes out: plain sets. `analyse` fills them.

use std::collections::{BTreeMap, BTreeSet};

/// Stands for all fields of an item, where a path takes it whole (`@`, `.*`, `..`).
pub const WHOLE: &str = "*";

/// What one query reads, as the engine needs it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct QueryReads {
    /// Sections that the query walks (its root), each with the first-level fields of its items that
    /// are named; [`WHOLE`] among them where an item is taken whole.
    pub population: BTreeMap<String, BTreeSet<String>>,
    /// Sections of `$`-rooted queries inside its filters, in the same way.
    pub arguments: BTreeMap<String, BTreeSet<String>>,
    /// Parameters used.
    pub params: BTreeSet<String>,
    /// Names used below an open type: section and the path from the item, last name is the one to find.
    pub open: Vec<(String, Vec<String>)>,
}
