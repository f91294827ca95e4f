//! The collector against a fake Graph with the published quotas, faster than in life. Comes in: sizes
//! of a tenant. Goes out: what was asked, how long it took beside the least that the quotas allow, the
//! memory, and whether all that the tenant has came in. The rooms: `options`, `serve` (the fake, a
//! process), `ask` (the collection, another), `least` (the least time), `verify` (the snapshot), `table`.

mod ask;
mod least;
mod options;
mod serve;
mod table;
mod verify;

use std::process::ExitCode;

pub use ask::run as ask;
pub use serve::run as serve;

use self::ask::Told;
use self::least::Least;
use self::options::Options;
use self::serve::{Counted, Server};
use crate::Failure;
use crate::measure::{self, Run};

/// Times the least that the quotas allow.
const SLOWEST: f64 = 1.2;
/// Share of the requests that are answered 429.
const THROTTLED: f64 = 0.01;
/// Megabytes.
const MEMORY: f64 = 300.0;

/// All that is known after a collection.
pub struct Outcome {
    pub options: Options,
    pub run: Run,
    pub told: Told,
    pub counted: Counted,
    pub least: Least,
}

impl Outcome {
    /// Seconds of the server's time.
    fn virtually(&self) -> f64 {
        self.told.seconds * self.options.speed
    }

    /// Times the least.
    fn ratio(&self) -> f64 {
        self.virtually() / self.least.seconds().max(f64::MIN_POSITIVE)
    }

    /// Of all requests, those inside batches each.
    fn throttled(&self) -> f64 {
        self.counted.refused() as f64 / self.counted.requests().max(1) as f64
    }
}

/// Collects a tenant, prints a table, and says whether the bounds hold.
pub fn compare(arguments: &[&str]) -> Result<ExitCode, Failure> {
    let options = Options::parse(arguments)?;
    let folder = tempfile::tempdir_in(crate::run::data()?)?;
    let out = folder.path().join("snapshot");
    let mut server = Server::start(&options)?;
    let own = std::env::current_exe()?.display().to_string();
    let (place, words) = (out.display().to_string(), options.words());
    let mut command = vec![own.as_str(), "collect-run", &server.address, &server.token, &place];
    command.extend(words.iter().map(String::as_str));
    let run = measure::run(&command)?;
    if run.code != Some(0) {
        return Err("the collection failed".into());
    }
    let told: Told = serde_json::from_slice(&run.stdout)?;
    let counted = server.counts()?;
    drop(server);
    let least = Least::of(&options, &counted);
    let outcome = Outcome { options, run, told, counted, least };
    table::print(&outcome);
    let written = verify::verify(&outcome, &out)?;
    println!("{written}");
    let broken = broken(&outcome);
    broken.iter().for_each(|bound| println!("BROKEN: {bound}"));
    Ok(if broken.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn broken(outcome: &Outcome) -> Vec<String> {
    let bounds = [
        ("times the least time", outcome.ratio(), SLOWEST),
        ("of requests answered 429", outcome.throttled(), THROTTLED),
        ("MB of memory", outcome.run.megabytes, MEMORY),
    ];
    let over = bounds.into_iter().filter(|(_, found, most)| found > most);
    over.map(|(what, found, most)| format!("{found:.3} {what}, at most {most} are allowed")).collect()
}
