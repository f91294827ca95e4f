//! The collection as a process of its own, so that its memory is nobody else's. Comes in: where the fake
//! is, with which token, where to write, the options. Goes out: one line of JSON: how long it took, what
//! each class was asked, when each section was there.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use levelmark::collect::client::Setup;
use levelmark::collect::client::limit::Tempo;
use levelmark::collect::client::page;
use levelmark::collect::clock::Clock;
use levelmark::collect::cloud::Endpoints;
use levelmark::collect::http;
use levelmark::collect::order::Order;
use levelmark::collect::progress::{Event, Progress};
use levelmark::collect::sign_in::{Claims, SignInError, Token, TokenSource};
use levelmark::collect::store::Manners;
use levelmark::snapshot::Form;
use levelmark::snapshot::record::Cloud;
use serde::{Deserialize, Serialize};
use serde_json::Map;

use super::options::Options;
use crate::Failure;

/// What the process says of itself.
#[derive(Debug, Serialize, Deserialize)]
pub struct Told {
    /// From signing in to the snapshot.
    pub seconds: f64,
    /// Seconds of the processor.
    pub cpu: f64,
    /// By class.
    pub classes: BTreeMap<String, Class>,
    pub sections: BTreeMap<String, Ended>,
}

/// What was asked of a class.
#[derive(Debug, Serialize, Deserialize)]
pub struct Class {
    pub requests: u64,
    pub units: u64,
    /// Seconds, one request after the other.
    pub waited: f64,
}

/// A section.
#[derive(Debug, Serialize, Deserialize)]
pub struct Ended {
    pub items: u64,
    /// When it was there, in seconds since the start.
    pub at: f64,
}

/// The token that the fake has given out.
#[derive(Debug)]
struct Brought(String);

impl TokenSource for Brought {
    fn token(&self, _: bool) -> futures::future::BoxFuture<'_, Result<Arc<Token>, SignInError>> {
        let token = Token { secret: self.0.clone().into(), claims: Claims::of(&self.0) };
        Box::pin(async move { Ok(Arc::new(token)) })
    }
}

/// Notes when sections end.
#[derive(Debug)]
struct Watch {
    start: Instant,
    sections: Mutex<BTreeMap<String, Ended>>,
}

impl Progress for Watch {
    fn tell(&self, event: Event) {
        if let Event::Ended(id, _, items) = event {
            let ended = Ended { items, at: self.start.elapsed().as_secs_f64() };
            self.sections.lock().unwrap_or_else(PoisonError::into_inner).insert(id.to_owned(), ended);
        }
    }
}

/// The process.
pub fn run(address: &str, token: &str, out: &Path, arguments: &[&str]) -> Result<(), Failure> {
    let options = Options::parse(arguments)?;
    let watch = Arc::new(Watch { start: Instant::now(), sections: Mutex::default() });
    // As the program itself has it.
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let collected = runtime.block_on(async {
        let setup = Setup {
            endpoints: Endpoints::of(Cloud::Global, Some(address), Some(address))?,
            tokens: Arc::new(Brought(token.to_owned())),
            clock: Clock::new("2026-11-02T05:30:00Z".parse()?, tokio::time::Instant::now()),
            tempo: Tempo { share: 1.0, speed: options.speed },
            silence: http::SILENCE,
            pages: page::MOST,
            progress: watch.clone(),
        };
        let order = Order {
            setup,
            out: out.to_owned(),
            form: Form::Directory,
            manners: Manners { resume: false, force: false, into: false },
            sections: options.sections.clone(),
            params: Map::new(),
            days: 180,
            tenant: None,
            redactor: None,
            declared_only: true,
        };
        Ok::<_, Failure>(order.collect().await?)
    })?;
    let seconds = watch.start.elapsed().as_secs_f64();
    let classes = collected.counts.iter().map(|(class, count)| {
        let waited = count.waited as f64 / 1e3 * options.speed;
        (class.name().to_owned(), Class { requests: count.requests, units: count.units, waited })
    });
    let classes = classes.collect();
    let sections = std::mem::take(&mut *watch.sections.lock().unwrap_or_else(PoisonError::into_inner));
    let told = Told { seconds, cpu: crate::measure::cpu()?, classes, sections };
    println!("{}", serde_json::to_string(&told)?);
    Ok(())
}
