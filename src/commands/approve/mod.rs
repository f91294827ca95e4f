//! `approve`: people accept what changed, all or item by item, with a reason, in a file that goes into git. Reads both
//! snapshots, asks or takes what is named, appends. Not here: what an approval covers (`diff::approval`).
//!
//! A build service approves nothing, whatever it is told: what accepts drift by itself sees none.

mod ask;
mod paths;
mod store;

use std::collections::BTreeSet;
use std::io::IsTerminal as _;

use chrono::{DateTime, NaiveTime, Utc};
use miette::miette;

use self::ask::{Book, Done, Question};
use self::store::Store;
use super::drift::{How, Loaded, Two, approvals_at, known};
use super::redact::not_redacted;
use crate::attest;
use crate::cli::Approve as Args;
use crate::config::approvals::{Approval, Pin, Subject};
use crate::diff::approval::{self, Subjects};
use crate::diff::{Change, Drift, SectionDrift};
use crate::effect::Effects;
use crate::exit;
use crate::report::detail::Detail;
use crate::report::drift::{self, Head, Known, Seen};
use crate::report::escape;
use crate::report::text::{Style, Volume};
use crate::run::{Result, Terminal};
use crate::sections;

/// A difference, and what an approval of it would say.
#[derive(Debug)]
struct Open<'d, 's> {
    section: &'d SectionDrift<'s>,
    change: &'d Change<'s>,
    subject: Subject,
    pin: Pin,
}

/// Asks and writes, or takes what is named and writes.
///
/// # Errors
/// A build service runs it, nobody can be asked, no snapshots, a path that covers nothing, a file with mistakes.
pub fn run(args: &Args, terminal: &Terminal) -> Result<u8> {
    let (by, reason) = before_all(args, terminal)?;
    let two = Two::of(&args.new, args.against.as_deref(), "--against SNAPSHOT")?;
    let path = approvals_at(&two.new, args.approvals.as_deref(), "--approvals FILE")?;
    let include = known(&args.comparing.include)?;
    let how = How { ignore: true, other_tenant: false, now: terminal.now };
    let loaded = Loaded::of(&two, &args.comparing, how, (args.comparing.config.as_deref(), None))?;
    not_redacted(&loaded.after.manifest, &two.new, "who approves and why would stand in it as it is")?;
    let store = Store::at(&path, loaded.tenant());
    let known = store.read()?;
    let mut found = loaded.compare();
    let unused = approval::apply(&mut found, &known);
    let effects = loaded.effects(&found);
    let open = differences(&found, Change::is_drift);
    let names = [&two.old, &two.new].map(|path| path.display().to_string());
    let [old, new] = &names;
    let file = path.display().to_string();
    let notes = loaded.notes();
    let seen = Seen {
        drift: &found,
        old: Head::of(old, &loaded.before),
        new: Head::of(new, &loaded.after),
        effects: effects.as_ref(),
        exit: exit::MET,
        ignored: true,
        include: &include,
        detail: Detail::Full,
        most: usize::MAX,
        approvals: Some(Known { file: &file, list: &known, unused: &unused }),
        notes: &notes,
    };
    for note in &notes {
        terminal.tell(&format!("note: {}", escape::terminal(note)));
    }
    let on = day(args.comparing.today.unwrap_or(terminal.now));
    let style = terminal.style_beside(Volume::Normal);
    let mut keeper = Keeper { open: &open, seen: &seen, store: &store, by, on, style };
    let done = match (args.all, args.only.is_empty()) {
        (false, true) => keeper.ask(reason)?,
        (all, _) => {
            let chosen: Vec<usize> = match all {
                true => (0..open.len()).collect(),
                false => {
                    paths::chosen(&args.only, (&open, &differences(&found, Change::is_approved)), &found)?
                }
            };
            keeper.accept(&chosen, reason.as_deref().unwrap_or_default())?;
            Done { accepted: chosen.len(), left: open.len() - chosen.len(), ..Done::default() }
        }
    };
    terminal.print(&summary(&done, open.is_empty(), &found, &store))?;
    Ok(exit::MET)
}

/// What can be said before anything is read: nobody wants to hear it after ten minutes.
fn before_all(args: &Args, terminal: &Terminal) -> Result<(String, Option<String>)> {
    if let Some(variable) = terminal.ci() {
        return Err(miette!(
            code = "levelmark::approve::ci",
            help =
                "approve on your own machine and commit the file; here `levelmark diff --approved` reads it",
            "a build service approves nothing, and {variable} is set"
        ));
    }
    let by = attest::author(&args.by)?;
    let given = args.reason.as_deref().map(str::trim);
    let reason = given.map(|text| match (text, attest::usable(text)) {
        ("", _) => Err(miette!(code = "levelmark::approve::reason", "the reason is empty")),
        (_, Err(why)) => Err(miette!(code = "levelmark::approve::reason", "the reason can't be kept: {why}")),
        (_, Ok(text)) => Ok(text),
    });
    let reason = reason.transpose()?;
    let asks = !args.all && args.only.is_empty();
    let person = std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
    if asks && !person {
        return Err(miette!(
            code = "levelmark::approve::terminal",
            help = "say what is accepted: --only PATH (may be repeated), or --all; and why: --reason TEXT",
            "there is no terminal, so nobody can be asked"
        ));
    }
    if !asks && reason.is_none() {
        return Err(miette!(
            code = "levelmark::approve::reason",
            help = "add --reason TEXT",
            "what is accepted without being asked needs a reason"
        ));
    }
    Ok((by, reason))
}

