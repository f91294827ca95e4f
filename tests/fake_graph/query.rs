//! The query string: `$select`, `$expand`, `$filter`, `$top` and the rest, read strictly. Comes in:
//! text. Goes out: options, and items cut down to them. Not here: pages (`paging`).

use serde_json::{Map, Value};

use levelmark::sections::Section;

use super::filter::{self, Term};
use super::refusals::Refusal;
use super::rules;

/// What a request asks for.
#[derive(Debug, Clone, Default)]
pub(crate) struct Options {
    pub(crate) select: Option<Vec<String>>,
    pub(crate) expand: Vec<Expand>,
    pub(crate) filter: Vec<Term>,
    pub(crate) top: Option<usize>,
    pub(crate) skip: usize,
    pub(crate) count: bool,
    pub(crate) token: Option<String>,
    pub(crate) format: Option<String>,
    /// The window of a calendar view.
    pub(crate) start: Option<String>,
    pub(crate) end: Option<String>,
}

/// A property to be expanded, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Expand {
    pub(crate) field: String,
    pub(crate) select: Option<Vec<String>>,
    pub(crate) expand: Vec<Expand>,
}

/// Reads a query string. Options that Graph does not know, twice the same or without a sensible
/// value are refused.
pub(crate) fn parse(query: &str) -> Result<Options, Refusal> {
    let mut options = Options::default();
    let mut seen = Vec::new();
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        if seen.contains(&name) {
            return Err(bad(format!("Query option '{name}' was specified more than once.")));
        }
        let number = || value.parse().map_err(|_| bad(format!("Invalid value '{value}' for {name}.")));
        match name.as_ref() {
            "$select" => options.select = Some(names(&value)),
            "$expand" => options.expand = expands(&value).map_err(bad)?,
            "$filter" => options.filter = filter::parse(&value).map_err(bad)?,
            "$top" => options.top = Some(number()?),
            "$skip" => options.skip = number()?,
            "$count" => options.count = value == "true",
            "$skiptoken" => options.token = Some(value.into_owned()),
            "$format" => options.format = Some(value.into_owned()),
            "$orderby" | "$search" => {}
            "startDateTime" => options.start = Some(value.into_owned()),
            "endDateTime" => options.end = Some(value.into_owned()),
            _ => return Err(bad(format!("The query parameter '{name}' is not supported."))),
        }
        seen.push(name);
    }
    Ok(options)
}

fn bad(message: impl Into<String>) -> Refusal {
    Refusal::BadRequest(message.into())
}

fn names(list: &str) -> Vec<String> {
    list.split(',').map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect()
}

/// `a($select=x;$expand=b),c`
fn expands(text: &str) -> Result<Vec<Expand>, String> {
    split(text, ',').into_iter().map(expand).collect()
}

fn expand(text: &str) -> Result<Expand, String> {
    let Some((field, rest)) = text.split_once('(') else {
        return Ok(Expand { field: text.trim().to_owned(), select: None, expand: Vec::new() });
    };
    let inner = rest.strip_suffix(')').ok_or("Syntax error: parenthesis expected in $expand.")?;
    let mut read = Expand { field: field.trim().to_owned(), select: None, expand: Vec::new() };
    for option in split(inner, ';') {
        match option.split_once('=') {
            Some(("$select", list)) => read.select = Some(names(list)),
            Some(("$expand", list)) => read.expand = expands(list)?,
            _ => return Err(format!("Invalid $expand option '{option}'.")),
        }
    }
    Ok(read)
}

/// Splits outside of parentheses.
fn split(text: &str, at: char) -> Vec<&str> {
    let mut depth = 0_usize;
    text.split(|letter| {
        match letter {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        letter == at && depth == 0
    })
    .collect()
}

impl Options {
    /// Refuses what this section's type does not have.
    pub(crate) fn check(&self, section: &Section) -> Result<(), Refusal> {
        let contract = section.contract();
        for name in self.select.iter().flatten() {
            if contract.field(name).is_none() && !rules::hidden(section.id, name) {
                return Err(bad(format!(
                    "Could not find a property named '{name}' on type of {}.",
                    section.id
                )));
            }
        }
        for term in &self.filter {
            let first = term.field.split('/').next().unwrap_or_default();
            if contract.field(first).is_none() && !rules::hidden(section.id, first) {
                return Err(bad(format!("Could not find a property named '{first}' to filter by.")));
            }
        }
        for wanted in &self.expand {
            if !rules::expandable(section.id).contains(&wanted.field.as_str()) {
                return Err(bad(format!("Could not find a navigation property named '{}'.", wanted.field)));
            }
        }
        if self.expand.len() > 1 {
            return Err(bad("Only one property can be expanded per request."));
        }
        Ok(())
    }

    /// Cuts an item down to what is asked for.
    pub(crate) fn project(&self, item: &mut Value, section: &Section) {
        let Value::Object(members) = item else { return };
        let wanted = |name: &str| self.expand.iter().find(|expand| expand.field == name);
        for field in rules::expandable(section.id) {
            match (wanted(field), members.get_mut(*field)) {
                (Some(expand), Some(value)) => expand.project(value),
                (None, Some(_)) => drop(members.remove(*field)),
                (_, None) => {}
            }
        }
        let kept = |name: &str| match &self.select {
            Some(select) => select.iter().any(|selected| selected == name),
            None => rules::by_default(section.id, name),
        };
        members.retain(|name, _| name.starts_with('@') || wanted(name).is_some() || kept(name));
    }
}

/// Graph expands no more than this many objects of the directory per item.
const EXPANDED: usize = 20;

impl Expand {
    fn project(&self, value: &mut Value) {
        match value {
            Value::Array(values) => {
                if self.field == "owners" || self.field == "members" {
                    values.truncate(EXPANDED);
                }
                for inner in values {
                    self.project(inner);
                }
            }
            Value::Object(members) => self.members(members),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }

    fn members(&self, members: &mut Map<String, Value>) {
        let nested = |name: &str| self.expand.iter().any(|expand| expand.field == name);
        if self.field == "policy" && !nested("rules") {
            members.remove("rules");
        }
        if let Some(select) = &self.select {
            members.retain(|name, _| {
                name.starts_with('@') || nested(name) || select.iter().any(|one| one == name)
            });
        }
    }
}
