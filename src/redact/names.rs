//! Names of properties: which are the service's and which are data, such as ids of people or what an
//! organisation called its attributes. Comes in: a name. Goes out: the name, or a pseudonym. Not here:
//! where in an item it stands (`items`): rules of drift name properties, too, and so what becomes of a
//! name depends on the name alone.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use super::Redactor;
use crate::derive;
use crate::sections;

impl Redactor {
    /// A name of a property: one of the contracts' or the policies' stays. All others may be data: what
    /// Graph calls a new property, and what an organisation calls an attribute, look the same.
    pub(super) fn name(&self, name: &str) -> String {
        // `members@odata.count` is said of `members`.
        let (own, annotation) = match name.split_once('@') {
            Some((own, rest)) if is_annotation(rest) => {
                name.split_at_checked(own.len()).unwrap_or((name, ""))
            }
            Some(_) | None => (name, ""),
        };
        if own.is_empty() || is_graphs(own) || self.terms.names(own) {
            return name.to_owned();
        }
        format!("{}{annotation}", self.member_name(own))
    }

    /// A path of names, as records of sections have them.
    pub(super) fn path(&self, path: &str) -> String {
        path.split('/').map(|name| self.name(name)).collect::<Vec<_>>().join("/")
    }

    /// A name that is data. Planner writes addresses as names, percent-encoded.
    fn member_name(&self, name: &str) -> String {
        if !name.contains('%') {
            return self.text(name);
        }
        let mut encoded = String::new();
        for letter in self.text(&derive::decoded(name)).chars() {
            match letter {
                '%' => encoded.push_str("%25"),
                '.' => encoded.push_str("%2E"),
                ':' => encoded.push_str("%3A"),
                '@' => encoded.push_str("%40"),
                '#' => encoded.push_str("%23"),
                other => encoded.push(other),
            }
        }
        encoded
    }
}

/// A name of Graph's, as far as we know.
pub(super) fn is_graphs(name: &str) -> bool {
    contracts().contains(name) || GRAPHS.contains(&name)
}

/// Graph's own, in objects that no contract describes: of Planner's maps, of statuses of jobs.
const GRAPHS: [&str; 7] = [
    "alias",
    "assignedBy",
    "isChecked",
    "orderHint",
    "previewPriority",
    "progress",
    "synchronizedEntryCountByType",
];

/// `odata.type`
fn is_annotation(text: &str) -> bool {
    let of = ["odata.", "microsoft.graph."].into_iter().find_map(|start| text.strip_prefix(start));
    of.is_some_and(|rest| {
        ["type", "count", "context", "nextLink", "deltaLink", "etag", "id", "navigationLink"].contains(&rest)
    })
}

/// All names that contracts have.
fn contracts() -> &'static BTreeSet<&'static str> {
    static NAMES: OnceLock<BTreeSet<&'static str>> = OnceLock::new();
    NAMES.get_or_init(|| {
        let mut names = BTreeSet::new();
        let mut see = |name, _: &_| {
            names.insert(name);
        };
        sections::all().for_each(|section| section.contract().each(&mut see));
        names
    })
}
