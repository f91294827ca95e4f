//! A policy file as written: what the author typed, with places, and the JSON Schema of it.
//! Comes in: YAML. Goes out: raw records. Not here: rules between fields (`compile`, `check`), queries
//! (`compile`). The text of every field's description is what an editor shows from the schema.

use serde_json::Value;

use super::answer::RawAnswer;
use super::bound::{Bound, Fixed, Fraction, Length, Whole};
use super::compiled::{Dimension, Empty, ParamKind, Strength, Unlicensed};
use super::examples::Expected;
use crate::record;
use crate::snapshot::record::State;
use crate::yaml::{At, Entries, Json, Need, Text, scalar::Word};

record! {
    /// One criterion of the maturity model, and the checks that decide it.
    pub struct RawPolicy {
        /// Id of the criterion, the same as the name of the file without `.yaml`, e.g. `INF-400-G2`.
        id: Need<Text>,
        /// One line that says what holds when every check passes.
        title: Need<Text>,
        /// Id of the competency, e.g. `infrastructure`.
        competency: Need<Text>,
        /// Level of the criterion: 100, 200, 300, 400 or 500. Left out where the competency has no levels.
        level: Option<At<u16>>,
        /// Dimension of the competency; `general` where its document has none.
        dimension: Need<Word<Dimension>>,
        /// The model marks the criterion as urgent.
        urgent: Option<At<bool>>,
        /// Ladders over the levels that the criterion is a rung of.
        topics: Vec<Text>,
        /// Claims of the model that this policy decides.
        claims: Vec<Text>,
        /// What the criterion means, in plain words.
        about: Option<Text>,
        /// Why it matters.
        why: Option<Text>,
        /// What to do when it fails, and in which admin centre.
        fix: Option<Text>,
        /// Further reading.
        references: Vec<RawReference>,
        /// Policies of one competency and level that the model offers as alternatives share this name.
        one_of: Option<Text>,
        /// Policies or checks (`POLICY` or `POLICY/CHECK`) at a higher level whose pass settles every check of this policy.
        satisfied_by: Vec<Text>,
        /// Facts and thresholds that the organisation declares, by name.
        params: Entries<RawParam>,
        /// The claims that are tested, at least one.
        checks: Need<Vec<RawCheck>>,
        /// Tested examples. The last key of the file.
        examples: Vec<RawExample>,
    }
}

record! {
    /// A link.
    pub struct RawReference {
        /// Text of the link.
        title: Need<Text>,
        /// Address, https.
        url: Need<Text>,
    }
}

record! {
    /// A parameter: a fact about the organisation, or a threshold.
    pub struct RawParam {
        /// What it is, for the person who declares it.
        about: Need<Text>,
        /// Its kind.
        r#type: Need<Word<ParamKind>>,
        /// Checks that use it stay unknown until it is declared.
        required: Option<At<bool>>,
        /// Value when it is not declared.
        default: Option<Json>,
    }
}

/// Adds the keys of an assertion to a record: exactly one of `forbid`, `require`, `share`, `cadence`, `attest`,
/// `either`, `all`, with its modifiers `count` and `at_least`.
macro_rules! with_assertion {
    ($(#[$meta:meta])* pub struct $name:ident { $($own:tt)* }) => {
        record! {
            $(#[$meta])*
            pub struct $name {
                $($own)*
                /// JSONPath that nothing may match; each match is evidence of the failure.
                forbid: Option<Text>,
                /// JSONPath that something must match.
                require: Option<Text>,
                /// How many matches `require` needs; at least one where it is left out.
                count: Option<RawCount>,
                /// A share of a population that is good.
                share: Option<Box<RawShare>>,
                /// Events that come often enough.
                cadence: Option<Box<RawCadence>>,
                /// A question that a person answers.
                attest: Option<Text>,
                /// Alternatives, of which `at_least` hold.
                either: Option<Vec<RawAssertion>>,
                /// How many alternatives must hold; 1 where it is left out.
                at_least: Option<At<u64>>,
                /// Parts that must all hold.
                all: Option<Vec<RawAssertion>>,
            }
        }

        impl $name {
            /// What it asserts, apart from anything else.
            pub fn assertion(&self) -> Parts<'_> {
                Parts {
                    forbid: self.forbid.as_ref(),
                    require: self.require.as_ref(),
                    count: self.count.as_ref(),
                    share: self.share.as_deref(),
                    cadence: self.cadence.as_deref(),
                    attest: self.attest.as_ref(),
                    either: self.either.as_deref(),
                    at_least: self.at_least.as_ref(),
                    all: self.all.as_deref(),
                    span: &self.span,
                    broken: self.broken,
                }
            }
        }
    };
}

/// The keys of an assertion, of a check or inside `either` and `all`.
#[derive(Debug, Clone, Copy)]
#[expect(missing_docs, reason = "the same as in the records, where each is described")]
pub struct Parts<'r> {
    pub forbid: Option<&'r Text>,
    pub require: Option<&'r Text>,
    pub count: Option<&'r RawCount>,
    pub share: Option<&'r RawShare>,
    pub cadence: Option<&'r RawCadence>,
    pub attest: Option<&'r Text>,
    pub either: Option<&'r [RawAssertion]>,
    pub at_least: Option<&'r At<u64>>,
    pub all: Option<&'r [RawAssertion]>,
    pub span: &'r std::ops::Range<usize>,
    pub broken: bool,
}

