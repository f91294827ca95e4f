//! `levelmark.yaml`: what an organisation declares, aims at and accepts. Comes in: a file's name
//! and bytes. Goes out: parameters, targets, waivers. Not here: what a waiver covers (`engine`).

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use chrono::{DateTime, Months, NaiveDate, Utc};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use crate::policy::answer::{check_ref, moment, person};
use crate::policy::bound::{Fixed, Fraction};
use crate::policy::compiled::{CheckRef, Millionths};
use crate::policy::params::{self, Given};
use crate::record;
use crate::snapshot::record::Redaction;
use crate::yaml::scalar::Word;
use crate::yaml::suggest::shown;
use crate::yaml::tree::{Kind, Node};
use crate::yaml::{At, Cx, Decode, Entries, Json, Mistakes, Need, Place, Source, Text, file, tree};

use super::drift::{self, DriftRule, RawDrift};
use super::redacted::{self, RawMark};

record! {
    /// What an organisation declares, aims at and accepts.
    pub struct RawConfig {
        /// With what `levelmark redact` redacted this file. Nobody writes it by hand.
        redacted: Option<RawMark>,
        /// Paths of files that this one builds on, from its directory: what stands here wins.
        extends: Vec<Text>,
        /// Values of parameters that policies declare, by name.
        params: Entries<Json>,
        /// The level aimed at, by competency: a level, or a level and the date from which it counts.
        targets: Entries<RawTarget>,
        /// Accepted deviations.
        waivers: Vec<RawWaiver>,
        /// Path of the attestations, from the directory of this file.
        answers: Option<Text>,
        /// Who answers for what: a competency, a dimension or a topic, and the people, `Name <mail address>`.
        owners: Entries<Vec<Text>>,
        /// Changes that `levelmark diff` leaves out here.
        drift: Option<RawDrift>,
    }
}

record! {
    /// A target with a date.
    pub struct RawDatedTarget {
        /// The level aimed at.
        level: Need<At<u16>>,
        /// Before this date the target only warns.
        by: Option<Text>,
    }
}

record! {
    /// An accepted deviation. It covers fails only, and hides nothing.
    pub struct RawWaiver {
        /// Which check, `POLICY/CHECK`.
        check: Need<Text>,
        /// Whether the risk is accepted, or something else compensates for it.
        kind: Need<Word<WaiverKind>>,
        /// What exactly is accepted; anything beyond still fails.
        accepts: Need<RawAccepts>,
        /// Why.
        reason: Need<Text>,
        /// Who answers for it.
        owner: Need<Text>,
        /// Who approved it: `Name <mail address>`.
        approved_by: Need<Text>,
        /// From when on it counts.
        on: Need<Text>,
        /// When it ends, at most a year later.
        expires: Need<Text>,
        /// Where the decision is recorded: an address or a path, never opened. Needed where something compensates.
        evidence: Option<Text>,
    }
}

record! {
    /// What a waiver accepts: exactly one of these.
    pub struct RawAccepts {
        /// These items, by the key of their section.
        keys: Option<Vec<Text>>,
        /// So many matches, and no more.
        count: Option<At<u64>>,
        /// A share, down or up to this.
        share: Option<RawShareAccepted>,
        /// This answer of a person.
        answer: Option<Word<AcceptedAnswer>>,
    }
}

record! {
    /// The worst share that is accepted: one of these.
    pub struct RawShareAccepted {
        /// Not below this.
        at_least: Option<Fixed<Fraction>>,
        /// Not above this.
        at_most: Option<Fixed<Fraction>>,
    }
}

/// `300`, or `{ level: 300, by: 2027-01-01 }`.
#[derive(Debug, Clone)]
pub struct RawTarget {
    level: Need<At<u16>>,
    by: Option<Text>,
}

impl Decode for RawTarget {
    fn decode(node: &Node<'_>, cx: &mut Cx<'_>) -> Option<Self> {
        match node.kind {
            Kind::Scalar { .. } => Some(Self { level: Need::from(At::<u16>::decode(node, cx)), by: None }),
            Kind::Map(_) => {
                RawDatedTarget::decode(node, cx).map(|dated| Self { level: dated.level, by: dated.by })
            }
            Kind::List(_) => cx.wrong(node, "a level, or a map with `level` and `by`"),
            Kind::Broken => None,
        }
    }
}

