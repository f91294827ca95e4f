//! An answer as a person writes it, and as a section keeps it. Comes in: text or a value. Goes out:
//! the other, or what an answer must look like. Not here: which question comes next.

use serde_json::{Map, Value, json};

use super::form::{Form, Kind, Question};
use crate::sections::normal::is_guid;

/// An answer may have at most this many entries, each this long in bytes.
const ENTRIES: usize = 200;
const LENGTH: usize = 256;

/// Reads an answer that is not empty.
pub(super) fn read(kind: Kind, text: &str) -> Result<Value, String> {
    let text = text.trim();
    match kind {
        Kind::YesNo => yes_no(text).map(Value::Bool),
        Kind::SignInName => address(text).map(Value::String),
        Kind::Guid if is_guid(text) => Ok(json!(text.to_ascii_lowercase())),
        Kind::Guid => Err("must be a GUID such as 00000000-0000-0000-0000-000000000000".into()),
        Kind::Text => entry(text).map(Value::String),
        Kind::Addresses(most) => match list(text, address)? {
            list if list.len() > most => {
                Err(format!("at most {most} addresses, but there are {}", list.len()))
            }
            list => Ok(list.into()),
        },
        Kind::SignInNames => list(text, address).map(Value::from),
        Kind::Services => list(text, entry).map(Value::from),
        Kind::Choice(words) => choice(words, text).map(Value::from),
    }
}

/// How an answer is asked for, in brackets behind the question.
pub(super) fn hint(kind: Kind) -> String {
    match kind {
        Kind::YesNo => "yes or no".into(),
        Kind::SignInName => "name@domain".into(),
        Kind::Guid => "a GUID".into(),
        Kind::Text => "text".into(),
        Kind::Addresses(most) => format!("up to {most}, separated by ;"),
        Kind::SignInNames | Kind::Services => "separated by ;".into(),
        Kind::Choice(words) => {
            let words =
                words.iter().enumerate().map(|(at, (word, called))| format!("{}: {called} ({word})", at + 1));
            words.collect::<Vec<_>>().join(", ")
        }
    }
}

/// An answer as a person would write it.
pub(super) fn write(value: &Value) -> Option<String> {
    match value {
        Value::Bool(true) => Some("yes".into()),
        Value::Bool(false) => Some("no".into()),
        Value::String(text) => Some(text.clone()),
        Value::Array(items) if !items.is_empty() => {
            Some(items.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("; "))
        }
        Value::Array(_) | Value::Null | Value::Number(_) | Value::Object(_) => None,
    }
}

/// The answer to a question that does not apply.
pub(super) fn neutral(kind: Kind) -> Value {
    match kind {
        Kind::YesNo => json!(false),
        Kind::Addresses(_) | Kind::SignInNames | Kind::Services => json!([]),
        Kind::SignInName | Kind::Guid | Kind::Text | Kind::Choice(_) => Value::Null,
    }
}

/// Whether a question applies, given the answers so far.
pub(super) fn applies(question: &Question, item: &Value) -> bool {
    question.when.iter().all(|(path, answer)| at(item, path).and_then(write).as_deref() == Some(*answer))
}

/// The answer at a dotted path.
pub(super) fn at<'v>(item: &'v Value, path: &str) -> Option<&'v Value> {
    path.split('.').try_fold(item, |value, step| value.get(step))
}

/// Sets the answer at a dotted path; paths are at most two steps long.
pub(super) fn set(item: &mut Value, path: &str, answer: Value) {
    let members = match path.split_once('.') {
        Some((outer, inner)) => {
            let Value::Object(members) = item else { return };
            let outer = members.entry(outer).or_insert_with(|| Value::Object(Map::new()));
            return set(outer, inner, answer);
        }
        None => item.as_object_mut(),
    };
    if let Some(members) = members {
        members.insert(path.into(), answer);
    }
}

/// Whether two items are about the same administrator: the same account, or the same name.
pub(super) fn same_administrator(form: &Form, a: &Value, b: &Value) -> bool {
    if !form.per_administrator {
        return true;
    }
    ["admin.id", "admin.userPrincipalName"].into_iter().any(|path| {
        match (at(a, path).and_then(Value::as_str), at(b, path).and_then(Value::as_str)) {
            (Some(a), Some(b)) => a.eq_ignore_ascii_case(b),
            (Some(_) | None, _) => false,
        }
    })
}

fn yes_no(text: &str) -> Result<bool, String> {
    match text.to_ascii_lowercase().as_str() {
        "yes" | "y" | "true" => Ok(true),
        "no" | "n" | "false" => Ok(false),
        _ => Err("must be yes or no".into()),
    }
}

