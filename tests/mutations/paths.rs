//! Paths with one thing wrong. Comes in: a path. Goes out: paths with a comparison turned, a conjunct left out, another
//! field or section read.

use std::collections::{BTreeMap, BTreeSet};

use levelmark::sections::{self, Kind as SectionKind, contract::Type};

/// Bytes of a path that are inside quotes.
fn quoted(path: &str) -> Vec<bool> {
    let (mut inside, mut escaped) = (None, false);
    path.bytes()
        .map(|byte| match inside {
            None if byte == b'\'' || byte == b'"' => {
                inside = Some(byte);
                true
            }
            None => false,
            Some(quote) => {
                if byte == quote && !escaped {
                    inside = None;
                }
                escaped = byte == b'\\' && !escaped;
                true
            }
        })
        .collect()
}

/// The path with the bytes of a range replaced.
fn splice(path: &str, range: std::ops::Range<usize>, with: &str) -> String {
    format!("{}{with}{}", &path[..range.start], &path[range.end..])
}

/// Every comparison turned, one at a time.
pub(crate) fn comparisons(path: &str) -> Vec<String> {
    const TURNED: &[(&str, &str)] =
        &[("==", "!="), ("!=", "=="), ("<=", ">"), (">=", "<"), ("<", ">="), (">", "<=")];
    let quoted = quoted(path);
    let mut mutants = Vec::new();
    let mut at = 0;
    while at < path.len() {
        let here =
            TURNED.iter().find(|(from, _)| !quoted[at] && path.as_bytes()[at..].starts_with(from.as_bytes()));
        match here {
            Some((from, to)) => {
                mutants.push(splice(path, at..at + from.len(), to));
                at += from.len();
            }
            None => at += 1,
        }
    }
    mutants
}

/// Where an operand ends, going right from `at`.
fn end_right(path: &str, quoted: &[bool], at: usize) -> usize {
    let mut depth = 0;
    for (index, byte) in path.bytes().enumerate().skip(at).filter(|(index, _)| !quoted[*index]) {
        match byte {
            b'(' | b'[' => depth += 1,
            b')' | b']' if depth == 0 => return index,
            b')' | b']' => depth -= 1,
            b'&' | b'|' if depth == 0 => return index,
            _ => {}
        }
    }
    path.len()
}

/// Where an operand begins, going left from `at`.
fn end_left(path: &str, quoted: &[bool], at: usize) -> usize {
    let mut depth = 0;
    for index in (0..at).rev().filter(|index| !quoted[*index]) {
        match path.as_bytes()[index] {
            b')' | b']' => depth += 1,
            b'(' | b'[' if depth == 0 => return index + 1,
            b'(' | b'[' => depth -= 1,
            b'&' | b'|' | b'?' if depth == 0 => return index + 1,
            _ => {}
        }
    }
    0
}

/// One operand of an `&&` left out.
pub(crate) fn conjuncts(path: &str) -> Vec<String> {
    let quoted = quoted(path);
    let ands = path.match_indices("&&").map(|(at, _)| at).filter(|at| !quoted[*at]);
    ands.flat_map(|at| {
        let (from, to) = (end_left(path, &quoted, at), end_right(path, &quoted, at + 2));
        [splice(path, at..to, " "), splice(path, from..at + 2, " ")]
    })
    .collect()
}

/// The section at the beginning of a path that begins here.
pub(crate) fn section_at(path: &str) -> Option<&str> {
    let rest = path.strip_prefix("$.")?;
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let area = rest.bytes().take_while(|byte| is_name(*byte)).count();
    let name = rest.get(area + 1..)?.bytes().take_while(|byte| is_name(*byte)).count();
    (rest.as_bytes()[area] == b'.').then(|| &rest[..area + 1 + name])
}

/// First-level names that could stand for this one: of the same type in the same section.
pub(crate) fn like(section: &str, field: &str) -> Vec<String> {
    let Some(section) = sections::find(section) else { return Vec::new() };
    let fields = &section.contract().fields;
    let Some(of) = fields.get(field) else { return Vec::new() };
    let same = |other: &Type| other == of;
    let others = fields.iter().filter(|(name, other)| *name != field && same(other));
    others.map(|(name, _)| name.clone()).take(3).collect()
}

/// Names after `@.` of items of a section, each replaced by others of its type. `within` is what `@`
/// stands for at the beginning.
pub(crate) fn fields(path: &str, within: Option<&str>) -> Vec<String> {
    let quoted = quoted(path);
    let mut mutants = Vec::new();
    // What `@` stands for, per open bracket; and what it will stand for in the next one.
    let mut open: Vec<Option<&str>> = vec![within];
    let mut next: Option<&str> = None;
    let mut at = 0;
    while at < path.len() {
        let rest = &path[at..];
        if quoted[at] {
            at += 1;
        } else if let Some(section) = section_at(rest) {
            at += 2 + section.len();
            next = path[at..].starts_with('[').then_some(section);
        } else if let Some(rest) = rest.strip_prefix("@.") {
            let name: String = rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
            let range = at + 2..at + 2 + name.len();
            if let Some(section) = open.last().copied().flatten() {
                mutants.extend(like(section, &name).iter().map(|other| splice(path, range.clone(), other)));
            }
            at = range.end;
            next = None;
        } else {
            match rest.as_bytes()[0] {
                b'[' => open.push(next.take()),
                b'(' => open.push(open.last().copied().flatten()),
                b']' | b')' => drop(open.pop()),
                _ => {}
            }
            at += 1;
        }
    }
    mutants
}

/// Another section that has the fields read of this one.
fn other_section(section: &str, read: &BTreeSet<String>) -> Option<&'static str> {
    let fits = |other: &&sections::Section| {
        let fields = &other.contract().fields;
        other.kind != SectionKind::Derived
            && other.id != section
            && read.iter().all(|field| field == "*" || fields.contains_key(field))
    };
    sections::all().find(fits).map(|other| other.id)
}

/// Every section read, replaced by another, one at a time.
pub(crate) fn sections_of(path: &str, reads: &BTreeMap<String, BTreeSet<String>>) -> Vec<String> {
    let quoted = quoted(path);
    let mut mutants = Vec::new();
    for (at, _) in path.match_indices("$.").filter(|(at, _)| !quoted[*at]) {
        let Some(section) = section_at(&path[at..]) else { continue };
        let Some(other) = reads.get(section).and_then(|read| other_section(section, read)) else { continue };
        mutants.push(splice(path, at + 2..at + 2 + section.len(), other));
    }
    mutants
}
