//! The catalogue against itself, the list of sections and Graph's contract.

use std::collections::BTreeSet;

use super::contract::{Object, Resolved, Type, parse_area};
use super::*;

mod graph;

#[test]
fn ids_are_unique_and_sorted() {
    let ids: Vec<&str> = all().map(|section| section.id).collect();
    let mut sorted = ids.clone();
    sorted.sort_unstable();
    sorted.dedup();
    assert_eq!(ids, sorted);
    assert!(ids.len() > 90, "{}", ids.len());
}

#[test]
fn every_section_is_found_by_its_id_alone() {
    for section in all() {
        assert!(std::ptr::eq(find(section.id).unwrap(), section), "{}", section.id);
        assert_eq!(format!("{}.{}", section.area(), section.name()), section.id);
    }
    for id in ["", ".", "tenant", "tenant.", "tenant.nothing", "nothing.domains", "tenant.domains.id"] {
        assert!(find(id).is_none(), "{id}");
    }
}

#[test]
fn mistyped_ids_are_recognised() {
    for (typed, meant) in [
        ("conditionalAcess.policies", Some("conditionalAccess.policies")),
        ("conditionalaccess.policies", Some("conditionalAccess.policies")),
        ("messageCenter.message", Some("messageCenter.messages")),
        ("derived.roleHolder", Some("derived.roleHolders")),
        ("weather.forecast", None),
    ] {
        assert_eq!(suggest(typed), meant, "{typed}");
    }
}

#[test]
fn every_contract_parses_and_belongs_to_a_section() {
    for area in &AREAS {
        let contracts = parse_area(area.source()).unwrap();
        let described: BTreeSet<&str> = contracts.keys().map(String::as_str).collect();
        let listed: BTreeSet<&str> = area.sections.iter().map(|section| section.id).collect();
        assert_eq!(described, listed, "contracts/{}.json", area.name);
        for section in area.sections {
            assert_eq!(section.area(), area.name);
            assert!(!section.contract().fields.is_empty(), "{}", section.id);
        }
    }
}

#[test]
fn keys_and_fields_are_in_the_contract() {
    for section in all() {
        let contract = section.contract();
        for key in section.key {
            let names: Vec<&str> = key.split('.').collect();
            assert!(matches!(contract.resolve(&names), Resolved::Known(_)), "{}: key {key}", section.id);
        }
        for field in section.fields.unwrap_or_default() {
            assert!(contract.field(field).is_some(), "{}: field {field}", section.id);
        }
    }
}

#[test]
fn sections_of_a_kind_are_complete() {
    for section in all() {
        let id = section.id;
        assert_eq!(section.kind == Kind::Derived, !section.inputs.is_empty(), "{id}");
        assert_eq!(section.via.is_empty(), section.kind == Kind::Derived, "{id}");
        assert_eq!(section.graph.is_some(), section.via.contains(&Via::Graph), "{id}");
        assert!(!section.about.is_empty() && !section.about.ends_with('.'), "{id}");
        for input in section.inputs {
            assert!(find(input).is_some_and(|input| input.kind != Kind::Derived), "{id}: input {input}");
        }
        if section.shape == Shape::Singleton || section.kind == Kind::Derived {
            assert!(section.key.is_empty(), "{id}");
        } else {
            assert!(!section.key.is_empty(), "{id}");
        }
        let Some(graph) = &section.graph else { continue };
        assert_eq!(matches!(section.kind, Kind::Bulk | Kind::Log), has_fixed_fields(section), "{id}");
        assert!(!graph.application.is_empty() || !graph.delegated.is_empty(), "{id}");
        let key_asked = section.fields.is_none_or(|fields| {
            section.key.iter().all(|key| fields.contains(&key.split('.').next().unwrap_or(key)))
        });
        assert!(key_asked, "{id}: the key is not among the fields");
    }
}

/// Settings may have fixed fields where the least permission shows no more.
fn has_fixed_fields(section: &Section) -> bool {
    section.fields.is_some() && section.id != "governance.lifecycleWorkflows"
}

#[test]
fn no_contract_has_room_for_a_secret() {
    fn walk(place: &str, object: &Object) {
        for (name, inner) in &object.fields {
            for secret in ["secretText", "password", "passwordProfile", "sharedSecret", "preSharedKey"] {
                assert_ne!(name, secret, "{place}");
            }
            if let Type::Object(next) = inner.element() {
                walk(&format!("{place}.{name}"), next);
            }
        }
    }
    for section in all() {
        walk(section.id, section.contract());
    }
}

#[test]
fn queries_are_composed() {
    let query = find("groups.groups").unwrap().query();
    assert!(query.starts_with("$select=id,displayName,groupTypes,"), "{query}");
    assert!(query.ends_with(",resourceProvisioningOptions&$top=999"), "{query}");
    assert_eq!(find("roles.assignments").unwrap().query(), "$expand=principal");
    assert_eq!(find("tenant.domains").unwrap().query(), "");
    assert_eq!(find("registers.triage").unwrap().query(), "");
    assert!(
        find("users.accounts")
            .unwrap()
            .query()
            .ends_with("signInActivity&$expand=manager($select=id)&$top=500")
    );
}
