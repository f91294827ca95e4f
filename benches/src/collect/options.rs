//! What is to be collected, how fast. Comes in: words of the command line. Goes out: the same, read; and
//! words again, for the processes that take part.

use std::time::Duration;

use levelmark::sections::{self, Kind, Section};

use crate::Failure;

/// Sizes of the tenant, tempo of its service, sections.
#[derive(Debug, Clone)]
pub struct Options {
    pub users: usize,
    pub service_principals: usize,
    pub groups: usize,
    pub applications: usize,
    /// How many times faster than in life.
    pub speed: f64,
    /// In life.
    pub latency: Duration,
    pub sections: Vec<&'static Section>,
}

/// Lists that grow with the tenant.
const LARGE: [&str; 5] = [
    "users.accounts",
    "users.registration",
    "applications.servicePrincipals",
    "applications.registrations",
    "groups.groups",
];

impl Options {
    pub fn parse(arguments: &[&str]) -> Result<Self, Failure> {
        let mut options = Self {
            users: 100_000,
            service_principals: 110_000,
            groups: 20_000,
            applications: 2_000,
            speed: 20.0,
            latency: Duration::from_millis(150),
            sections: usual(),
        };
        for pair in arguments.chunks(2) {
            match pair {
                ["--users", count] => options.users = count.parse()?,
                ["--service-principals", count] => options.service_principals = count.parse()?,
                ["--groups", count] => options.groups = count.parse()?,
                ["--applications", count] => options.applications = count.parse()?,
                ["--speed", times] => options.speed = times.parse()?,
                ["--latency-ms", time] => options.latency = Duration::from_millis(time.parse()?),
                ["--sections", ids] => options.sections = named(ids)?,
                other => return Err(format!("unknown option `{}`", other.join(" ")).into()),
            }
        }
        Ok(options)
    }

    /// The words that say the same.
    pub fn words(&self) -> Vec<String> {
        let ids: Vec<&str> = self.sections.iter().map(|section| section.id).collect();
        [
            ("--users", self.users.to_string()),
            ("--service-principals", self.service_principals.to_string()),
            ("--groups", self.groups.to_string()),
            ("--applications", self.applications.to_string()),
            ("--speed", self.speed.to_string()),
            ("--latency-ms", self.latency.as_millis().to_string()),
            ("--sections", ids.join(",")),
        ]
        .into_iter()
        .flat_map(|(name, value)| [name.to_owned(), value])
        .collect()
    }
}

/// The large lists, and all settings that one request, or its pages, answer.
fn usual() -> Vec<&'static Section> {
    let settings = |section: &&Section| {
        let asked_once = section.graph.is_some_and(|graph| graph.over.is_none());
        section.kind == Kind::Settings && section.sensitive.is_empty() && asked_once
    };
    sections::all().filter(|section| LARGE.contains(&section.id) || settings(section)).collect()
}

fn named(ids: &str) -> Result<Vec<&'static Section>, Failure> {
    let find = |id: &str| sections::find(id).ok_or_else(|| format!("there is no section `{id}`").into());
    let sections: Vec<&'static Section> = ids.split(',').map(find).collect::<Result<_, Failure>>()?;
    Ok(sections::choose::with_parents_of(&sections))
}
