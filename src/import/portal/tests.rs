//! Saved bodies and recordings, made up for each trap, and the real files where they are at hand.

use super::*;

const TENANT: &str = "aaaaaaaa-0000-0000-0000-000000000001";

fn options(at: Option<&str>) -> Options {
    Options { tenant: Some(TENANT.into()), at: at.and_then(time) }
}

fn run(files: &[(&str, Value)], at: Option<&str>) -> Result<Imported, ImportError> {
    let texts: Vec<(&str, String)> = files.iter().map(|(name, value)| (*name, value.to_string())).collect();
    let files: Vec<File> = texts.iter().map(|(name, text)| (*name, text.as_bytes())).collect();
    portal(&files, &options(at))
}

fn section<'i>(imported: &'i Imported, id: &str) -> (&'i SectionRecord, &'i [Value]) {
    let record = imported.draft.manifest.sections.get(id).unwrap_or_else(|| panic!("{id} is not listed"));
    (record, imported.draft.data.get(id).map_or(&[], Vec::as_slice))
}

fn post(id: &str, changed: &str) -> Value {
    json!({"AnnouncementId": id, "Title": id, "Category": "Stay informed", "PublishedDate": "2026-01-05T09:00:00",
        "LastUpdatedTime": changed, "AffectedWorkloads": [], "Tags": [], "IsRead": false})
}

fn issue(id: &str, resolved: bool) -> Value {
    json!({"Id": id, "Title": id, "Classification": 1, "LastUpdatedTime": "2026-01-05T10:00:00+00:00", "Messages": [],
        "MessageStatus": {"DisplayName": "Service degradation", "IsResolved": resolved}})
}

fn entry(path: &str, status: u16, content: Value) -> Value {
    json!({
        "startedDateTime": "2026-01-10T08:00:00.000+01:00", "cookies": [{"name": "RootAuthToken", "value": "secret-cookie"}],
        "request": {"method": "GET", "url": format!("https://admin.cloud.microsoft/admin/api/{path}"),
            "headers": [{"name": "Authorization", "value": "Bearer secret-token"}]},
        "response": {"status": status, "content": content, "headers": [{"name": "Set-Cookie", "value": "secret-cookie"}]},
    })
}

fn text(value: &Value) -> Value {
    json!({ "mimeType": "application/json", "text": value.to_string() })
}

#[test]
fn posts_become_messages_and_the_log_reaches_back_to_the_oldest_change() {
    let posts = json!([post("MC900002", "2026-01-06T09:00:00"), post("MC900001", "2026-01-05T09:30:00.75")]);
    for body in [posts.clone(), json!({ "Messages": posts })] {
        let imported = run(&[("posts.json", body)], None).unwrap();
        let (record, items) = section(&imported, "messageCenter.messages");
        assert_eq!((record.state, items.len()), (State::Read, 2));
        assert_eq!(record.from.map(rfc3339).as_deref(), Some("2026-01-05T09:30:00Z"));
        assert_eq!(items[0]["lastModifiedDateTime"], "2026-01-05T09:30:00Z");
        assert!(!record.fields.as_ref().unwrap().contains(&"severity".to_string()));
        assert_eq!(rfc3339(imported.draft.manifest.taken.at), "2026-01-06T09:00:00Z");
        assert!(
            imported.notes.iter().any(|note| note.contains("`--at` says it better")),
            "{:?}",
            imported.notes
        );
    }
}

#[test]
fn several_files_are_one_log_without_doubles() {
    let older = json!([post("MC900001", "2026-01-05T09:00:00"), post("MC900003", "2026-01-04T09:00:00")]);
    let newer = json!([post("MC900001", "2026-01-07T09:00:00")]);
    for files in [[("a", older.clone()), ("b", newer.clone())], [("b", newer), ("a", older)]] {
        let imported = run(&files, Some("2026-01-08T00:00:00Z")).unwrap();
        let (record, items) = section(&imported, "messageCenter.messages");
        assert_eq!(items.len(), 2);
        assert_eq!(items[0]["lastModifiedDateTime"], "2026-01-07T09:00:00Z");
        assert_eq!(record.from.map(rfc3339).as_deref(), Some("2026-01-04T09:00:00Z"));
        assert_eq!(rfc3339(imported.draft.manifest.taken.at), "2026-01-08T00:00:00Z");
    }
}

