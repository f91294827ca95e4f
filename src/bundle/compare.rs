//! Where two results differ. Comes in: the bytes of both. Goes out: whether they are the same, and else the
//! first places with both values. Not here: what that means.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::Value;

/// Differences that are shown.
pub const SHOWN: usize = 20;
/// Differences among which those are chosen.
const KEPT: usize = 10_000;
/// Longest value that is shown, in characters.
const CROP: usize = 160;

/// What came out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Comparison {
    /// Byte for byte.
    pub same: bool,
    /// How many values differ.
    pub total: usize,
    /// The first of them, those further up before those further down.
    pub differences: Vec<Difference>,
}

/// One place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Difference {
    /// RFC 6901.
    pub pointer: String,
    /// In the result that was given; None where there is nothing.
    pub given: Option<String>,
    /// In the one that was evaluated again.
    pub again: Option<String>,
}

/// Compares. `given` need not be JSON.
pub fn compare(given: &[u8], again: &[u8]) -> Comparison {
    let mut found = Comparison { same: given == again, total: 0, differences: Vec::new() };
    if !found.same {
        let parsed = (serde_json::from_slice::<Value>(given), serde_json::from_slice::<Value>(again));
        if let (Ok(given), Ok(again)) = parsed {
            // Parsed JSON is at most 128 deep.
            values(&mut String::new(), Some(&given), Some(&again), &mut found);
            // What is further up says more: another digest before a hundred other lines.
            found.differences.sort_by_key(|difference| difference.pointer.matches('/').count());
            found.differences.truncate(SHOWN);
        }
    }
    found
}

fn values(pointer: &mut String, given: Option<&Value>, again: Option<&Value>, found: &mut Comparison) {
    match (given, again) {
        (Some(Value::Object(a)), Some(Value::Object(b))) => {
            let names: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
            for name in names {
                let step = name.replace('~', "~0").replace('/', "~1");
                below(pointer, &step, (a.get(name), b.get(name)), found);
            }
        }
        (Some(Value::Array(a)), Some(Value::Array(b))) => {
            for index in 0..a.len().max(b.len()) {
                below(pointer, &index.to_string(), (a.get(index), b.get(index)), found);
            }
        }
        _ if given == again => {}
        _ => {
            found.total += 1;
            if found.differences.len() < KEPT {
                let pointer = pointer.clone();
                found.differences.push(Difference {
                    pointer,
                    given: given.map(shown),
                    again: again.map(shown),
                });
            }
        }
    }
}

fn below(
    pointer: &mut String,
    step: &str,
    (given, again): (Option<&Value>, Option<&Value>),
    found: &mut Comparison,
) {
    let length = pointer.len();
    pointer.push('/');
    pointer.push_str(step);
    values(pointer, given, again, found);
    pointer.truncate(length);
}

fn shown(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(CROP) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn differences(given: &str, again: &str) -> Vec<String> {
        let found = compare(given.as_bytes(), again.as_bytes());
        let one = |d: Difference| format!("{} {:?} {:?}", d.pointer, d.given, d.again);
        found.differences.into_iter().map(one).collect()
    }

    #[test]
    fn places_of_differences() {
        assert_eq!(differences(r#"{"a":1}"#, r#"{"a":1}"#), Vec::<String>::new());
        assert_eq!(
            differences(r#"{"a/b~":[1,2,3],"c":null}"#, r#"{"a/b~":[1,"x"],"d":{}}"#),
            [
                r#"/c Some("null") None"#,
                r#"/d None Some("{}")"#,
                r#"/a~1b~0/1 Some("2") Some("\"x\"")"#,
                r#"/a~1b~0/2 Some("3") None"#,
            ]
        );
    }

    #[test]
    fn other_bytes_with_the_same_values_are_not_the_same() {
        let found = compare(b"{\"a\": 1}\r\n", b"{\"a\": 1}\n");
        assert_eq!((found.same, found.total), (false, 0));
        assert!(!compare(b"no json", b"{}").same);
    }

    #[test]
    fn only_the_first_are_kept_and_all_are_counted() {
        let many = |n: u32| serde_json::to_vec(&(0..1000).map(|i| i * n).collect::<Vec<_>>()).unwrap();
        let found = compare(&many(2), &many(3));
        assert_eq!((found.total, found.differences.len()), (999, SHOWN));
        let long = compare(format!("[\"{}\"]", "é".repeat(5000)).as_bytes(), b"[1]");
        assert!(long.differences[0].given.as_ref().unwrap().chars().count() <= CROP + 1);
    }
}
