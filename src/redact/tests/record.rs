//! What becomes of a manifest, and of messages in it.

use std::collections::BTreeMap;

use chrono::DateTime;

use super::super::{Key, Terms};
use super::*;
use crate::snapshot::record::{Cloud, Format, Identity, State, Taken, Tenant};

fn redactor() -> Redactor {
    Redactor::new(Key::parse(b"0123456789abcdef0123456789abcdef").unwrap(), Terms::default())
}

/// What a manifest of a tenant says of the people there.
const NAMES: [&str; 8] = ["kim", "okafor", "contoso", "alexmiller", "srv01", "falcon", "206", "8472"];

#[track_caller]
fn tells_nothing(text: &str) {
    let lower = text.to_lowercase();
    let found: Vec<&&str> = NAMES.iter().filter(|name| lower.contains(**name)).collect();
    assert!(found.is_empty(), "{found:?}: {text}");
}

#[test]
fn messages_keep_plain_words_alone() {
    for text in [
        "Resource 'kimokafor' of tenant contoso not found by alexmiller on srv01",
        "kimokafor: not found",
        "Object 'kim's falcon' can't be read",
        "it's asked for `Project_Falcon`",
        "call 206.555.1212 or 84721",
        "contoso/kim-okafor is missing",
        "an open 'quotation of kim",
    ] {
        tells_nothing(&redactor().message(text));
    }
    for text in [
        "throttled: gave up after 5 attempts",
        "configuration monitoring has not been set up in this tenant",
        "HTTP 403 Forbidden",
        "User.Read.All AuditLog.Read.All",
        "Entra ID Governance",
        "the request did not expand it",
        "it's not the tenant's own",
    ] {
        assert_eq!(redactor().message(text), text);
    }
}

#[test]
fn requests_keep_the_paths_of_the_catalogue() {
    let mut record = SectionRecord::of(State::Read);
    let mut made = |source: &str| {
        record.source = Some(source.to_owned());
        redactor().record(&mut record);
        record.source.clone().unwrap()
    };
    for source in [
        "GET /v1.0/users",
        "GET /v1.0/roleManagement/directory/roleEligibilityScheduleInstances",
        "GET /v1.0/policies/identitySecurityDefaultsEnforcementPolicy",
        "GET /v1.0/planner/plans/{plannerPlan-id}/tasks",
    ] {
        assert_eq!(made(source), source);
    }
    let id = "2f8e465a-71de-5e00-9fcd-c9fdfaf0e8ff";
    let group =
        made(&format!("GET /v1.0/groups/{id}/transitiveMembers?$filter=startswith(displayName,'Contoso')"));
    assert_eq!(group, format!("GET /v1.0/groups/{}/transitiveMembers", redactor().text(id)));
    tells_nothing(&made("GET /v1.0/users/kim@contoso.com/contoso"));
    tells_nothing(&made("kim okafor.csv"));
}

#[test]
fn a_manifest_tells_nothing_of_who_took_it() {
    let mut record = SectionRecord::of(State::Partial);
    record.fields =
        Some(["displayName", "kim.okafor@contoso.com", "@odata.type", "Falcon"].map(String::from).into());
    record.without = BTreeMap::from([
        ("mail".into(), "denied".into()),
        ("kim.okafor@contoso.com".into(), "denied".into()),
    ]);
    record.code = Some("contoso.kim_okafor".into());
    let at = DateTime::UNIX_EPOCH;
    let identity = Identity {
        app: Some("2f8e465a-71de-5e00-9fcd-c9fdfaf0e8ff".into()),
        permissions: vec!["User.Read.All".into(), "contoso.kim".into()],
    };
    let manifest = Manifest {
        levelmark: Format { snapshot: 1 },
        tenant: Tenant { id: "x".into(), display_name: None, default_domain: None, cloud: Cloud::Global },
        taken: Taken {
            at,
            by: "Kim Okafor <kim@contoso.com> on CONTOSO-PC01".into(),
            identity: Some(identity),
        },
        redacted: None,
        sections: BTreeMap::from([("users.accounts".into(), record)]),
    };
    let made = redactor().manifest(manifest.clone());
    tells_nothing(&serde_json::to_string(&made).unwrap());
    let own = &made.sections["users.accounts"];
    assert!(own.fields.as_ref().unwrap().starts_with(&["displayName".into()]));
    assert_eq!(own.without["mail"], "denied");
    assert_eq!(made.taken.identity.unwrap().permissions[0], "User.Read.All");
    for (by, stays) in [("levelmark 0.1.0", true), ("levelmark", true), ("levelmark of Kim", false)] {
        let mut manifest = manifest.clone();
        manifest.taken.by = by.into();
        assert_eq!(redactor().manifest(manifest).taken.by == by, stays, "{by}");
    }
    for (code, stays) in
        [("Authorization_RequestDenied", true), ("403", true), ("AADSTS50076", true), ("Kim_Okafor", false)]
    {
        assert_eq!(is_code(code), stays, "{code}");
    }
}
