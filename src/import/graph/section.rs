//! Joins the bodies of a section. Comes in: pages and refusals. Goes out: items and a record that
//! tells what is missing. Not here: files, other sections.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::body::{Body, Page};
use super::item::{forget_secrets, moment};
use super::refusal::Refusal;
use crate::import::ImportError;
use crate::import::harvest::{Listed, missing, record};
use crate::import::values::unfold;
use crate::sections::{self, Section, Shape};
use crate::snapshot::record::{SectionRecord, State};

/// Everything that was found of one section.
#[derive(Debug)]
pub(super) struct Gathered {
    pub(super) section: &'static Section,
    pages: Vec<Page>,
    refusals: Vec<Refusal>,
    /// The last page of a chain names a next one.
    broken: bool,
}

impl Gathered {
    /// Nothing yet.
    pub(super) fn new(section: &'static Section) -> Self {
        Self { section, pages: Vec::new(), refusals: Vec::new(), broken: false }
    }

    /// Adds one body. `object` is what a folder of its own is named after.
    pub(super) fn add(&mut self, body: Body, object: Option<&str>, name: &str) -> Result<(), ImportError> {
        let mut page = match body {
            Body::Refusal(refusal) => {
                self.refusals.push(refusal);
                return Ok(());
            }
            Body::Page(page) => page,
        };
        let over = self.section.graph.and_then(|graph| graph.over);
        if let (Some(object), Some(over)) = (object, over) {
            // A folder is named after the object's id; what else is joined only the script can tell.
            for (_, field) in over.joins.iter().filter(|(from, _)| *from == "id") {
                for item in &mut page.items {
                    item.entry(*field).or_insert_with(|| Value::String(object.into()));
                }
            }
        }
        self.fits(&page, name)?;
        self.pages.push(page);
        Ok(())
    }

    /// Says that the pages of one request are all there.
    pub(super) fn end_of_chain(&mut self) {
        self.broken |= self.pages.last().is_some_and(|page| page.more);
    }

    /// A body that says it is of another section, or whose items have no key, is not this section's.
    fn fits(&self, page: &Page, name: &str) -> Result<(), ImportError> {
        let wrong =
            |what: String, help: Option<String>| Err(ImportError::Kind { name: name.into(), what, help });
        if let Some(context) = &page.context
            && let Some(other) = of_path(&context.path)
            && other.id != self.section.id
            && !same_path(self.section, &context.path)
        {
            let help = Some(format!("import it with `--section {}`", other.id));
            return wrong(format!("it is of the section {}, not of {}", other.id, self.section.id), help);
        }
        // What says that it is of this section is believed.
        let confirmed = page.context.as_ref().is_some_and(|context| same_path(self.section, &context.path));
        let Some(first) = self.section.key.first().filter(|_| !confirmed) else { return Ok(()) };
        let keyed = |item: &Map<String, Value>| lookup(item, first).is_some();
        if !page.items.is_empty() && !page.items.iter().any(keyed) {
            let joined = over_joins(self.section, first);
            let help = Some(match joined {
                true => format!(
                    "put the files into a folder named after the object ({first}) that they were read for"
                ),
                false => "if the request had a $select, it must name it too".into(),
            });
            return wrong(
                format!("no item has `{first}`, which every item of {} has", self.section.id),
                help,
            );
        }
        Ok(())
    }

    /// The items and their record, as Graph's or as PowerShell's objects.
    pub(super) fn finish(self, name: &str) -> Result<(Vec<Value>, SectionRecord, Vec<String>), ImportError> {
        let Some(first) = self.refusals.first() else { return self.read(name, None) };
        if self.pages.iter().all(|page| page.items.is_empty()) {
            let record = first.record(self.section);
            let requests =
                self.refusals.iter().flat_map(|refusal| refusal.record(self.section).requests).collect();
            return Ok((Vec::new(), SectionRecord { requests, ..record }, Vec::new()));
        }
        let refused = first.record(self.section);
        let requests = self.pages.len() + self.refusals.len();
        let reason = format!(
            "{} of {requests} requests were refused{}",
            self.refusals.len(),
            refused.reason.as_deref().map_or_else(String::new, |reason| format!(": {reason}"))
        );
        self.read(name, Some(SectionRecord { reason: Some(reason), ..refused }))
    }