impl JsonSchema for RawTarget {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Target".into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let (level, dated) = (generator.subschema_for::<u16>(), generator.subschema_for::<RawDatedTarget>());
        json_schema!({ "anyOf": [level, dated] })
    }
}

/// Why a deviation is accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum WaiverKind {
    /// The risk is known and borne: the check still fails in the strict verdict.
    AcceptedRisk,
    /// Something else has the same effect: the check's gate value becomes true.
    Compensating,
}

/// The answer that a waiver accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AcceptedAnswer {
    /// `no`, and with it the better `partly`.
    No,
    /// `partly` alone.
    Partly,
}

impl AcceptedAnswer {
    /// Whether it accepts an answer that failed: `partly`, or else a plain no.
    pub fn accepts(self, partly: bool) -> bool {
        match self {
            Self::No => true,
            Self::Partly => partly,
        }
    }
}

/// What a waiver accepts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Accepts {
    /// Items by the key of their section.
    Keys(Vec<String>),
    /// At most so many matches.
    Count(u64),
    /// The worst share; one of the two is set.
    Share {
        /// Not below this.
        at_least: Option<Millionths>,
        /// Not above this.
        at_most: Option<Millionths>,
    },
    /// A person's answer.
    Answer(AcceptedAnswer),
}

/// An accepted deviation.
#[derive(Debug, Clone)]
pub struct Waiver {
    /// Which check.
    pub check: CheckRef,
    /// Why at all.
    pub kind: WaiverKind,
    /// What exactly.
    pub accepts: Accepts,
    /// Why.
    pub reason: String,
    /// Who answers for it.
    pub owner: String,
    /// Who approved it, `Name <mail>`.
    pub approved_by: String,
    /// From when on it counts.
    pub on: DateTime<Utc>,
    /// When it ends, at most a year after `on`.
    pub expires: DateTime<Utc>,
    /// Where the decision is recorded, never opened.
    pub evidence: Option<String>,
    /// Its bytes in the file.
    pub at: Range<usize>,
}

/// The level aimed at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Target {
    /// The level.
    pub level: u16,
    /// Before this date it only warns.
    pub by: Option<NaiveDate>,
}

/// The validated file. Whether its names exist is checked against a policy set: [`Config::targets_known`],
/// `resolve_params`, and for waivers the engine.
#[derive(Debug, Clone, Default)]
pub struct Config {
    /// With what it and each file that it builds on was redacted; None for one that was not and that names something of
    /// the tenant. A file that names nothing and nobody is in none of them: it goes with every snapshot.
    pub marks: BTreeSet<Option<Redaction>>,
    /// Values of parameters, by name.
    pub params: BTreeMap<String, Given>,
    /// By competency.
    pub targets: BTreeMap<String, Target>,
    /// In file order.
    pub waivers: Vec<Waiver>,
    /// Path of the attestations, from the directory of the file.
    pub answers: Option<PathBuf>,
    /// People by competency, dimension or topic.
    pub owners: BTreeMap<String, Vec<String>>,
    /// What is no drift here, in file order.
    pub drift: Vec<DriftRule>,
    /// Files that this one builds on, from its directory.
    pub extends: Vec<(PathBuf, Place)>,
    /// The file, to which `at` of the waivers refers; None where there is none.
    pub source: Option<Arc<Source>>,
    target_places: BTreeMap<String, Place>,
}

