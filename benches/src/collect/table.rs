//! The table of a collection, for people. Comes in: an outcome. Goes out: lines on standard output.

use levelmark::sections::throttle::{Quota, Throttle};

use super::Outcome;
use super::least::{CLASSES, quotas};

/// Sections whose ends are told.
const LAST: usize = 5;

pub fn print(outcome: &Outcome) {
    let Outcome { options, told, counted, least, run } = outcome;
    println!(
        "{} users, {} service principals, {} groups with owners, {} applications with federated credentials, \
         {} sections; {} times as fast as in life, {} ms an answer",
        options.users,
        options.service_principals,
        options.groups,
        options.applications,
        options.sections.len(),
        options.speed,
        options.latency.as_millis()
    );
    println!(
        "{:<34}{:>20}{:>9}{:>9}{:>6}{:>12}{:>10}{:>10}",
        "class", "quota", "requests", "units", "429", "waited s", "least s", "took s"
    );
    for class in CLASSES {
        let Some(asked) = told.classes.get(class.name()).filter(|asked| asked.requests > 0) else { continue };
        let refused = counted.classes.get(class.name()).map_or(0, |class| class.refused);
        println!(
            "{:<34}{:>20}{:>9}{:>9}{:>6}{:>12.0}{:>10.1}{:>10.1}",
            class.name(),
            quotas(class, options.users).iter().map(quota).collect::<Vec<_>>().join(", "),
            asked.requests,
            asked.units,
            refused,
            asked.waited,
            least.class(class),
            ended(outcome, class)
        );
    }
    let mut last: Vec<_> = told.sections.iter().collect();
    last.sort_by(|(_, a), (_, b)| b.at.total_cmp(&a.at));
    let last =
        last.iter().take(LAST).map(|(id, section)| format!("{id} {:.1} s", section.at * options.speed));
    println!("last to come: {}", last.collect::<Vec<_>>().join(", "));
    let (class, seconds) = least.slowest();
    println!(
        "the quotas allow {seconds:.1} s at the least ({}); the list with the most pages, {} with {}, takes {:.1} s of answers one after the other",
        class.name(),
        least.list.0,
        least.list.1,
        least.list.2
    );
    println!(
        "took {:.1} s × {} = {:.1} s, {:.3} times the least; {} of {} requests answered 429 ({:.2} %)",
        told.seconds,
        options.speed,
        outcome.virtually(),
        outcome.ratio(),
        counted.refused(),
        counted.requests(),
        outcome.throttled() * 100.0
    );
    println!(
        "peak memory {:.0} MB; {:.1} MB came in, compressed; processor {:.1} s the collector, {:.1} s the fake, of {:.1} s",
        run.megabytes,
        counted.bytes as f64 / 1e6,
        told.cpu,
        counted.cpu,
        run.seconds
    );
}

fn quota(quota: &Quota) -> String {
    format!("{} in {} s", quota.units, quota.per.as_secs())
}

/// When the last section of a class was there, in the service's time.
fn ended(outcome: &Outcome, class: Throttle) -> f64 {
    let of_class = |id: &str| {
        let graph = levelmark::sections::find(id).and_then(|section| section.graph);
        graph.is_some_and(|graph| Throttle::of(graph.path) == class)
    };
    let sections = outcome.told.sections.iter().filter(|(id, _)| of_class(id));
    sections.map(|(_, ended)| ended.at).fold(0.0, f64::max) * outcome.options.speed
}
