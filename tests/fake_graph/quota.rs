//! The published quotas, counted in sliding windows. Comes in: a request's path, the time. Goes out:
//! whether it is over quota, and what the headers say. Not here: quotas of other applications.
//!
//! <https://learn.microsoft.com/graph/throttling-limits>

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

use super::query::Options;

/// What is counted together.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Class {
    /// The directory, in resource units.
    Directory,
    /// Audit logs, reports of authentication methods, recommendations.
    IdentityReports,
    ConditionalAccess,
    ServiceCommunications,
    /// One report as CSV.
    UsageReport(String),
    /// One report as JSON.
    UsageJson(String),
    Security,
    MessageTrace,
    Teams,
    /// What no published quota but the general one holds for.
    Other,
}

/// What was counted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) requests: u64,
    pub(crate) refused: u64,
    pub(crate) units: u64,
}

/// What quotas say of a request.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Ruling {
    pub(crate) class: Class,
    pub(crate) units: u32,
    /// How much of the quota is used, from 0.
    pub(crate) used: f64,
    /// How long until it would be let through; `None`: it is.
    pub(crate) wait: Option<Duration>,
}

/// All windows.
#[derive(Debug)]
pub(crate) struct Quota {
    users: usize,
    speed: f64,
    on: bool,
    windows: BTreeMap<Class, Vec<Window>>,
    counts: BTreeMap<Class, Counts>,
}

#[derive(Debug)]
struct Window {
    span: Duration,
    limit: u32,
    used: u32,
    entries: VecDeque<(Instant, u32)>,
}

impl Quota {
    /// Quotas of a tenant of so many users, their windows divided by `speed`. If they are not on,
    /// requests are counted all the same.
    pub(crate) fn new(users: usize, speed: f64, on: bool) -> Self {
        Self { users, speed: speed.max(0.001), on, windows: BTreeMap::new(), counts: BTreeMap::new() }
    }

    /// Counts a request at a time.
    pub(crate) fn take(&mut self, path: &str, options: &Options, now: Instant) -> Ruling {
        let class = class(path, options);
        let units = if class == Class::Directory { cost(path, options) } else { 1 };
        let (users, speed) = (self.users, self.speed);
        let windows = self.windows.entry(class.clone()).or_insert_with(|| windows(&class, users, speed));
        for window in &mut *windows {
            window.forget(now);
        }
        let wait = windows.iter().filter_map(|window| window.wait(units, now)).max().filter(|_| self.on);
        if wait.is_none() {
            for window in &mut *windows {
                window.used += units;
                window.entries.push_back((now, units));
            }
        }
        let used = windows.iter().map(Window::share).fold(0.0, f64::max);
        let counts = self.counts.entry(class.clone()).or_default();
        counts.requests += 1;
        match wait {
            Some(_) => counts.refused += 1,
            None => counts.units += u64::from(units),
        }
        Ruling { class, units, used, wait }
    }

    /// What was counted, by class.
    pub(crate) fn counts(&self) -> BTreeMap<Class, Counts> {
        self.counts.clone()
    }
}

impl Window {
    fn new(limit: u32, seconds: u64, speed: f64) -> Self {
        Self { span: Duration::from_secs(seconds).div_f64(speed), limit, used: 0, entries: VecDeque::new() }
    }

    fn forget(&mut self, now: Instant) {
        while let Some((_, units)) = self.entries.pop_front_if(|(at, _)| now.duration_since(*at) >= self.span)
        {
            self.used = self.used.saturating_sub(units);
        }
    }

    /// How long until so many units fit.
    fn wait(&self, units: u32, now: Instant) -> Option<Duration> {
        let mut over = (self.used + units).checked_sub(self.limit).filter(|over| *over > 0)?;
        for (at, taken) in &self.entries {
            if over <= *taken {
                return Some((*at + self.span).duration_since(now));
            }
            over -= taken;
        }
        Some(self.span)
    }

    fn share(&self) -> f64 {
        f64::from(self.used) / f64::from(self.limit.max(1))
    }
}

fn windows(class: &Class, users: usize, speed: f64) -> Vec<Window> {
    let one = |limit, seconds| vec![Window::new(limit, seconds, speed)];
    match class {
        Class::Directory if users < 50 => one(3500, 10),
        Class::Directory if users <= 500 => one(5000, 10),
        Class::Directory => one(8000, 10),
        Class::IdentityReports => one(5, 10),
        Class::ConditionalAccess => one(1, 1),
        Class::ServiceCommunications => vec![Window::new(240, 60, speed), Window::new(800, 3600, speed)],
        Class::UsageReport(_) => one(14, 600),
        Class::UsageJson(_) => one(100, 600),
        Class::Security => one(150, 60),
        Class::MessageTrace => one(100, 300),
        Class::Teams => one(30, 1),
        Class::Other => one(2000, 1),
    }
}

/// Which quota a path below the version falls under.
pub(crate) fn class(path: &str, options: &Options) -> Class {
    let path = path.to_ascii_lowercase();
    let starts = |start: &str| path.starts_with(start);
    if starts("/auditlogs/")
        || starts("/reports/authenticationmethods/")
        || starts("/directory/recommendations")
    {
        Class::IdentityReports
    } else if starts("/identity/conditionalaccess/") {
        Class::ConditionalAccess
    } else if starts("/admin/serviceannouncement/") {
        Class::ServiceCommunications
    } else if starts("/reports/get") {
        if options.format.is_some() { Class::UsageJson(path) } else { Class::UsageReport(path) }
    } else if starts("/security/") {
        Class::Security
    } else if starts("/admin/exchange/tracing/") {
        Class::MessageTrace
    } else if starts("/teams") {
        Class::Teams
    } else if is_directory(&path) {
        Class::Directory
    } else {
        Class::Other
    }
}

fn is_directory(path: &str) -> bool {
    let first = path.split('/').nth(1).unwrap_or_default();
    let known = [
        "users",
        "groups",
        "applications",
        "serviceprincipals",
        "devices",
        "directory",
        "directoryroles",
        "rolemanagement",
        "organization",
        "subscribedskus",
        "domains",
        "policies",
        "oauth2permissiongrants",
        "grouplifecyclepolicies",
        "groupsettings",
        "contracts",
    ];
    let elsewhere =
        path.contains("/planner/") || path.contains("/calendarview") || path.contains("/synchronization/");
    !elsewhere && known.contains(&first.split('(').next().unwrap_or_default())
}

/// Resource units of a request to the directory.
fn cost(path: &str, options: &Options) -> u32 {
    let path = path.to_ascii_lowercase();
    let base: i32 = if path.ends_with("/transitivemembers") {
        5
    } else if (path.starts_with("/groups/") && path.ends_with("/members"))
        || path == "/subscribedskus"
        || path == "/contracts"
    {
        3
    } else if path == "/users"
        || path == "/applications"
        || path == "/oauth2permissiongrants"
        || path.contains("/approle")
    {
        2
    } else {
        1
    };
    let select = i32::from(options.select.is_some());
    let expand = i32::from(!options.expand.is_empty());
    let few = i32::from(options.top.is_some_and(|top| top < 20));
    u32::try_from(base - select + expand - few).unwrap_or(1).max(1)
}