#[test]
fn open_issues_alone_are_a_part() {
    let imported = run(&[("h", json!([issue("EX900001", false)]))], None).unwrap();
    let (record, items) = section(&imported, "serviceHealth.issues");
    assert_eq!(record.state, State::Partial);
    assert!(record.without.contains_key("classification"));
    assert_eq!(items[0]["status"], "serviceDegradation");
    let imported = run(&[("h", json!([issue("EX900001", false), issue("EX900002", true)]))], None).unwrap();
    assert_eq!(section(&imported, "serviceHealth.issues").0.state, State::Read);
}

#[test]
fn release_preferences_are_known_and_nothing_else_is_guessed() {
    let at = Some("2026-01-08T00:00:00Z");
    for (track, expected) in
        [("None", "standard"), ("FirstRelease", "targetedEveryone"), ("StagedRollout", "targetedSelected")]
    {
        let imported = run(&[("r.json", json!({ "ReleaseTrack": track, "ShowCompass": true }))], at).unwrap();
        let (record, items) = section(&imported, "tenant.releasePreferences");
        assert_eq!(items, [json!({ "track": expected })]);
        assert!(record.without.contains_key("users"));
    }
    assert!(matches!(
        run(&[("r.json", json!({"ReleaseTrack": "None"}))], None),
        Err(ImportError::NoTime { .. })
    ));
    let refused = |name: &str, value: Value| run(&[(name, value)], at).unwrap_err().to_string();
    assert!(
        refused("r.json", json!({"ReleaseTrack": "Beta"}))
            .contains("declare SNAPSHOT tenant.releasePreferences")
    );
    let preferences = json!({"EmailPreference": {"x": true}});
    let error = refused("x/GetDisplayPreferences.json", preferences.clone());
    assert!(
        error.contains("messagecenter/GetDisplayPreferences")
            && error.contains("declare SNAPSHOT messageCenter.preferences"),
        "{error}"
    );
    let error = refused("servicehealth-getDisplayPreferences.json", preferences.clone());
    assert!(error.contains("declare SNAPSHOT serviceHealth.notifications"), "{error}");
    let error = refused("whatever.json", preferences);
    assert!(error.contains("this looks like nothing that Levelmark knows"), "{error}");
}

#[test]
fn a_recording_gives_the_named_bodies_and_nothing_else() {
    use std::fmt::Write;
    let mut encoded = String::new();
    write!(encoded, "eyJSZWxlYXNlVHJhY2siOiJOb25lIn0=").unwrap(); // {"ReleaseTrack":"None"}
    let recording = json!({"log": {"entries": [
        entry("messagecenter", 200, text(&json!({"Messages": [post("MC900009", "2026-01-01T00:00:00")]}))),
        entry("messagecenter", 200, text(&json!({"Messages": [post("MC900001", "2026-01-05T09:00:00")]}))),
        entry("servicehealth/status/activeCM?showResolved=true", 200, text(&json!({"ServiceStatus": [
            {"Name": "Exchange Online", "ServiceId": "Exchange",
             "MessagesByClassification": {"Incidents": [issue("EX900001", false)], "Advisories": []}}]}))),
        entry("Settings/company/releasetrack", 200, json!({"text": encoded, "encoding": "base64"})),
        entry("messagecenter/GetPlannerIntegrationPreferences", 404, json!({})),
        entry("messagecenter/GetDisplayPreferences", 200, text(&json!({"private": "secret-preference"}))),
        entry("users/list", 200, text(&json!({"private": "secret-users"}))),
        {"request": {"method": "GET", "url": "https://elsewhere.example/"}, "response": {"status": 200}},
    ]}});
    let imported = run(&[("session.har", recording)], None).unwrap();
    let sections: Vec<&str> = imported.draft.manifest.sections.keys().map(String::as_str).collect();
    assert_eq!(
        sections,
        [
            "messageCenter.messages",
            "messageCenter.plannerSync",
            "serviceHealth.issues",
            "serviceHealth.overviews",
            "tenant.releasePreferences"
        ]
    );
    let (_, items) = section(&imported, "messageCenter.messages");
    assert_eq!((items.len(), &items[0]["id"]), (1, &json!("MC900001")), "the last answer counts");
    let (record, items) = section(&imported, "messageCenter.plannerSync");
    assert_eq!(items, [json!({"configured": false})]);
    assert_eq!(record.fields.as_deref(), Some(["configured".to_string()].as_slice()));
    let (record, items) = section(&imported, "serviceHealth.issues");
    assert_eq!((record.state, &items[0]["classification"]), (State::Read, &json!("incident")));
    assert_eq!(rfc3339(imported.draft.manifest.taken.at), "2026-01-10T07:00:00Z");
    assert!(
        imported.notes.iter().any(|note| note.contains("messagecenter/GetDisplayPreferences is not known"))
    );
    let all = format!("{imported:?}");
    assert!(!all.contains("secret"), "{all}");
}

