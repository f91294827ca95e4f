//! The files that people write, with pseudonyms: `levelmark.yaml` and `attestations.yaml`. Comes in: what
//! was read of them. Goes out: texts that read as the same with pseudonyms. Not here: files on disk.
//!
//! They are written anew and not edited: comments may hold names and are not carried over, and what a
//! configuration builds on (`extends`) stands in the one file.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use chrono::{DateTime, NaiveTime, SecondsFormat, Utc};
use serde_json::Value;

use super::{Redactor, forms};
use crate::config::drift::{Blank, DriftRule};
use crate::config::{AcceptedAnswer, Accepts, Answer, AnswerKind, Attestations, Config, Waiver, WaiverKind};
use crate::policy::compiled::Millionths;
use crate::snapshot::record::Redaction;

/// `levelmark.yaml`. `keys` are those of the snapshot's items (see [`super::Redacted`]).
#[must_use]
pub fn configuration(redactor: &Redactor, config: &Config, keys: &BTreeMap<String, String>) -> String {
    let mut out = Lines::new(redactor);
    out.map("params", &config.params, |name, given| written(&redactor.given(name, &given.value), "    "));
    out.map("targets", &config.targets, |_, target| match target.by {
        Some(by) => format!(" {{ level: {}, by: {by} }}", target.level),
        None => format!(" {}", target.level),
    });
    if !config.waivers.is_empty() {
        out.line("waivers:");
    }
    for waiver in &config.waivers {
        redactor.waiver(waiver, keys, &mut out);
    }
    if config.answers.is_some() {
        out.line("answers: attestations.yaml");
    }
    out.map("owners", &config.owners, |_, people| {
        written(&people.iter().map(|person| Value::from(redactor.text(person))).collect(), "    ")
    });
    redactor.drift(&config.drift, keys, &mut out);
    out.0
}

/// `attestations.yaml`
#[must_use]
pub fn attestations(redactor: &Redactor, file: &Attestations) -> String {
    let mut out = Lines::new(redactor);
    out.line(&format!("tenant: {}", redactor.text(&file.tenant)));
    out.line(if file.answers.is_empty() { "answers: []" } else { "answers:" });
    for answer in &file.answers {
        redactor.answer(answer, &mut out);
    }
    out.0
}

/// A file on its way.
struct Lines(String);

impl Lines {
    fn new(redactor: &Redactor) -> Self {
        let Redaction { key, words } = redactor.redaction();
        let words = words.map(|words| format!(", words: \"{words}\"")).unwrap_or_default();
        let head = "# Redacted: names, addresses, ids and texts are pseudonyms.\n";
        Self(format!("{head}redacted: {{ key: \"{key}\"{words} }}\n"))
    }

    fn line(&mut self, text: &str) {
        self.0.push_str(text);
        self.0.push('\n');
    }

    /// A map of the first level; none where it is empty.
    fn map<V>(&mut self, name: &str, values: &BTreeMap<String, V>, write: impl Fn(&str, &V) -> String) {
        if !values.is_empty() {
            self.line(&format!("{name}:"));
        }
        for (name, value) in values {
            self.line(&format!("  {}:{}", json(&Value::from(name.as_str())), write(name, value)));
        }
    }

    /// An item of a list: names and values, the first behind the dash.
    fn item(&mut self, pairs: &[(&str, Option<String>)]) {
        let mut dash = "- ";
        for (name, value) in pairs.iter().filter_map(|(name, value)| Some((name, value.as_ref()?))) {
            let gap = if value.starts_with('\n') { "" } else { " " };
            self.line(&format!("  {dash}{name}:{gap}{value}"));
            dash = "  ";
        }
    }
}

