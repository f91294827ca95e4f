//! What `--only` names. Comes in: paths, differences. Goes out: the differences that they cover, or what there is instead.
//! Not here: accepting them.

use std::collections::BTreeSet;

use miette::miette;

use super::Open;
use crate::commands::drift::known;
use crate::diff::{Comparison, Drift};
use crate::report::escape;
use crate::run::Result;
use crate::snapshot::item;
use crate::yaml::suggest::shown;

/// Paths that are offered where one covers nothing.
const OFFERED: usize = 8;

/// Places of the open differences that any of the paths covers. What is approved already may be named, too.
///
/// # Errors
/// A path that covers nothing, approved or not.
pub(super) fn chosen(
    paths: &[String],
    (open, approved): (&[Open<'_, '_>], &[Open<'_, '_>]),
    drift: &Drift<'_>,
) -> Result<Vec<usize>> {
    let mut chosen = BTreeSet::new();
    for path in paths {
        let section = path.split(['#', '/']).next().unwrap_or_default();
        known(&[section.to_owned()])?;
        let covered: Vec<usize> =
            (0..open.len()).filter(|at| open.get(*at).is_some_and(|open| covers(path, open))).collect();
        if covered.is_empty() && !approved.iter().any(|approved| covers(path, approved)) {
            return Err(nothing(path, section, open, drift));
        }
        chosen.extend(covered);
    }
    Ok(chosen.into_iter().collect())
}

/// Whether a path covers a difference. Keys may have slashes in them, so the difference tells where its key ends.
fn covers(path: &str, open: &Open<'_, '_>) -> bool {
    let Some(rest) = path.strip_prefix(open.section.id) else { return false };
    if let Some(rest) = rest.strip_prefix('#') {
        let item = open.change.new_item.or(open.change.old_item);
        let shown = item.and_then(|item| item::key(open.section.id, item));
        let keys = [open.subject.key.clone(), shown];
        return keys.into_iter().flatten().any(|key| {
            let head = rest.get(..key.len()).filter(|head| head.eq_ignore_ascii_case(&key));
            head.is_some_and(|head| lies_in(open, rest.get(head.len()..).unwrap_or_default()))
        });
    }
    lies_in(open, rest)
}

/// Whether a difference lies where a pointer leads to: one with names for elements, or with positions as they are shown.
fn lies_in(open: &Open<'_, '_>, pointer: &str) -> bool {
    let pointer = pointer.strip_suffix('/').unwrap_or(pointer);
    if pointer.is_empty() {
        return true;
    }
    let own = [open.subject.pointer.as_str(), &open.change.pointer];
    let inside =
        |own: &str| own.strip_prefix(pointer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    pointer.starts_with('/') && own.into_iter().any(inside)
}

/// The path of a difference, as `--only` takes it.
fn path(open: &Open<'_, '_>) -> String {
    let key = open.subject.key.as_deref().map(|key| format!("#{key}")).unwrap_or_default();
    let path = format!("{}{key}{}", open.subject.section, open.subject.pointer);
    escape::terminal(&path).into_owned()
}

fn nothing(path_given: &str, section: &str, open: &[Open<'_, '_>], drift: &Drift<'_>) -> miette::Report {
    let own: Vec<&Open<'_, '_>> = open.iter().filter(|open| open.section.id == section).collect();
    let lost = drift
        .sections
        .iter()
        .find(|one| one.id == section)
        .is_some_and(|one| one.comparison == Comparison::NoLongerCollected);
    let listed = |all: &[&Open<'_, '_>]| {
        let mut paths: Vec<String> = all.iter().take(OFFERED).map(|open| path(open)).collect();
        if all.len() > OFFERED {
            paths.push(format!("and {} more", all.len() - OFFERED));
        }
        paths.join("\n  ")
    };
    let sections: BTreeSet<&str> = open.iter().map(|open| open.section.id).collect();
    let help = match (lost, own.is_empty(), sections.is_empty()) {
        (true, ..) => format!(
            "{section} is no longer collected: what became of it is not known, so nothing can be accepted"
        ),
        (false, false, _) => format!("what differs there and is not approved:\n  {}", listed(&own)),
        (false, true, false) => {
            format!(
                "what differs and is not approved is in {}",
                sections.into_iter().collect::<Vec<_>>().join(", ")
            )
        }
        (false, true, true) => "nothing differs that is not approved".to_owned(),
    };
    miette!(
        code = "levelmark::approve::only",
        help = help,
        "`{}` covers nothing that could be approved",
        shown(path_given)
    )
}
