//! Differences by what they did. Comes in: drift and its effects. Goes out: the items of a section that belong to a
//! group, the worst group first. Not here: what a difference did (`effect`).

use crate::diff::SectionDrift;
use crate::effect::Rank;

use super::Seen;
use super::shown::{self, Item};

/// Differences that are shown together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::report) enum Group {
    /// Of one rank.
    Of(Rank),
    /// All of them, where nothing was evaluated.
    All,
}

/// In the order in which they are shown.
pub(in crate::report) const GROUPS: [Group; 7] = [
    Group::Of(Rank::Regression),
    Group::Of(Rank::Lost),
    Group::Of(Rank::Other),
    Group::Of(Rank::Fixed),
    Group::Of(Rank::Read),
    Group::Of(Rank::Unread),
    Group::All,
];

/// What the differences of a group have in common.
pub(in crate::report) const fn title(group: Group) -> &'static str {
    match group {
        Group::Of(Rank::Regression) => "what made checks fail",
        Group::Of(Rank::Lost) => "what checks can't decide any more",
        Group::Of(Rank::Other) => "what turned checks otherwise",
        Group::Of(Rank::Fixed) => "what made checks pass",
        Group::Of(Rank::Read) => "what policies read, without effect",
        Group::Of(Rank::Unread) => "what no policy reads",
        Group::All => "",
    }
}

/// The worst that the differences of an item did; None where nothing was evaluated.
pub(super) fn rank(seen: &Seen<'_>, section: &SectionDrift<'_>, item: &Item<'_, '_>) -> Option<Rank> {
    let effects = seen.effects?;
    item.open().map(|change| effects.rank(section, change)).min()
}

/// The items of a section that belong to a group; without those of which all was accepted.
pub(super) fn items<'d, 's>(
    seen: &'d Seen<'s>,
    section: &'d SectionDrift<'s>,
    group: Group,
) -> impl Iterator<Item = Item<'d, 's>> {
    shown::items(section).filter(move |item| {
        seen.shows_items()
            && item.open().next().is_some()
            && match (group, rank(seen, section, item)) {
                (Group::Of(wanted), Some(rank)) => wanted == rank,
                (Group::All, None) => true,
                (Group::Of(_), None) | (Group::All, Some(_)) => false,
            }
    })
}
