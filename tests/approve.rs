//! Accepting drift through the program: what is written, what `diff --approved` makes of it on later nights, what is
//! refused, and asking at a terminal.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

#[path = "approve/asking.rs"]
#[cfg(unix)]
mod asking;
mod program;
#[path = "approve/refusals.rs"]
mod refusals;
#[path = "approve/reports.rs"]
mod reports;

use std::path::Path;

use levelmark::config::approvals::{Accepted, Approvals, Pin};
use levelmark::snapshot::{Draft, Form, Snapshot, Wanted};
use serde_json::{Value, json};

use self::program::{Run, run};

const BY: [&str; 4] = ["--by", "Ada L <ada@contoso.com>", "--reason", "agreed"];

/// A tenant folder: the made-up tenant as baseline, and what became of it.
pub(crate) struct Contoso(pub tempfile::TempDir);

impl Contoso {
    pub fn new(change: impl FnOnce(&mut Draft)) -> Self {
        let contoso = Self(tempfile::tempdir().unwrap());
        contoso.draft().write(&contoso.path().join("contoso/baseline"), Form::Directory).unwrap();
        contoso.night(change);
        contoso
    }

    fn draft(&self) -> Draft {
        let snapshot = Snapshot::open(Path::new("fixtures/tenants/contoso/snapshot"), Wanted::All).unwrap();
        snapshot.to_draft().unwrap()
    }

    /// Another night: the baseline with other changes.
    pub fn night(&self, change: impl FnOnce(&mut Draft)) {
        let mut draft = self.draft();
        change(&mut draft);
        draft.write(&self.path().join("contoso/snapshot"), Form::Directory).unwrap();
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    pub fn approve(&self, arguments: &[&str]) -> Run {
        run(self.path(), &[&["approve", "contoso", "--no-effect"], &BY[..], arguments].concat(), b"")
    }

    pub fn diff(&self, arguments: &[&str]) -> Run {
        run(self.path(), &[&["diff", "contoso", "--approved", "--no-effect"], arguments].concat(), b"")
    }

    pub fn file(&self) -> Approvals {
        let bytes = std::fs::read(self.path().join("contoso/approvals.yaml")).unwrap();
        Approvals::read("approvals.yaml", &bytes).unwrap()
    }

    pub fn text(&self) -> String {
        std::fs::read_to_string(self.path().join("contoso/approvals.yaml")).unwrap()
    }
}

pub(crate) fn items<'d>(draft: &'d mut Draft, section: &str) -> &'d mut Vec<Value> {
    draft.data.get_mut(section).unwrap()
}

/// Three items differ in four places.
pub(crate) fn some(draft: &mut Draft) {
    let policies = items(draft, "conditionalAccess.policies");
    policies[0]["state"] = json!("disabled");
    policies[0]["displayName"] = json!("CA004 renamed");
    policies.remove(2);
    let apps = items(draft, "applications.registrations");
    apps[0]["passwordCredentials"][0]["endDateTime"] = json!("2031-01-01T00:00:00Z");
}

