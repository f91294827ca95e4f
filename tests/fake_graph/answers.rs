//! Answers to those who may ask: lists in pages, single objects, reports. Comes in: a section, its items,
//! the options. Goes out: a body. Not here: tokens, quotas, which path leads where (`service`).

use levelmark::sections::{Section, Shape};
use serde_json::{Value, json};

use super::looks::Spelling;
use super::query::Options;
use super::refusals::Refusal;
use super::reply::{Ask, Reply};
use super::service::{Service, file_name};
use super::settings::Singletons;
use super::tenant::Items;
use super::{paging, reports, rules};

impl Service {
    pub(super) fn report(
        &self,
        section: &Section,
        version: &str,
        options: &Options,
    ) -> Result<Reply, Refusal> {
        let rows = self.tenant.shelf(section.id)?;
        let period = reports::period(section.graph.map_or("", |graph| graph.path));
        match (version, options.format.as_deref()) {
            ("beta", Some("application/json")) => {
                let rows = reports::rows(section.id, rows, period);
                Ok(Reply::json(200, self.with_context(section, json!({ "value": rows }))))
            }
            (_, None | Some("text/csv")) => {
                Ok(Reply::redirect(format!("{}/data/download/{}", self.elsewhere, file_name(section))))
            }
            (_, Some(other)) => Err(Refusal::BadRequest(format!("The format '{other}' is not supported."))),
        }
    }

    pub(super) fn section(
        &self,
        section: &Section,
        items: &Items<'_>,
        ask: &Ask,
        options: &Options,
    ) -> Result<Reply, Refusal> {
        options.check(section)?;
        rules::insist(section, options, self.settings.today)?;
        if section.shape == Shape::List {
            return self.list(section, items, ask, options);
        }
        let item = items.get(0).ok_or(Refusal::NotFound)?;
        let item = self.shown(item, section, ask, options);
        Ok(Reply::json(
            200,
            match self.settings.singletons {
                Singletons::Bare => self.with_context(section, item),
                Singletons::Wrapped => json!({ "value": item }),
                Singletons::Listed => json!({ "value": [item] }),
            },
        ))
    }

    pub(super) fn list(
        &self,
        section: &Section,
        items: &Items<'_>,
        ask: &Ask,
        options: &Options,
    ) -> Result<Reply, Refusal> {
        let matching = matching(section, items, options);
        let length = matching.as_ref().map_or_else(|| items.len(), Vec::len);
        let pages = rules::pages(section.id);
        let mut options = options.clone();
        let heavy =
            options.select.as_ref().is_some_and(|select| select.iter().any(|name| name == "signInActivity"));
        if heavy {
            // https://learn.microsoft.com/graph/api/user-list: more is answered with pages of 500.
            options.top = options.top.map(|top| if top <= pages.most { top.min(500) } else { top });
        }
        let page = paging::page(length, (ask, &self.address), &options, pages, &self.settings)?;
        let at =
            |index: usize| matching.as_ref().map_or(Some(index), |matching| matching.get(index).copied());
        let value: Vec<Value> = (page.from..page.to)
            .filter_map(|index| items.get(at(index)?))
            .map(|item| self.shown(item, section, ask, &options))
            .collect();
        let mut body = json!({ "value": value });
        if let Some(next) = page.next {
            body["@odata.nextLink"] = json!(next);
        }
        if options.count && page.first {
            body["@odata.count"] = json!(length);
        }
        Ok(Reply::json(200, self.with_context(section, body)))
    }

    /// What an object holds in a property, as a list of its own.
    pub(super) fn held(
        &self,
        section: &Section,
        field: &str,
        object: &str,
        (ask, options): (&Ask, &Options),
    ) -> Result<Vec<Value>, Refusal> {
        let mut parent = self.tenant.object(section, object)?;
        self.spelling(ask).item(&mut parent, section.contract());
        let mut held = parent.get(field).and_then(Value::as_array).cloned().unwrap_or_default();
        if let Some(select) = &options.select {
            for members in held.iter_mut().filter_map(Value::as_object_mut) {
                members.retain(|name, _| name.starts_with('@') || select.contains(name));
            }
        }
        Ok(held)
    }

    pub(super) fn shown(&self, mut item: Value, section: &Section, ask: &Ask, options: &Options) -> Value {
        options.project(&mut item, section);
        self.spelling(ask).item(&mut item, section.contract());
        item
    }

    fn spelling(&self, ask: &Ask) -> Spelling {
        Spelling { looks: self.settings.looks, future: paging::wants_future(ask) }
    }

    /// Says what the body is, as every answer does.
    pub(super) fn with_context(&self, section: &Section, mut body: Value) -> Value {
        if let (Some(graph), Some(members)) = (section.graph, body.as_object_mut()) {
            let name = graph.path.trim_start_matches('/');
            let context = format!("{}/{}/$metadata#{name}", self.address, graph.version);
            members.insert("@odata.context".into(), json!(context));
        }
        body
    }
}

/// Positions of the items that a request asks for; `None`: all.
fn matching(section: &Section, items: &Items<'_>, options: &Options) -> Option<Vec<usize>> {
    let window =
        options.start.as_deref().zip(options.end.as_deref()).filter(|_| section.id == "meetings.occurrences");
    // Only assigned applications are in a snapshot, which does not say so.
    let terms: Vec<_> = options.filter.iter().filter(|term| term.field != "isAssigned").collect();
    if terms.is_empty() && window.is_none() {
        return None;
    }
    let wanted = |index: &usize| {
        items.get(*index).is_some_and(|item| {
            terms.iter().all(|term| term.holds(&item))
                && window.is_none_or(|(from, to)| overlaps(&item, from, to))
        })
    };
    Some((0..items.len()).filter(wanted).collect())
}

/// Whether a meeting lies in a window; its times are UTC without a `Z`.
fn overlaps(meeting: &Value, from: &str, to: &str) -> bool {
    let time = |name: &str| meeting.get(name)?.get("dateTime")?.as_str()?.get(..19);
    let bound = |text: &str| text.get(..19).unwrap_or(text).to_owned();
    match (time("start"), time("end")) {
        (Some(start), Some(end)) => start < bound(to).as_str() && end > bound(from).as_str(),
        _ => false,
    }
}
