//! Posts of several tenants put together: what is one post, what comes first.

use chrono::{DateTime, Utc};

use super::*;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn held(tenant: &str, state: Handled) -> Held {
    Held {
        tenant: tenant.to_owned(),
        state,
        task: None,
        triaged: None,
        decision: None,
        announced: None,
        age_days: None,
    }
}

fn post(id: &str, tenant: &str, state: Handled) -> Post {
    Post {
        id: id.to_owned(),
        title: Some("A new thing".to_owned()),
        services: vec!["Exchange Online".to_owned()],
        category: None,
        severity: None,
        is_major_change: None,
        published: Some(at("2026-10-01T00:00:00Z")),
        modified: None,
        act_by: None,
        act_by_unread: None,
        says_act_by: true,
        ends: None,
        overdue: false,
        tenants: vec![held(tenant, state)],
    }
}

fn tenant(name: &str, posts: Vec<Post>) -> OfTenant {
    let tenant = Tenant {
        name: name.to_owned(),
        id: String::new(),
        taken: at("2026-11-01T00:00:00Z"),
        posts: Some(posts.len()),
        lacking: Vec::new(),
    };
    OfTenant { tenant, posts }
}

fn merged(tenants: Vec<OfTenant>) -> Messages {
    merge(tenants, at("2026-11-15T00:00:00Z"))
}

fn ids(messages: &Messages) -> Vec<(&str, usize)> {
    messages.posts.iter().map(|post| (post.id.as_str(), post.tenants.len())).collect()
}

#[test]
fn a_post_of_several_tenants_is_one_and_its_latest_edition_counts() {
    let old = Post {
        modified: Some(at("2026-10-02T00:00:00Z")),
        severity: Some("high".to_owned()),
        act_by: Some(at("2026-10-20T00:00:00Z")),
        ..post("MC1", "a", Handled::Done)
    };
    let new = Post {
        modified: Some(at("2026-10-20T00:00:00Z")),
        title: Some("(Updated) A new thing".to_owned()),
        act_by: Some(at("2026-11-10T00:00:00Z")),
        ..post("mc1", "b", Handled::Untriaged)
    };
    for tenants in [
        vec![tenant("a", vec![old.clone()]), tenant("b", vec![new.clone()])],
        vec![tenant("b", vec![new]), tenant("a", vec![old])],
    ] {
        let messages = merged(tenants);
        assert_eq!(messages.posts.len(), 1);
        let post = &messages.posts[0];
        assert_eq!(post.title.as_deref(), Some("(Updated) A new thing"));
        assert_eq!(post.severity.as_deref(), Some("high"), "the newer edition does not say it");
        assert!(post.overdue, "one tenant is not done");
        assert_eq!(post.tenants.len(), 2);
    }
}

#[test]
fn an_id_of_another_kind_joins_what_looks_the_same_and_nothing_else() {
    let stranger = |tenant: &str| Post {
        title: Some("[Exchange Online] a  NEW thing".to_owned()),
        ..post("0f1c", tenant, Handled::Done)
    };
    let usual = || tenant("a", vec![post("MC1", "a", Handled::Done)]);
    assert_eq!(ids(&merged(vec![usual(), tenant("b", vec![stranger("b")])])), [("MC1", 2)]);
    assert_eq!(ids(&merged(vec![tenant("b", vec![stranger("b")]), usual()])), [("MC1", 2)]);
    // In one tenant they are two posts.
    let both = tenant("a", vec![post("MC1", "a", Handled::Done), stranger("a")]);
    assert_eq!(merged(vec![both]).posts.len(), 2);
    // Two that look the same can't be told apart.
    let twins = tenant("a", vec![post("MC1", "a", Handled::Done), post("MC2", "a", Handled::Done)]);
    assert_eq!(merged(vec![twins, tenant("b", vec![stranger("b")])]).posts.len(), 3);
    // Published at another time: another post.
    let later = Post { published: Some(at("2026-10-03T00:00:00Z")), ..stranger("b") };
    assert_eq!(merged(vec![usual(), tenant("b", vec![later])]).posts.len(), 2);
}

#[test]
fn what_is_overdue_comes_first_and_what_is_done_last() {
    let with = |id: &str, by: Option<&str>, state| Post { act_by: by.map(at), ..post(id, "a", state) };
    let messages = merged(vec![tenant(
        "a",
        vec![
            with("MC1", None, Handled::Untriaged),
            with("MC2", Some("2026-12-01T00:00:00Z"), Handled::Unknown),
            with("MC3", Some("2026-11-10T00:00:00Z"), Handled::InProgress),
            with("MC4", Some("2026-11-01T00:00:00Z"), Handled::Planned),
            with("MC5", Some("2026-10-01T00:00:00Z"), Handled::Done),
        ],
    )]);
    let order: Vec<&str> = messages.posts.iter().map(|post| post.id.as_str()).collect();
    assert_eq!(order, ["MC4", "MC3", "MC2", "MC1", "MC5"]);
    let overdue: Vec<bool> = messages.posts.iter().map(|post| post.overdue).collect();
    assert_eq!(overdue, [true, true, false, false, false]);
}

#[test]
fn a_day_that_was_withdrawn_is_none_and_one_that_is_left_out_stays() {
    let edition = |modified: &str, by: Option<&str>, says| Post {
        modified: Some(at(modified)),
        act_by: by.map(at),
        says_act_by: says,
        ..post("MC1", modified, Handled::Untriaged)
    };
    let old = edition("2026-10-02T00:00:00Z", Some("2026-10-20T00:00:00Z"), true);
    for (says, expected) in [(true, None), (false, old.act_by)] {
        let new = edition("2026-10-09T00:00:00Z", None, says);
        for posts in [[old.clone(), new.clone()], [new.clone(), old.clone()]] {
            let tenants = posts.map(|post| tenant(&post.tenants[0].tenant.clone(), vec![post]));
            let messages = merged(tenants.into());
            assert_eq!((messages.posts.len(), messages.posts[0].act_by), (1, expected), "says: {says}");
        }
    }
}

#[test]
fn without_an_id_nothing_joins_and_no_tenant_holds_a_post_twice() {
    let other = Post { title: Some("Another".to_owned()), ..post("", "a", Handled::Done) };
    let nameless = tenant("a", vec![post("", "a", Handled::Done), other]);
    assert_eq!(merged(vec![nameless]).posts.len(), 2);
    let twice = tenant("a", vec![post("MC1", "a", Handled::Done), post("mc1", "a", Handled::Done)]);
    assert_eq!(ids(&merged(vec![twice])), [("MC1", 1)]);
}

#[test]
fn the_day_itself_is_not_too_late() {
    let due = |day: &str| Post { act_by: Some(at(day)), ..post("MC1", "a", Handled::Untriaged) };
    let overdue = |day| merge(vec![tenant("a", vec![due(day)])], at("2026-11-15T10:00:00Z")).posts[0].overdue;
    assert!(!overdue("2026-11-15T00:00:00Z"));
    assert!(overdue("2026-11-14T23:59:59Z"));
}