impl Config {
    /// Reads the file.
    ///
    /// # Errors
    /// All mistakes in it.
    pub fn read(name: &str, bytes: &[u8]) -> Result<Self, Mistakes> {
        let source = file::source(name, bytes).map_err(|mistake| Mistakes(vec![mistake]))?;
        let mut mistakes = Vec::new();
        let node = tree::parse(&source, 0..source.text.len(), &mut mistakes);
        let mut cx = Cx { source: source.clone(), mistakes: &mut mistakes };
        let mut config = Self { source: Some(source.clone()), ..Self::default() };
        if let Some(raw) = node.and_then(|node| RawConfig::decode(&node, &mut cx)) {
            config.params = params::given(&raw.params, &cx);
            for (competency, target) in &raw.targets.0 {
                config.target_places.insert(competency.value.clone(), cx.place(&competency.at));
                let by = target.by.as_ref().and_then(|text| moment(text, &mut cx)).map(|by| by.date_naive());
                if let Some(level) = target.level.get() {
                    config.targets.insert(competency.value.clone(), Target { level: level.value, by });
                }
            }
            config.waivers = raw.waivers.iter().filter_map(|raw| waiver(raw, &mut cx)).collect();
            config.answers = raw.answers.as_ref().and_then(|path| relative(path, &mut cx));
            for path in &raw.extends {
                let place = cx.place(&path.at);
                config.extends.extend(shared(path, &mut cx).map(|path| (path, place)));
            }
            for (what, people) in &raw.owners.0 {
                let people = people.iter().filter_map(|text| person(text, &mut cx)).collect();
                config.owners.insert(what.value.clone(), people);
            }
            config.drift = raw.drift.as_ref().map(|raw| drift::rules(raw, &mut cx)).unwrap_or_default();
            let mark = raw.redacted.as_ref().map(|raw| redacted::mark(raw, &mut cx));
            config.marks.extend(mark.or_else(|| redacted::names_something(&config).then_some(None)));
        }
        Mistakes::check(mistakes)?;
        Ok(config)
    }

    /// Takes over what a shared file says and this one does not. Its waivers and its rules on drift count
    /// beside ours.
    pub fn over(mut self, base: Self) -> Self {
        for (name, given) in base.params {
            self.params.entry(name).or_insert(given);
        }
        for (id, target) in base.targets {
            if let Some(place) = base.target_places.get(&id) {
                self.target_places.entry(id.clone()).or_insert_with(|| place.clone());
            }
            self.targets.entry(id).or_insert(target);
        }
        for (what, people) in base.owners {
            self.owners.entry(what).or_insert(people);
        }
        self.waivers.extend(base.waivers);
        self.drift.extend(base.drift);
        self.marks.extend(base.marks);
        self
    }

    /// Whether every target names a competency and a level of the model.
    ///
    /// # Errors
    /// All that do not.
    pub fn targets_known(&self, model: &crate::policy::model::Model) -> Result<(), Mistakes> {
        let mut mistakes = Vec::new();
        for (id, target) in &self.targets {
            let (message, help) = match model.competency(id) {
                None => {
                    let known = model.competencies.iter().map(|competency| competency.id.as_str());
                    (format!("there is no competency `{}`", shown(id)), crate::yaml::suggest::help(id, known))
                }
                Some(competency) if competency.levels.contains(&target.level) => continue,
                Some(competency) if competency.levels.is_empty() => (
                    format!("`{id}` has no levels"),
                    Some("it is decided as ready or gaps; leave the target out".into()),
                ),
                Some(competency) => {
                    let levels: Vec<String> = competency.levels.iter().map(u16::to_string).collect();
                    (
                        format!("`{id}` has no level {}", target.level),
                        Some(format!("it has {}", levels.join(", "))),
                    )
                }
            };
            let place = self.target_places.get(id).cloned();
            mistakes.push(crate::yaml::Mistake::new("config::target", message, place).maybe_help(help));
        }
        Mistakes::check(mistakes)
    }
}

fn waiver(raw: &RawWaiver, cx: &mut Cx<'_>) -> Option<Waiver> {
    let check = raw.check.get().and_then(|text| check_ref(text, cx));
    let accepts = raw.accepts.get().and_then(|raw| accepts(raw, cx));
    let approved_by = raw.approved_by.get().and_then(|text| person(text, cx));
    let on = raw.on.get().and_then(|text| moment(text, cx));
    let expires = raw.expires.get().and_then(|text| moment(text, cx));
    if let (Some(on), Some(expires), Some(text)) = (on, expires, raw.expires.get()) {
        term(on, expires, text, cx);
    }
    let kind = raw.kind.get()?;
    if kind.value == WaiverKind::Compensating && raw.evidence.is_none() {
        cx.mistake("config::waiver", "what compensates needs `evidence`", &kind.at).help =
            Some("name the address or path where the other measure is described".to_owned());
    }
    Some(Waiver {
        check: check?,
        kind: kind.value,
        accepts: accepts?,
        reason: raw.reason.get()?.value.clone(),
        owner: raw.owner.get()?.value.clone(),
        approved_by: approved_by?,
        on: on?,
        expires: expires?,
        evidence: raw.evidence.as_ref().map(|text| text.value.clone()),
        at: raw.span.clone(),
    })
}

