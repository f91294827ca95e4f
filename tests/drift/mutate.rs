//! Every way to change one value of an item. Comes in: an item. Goes out: changed items, each with the place
//! of its change.

use serde_json::{Value, json};

/// An item in which one thing is another.
pub(crate) struct Mutant {
    /// JSON Pointer to the value; of a list's element, to the list.
    pub(crate) pointer: String,
    /// What was done.
    pub(crate) what: &'static str,
    pub(crate) item: Value,
}

/// All of them.
pub(crate) fn mutants(item: &Value) -> Vec<Mutant> {
    let mut found = Vec::new();
    visit(item, item, &mut String::new(), &mut found);
    found
}

fn visit(whole: &Value, here: &Value, pointer: &mut String, found: &mut Vec<Mutant>) {
    for (what, value) in others(here) {
        // An item is no scalar.
        if !pointer.is_empty() {
            found.push(replaced(whole, pointer, what, value));
        }
    }
    match here {
        Value::Object(members) => {
            let mut more = members.clone();
            more.insert("zzz".to_owned(), json!(1));
            let mutant = replaced(whole, pointer, "a property more", Value::Object(more));
            found.push(Mutant { pointer: format!("{pointer}/zzz"), ..mutant });
            for (name, member) in members {
                let length = pointer.len();
                pointer.push_str(&format!("/{}", name.replace('~', "~0").replace('/', "~1")));
                let mut less = members.clone();
                less.remove(name);
                let mutant = replaced(whole, &pointer[..length], "a property less", Value::Object(less));
                found.push(Mutant { pointer: pointer.clone(), ..mutant });
                visit(whole, member, pointer, found);
                pointer.truncate(length);
            }
        }
        Value::Array(elements) => {
            for (at, element) in elements.iter().enumerate() {
                let mut less = elements.clone();
                less.remove(at);
                found.push(replaced(whole, pointer, "an element less", Value::Array(less)));
                let mut more = elements.clone();
                more.push(element.clone());
                found.push(replaced(whole, pointer, "an element twice", Value::Array(more)));
                let length = pointer.len();
                pointer.push_str(&format!("/{at}"));
                visit(whole, element, pointer, found);
                pointer.truncate(length);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Other values in the place of one.
fn others(value: &Value) -> Vec<(&'static str, Value)> {
    match value {
        Value::Null => vec![("no longer null", json!("x")), ("null, now empty", json!([]))],
        Value::Bool(bool) => vec![("turned", json!(!bool)), ("null", Value::Null)],
        Value::Number(number) => {
            let more = match number.as_i64() {
                Some(number) => json!(number + 1),
                None => json!(number.as_f64().unwrap() + 1.0),
            };
            vec![("one more", more), ("as text", json!(number.to_string())), ("null", Value::Null)]
        }
        Value::String(text) => {
            let mut other = vec![
                ("other text", json!(format!("{text}x"))),
                ("other beginning", json!(format!("x{text}"))),
                ("null", Value::Null),
            ];
            if !text.is_empty() {
                other.push(("empty text", json!("")));
            }
            other
        }
        Value::Array(elements) if elements.is_empty() => {
            vec![("an element", json!(["x"])), ("null", Value::Null), ("empty text", json!(""))]
        }
        Value::Array(_) => vec![("null", Value::Null)],
        Value::Object(members) if members.is_empty() => vec![("null", Value::Null)],
        Value::Object(_) => vec![("null", Value::Null), ("an empty list", json!([]))],
    }
}

fn replaced(whole: &Value, pointer: &str, what: &'static str, value: Value) -> Mutant {
    let mut item = whole.clone();
    *item.pointer_mut(pointer).unwrap() = value;
    Mutant { pointer: pointer.to_owned(), what, item }
}
