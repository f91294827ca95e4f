//! Several tenants side by side: a row for each, the worst first, and what stands in the way of many.
//! Comes in: one report a tenant, or why there is none. Goes out: one `Overview`, for text. Not here:
//! evaluating them (`commands::tenants`), the whole reports (one file per format).

mod text;

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::engine::finding::Remedy;
use crate::exit;

use super::model::{Blocker, GateResult, Range, Report, Verdict};

pub use self::text::render;

/// What came of one tenant: of its report only what the overview shows.
#[derive(Debug, Clone)]
pub struct Row {
    /// What the tenant is called on the command line: the name of its folder or file.
    pub name: String,
    /// Its levels, or why it has none.
    pub result: Result<Standing, Failure>,
}

/// Where a tenant stands.
#[derive(Debug, Clone)]
pub struct Standing {
    /// The lowest of its competencies.
    pub tenant: Option<Range>,
    /// The verdict of each competency, by name, in the model's order; None where nothing applies.
    pub verdicts: Vec<(String, Option<Verdict>)>,
    /// What the gate says.
    pub gate: GateResult,
    /// Its exit code.
    pub exit: u8,
    blockers: Vec<(Blocker, String)>,
}

/// Why a tenant could not be evaluated.
#[derive(Debug, Clone)]
pub struct Failure {
    /// One line.
    pub why: String,
    /// [`exit::INVALID`], or [`exit::DEFECT`] where it is our defect.
    pub exit: u8,
}

impl Row {
    /// Of a tenant that was evaluated.
    #[must_use]
    pub fn of(name: &str, report: &Report) -> Self {
        let claims: BTreeMap<(&str, &str), &str> = report
            .findings
            .iter()
            .map(|found| ((found.policy.as_str(), found.check.as_str()), found.claim.as_str()))
            .collect();
        let claim = |blocker: &Blocker| {
            let id = blocker.check.split_once('/')?;
            claims.get(&id).map(|claim| (*claim).to_owned())
        };
        let blockers = report.competencies.iter().flat_map(|competency| &competency.blockers);
        let standing = Standing {
            tenant: report.tenant,
            verdicts: report
                .competencies
                .iter()
                .map(|competency| (competency.name.clone(), competency.verdict.clone()))
                .collect(),
            gate: report.gate.result,
            exit: report.gate.exit,
            blockers: blockers.map(|blocker| (blocker.clone(), claim(blocker).unwrap_or_default())).collect(),
        };
        Self { name: name.to_owned(), result: Ok(standing) }
    }

    /// Its exit code.
    #[must_use]
    pub fn exit(&self) -> u8 {
        match &self.result {
            Ok(standing) => standing.exit,
            Err(failure) => failure.exit,
        }
    }
}

/// All tenants of a run.
#[derive(Debug)]
pub struct Overview {
    /// Names of the competencies that any tenant has a verdict in, in the model's order.
    pub competencies: Vec<String>,
    /// The worst first: not evaluated, gate not met, undetermined; then the lowest level.
    pub rows: Vec<Row>,
    /// What stands in the way of at least two tenants, of the most first.
    pub common: Vec<Common>,
}

/// What stands in the way of several tenants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Common {
    /// The blocker, as the first tenant has it.
    pub blocker: Blocker,
    /// What holds when the check passes.
    pub claim: String,
    /// So many tenants.
    pub tenants: usize,
}

/// Rows as they come in. What stands in a tenant's way is counted at once and not kept: of a thousand tenants it would
/// be most of what is held.
#[derive(Debug, Default)]
pub struct Gathering {
    rows: Vec<Row>,
    blockers: BTreeMap<(String, Remedy), Common>,
}

impl Gathering {
    /// One more.
    pub fn add(&mut self, mut row: Row) {
        let blockers = row.result.as_mut().map(|standing| std::mem::take(&mut standing.blockers));
        for (blocker, claim) in blockers.unwrap_or_default() {
            let key = (blocker.check.clone(), blocker.remedy);
            let first = || Common { blocker, claim, tenants: 0 };
            self.blockers.entry(key).or_insert_with(first).tenants += 1;
        }
        self.rows.push(row);
    }

