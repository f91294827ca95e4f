//! Planner tasks: which posts and issues one is about, how far it has come. Comes in: a task.
//! Goes out: facts of it. Not here: plans and buckets, whose meaning the tenant declares.

use std::collections::BTreeSet;

use super::derived::Cause;
use super::source::{Source, flag, text};
use super::text::{cited, cited_encoded};
use crate::snapshot::document::{Kind, NodeRef};
use crate::snapshot::number::Number;

/// The ids in a task's title, description, checklist and references (their keys are addresses).
pub(super) fn cites(node: NodeRef<'_>) -> BTreeSet<String> {
    let mut ids = BTreeSet::new();
    let details = node.get("details");
    let texts = [text(node, "title"), details.and_then(|d| text(d, "description"))];
    texts.iter().flatten().for_each(|t| cited(t, &mut ids));
    for (key, _, value) in details.and_then(|d| d.get("references")).iter().flat_map(|r| r.members()) {
        cited_encoded(&key, &mut ids);
        text(value, "alias").iter().for_each(|t| cited(t, &mut ids));
    }
    for (_, _, value) in details.and_then(|d| d.get("checklist")).iter().flat_map(|c| c.members()) {
        text(value, "title").iter().for_each(|t| cited(t, &mut ids));
    }
    ids
}

/// A task's progress: Planner writes 0, 50 or 100. What is none of 0 to 100 says nothing.
pub(super) fn percent(node: NodeRef<'_>) -> Option<i64> {
    whole(node, "percentComplete").filter(|percent| (0..=100).contains(percent))
}

fn whole(node: NodeRef<'_>, name: &str) -> Option<i64> {
    match node.get(name)?.as_number()? {
        Number::Int(whole) => i64::try_from(whole).ok(),
        Number::Float(_) => None,
    }
}

/// Whether a task has an assignee: `assignments` has a member per person, null where one was removed.
pub(super) fn assigned(node: NodeRef<'_>) -> bool {
    let people = node.get("assignments");
    people
        .iter()
        .flat_map(|a| a.members())
        .any(|(name, _, value)| !name.starts_with('@') && !value.is_empty())
}

/// Why the texts below the titles could not be seen, if so: tasks come without their details
/// unless those are asked for, and then say only whether there are any.
pub(super) fn unread_details(source: Source<'_>) -> Option<Cause> {
    source.lacks("details").or_else(|| {
        let unread = source.items().any(|task| {
            let described = task.get("details").is_some_and(|d| d.kind() == Kind::Object);
            let none =
                flag(task, "hasDescription") == Some(false) && whole(task, "referenceCount") == Some(0);
            !described && !none
        });
        unread.then(|| source.because("has tasks whose details were not collected"))
    })
}
