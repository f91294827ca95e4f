//! What a level of detail withholds of drift. Comes in: records, pointers, rules, checks. Goes out: what may be said of
//! them. What is ours (states, counts, ids of policies, names of Microsoft's contract) stays; what the tenant or its
//! people wrote goes. Not here: the levels (`report::detail`), values (`shown`).

use std::borrow::Cow;
use std::path::Path;

use crate::diff::SectionDrift;
use crate::diff::noise::{Rule, Source};
use crate::effect::Flip;
use crate::report::detail::{self, Detail};
use crate::snapshot::record::{SectionRecord, Tenant};

use super::{Head, Seen, shown, words};

impl<'s> Head<'s> {
    /// What people call the tenant.
    pub(in crate::report) fn called(&self, seen: &Seen<'_>) -> Option<String> {
        let tenant = detail::tenant(self.tenant.clone(), seen.detail);
        Some(tenant.called().to_owned()).filter(|name| !name.is_empty())
    }

    /// Where it was read from; None where folders may be called after the tenant.
    pub(super) fn path(&self, seen: &Seen<'_>) -> Option<&'s str> {
        seen.shows_items().then_some(self.path)
    }

    /// The tenant, as far as it may be shown.
    pub(super) fn tenant(&self, seen: &Seen<'_>) -> Tenant {
        detail::tenant(self.tenant.clone(), seen.detail)
    }
}

impl Seen<'_> {
    /// Whether texts of the tenant are shown.
    pub(in crate::report) const fn shows_text(&self) -> bool {
        match self.detail {
            Detail::Full => true,
            Detail::Place | Detail::Summary => false,
        }
    }

    /// Whether items are shown, and where they are.
    pub(super) const fn shows_items(&self) -> bool {
        match self.detail {
            Detail::Full | Detail::Place => true,
            Detail::Summary => false,
        }
    }

    /// Why values and names of a section are not shown; None where they are.
    pub(in crate::report) fn withheld(&self, section: &str) -> Option<&'static str> {
        if !self.shows_text() {
            return Some("at this level of detail no text of the tenant is shown");
        }
        shown::sensitive(section, self.include)
    }

    /// A pointer, as far as its names stand in the contract of the section.
    pub(super) fn pointer<'p>(&self, section: &str, pointer: &'p str) -> Cow<'p, str> {
        match self.shows_text() {
            true => Cow::Borrowed(pointer),
            false => Cow::Owned(detail::pointer(section, pointer)),
        }
    }

    /// A record without what a service or a person wrote.
    pub(super) fn record<'r>(&self, id: &str, record: &'r SectionRecord) -> Cow<'r, SectionRecord> {
        if self.shows_text() {
            return Cow::Borrowed(record);
        }
        let SectionRecord { state, via, at, items, from, .. } = *record;
        let bare = SectionRecord { via, ..SectionRecord::of(state) };
        Cow::Owned(match self.shows_items() {
            true => SectionRecord { at, items, from, needs: detail::needs(id, state), ..bare },
            false => bare,
        })
    }

    /// What would make a section comparable again; None where it has data.
    pub(in crate::report) fn remedy(&self, section: &SectionDrift<'_>) -> Option<String> {
        words::remedy(section.new.map(|record| self.record(section.id, record)).as_deref())
    }

    /// Why a check came out as it did; None where that could quote the tenant.
    pub(in crate::report) fn reason<'f>(&self, flip: &'f Flip) -> Option<&'f str> {
        self.shows_text().then_some(flip.reason.as_str())
    }

    /// What a check claims; at `summary` its id, since policies of one's own may tell of the tenant.
    pub(in crate::report) fn claim<'f>(&self, flip: &'f Flip) -> &'f str {
        if self.shows_items() { &flip.claim } else { &flip.check }
    }

    /// A rule in a few words, and why it is one; rules of one's own only say where they are written.
    pub(super) fn rule<'r>(&self, rule: &'r Rule) -> (String, Option<&'r str>) {
        match rule.source {
            Source::Config(_, line) if !self.shows_text() => (format!("rule in line {line}"), None),
            Source::BuiltIn | Source::Config(..) => (words::rule(rule), Some(&rule.reason)),
        }
    }

    /// Where a rule is written.
    pub(super) fn source(&self, rule: &Rule) -> String {
        match &rule.source {
            Source::BuiltIn => "built in".to_owned(),
            Source::Config(file, line) => format!("{}:{line}", self.file(file)),
        }
    }

    /// A file of the user; at `summary` without its folders, which may be called after the tenant.
    pub(super) fn file<'f>(&self, file: &'f str) -> &'f str {
        let name = || Path::new(file).file_name().and_then(|name| name.to_str());
        if self.shows_items() { file } else { name().unwrap_or(file) }
    }
}
