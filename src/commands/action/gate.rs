//! The step that judges. Comes in: variables. Goes out: reports, outputs, a job summary, a comment's body; the
//! exit code is an output, so that later steps upload before the last one fails. Not here: evaluating (`run`).

use std::path::{Path, PathBuf};

use miette::miette;

use super::bench::{self, Bench};
use super::event::{Event, Stranger, Visibility};
use super::git::Git;
use super::inputs::{self, DetailAsked, Order};
use super::log::{Log, Note};
use super::outcome::{Figures, Outcome, Word, judge};
use super::runner::{self, Runner, Variables};
use super::said::Baseline;
use super::{collect, page, tree};
use crate::cli::{Check, Looks, Target};
use crate::commands::reports::{self, Plan};
use crate::exit;
use crate::report::detail::Detail;
use crate::report::format::{self, Look, ReportFormat};
use crate::report::text::Volume;
use crate::run::{self, Evaluated, Result, Surroundings};
use crate::terminal::Terminal;

/// Judges, whatever comes of it.
///
/// # Errors
/// Outputs can't be handed over.
pub(super) fn run(terminal: &Terminal) -> Result<u8> {
    let variables = |name: &str| terminal.variable(name);
    let runner = Runner::of(&variables)?;
    let log = Log::open(terminal)?;
    let mut notes = Vec::new();
    let done = attempt(&variables, &runner, &mut notes, terminal).unwrap_or_else(|failure| {
        let exit = run::exit_of(&failure.error);
        notes.push(Note::error(failure.tell(terminal)));
        let outcome = Outcome::error(exit);
        let name = inputs::name(&variables).unwrap_or_else(|_| "levelmark".to_owned());
        let text = Some(page::head(&name, &outcome, &notes));
        Done { outcome, text }
    });
    if let Some(text) = done.text {
        runner.sum_up(&text)?;
    }
    runner.put_out(&done.outcome.lines()?)?;
    log.close(&notes)?;
    Ok(exit::MET)
}

fn attempt(
    variables: Variables<'_>,
    runner: &Runner,
    notes: &mut Vec<Note>,
    terminal: &Terminal,
) -> std::result::Result<Done, Failure> {
    // What stands in the workflow may be told to whoever can read it.
    let open = |error| Failure { error, guarded: false };
    let order = Order::of(variables).map_err(open)?;
    let event = runner::event(variables).map_err(open)?;
    let detail = detail(order.detail, event.visibility);
    let run = Run { order: &order, event: &event, runner, detail, terminal };
    let guarded = run.guarded();
    run.go(notes).map_err(|error| Failure { error, guarded })
}

/// None = what each format shows by itself.
const fn detail(asked: DetailAsked, visibility: Visibility) -> Option<Detail> {
    match (asked, visibility) {
        (DetailAsked::This(detail), _) => Some(detail),
        (DetailAsked::Format, _) | (DetailAsked::Auto, Visibility::Private) => None,
        (DetailAsked::Auto, Visibility::Public | Visibility::Unknown) => Some(Detail::Summary),
    }
}

/// Why nothing came out.
struct Failure {
    error: miette::Report,
    /// Everybody can read the log: what quotes the tenant's files is not shown.
    guarded: bool,
}

impl Failure {
    /// Shows it in the log; gives it in short for summary and notice.
    fn tell(self, terminal: &Terminal) -> String {
        let code = run::code_of(&self.error);
        // Ours speak of the workflow, and of files by their paths alone.
        let ours = code.starts_with("levelmark::action::") || code == "levelmark::snapshot::absent";
        if self.guarded && !ours {
            let text = format!(
                "{code}: what is wrong quotes files of the tenant, and everybody may read this log. Make the same check on your own \
                 machine"
            );
            terminal.tell(&text);
            return text;
        }
        let help = self.error.help().map(|help| format!("\n{help}")).unwrap_or_default();
        let text = format!("{}{help}", run::message_of(&self.error));
        run::complain(self.error, terminal);
        text
    }
}

/// What came out, and the page that says it; None where none is wanted.
struct Done {
    outcome: Outcome,
    text: Option<String>,
}

struct Run<'a> {
    order: &'a Order,
    event: &'a Event,
    runner: &'a Runner,
    detail: Option<Detail>,
    terminal: &'a Terminal,
}

