//! Every single value of a tenant that is another is reported, once, at its place, or a rule covers it.

use levelmark::diff::{self, Kind};
use levelmark::snapshot::record::SectionRecord;
use rayon::prelude::*;
use serde_json::Value;

use super::mutate::{Mutant, mutants};
use super::{NAKED, USUAL, fixture, sections_of, single};

/// Items around the changed one, so that it could be taken for another.
const AROUND: usize = 3;

/// Where a change to an element may be told: at the element, or at the set that lost one value and gained another.
fn is_at(mutant: &str, told: &str) -> bool {
    told == mutant
        || mutant.rsplit_once('/').is_some_and(|(list, at)| told == list && at.parse::<usize>().is_ok())
}

/// What is wrong with how a mutant is reported.
fn verdict(id: &str, record: &SectionRecord, items: &[Value], at: usize, mutant: &Mutant) -> Option<String> {
    let mut changed = items.to_vec();
    changed[at] = mutant.item.clone();
    let (old, new) = (single(id, record, items.to_vec()), single(id, record, changed));
    let naked = diff::compare(&old, &new, &NAKED);
    let say = |what: &str| {
        Some(format!("{what}: {id} item {at} {} {}: {:?}", mutant.pointer, mutant.what, super::lines(&naked)))
    };
    let [change] = naked.sections[0].changes.as_slice() else { return say("not once") };
    if !is_at(&mutant.pointer, &change.pointer) {
        return say("not at its place");
    }
    if !matches!(change.kind, Kind::Changed | Kind::Renamed) {
        return say("not as a change");
    }
    let usual = diff::compare(&old, &new, &USUAL);
    let (told, left_out) = (usual.counts().drift(), usual.counts().suppressed);
    match change.rule {
        None if (told, left_out) != (1, 0) => say("no rule, but not reported"),
        Some(rule) if (told, left_out, usual.left_out(rule)) != (0, 1, 1) => say("not left out by its rule"),
        Some(rule) if naked.rules[rule].reason.is_empty() => say("left out without a reason"),
        _ => None,
    }
}

fn all_mutants(tenant: &str) -> (usize, usize, Vec<String>) {
    let sections = sections_of(&fixture(tenant));
    let jobs: Vec<_> = sections
        .iter()
        .flat_map(|(id, (record, items))| {
            let items = items.as_array().unwrap();
            (0..items.len()).map(move |at| (id, record, items, at))
        })
        .collect();
    let results: Vec<(usize, usize, Vec<String>)> = jobs
        .into_par_iter()
        .map(|(id, record, items, at)| {
            let first = at.saturating_sub(AROUND / 2).min(items.len().saturating_sub(AROUND));
            let near = &items[first..(first + AROUND).min(items.len())];
            let mutants = mutants(&items[at]);
            // Of many items of a kind a part of all is enough.
            let chosen = mutants.iter().enumerate().filter(|(n, _)| at < 4 || (n + at) % 11 == 0);
            let verdicts: Vec<Option<String>> =
                chosen.map(|(_, mutant)| verdict(id, record, near, at - first, mutant)).collect();
            (mutants.len(), verdicts.len(), verdicts.into_iter().flatten().collect())
        })
        .collect();
    results.into_iter().fold((0, 0, Vec::new()), |mut all, (made, tried, wrong)| {
        all.0 += made;
        all.1 += tried;
        all.2.extend(wrong);
        all
    })
}

#[test]
fn every_single_value_is_reported_once_at_its_place() {
    let (made, tried, wrong) = all_mutants("contoso");
    println!("{made} mutants, {tried} tried, {} wrong", wrong.len());
    assert!(tried > 10_000, "{tried}");
    assert_eq!(
        wrong.iter().take(20).collect::<Vec<_>>(),
        Vec::<&String>::new(),
        "{} of {tried}",
        wrong.len()
    );
}

#[test]
fn the_same_in_a_hostile_tenant() {
    let (_, tried, wrong) = all_mutants("out-of-the-box");
    assert!(tried > 1_000, "{tried}");
    assert_eq!(
        wrong.iter().take(20).collect::<Vec<_>>(),
        Vec::<&String>::new(),
        "{} of {tried}",
        wrong.len()
    );
}
