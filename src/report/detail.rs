//! How much of a tenant a report shows. Comes in: a whole report and a level of detail. Goes out: a
//! report that no longer holds the rest, so that no format can give it away. Not here: any format.
//!
//! What is ours (levels, counts, ids and texts of policies) stays; what the tenant or its people wrote
//! goes. Ids that are GUIDs, files and lines stay at `place`: with the snapshot they lead back to all else.

use std::borrow::Cow;

use sha2::{Digest, Sha256};

use crate::engine::finding::{Outcome, Remedy};
use crate::sections::contract::Resolved;
use crate::sections::{self, normal};
use crate::snapshot::record::{State, Tenant};

use super::model::{Evidence, Finding, Place, Report, Section};

/// How much of a tenant is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub enum Detail {
    /// Everything, names and values included.
    Full,
    /// Where something is: ids, files, lines; no text of the tenant.
    Place,
    /// Levels, counts, ids of policies and checks.
    Summary,
}

/// The report at a level of detail.
#[must_use]
pub fn at(report: &Report, detail: Detail) -> Cow<'_, Report> {
    match detail {
        Detail::Full => Cow::Borrowed(report),
        Detail::Place | Detail::Summary => Cow::Owned(reduced(report, detail)),
    }
}

fn reduced(report: &Report, detail: Detail) -> Report {
    let mut shown = report.clone();
    shown.snapshot.tenant = tenant(shown.snapshot.tenant, detail);
    for finding in &mut shown.findings {
        reduce(finding, detail);
    }
    for waiver in &mut shown.waivers {
        (waiver.owner, waiver.reason) = (String::new(), String::new());
    }
    for answer in &mut shown.attestations {
        (answer.by, answer.note) = (String::new(), None);
    }
    shown.sections.retain(|id, _| sections::find(id).is_some());
    for (id, section) in &mut shown.sections {
        reduce_section(id, section, detail);
    }
    shown
}

/// A tenant: its name and domain go, at `summary` its id, too.
pub(super) fn tenant(tenant: Tenant, detail: Detail) -> Tenant {
    match detail {
        Detail::Full => tenant,
        Detail::Place if normal::is_guid(&tenant.id) => {
            Tenant { display_name: None, default_domain: None, ..tenant }
        }
        Detail::Place | Detail::Summary => {
            Tenant { id: String::new(), display_name: None, default_domain: None, ..tenant }
        }
    }
}

fn reduce(finding: &mut Finding, detail: Detail) {
    finding.reason = reason(finding);
    let shown = std::mem::take(&mut finding.evidence.shown);
    match detail {
        Detail::Full => finding.evidence.shown = shown,
        Detail::Place => {
            let id = format!("{}/{}", finding.policy, finding.check);
            let shown = shown.into_iter().map(|found| place(&id, found)).collect();
            finding.evidence = Evidence { shown, ..finding.evidence };
        }
        Detail::Summary => {
            // Policies of one's own may tell of the tenant in their texts.
            finding.title.clone_from(&finding.policy);
            finding.claim.clone_from(&finding.check);
            (finding.why, finding.fix, finding.question) = (String::new(), String::new(), None);
        }
    }
}

/// A reason quotes values, parameters and what people wrote: it is said anew from what is ours.
fn reason(finding: &Finding) -> String {
    let places = match finding.evidence.total {
        0 => String::new(),
        1 => ", one place".to_owned(),
        total => format!(", {total} places"),
    };
    match finding.outcome {
        Outcome::Pass => "it holds".to_owned(),
        Outcome::Fail => format!("it does not hold{places}"),
        Outcome::NotApplicable => "it does not apply".to_owned(),
        Outcome::Error => "it broke (our defect)".to_owned(),
        Outcome::Unknown => match finding.remedy {
            Some(Remedy::Collect) => "it could not be seen: a section has to be collected".to_owned(),
            Some(Remedy::Declare) => "it could not be seen: a parameter has to be declared".to_owned(),
            Some(Remedy::Attest) => "it could not be seen: a person has to answer".to_owned(),
            Some(Remedy::Fix | Remedy::Report) | None => "it could not be seen".to_owned(),
        },
    }
}