#[test]
fn refusals_in_a_recording_become_states() {
    let recording = json!({"log": {"entries": [
        entry("messagecenter", 403, json!({})),
        entry("servicehealth/status/activeCM", 503, json!({"text": "<html>"})),
        entry("messagecenter/GetPlannerIntegrationPreferences", 403, json!({})),
    ]}});
    let imported = run(&[("s.har", recording)], None).unwrap();
    let state = |id| section(&imported, id).0.state;
    assert_eq!(state("messageCenter.messages"), State::Denied);
    assert_eq!(state("serviceHealth.issues"), State::Failed);
    assert_eq!(state("messageCenter.plannerSync"), State::Denied);
}

#[test]
fn a_recording_without_our_bodies_is_an_error() {
    let error = run(&[("s.har", json!({"log": {"entries": []}}))], None).unwrap_err().to_string();
    assert!(error.contains("holds no body of the admin centre"), "{error}");
    let only =
        json!({"log": {"entries": [entry("messagecenter/GetDisplayPreferences", 200, text(&json!({})))]}});
    let error = run(&[("s.har", only)], None).unwrap_err().to_string();
    assert!(error.contains("declare SNAPSHOT messageCenter.preferences"), "{error}");
    let broken = json!({"log": {"entries": [entry("messagecenter", 200, json!({"text": "?", "encoding": "base64"}))]}});
    assert!(run(&[("s.har", broken)], None).unwrap_err().to_string().contains("is not base64"));
}

#[test]
fn all_mistakes_are_told_at_once_and_a_tenant_is_needed() {
    let files: [File; 3] =
        [("a", b""), ("b", b"{\"Tests\": [], \"TenantId\": 1, \"TotalCount\": 0}"), ("c", b"[")];
    let error = portal(&files, &options(None)).unwrap_err();
    let ImportError::Several(errors) = error else { panic!("{error}") };
    assert_eq!(errors.len(), 3);
    let body = json!([post("MC900001", "2026-01-05T09:00:00")]).to_string();
    let error = portal(&[("a", body.as_bytes())], &Options::default()).unwrap_err();
    assert!(matches!(error, ImportError::NoTenant { .. }));
}

#[test]
fn the_real_files() {
    let directory = format!("{}/../shared/data/portal", env!("CARGO_MANIFEST_DIR"));
    let read = |file: &str| std::fs::read(format!("{directory}/{file}"));
    let (Ok(posts), Ok(health)) = (read("messagecenter.json"), read("servicehealth.json")) else {
        eprintln!("skipped: nothing at {directory}");
        return;
    };
    let imported =
        portal(&[("messagecenter.json", &posts), ("servicehealth.json", &health)], &options(None)).unwrap();
    let (record, items) = section(&imported, "messageCenter.messages");
    assert_eq!((record.state, items.len()), (State::Read, 21));
    let major = items.iter().filter(|item| item["isMajorChange"] == json!(true)).count();
    let plan = items.iter().filter(|item| item["category"] == "planForChange").count();
    let read = items.iter().filter(|item| item["viewPoint"]["isRead"] == json!(true)).count();
    assert_eq!((major, plan, read), (12, 16, 1));
    let (record, items) = section(&imported, "serviceHealth.issues");
    assert_eq!((record.state, items.len()), (State::Read, 6));
    assert_eq!(items.iter().map(|item| item["posts"].as_array().unwrap().len()).sum::<usize>(), 53);
    assert_eq!(items.iter().filter(|item| item["isResolved"] == json!(true)).count(), 2);
    assert_eq!(rfc3339(imported.draft.manifest.taken.at), "2025-03-01T00:44:14Z");
    for (id, items) in &imported.draft.data {
        let section = crate::sections::find(id).unwrap();
        for item in items {
            assert_eq!(crate::sections::conform::conforms(section, item), [], "{id}: {item}");
        }
    }
}
