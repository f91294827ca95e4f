//! What is left out, and why. Comes in: a difference. Goes out: the rule that covers it, if one does. Not
//! here: the rules that are built in (`known`), and those of an organisation (`config::drift`).
//!
//! Nothing is left out without a rule, every rule has a reason, and every difference that a rule left out
//! is counted.

use std::borrow::Cow;
use std::collections::BTreeSet;

use crate::config::drift::{Blank, DriftRule, Scope};
use crate::config::pattern::Pattern;
use crate::snapshot::document::{Kind, NodeRef};
use crate::snapshot::item;

use super::known;
use super::model::Side;

/// A rule's place among all rules of a run.
pub type RuleId = usize;

/// Differences that are no drift.
#[derive(Debug, Clone)]
pub struct Rule {
    /// In which sections.
    pub scope: Scope,
    /// Which kind of difference.
    pub on: On,
    /// Which properties; empty = all.
    pub path: Pattern,
    /// Which item, by its key; None = all.
    pub key: Option<String>,
    /// Only items whose property has this value, in any case of its letters.
    pub when: Option<(&'static str, &'static str)>,
    /// Why.
    pub reason: Cow<'static, str>,
    /// Where the rule comes from.
    pub source: Source,
}

/// Kinds of difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum On {
    /// Any.
    Anything,
    /// A property has another value, or its list another order.
    Property,
    /// An item is new.
    Added,
    /// An item is gone.
    Gone,
    /// An entry is older than the window.
    AgedOut,
    /// The elements of a set stand in another order.
    Order,
    /// A property turned from one kind of nothing into another.
    Alike(BTreeSet<Blank>),
}

impl On {
    /// In a word.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Anything => "anything",
            Self::Property => "changed",
            Self::Added => "added",
            Self::Gone => "gone",
            Self::AgedOut => "aged out",
            Self::Order => "order",
            Self::Alike(_) => "alike",
        }
    }
}

/// Where a rule comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// From this program.
    BuiltIn,
    /// From a configuration: file and line.
    Config(String, usize),
}

/// A difference as rules see it.
#[derive(Debug, Clone, Copy)]
pub(super) enum What<'a> {
    /// Names that lead to the property, and both sides.
    Property(&'a [&'a str], Side<'a>, Side<'a>),
    Added,
    Gone,
    AgedOut,
    Order(&'a [&'a str]),
}

/// All rules of a run: what is built in comes first, then what the configuration says.
pub(super) fn all(own: &[DriftRule], foreign: bool) -> Vec<Rule> {
    let own = own.iter().map(|rule| Rule {
        scope: rule.scope.clone(),
        on: match (&rule.alike, &rule.path) {
            (Some(values), _) => On::Alike(values.clone()),
            (None, Some(_)) => On::Property,
            (None, None) => On::Anything,
        },
        path: rule.path.clone().unwrap_or_default(),
        key: rule.key.clone(),
        when: None,
        reason: Cow::Owned(rule.reason.clone()),
        source: Source::Config(rule.place.source.name.clone(), rule.place.line()),
    });
    known::rules(foreign).into_iter().chain(own).collect()
}

/// What a value counts for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Worth {
    /// Itself.
    Itself,
    /// As much as any other kind of nothing that stands there, but something stands there.
    Blank,
    /// Nothing: it might as well be absent.
    Nothing,
}

/// The rules that concern a section.
#[derive(Debug)]
pub(super) struct Rules<'r> {
    section: &'static str,
    own: Vec<(RuleId, &'r Rule)>,
}

impl<'r> Rules<'r> {
    pub fn of(section: &'static str, rules: &'r [Rule]) -> Self {
        let own = rules.iter().enumerate().filter(|(_, rule)| rule.scope.has(section)).collect();
        Self { section, own }
    }

    /// The first rule that covers a difference of an item.
    pub fn covering(&self, what: What<'_>, item: NodeRef<'_>) -> Option<RuleId> {
        let covers = |rule: &Rule| rule.covers(what) && self.is_about(rule, item);
        self.own.iter().find(|(_, rule)| covers(rule)).map(|(id, _)| *id)
    }

    /// What a value of an item counts for by itself, whatever it was before.
    pub fn worth(&self, names: &[&str], node: NodeRef<'_>, item: NodeRef<'_>) -> Worth {
        let side = Side::Value(node);
        let what = What::Property(names, side, side);
        let covering = self.own.iter().filter(|(_, rule)| rule.covers(what) && self.is_about(rule, item));
        covering.fold(Worth::Itself, |worth, (_, rule)| match (worth, &rule.on) {
            (Worth::Itself | Worth::Blank, On::Alike(values)) if !values.contains(&Blank::Absent) => {
                Worth::Blank
            }
            _ => Worth::Nothing,
        })
    }

    fn is_about(&self, rule: &Rule, item: NodeRef<'_>) -> bool {
        let has = |(path, value): (&str, &str)| {
            item::at(item, path)
                .and_then(NodeRef::as_str)
                .is_some_and(|found| found.eq_ignore_ascii_case(value))
        };
        rule.when.is_none_or(has)
            && rule.key.as_deref().is_none_or(|key| {
                item::key(self.section, item).is_some_and(|found| found.eq_ignore_ascii_case(key))
            })
    }
}

impl Rule {
    fn covers(&self, what: What<'_>) -> bool {
        match (&self.on, what) {
            (On::Anything, _)
            | (On::Added, What::Added)
            | (On::Gone, What::Gone)
            | (On::AgedOut, What::AgedOut) => true,
            (On::Property, What::Property(names, ..) | What::Order(names))
            | (On::Order, What::Order(names)) => self.path.covers(names.iter().copied()),
            (On::Alike(values), What::Property(names, old, new)) => {
                let has = |side| blank(side).is_some_and(|blank| values.contains(&blank));
                has(old) && has(new) && self.path.covers(names.iter().copied())
            }
            (
                On::Property | On::Added | On::Gone | On::AgedOut | On::Order | On::Alike(_),
                What::Property(..) | What::Added | What::Gone | What::AgedOut | What::Order(_),
            ) => false,
        }
    }
}

/// Which kind of nothing a side is.
fn blank(side: Side<'_>) -> Option<Blank> {
    match side {
        Side::Absent(_) => Some(Blank::Absent),
        Side::Nothing => None,
        Side::Value(node) => match node.kind() {
            Kind::Null => Some(Blank::Null),
            Kind::Array | Kind::Object => node.is_empty().then_some(Blank::Empty),
            Kind::String => node.as_str().is_some_and(|text| text.is_empty()).then_some(Blank::Empty),
            Kind::Bool | Kind::Number => None,
        },
    }
}