fn entry(text: &str) -> Result<String, String> {
    if text.chars().any(char::is_control) {
        Err("must not have control characters".into())
    } else if text.len() > LENGTH {
        Err(format!("must not be longer than {LENGTH} bytes"))
    } else {
        Ok(text.to_string())
    }
}

/// `name@domain`; enough to catch a slip, mail systems judge the rest.
fn address(text: &str) -> Result<String, String> {
    let text = entry(text)?;
    let well = text.split_once('@').is_some_and(|(name, domain)| {
        !name.is_empty()
            && domain.contains('.')
            && !domain.starts_with('.')
            && !domain.ends_with('.')
            && !domain.contains('@')
    });
    let clean =
        !text.chars().any(|letter| letter.is_whitespace() || [',', ';', '<', '>', '"'].contains(&letter));
    if well && clean { Ok(text) } else { Err(format!("`{text}` must look like name@domain.example")) }
}

fn list(text: &str, one: fn(&str) -> Result<String, String>) -> Result<Vec<String>, String> {
    let mut entries: Vec<String> = Vec::new();
    for part in text.split(';').map(str::trim).filter(|part| !part.is_empty()) {
        let part = one(part)?;
        if !entries.iter().any(|known| known.eq_ignore_ascii_case(&part)) {
            entries.push(part);
        }
    }
    match entries.len() {
        0 => Err("at least one is needed".into()),
        count if count > ENTRIES => Err(format!("at most {ENTRIES}, but there are {count}")),
        _ => Ok(entries),
    }
}

fn choice(words: &[(&'static str, &'static str)], text: &str) -> Result<&'static str, String> {
    let numbered = text.parse::<usize>().ok().and_then(|number| words.get(number.checked_sub(1)?));
    let named = || {
        let is = |one: &str| one.eq_ignore_ascii_case(text);
        words.iter().find(|(word, called)| is(word) || is(called))
    };
    let known = || words.iter().map(|(word, _)| *word).collect::<Vec<_>>().join(", ");
    numbered.or_else(named).map(|(word, _)| *word).ok_or_else(|| format!("must be one of {}", known()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_read_or_explained() {
        let words: Kind = Kind::Choice(&[("standard", "Standard release"), ("targeted", "Targeted release")]);
        let guid = "AAAAAAAA-0000-0000-0000-000000000001";
        let good = [
            (Kind::YesNo, "Y", json!(true)),
            (Kind::YesNo, " no ", json!(false)),
            (Kind::SignInName, "alex@contoso.com", json!("alex@contoso.com")),
            (Kind::Guid, guid, json!(guid.to_lowercase())),
            (
                Kind::Addresses(2),
                "a@b.example; A@B.example ;c@d.example;",
                json!(["a@b.example", "c@d.example"]),
            ),
            (
                Kind::Services,
                "Exchange Online; Microsoft Teams",
                json!(["Exchange Online", "Microsoft Teams"]),
            ),
            (words, "2", json!("targeted")),
            (words, "Standard", json!("standard")),
            (words, "targeted release", json!("targeted")),
        ];
        for (kind, text, expected) in good {
            assert_eq!(read(kind, text), Ok(expected), "{text}");
        }
        let long = "x".repeat(300);
        let bad = [
            (Kind::YesNo, "maybe", "yes or no"),
            (Kind::SignInName, "alex", "name@domain"),
            (Kind::SignInName, "a b@c.example", "name@domain"),
            (Kind::SignInName, "a@b@c.example", "name@domain"),
            (Kind::Guid, "alex", "GUID"),
            (Kind::Addresses(2), "a@b.example;c@d.example;e@f.example", "at most 2"),
            (Kind::Addresses(2), "a@b.example, c@d.example", "name@domain"),
            (Kind::Services, " ; ", "at least one"),
            (Kind::Text, "a\u{1b}[2J", "control characters"),
            (Kind::Text, &long, "longer than"),
            (words, "3", "one of standard, targeted"),
            (words, "0", "one of standard, targeted"),
        ];
        for (kind, text, expected) in bad {
            let error = read(kind, text).unwrap_err();
            assert!(error.contains(expected), "{text}: {error}");
        }
    }

    #[test]
    fn an_answer_written_and_read_again_is_the_same() {
        for (kind, value) in [
            (Kind::YesNo, json!(true)),
            (Kind::Services, json!(["a", "b"])),
            (Kind::Text, json!("x")),
            (Kind::YesNo, json!(false)),
        ] {
            assert_eq!(read(kind, &write(&value).unwrap()), Ok(value));
        }
        assert_eq!(write(&json!([])), None);
        assert_eq!(write(&Value::Null), None);
    }
}
