//! One body of Graph: a page, a bare list, an entity, a wrapped singleton, or a refusal. Comes in: a
//! parsed file. Goes out: its items and what it says of itself (more pages, a count, what was
//! selected). Not here: joining pages, sections.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::refusal::Refusal;
use crate::import::ImportError;
use crate::import::kind::{Kind, kind_of};
use crate::sections::script::JOIN;

/// What a body's address of metadata says was asked for.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Context {
    /// The path of the collection, without selection.
    pub(crate) path: String,
    /// First-level properties of a `$select`, with those expanded; `None` = no selection.
    pub(crate) selected: Option<BTreeSet<String>>,
    /// One entity of a collection.
    pub(crate) entity: bool,
}

/// A page of items.
#[derive(Debug, Default)]
pub(crate) struct Page {
    pub(crate) items: Vec<Map<String, Value>>,
    /// There is a next page.
    pub(crate) more: bool,
    /// How many items the service counted over all pages.
    pub(crate) count: Option<u64>,
    pub(crate) context: Option<Context>,
    /// It came as one object, not as a list.
    pub(crate) single: bool,
}

/// A body.
#[derive(Debug)]
pub(crate) enum Body {
    Page(Page),
    Refusal(Refusal),
}

/// Reads a body. A list of pages, as PowerShell saves a loop's output, is read as one page.
pub(crate) fn read(value: Value, name: &str) -> Result<Vec<Body>, ImportError> {
    if let Some(refusal) = Refusal::read(&value) {
        return Ok(vec![Body::Refusal(refusal)]);
    }
    let kind = kind_of(&value);
    if !matches!(kind, Kind::GraphBody | Kind::Other | Kind::GraphError) {
        return Err(kind.refused(name, "a body of Microsoft Graph"));
    }
    match value {
        Value::Array(pages) if !pages.is_empty() && pages.iter().all(is_page) => {
            let pages = objects(pages, name)?.into_iter();
            pages.map(|page| object(page, name).map(Body::Page)).collect()
        }
        Value::Array(items) => {
            let items = objects(items, name)?;
            Ok(vec![Body::Page(Page { items, ..Page::default() })])
        }
        Value::Object(members) => object(members, name).map(|page| vec![Body::Page(page)]),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Err(not_objects(name)),
    }
}

fn is_page(value: &Value) -> bool {
    value.get("value").is_some_and(Value::is_array) && value.get("id").is_none()
}

fn object(mut members: Map<String, Value>, name: &str) -> Result<Page, ImportError> {
    let context = members.get("@odata.context").and_then(Value::as_str).and_then(context);
    let count = members.get("@odata.count").and_then(Value::as_u64);
    let more = members.contains_key("@odata.nextLink");
    let join = match members.remove(JOIN) {
        Some(Value::Object(join)) => join,
        _ => Map::new(),
    };
    let page = Page { more, count, context, ..Page::default() };
    let mut page = match members.remove("value") {
        Some(Value::Array(items)) => Page { items: objects(items, name)?, ..page },
        // Some documents show singletons wrapped.
        Some(Value::Object(inner)) => Page { items: vec![inner], single: true, ..page },
        Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) => {
            return Err(not_objects(name));
        }
        None => Page { items: vec![members], single: true, ..page },
    };
    for item in &mut page.items {
        for (field, value) in &join {
            item.insert(field.clone(), value.clone());
        }
    }
    Ok(page)
}

fn objects(items: Vec<Value>, name: &str) -> Result<Vec<Map<String, Value>>, ImportError> {
    let objects = items.into_iter().filter(|item| !item.is_null()).map(|item| match item {
        Value::Object(members) => Ok(members),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            Err(not_objects(name))
        }
    });
    objects.collect()
}

fn not_objects(name: &str) -> ImportError {
    ImportError::Kind {
        name: name.into(),
        what: "not a body of Microsoft Graph: objects are expected, alone or in a list".into(),
        help: Some("save the whole answer, e.g. `az rest --url … > page-0001.json`".into()),
    }
}

