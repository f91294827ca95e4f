//! What only the admin centre shows, copied by a person: Message Center preferences, service health
//! notifications, Planner sync, release preferences. Comes in: answers, asked one by one or from a
//! table. Goes out: a section of a draft, with who declared it and until when it counts. Not here:
//! saved admin-centre responses (`import::portal`), attestations.
//!
//! A section has one record of who declared it and until when. Where items of an earlier declaration
//! stay beside new ones, the earliest date and the earliest expiry count for all of them: a section is
//! as fresh as its oldest item. `by` is the person of the newest declaration. Declaring every
//! administrator anew renews the whole section. A declaration does not move the snapshot's evidence
//! time: it says what is set, not what happened.

mod answer;
mod ask;
mod form;
mod table;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use miette::Diagnostic;
use serde_json::Value;
use thiserror::Error;

pub use ask::ask;
pub(crate) use ask::{Line, line};
pub use form::{FORMS, Form, Kind, Question, When};
pub use table::{read, template};

use crate::import::ImportError;
use crate::sections::{Via, find};
use crate::snapshot::Draft;
use crate::snapshot::record::{Declared, SectionRecord, State};

/// How long a declaration counts unless said otherwise: the P90D of the design.
pub const DEFAULT_DAYS: i64 = 90;

/// Why a declaration can't work.
#[derive(Debug, Error, Diagnostic)]
pub enum DeclareError {
    /// A section that nobody declares.
    #[error("the section `{section}` can't be declared")]
    #[diagnostic(code(levelmark::declare::section), help("{help}"))]
    Section {
        /// What was given.
        section: String,
        /// Which can.
        help: String,
    },
    /// Not a name and mail address.
    #[error("`{given}` is not a name with a mail address")]
    #[diagnostic(
        code(levelmark::declare::by),
        help("say who you are, e.g. `--by \"Alex Miller <alex@contoso.com>\"`")
    )]
    By {
        /// What was given.
        given: String,
    },
    /// It would never count.
    #[error("it would expire on {expires}, before it starts to count on {on}")]
    #[diagnostic(code(levelmark::declare::expires))]
    Expires {
        /// Start.
        on: DateTime<Utc>,
        /// End.
        expires: DateTime<Utc>,
    },
    /// Mistakes in a table, all of them.
    #[error("{name}: {}", list(.mistakes))]
    #[diagnostic(code(levelmark::declare::table), help("the columns are: {columns}"))]
    Table {
        /// File.
        name: String,
        /// What is wrong, in order of lines.
        mistakes: Vec<Mistake>,
        /// Headers that the table may have.
        columns: String,
    },
    /// The table can't be read at all.
    #[error(transparent)]
    #[diagnostic(transparent)]
    File(#[from] ImportError),
}

/// A mistake in a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// Line in the file, from 1.
    pub line: u64,
    /// Header of the column; empty = the whole line.
    pub column: String,
    /// What is wrong, lower case.
    pub message: String,
}

fn list(mistakes: &[Mistake]) -> String {
    let lines = mistakes.iter().map(|mistake| match mistake.column.as_str() {
        "" => format!("\n  line {}: {}", mistake.line, mistake.message),
        column => format!("\n  line {}, {column}: {}", mistake.line, mistake.message),
    });
    format!("{} mistakes{}", mistakes.len(), lines.collect::<String>())
}

/// The questionnaire of a section.
///
/// # Errors
/// The section is not one that people declare.
pub fn form(section: &str) -> Result<&'static Form, DeclareError> {
    Form::find(section).ok_or_else(|| DeclareError::Section {
        section: section.into(),
        help: match find(section) {
            Some(_) => format!("it is collected or imported; declared are {}", declarable()),
            None => format!("declared are {}", declarable()),
        },
    })
}

fn declarable() -> String {
    FORMS.iter().map(|form| form.section).collect::<Vec<_>>().join(", ")
}

