//! Groups whose members matter: those that conditional access, role assignments, approvals or parameters
//! refer to. Comes in: sections that were read before. Goes out: ids. Not here: their members.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::Shared;
use super::objects::each;
use crate::sections::normal::is_guid;
use crate::snapshot::record::{SectionRecord, State};

/// The section of all groups. By itself it refers to none; it tells which ids are groups.
pub(super) const GROUPS: &str = "groups.groups";

/// Ids of groups, and whether there may be more.
#[derive(Debug, Default)]
pub(super) struct Referenced {
    pub ids: BTreeSet<String>,
    /// An assignment does not say whom it is of.
    pub untold: bool,
}

/// Finds them. A parameter's ids may be of anything: those that are groups count, or all of them where
/// it is not known which are.
pub(super) fn referenced(
    shared: &Shared,
    parents: &BTreeMap<&'static str, SectionRecord>,
) -> std::io::Result<Referenced> {
    let mut found = Referenced::default();
    for id in parents.keys().filter(|id| **id != GROUPS) {
        each(shared, id, &mut |item| of_item(item, &mut found))?;
    }
    let texts = |value: &Value| match value {
        Value::Array(values) => values.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        Value::String(text) => vec![text.clone()],
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => Vec::new(),
    };
    let given: BTreeSet<String> = shared.params.values().flat_map(texts).filter(|id| is_guid(id)).collect();
    if parents.get(GROUPS).is_none_or(|record| record.state != State::Read) {
        found.ids.extend(given);
        return Ok(found);
    }
    each(shared, GROUPS, &mut |group| {
        let id = group.get("id").and_then(Value::as_str);
        found.ids.extend(id.filter(|id| given.contains(*id)).map(str::to_owned));
    })?;
    Ok(found)
}

/// Ids of groups in an item of conditional access or of roles.
fn of_item(item: &Map<String, Value>, found: &mut Referenced) {
    let at = |path: &[&str]| {
        let (first, rest) = path.split_first()?;
        rest.iter().try_fold(item.get(*first)?, |value, name| value.get(name))
    };
    let mut add = |value: Option<&Value>| found.ids.extend(value.and_then(Value::as_str).map(str::to_owned));
    for list in ["includeGroups", "excludeGroups"] {
        for group in at(&["conditions", "users", list]).and_then(Value::as_array).into_iter().flatten() {
            add(Some(group));
        }
    }
    let kind = at(&["principal", "@odata.type"]).and_then(Value::as_str);
    if kind.is_some_and(|kind| kind.ends_with(".group")) {
        add(item.get("principalId"));
    }
    let list =
        |value: &Value, name: &str| value.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
    let rules = at(&["policy"]).map(|policy| list(policy, "rules")).unwrap_or_default();
    let stages =
        rules.iter().filter_map(|rule| rule.get("setting")).flat_map(|set| list(set, "approvalStages"));
    for approver in stages.flat_map(|stage| list(&stage, "primaryApprovers")) {
        add(approver.get("groupId"));
    }
    // Expanded, it says what it is; where it may not be seen it is null.
    found.untold |= item.contains_key("principalId") && kind.is_none();
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(item: Value) -> (Vec<String>, bool) {
        let mut found = Referenced::default();
        of_item(item.as_object().unwrap(), &mut found);
        (found.ids.into_iter().collect(), found.untold)
    }

    #[test]
    fn whoever_refers_to_a_group_is_seen() {
        let group = "#microsoft.graph.group";
        for (item, ids, untold) in [
            (
                json!({"conditions": {"users": {"includeGroups": ["a"], "excludeGroups": ["b"]}}}),
                vec!["a", "b"],
                false,
            ),
            (json!({"principalId": "a", "principal": {"@odata.type": group}}), vec!["a"], false),
            (
                json!({"principalId": "a", "principal": {"@odata.type": "#microsoft.graph.user"}}),
                vec![],
                false,
            ),
            (json!({"principalId": "a", "principal": null}), vec![], true),
            (json!({"principalId": "a"}), vec![], true),
            (
                json!({"policy": {"rules": [{"setting": {"approvalStages": [{"primaryApprovers": [{"groupId": "c"}]}]}}]}}),
                vec!["c"],
                false,
            ),
            (json!({}), vec![], false),
        ] {
            assert_eq!(of(item.clone()), (ids.into_iter().map(str::to_owned).collect(), untold), "{item}");
        }
    }
}