/// At most a year: what is accepted for longer is not an exception but the rule.
fn term(on: DateTime<Utc>, expires: DateTime<Utc>, text: &Text, cx: &mut Cx<'_>) {
    let latest = on.checked_add_months(Months::new(12)).unwrap_or(DateTime::<Utc>::MAX_UTC);
    if expires <= on {
        cx.mistake("config::waiver", "the waiver ends before it begins", &text.at);
    } else if expires > latest {
        cx.mistake("config::waiver", "a waiver lasts a year at most", &text.at).help =
            Some(format!("{} at the latest; renew it then", latest.date_naive()));
    }
}

fn accepts(raw: &RawAccepts, cx: &mut Cx<'_>) -> Option<Accepts> {
    let one = match (&raw.keys, &raw.count, &raw.share, &raw.answer) {
        (Some(keys), None, None, None) if !keys.is_empty() => {
            Some(Accepts::Keys(keys.iter().map(|key| key.value.clone()).collect()))
        }
        (None, Some(count), None, None) if count.value > 0 => Some(Accepts::Count(count.value)),
        (None, None, Some(share), None) => return share_accepted(share, cx),
        (None, None, None, Some(answer)) => Some(Accepts::Answer(answer.value)),
        _ => None,
    };
    if one.is_none() && !raw.broken {
        cx.mistake("config::waiver", "a waiver says exactly what it accepts", &raw.span).help = Some(
            "one of { keys: [ … ] }, { count: n }, { share: { at_least: 0.9 } }, { answer: no }".to_owned(),
        );
    }
    one.filter(|_| !raw.broken)
}

fn share_accepted(raw: &RawShareAccepted, cx: &mut Cx<'_>) -> Option<Accepts> {
    let value = |fixed: &Option<Fixed<Fraction>>| fixed.as_ref().map(|fixed| fixed.value);
    let (at_least, at_most) = (value(&raw.at_least), value(&raw.at_most));
    if raw.at_least.is_some() == raw.at_most.is_some() {
        if !raw.broken {
            cx.mistake("config::waiver", "a share needs `at_least` or `at_most`, and not both", &raw.span);
        }
        return None;
    }
    (at_least.is_some() || at_most.is_some()).then_some(Accepts::Share { at_least, at_most })
}

/// A path within the tenant's folder: what it names is read, and who writes the file may not be who runs us.
fn relative(path: &Text, cx: &mut Cx<'_>) -> Option<PathBuf> {
    let value = PathBuf::from(&path.value);
    let inside = value
        .components()
        .all(|part| matches!(part, std::path::Component::Normal(_) | std::path::Component::CurDir));
    if !inside {
        cx.mistake("config::answers", "the path leaves the directory of this file", &path.at).help =
            Some("name a file beside it, e.g. attestations.yaml".to_owned());
    }
    inside.then_some(value)
}

/// A file to build on: a YAML file, by a relative path. It may lie above, where several tenants share it.
fn shared(path: &Text, cx: &mut Cx<'_>) -> Option<PathBuf> {
    let value = PathBuf::from(&path.value);
    let yaml = value.extension().is_some_and(|ending| ending == "yaml" || ending == "yml");
    if value.is_absolute() || value.has_root() || !yaml {
        cx.mistake("config::extends", "a shared file is a YAML file by a relative path", &path.at).help =
            Some("e.g. extends: [../shared/levelmark.yaml]".to_owned());
        return None;
    }
    Some(value)
}

/// The JSON Schema of `levelmark.yaml`.
pub fn schema() -> serde_json::Value {
    crate::policy::raw::plain(schemars::schema_for!(RawConfig), "Levelmark configuration")
}