    fn read(
        self,
        name: &str,
        refused: Option<SectionRecord>,
    ) -> Result<(Vec<Value>, SectionRecord, Vec<String>), ImportError> {
        let section = self.section;
        let mut gaps: Vec<String> = refused.iter().filter_map(|refused| refused.reason.clone()).collect();
        gaps.extend(self.gaps());
        let selected = selection(&self.pages);
        let told = self.pages.iter().all(|page| page.context.is_some());
        let mut notes = Vec::new();
        let (rows, double) = distinct(self.pages.into_iter().flat_map(|page| page.items), section);
        if double > 0 {
            notes.push(format!("in {}, {double} items came twice; the later one is kept", section.id));
        }
        if section.shape == Shape::Singleton && rows.len() > 1 {
            let what = format!("{} is one object, but {} came", section.id, rows.len());
            return Err(ImportError::Kind { name: name.into(), what, help: None });
        }
        if section.shape == Shape::Singleton && rows.is_empty() {
            return Ok((
                Vec::new(),
                missing(State::Failed, "the answer held nothing, though there is always one"),
                notes,
            ));
        }
        let mut listed = taken(rows, section);
        gaps.extend(cut(&mut listed));
        let mut record = record(if gaps.is_empty() { State::Read } else { State::Partial });
        record.fields = fields(section, &listed, selected, told);
        record.without = std::mem::take(&mut listed.without);
        record.reason = (!gaps.is_empty()).then(|| gaps.join("; "));
        if let Some(refused) = refused {
            record = SectionRecord {
                needs: refused.needs,
                code: refused.code,
                requests: refused.requests,
                ..record
            };
        }
        if section.kind == sections::Kind::Log {
            record.from = listed.items.iter().filter_map(moment).min();
        }
        Ok((listed.items, record, notes))
    }

    /// What the pages say is missing.
    fn gaps(&self) -> Vec<String> {
        let mut gaps = Vec::new();
        if self.broken {
            gaps.push("the last page names a next one that is not there".into());
        }
        let found: usize = self.pages.iter().map(|page| page.items.len()).sum();
        let alone = self.section.graph.is_none_or(|graph| graph.over.is_none());
        if let Some(count) = self.pages.iter().filter_map(|page| page.count).max()
            && alone
            && count > found as u64
        {
            gaps.push(format!("{found} of {count} items that the service counted"));
        }
        let single = self.pages.iter().any(|page| page.single);
        if single && self.section.shape == Shape::List {
            gaps.push("single objects, not the whole list".into());
        }
        gaps
    }
}

/// Whether a property is not the items' own but that of the object they were read for.
fn over_joins(section: &Section, field: &str) -> bool {
    let over = section.graph.and_then(|graph| graph.over);
    over.is_some_and(|over| over.joins.iter().any(|(_, name)| *name == field))
}

/// The section that is served at this path of a metadata address.
fn of_path(path: &str) -> Option<&'static Section> {
    sections::all().find(|section| same_path(section, path))
}

/// The section to which a body's own metadata address points.
pub(super) fn told(page: &Page) -> Option<&'static Section> {
    of_path(&page.context.as_ref()?.path)
}

fn same_path(section: &Section, path: &str) -> bool {
    section.graph.is_some_and(|graph| graph.path.trim_start_matches('/').eq_ignore_ascii_case(path))
}

/// What was selected in every page; `None` if any page has no selection.
fn selection(pages: &[Page]) -> Option<BTreeSet<String>> {
    let mut sets = pages.iter().map(|page| page.context.as_ref()?.selected.clone());
    let first = sets.next()??;
    sets.try_fold(first, |all, next| Some(all.intersection(&next?).cloned().collect()))
}

/// Which first-level properties were asked for. A settings section is whole unless it was selected
/// from. Elsewhere Graph leaves out what was not asked for, so only what was seen counts as asked.
fn fields(
    section: &Section,
    listed: &Listed,
    selected: Option<BTreeSet<String>>,
    told: bool,
) -> Option<Vec<String>> {
    let whole = section.kind == sections::Kind::Settings && section.fields.is_none() && told;
    let asked = match selected {
        // What is joined from elsewhere stands in no selection.
        Some(mut selected) => {
            selected.extend(listed.fields.iter().cloned());
            selected
        }
        None if whole || listed.items.is_empty() => return None,
        None => listed.fields.clone(),
    };
    let kept =
        asked.into_iter().filter(|name| section.fields.is_none_or(|fields| fields.contains(&name.as_str())));
    Some(kept.collect())
}

