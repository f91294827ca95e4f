//! Values as one text that is the same for whatever means the same, on every machine and in every version: what an
//! approval pins is its SHA-256. Comes in: nodes with their types, and the rules that leave properties out. Goes out:
//! text, digests. Not here: which value is pinned (`pin`), fingerprints of one run (`fingerprint`).
//!
//! The text is JSON without blanks: members in order of their names' bytes, elements of sets in order of their texts,
//! numbers by value, GUIDs in lower case, times in UTC. What a rule leaves out of a comparison is left out here, too:
//! else a time of last use would end every approval of the object that it stands in.

use std::borrow::Cow;

use chrono::{DateTime, SecondsFormat};
use sha2::{Digest, Sha256};

use crate::diff::model::Side;
use crate::diff::noise::{Rules, What};
use crate::diff::normal::Scalar;
use crate::diff::shape::{Orders, Shape};
use crate::snapshot::document::{Kind, NodeRef};
use crate::snapshot::number::NumberKey;

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

    /// Whether a rule says that a value is as good as none.
    pub fn is_left_out(&self, node: NodeRef<'s>, names: &[Cow<'s, str>]) -> bool {
        let names: Vec<&str> = names.iter().map(|name| &**name).collect();
        let side = Side::Value(node);
        self.rules.covering(What::Property(&names, side, side), self.item).is_some()
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
            if !self.is_left_out(value, names) {
                texts.push(format!("{}:{}", quoted(&name), self.write(value, shape.member(&name), names)));
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
        Scalar::Time(seconds, nanos) => DateTime::from_timestamp(*seconds, *nanos)
            .map_or_else(|| format!("{seconds}.{nanos:09}"), |time| time.to_rfc3339_opts(SecondsFormat::AutoSi, true)),
    }
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
