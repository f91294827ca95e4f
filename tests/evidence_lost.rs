//! Lost evidence never makes a tenant look better or worse than it is known to be. Every section of
//! a credible tenant is taken away in every way there is, and so is every field that a check names:
//! nothing that was not so before passes or stops to apply, proven never rises, possible never falls.

#![expect(clippy::indexing_slicing, clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

#[path = "evidence_lost/tenant.rs"]
mod tenant;

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use levelmark::engine::finding::{Finding, Outcome};
use levelmark::policy::compiled::{Assertion, Check};
use levelmark::sections::{self, Kind};
use levelmark::snapshot::Snapshot;
use levelmark::snapshot::document::{Document, Text};
use levelmark::snapshot::record::{SectionRecord, State};
use rayon::prelude::*;

use tenant::{Tenant, by_check, snapshot};

/// A section gone, in one of the ways in which a section can be gone.
fn lost(state: State) -> SectionRecord {
    SectionRecord { reason: Some("lost in a test".to_owned()), ..SectionRecord::of(state) }
}

/// The items of a section with every other one left out.
fn half(document: &Document) -> Document {
    let items: Vec<&str> = document.root().elements().step_by(2).map(|item| item.raw()).collect();
    let text = format!("[{}]", items.join(","));
    Document::parse(std::sync::Arc::new(Text::new(document.text().name(), text))).unwrap()
}

fn check_that_unknown(tenant: &Tenant, after: &[Finding], section: &str, how: &str) -> usize {
    let resting = after.iter().filter(|found| tenant.rests_on(found, section));
    let mut count = 0;
    for found in resting {
        let (check, outcome) = (&found.check, found.outcome);
        assert_eq!(outcome, Outcome::Unknown, "{how}: {check} rests on it alone: {}", found.reason);
        assert!(found.remedy.is_some(), "{how}: {check} names no remedy");
        assert!(found.reason.contains(section), "{how}: {check} does not name it: {}", found.reason);
        count += 1;
    }
    count
}

fn every_section(with_answers: bool) {
    let tenant = Tenant::new(with_answers);
    let ids: Vec<String> = snapshot().manifest.sections.keys().cloned().collect();
    let gone = [State::Denied, State::Unlicensed, State::Failed, State::Unavailable, State::NotAsked];
    let resting: usize = ids
        .par_iter()
        .map(|id| {
            let mut snapshot = snapshot();
            let readers = tenant.readers(id);
            let record = snapshot.manifest.sections[id].clone();
            let mut resting = 0;
            if let Some(document) = snapshot.documents.remove(id) {
                let how = format!("{id} read in part, half of it");
                partial(&mut snapshot, id, &record, half(&document));
                tenant.compare(&snapshot, &readers, &how);
                let how = format!("{id} read in part");
                partial(&mut snapshot, id, &record, document);
                let after = tenant.compare(&snapshot, &readers, &how);
                still_seen(&tenant, &after, id, &how);
                snapshot.documents.remove(id);
            }
            for state in gone {
                let how = format!("{id} {state:?}");
                snapshot.manifest.sections.insert(id.clone(), lost(state));
                let after = tenant.compare(&snapshot, &readers, &how);
                resting += check_that_unknown(&tenant, &after, id, &how);
            }
            snapshot.manifest.sections.remove(id);
            let after = tenant.compare(&snapshot, &readers, &format!("{id} removed"));
            check_that_unknown(&tenant, &after, id, &format!("{id} removed"));
            resting
        })
        .sum();
    assert!(resting > 5 * 50, "many checks rest on one section: {resting}");
}

fn partial(snapshot: &mut Snapshot, id: &str, record: &SectionRecord, data: Document) {
    let record = SectionRecord { state: State::Partial, reason: Some("a page".into()), ..record.clone() };
    snapshot.manifest.sections.insert(id.to_owned(), record);
    snapshot.documents.insert(id.to_owned(), data);
}

/// Of a section that is only partly there a witness still counts, and so does a culprit.
fn still_seen(tenant: &Tenant, after: &[Finding], section: &str, how: &str) {
    let before = by_check(&tenant.before.findings);
    for found in after.iter().filter(|found| tenant.rests_on(found, section)) {
        let (check, was) = (&found.check, before[&found.check]);
        match found.outcome {
            // A proxy that passes asks for its confirmation.
            Outcome::Unknown if found.reason.contains("to be confirmed") => {
                assert_eq!(was.reason, found.reason)
            }
            Outcome::Unknown => {
                assert!(found.remedy.is_some(), "{how}: {check} names no remedy");
                // Where its guard was seen, what is left open may be a question.
                let (_, rule) = tenant.set.check(check).unwrap();
                let asks = has(&tenant.source(rule).assertion, &|part| matches!(part, Assertion::Attest(_)));
                assert!(found.reason.contains(section) || asks, "{how}: {check}: {}", found.reason);
            }
            Outcome::Pass | Outcome::Fail => {
                assert_eq!(found.outcome, was.outcome, "{how}: {check}");
                let (_, rule) = tenant.set.check(check).unwrap();
                assert!(
                    shows(tenant.source(rule), found),
                    "{how}: {check} {:?}: {}",
                    found.outcome,
                    found.reason
                );
            }
            Outcome::NotApplicable | Outcome::Error => panic!("{how}: {check} is {:?}", found.outcome),
        }
    }
}

