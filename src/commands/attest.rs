//! `attest`: asks the open questions and keeps the answers, or exchanges them as sheets.

use std::io::{IsTerminal as _, Write as _};
use std::path::Path;

use miette::miette;

use crate::attest::{self, About, Done, Ended, Format, Ledger, Owners, Plan, Scope, Store};
use crate::cli::Attest;
use crate::engine::{self, Input};
use crate::policy::compiled::PolicySet;
use crate::report::escape;
use crate::run::{Result, Terminal};
use crate::{config, exit};

use super::inputs;
use super::places::Places;
use super::redact;

/// Asks, exports or imports.
///
/// # Errors
/// Whatever can't be read, is invalid or is about another tenant; mistakes in sheets.
pub fn run(args: &Attest, terminal: &Terminal) -> Result<u8> {
    // Before anything is read: nobody wants to hear it after ten minutes.
    let by = args.by.as_deref().map(attest::author).transpose()?;
    if args.snapshot.as_deref() == Some(Path::new("-")) {
        return Err(miette!(
            code = "levelmark::attest::input",
            help = "name a file or a folder",
            "standard input is where answers come from, not the snapshot"
        ));
    }
    let policies = PolicySet::load(&inputs::load_options(&args.policies))?;
    let today = args.today.unwrap_or(terminal.now);
    let tenant = inputs::tenant(&Places::of_attest(args, today), &policies)?;
    let at = args.snapshot.as_deref().or(tenant.answers_at.as_deref()).unwrap_or(Path::new("."));
    redact::not_redacted(&tenant.snapshot.manifest, at, "what people answer would stand in it as it is")?;
    let id = tenant.snapshot.manifest.tenant.id.as_str();
    if !args.import.is_empty() {
        let store = store(tenant.answers_at.as_deref(), id)?;
        let about =
            About { policies: &policies, tenant: id, answers: &tenant.answers, today, by: by.as_deref() };
        return import(args, &store, &about, terminal);
    }
    let params = config::resolve_params(&policies, &tenant.given)?;
    let input = Input {
        policies: &policies,
        snapshot: &tenant.snapshot,
        params: &params,
        answers: &tenant.answers,
        waivers: &tenant.config.waivers,
        today,
        max_age: None,
        max_evidence: engine::MAX_EVIDENCE,
        only: None,
    };
    let owners = Owners(&tenant.config.owners);
    for note in tenant.notes.into_iter().chain(owners.idle(&policies)) {
        terminal.tell(&format!("note: {}", escape::terminal(&note)));
    }
    let plan = attest::plan(&input, &tenant.config.targets, owners, &scope(args, &policies)?)?;
    beyond(&plan, terminal);
    if let Some(path) = &args.export {
        return export(path, &plan, &input, terminal);
    }
    let store = store(tenant.answers_at.as_deref(), id)?;
    if plan.questions.is_empty() {
        terminal.print("nothing to ask\n")?;
        return Ok(exit::MET);
    }
    let mut ledger = Ledger::new(&store, &input, by.as_deref().unwrap_or_default());
    // Asking works from a pipe too; it only has to come from somewhere.
    let mut output = std::io::stderr().lock();
    let done = attest::ask(&plan, &mut ledger, &mut std::io::stdin().lock(), &mut output)?;
    if !std::io::stdin().is_terminal() || done.ended == Ended::Input {
        writeln!(output).map_err(miette::Report::from_err)?;
    }
    drop(output);
    terminal.print(&summary(&done, &plan, store.path()))?;
    Ok(exit::MET)
}

fn scope<'a>(args: &'a Attest, policies: &PolicySet) -> Result<Scope<'a>> {
    let model = &policies.model;
    if let Some(id) = args.competency.as_deref().filter(|id| model.competency(id).is_none()) {
        let known: Vec<&str> = model.competencies.iter().map(|known| known.id.as_str()).collect();
        return Err(miette!(
            code = "levelmark::attest::competency",
            help = format!("there are {}", known.join(", ")),
            "there is no competency `{}`",
            crate::yaml::suggest::shown(id)
        ));
    }
    if let Some(level) = args.level.filter(|level| !model.levels.contains_key(level)) {
        let known: Vec<String> = model.levels.keys().map(u16::to_string).collect();
        return Err(miette!(
            code = "levelmark::attest::level",
            help = format!("there are {}", known.join(", ")),
            "there is no level {level}"
        ));
    }
    Ok(Scope {
        all: args.all,
        competency: args.competency.as_deref(),
        level: args.level,
        expiring: args.expiring,
        owner: args.owner.as_deref(),
    })
}