/// The items with the section's fields. Objects of the PowerShell SDK are told by their names.
fn taken(rows: Vec<Map<String, Value>>, section: &Section) -> Listed {
    let foreign = rows.iter().any(|row| {
        row.contains_key("AdditionalProperties") || row.contains_key("Id") && !row.contains_key("id")
    });
    let mut listed = if foreign {
        let rows: Vec<_> = rows.into_iter().map(unfold).collect();
        let names: BTreeSet<String> = rows.iter().flat_map(|row| row.keys().cloned()).collect();
        Listed::take(rows, &names.iter().map(String::as_str).collect::<Vec<_>>())
    } else {
        Listed { items: rows.into_iter().map(Value::Object).collect(), ..Listed::default() }
    };
    for item in &mut listed.items {
        forget_secrets(item);
        if let (Some(members), Some(fields)) = (item.as_object_mut(), section.fields) {
            members.retain(|name, _| fields.contains(&name.as_str()) || name.contains("@odata."));
        }
    }
    listed.fields = names(&listed.items);
    unexpanded(&mut listed, section);
    listed
}

fn names(items: &[Value]) -> BTreeSet<String> {
    let names = items.iter().filter_map(Value::as_object).flat_map(Map::keys);
    names.filter(|name| !name.starts_with('@') && !name.contains("@odata.")).cloned().collect()
}

/// What the section's own request expands and this one did not is missing, not empty.
fn unexpanded(listed: &mut Listed, section: &Section) {
    if listed.items.is_empty() {
        return;
    }
    let query = section.query();
    for part in query.split('&').filter_map(|part| part.strip_prefix("$expand=")) {
        for name in part.split(',').filter_map(|name| name.split(['(', '/']).next()) {
            let plain = name.chars().all(|letter| letter.is_ascii_alphanumeric());
            if plain && !name.is_empty() && !listed.fields.contains(name) {
                listed.without.insert(name.into(), "the request did not expand it".into());
            }
        }
    }
}

/// Expanded lists that go on elsewhere: Graph cuts them and says so in an annotation.
fn cut(listed: &mut Listed) -> Option<String> {
    let mut cut = BTreeSet::new();
    for item in listed.items.iter().filter_map(Value::as_object) {
        cut.extend(item.keys().filter_map(|name| name.strip_suffix("@odata.nextLink")).map(str::to_string));
    }
    let names = cut.into_iter().collect::<Vec<_>>().join(", ");
    (!names.is_empty())
        .then(|| format!("the expanded {names} of some items go on in pages that are not there"))
}

/// Items by key, a later one in place of an earlier. Windows of a log overlap at their ends.
fn distinct(
    rows: impl Iterator<Item = Map<String, Value>>,
    section: &Section,
) -> (Vec<Map<String, Value>>, usize) {
    let (mut kept, mut keyless, mut double) = (BTreeMap::new(), Vec::new(), 0);
    for row in rows {
        let key: Option<Vec<String>> =
            section.key.iter().map(|name| lookup(&row, name).map(Value::to_string)).collect();
        match key.filter(|key| !key.is_empty()) {
            Some(key) => double += usize::from(kept.insert(key, row).is_some()),
            None => keyless.push(row),
        }
    }
    (kept.into_values().chain(keyless).collect(), double)
}

/// A member by a dotted path, in Graph's or the SDK's case.
fn lookup<'m>(item: &'m Map<String, Value>, path: &str) -> Option<&'m Value> {
    let mut steps = path.split('.');
    let first = steps.next()?;
    let start = item.iter().find(|(name, _)| name.eq_ignore_ascii_case(first)).map(|(_, value)| value)?;
    let end = steps.try_fold(start, |at, step| {
        at.as_object()?.iter().find(|(name, _)| name.eq_ignore_ascii_case(step)).map(|(_, value)| value)
    })?;
    (!end.is_null()).then_some(end)
}
