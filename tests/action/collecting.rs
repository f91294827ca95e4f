//! Collecting before the check, from the fake Graph.

use super::fake_graph::FakeGraph;
use super::fake_graph::settings::Settings;
use super::fake_graph::tenant::Tenant;
use super::fakes::machine;
use super::{action, came_out, tenant_texts};

#[test]
fn what_was_collected_is_checked() {
    let fake = FakeGraph::spawn(Tenant::contoso().unwrap(), Settings::default()).unwrap();
    let mut machine = machine();
    for (name, value) in [
        ("LEVELMARK_TOKEN", fake.token()),
        ("LEVELMARK_GRAPH_ENDPOINT", fake.address.clone()),
        ("LEVELMARK_LOGIN_ENDPOINT", fake.address.clone()),
    ] {
        machine.set(name, value);
    }
    // Where everybody can look, what is told while collecting says nothing of the tenant either.
    machine.event("schedule", &serde_json::json!({ "schedule": "17 3 * * *" }));
    std::fs::create_dir(machine.workspace.join("contoso")).unwrap();
    std::fs::write(machine.workspace.join("contoso/levelmark.yaml"), "targets: { infrastructure: 500 }\n")
        .unwrap();
    let inputs = [("collect", "true"), ("today", ""), ("fail-on", "level,violation")];
    let ran = action(&mut machine, &inputs);
    came_out(&ran, "not-met", 1);
    assert!(machine.workspace.join("contoso/snapshot/manifest.json").is_file(), "in the tenant folder");
    let seen = fake.seen().len();
    assert!(seen > 50, "{seen}");
    let shown = ran.log + &ran.summary;
    let leaks = tenant_texts::leaks("contoso", &shown.replace("contoso/", ""));
    assert!(leaks.is_empty() && !shown.contains(&fake.token()), "{leaks:#?}");
    // The next time it is brought up to date.
    let ran = action(&mut machine, &inputs);
    came_out(&ran, "not-met", 1);
    assert!(fake.seen().len() > seen);
}