#[test]
fn all_of_it_is_no_drift_as_long_as_it_stays() {
    let contoso = Contoso::new(some);
    let before = contoso.diff(&[]);
    assert_eq!(before.code, 5);
    assert!(
        before.stdout.contains("nothing is approved yet: there is no approvals.yaml"),
        "{}",
        before.stdout
    );
    let approved = contoso.approve(&["--all"]);
    assert_eq!(approved.code, 0, "{}", approved.stderr);
    assert!(approved.stdout.starts_with("approved 4 differences into "), "{}", approved.stdout);

    let quiet = contoso.diff(&[]);
    assert_eq!(quiet.code, 0, "{}", quiet.stdout);
    assert!(
        quiet.stdout.contains("4 approved (--verbose lists them; approval is about drift"),
        "{}",
        quiet.stdout
    );
    assert!(!quiet.stdout.contains("CA004 renamed") && quiet.stdout.contains("no drift"), "{}", quiet.stdout);
    let plain = run(contoso.path(), &["diff", "contoso", "--no-effect"], b"");
    assert_eq!(plain.code, 5, "without --approved all of it is drift");

    let file = contoso.file();
    let [removed] =
        file.list.iter().filter(|one| one.subject.change == Accepted::Removed).collect::<Vec<_>>()[..]
    else {
        panic!("{file:?}")
    };
    assert_eq!((&removed.value, removed.subject.pointer.as_str()), (&Pin::Absent, ""));
    assert!(file.list.iter().all(|one| one.reason == "agreed" && one.by == "Ada L <ada@contoso.com>"));
    let secret = file.list.iter().find(|one| one.subject.section == "applications.registrations").unwrap();
    assert_eq!(
        secret.subject.pointer,
        "/passwordCredentials/[keyId=78e98f63-f796-5e5d-a15d-7f5fc66370b7]/endDateTime"
    );
    assert_eq!(secret.shown.as_deref(), Some("\"2026-12-15T08:00:00Z\" → \"2031-01-01T00:00:00Z\""));

    // Again there is nothing to accept, and nothing is written.
    let text = contoso.text();
    let again = contoso.approve(&["--all"]);
    assert!(
        again.stdout.contains("nothing differs that is not approved; 4 approved before"),
        "{}",
        again.stdout
    );
    assert_eq!(contoso.text(), text);
}

#[test]
fn a_further_change_is_drift_again_and_the_way_back_leaves_the_approval_unused() {
    let contoso = Contoso::new(some);
    contoso.approve(&["--all"]);
    contoso.night(|draft| {
        some(draft);
        items(draft, "conditionalAccess.policies")[0]["state"] = json!("enabledForReportingButNotEnforced");
    });
    let further = contoso.diff(&[]);
    assert_eq!(further.code, 5);
    assert!(further.stdout.contains("1 changed in 1 section"), "{}", further.stdout);
    let hint = "approved was \"enabled\" → \"disabled\" (by Ada L <ada@contoso.com>, ";
    assert!(further.stdout.contains(hint), "{}", further.stdout);
    assert!(!further.stdout.contains("nothing any more"), "{}", further.stdout);

    contoso.night(|draft| {
        some(draft);
        items(draft, "conditionalAccess.policies")[0]["state"] = json!("enabled");
    });
    let back = contoso.diff(&[]);
    assert_eq!(back.code, 0, "{}", back.stdout);
    let line = contoso.text().lines().position(|line| line.contains("pointer: \"/state\"")).unwrap() - 1;
    let unused = format!("1 approval of contoso/approvals.yaml line {line} matches nothing any more");
    assert!(back.stdout.contains(&unused), "{}", back.stdout);
}

#[test]
fn only_what_is_named_is_accepted() {
    let contoso = Contoso::new(some);
    let key = items(&mut contoso.draft(), "conditionalAccess.policies")[0]["id"].as_str().unwrap().to_owned();
    let upper = format!("conditionalAccess.policies#{}/state", key.to_uppercase());
    let one = contoso.approve(&["--only", &upper]);
    assert!(
        one.stdout.contains("approved 1 difference into") && one.stdout.contains("3 left as drift"),
        "{}",
        one.stdout
    );
    assert_eq!(contoso.diff(&[]).code, 5);
    // As `diff` shows it, with the position of the element.
    let shown = contoso.approve(&["--only", "applications.registrations/passwordCredentials/0"]);
    assert!(shown.stdout.contains("approved 1 difference"), "{}{}", shown.stdout, shown.stderr);
    let item = contoso.approve(&["--only", &format!("conditionalAccess.policies#{key}"), "--only", &upper]);
    assert!(item.stdout.contains("approved 1 difference"), "the rest of the item: {}", item.stdout);
    assert!(
        contoso.approve(&["--only", "conditionalAccess.policies"]).stdout.contains("approved 1 difference")
    );
    assert_eq!(contoso.diff(&[]).code, 0);
    assert_eq!(contoso.file().list.len(), 4);
    // What is approved may be named again.
    let again = contoso.approve(&["--only", &upper]);
    assert_eq!(again.code, 0, "{}", again.stderr);
    assert!(
        again.stdout.contains("nothing differs that is not approved; 4 approved before"),
        "{}",
        again.stdout
    );
}

