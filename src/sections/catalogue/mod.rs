//! The entries, one list per area in order of ids, and each area's contracts. Comes in: the
//! contract files compiled into the binary. Goes out: areas in order of their names. Not here:
//! what an entry consists of (`sections`), how a contract is read (`contract`).

mod access;
mod applications;
mod change;
mod content;
mod derived;
mod devices;
mod governance;
mod people;
mod posture;
mod registers;
mod roles;
mod tenant;

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde_json::value::RawValue;

use super::Section;
use super::contract::{self, Object};

/// The sections that share the first part of their id.
#[derive(Debug)]
pub struct Area {
    /// e.g. `conditionalAccess`.
    pub name: &'static str,
    /// In order of ids.
    pub sections: &'static [Section],
    source: &'static str,
    contracts: OnceLock<BTreeMap<String, Contract>>,
}

/// The contract of a section, read when first asked for.
#[derive(Debug)]
struct Contract {
    text: &'static RawValue,
    read: OnceLock<Object>,
}

macro_rules! areas {
    ($($name:literal => $sections:path),+ $(,)?) => {
        [$(Area {
            name: $name,
            sections: $sections,
            source: include_str!(concat!("../contracts/", $name, ".json")),
            contracts: OnceLock::new(),
        }),+]
    };
}

/// All areas in order of their names, so that the sections in them are in order of their ids.
pub static AREAS: [Area; 24] = areas![
    "applications" => applications::APPLICATIONS,
    "backup" => content::BACKUP,
    "community" => content::COMMUNITY,
    "conditionalAccess" => access::CONDITIONAL_ACCESS,
    "configuration" => posture::CONFIGURATION,
    "content" => content::CONTENT,
    "derived" => derived::DERIVED,
    "devices" => devices::DEVICES,
    "directory" => people::DIRECTORY,
    "governance" => governance::GOVERNANCE,
    "groups" => people::GROUPS,
    "identity" => access::IDENTITY,
    "logs" => posture::LOGS,
    "meetings" => change::MEETINGS,
    "messageCenter" => change::MESSAGE_CENTER,
    "planner" => change::PLANNER,
    "registers" => registers::REGISTERS,
    "roles" => roles::ROLES,
    "security" => posture::SECURITY,
    "serviceHealth" => change::SERVICE_HEALTH,
    "tenant" => tenant::TENANT,
    "training" => posture::TRAINING,
    "usage" => content::USAGE,
    "users" => people::USERS,
];

impl Area {
    /// The contract of a section, read once. The text is ours and a test reads all of it, so a mistake
    /// in it can't reach anybody; it would read as "no fields" here, never as a panic.
    fn contract(&'static self, id: &str) -> Option<&'static Object> {
        let split = || contract::split_area(self.source).unwrap_or_default();
        let kept = |(id, text)| (id, Contract { text, read: OnceLock::new() });
        let contracts = self.contracts.get_or_init(|| split().into_iter().map(kept).collect());
        let Contract { text, read } = contracts.get(id)?;
        Some(read.get_or_init(|| contract::parse(id, text.get()).unwrap_or_default()))
    }

    #[cfg(test)]
    pub(super) const fn source(&self) -> &'static str {
        self.source
    }
}

/// The contract of a section; without fields if the area's file has none, which a test forbids.
pub(super) fn contract_of(section: &Section) -> &'static Object {
    static NOTHING: Object = Object { fields: BTreeMap::new(), open: false };
    AREAS
        .iter()
        .find(|area| area.name == section.area())
        .and_then(|area| area.contract(section.id))
        .unwrap_or(&NOTHING)
}