/// Who declares, from when and until when; without `expires` for [`DEFAULT_DAYS`].
///
/// # Errors
/// `by` is no name with a mail address, or it would expire before it starts.
pub fn declared(
    by: &str,
    on: DateTime<Utc>,
    expires: Option<DateTime<Utc>>,
) -> Result<Declared, DeclareError> {
    let by = by.trim();
    let (name, mail) = by.strip_suffix('>').and_then(|rest| rest.split_once('<')).unwrap_or_default();
    let mail = answer::read(Kind::SignInName, mail);
    if name.trim().is_empty() || name.chars().any(char::is_control) || mail.is_err() {
        return Err(DeclareError::By { given: by.into() });
    }
    let expires = expires.unwrap_or_else(|| on + TimeDelta::days(DEFAULT_DAYS));
    if expires <= on {
        return Err(DeclareError::Expires { on, expires });
    }
    Ok(Declared { by: by.into(), on, expires })
}

/// What a snapshot knows already: it becomes the default of an answer.
#[derive(Debug, Default)]
pub struct Known {
    /// Items of the section.
    items: Vec<Value>,
    /// Object ids of accounts by sign-in name in lower case.
    ids: BTreeMap<String, String>,
}

impl Known {
    /// Takes the section's own items, and the accounts for their ids.
    pub fn of(draft: &Draft, form: &Form) -> Self {
        let text = |item: &Value, name: &str| item.get(name).and_then(Value::as_str).map(str::to_string);
        let accounts = draft.data.get("users.accounts").into_iter().flatten();
        let pair = |item: &Value| Some((text(item, "userPrincipalName")?.to_lowercase(), text(item, "id")?));
        Self {
            items: draft.data.get(form.section).cloned().unwrap_or_default(),
            ids: accounts.filter_map(pair).collect(),
        }
    }

    /// The item about the same administrator, or the tenant's only one.
    fn item(&self, form: &Form, like: &Value) -> Option<&Value> {
        self.items.iter().find(|item| answer::same_administrator(form, item, like))
    }

    fn id(&self, sign_in_name: &str) -> Option<&String> {
        self.ids.get(&sign_in_name.to_lowercase())
    }
}

/// Puts declared items into a draft. Items about the same administrator are replaced, others stay.
/// Returns what people should know.
pub fn declare(draft: &mut Draft, form: &Form, items: Vec<Value>, mut declared: Declared) -> Vec<String> {
    let mut notes = Vec::new();
    let before = draft.manifest.sections.get(form.section);
    let earlier = before.and_then(|record| record.declared.clone());
    let mut kept = draft.data.remove(form.section).unwrap_or_default();
    if earlier.is_none() && !kept.is_empty() {
        notes.push(format!("what {} had from elsewhere is replaced", form.section));
        kept.clear();
    }
    kept.retain(|old| !items.iter().any(|new| answer::same_administrator(form, old, new)));
    if let Some(earlier) = earlier.filter(|_| !kept.is_empty()) {
        declared.on = declared.on.min(earlier.on);
        declared.expires = declared.expires.min(earlier.expires);
        notes.push(format!(
            "{} administrators of an earlier declaration ({}) stay; so the whole section counts from {} to {}. Declare them again to renew it",
            kept.len(),
            earlier.by,
            declared.on.format("%Y-%m-%d"),
            declared.expires.format("%Y-%m-%d")
        ));
    }
    let items: Vec<Value> = kept.into_iter().chain(items).collect();
    let record = SectionRecord {
        state: State::Read,
        via: Some(Via::Declared),
        source: Some(form.place.into()),
        at: Some(declared.on),
        items: Some(items.len() as u64),
        fields: None,
        without: BTreeMap::new(),
        from: None,
        needs: None,
        code: None,
        reason: None,
        requests: Vec::new(),
        sha256: None,
        declared: Some(declared),
    };
    draft.data.insert(form.section.into(), items);
    draft.manifest.sections.insert(form.section.into(), record);
    notes
}