/// Whether some part of an assertion is like this.
fn has(assertion: &Assertion, like: &dyn Fn(&Assertion) -> bool) -> bool {
    like(assertion)
        || match assertion {
            Assertion::Either { of, .. } | Assertion::All(of) => of.iter().any(|part| has(part, like)),
            Assertion::Forbid(_)
            | Assertion::Require { .. }
            | Assertion::Share(_)
            | Assertion::Cadence(_)
            | Assertion::Attest(_) => false,
        }
}

/// A pass or a fail on a part of the evidence shows what it saw; what forbids can't pass on it.
fn shows(check: &Check, found: &Finding) -> bool {
    match check.assertion {
        Assertion::Forbid(_) => found.outcome == Outcome::Fail && found.evidence.total > 0,
        Assertion::Share(_) => false,
        Assertion::Require { .. } | Assertion::Cadence(_) | Assertion::Either { .. } | Assertion::All(_) => {
            found.evidence.total > 0
        }
        Assertion::Attest(_) => true,
    }
}

#[test]
fn a_lost_section_proves_nothing() {
    every_section(false);
}

#[test]
fn a_lost_section_proves_nothing_beside_answers() {
    every_section(true);
}

#[test]
fn a_log_that_reaches_back_a_day_proves_little() {
    for with_answers in [false, true] {
        let tenant = Tenant::new(with_answers);
        let ids: Vec<String> = snapshot().documents.keys().filter(|id| is_log(id)).cloned().collect();
        assert!(ids.len() > 5, "{ids:?}");
        ids.par_iter().for_each(|id| {
            let mut snapshot = snapshot();
            let from = snapshot.manifest.taken.at - TimeDelta::days(1);
            snapshot.manifest.sections.get_mut(id).unwrap().from = Some(from);
            tenant.compare(&snapshot, &tenant.readers(id), &format!("{id} of one day"));
            let newer = |item: &&str| !is_older(item, from);
            let document = &snapshot.documents[id];
            let items: Vec<&str> = document.root().elements().map(|item| item.raw()).filter(newer).collect();
            let text = Text::new(document.text().name(), format!("[{}]", items.join(",")));
            snapshot.documents.insert(id.clone(), Document::parse(std::sync::Arc::new(text)).unwrap());
            tenant.compare(
                &snapshot,
                &tenant.readers(id),
                &format!("{id} of one day, the rest is not there"),
            );
        });
    }
}

fn is_log(id: &str) -> bool {
    sections::find(id).is_some_and(|section| section.kind == Kind::Log)
}

/// Whether all times that an item names are before a moment: it would not be in a log from then on.
fn is_older(item: &str, from: DateTime<Utc>) -> bool {
    let texts = item.split('"').filter_map(|text| DateTime::parse_from_rfc3339(text).ok());
    texts.max().is_some_and(|newest| newest < from)
}

#[test]
fn a_field_that_was_not_asked_proves_nothing() {
    for with_answers in [false, true] {
        let tenant = Tenant::new(with_answers);
        let ids: Vec<String> = snapshot().documents.keys().cloned().collect();
        let resting: usize = ids.par_iter().map(|id| fields(&tenant, id)).sum();
        assert!(resting > 100, "many checks name fields of one section: {resting}");
    }
}

/// Leaves every field of a section out that a check names; gives how many checks rested on one.
fn fields(tenant: &Tenant, id: &str) -> usize {
    let mut snapshot = snapshot();
    let readers = tenant.readers(id);
    let checks = || tenant.set.policies.iter().flat_map(|policy| &policy.checks);
    let named = checks().filter_map(|check| tenant.source(check).reads.sections.get(id)).flatten();
    let mut named: BTreeSet<String> = named.filter(|field| *field != "*").cloned().collect();
    let record = snapshot.manifest.sections[id].clone();
    // What derived sections are made from is not named by any check.
    named.extend(record.fields.iter().flatten().cloned());
    let mut resting = 0;
    for field in &named {
        let mut less = record.clone();
        let how = match &mut less.fields {
            Some(fields) => {
                fields.retain(|asked| asked != field);
                format!("{id} without asking for {field}")
            }
            None => {
                less.without.insert(field.clone(), "not asked in a test".to_owned());
                format!("{id} without {field}")
            }
        };
        snapshot.manifest.sections.insert(id.to_owned(), less);
        let after = tenant.compare(&snapshot, &readers, &how);
        let names = |found: &&Finding| {
            let check = tenant.set.check(&found.check).map(|(_, check)| tenant.source(check));
            // Of alternatives one may hold without the field.
            check.is_some_and(|check| {
                !has(&check.assertion, &|part| matches!(part, Assertion::Either { .. }))
                    && check.reads.sections.get(id).is_some_and(|fields| fields.contains(field))
            })
        };
        let naming: Vec<Finding> = after.iter().filter(names).cloned().collect();
        resting += check_that_unknown(tenant, &naming, id, &how);
    }
    resting
}

#[test]
fn only_checks_that_read_a_section_change_with_it() {
    let tenant = Tenant::new(false);
    let ids: Vec<String> = snapshot().manifest.sections.keys().cloned().collect();
    // Every tenth section: the rule is the engine's, not the section's.
    ids.par_iter().step_by(10).for_each(|id| {
        let mut snapshot = snapshot();
        snapshot.manifest.sections.remove(id);
        snapshot.documents.remove(id);
        let readers = tenant.readers(id);
        let after = tenant.evaluate(&snapshot, None);
        for (old, new) in tenant.before.findings.iter().zip(&after.findings) {
            if !readers.contains(&old.check.policy) {
                assert_eq!(
                    (old.outcome, &old.reason),
                    (new.outcome, &new.reason),
                    "{} without {id}",
                    old.check
                );
            }
        }
    });
}
