//! `policy list`, `policy lint`, `policy test`.

use rayon::prelude::*;

use crate::cli::{Format, PolicyAction, PolicyCommand};
use crate::engine::examples as runner;
use crate::exit;
use crate::policy::compiled::{Policy, PolicySet};
use crate::policy::coverage::{Counts, Coverage, Evidence};
use crate::policy::systems::page;
use crate::policy::{coverage, examples, lint, list};
use crate::run::{Result, Terminal};
use crate::yaml::{Mistake, Mistakes};

use super::inputs;

/// Runs the action.
///
/// # Errors
/// Invalid policies, and what `lint` and `test` find.
pub fn run(args: &PolicyCommand, terminal: &Terminal) -> Result<u8> {
    match &args.action {
        PolicyAction::List { policies, format } => {
            let set = PolicySet::load(&inputs::load_options(policies))?;
            match format {
                Format::Json => terminal.print_json(&list::rows(&set))?,
                Format::Text => terminal.print(&table(&set, terminal))?,
            }
            Ok(exit::MET)
        }
        PolicyAction::Lint { policies } => {
            let set = PolicySet::load(&inputs::load_options(policies))?;
            let found = lint::lint(&set);
            if found.is_empty() {
                terminal.print(&format!("{} policies, nothing to say\n", set.policies.len()))?;
                return Ok(exit::MET);
            }
            terminal.complain_of(Mistakes::sorted(found));
            Ok(exit::NOT_MET)
        }
        PolicyAction::Coverage { policies, unread_sections, systems, format } => {
            let set = PolicySet::load(&inputs::load_options(policies))?;
            let found = coverage::coverage(&set);
            if *systems {
                let systems = crate::policy::systems::systems(&found)
                    .map_err(|error| miette::miette!("the built-in list of systems is broken: {error}"))?;
                match format {
                    Format::Json => terminal.print_json(&systems)?,
                    Format::Text => terminal.print(&page(&systems))?,
                }
                return Ok(exit::MET);
            }
            match (format, unread_sections) {
                (Format::Json, false) => terminal.print_json(&found)?,
                (Format::Json, true) => terminal.print_json(&found.unread)?,
                (Format::Text, true) => terminal.print(&(found.unread.join("\n") + "\n"))?,
                (Format::Text, false) => terminal.print(&covered(&found, terminal))?,
            }
            Ok(exit::MET)
        }
        PolicyAction::Test { policies, only } => {
            let set = PolicySet::load(&inputs::load_options(policies))?;
            let only = inputs::only(&set, only)?;
            test(&set, only.as_deref(), terminal)
        }
    }
}

fn table(set: &PolicySet, terminal: &Terminal) -> String {
    let mut table = terminal.table();
    table.set_header(["policy", "level", "checks", "title"]);
    for row in list::rows(set) {
        let level = row.level.map_or_else(|| "-".to_owned(), |level| level.to_string());
        let urgent = if row.urgent { " !" } else { "" };
        table.add_row([row.id, format!("{level}{urgent}"), row.checks.len().to_string(), row.title]);
    }
    format!("{table}\n{} policies; ! marks what the model calls urgent\n", set.policies.len())
}

/// Criteria and claims by competency, level and kind of evidence; then what each policy reads.
fn covered(found: &Coverage, terminal: &Terminal) -> String {
    let mut table = terminal.table();
    table.set_header([
        "competency",
        "level",
        "criteria",
        "direct",
        "mixed",
        "proxy",
        "asked",
        "none",
        "claims",
        "none",
    ]);
    let cell = |counts: &Counts, kind| counts.by.get(&kind).copied().unwrap_or(0).to_string();
    for row in &found.rows {
        table.add_row([
            row.competency.clone(),
            row.level.map_or_else(|| "-".to_owned(), |level| level.to_string()),
            row.criteria.of.to_string(),
            cell(&row.criteria, Evidence::Direct),
            cell(&row.criteria, Evidence::Mixed),
            cell(&row.criteria, Evidence::Proxy),
            cell(&row.criteria, Evidence::Asked),
            row.criteria.without.len().to_string(),
            row.claims.of.to_string(),
            row.claims.without.len().to_string(),
        ]);
    }
    let mut out = format!("{table}\nBy the most direct evidence among a criterion's checks.\n\n");
    for (policy, sections) in found.sections.iter().filter(|(_, sections)| !sections.is_empty()) {
        out.push_str(&format!("{policy:<14} reads {}\n", sections.join(", ")));
    }
    out.push_str(&format!(
        "\n{} sections are read by no policy (--unread-sections lists them)\n",
        found.unread.len()
    ));
    out
}

/// How the examples of one policy came out.
struct Tested {
    ran: usize,
    wrong: Vec<Mistake>,
}

fn test(set: &PolicySet, only: Option<&[String]>, terminal: &Terminal) -> Result<u8> {
    let chosen: Vec<&Policy> =
        set.policies.iter().filter(|policy| only.is_none_or(|ids| ids.contains(&policy.id))).collect();
    let tested: Vec<Tested> = chosen.par_iter().map(|policy| examples_of(set, policy)).collect();
    let ran: usize = tested.iter().map(|tested| tested.ran).sum();
    let wrong: Vec<Mistake> = tested.into_iter().flat_map(|tested| tested.wrong).collect();
    let failed = wrong.len();
    if failed > 0 {
        terminal.complain_of(Mistakes::sorted(wrong));
    }
    let noun = if chosen.len() == 1 { "policy" } else { "policies" };
    terminal.print(&format!("{} {noun}, {ran} examples, {failed} came out otherwise\n", chosen.len()))?;
    Ok(if failed == 0 { exit::MET } else { exit::NOT_MET })
}

fn examples_of(set: &PolicySet, policy: &Policy) -> Tested {
    let examples = match examples::of(policy) {
        Ok(examples) => examples,
        Err(mistakes) => return Tested { ran: 0, wrong: mistakes.0 },
    };
    let mut wrong = Vec::new();
    for example in &examples {
        match runner::run(set, policy, example) {
            Err(mistakes) => wrong.extend(mistakes.0),
            Ok(findings) => {
                for difference in runner::differences(example, &findings) {
                    let message = format!("{}, example \"{}\": {difference}", policy.id, example.name);
                    wrong.push(Mistake::new("policy::example", message, Some(example.place.clone())));
                }
            }
        }
    }
    Tested { ran: examples.len(), wrong }
}
