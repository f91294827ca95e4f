//! One policy in plain text for people: what it means, what is tested, what it reads and needs.
//! Comes in: a policy and its set. Goes out: a text without colour. Not here: the words of a check
//! (`wording`), findings.

use std::fmt::Write as _;

use super::compiled::{Check, Policy, PolicySet};
use super::queries;
use super::wording::{self, Piece};

/// The policy as a text. Lines are as long as their paragraphs: whoever prints them wraps them.
pub fn explain(policy: &Policy, set: &PolicySet) -> String {
    let mut out = String::new();
    head(policy, set, &mut out);
    for (name, text) in
        [("What it means", &policy.about), ("Why it matters", &policy.why), ("What to do", &policy.fix)]
    {
        if !text.is_empty() {
            let _ = write!(out, "\n{name}\n  {}\n", text.trim().replace('\n', "\n  "));
        }
    }
    let _ = write!(out, "\nChecks\n");
    for check in &policy.checks {
        explain_check(policy, check, set, &mut out);
    }
    sections(policy, &mut out);
    parameters(policy, set, &mut out);
    if !policy.references.is_empty() {
        let _ = write!(out, "\nRead on\n");
        for reference in &policy.references {
            let _ = writeln!(out, "  {}: {}", reference.title, reference.url);
        }
    }
    out
}

fn head(policy: &Policy, set: &PolicySet, out: &mut String) {
    let _ = writeln!(out, "{}  {}", policy.id, policy.title);
    let _ = writeln!(out, "  {}", wording::place(policy, set));
    for (name, list) in [("claims", &policy.claims), ("topics", &policy.topics)] {
        if !list.is_empty() {
            let _ = writeln!(out, "  {name}: {}", list.join(", "));
        }
    }
    let others = wording::alternatives(policy, set);
    if !others.is_empty() {
        let _ = writeln!(out, "  an alternative to {}", others.join(", "));
    }
    let _ =
        writeln!(out, "  file: {}{}", policy.source.name, if policy.builtin { " (built in)" } else { "" });
}

fn explain_check(policy: &Policy, check: &Check, set: &PolicySet, out: &mut String) {
    let _ = writeln!(out, "  {}  {}", check.id, check.title);
    for line in wording::lines(policy, check, set) {
        let _ = writeln!(out, "    {}{}", "  ".repeat(line.depth), plain(&line.pieces));
    }
}

fn plain(pieces: &[Piece]) -> String {
    let mut text = String::new();
    for piece in pieces {
        let _ = match piece {
            Piece::Words(words) | Piece::Code(words) => write!(text, "{words}"),
            Piece::Check(check) => write!(text, "{check}"),
        };
    }
    text
}

fn sections(policy: &Policy, out: &mut String) {
    let read = wording::sections(policy);
    if read.is_empty() {
        return;
    }
    let _ = write!(out, "\nSections read\n");
    for section in read {
        match queries::section(section) {
            Some(facts) => {
                let needs =
                    if facts.needs.is_empty() { String::new() } else { format!("; needs {}", facts.needs) };
                let licence = if facts.licence.is_empty() {
                    String::new()
                } else {
                    format!("; licence {}", facts.licence)
                };
                let _ = writeln!(out, "  {section}  {}{needs}{licence}", facts.about);
            }
            None => {
                let _ = writeln!(out, "  {section}");
            }
        }
    }
}

fn parameters(policy: &Policy, set: &PolicySet, out: &mut String) {
    let used = wording::params(policy);
    if used.is_empty() {
        return;
    }
    let _ = write!(out, "\nParameters\n");
    for name in used {
        let Some(param) = set.params.get(name) else { continue };
        let (given, default) = wording::given(param);
        let default =
            default.map_or_else(String::new, |json| format!(" {}", crate::yaml::suggest::shown(&json)));
        let _ = writeln!(out, "  {name}  {} ({}, {given}{default})", param.about, wording::kind(param.kind));
    }
}
