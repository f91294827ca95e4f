//! Examples of a policy: small snapshots with expected outcomes, parsed only when asked.
//! Comes in: a policy's source. Goes out: typed inputs for the engine. Not here: running them.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::answer::{Answer, moment};
use super::compile::examples_start;
use super::compiled::{CheckRef, Policy};
use super::params::{self, Given};
use super::queries;
use super::raw::RawExample;
use crate::record;
use crate::snapshot::record::State;
use crate::yaml::suggest::{self, shown};
use crate::yaml::{Cx, Decode, Mistakes, Place, Text, tree};

/// The outcome that an example expects. An error is never expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Expected {
    /// Good.
    Pass,
    /// Seen, and wrong.
    Fail,
    /// Not seen.
    Unknown,
    /// Does not apply.
    NotApplicable,
}

/// One example, ready to run.
#[derive(Debug, Clone)]
pub struct Example {
    /// What it shows.
    pub name: String,
    /// Data of sections by id (`area.name`); derived sections are not among them.
    pub data: BTreeMap<String, Vec<Value>>,
    /// State of each section that has data or is named; all others were not asked.
    pub states: BTreeMap<String, State>,
    /// Declared parameters; ids in them need not be GUIDs (see `params::resolve_with`).
    pub params: BTreeMap<String, Given>,
    /// Answers, in file order.
    pub answers: Vec<Answer>,
    /// Decides expiry.
    pub today: DateTime<Utc>,
    /// Evidence time.
    pub taken: DateTime<Utc>,
    /// Expected outcome by check id.
    pub expect: BTreeMap<String, Expected>,
    /// Where it stands.
    pub place: Place,
}

record! {
    /// The last key of a policy.
    pub struct RawExamples {
        /// The examples.
        examples: Vec<RawExample>,
    }
}

/// The examples of a policy; none if it has none.
///
/// # Errors
/// All mistakes in them.
pub fn of(policy: &Policy) -> Result<Vec<Example>, Mistakes> {
    let Some(start) = examples_start(&policy.source.text) else { return Ok(Vec::new()) };
    let mut mistakes = Vec::new();
    let raw = tree::parse(&policy.source, start..policy.source.text.len(), &mut mistakes).and_then(|node| {
        let mut cx = Cx { source: policy.source.clone(), mistakes: &mut mistakes };
        RawExamples::decode(&node, &mut cx)
    });
    let mut cx = Cx { source: policy.source.clone(), mistakes: &mut mistakes };
    let mut names = BTreeSet::new();
    let mut examples = Vec::new();
    for raw in raw.iter().flat_map(|raw| &raw.examples) {
        if let Some(name) = raw.name.get()
            && !names.insert(name.value.clone())
        {
            cx.mistake(
                "example::name",
                format!("the example `{}` is given twice", shown(&name.value)),
                &name.at,
            );
        }
        examples.extend(example(raw, policy, &mut cx));
    }
    Mistakes::check(mistakes)?;
    Ok(examples)
}

fn example(raw: &RawExample, policy: &Policy, cx: &mut Cx<'_>) -> Option<Example> {
    let (data, mut states) = sections(raw, cx);
    for (id, state) in &raw.states.0 {
        known_section(id, &id.value, cx);
        states.insert(id.value.clone(), state.value);
    }
    let mut answers = Vec::new();
    for (check, answer) in &raw.attest.0 {
        known_check(check, policy, cx);
        let check = CheckRef { policy: policy.id.clone(), check: check.value.clone() };
        answers.extend(answer.parts().answer(Some(check), false, cx));
    }
    let mut expect = BTreeMap::new();
    for (check, outcome) in raw.expect.get().iter().flat_map(|entries| &entries.0) {
        known_check(check, policy, cx);
        expect.insert(check.value.clone(), outcome.value);
    }
    if let Some(entries) = raw.expect.get()
        && entries.0.is_empty()
        && !raw.broken
    {
        cx.mistake("example::expect", "the example expects nothing", &raw.span);
    }
    let today = raw.today.get().and_then(|text| moment(text, cx));
    let taken = match &raw.taken {
        Some(text) => moment(text, cx),
        None => today,
    };
    Some(Example {
        name: raw.name.get()?.value.clone(),
        data,
        states,
        params: params::given(&raw.params, cx),
        answers,
        today: today?,
        taken: taken?,
        expect,
        place: cx.place(&raw.span),
    })
}

/// `given: { area: { name: [ … ] } }`
fn sections(raw: &RawExample, cx: &mut Cx<'_>) -> (BTreeMap<String, Vec<Value>>, BTreeMap<String, State>) {
    let (mut data, mut states) = (BTreeMap::new(), BTreeMap::new());
    for (area, names) in &raw.given.0 {
        for (name, json) in &names.0 {
            let id = format!("{}.{}", area.value, name.value);
            if area.value == "derived" {
                let help = "give the sections that it is computed from";
                cx.mistake(
                    "example::derived",
                    format!("`{}` is computed, not given", shown(&id)),
                    &name.at,
                )
                .help = Some(help.to_owned());
                continue;
            }
            known_section(name, &id, cx);
            let Value::Array(items) = &json.value else {
                cx.mistake("example::given", "every section is a list", &json.at).help =
                    Some("a single object is a list of one: [ { … } ]".to_owned());
                continue;
            };
            states.insert(id.clone(), State::Read);
            data.insert(id, items.clone());
        }
    }
    (data, states)
}

fn known_section(text: &Text, id: &str, cx: &mut Cx<'_>) {
    if queries::section(id).is_none() {
        let message = format!("there is no section `{}`", shown(id));
        let help = queries::nearest_section(id).map(|near| format!("did you mean `{near}`?"));
        cx.mistake("example::section", message, &text.at).help =
            help.or_else(|| Some("`levelmark sections` lists them".to_owned()));
    }
}

fn known_check(check: &Text, policy: &Policy, cx: &mut Cx<'_>) {
    if !policy.checks.iter().any(|known| known.id == check.value) {
        let message = format!("{} has no check `{}`", policy.id, shown(&check.value));
        cx.mistake("example::check", message, &check.at).help =
            suggest::help(&check.value, policy.checks.iter().map(|known| known.id.as_str()));
    }
}