/// Reads `https://…/$metadata#users(id,displayName,manager())/$entity`. A group in parentheses that
/// opens with a quote is a key, one with only `()` names are expansions, not a selection.
fn context(url: &str) -> Option<Context> {
    let (_, fragment) = url.split_once("$metadata#")?;
    let (path, entity) = match fragment.strip_suffix("/$entity") {
        Some(path) => (path, true),
        None => (fragment, false),
    };
    let Some(inside) = last_group(path) else {
        return Some(Context { path: path.into(), selected: None, entity });
    };
    let before = path.get(..path.len().saturating_sub(inside.len() + 2)).unwrap_or(path);
    if inside.starts_with('\'') {
        return Some(Context { path: path.into(), selected: None, entity });
    }
    let names = top_level(inside);
    let selects = names.iter().any(|name| !name.contains('('));
    let first = |name: &&str| name.split(['(', '/']).next().unwrap_or_default().trim().to_string();
    let selected = selects.then(|| names.iter().map(first).filter(|name| !name.is_empty()).collect());
    Some(Context { path: before.into(), selected, entity })
}

/// The group in parentheses at the end of a text, without them.
fn last_group(text: &str) -> Option<&str> {
    let body = text.strip_suffix(')')?;
    let mut depth = 0_usize;
    for (at, letter) in body.char_indices().rev() {
        match letter {
            ')' => depth += 1,
            '(' if depth == 0 => return body.get(at + 1..),
            '(' => depth -= 1,
            _ => {}
        }
    }
    None
}

/// Splits at commas outside of parentheses.
fn top_level(text: &str) -> Vec<&str> {
    let (mut parts, mut depth, mut start) = (Vec::new(), 0_usize, 0);
    for (at, letter) in text.char_indices() {
        match letter {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                parts.extend(text.get(start..at));
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.extend(text.get(start..));
    parts
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn told(fragment: &str) -> (String, Option<Vec<String>>, bool) {
        let context = context(&format!("https://graph.microsoft.com/v1.0/$metadata#{fragment}")).unwrap();
        (context.path, context.selected.map(|names| names.into_iter().collect()), context.entity)
    }

    #[test]
    fn what_was_selected_stands_in_the_context() {
        let some = |names: &[&str]| Some(names.iter().map(|name| name.to_string()).collect::<Vec<_>>());
        for (fragment, expected) in [
            ("users", ("users", None, false)),
            (
                "users(id,displayName,manager(),a/b)",
                ("users", some(&["a", "displayName", "id", "manager"]), false),
            ),
            (
                "roleManagement/directory/roleAssignments(principal())",
                ("roleManagement/directory/roleAssignments", None, false),
            ),
            ("policies/x(policy(rules(),y))", ("policies/x", None, false)),
            ("x(id,policy(rules(a,b)))/$entity", ("x", some(&["id", "policy"]), true)),
            ("groups('1')/owners(id)", ("groups('1')/owners", some(&["id"]), false)),
            ("groups('1')", ("groups('1')", None, false)),
            ("policies/authorizationPolicy/$entity", ("policies/authorizationPolicy", None, true)),
        ] {
            let (path, selected, entity) = expected;
            assert_eq!(told(fragment), (path.to_string(), selected, entity), "{fragment}");
        }
        assert_eq!(context("https://example.com/x)"), None);
    }

    fn pages(value: Value) -> Vec<Page> {
        let bodies = read(value, "f").unwrap();
        bodies
            .into_iter()
            .map(|body| if let Body::Page(page) = body { page } else { panic!("a refusal") })
            .collect()
    }

    #[test]
    fn every_form_of_a_body() {
        let one = json!({"id": "1"});
        for (value, expected) in [
            (json!({"value": [one, null], "@odata.count": 1}), (1, false)),
            (json!([one]), (1, false)),
            (json!({"value": one}), (1, true)),
            (one.clone(), (1, true)),
            (json!({"value": []}), (0, false)),
            (json!([]), (0, false)),
        ] {
            let pages = pages(value.clone());
            assert_eq!((pages[0].items.len(), pages[0].single), expected, "{value}");
        }
        let looped = pages(json!([{"value": [one], "@odata.nextLink": "x"}, {"value": [one]}]));
        assert_eq!((looped.len(), looped[0].more, looped[1].more), (2, true, false));
        for value in
            [json!("text"), json!([1]), json!({"value": 1}), json!({"value": [1]}), json!({"value": null})]
        {
            assert!(matches!(read(value, "f"), Err(ImportError::Kind { .. })));
        }
        assert!(read(json!({"responses": []}), "f").unwrap_err().to_string().contains("$batch"));
    }

    #[test]
    fn what_the_script_joins_goes_into_every_item() {
        let pages = pages(json!({"@levelmark.join": {"groupId": "g"}, "value": [{"id": "1"}, {"id": "2"}]}));
        assert!(pages[0].items.iter().all(|item| item["groupId"] == "g"));
    }
}