fn place(check: &str, place: Place) -> Place {
    Place {
        key: place.key.map(|key| pseudonym(check, &place.section, &key)),
        name: None,
        pointer: pointer(&place.section, &place.pointer),
        expected: None,
        actual: None,
        excerpt: String::new(),
        excerpt_start: 0,
        ..place
    }
}

/// Identity of a place over runs, the same at `full` and `place`: check, section, key and the pointer inside
/// the item; without a key the whole pointer.
pub(super) fn identity(check: &str, place: &Place) -> String {
    let pointer = pointer(&place.section, &place.pointer);
    let key = place.key.as_deref().map(|key| pseudonym(check, &place.section, key));
    let inside = match key {
        Some(_) => pointer.get(1..).and_then(|rest| rest.split_once('/')).map_or("", |(_, inside)| inside),
        None => &pointer,
    };
    [check, &place.section, key.as_deref().unwrap_or_default(), inside].join("\0")
}

/// GUIDs stay. Any other key, e.g. an address, becomes a short digest that differs between checks: the
/// same item keeps its identity over runs. Who guesses an address can confirm the guess, no more.
fn pseudonym(check: &str, section: &str, key: &str) -> String {
    let already = key.len() == 1 + 2 * DIGEST
        && key.strip_prefix('~').is_some_and(|hex| hex.bytes().all(|byte| byte.is_ascii_hexdigit()));
    if already || key.split(',').all(normal::is_guid) {
        return key.to_owned();
    }
    let digest = Sha256::digest(format!("{check}\0{section}\0{key}").as_bytes());
    let hex: String = digest.iter().take(DIGEST).map(|byte| format!("{byte:02x}")).collect();
    format!("~{hex}")
}

/// Bytes of a digest that stands for a key.
const DIGEST: usize = 6;

/// The pointer as far as its names stand in Microsoft's contract; what follows could be the tenant's.
pub(super) fn pointer(section: &str, pointer: &str) -> String {
    let contract = sections::find(section).map(sections::Section::contract);
    let mut names: Vec<&str> = Vec::new();
    let mut kept = String::new();
    for step in pointer.split('/').skip(1) {
        if step.is_empty() || !step.bytes().all(|byte| byte.is_ascii_digit()) {
            names.push(step);
            let known = contract.is_some_and(|of| matches!(of.resolve(&names), Resolved::Known(_)));
            if !known {
                break;
            }
        }
        kept.extend(["/", step]);
    }
    kept
}

/// What a service or a person gave as a reason goes; what the catalogue knows of the section stays.
fn reduce_section(id: &str, section: &mut Section, detail: Detail) {
    section.needs = needs(id, section.state);
    if detail == Detail::Summary {
        (section.at, section.items, section.needs) = (None, None, None);
    }
}

/// The permission or licence that is lacking, as far as the catalogue knows.
pub(super) fn needs(id: &str, state: State) -> Option<String> {
    let known = sections::find(id)?;
    let needs = match state {
        State::Denied => known.permission(),
        State::Unlicensed => known.licence.to_owned(),
        State::Read | State::Partial | State::Unavailable | State::Failed | State::NotAsked => return None,
    };
    Some(needs).filter(|needs| !needs.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_stay_where_they_are_guids() {
        let guid = "8d6c9b1e-0000-4000-8000-000000000001";
        assert_eq!(pseudonym("c", "s", guid), guid);
        let other = pseudonym("c", "s", "alex@contoso.com");
        assert!(other.starts_with('~') && other.len() == 13, "{other}");
        assert_eq!(other, pseudonym("c", "s", "alex@contoso.com"));
        assert_eq!(other, pseudonym("c", "s", &other), "it is not made twice");
        assert_ne!(other, pseudonym("d", "s", "alex@contoso.com"));
    }

    #[test]
    fn pointers_stay_as_far_as_the_contract_goes() {
        let of = |text| pointer("conditionalAccess.policies", text);
        assert_eq!(of("/3/conditions/users/includeUsers/0"), "/3/conditions/users/includeUsers/0");
        assert_eq!(of("/3/Secret~1name/x"), "/3");
        assert_eq!(pointer("no.such", "/3/x"), "/3");
    }
}