impl Redactor {
    /// A parameter's value with pseudonyms.
    #[must_use]
    pub fn given(&self, name: &str, value: &Value) -> Value {
        match value {
            // Versions are compared with those of devices, which stay. Numbers to call look like them: the name decides.
            Value::String(text) if name.contains("version") && forms::is_version(text) => value.clone(),
            Value::String(text) => Value::from(self.text(text)),
            Value::Array(items) => items.iter().map(|item| self.given(name, item)).collect(),
            Value::Object(members) => {
                members.iter().map(|(own, value)| (own.clone(), self.given(name, value))).collect()
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
        }
    }

    fn quoted(&self, text: &str) -> String {
        json(&Value::from(self.text(text)))
    }

    /// A key of an item: as the snapshot has it; where it has not, part by part.
    fn pinned(&self, key: &str, keys: &BTreeMap<String, String>) -> String {
        let own = || key.split(',').map(|part| self.text(part)).collect::<Vec<_>>().join(",");
        keys.get(&key.to_lowercase()).cloned().unwrap_or_else(own)
    }

    /// What an organisation leaves out of drift. Names of properties become what they become in items; a key is an
    /// item's.
    fn drift(&self, rules: &[DriftRule], keys: &BTreeMap<String, String>, out: &mut Lines) {
        let key = |key: &String| self.pinned(key, keys);
        for (at, (name, alike)) in [("ignore", false), ("alike", true)].into_iter().enumerate() {
            let mut own = rules.iter().filter(|rule| rule.alike.is_some() == alike).peekable();
            if own.peek().is_none() {
                continue;
            }
            if at == 0 || rules.iter().all(|rule| rule.alike.is_some()) {
                out.line("drift:");
            }
            out.line(&format!("  {name}:"));
            for rule in own {
                let word = |blank: &Blank| match blank {
                    Blank::Absent => "absent",
                    Blank::Null => "\"null\"",
                    Blank::Empty => "empty",
                };
                let alike =
                    rule.alike.as_ref().map(|kinds| kinds.iter().map(word).collect::<Vec<_>>().join(", "));
                out.item(&[
                    ("section", Some(json(&Value::from(rule.scope.to_string())))),
                    ("path", rule.path.as_ref().map(|own| json(&Value::from(self.path(&own.to_string()))))),
                    ("key", rule.key.as_ref().map(|pinned| json(&Value::from(key(pinned))))),
                    ("values", alike.map(|kinds| format!("[{kinds}]"))),
                    ("reason", Some(self.quoted(&rule.reason))),
                ]);
            }
        }
    }

    fn waiver(&self, waiver: &Waiver, keys: &BTreeMap<String, String>, out: &mut Lines) {
        let key = |key: &String| self.pinned(key, keys);
        let accepts = match &waiver.accepts {
            Accepts::Keys(pinned) => {
                let keys = pinned.iter().map(|pinned| Value::from(key(pinned))).collect();
                format!("\n      keys:{}", written(&keys, "        "))
            }
            Accepts::Count(count) => format!("{{ count: {count} }}"),
            Accepts::Share { at_least: Some(least), .. } => {
                format!("{{ share: {{ at_least: {} }} }}", fraction(*least))
            }
            Accepts::Share { at_least: None, at_most } => {
                format!("{{ share: {{ at_most: {} }} }}", fraction(at_most.unwrap_or_default()))
            }
            Accepts::Answer(AcceptedAnswer::No) => "{ answer: no }".to_owned(),
            Accepts::Answer(AcceptedAnswer::Partly) => "{ answer: partly }".to_owned(),
        };
        let kind = match waiver.kind {
            WaiverKind::AcceptedRisk => "accepted-risk",
            WaiverKind::Compensating => "compensating",
        };
        out.item(&[
            ("check", Some(json(&Value::from(waiver.check.to_string())))),
            ("kind", Some(kind.to_owned())),
            ("accepts", Some(accepts)),
            ("reason", Some(self.quoted(&waiver.reason))),
            ("owner", Some(self.quoted(&waiver.owner))),
            ("approved_by", Some(self.quoted(&waiver.approved_by))),
            ("on", Some(moment(waiver.on))),
            ("expires", Some(moment(waiver.expires))),
            ("evidence", waiver.evidence.as_ref().map(|text| self.quoted(text))),
        ]);
    }

    fn answer(&self, answer: &Answer, out: &mut Lines) {
        let kind = match answer.answer {
            AnswerKind::Yes => "yes",
            AnswerKind::Partly => "partly",
            AnswerKind::No => "no",
            AnswerKind::NotApplicable => "not-applicable",
        };
        out.item(&[
            ("check", Some(json(&Value::from(answer.check.to_string())))),
            ("answer", Some(kind.to_owned())),
            ("on", Some(moment(answer.on))),
            ("expires", answer.expires.map(moment)),
            ("by", Some(self.quoted(&answer.by))),
            ("evidence", answer.evidence.as_ref().map(|text| self.quoted(text))),
            ("reason", answer.reason.as_ref().map(|text| self.quoted(text))),
        ]);
    }
}

/// A value behind its name; the items of a list each on a line of their own, since lines have a limit.
fn written(value: &Value, indent: &str) -> String {
    match value {
        Value::Array(items) if !items.is_empty() => {
            items.iter().map(|item| format!("\n{indent}- {}", json(item))).collect()
        }
        other => format!(" {}", json(other)),
    }
}

/// JSON is YAML; what YAML does not print is escaped.
fn json(value: &Value) -> String {
    let text = value.to_string();
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match u32::from(letter) {
            code @ (0x7f..=0xffff) if !letter.is_alphanumeric() => drop(write!(out, "\\u{code:04x}")),
            _ => out.push(letter),
        }
    }
    out
}

fn fraction(parts: Millionths) -> String {
    format!("{}.{:06}", parts / 1_000_000, parts % 1_000_000)
}

fn moment(at: DateTime<Utc>) -> String {
    if at.time() == NaiveTime::MIN {
        at.date_naive().to_string()
    } else {
        at.to_rfc3339_opts(SecondsFormat::AutoSi, true)
    }
}

#[cfg(test)]
#[path = "tests/files.rs"]
mod tests;