    /// All of them, in order.
    #[must_use]
    pub fn overview(self) -> Overview {
        let Self { mut rows, blockers } = self;
        let competencies = competencies(&rows);
        rows.sort_by_cached_key(|row| {
            let standing = row.result.as_ref().ok();
            let level =
                standing.and_then(|standing| standing.tenant).map(|range| (range.proven, range.possible));
            (Reverse(exit::rank(row.exit())), level, row.name.clone())
        });
        let mut common: Vec<Common> = blockers.into_values().filter(|common| common.tenants > 1).collect();
        common.sort_by_cached_key(|common| {
            let Blocker { check, level, remedy, urgent } = &common.blocker;
            (Reverse((common.tenants, *urgent)), *level, *remedy, check.clone())
        });
        Overview { competencies, rows, common }
    }
}

impl Overview {
    /// The exit code of them all.
    #[must_use]
    pub fn exit(&self) -> u8 {
        exit::worst(self.rows.iter().map(Row::exit))
    }
}

/// All tenants are judged by the same policies, so that one has them all in the model's order.
fn competencies(rows: &[Row]) -> Vec<String> {
    let standings = || rows.iter().filter_map(|row| row.result.as_ref().ok());
    let names = standings().next().into_iter().flat_map(|standing| &standing.verdicts).map(|(name, _)| name);
    let judged = |name: &String| {
        standings()
            .flat_map(|standing| &standing.verdicts)
            .any(|(of, verdict)| of == name && verdict.is_some())
    };
    names.filter(|name| judged(name)).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn standing(proven: u16, exit: u8, blockers: &[(&str, Remedy)]) -> Standing {
        let blocker = |(check, remedy): &(&str, Remedy)| {
            let blocker =
                Blocker { check: (*check).to_owned(), level: Some(300), remedy: *remedy, urgent: false };
            (blocker, format!("{check} holds"))
        };
        Standing {
            tenant: Some(Range { proven, possible: 500 }),
            verdicts: vec![
                ("One".to_owned(), None),
                (
                    "Two".to_owned(),
                    Some(Verdict::Level { proven, possible: 500, target: None, undecided: None }),
                ),
            ],
            gate: GateResult::Met,
            exit,
            blockers: blockers.iter().map(blocker).collect(),
        }
    }

    fn row(name: &str, result: Result<Standing, Failure>) -> Row {
        Row { name: name.to_owned(), result }
    }

    fn overview(rows: Vec<Row>) -> Overview {
        let mut gathering = Gathering::default();
        rows.into_iter().for_each(|row| gathering.add(row));
        gathering.overview()
    }

    #[test]
    fn the_worst_comes_first_and_its_code_counts() {
        let overview = overview(vec![
            row("good", Ok(standing(300, exit::MET, &[]))),
            row("low", Ok(standing(100, exit::MET, &[]))),
            row("not met", Ok(standing(400, exit::NOT_MET, &[]))),
            row("unreadable", Err(Failure { why: "no".to_owned(), exit: exit::INVALID })),
            row("unclear", Ok(standing(100, exit::UNDETERMINED, &[]))),
        ]);
        let names: Vec<&str> = overview.rows.iter().map(|row| row.name.as_str()).collect();
        assert_eq!(names, ["unreadable", "not met", "unclear", "low", "good"]);
        assert_eq!(overview.exit(), exit::INVALID);
        assert_eq!(overview.competencies, ["Two"]);
    }

    #[test]
    fn a_check_is_common_with_the_same_remedy_alone() {
        let overview = overview(vec![
            row("a", Ok(standing(100, 0, &[("P/x", Remedy::Fix), ("P/y", Remedy::Fix)]))),
            row("b", Ok(standing(100, 0, &[("P/x", Remedy::Fix), ("P/y", Remedy::Collect)]))),
            row("c", Ok(standing(100, 0, &[("P/x", Remedy::Fix)]))),
        ]);
        assert_eq!(overview.common.len(), 1);
        assert_eq!((overview.common[0].blocker.check.as_str(), overview.common[0].tenants), ("P/x", 3));
        assert_eq!(overview.common.first().unwrap().claim, "P/x holds");
    }
}