with_assertion! {
    /// One claim that is tested by itself: one assertion and its modifiers.
    pub struct RawCheck {
        /// Id, unique in the policy, in lower case with hyphens.
        id: Need<Text>,
        /// What holds when it passes.
        title: Need<Text>,
        /// JSONPath: the check applies only if it matches something.
        when: Option<Text>,
        /// The claim describes a weakness of its level: it must be gone to rise above that level. Passing means that it is gone.
        symptom: Option<At<bool>>,
        /// Reported, but gates nothing.
        informs: Option<At<bool>>,
        /// What it means that there is nothing to look at. Needed for whatever zero items would satisfy, nested parts included.
        empty: Option<Word<Empty>>,
        /// What it means that a section needs a licence that the tenant lacks; `unknown` where it is left out.
        unlicensed: Option<Word<Unlicensed>>,
        /// A person's answer may not settle it.
        measured_only: Option<At<bool>>,
        /// A person may answer that it does not apply.
        may_not_apply: Option<At<bool>>,
        /// A `proxy` only suggests the claim: its pass needs an answer too, its fail stands.
        strength: Option<Word<Strength>>,
        /// The question for a person when the check stays unknown.
        ask: Option<Text>,
        /// How long an answer counts; P365D where it is left out.
        valid_for: Option<Fixed<Length>>,
        /// Policies or checks at a higher level whose pass settles this check.
        satisfied_by: Vec<Text>,
        /// The check (`POLICY/CHECK`) that is evaluated in place of this one, instead of an assertion.
        same_as: Option<Text>,
    }
}

with_assertion! {
    /// A part of `either` or `all`: one assertion.
    pub struct RawAssertion {}
}

record! {
    /// Bounds on what `require` matches.
    pub struct RawCount {
        /// At least so many.
        min: Option<Bound<Whole>>,
        /// At most so many.
        max: Option<Bound<Whole>>,
        /// Count the different values of this field instead of the matches.
        distinct: Option<Text>,
        /// Add up this field instead of counting the matches.
        sum: Option<Text>,
    }
}

record! {
    /// A share of a population that is good: `where` holds, and quickly enough where `elapsed` is given.
    pub struct RawShare {
        /// JSONPath of the population.
        among: Need<Text>,
        /// Condition that a good one fulfils; it stands alone and begins at `@`.
        r#where: Option<Text>,
        /// Longest time between two fields of a good one.
        elapsed: Option<RawElapsed>,
        /// At least this share is good.
        min: Option<Bound<Fraction>>,
        /// At most this share is good.
        max: Option<Bound<Fraction>>,
        /// Fewer items than this, but more than none, decide nothing; 1 where it is left out.
        population: Option<At<u64>>,
    }
}

record! {
    /// The time between two fields of an item.
    pub struct RawElapsed {
        /// Field with the start.
        from: Need<Text>,
        /// Field with the end; while it is absent the item counts only once it is late.
        to: Need<Text>,
        /// At most this long.
        max: Need<Bound<Length>>,
    }
}

record! {
    /// Events that come often enough: by periods (`every`) or by gaps (`max_gap`).
    pub struct RawCadence {
        /// JSONPath of the events.
        of: Need<Text>,
        /// Field that says when an event was.
        at: Need<Text>,
        /// Length of a period; the window is cut into periods from its end.
        every: Option<Bound<Length>>,
        /// The window, back from the time of the evidence.
        r#for: Need<Bound<Length>>,
        /// Periods that need an event; all where it is left out.
        min: Option<Bound<Whole>>,
        /// Longest gap within the window, its ends included.
        max_gap: Option<Bound<Length>>,
    }
}

record! {
    /// A tested example: a small snapshot and what comes out.
    pub struct RawExample {
        /// What the example shows.
        name: Need<Text>,
        /// Data of sections, by area and name: each an array. Sections not given were not asked.
        given: Entries<Entries<Json>>,
        /// Declared parameters.
        params: Entries<Json>,
        /// States of sections by id; a section with data is `read` where this does not say otherwise.
        states: Entries<Word<State>>,
        /// Answers by check.
        attest: Entries<RawAnswer>,
        /// The day on which expiry is decided.
        today: Need<Text>,
        /// When the evidence was taken; `today` where it is left out.
        taken: Option<Text>,
        /// Expected outcome by check.
        expect: Need<Entries<Word<Expected>>>,
    }
}

/// The JSON Schema of a policy file.
pub fn schema() -> Value {
    plain(schemars::schema_for!(RawPolicy), "Levelmark policy")
}

/// A generated schema with its title, and without what Rust's types add to what may be written.
pub fn plain(schema: schemars::Schema, title: &str) -> Value {
    let mut schema = schema.to_value();
    if let Some(root) = schema.as_object_mut() {
        root.insert("title".into(), title.into());
    }
    without_null(&mut schema);
    schema
}

/// An optional key is left out, never null: takes `null` from the types that `Option` gives.
fn without_null(schema: &mut Value) {
    match schema {
        Value::Object(object) => {
            if let Some(Value::Array(types)) = object.get_mut("type") {
                types.retain(|t| t != "null");
                if let [only] = types.as_slice() {
                    let only = only.clone();
                    object.insert("type".into(), only);
                }
            }
            if let Some(Value::Array(any)) = object.get_mut("anyOf") {
                any.retain(|s| s.get("type").is_none_or(|t| t != "null"));
                if let [Value::Object(only)] = any.as_slice() {
                    let only = only.clone();
                    object.remove("anyOf");
                    for (key, value) in only {
                        object.entry(key).or_insert(value);
                    }
                }
            }
            object.values_mut().for_each(without_null);
        }
        Value::Array(items) => items.iter_mut().for_each(without_null),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
