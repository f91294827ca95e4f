//! `collect --tenants`: many tenants of a file, each into a folder of its own. Comes in: arguments. Goes out:
//! snapshots, and a table of what became of each. Not here: the file (`collect::tenants`), running many
//! side by side (`collect::many`).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use azure_core::credentials::Secret;
use miette::{Report, miette};
use tokio::time::Instant;

use super::chosen::{Choice, Wanted};
use super::crowd::{Crowd, Member};
use super::lines::Lines;
use super::{interruptible, redactor, scopes, setup, shown, table};
use crate::cli::Collect;
use crate::collect::clock::Clock;
use crate::collect::cloud::Endpoints;
use crate::collect::many::{self, Clerk, Ended, Job};
use crate::collect::order::Order;
use crate::collect::progress::{Progress, Silent};
use crate::collect::sign_in::{self, Environment, Method, Say, Setting, Source};
use crate::collect::store::Manners;
use crate::collect::tenants::{Entry, LIMITS, Tenants};
use crate::commands::{configuration, inputs};
use crate::config::Config;
use crate::exit;
use crate::redact::Redactor;
use crate::report::escape;
use crate::run::{Result, Terminal};
use crate::snapshot::Form;
use crate::terminal;
use crate::yaml::file;

/// Collects all tenants of a file.
///
/// # Errors
/// Usage, mistakes in the file. What fails for one tenant alone is in the table, and in the exit code.
pub(super) fn run(args: &Collect, file: &Path, terminal: &Terminal) -> Result<u8> {
    let bytes = file::read_within(file, LIMITS).map_err(|error| inputs::unreadable(file, &error))?;
    let here = file.parent().unwrap_or(Path::new(""));
    let tenants = Tenants::read(&file.display().to_string(), &bytes, here)?.only(&args.only)?;
    let entries = tenants.entries.as_slice();
    let crowd = (!args.quiet && !args.dry_run).then(|| Arc::new(Crowd::new(terminal, entries.len())));
    let office = Office {
        args,
        entries,
        folder: args.out.as_deref().or(args.into.as_deref()).unwrap_or(Path::new("")),
        choice: Choice::of(args)?,
        redactor: redactor(args, terminal)?,
        variables: terminal.variables(tenants.variables()),
        environment: terminal.environment(),
        terminal: terminal.is_interactive(),
        // Made here, not in the room: the clock is set by the program.
        clock: Clock::new(terminal.now, Instant::now()),
        crowd,
        written: AtomicUsize::new(0),
    };
    // Addresses that are none are no tenant's fault.
    office.endpoints(args.cloud.into())?;
    if args.dry_run {
        return office.dry_run(terminal);
    }
    let jobs: Vec<Job> = entries.iter().map(job).collect();
    let ended = interruptible(many::collect(&office, &jobs, usize::from(args.at_once), office.clock))?;
    if let Some(crowd) = &office.crowd {
        crowd.clear();
    }
    match ended {
        Some(ended) => office.tell(&ended, terminal),
        None => {
            let written = office.written.load(Ordering::Relaxed);
            terminal.tell(&format!(
                "interrupted; {written} of {} were written, and what was read of the others is kept: go on with \
                 `levelmark collect --tenants … --resume`",
                entries.len()
            ));
            Ok(exit::INTERRUPTED)
        }
    }
}

fn job(entry: &Entry) -> Job {
    Job { name: entry.name.clone(), id: entry.id.clone(), person: entry.sign_in.is_personal() }
}

/// All that the orders of the tenants have in common.
struct Office<'o> {
    args: &'o Collect,
    entries: &'o [Entry],
    /// The folder of all tenants' folders.
    folder: &'o Path,
    choice: Choice,
    /// Makes pseudonyms, if they are wanted.
    redactor: Option<Arc<Redactor>>,
    /// Variables that the file names.
    variables: BTreeMap<String, Secret>,
    environment: Environment,
    /// A person sits there.
    terminal: bool,
    clock: Clock,
    crowd: Option<Arc<Crowd>>,
    written: AtomicUsize,
}