fn day(now: DateTime<Utc>) -> DateTime<Utc> {
    now.date_naive().and_time(NaiveTime::MIN).and_utc()
}

/// Differences that can be accepted, or are, section by section.
fn differences<'d, 's>(found: &'d Drift<'s>, which: fn(&Change<'s>) -> bool) -> Vec<Open<'d, 's>> {
    let mut all = Vec::new();
    for section in &found.sections {
        let Some(subjects) = Subjects::of(section, &found.rules) else { continue };
        for change in section.changes.iter().filter(|change| which(change)) {
            if let (Some(subject), Some(pin)) = (subjects.subject(change), subjects.pin(change)) {
                all.push(Open { section, change, subject, pin });
            }
        }
    }
    all
}

/// Item by item, the worst first.
fn questions(open: &[Open<'_, '_>], effects: Option<&Effects>) -> Vec<Question> {
    let same = |a: &&usize, b: &&usize| match (open.get(**a), open.get(**b)) {
        (Some(a), Some(b)) => {
            a.section.id == b.section.id
                && (a.change.old_item, a.change.new_item) == (b.change.old_item, b.change.new_item)
        }
        _ => false,
    };
    let places: Vec<usize> = (0..open.len()).collect();
    let of = |changes: &[usize]| {
        let all = changes.iter().filter_map(|at| open.get(*at));
        let rank = effects.and_then(|effects| all.map(|open| effects.rank(open.section, open.change)).min());
        let section = changes.first().and_then(|at| open.get(*at)).map_or("", |open| open.section.id);
        (rank, Question { section, changes: changes.to_vec() })
    };
    let mut ranked: Vec<_> = places.chunk_by(|a, b| same(&a, &b)).map(of).collect();
    ranked.sort_by_key(|(rank, _)| *rank);
    ranked.into_iter().map(|(_, question)| question).collect()
}

/// Shows differences and keeps what is accepted.
struct Keeper<'k, 'd, 's> {
    open: &'k [Open<'d, 's>],
    seen: &'k Seen<'s>,
    store: &'k Store,
    by: String,
    on: DateTime<Utc>,
    style: Style,
}

impl<'d, 's> Keeper<'_, 'd, 's> {
    /// What a question is about.
    fn of(&self, question: &Question) -> Option<(&'d SectionDrift<'s>, Vec<Change<'s>>)> {
        let all: Vec<&Open<'_, '_>> = question.changes.iter().filter_map(|at| self.open.get(*at)).collect();
        Some((all.first()?.section, all.iter().map(|open| open.change.clone()).collect()))
    }

    fn ask(&mut self, reason: Option<String>) -> Result<Done> {
        let questions = questions(self.open, self.seen.effects);
        let mut output = std::io::stderr().lock();
        ask::ask(questions, reason, self, &mut std::io::stdin().lock(), &mut output)
    }

    fn approval(&self, open: &Open<'_, '_>, reason: &str) -> Approval {
        let sensitive = sections::find(open.section.id).is_none_or(|section| !section.sensitive.is_empty());
        Approval {
            subject: open.subject.clone(),
            value: open.pin.clone(),
            shown: drift::brief(open.change)
                .map(|text| text.trim().to_owned())
                .filter(|text| !sensitive && !text.is_empty()),
            reason: reason.to_owned(),
            by: self.by.clone(),
            on: self.on,
            line: 0,
        }
    }
}

impl Book for Keeper<'_, '_, '_> {
    fn show(&self, question: &Question, title: bool) -> String {
        let Some((section, changes)) = self.of(question) else { return String::new() };
        let text = drift::single(self.seen, self.style, (section, &changes), (title, "v shows them"));
        escape::printed(&text, self.style.color).into_owned()
    }

    fn whole(&self, question: &Question) -> String {
        let Some((section, changes)) = self.of(question) else { return String::new() };
        let text = drift::whole(self.seen, self.style, section, &changes);
        escape::printed(&text, self.style.color).into_owned()
    }

    fn accept(&mut self, changes: &[usize], reason: &str) -> Result<()> {
        let all = changes.iter().filter_map(|at| self.open.get(*at));
        let approvals: Vec<Approval> = all.map(|open| self.approval(open, reason)).collect();
        self.store.append(&approvals)
    }
}

fn summary(done: &Done, nothing: bool, found: &Drift<'_>, store: &Store) -> String {
    let number =
        |count: usize| if count == 1 { "1 difference".to_owned() } else { format!("{count} differences") };
    let mut text = match done.accepted {
        0 if nothing => "nothing differs that is not approved".to_owned(),
        0 => "nothing was approved".to_owned(),
        count => format!("approved {} into {}", number(count), store.path().display()),
    };
    for (count, what) in [(done.rejected, "rejected: drift as before"), (done.left, "left as drift")] {
        if count > 0 {
            text.push_str(&format!("; {count} {what}"));
        }
    }
    let before = found.counts().approved;
    if before > 0 {
        text.push_str(&format!("; {before} approved before"));
    }
    let lost: BTreeSet<&str> =
        found.sections.iter().filter(|section| section.is_lost()).map(|section| section.id).collect();
    if !lost.is_empty() {
        let lost = lost.into_iter().collect::<Vec<_>>().join(", ");
        text.push_str(&format!("\nno longer seen, which no approval covers: {lost}"));
    }
    text + "\n"
}
