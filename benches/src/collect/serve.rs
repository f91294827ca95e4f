//! The fake Graph as a process of its own. Comes in: the options. Goes out: an address and a token on
//! the first line; what was counted, whenever asked for; the end with the end of standard input. Not
//! here: what it serves (`fake_graph`).

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};

use levelmark::sections::throttle::Throttle;
use serde::{Deserialize, Serialize};

use super::options::Options;
use crate::Failure;
use crate::fake_graph::FakeGraph;
use crate::fake_graph::quota::Class;
use crate::fake_graph::settings::Settings;
use crate::fake_graph::tenant::Tenant;

/// What the service counted.
#[derive(Debug, Serialize, Deserialize)]
pub struct Counted {
    /// By the names of the collector's classes.
    pub classes: BTreeMap<String, Class429>,
    /// Bodies as sent, compressed.
    pub bytes: u64,
    /// Seconds of the processor.
    pub cpu: f64,
}

/// One class.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Class429 {
    pub requests: u64,
    /// Answered 429.
    pub refused: u64,
    /// Units of those that were let through.
    pub units: u64,
}

impl Counted {
    pub fn requests(&self) -> u64 {
        self.classes.values().map(|class| class.requests).sum()
    }

    pub fn refused(&self) -> u64 {
        self.classes.values().map(|class| class.refused).sum()
    }
}

/// The tenant of the options.
pub fn tenant(options: &Options) -> std::io::Result<Tenant> {
    let Options { users, service_principals, groups, applications, .. } = *options;
    Tenant::synthetic(users, service_principals, groups, applications)
}

/// The process.
pub fn run(arguments: &[&str]) -> Result<(), Failure> {
    let options = Options::parse(arguments)?;
    let graphs = options.sections.iter().filter_map(|section| section.graph);
    let needs = graphs.flat_map(|graph| {
        let children = graph.children.iter().map(|child| child.permission);
        let fields = graph.field_needs.iter().map(|need| need.permission);
        children.chain(fields).chain(graph.application.split_whitespace())
    });
    let settings = Settings {
        roles: Some(needs.map(str::to_owned).collect()),
        speed: options.speed,
        latency: options.latency,
        quotas: true,
        gzip: true,
        record: false,
        ..Settings::default()
    };
    let fake = FakeGraph::spawn(tenant(&options)?, settings)?;
    let mut out = std::io::stdout();
    writeln!(out, "{} {}", fake.address, fake.token())?;
    for line in std::io::stdin().lock().lines() {
        line?;
        let mut classes: BTreeMap<String, Class429> = BTreeMap::new();
        for (class, counts) in fake.quotas() {
            let sum = classes.entry(named(&class).name().to_owned()).or_default();
            sum.requests += counts.requests;
            sum.refused += counts.refused;
            sum.units += counts.units;
        }
        let counted = Counted { classes, bytes: fake.sums().bytes, cpu: crate::measure::cpu()? };
        writeln!(out, "{}", serde_json::to_string(&counted)?)?;
    }
    Ok(())
}

/// The collector's class.
fn named(class: &Class) -> Throttle {
    match class {
        Class::Directory => Throttle::Directory,
        Class::IdentityReports => Throttle::IdentityReports,
        Class::ConditionalAccess => Throttle::ConditionalAccess,
        Class::ServiceCommunications => Throttle::ServiceCommunications,
        Class::UsageReport(_) | Class::UsageJson(_) => Throttle::UsageReports,
        Class::Security => Throttle::SecureScore,
        Class::MessageTrace => Throttle::MessageTrace,
        Class::Teams => Throttle::Teams,
        Class::Other => Throttle::Unpublished,
    }
}

/// The process, from outside; it ends when this is dropped.
pub struct Server {
    pub address: String,
    pub token: String,
    child: Child,
    lines: std::io::Lines<BufReader<std::process::ChildStdout>>,
}

impl Server {
    pub fn start(options: &Options) -> Result<Self, Failure> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("collect-serve").args(options.words()).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn()?;
        let out = child.stdout.take().ok_or("the fake has no output")?;
        let mut lines = BufReader::new(out).lines();
        let first = lines.next().ok_or("the fake did not start")??;
        let (address, token) = first.split_once(' ').ok_or("the fake did not say where it is")?;
        Ok(Self { address: address.to_owned(), token: token.to_owned(), child, lines })
    }

    pub fn counts(&mut self) -> Result<Counted, Failure> {
        let Some(stdin) = &mut self.child.stdin else { return Err("the fake has no input".into()) };
        stdin.write_all(b"counts\n")?;
        let line = self.lines.next().ok_or("the fake has ended")??;
        Ok(serde_json::from_str(&line)?)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // The end of its input is its end.
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}
