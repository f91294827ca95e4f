//! Values as one text that is the same for whatever means the same, on every machine and in every version: what an
//! approval pins is its SHA-256. Comes in: nodes with their types, and the rules that leave properties out. Goes out:
//! text, digests. Not here: which value is pinned (`pin`), fingerprints of one run (`fingerprint`).
//!
//! The text is JSON without blanks: members in order of their names' bytes, elements of sets in order of their texts,
//! numbers by value, GUIDs in lower case, times in UTC; kinds of nothing that a rule takes for one another as one. What
//! a rule leaves out of a comparison is left out here, too:
//! else a time of last use would end every approval of the object that it stands in.

use std::borrow::Cow;

use chrono::{DateTime, SecondsFormat};
use sha2::{Digest, Sha256};

use crate::diff::noise::{Rules, Worth};
use crate::diff::normal::Scalar;
use crate::diff::shape::{Orders, Shape};
use crate::snapshot::document::{Kind, NodeRef};
use crate::snapshot::number::NumberKey;

/// Stands for every kind of nothing that a rule takes for another; no value of JSON is written so.
pub(super) const BLANK: &str = "blank";

/// Writes values of one item.
#[derive(Debug, Clone, Copy)]
pub(super) struct Canon<'c, 's> {
    pub rules: &'c Rules<'c>,
    pub orders: &'c Orders,
    /// Rules may be about some items alone.
    pub item: NodeRef<'s>,
}

/// A value and where it lies.
#[derive(Debug, Clone)]
pub(super) struct Spot<'s> {
    pub node: NodeRef<'s>,
    pub shape: Shape,
    /// Names that lead to it; lists are passed through.
    pub names: Vec<Cow<'s, str>>,
}

impl<'s> Spot<'s> {
    pub fn element(&self, node: NodeRef<'s>) -> Self {
        Self { node, shape: self.shape.element(), names: self.names.clone() }
    }
}

impl<'s> Canon<'_, 's> {
    /// The text of a value. Recurses as deep as the text nests, which the parser limits.
    pub fn text(&self, spot: &Spot<'s>) -> String {
        let mut names = spot.names.clone();
        self.write(spot.node, spot.shape, &mut names)
    }

    /// Its digest.
    pub fn digest(&self, spot: &Spot<'s>) -> String {
        sha256(&self.text(spot))
    }

    /// What rules make of a value.
    pub fn worth(&self, node: NodeRef<'s>, names: &[Cow<'s, str>]) -> Worth {
        let names: Vec<&str> = names.iter().map(|name| &**name).collect();
        self.rules.worth(&names, node, self.item)
    }

    fn write(&self, node: NodeRef<'s>, shape: Shape, names: &mut Vec<Cow<'s, str>>) -> String {
        match node.kind() {
            Kind::Object => self.object(node, shape, names),
            Kind::Array => {
                let elements = node.elements().map(|element| self.write(element, shape.element(), names));
                let mut elements: Vec<String> = elements.collect();
                if !self.orders.has(shape) {
                    elements.sort_unstable();
                }
                format!("[{}]", elements.join(","))
            }
            Kind::Null | Kind::Bool | Kind::Number | Kind::String => match Scalar::of(node, shape.form()) {
                Some(scalar) => json(&scalar),
                // A number beyond a double, which the parser refuses.
                None => node.raw().to_owned(),
            },
        }
    }

    fn object(&self, node: NodeRef<'s>, shape: Shape, names: &mut Vec<Cow<'s, str>>) -> String {
        let mut members: Vec<(Cow<'s, str>, NodeRef<'s>)> =
            node.members().map(|(name, _, value)| (name, value)).collect();
        members.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        let mut texts = Vec::with_capacity(members.len());
        for (name, value) in members {
            names.push(name.clone());
            match self.worth(value, names) {
                Worth::Itself => {
                    texts.push(format!(
                        "{}:{}",
                        quoted(&name),
                        self.write(value, shape.member(&name), names)
                    ));
                }
                Worth::Blank => texts.push(format!("{}:{BLANK}", quoted(&name))),
                Worth::Nothing => {}
            }
            names.pop();
        }
        format!("{{{}}}", texts.join(","))
    }
}

