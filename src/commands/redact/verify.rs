//! Whether a redaction gives the same results as its original: both are evaluated, check by check. Comes
//! in: both. Goes out: how many checks were compared, or which differ.

use std::collections::BTreeSet;
use std::path::Path;

use chrono::{DateTime, Utc};
use miette::miette;

use crate::config::{self, drift::DriftRule};
use crate::diff::{self, Counts, Options};
use crate::engine::finding::{Basis, Outcome};
use crate::engine::{self, Input, MAX_EVIDENCE};
use crate::policy::compiled::PolicySet;
use crate::run::Result;
use crate::snapshot::{Snapshot, Wanted};

use super::super::configuration::{self, NAME};
use super::super::inputs;
use super::super::places::{ANSWERS, Places};
use super::found::Found;
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

/// Evaluates both, and compares each with its baseline; what to say of it.
pub(super) fn compare(set: &PolicySet, found: &Found, stage: &Stage, today: DateTime<Utc>) -> Result<String> {
    if found.snapshot.is_none() && found.answers.is_none() {
        return Ok("there is neither a snapshot nor an answer to verify the configuration with".to_owned());
    }
    let config = found.config.as_ref().map(|(path, _)| path.as_path());
    let answers = found.answers.as_ref().map(|(path, _)| path.as_path());
    let before = seen(set, (found.snapshot.as_deref(), config, answers), today)?;
    let own = |path: &Path| stage.path(found.folder.as_ref().and_then(|_| path.file_name()).map(Path::new));
    let snapshot = found.snapshot.as_deref().map(own);
    let (own_config, own_answers) =
        (config.map(|_| own(Path::new(NAME))), answers.map(|_| own(Path::new(ANSWERS))));
    let after = seen(set, (snapshot.as_deref(), own_config.as_deref(), own_answers.as_deref()), today)?;
    let differ: Vec<&str> = before
        .iter()
        .zip(&after)
        .filter(|(one, other)| one != other)
        .map(|(one, _)| one.check.as_str())
        .collect();
    if !differ.is_empty() || before.len() != after.len() {
        return Err(differs(&differ));
    }
    let mut told = format!("verified: {} checks give the same results", before.len());
    if let (Some(old), Some(new), Some(snapshot)) = (&found.baseline, &found.snapshot, &snapshot) {
        let rules = found.config.as_ref().map(|(_, config)| config.drift.clone()).unwrap_or_default();
        let before = drift((old, new), &rules)?;
        let rules = own_config.as_deref().map(configuration::read).transpose()?.unwrap_or_default().drift;
        if drift((&own(old), snapshot), &rules)? != before {
            return Err(miette!(
                code = "levelmark::redact::differs",
                help = "nothing was written. Leave the baseline out of the folder, or write it all the same with --no-verify; this is a \
                        defect of ours",
                "redacted, baseline and snapshot differ in other things than before"
            ));
        }
        told.push_str(", and the drift from the baseline is the same");
    }
    Ok(told)
}

/// How many differences of each kind there are, section by section.
fn drift((old, new): (&Path, &Path), rules: &[DriftRule]) -> Result<Vec<(&'static str, Counts)>> {
    let (mut old, mut new) = (Snapshot::open(old, Wanted::Later)?, Snapshot::open(new, Wanted::Later)?);
    let options = Options { sections: None, rules, ignore: true, foreign: false };
    diff::parse((&mut old, &mut new), &options, &BTreeSet::new())?;
    let found = diff::compare(&old, &new, &options);
    Ok(found.sections.iter().map(|section| (section.id, section.counts())).collect())
}

fn differs(differ: &[&str]) -> miette::Report {
    let more = differ.len().saturating_sub(SHOWN);
    let mut named = differ.iter().take(SHOWN).copied().collect::<Vec<_>>().join(", ");
    if more > 0 {
        named.push_str(&format!(" and {more} more"));
    }
    miette!(
        code = "levelmark::redact::differs",
        help = "nothing was written. A policy of your own may look for something that redaction replaces; \
                --no-verify writes it all the same. With the built-in policies this is a defect of ours",
        "redacted, these checks give other results: {named}"
    )
}

fn seen(
    set: &PolicySet,
    (snapshot, config, answers): (Option<&Path>, Option<&Path>, Option<&Path>),
    today: DateTime<Utc>,
) -> Result<Vec<Seen>> {
    let places = Places {
        snapshot,
        demo: false,
        no_snapshot: snapshot.is_none(),
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