#[test]
fn sets_in_another_order_and_moved_elements_stay_approved() {
    let with = |draft: &mut Draft, users: Value, moved: bool| {
        items(draft, "conditionalAccess.policies")[0]["conditions"]["users"]["excludeUsers"] = users;
        let secrets =
            items(draft, "applications.registrations")[0]["passwordCredentials"].as_array_mut().unwrap();
        secrets[0]["endDateTime"] = json!("2031-01-01T00:00:00Z");
        let other = json!({ "keyId": "11111111-0000-4000-8000-000000000001", "displayName": "other" });
        secrets.insert(if moved { 0 } else { 1 }, other);
    };
    let contoso = Contoso::new(|draft| with(draft, json!(["a", "b", "c"]), false));
    contoso.approve(&["--all"]);
    contoso.night(|draft| with(draft, json!(["c", "a", "b"]), true));
    let quiet = contoso.diff(&[]);
    assert_eq!(quiet.code, 0, "{}", quiet.stdout);
    assert!(
        quiet.stdout.contains("3 approved") && !quiet.stdout.contains("nothing any more"),
        "{}",
        quiet.stdout
    );
}

#[test]
fn whole_items_and_what_differs_in_them_every_night() {
    let user = |seen: &str| {
        json!({ "id": "99999999-0000-4000-8000-000000000001", "displayName": "New", "userPrincipalName": "new@contoso.com",
            "signInActivity": { "lastSignInDateTime": seen } })
    };
    let contoso = Contoso::new(|draft| items(draft, "users.accounts").push(user("2026-11-02T05:00:00Z")));
    contoso.approve(&["--only", "users.accounts"]);
    contoso.night(|draft| items(draft, "users.accounts").push(user("2026-11-03T05:00:00Z")));
    assert_eq!(contoso.diff(&[]).code, 0, "{}", contoso.diff(&[]).stdout);
    contoso.night(|draft| {
        let mut user = user("2026-11-03T05:00:00Z");
        user["displayName"] = json!("Other");
        items(draft, "users.accounts").push(user);
    });
    let other = contoso.diff(&[]);
    assert_eq!(other.code, 5);
    assert!(other.stdout.contains("approved was New (by"), "{}", other.stdout);
}

#[test]
fn nothing_of_sensitive_sections_is_written() {
    let contoso = Contoso::new(|draft| items(draft, "planner.plans")[0]["title"] = json!("Secret plan"));
    let approved = contoso.approve(&["--all", "--include", "planner.plans"]);
    assert_eq!(approved.code, 0, "{}", approved.stderr);
    assert!(!contoso.text().contains("Secret") && !contoso.text().contains("shown"), "{}", contoso.text());
    assert_eq!(contoso.diff(&[]).code, 0);
}

#[test]
fn what_is_no_longer_collected_is_covered_by_nothing() {
    use levelmark::snapshot::record::{SectionRecord, State};
    let contoso = Contoso::new(some);
    contoso.approve(&["--all"]);
    let lost = |draft: &mut Draft| {
        some(draft);
        draft.data.remove("conditionalAccess.policies");
        let record =
            SectionRecord { needs: Some("Policy.Read.All".into()), ..SectionRecord::of(State::Denied) };
        draft.manifest.sections.insert("conditionalAccess.policies".to_owned(), record);
    };
    contoso.night(lost);
    let run = contoso.diff(&[]);
    assert_eq!(run.code, 3, "undetermined, whatever is approved: {}", run.stdout);
    assert!(!run.stdout.contains("nothing any more"), "not seen is not unused: {}", run.stdout);
    let approved = contoso.approve(&["--all"]);
    assert!(
        approved.stdout.contains("no longer seen, which no approval covers: conditionalAccess.policies"),
        "{}",
        approved.stdout
    );
    let named = contoso.approve(&["--only", "conditionalAccess.policies"]);
    assert_eq!(named.code, 2);
    assert!(named.stderr.contains("is no longer collected"), "{}", named.stderr);
}
