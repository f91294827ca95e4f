//! Everything that the catalogue asks for, asked as plainly as can be, comes back as it was recorded.

use std::collections::BTreeSet;
use std::path::Path;

use levelmark::sections::normal::{Source, normalise};
use levelmark::sections::{Answer, Each, Graph, Section, Shape, Via, all, find};
use serde_json::Value;

use super::Client;
use super::fake_graph::settings::{Looks, Settings, Singletons};

/// A request's target, without its object.
fn target(section: &Section, graph: &Graph) -> String {
    let mut parts = vec![section.query()];
    parts.extend(graph.children.iter().map(|child| format!("$expand={}", child.expand)));
    let query: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    let query =
        query.join("&").replace("{from}", "2026-10-24T00:00:00Z").replace("{to}", "2026-11-02T23:00:00Z");
    format!("/{}{}?{query}", graph.version, graph.path)
}

fn with_object(target: &str, id: &str) -> String {
    let (start, rest) = target.split_once('{').unwrap();
    format!("{start}{id}{}", rest.split_once('}').unwrap().1)
}

fn recorded(section: &str) -> Vec<Value> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/tenants/contoso/snapshot");
    serde_json::from_slice(&std::fs::read(folder.join(format!("{section}.json"))).unwrap()).unwrap()
}

/// Ids of the objects that a section is asked for.
fn objects(each: Each) -> Vec<String> {
    let id = |item: &Value| item["id"].as_str().unwrap().to_owned();
    match each {
        Each::Item(section) => recorded(section).iter().map(id).collect(),
        Each::Where(section, name, value) => {
            let holds = |item: &&Value| match &item[name] {
                Value::Array(values) => values.iter().any(|one| one == value),
                other => other.as_bool() == Some(value == "true") || other == value,
            };
            recorded(section).iter().filter(holds).map(id).collect()
        }
        Each::ReferencedGroups => recorded("groups.members")
            .iter()
            .map(|item| item["groupId"].as_str().unwrap().to_owned())
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect(),
        Each::Param(_) => recorded("logs.signIns")
            .iter()
            .map(|item| item["userId"].as_str().unwrap().to_owned())
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect(),
        Each::At(_) => Vec::new(),
    }
}

async fn collect(client: &Client, section: &Section, graph: &Graph) -> Vec<Value> {
    let target = target(section, graph);
    let mut items = Vec::new();
    match graph.over {
        Some(over) => {
            for id in objects(over.each) {
                let (mut of_object, _) = client.all(&with_object(&target, &id)).await;
                for item in &mut of_object {
                    over.joins.iter().for_each(|(_, name)| item[*name] = id.clone().into());
                }
                items.append(&mut of_object);
            }
        }
        None if section.shape == Shape::Singleton => {
            let (status, body) = client.get(&target).await;
            assert_eq!(status, 200, "{body}");
            items.push(match &body["value"] {
                Value::Array(values) => values[0].clone(),
                Value::Object(_) => body["value"].clone(),
                _ => body,
            });
        }
        None if graph.answer == Answer::Csv => {
            let target = format!("/beta{}?$format=application/json", graph.path);
            items = client.all(&target).await.0;
        }
        None => items = client.all(&target).await.0,
    }
    for item in &mut items {
        normalise(item, section.contract(), Source::default());
        if let (Some(fields), Some(members)) = (section.fields, item.as_object_mut()) {
            members.retain(|name, _| fields.contains(&name.as_str()));
        }
    }
    items
}

fn sorted(mut items: Vec<Value>) -> Vec<String> {
    items.sort_by_key(Value::to_string);
    items.iter().map(Value::to_string).collect()
}

async fn compare(settings: Settings) {
    let client = Client::contoso(settings).await;
    let mut read = 0;
    for section in all().filter(|section| section.via.contains(&Via::Graph)) {
        let graph = section.graph.unwrap();
        if client.fake.tenant().shelf(section.id).is_err() {
            continue;
        }
        // Mail traces and logs are asked for a window.
        let in_window = |item: &Value| {
            let time = ["receivedDateTime", "createdDateTime", "activityDateTime", "lastModifiedDateTime"];
            let windowed = section.graph.unwrap().query.contains("{from}");
            !windowed
                || time.iter().filter_map(|name| item[*name].as_str()).any(|time| {
                    time >= "2026-10-24" && (section.id != "logs.messageTraces" || time < "2026-11-02T23")
                })
        };
        // `createdDateTime` of a message says nothing of when it was changed.
        let of_change = ["messageCenter.messages", "serviceHealth.issues"].contains(&section.id);
        let changed =
            |item: &Value| !of_change || item["lastModifiedDateTime"].as_str().unwrap() >= "2026-10-24";
        let expected: Vec<Value> =
            recorded(section.id).into_iter().filter(|item| in_window(item) && changed(item)).collect();
        assert_eq!(sorted(collect(&client, section, &graph).await), sorted(expected), "{}", section.id);
        read += 1;
    }
    assert!(read >= 50, "{read}");
}

#[tokio::test]
async fn plainly() {
    compare(Settings::default()).await;
}

#[tokio::test]
async fn in_other_spellings_and_small_pages() {
    compare(Settings {
        looks: Looks::ODD,
        page: Some(3),
        empty_pages: true,
        odd_case: true,
        singletons: Singletons::Wrapped,
        gzip: true,
        ..Settings::default()
    })
    .await;
}

#[tokio::test]
async fn what_was_refused_is_refused_again() {
    let client = Client::contoso(Settings::default()).await;
    for (section, status, code) in [
        ("applications.delegatedGrants", 403, "Authorization_RequestDenied"),
        ("backup.status", 403, "Forbidden"),
        ("configuration.monitors", 404, "NotFound"),
        ("content.sites", 403, "accessDenied"),
        ("governance.lifecycleWorkflows", 400, "AadPremiumLicenseRequired"),
        ("logs.provisioning", 403, "Authentication_MSGraphPermissionMissing"),
        ("training.simulations", 429, "TooManyRequests"),
        ("roles.alerts", 403, "Authorization_RequestDenied"), // not listed
    ] {
        let section = find(section).unwrap();
        let answer = client.code(&target(section, &section.graph.unwrap())).await;
        assert_eq!(answer, (status, code.to_owned()), "{}", section.id);
    }
}
