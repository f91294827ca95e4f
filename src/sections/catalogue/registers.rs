//! Registers that an organisation keeps elsewhere: our own shapes, imported from CSV or JSON.

use super::super::entry::register;
use super::super::{Kind, Section};

pub(super) const REGISTERS: &[Section] = &[
    register("registers.communications", Kind::Log, "Notices sent about changes and incidents"),
    register("registers.deployments", Kind::Log, "Pipeline runs that changed the tenant"),
    register(
        "registers.environments",
        Kind::Settings,
        "Development, test, production and sandbox environments",
    )
    .key(&["name"]),
    register("registers.exceptions", Kind::Settings, "Approved exceptions: to what, whose, until when"),
    register("registers.meetings", Kind::Log, "Meetings held: series, attendees, agenda"),
    register("registers.recoveryTests", Kind::Log, "Tests of restore, failover and emergency access"),
    register("registers.requests", Kind::Log, "Requests for functionality and what became of them"),
    register("registers.sources", Kind::Settings, "Other sources of change information, and who reads them")
        .key(&["name"]),
    register("registers.tickets", Kind::Log, "Tickets of the service desk"),
    register("registers.toolResults", Kind::Settings, "Results of other tools' tests, the latest of each"),
    register("registers.tools", Kind::Settings, "Administration and security tools in use").key(&["name"]),
    register("registers.trainings", Kind::Log, "Courses that people were given and completed"),
    register("registers.triage", Kind::Log, "What was decided on each message or issue"),
];
