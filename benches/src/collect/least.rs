//! The least time that a collection can take. Comes in: what the service counted. Goes out: seconds of
//! the service's time, class by class, and what decides. Not here: what was measured.
//!
//! A quota of U units in P seconds lets U pass at once, so N units have passed after P × (⌈N/U⌉ − 1);
//! of two quotas the later counts. Beside that, pages of one list can only be asked for one after the
//! other, since each is named by the one before: that is a latency for each.

use std::time::Duration;

use levelmark::sections::throttle::{DIRECTORY_SIZES, Quota, Throttle};

use super::options::Options;
use super::serve::Counted;

/// Classes in the order of the table.
pub const CLASSES: [Throttle; 10] = [
    Throttle::Directory,
    Throttle::IdentityReports,
    Throttle::ConditionalAccess,
    Throttle::ServiceCommunications,
    Throttle::UsageReports,
    Throttle::SecureScore,
    Throttle::MessageTrace,
    Throttle::Outlook,
    Throttle::Teams,
    Throttle::Unpublished,
];

/// The least time, and why.
#[derive(Debug)]
pub struct Least {
    /// By class, in seconds.
    pub classes: Vec<(Throttle, f64)>,
    /// The longest list, its pages, and the seconds of their latencies.
    pub list: (&'static str, usize, f64),
}

impl Least {
    pub fn of(options: &Options, counted: &Counted) -> Self {
        let units = |class: Throttle| counted.classes.get(class.name()).map_or(0, |class| class.units);
        let of = |class: Throttle| quotas(class, options.users).iter().map(|q| least(q, units(class))).max();
        let classes = CLASSES.map(|class| (class, of(class).unwrap_or_default().as_secs_f64()));
        Self { classes: classes.into(), list: list(options) }
    }

    /// What no collection can be faster than.
    pub fn seconds(&self) -> f64 {
        self.slowest().1.max(self.list.2)
    }

    /// The class that takes longest.
    pub fn slowest(&self) -> (Throttle, f64) {
        let longest = self.classes.iter().copied().max_by(|a, b| a.1.total_cmp(&b.1));
        longest.unwrap_or((Throttle::Unpublished, 0.0))
    }

    /// One class.
    pub fn class(&self, class: Throttle) -> f64 {
        self.classes.iter().find(|(known, _)| *known == class).map_or(0.0, |(_, least)| *least)
    }
}

/// The quotas of a class in a tenant of so many users.
pub fn quotas(class: Throttle, users: usize) -> Vec<Quota> {
    let mut quotas = class.quotas().to_vec();
    if let (Throttle::Directory, [directory]) = (class, quotas.as_mut_slice()) {
        let sizes = DIRECTORY_SIZES.iter().filter(|(from, _)| users as u64 >= *from);
        directory.units = sizes.map(|(_, units)| *units).max().unwrap_or(directory.units);
    }
    quotas
}

fn least(quota: &Quota, units: u64) -> Duration {
    let windows = units.div_ceil(quota.units.into()).saturating_sub(1);
    quota.per * u32::try_from(windows).unwrap_or(u32::MAX)
}

/// The list with the most pages; their lengths are Graph's.
fn list(options: &Options) -> (&'static str, usize, f64) {
    let lists = [
        ("users.accounts", options.users, 500),
        ("users.registration", options.users, 100),
        ("applications.servicePrincipals", options.service_principals, 999),
        ("applications.registrations", options.applications, 999),
        ("groups.groups", options.groups, 999),
    ];
    let asked = lists.into_iter().filter(|(id, ..)| options.sections.iter().any(|s| s.id == *id));
    let pages = asked.map(|(id, items, page)| (id, items.div_ceil(page)));
    let (id, pages) = pages.max_by_key(|(_, pages)| *pages).unwrap_or(("", 0));
    (id, pages, pages as f64 * options.latency.as_secs_f64())
}