fn store(at: Option<&Path>, tenant: &str) -> Result<Store> {
    let Some(path) = at else {
        return Err(miette!(
            code = "levelmark::attest::answers",
            help = "name it with --answers attestations.yaml, or give a tenant folder",
            "it is not known where the answers are kept"
        ));
    };
    Ok(Store::at(path, tenant)?)
}

/// What no answer settles is said, not asked.
fn beyond(plan: &Plan, terminal: &Terminal) {
    if plan.beyond.is_empty() {
        return;
    }
    let few: Vec<&str> = plan.beyond.iter().take(5).map(String::as_str).collect();
    let more = if plan.beyond.len() > few.len() { ", …" } else { "" };
    terminal.tell(&format!(
        "note: {} open checks can't be settled by an answer alone, they need evidence or a parameter: {}{more}",
        plan.beyond.len(),
        escape::terminal(&few.join(", "))
    ));
}

fn export(path: &Path, plan: &Plan, input: &Input<'_>, terminal: &Terminal) -> Result<u8> {
    let format = Format::of(path)?;
    let tenant = &input.snapshot.manifest.tenant.id;
    let bytes = attest::export(plan, tenant, input.today, format)?;
    let told = |error: std::io::Error| match error.kind() {
        // It may hold answers by now.
        std::io::ErrorKind::AlreadyExists => miette!(
            code = "levelmark::attest::in-the-way",
            help = "import it first, or choose another name",
            "{} exists already",
            path.display()
        ),
        _ => miette!(code = "levelmark::io::write", "failed to write {}: {error}", path.display()),
    };
    let mut file = std::fs::File::create_new(path).map_err(told)?;
    file.write_all(&bytes).map_err(told)?;
    terminal.print(&format!("wrote {} questions into {}\n", plan.questions.len(), path.display()))?;
    Ok(exit::MET)
}

fn import(args: &Attest, store: &Store, about: &About<'_>, terminal: &Terminal) -> Result<u8> {
    let read = |path: &std::path::PathBuf| Ok((path.display().to_string(), inputs::bytes(path)?));
    let sheets = args.import.iter().map(read).collect::<Result<Vec<_>>>()?;
    let imported = attest::import(&sheets, about)?;
    store.append(&imported.entries)?;
    for skipped in &imported.skipped {
        terminal.tell(&format!("note: {}", escape::terminal(skipped)));
    }
    terminal.print(&format!(
        "wrote {} answers into {}; {} rows left out, {} without an answer\n",
        imported.entries.len(),
        store.path().display(),
        imported.skipped.len(),
        imported.empty
    ))?;
    Ok(exit::MET)
}

fn summary(done: &Done, plan: &Plan, path: &Path) -> String {
    let mut text = match done.kept {
        0 => "no answer was given\n".to_owned(),
        kept => format!("wrote {kept} answers into {}\n", path.display()),
    };
    if done.settled > 0 {
        text.push_str(&format!("{} questions were settled by other answers\n", done.settled));
    }
    if done.later > 0 {
        text.push_str(&format!("{} questions were put off; the same command asks them again\n", done.later));
    }
    for (person, checks) in &done.others {
        text.push_str(&format!("To ask {}:\n", escape::terminal(person)));
        for check in checks {
            let question = plan.questions.iter().find(|question| question.check == *check);
            let question = question.map(|question| question.text.as_str()).unwrap_or_default();
            let question = question.split_whitespace().collect::<Vec<_>>().join(" ");
            text.push_str(&format!(
                "  {}: {}\n",
                escape::terminal(&check.to_string()),
                escape::terminal(&question)
            ));
        }
    }
    text
}
