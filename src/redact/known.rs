//! Words and ids that belong to Microsoft or to nobody, and so tell nothing of a tenant: built-in roles,
//! permissions, Microsoft's own applications, services, the words that Graph writes where an id could be.
//! Comes in: a value. Goes out: whether it is one of them. Not here: what policies look for (`terms`).

use std::collections::BTreeSet;
use std::sync::OnceLock;

use crate::sections::{self, permission};

/// One entry a line; `#` begins a comment. An id may be followed by a name, which counts too.
pub(super) const SOURCE: &str = include_str!("known.txt");

/// Whether a value is known to everybody; ASCII case does not matter.
pub(super) fn is_known(text: &str) -> bool {
    let lower = text.trim().to_ascii_lowercase();
    list().contains(lower.as_str()) || is_reserved(&lower)
}

/// Ids that Microsoft counts up instead of drawing them: Graph and Exchange, built-in authentication
/// strengths, the nil GUID.
fn is_reserved(lower: &str) -> bool {
    let ends = ["-0000-0000-c000-000000000000", "-0000-0ff1-ce00-000000000000"];
    let counted = |end: &&str| lower.strip_suffix(*end).is_some_and(|start| start.starts_with("0000"));
    lower.len() == 36 && (ends.iter().any(counted) || lower.starts_with("00000000-0000-0000-0000-"))
}

fn list() -> &'static BTreeSet<String> {
    static LIST: OnceLock<BTreeSet<String>> = OnceLock::new();
    LIST.get_or_init(|| {
        let lines = SOURCE.lines().map(|line| line.split('#').next().unwrap_or_default().trim());
        let mut list: BTreeSet<String> = BTreeSet::new();
        for line in lines.filter(|line| !line.is_empty()) {
            let (id, name) = line.split_once(' ').unwrap_or((line, ""));
            if sections::normal::is_guid(id) {
                list.insert(id.to_ascii_lowercase());
                list.extend((!name.is_empty()).then(|| name.trim().to_ascii_lowercase()));
            } else {
                list.insert(line.to_ascii_lowercase());
            }
        }
        for (name, permission) in permission::all() {
            list.insert(name.to_ascii_lowercase());
            list.extend(permission.application.into_iter().chain(permission.delegated).map(str::to_owned));
        }
        list.extend(sections::all().map(|section| section.id.to_ascii_lowercase()));
        list
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_everybody_knows() {
        for text in [
            "62e90394-69f5-4237-9190-012177145e10",
            "global administrator",
            "00000003-0000-0000-c000-000000000000",
            "00000002-0000-0FF1-CE00-000000000000",
            "All",
            "Exchange Online",
            "Policy.Read.All",
        ] {
            assert!(is_known(text), "{text}");
        }
        for text in ["", "Contoso", "2f8e465a-71de-5e00-9fcd-c9fdfaf0e8ff", "Alex Miller"] {
            assert!(!is_known(text), "{text}");
        }
    }

    #[test]
    fn every_line_is_an_id_or_a_plain_word() {
        let mut seen = BTreeSet::new();
        for line in SOURCE.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
            assert!(seen.insert(line.to_ascii_lowercase()), "twice: {line}");
            assert_eq!(line.trim(), line);
        }
    }
}