impl Office<'_> {
    /// The addresses of a cloud, or those of the command line: never of the file, which would say where
    /// tokens are sent to.
    fn endpoints(&self, cloud: crate::snapshot::record::Cloud) -> Result<Endpoints> {
        let (graph, login) = (self.args.graph_endpoint.as_deref(), self.args.login_endpoint.as_deref());
        Ok(Endpoints::of(cloud, graph, login)?)
    }

    /// Who signs in, and where.
    fn method(&self, entry: &Entry) -> Result<(Method, Endpoints)> {
        let endpoints = self.endpoints(entry.cloud.unwrap_or(self.args.cloud.into()))?;
        let asked = entry.sign_in.asked(&entry.id, &self.variables, self.terminal);
        let method = sign_in::choose(&asked, &self.environment)?;
        if method.is_interactive() && !self.terminal {
            return Err(miette!(
                code = "levelmark::collect::nobody_there",
                help = "run it on a terminal, or let an application sign in",
                "a person signs in here, and there is no terminal"
            ));
        }
        Ok((method, endpoints))
    }

    fn out(&self, entry: &Entry) -> PathBuf {
        self.folder.join(&entry.name).join("snapshot")
    }

    /// What is asked of a tenant: its own configuration says whom about.
    fn wanted(&self, entry: &Entry) -> Result<Wanted> {
        let home = self.folder.join(&entry.name).join(configuration::NAME);
        let config = match (&entry.config, &self.args.config) {
            (Some(path), _) => configuration::read(path)?,
            (None, _) if home.is_file() => configuration::read(&home)?,
            (None, Some(path)) => configuration::read(path)?,
            (None, None) => Config::default(),
        };
        super::chosen::not_redacted(&config)?;
        self.choice.wanted(&config, &entry.include)
    }

    /// What is there is brought up to date; `--force` writes over it, save where it is said with `--into`.
    fn manners(&self, out: &Path) -> Manners {
        let (resume, force) = (self.args.resume, self.args.force);
        Manners { resume, force, into: out.exists() && (!force || self.args.into.is_some()) }
    }

    /// Tells a person how to sign in, and to what.
    fn say(&self, entry: &Entry) -> Say {
        let (name, crowd) = (entry.name.clone(), self.crowd.clone());
        Arc::new(move |text| {
            let text = format!("{name}: {text}");
            match &crowd {
                Some(crowd) => crowd.print(&text),
                None => Lines::bare(&text),
            }
        })
    }

    fn progress(&self, entry: &Entry) -> Arc<dyn Progress> {
        match &self.crowd {
            Some(crowd) => Arc::new(Member { name: entry.name.clone(), crowd: Arc::clone(crowd) }),
            None => Arc::new(Silent),
        }
    }

    /// Who would sign in to each, and what would be asked.
    fn dry_run(&self, terminal: &Terminal) -> Result<u8> {
        let (mut out, mut able) = (String::new(), 0);
        for entry in self.entries {
            let signs_in = match self.wanted(entry).and_then(|_| self.method(entry)) {
                Ok((method, endpoints)) => {
                    able += 1;
                    format!("signs in: {}; asks: {}", method.describe(&endpoints), endpoints.graph)
                }
                Err(error) => format!("can't be collected: {}", terminal::one_line(&error)),
            };
            out.push_str(&format!("{}\n  {}\n", entry.name, escape::terminal(&signs_in)));
            let extra: Vec<&str> = entry.include.iter().map(|section| section.id).collect();
            if !extra.is_empty() && self.args.sections.is_empty() {
                out.push_str(&format!("  and besides: {}\n", extra.join(", ")));
            }
        }
        out.push_str(&format!("\n{able} of {} tenants\n", self.entries.len()));
        let wanted = self.choice.wanted(&Config::default(), &[])?;
        terminal.print(&(out + &shown::what(&wanted, self.args.days)))?;
        Ok(if able == self.entries.len() { exit::MET } else { exit::INVALID })
    }

    /// A table of all, the paths of what was written, and how many they are.
    fn tell(&self, ended: &[Ended], terminal: &Terminal) -> Result<u8> {
        let rows: Vec<(&Entry, &Ended)> = self.entries.iter().zip(ended).collect();
        let failed = || rows.iter().filter_map(|(entry, ended)| Some((entry, ended.result.as_ref().err()?)));
        if self.args.quiet {
            failed().for_each(|(entry, error)| terminal.tell(&not_collected(entry, error)));
        } else {
            let rows: Vec<_> = rows.iter().map(|(entry, ended)| (entry.name.as_str(), *ended)).collect();
            terminal.tell(&table::table(&rows, terminal));
        }
        let written: Vec<_> = rows.iter().filter(|(_, ended)| ended.result.is_ok()).collect();
        let mut out = String::new();
        for (entry, _) in &written {
            out.push_str(&format!("wrote {}\n", self.out(entry).display()));
        }
        terminal.print(&format!("{out}wrote {} of {}\n", written.len(), rows.len()))?;
        Ok(if written.len() == rows.len() { exit::MET } else { exit::INVALID })
    }
}

impl Clerk for Office<'_> {
    fn order(&self, job: usize) -> Result<Order> {
        let entry = self.entries.get(job).ok_or_else(|| miette!("there is no tenant {job}"))?;
        let wanted = self.wanted(entry)?;
        let (method, endpoints) = self.method(entry)?;
        let scopes = scopes(&endpoints, &wanted);
        let setting = Setting::new(endpoints.clone(), self.clock, scopes, self.say(entry));
        let tokens = Arc::new(Source::new(method, &setting)?);
        let setup = setup(self.args, endpoints, tokens, self.clock, self.progress(entry));
        let out = self.out(entry);
        Ok(Order {
            setup,
            form: Form::Directory,
            manners: self.manners(&out),
            out,
            declared_only: wanted.declared_only,
            sections: wanted.sections,
            params: wanted.params,
            days: self.args.days,
            tenant: Some(entry.id.clone()),
            redactor: self.redactor.clone(),
        })
    }

    fn begun(&self, job: usize) {
        if let (Some(crowd), Some(entry)) = (&self.crowd, self.entries.get(job)) {
            crowd.begun(&entry.name);
        }
    }

    fn ended(&self, job: usize, ended: &Ended) {
        let Some(entry) = self.entries.get(job) else { return };
        if ended.result.is_ok() {
            self.written.fetch_add(1, Ordering::Relaxed);
        }
        if let Some(crowd) = &self.crowd {
            crowd.ended(&entry.name);
            crowd.print(&match &ended.result {
                Ok(_) => format!("{}: wrote {}", entry.name, self.out(entry).display()),
                Err(error) => not_collected(entry, error),
            });
        }
    }
}

/// Why one was not collected, and what to do.
fn not_collected(entry: &Entry, error: &Report) -> String {
    let help = error.help().map(|help| format!("; {help}")).unwrap_or_default();
    format!("{}: not collected: {}{help}", entry.name, terminal::one_line(error))
}
