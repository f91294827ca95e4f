//! How much of two objects is alike, and which of many fit best. Comes in: members of objects. Goes out:
//! pairs, the best first. Not here: objects that something identifies (`pairing`).
//!
//! Each is compared with each, which costs the product of both numbers. So the cost is known before, and
//! bounded by the size of the lists: where it would be more, nothing is paired, and that is said.

use std::cmp::Ordering;
use std::collections::HashSet;

use super::fingerprint::{Member, Members};

/// What likeness may cost, in members compared.
#[derive(Debug, Clone, Copy)]
pub(super) struct Allowance {
    /// In any case.
    pub flat: u64,
    /// For each member of the objects.
    pub each: u64,
}

impl Allowance {
    /// For the items of a section, of which there is one list.
    pub const ITEMS: Self = Self { flat: 8_000_000, each: 64 };
    /// For lists within items, of which there may be a million.
    pub const ELEMENTS: Self = Self { flat: 2_000, each: 64 };
}

/// From this on two objects are taken for one, in millionths.
const ALIKE: u64 = 500_000;
/// The same where there is only one on each side.
const ALONE: u64 = 250_000;

/// The best pairs; None where finding them costs more than is allowed.
pub(super) fn best(
    olds: &[(usize, Members)],
    news: &[(usize, Members)],
    allowance: Allowance,
    may_be_one: &dyn Fn(usize, usize) -> bool,
) -> Option<Vec<(usize, usize)>> {
    let size =
        |side: &[(usize, Members)]| side.iter().map(|(_, members)| 1 + members.each.len() as u64).sum();
    let (left, right): (u64, u64) = (size(olds), size(news));
    let cost = left.saturating_mul(news.len() as u64).saturating_add(right.saturating_mul(olds.len() as u64));
    if cost > allowance.flat.max(allowance.each.saturating_mul(left + right)) {
        return None;
    }
    let alone = olds.len() == 1 && news.len() == 1;
    let mut scored: Vec<(u64, usize, usize)> = Vec::new();
    for (old, before) in olds {
        for (new, after) in news {
            let (likeness, differing) = likeness(&before.each, &after.each);
            let enough = likeness >= ALIKE || alone && (likeness >= ALONE || differing <= 1);
            if enough && may_be_one(*old, *new) {
                scored.push((likeness, *old, *new));
            }
        }
    }
    // The most alike first; among equals in the order of the lists.
    scored.sort_unstable_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)).then(a.2.cmp(&b.2)));
    let mut found = Vec::new();
    let (mut taken_old, mut taken_new) = (HashSet::new(), HashSet::new());
    for (_, old, new) in scored {
        if !taken_old.contains(&old) && !taken_new.contains(&new) {
            taken_old.insert(old);
            taken_new.insert(new);
            found.push((old, new));
        }
    }
    Some(found)
}

/// In millionths, and how many names do not have the same value. What contains others may be alike within.
fn likeness(old: &[Member], new: &[Member]) -> (u64, usize) {
    let (mut points, mut differing) = (0, 0);
    let (mut olds, mut news) = (old.iter().peekable(), new.iter().peekable());
    while let (Some(before), Some(after)) = (olds.peek(), news.peek()) {
        match before.name.cmp(&after.name) {
            Ordering::Less => {
                olds.next();
                differing += 1;
            }
            Ordering::Greater => {
                news.next();
                differing += 1;
            }
            Ordering::Equal => {
                match (before.value == after.value, before.container && after.container) {
                    (true, _) => points += 2,
                    (false, true) => {
                        points += 1;
                        differing += 1;
                    }
                    (false, false) => differing += 1,
                }
                olds.next();
                news.next();
            }
        }
    }
    differing += olds.count() + news.count();
    let most = (old.len() + new.len()).max(1) as u64;
    (points * 1_000_000 / most, differing)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn members(values: &[u64]) -> Members {
        let each = values.iter().enumerate();
        let member =
            |(name, value): (usize, &u64)| Member { name: name as u64, value: *value, container: false };
        Members { sum: 0, each: each.map(member).collect() }
    }

    fn list(objects: &[&[u64]]) -> Vec<(usize, Members)> {
        objects.iter().map(|values| members(values)).enumerate().collect()
    }

    #[test]
    fn the_most_alike_come_together() {
        let (old, new) = (list(&[&[1, 2, 3, 4], &[5, 6, 7, 8]]), list(&[&[5, 6, 7, 9], &[1, 2, 3, 9]]));
        let found = best(&old, &new, Allowance::ELEMENTS, &|_, _| true).unwrap();
        assert_eq!(found, [(0, 1), (1, 0)]);
        let none = best(&old, &new, Allowance::ELEMENTS, &|_, _| false).unwrap();
        assert_eq!(none, []);
    }

    #[test]
    fn one_on_each_side_needs_less() {
        let one = |old: &[u64], new: &[u64]| {
            best(&list(&[old]), &list(&[new]), Allowance::ELEMENTS, &|_, _| true).unwrap().len()
        };
        assert_eq!(one(&[1], &[2]), 1, "a single property has another value");
        assert_eq!(one(&[], &[2]), 1);
        assert_eq!(one(&[1, 2, 3, 4], &[1, 6, 7, 8]), 1);
        assert_eq!(one(&[1, 2, 3, 4], &[5, 6, 7, 8]), 0);
    }

    #[test]
    fn too_many_are_not_tried() {
        let many = |value: u64| -> Vec<(usize, Members)> {
            (0..1000).map(|at| (at, members(&[at as u64, value]))).collect()
        };
        assert!(best(&many(1), &many(2), Allowance::ELEMENTS, &|_, _| true).is_none());
        assert_eq!(best(&many(1), &many(2), Allowance::ITEMS, &|_, _| true).unwrap().len(), 1000);
    }
}
