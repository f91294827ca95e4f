//! Whether a redaction gives the same results as its original: both are evaluated, check by check. Comes
//! in: both. Goes out: how many checks were compared, or which differ.

use std::path::Path;

use chrono::{DateTime, Utc};
use miette::miette;

use crate::config;
use crate::engine::finding::{Basis, Outcome};
use crate::engine::{self, Input, MAX_EVIDENCE};
use crate::policy::compiled::PolicySet;
use crate::run::Result;

use super::super::configuration::NAME;
use super::super::inputs;
use super::super::places::{ANSWERS, Places};
use super::Found;
use super::stage::Stage;

/// The most checks that are named.
const SHOWN: usize = 10;

/// What must not differ of a check.
#[derive(Debug, PartialEq, Eq)]
struct Seen {
    check: String,
    outcome: Outcome,
    basis: Option<Basis>,
    waived: Option<usize>,
    places: usize,
}

/// Evaluates both.
pub(super) fn compare(set: &PolicySet, found: &Found, stage: &Stage, today: DateTime<Utc>) -> Result<usize> {
    let config = found.config.as_ref().map(|(path, _)| path.as_path());
    let answers = found.answers.as_ref().map(|(path, _)| path.as_path());
    let before = seen(set, (&found.snapshot, config, answers), today)?;
    let name = match (found.tenant, found.snapshot.is_dir()) {
        (true, true) => Some("snapshot"),
        (true, false) => Some("snapshot.json"),
        (false, _) => None,
    };
    let (own_config, own_answers) = (stage.path(name.map(|_| NAME)), stage.path(name.map(|_| ANSWERS)));
    let own = (stage.path(name), config.map(|_| own_config), answers.map(|_| own_answers));
    let after = seen(set, (&own.0, own.1.as_deref(), own.2.as_deref()), today)?;
    let differ: Vec<&str> = before
        .iter()
        .zip(&after)
        .filter(|(one, other)| one != other)
        .map(|(one, _)| one.check.as_str())
        .collect();
    if differ.is_empty() && before.len() == after.len() {
        return Ok(before.len());
    }
    let more = differ.len().saturating_sub(SHOWN);
    let mut named = differ.iter().take(SHOWN).copied().collect::<Vec<_>>().join(", ");
    if more > 0 {
        named.push_str(&format!(" and {more} more"));
    }
    Err(miette!(
        code = "levelmark::redact::differs",
        help = "nothing was written. A policy of your own may look for something that redaction replaces; \
                --no-verify writes it all the same. With the built-in policies this is a defect of ours",
        "redacted, these checks give other results: {named}"
    ))
}

fn seen(
    set: &PolicySet,
    (snapshot, config, answers): (&Path, Option<&Path>, Option<&Path>),
    today: DateTime<Utc>,
) -> Result<Vec<Seen>> {
    let places = Places {
        snapshot: Some(snapshot),
        demo: false,
        no_snapshot: false,
        tenant: None,
        config,
        answers,
        fresh: false,
        params: &[],
        targets: &[],
        today,
        sealed: true,
    };
    let tenant = inputs::tenant(&places, set)?;
    let params = config::resolve_params(set, &tenant.given)?;
    let input = Input {
        policies: set,
        snapshot: &tenant.snapshot,
        params: &params,
        answers: &tenant.answers,
        waivers: &tenant.config.waivers,
        today,
        max_age: None,
        max_evidence: MAX_EVIDENCE,
        only: None,
    };
    let evaluation = engine::evaluate(&input);
    let one = |finding: &engine::finding::Finding| Seen {
        check: finding.check.to_string(),
        outcome: finding.outcome,
        basis: finding.basis,
        waived: finding.waived,
        places: finding.evidence.total,
    };
    Ok(evaluation.findings.iter().map(one).collect())
}
