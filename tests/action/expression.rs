//! Expressions of workflows, as far as ours use them (docs.github.com, "Expressions"); anything else is a
//! failure of the test, so that action.yml can't use what was never tried.

use std::collections::BTreeMap;

/// Names and their values; one that is not there is no typing error only if its context is.
pub(crate) type Values = BTreeMap<String, String>;

/// What an expression may look at.
pub(crate) struct Scope<'s> {
    pub(crate) values: &'s Values,
    /// Whether a step has failed so far.
    pub(crate) failed: bool,
}

/// A value: the text `false` is not the same as no.
#[derive(Debug, Clone, PartialEq)]
enum Value {
    Text(String),
    Bool(bool),
}

impl Value {
    fn truthy(&self) -> bool {
        match self {
            Self::Text(text) => !text.is_empty(),
            Self::Bool(yes) => *yes,
        }
    }

    fn text(self) -> String {
        match self {
            Self::Text(text) => text,
            Self::Bool(yes) => yes.to_string(),
        }
    }
}

/// Contexts in which a name that is not set is empty.
const OPEN: [&str; 6] = ["steps.", "github.event.", "vars.", "secrets.", "env.", "needs."];

impl Scope<'_> {
    /// A text with `${{ … }}` in it.
    pub(crate) fn text(&self, text: &str) -> String {
        let mut out = String::new();
        let mut rest = text;
        while let Some((before, behind)) = rest.split_once("${{") {
            let (inside, behind) = behind.split_once("}}").expect("an expression ends");
            out.push_str(before);
            out.push_str(&self.value(inside).text());
            rest = behind;
        }
        out + rest
    }

    /// The condition of a step: without a word about the job's state it also takes that all went well.
    pub(crate) fn condition(&self, text: Option<&str>) -> bool {
        let text = text.unwrap_or("success()").trim();
        let text = text.strip_prefix("${{").and_then(|text| text.strip_suffix("}}")).unwrap_or(text);
        let about =
            ["always()", "success()", "failure()", "cancelled()"].iter().any(|word| text.contains(word));
        (about || !self.failed) && self.value(text).truthy()
    }

    fn value(&self, text: &str) -> Value {
        let mut tokens = tokens(text);
        tokens.reverse();
        let value = self.or(&mut tokens);
        assert!(tokens.is_empty(), "left over in `{text}`: {tokens:?}");
        value
    }

    fn or(&self, tokens: &mut Vec<String>) -> Value {
        let mut left = self.and(tokens);
        while tokens.pop_if(|token| token == "||").is_some() {
            let right = self.and(tokens);
            left = if left.truthy() { left } else { right };
        }
        left
    }

    fn and(&self, tokens: &mut Vec<String>) -> Value {
        let mut left = self.equal(tokens);
        while tokens.pop_if(|token| token == "&&").is_some() {
            let right = self.equal(tokens);
            left = if left.truthy() { right } else { left };
        }
        left
    }

    fn equal(&self, tokens: &mut Vec<String>) -> Value {
        let left = self.atom(tokens);
        let Some(sign) = tokens.pop_if(|token| token == "==" || token == "!=") else { return left };
        let right = self.atom(tokens);
        // GitHub compares texts without regard to case.
        let same = left.text().eq_ignore_ascii_case(&right.text());
        Value::Bool(same == (sign == "=="))
    }

    fn atom(&self, tokens: &mut Vec<String>) -> Value {
        let token = tokens.pop().expect("a value");
        match token.as_str() {
            "!" => Value::Bool(!self.atom(tokens).truthy()),
            "always()" => Value::Bool(true),
            "success()" => Value::Bool(!self.failed),
            "failure()" => Value::Bool(self.failed),
            "cancelled()" => Value::Bool(false),
            text if text.starts_with('\'') => Value::Text(text.trim_matches('\'').to_owned()),
            name => match self.values.get(name) {
                Some(value) => Value::Text(value.clone()),
                None if OPEN.iter().any(|context| name.starts_with(context)) => Value::Text(String::new()),
                None => panic!("the runner of the tests does not know `{name}`"),
            },
        }
    }
}

fn tokens(text: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let length = match rest {
            _ if ["||", "&&", "==", "!="].iter().any(|sign| rest.starts_with(sign)) => 2,
            _ if rest.starts_with('!') => 1,
            _ if rest.starts_with('\'') => rest[1..].find('\'').expect("a text ends") + 2,
            _ => {
                let name = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
                let end = rest.find(|c| !name(c)).unwrap_or(rest.len());
                assert!(end > 0, "what is `{rest}`?");
                if rest[end..].starts_with("()") { end + 2 } else { end }
            }
        };
        tokens.push(rest[..length].to_owned());
        rest = rest[length..].trim_start();
    }
    tokens
}

#[test]
fn expressions_mean_what_github_says() {
    let values = Values::from([
        ("inputs.a".to_owned(), "x".to_owned()),
        ("inputs.b".to_owned(), String::new()),
        ("inputs.zero".to_owned(), "0".to_owned()),
        ("inputs.no".to_owned(), "false".to_owned()),
    ]);
    let scope = |failed| Scope { values: &values, failed };
    assert_eq!(
        scope(false).text("-${{ inputs.a }}-${{ inputs.b || 'y' }}-${{ steps.z.outputs.o }}"),
        "-x-y-"
    );
    for (condition, went_well, went_wrong) in [
        (None, true, false),
        (Some("inputs.a == 'X'"), true, false),
        (Some("inputs.zero && inputs.no"), true, false),
        (Some("always() && inputs.a != ''"), true, true),
        (Some("always() && inputs.b != ''"), false, false),
        (Some("${{ failure() }}"), false, true),
        (Some("!cancelled() && inputs.a == 'x'"), true, true),
    ] {
        assert_eq!(scope(false).condition(condition), went_well, "{condition:?}");
        assert_eq!(scope(true).condition(condition), went_wrong, "{condition:?}");
    }
    assert!(std::panic::catch_unwind(|| scope(false).text("${{ inputs.unknown }}")).is_err());
}
