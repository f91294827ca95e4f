//! What was seen before and is not seen any more, how items were matched, and what rules left out altogether: what every
//! format says beside the differences. Comes in: drift. Goes out: texts that are not escaped yet, and no more of the
//! tenant than the level of detail shows. Not here: layout and escaping (each format does its own).

use crate::diff::noise::{Rule, Source};
use crate::diff::{Change, Comparison, Extent, SectionDrift};
use crate::snapshot::record::{SectionRecord, State};

use super::shown::cropped;
use super::{Seen, approved, words};

/// A section or property that is not seen any more.
#[derive(Debug)]
pub(in crate::report) struct Loss {
    pub section: &'static str,
    /// Pointer of the property; None for the whole section.
    pub property: Option<String>,
    /// "had 59 items, now denied: grant AuditLog.Read.All and collect again"
    pub what: String,
    /// Checks that turned and read it.
    pub turned: u64,
}

impl Loss {
    /// "5 checks turned that read it"
    pub fn effect(&self) -> Option<String> {
        (self.turned > 0).then(|| format!("{} turned that read it", words::number(self.turned, "check")))
    }
}

/// All of them, section by section.
pub(in crate::report) fn losses(seen: &Seen<'_>) -> Vec<Loss> {
    let mut all = Vec::new();
    for section in &seen.drift.sections {
        all.extend(whole(seen, section));
        all.extend(in_part(seen, section));
        all.extend(properties(seen, section));
    }
    all
}

/// A section that is no longer collected.
pub(super) fn whole(seen: &Seen<'_>, section: &SectionDrift<'_>) -> Option<Loss> {
    if section.comparison != Comparison::NoLongerCollected {
        return None;
    }
    let items = section.old.and_then(|record| record.items).unwrap_or_default();
    let state = section.new.map_or(State::NotAsked, |record| record.state);
    let remedy = seen.remedy(section).unwrap_or_default();
    let what = format!("had {}, now {}: {remedy}", words::number(items, "item"), words::state(state));
    Some(Loss { section: section.id, property: None, what, turned: turned(seen, section, None) })
}

/// A section that was read whole and is read in part now.
pub(super) fn in_part(seen: &Seen<'_>, section: &SectionDrift<'_>) -> Option<Loss> {
    if section.extent() != Extent::NowInPart {
        return None;
    }
    let record = section.new.map(|record| seen.record(section.id, record));
    let reason = record.as_ref().and_then(|record| record.reason.as_deref().or(record.needs.as_deref()));
    let reason = reason.map(|reason| format!(" ({reason})")).unwrap_or_default();
    let what = format!("was read whole, now in part: collect again{reason}");
    Some(Loss { section: section.id, property: None, what, turned: turned(seen, section, None) })
}

/// Properties that are no longer collected.
pub(super) fn properties(seen: &Seen<'_>, section: &SectionDrift<'_>) -> Vec<Loss> {
    let lost = section.fields.iter().filter(|(_, field)| field.lost);
    lost.map(|(name, field)| {
        let reason = field.reason.as_deref().filter(|_| seen.shows_text());
        let reason = reason.map(|reason| format!(": {reason}")).unwrap_or_default();
        Loss {
            section: section.id,
            property: Some(property(seen, section, name)),
            what: format!("is no longer collected ({}){reason}", words::number(field.items, "item")),
            turned: turned(seen, section, Some(name)),
        }
    })
    .collect()
}

/// A property as a pointer.
pub(super) fn property(seen: &Seen<'_>, section: &SectionDrift<'_>, name: &str) -> String {
    let pointer = format!("/{}", name.replace('~', "~0").replace('/', "~1"));
    seen.pointer(section.id, &pointer).into_owned()
}

fn turned(seen: &Seen<'_>, section: &SectionDrift<'_>, field: Option<&str>) -> u64 {
    seen.effects.map_or(0, |effects| effects.of_loss(section.id, field).len() as u64)
}

/// How items of a section were matched, where not by their key.
pub(super) fn matching(seen: &Seen<'_>, section: &SectionDrift<'_>) -> Vec<String> {
    let notes = &section.notes;
    let mut all = Vec::new();
    if let Some(double) = &notes.duplicates {
        let (old, new) = (double.old, double.new);
        let example = Some(&double.example).filter(|_| seen.shows_text());
        let example = example.map(|key| format!(" (e.g. {})", cropped(key))).unwrap_or_default();
        all.push(format!(
            "{} before and {new} now share a key with others{example} and were compared as a multiset",
            words::number(old, "item")
        ));
    }
    if notes.keyless != (0, 0) {
        let (old, new) = notes.keyless;
        all.push(format!(
            "{} before and {new} now have no key and were compared as a multiset",
            words::number(old, "item")
        ));
    }
    if notes.by_likeness > 0 {
        all.push(format!("{} matched by likeness", words::number(notes.by_likeness, "item")));
    }
    if notes.crowded != (0, 0) {
        let (old, new) = notes.crowded;
        all.push(format!(
            "{old} before and {new} now that nothing identifies are too many to look for likeness: they show as \
             removed and added"
        ));
    }
    let via = |record: Option<&SectionRecord>| record.and_then(|record| record.via);
    if let (Some(old), Some(new)) = (via(section.old), via(section.new))
        && old != new
    {
        all.push(format!(
            "it came in by {} before and by {} now: what only one of them reads shows as changed",
            old.word(),
            new.word()
        ));
    }
    all
}

/// The same of all sections of which something is told, each with its section.
fn all_matching(seen: &Seen<'_>) -> Vec<String> {
    let open = |change: &Change<'_>| !change.is_approved();
    let told = seen.drift.sections.iter().filter(|one| one.has_notes() || one.changes.iter().any(open));
    let of = |section| matching(seen, section).into_iter().map(move |note| format!("{}: {note}", section.id));
    told.flat_map(of).collect()
}

/// Things to know of a comparison, whatever the format: what the command says, a rule that hides all, approvals that cover
/// nothing.
pub(super) fn notes(seen: &Seen<'_>) -> Vec<String> {
    seen.notes.iter().cloned().chain(blanket(seen)).chain(approved::notes(seen)).collect()
}

/// The same, and how items were matched: for formats that don't say that beside the section.
pub(in crate::report) fn all_notes(seen: &Seen<'_>) -> Vec<String> {
    let mut all = notes(seen);
    all.extend(all_matching(seen));
    all
}

/// That one rule of the configuration left out all that differs: nobody would see what it hides.
pub(super) fn blanket(seen: &Seen<'_>) -> Option<String> {
    let drift = seen.drift;
    let counts = drift.counts();
    if !seen.ignored || counts.drift() + counts.approved > 0 {
        return None;
    }
    let own = drift.rules.iter().enumerate().filter(|(_, rule)| rule.source != Source::BuiltIn);
    let used: Vec<(&Rule, u64)> =
        own.map(|(id, rule)| (rule, drift.left_out(id))).filter(|(_, count)| *count > 0).collect();
    let [(rule, count)] = used.as_slice() else { return None };
    Some(format!(
        "one rule of the configuration left out all that differs ({}): {}",
        words::number(*count, "difference"),
        seen.source(rule)
    ))
}
