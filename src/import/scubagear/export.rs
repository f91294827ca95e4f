//! A ScubaGear export as it lies in the file: its lists, whatever form PowerShell gave them, and
//! which collecting commands worked. Comes in: the parsed file. Goes out: rows and what became of
//! their command. Not here: which section they belong to.

use serde_json::{Map, Value};

use crate::import::harvest::{Listed, missing, record};
use crate::import::values::unfold;
use crate::snapshot::record::{SectionRecord, State};

/// What the export says of a collecting command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ran {
    /// Listed as successful, never as unsuccessful.
    Well,
    /// Listed as unsuccessful.
    Badly,
    /// In neither list.
    Untold,
}

/// An export.
#[derive(Debug)]
pub(super) struct Export {
    fields: Map<String, Value>,
    well: Vec<String>,
    badly: Vec<String>,
    /// What a section's `source` opens with: program, version, file.
    label: String,
}

impl Export {
    /// `fields` are the members of the file's outermost object.
    pub(super) fn new(fields: Map<String, Value>, file: &str) -> Self {
        let version = fields.get("module_version").and_then(Value::as_str).unwrap_or("of unknown version");
        let label = format!("ScubaGear {version}, {file}");
        let listed = |ending: &str| {
            let lists = fields.iter().filter(|(key, _)| key.ends_with(ending));
            let names = lists.filter_map(|(_, list)| list.as_array()).flatten();
            names.filter_map(Value::as_str).map(stem).collect::<Vec<_>>()
        };
        // "_unsuccessful_commands" ends with neither of the other's letters before it: no overlap.
        let (well, badly) = (listed("_successful_commands"), listed("_unsuccessful_commands"));
        Self { fields, well, badly, label }
    }

    /// The outermost members.
    pub(super) fn fields(&self) -> &Map<String, Value> {
        &self.fields
    }

    /// What became of any of these commands.
    pub(super) fn ran(&self, commands: &[&str]) -> Ran {
        let among = |list: &[String]| commands.iter().any(|command| list.contains(&stem(command)));
        if among(&self.badly) {
            Ran::Badly
        } else if among(&self.well) {
            Ran::Well
        } else {
            Ran::Untold
        }
    }

    /// A list of the file: `None` where the file has no such key. One object stands for a list of
    /// one, `[null]` and `{}` for an empty list; names are Graph's, `AdditionalProperties` unfolded.
    pub(super) fn rows(&self, key: &str) -> Option<Vec<Map<String, Value>>> {
        let rows = match self.fields.get(key)? {
            Value::Array(items) => items.clone(),
            Value::Object(members) if members.is_empty() => Vec::new(),
            Value::Object(members) => vec![Value::Object(members.clone())],
            Value::Null => Vec::new(),
            Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
        };
        let objects = rows.into_iter().filter_map(|row| match row {
            Value::Object(members) => Some(unfold(members)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => None,
        });
        Some(objects.collect())
    }

    /// Where a section came from.
    pub(super) fn source(&self, commands: &[&str]) -> String {
        match commands.first() {
            Some(command) => format!("{}: {command}", self.label),
            None => self.label.clone(),
        }
    }

    /// The record of a section that has no rows. `None`: the export has nothing to say of it.
    pub(super) fn empty(&self, key: &str, commands: &[&str]) -> Option<SectionRecord> {
        let command = commands.first().copied().unwrap_or("its command");
        let failed = |why: String| {
            Some(SectionRecord { source: Some(self.source(commands)), ..missing(State::Failed, why) })
        };
        match (self.ran(commands), self.fields.contains_key(key)) {
            (Ran::Badly, _) => {
                failed(format!("{command} failed when the export was made; it does not say why"))
            }
            (Ran::Untold, true) => failed(format!(
                "`{key}` is empty and the export does not say whether {command} worked, so it may be a failure"
            )),
            (Ran::Well, true) => {
                Some(SectionRecord { source: Some(self.source(commands)), ..record(State::Read) })
            }
            (Ran::Well | Ran::Untold, false) => None,
        }
    }

    /// The record of a section that has rows. What worked partly, or was never meant to be whole, is
    /// partial; `gap` says what is missing anyway.
    pub(super) fn found(&self, listed: &Listed, commands: &[&str], gap: Option<String>) -> SectionRecord {
        let broken = (self.ran(commands) == Ran::Badly).then(|| {
            let command = commands.first().copied().unwrap_or("its command");
            format!("{command} failed at least once when the export was made")
        });
        let reasons: Vec<String> = broken.into_iter().chain(gap).collect();
        let state = if reasons.is_empty() { State::Read } else { State::Partial };
        SectionRecord {
            source: Some(self.source(commands)),
            reason: (!reasons.is_empty()).then(|| reasons.join("; ")),
            ..listed.record(state)
        }
    }
}

/// A command's name without what differs between the SDK's beta and v1.0 modules.
fn stem(command: &str) -> String {
    command.to_ascii_lowercase().replacen("-mgbeta", "-mg", 1)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn export(value: Value) -> Export {
        let Value::Object(fields) = value else { panic!("an object") };
        Export::new(fields, "e.json")
    }

    #[test]
    fn one_object_stands_for_a_list_of_one() {
        let export = export(json!({
            "one": {"Id": "x"}, "many": [{"Id": "x"}, {"Id": "y"}], "none": [], "null": [null], "bare": null, "hash": {},
        }));
        let lengths = ["one", "many", "none", "null", "bare", "hash", "absent"]
            .map(|key| export.rows(key).map(|r| r.len()));
        assert_eq!(lengths, [Some(1), Some(2), Some(0), Some(0), Some(0), Some(0), None]);
    }

    #[test]
    fn an_empty_list_is_read_only_if_its_command_worked() {
        let export = export(json!({
            "a_successful_commands": ["Get-MgBetaOne", "Get-MgBoth"], "a_unsuccessful_commands": ["Get-MgTwo", "Get-MgBoth"],
            "list": [],
        }));
        let state = |key, command: &str| export.empty(key, &[command]).map(|record| record.state);
        assert_eq!(state("list", "Get-MgOne"), Some(State::Read));
        assert_eq!(state("list", "Get-MgTwo"), Some(State::Failed));
        assert_eq!(state("list", "Get-MgBoth"), Some(State::Failed));
        assert_eq!(state("list", "Get-MgThree"), Some(State::Failed));
        assert_eq!(state("absent", "Get-MgTwo"), Some(State::Failed));
        assert_eq!(state("absent", "Get-MgOne"), None);
        assert_eq!(state("absent", "Get-MgThree"), None);
    }
}