impl Run<'_> {
    fn go(&self, notes: &mut Vec<Note>) -> Result<Done> {
        let folder = self.runner.folder()?;
        let bench = Bench::of(self.order, self.event, (&self.runner.here, &folder), notes)?;
        notes.extend(bench.said.notes.iter().cloned());
        self.stays_inside(&self.order.snapshot)?;
        self.collect(&bench, notes)?;
        let snapshot = crate::commands::folder::snapshot_in(&self.order.snapshot)?;
        self.stays_inside(&snapshot)?;
        let check = self.check(&bench, &snapshot, &folder);
        let judged = run::evaluate(&check.inputs, Surroundings::Named, self.terminal.now)?;
        self.write(&bench, &check, &judged, &folder, notes)
    }

    /// Whether what quotes files of the tenant stays out of the log: wherever others may read it, unless the
    /// workflow says in so many words that they shall.
    fn guarded(&self) -> bool {
        let wished = matches!(self.order.detail, DetailAsked::Format | DetailAsked::This(Detail::Full));
        !wished && self.event.visibility != Visibility::Private
    }

    /// Of a proposal no link is followed out of the workspace.
    fn stays_inside(&self, snapshot: &Path) -> Result<()> {
        if self.event.proposal().is_none() {
            return Ok(());
        }
        let (here, temp) = (self.runner.here.as_path(), self.runner.temp.as_path());
        tree::stays(&here.join(snapshot), &[here])?;
        self.order.reports.iter().try_for_each(|report| tree::stays(&here.join(&report.path), &[here, temp]))
    }

    /// Collects if that was asked for and whoever proposes has the right to it.
    fn collect(&self, bench: &Bench, notes: &mut Vec<Note>) -> Result<()> {
        let Some(collection) = &self.order.collect else { return Ok(()) };
        let stranger = self.event.proposal().and_then(|proposal| proposal.stranger);
        if let Some(stranger) = stranger {
            let who = match stranger {
                Stranger::Fork => "a fork",
                Stranger::Dependabot => "Dependabot",
            };
            notes.push(Note::notice(format!(
                "nothing was collected: a pull request of {who} gets no identity. The committed snapshot was used"
            )));
            return Ok(());
        }
        match collect::collect(self.order, collection, &bench.said, self.guarded(), self.terminal)? {
            exit::MET => Ok(()),
            code => {
                Err(miette!(code = "levelmark::action::collect", "collecting ended with exit code {code}"))
            }
        }
    }

    /// What `levelmark check` would be told.
    fn check(&self, bench: &Bench, snapshot: &Path, folder: &Path) -> Check {
        let mut reports = self.order.reports.clone();
        let has = reports.iter().any(|target| target.format == ReportFormat::Sarif);
        if self.order.sarif && !has {
            reports.push(Target { format: ReportFormat::Sarif, path: folder.join("levelmark.sarif") });
        }
        let root = Git::of(&self.runner.here, snapshot).ok().flatten().map(|git| git.root);
        Check {
            inputs: bench::inputs(self.order, &bench.said, snapshot),
            more: Vec::new(),
            format: None,
            reports,
            looks: Looks {
                detail: self.detail,
                repository_root: root,
                markdown_limit: crate::report::markdown::COMMENT,
                summary_only: false,
                client: None,
                scope: None,
            },
            quiet: true,
            verbose: false,
        }
    }

    /// Writes all that there is to say.
    fn write(
        &self,
        bench: &Bench,
        check: &Check,
        judged: &Evaluated,
        folder: &Path,
        notes: &mut Vec<Note>,
    ) -> Result<Done> {
        let report = &judged.report;
        let (mut word, mut exit) = judge(report, self.order, &bench.said.baseline, judged.targets);
        notes.extend(self.remarks(word, exit, &bench.said.baseline));
        let changes = match check.inputs.snapshot.as_deref() {
            Some(snapshot) => bench.changes(self.order, snapshot, self.terminal.now)?,
            None => None,
        };
        if changes.as_ref().is_some_and(|changes| changes.invalid.is_some()) {
            notes.push(Note::error("the branch's own configuration, answers or policies can't be read"));
            (word, exit) = (Word::Error, exit::INVALID);
        }
        let (ground, html) = (bench.ground(&check.looks, judged)?, check.looks.page());
        let look = reports::look(&check.looks, (&ground, &html), self.terminal, Volume::Quiet);
        if Plan::of(check)?.write(report, look, self.terminal)?.is_some() {
            notes.push(Note::error("a report could not be written"));
            (word, exit) = (Word::Error, exit::INVALID);
        }
        let mut outcome = self.outcome(check, (word, exit), notes);
        outcome.figures = Some(Figures::of(report));
        if self.order.upload_reports {
            outcome.artifact = copies(&outcome.reports, folder)?;
        }
        let head = page::head(&self.order.name, &outcome, notes);
        let upper = page::upper(&head, changes.as_ref().map(|changes| (changes, report)));
        let whole = |most: usize| -> Result<String> {
            let look = Look { most: most.saturating_sub(upper.len()), ..look };
            let lower = format::render(report, ReportFormat::Markdown, look);
            Ok(format!("{upper}{}", lower.map_err(miette::Report::new)?))
        };
        if self.comments() {
            let path = folder.join("comment.md");
            std::fs::write(&path, whole(page::COMMENT)?).map_err(miette::Report::from_err)?;
            outcome.comment = Some(path);
        }
        let text = self.order.summary.then(|| whole(page::SUMMARY)).transpose()?;
        Ok(Done { outcome, text })
    }

    /// What is handed over of the reports.
    fn outcome(&self, check: &Check, (word, exit): (Word, u8), notes: &mut Vec<Note>) -> Outcome {
        let stranger = self.is_strangers();
        if stranger && (self.order.sarif || self.order.comment) {
            notes.push(Note::notice(
                "no comment is written and nothing goes to code scanning: the token of this pull request may only read. The job \
                 summary has it all",
            ));
        }
        let written = check.reports.iter().filter(|target| target.path.is_file());
        let written: Vec<&Target> = written.collect();
        let sarif = written.iter().find(|target| target.format == ReportFormat::Sarif);
        Outcome {
            reports: written.iter().map(|target| target.path.clone()).collect(),
            sarif: sarif.map(|target| target.path.clone()),
            upload_sarif: self.order.sarif && !stranger && sarif.is_some(),
            word,
            ..Outcome::error(exit)
        }
    }

    fn is_strangers(&self) -> bool {
        self.event.proposal().is_some_and(|proposal| proposal.stranger.is_some())
    }

    /// Whether there shall and may be a comment.
    fn comments(&self) -> bool {
        let numbered = self.event.proposal().is_some_and(|proposal| proposal.number.is_some());
        self.order.comment && numbered && !self.is_strangers()
    }

    /// What has to be said beside the word.
    fn remarks(&self, word: Word, exit: u8, baseline: &Baseline) -> Vec<Note> {
        let mut notes = Vec::new();
        if let (Baseline::First, Some(path)) = (baseline, &self.order.baseline) {
            notes.push(Note::notice(format!(
                "there is no baseline at {} yet, so nothing can have become worse. Keep a result there (reports: json=…) and \
                 the next run compares with it",
                path.display()
            )));
        }
        if word == Word::NothingToGate && exit != exit::MET {
            notes.push(Note::error(
                "nothing can fail: set targets, name a baseline, or say fail-on: violation; fail-on: never if nothing should",
            ));
        }
        if self.event.visibility == Visibility::Unknown && self.order.detail == DetailAsked::Auto {
            notes.push(Note::notice(
                "this event does not say whether the repository is public: only levels, counts and ids are shown. In a private \
                 one say detail: format",
            ));
        }
        notes
    }
}

/// Copies of the reports in a folder of their own, so that an upload can take nothing else.
fn copies(reports: &[PathBuf], folder: &Path) -> Result<Option<PathBuf>> {
    if reports.is_empty() {
        return Ok(None);
    }
    let into = folder.join("reports");
    std::fs::create_dir(&into).map_err(miette::Report::from_err)?;
    for (nth, report) in reports.iter().enumerate() {
        let Some(name) = report.file_name() else { continue };
        let mut to = into.join(name);
        if to.exists() {
            to = into.join(format!("{nth}-{}", name.to_string_lossy()));
        }
        std::fs::copy(report, to).map_err(miette::Report::from_err)?;
    }
    Ok(Some(into))
}