/// SHA-256, hex.
pub(super) fn sha256(text: &str) -> String {
    use std::fmt::Write;
    let mut hex = String::with_capacity(64);
    for byte in Sha256::digest(text.as_bytes()) {
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}

/// A scalar as JSON.
pub(super) fn json(scalar: &Scalar<'_>) -> String {
    match scalar {
        Scalar::Null => "null".to_owned(),
        Scalar::Bool(value) => value.to_string(),
        Scalar::Number(_) => plain(scalar),
        Scalar::Text(_) | Scalar::Time(..) => quoted(&plain(scalar)),
    }
}

/// A scalar as people read it.
pub(super) fn plain(scalar: &Scalar<'_>) -> String {
    match scalar {
        Scalar::Null | Scalar::Bool(_) => json(scalar),
        Scalar::Number(NumberKey::Whole(whole)) => whole.to_string(),
        // The shortest text that reads back as the same double.
        Scalar::Number(NumberKey::Bits(bits)) => format!("{:e}", f64::from_bits(*bits)),
        Scalar::Text(text) => text.clone().into_owned(),
        Scalar::Time(seconds, nanos) => DateTime::from_timestamp(*seconds, *nanos).map_or_else(
            || format!("{seconds}.{nanos:09}"),
            |time| time.to_rfc3339_opts(SecondsFormat::AutoSi, true),
        ),
    }
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::diff::approval::subject::Names;
    use crate::sections;
    use crate::snapshot::document::{Document, Text};

    fn text(json: &str) -> String {
        let document = Document::parse(Arc::new(Text::new("t.json", format!("[{json}]")))).unwrap();
        let names = Names::of(sections::find("configuration.drifts").unwrap(), &[]);
        let item = document.root().at(0).unwrap();
        names.canon(item).text(&Spot { node: item, shape: Shape::Open, names: Vec::new() })
    }

    /// Files of approvals rest on this text: another version, another machine has to write the same.
    #[test]
    fn one_text_for_all_that_means_the_same() {
        let wanted = r#"{"a":[1,10,9],"b":{"x":null,"y":true},"id":"abcdef00-0000-4000-8000-000000000001","n":1.5e0,"s":"\u0000é\"","t":"2026-01-01T12:00:00Z","z":[[],{}]}"#;
        for json in [
            r#"{"id":"ABCDEF00-0000-4000-8000-000000000001","t":"2026-01-01T13:00:00.0+01:00","n":1.50,"a":[9,1e1,1.0],"b":{"y":true,"x":null},"z":[{},[]],"s":"\u0000\u00e9\""}"#,
            r#" { "z": [ [], {} ], "s": "\u0000é\u0022", "t":"2026-01-01T12:00:00Z", "b": {"x":null, "y":true}, "a": [10, 1, 9], "n": 15e-1, "id": "abcdef00-0000-4000-8000-000000000001" }"#,
        ] {
            assert_eq!(text(json), wanted);
        }
        // printf '%s' "$text" | sha256sum
        assert_eq!(sha256(wanted), "29518f2ebc222ea72a86c003a5015bb9673c6812d1eefa93ffff0da3f0f8dcbe");
    }

    #[test]
    fn what_means_something_else_has_another_text() {
        let texts = [
            "null",
            "false",
            "0",
            "\"\"",
            "\"0\"",
            "[]",
            "{}",
            "[null]",
            "[[]]",
            "[0,0]",
            "{\"a\":null}",
            "-0.5",
            "1e300",
        ];
        let all: std::collections::BTreeSet<String> = texts.iter().map(|json| text(json)).collect();
        assert_eq!(all.len(), texts.len());
        assert_eq!(text("9007199254740993"), "9007199254740993");
        assert_eq!(text("-0.0"), "0");
        assert_eq!(text("0.1"), "1e-1");
    }
}
