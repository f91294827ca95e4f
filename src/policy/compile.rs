//! One policy file: bytes -> raw -> compiled, with every mistake that the file alone can show.
//! Comes in: a source, the model, the shared parameters. Goes out: a policy whose relations are
//! still open, and an outline of it for `relations`. Not here: other files.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use super::assertion::Compiler;
use super::check;
use super::compiled::{Check, Param, Policy, Reference};
use super::model::{Competency, Criterion, Model};
use super::params;
use super::raw::{RawCheck, RawPolicy, RawReference};
use crate::yaml::suggest::{self, shown};
use crate::yaml::{Cx, Decode, Mistake, Source, Text, plain, tree};

/// A policy file after reading.
pub(super) struct RawFile {
    /// Its text.
    pub(super) source: Arc<Source>,
    /// Its name without `.yaml`.
    pub(super) stem: String,
    /// Built in, or from a directory.
    pub(super) builtin: bool,
    /// What it says; None if it can't be read at all.
    pub(super) raw: Option<RawPolicy>,
    /// What is wrong so far.
    pub(super) mistakes: Vec<Mistake>,
}

/// A policy file after compiling, its relations still open.
pub(super) struct Unit {
    /// The file.
    pub(super) file: RawFile,
    /// The policy, if nothing in its file is wrong.
    pub(super) policy: Option<Policy>,
    /// Parameters it declares.
    pub(super) params: Vec<(Text, Param)>,
    /// Parameters it uses and may not.
    pub(super) undeclared: Vec<(String, Range<usize>)>,
}

/// Reads a policy file up to its examples.
pub(super) fn read(source: Arc<Source>, stem: String, builtin: bool) -> RawFile {
    let mut mistakes = Vec::new();
    let examples = examples_start(&source.text);
    let head = 0..examples.unwrap_or(source.text.len());
    if let Some(late) = examples.and_then(|start| key_after(&source.text, start)) {
        let mut cx = Cx { source: source.clone(), mistakes: &mut mistakes };
        cx.mistake("policy::examples", "`examples` is the last key of a policy", &late).help =
            Some("move this key before it: what follows is read by tests only".to_owned());
    }
    // The quick reader is for texts that are inside the program, and tested.
    let inside = builtin && matches!(source.text, Cow::Borrowed(_));
    let plain = if inside { plain::parse(&source.text, head.clone()) } else { None };
    let raw = plain.or_else(|| tree::parse(&source, head, &mut mistakes)).and_then(|node| {
        let mut cx = Cx { source: source.clone(), mistakes: &mut mistakes };
        RawPolicy::decode(&node, &mut cx)
    });
    RawFile { source, stem, builtin, raw, mistakes }
}

/// Where the line `examples:` begins.
pub(super) fn examples_start(text: &str) -> Option<usize> {
    if text.starts_with("examples:") {
        return Some(0);
    }
    memchr::memmem::find(text.as_bytes(), b"\nexamples:").map(|at| at + 1)
}

/// A key at column 0 after the examples began.
fn key_after(text: &str, start: usize) -> Option<Range<usize>> {
    let mut at = start;
    for (number, line) in text.get(start..)?.split_inclusive('\n').enumerate() {
        let first = line.bytes().next();
        let is_key = first.is_some_and(|b| b.is_ascii_alphanumeric() || matches!(b, b'"' | b'\'' | b'_'));
        if number > 0 && is_key && line.contains(':') {
            return Some(at..at + line.find(':').unwrap_or(line.len()));
        }
        at += line.len();
    }
    None
}

/// Compiles a file that was read.
pub(super) fn compile(mut file: RawFile, model: &Model, shared: &BTreeMap<String, Param>) -> Unit {
    let mut mistakes = std::mem::take(&mut file.mistakes);
    let source = file.source.clone();
    let Some(raw) = &file.raw else {
        file.mistakes = mistakes;
        return Unit { file, policy: None, params: Vec::new(), undeclared: Vec::new() };
    };
    let mut cx = Cx { source: source.clone(), mistakes: &mut mistakes };
    let params = params::declared(&raw.params, &mut cx);
    identity(raw, &file.stem, &mut cx);
    let place = Standing::of(raw, model, &mut cx);
    words(raw, &mut cx);
    // A declaration that is itself wrong still declares its name.
    let names: BTreeSet<&str> = raw.params.0.iter().map(|(name, _)| name.value.as_str()).collect();
    let kind_of = |name: &str| {
        let own = raw.params.0.iter().find(|(own, _)| own.value == name);
        own.and_then(|(_, param)| param.r#type.get().map(|kind| kind.value))
            .or_else(|| shared.get(name).map(|param| param.kind))
    };
    let mut compiler = Compiler {
        cx,
        kind_of: &kind_of,
        used: BTreeSet::new(),
        undeclared: Vec::new(),
        reads: super::compiled::Reads::default(),
    };
    let checks = checks(raw, &place, &mut compiler);
    let Compiler { mut cx, used, mut undeclared, .. } = compiler;
    undeclared.retain(|(name, _)| !names.contains(name.as_str()));
    if raw.checks.get().is_some_and(|raw_checks| raw_checks.len() == checks.len()) {
        for (name, _) in raw.params.0.iter().filter(|(name, _)| !used.contains(&name.value)) {
            cx.mistake(
                "policy::param",
                format!("the parameter `{}` is never used", shown(&name.value)),
                &name.at,
            )
            .help = Some("use it in a check, or remove it".to_owned());
        }
    }
    let references = raw.references.iter().filter_map(|reference| link(reference, &mut cx)).collect();
    let whole = mistakes.is_empty() && undeclared.is_empty();
    let policy = whole.then(|| policy(raw, &file, checks, references)).flatten();
    file.mistakes = mistakes;
    Unit { file, policy, params, undeclared }
}

fn policy(raw: &RawPolicy, file: &RawFile, checks: Vec<Check>, references: Vec<Reference>) -> Option<Policy> {
    let text = |text: &Option<Text>| text.as_ref().map(|text| text.value.clone()).unwrap_or_default();
    let texts = |texts: &[Text]| texts.iter().map(|text| text.value.clone()).collect();
    Some(Policy {
        id: raw.id.get()?.value.clone(),
        title: raw.title.get()?.value.clone(),
        competency: raw.competency.get()?.value.clone(),
        level: raw.level.as_ref().map(|level| level.value),
        dimension: raw.dimension.get()?.value,
        urgent: check::on(raw.urgent.as_ref()),
        topics: texts(&raw.topics),
        claims: texts(&raw.claims),
        about: text(&raw.about),
        why: text(&raw.why),
        fix: text(&raw.fix),
        references,
        one_of: raw.one_of.as_ref().map(|name| name.value.clone()),
        params: raw.params.0.iter().map(|(name, _)| name.value.clone()).collect(),
        checks,
        source: file.source.clone(),
        builtin: file.builtin,
    })
}

fn identity(raw: &RawPolicy, stem: &str, cx: &mut Cx<'_>) {
    if let Some(title) = raw.title.get()
        && title.value.contains('\n')
    {
        cx.mistake("policy::title", "a title is one line", &title.at);
    }
    let Some(id) = raw.id.get() else { return };
    if !is_policy_id(&id.value) {
        let message = format!("`{}` is not the id of a policy", shown(&id.value));
        cx.mistake("policy::id", message, &id.at).help =
            Some("capital letters and digits in parts with hyphens between, e.g. INF-400-G2".to_owned());
    } else if id.value != stem {
        let message = format!("the id `{}` and the name of the file differ", shown(&id.value));
        cx.mistake("policy::id", message, &id.at).help =
            Some(format!("name the file {}.yaml, or write `id: {}`", shown(&id.value), shown(stem)));
    }
}

/// `INF-400-G2`: two parts or more of capitals and digits, a letter first, at most 40 bytes.
pub(super) fn is_policy_id(id: &str) -> bool {
    id.len() <= 40
        && id.contains('-')
        && id.starts_with(|c: char| c.is_ascii_uppercase())
        && id.split('-').all(|part| {
            !part.is_empty() && part.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
        })
}

/// Where the policy stands in the model.
struct Standing<'m> {
    competency: Option<&'m Competency>,
    criterion: Option<&'m Criterion>,
    level: Option<u16>,
}

impl<'m> Standing<'m> {
    fn of(raw: &RawPolicy, model: &'m Model, cx: &mut Cx<'_>) -> Self {
        let competency = raw.competency.get().and_then(|name| {
            let found = model.competency(&name.value);
            if found.is_none() {
                let message = format!("there is no competency `{}`", shown(&name.value));
                cx.mistake("policy::competency", message, &name.at).help = suggest::help(
                    &name.value,
                    model.competencies.iter().map(|competency| competency.id.as_str()),
                );
            }
            found
        });
        let criterion = raw.id.get().and_then(|id| criterion(id, competency, model, cx));
        if let Some(competency) = competency {
            level(raw, competency, criterion, cx);
        }
        if let Some(criterion) = criterion {
            for claim in &raw.claims {
                if !criterion.claims.contains(&claim.value) {
                    let message =
                        format!("the criterion {} has no claim `{}`", criterion.id, shown(&claim.value));
                    cx.mistake("policy::claim", message, &claim.at).help =
                        suggest::help(&claim.value, criterion.claims.iter().map(String::as_str));
                }
            }
        }
        Self { competency, criterion, level: raw.level.as_ref().map(|level| level.value) }
    }
}

fn criterion<'m>(
    id: &Text,
    competency: Option<&'m Competency>,
    model: &'m Model,
    cx: &mut Cx<'_>,
) -> Option<&'m Criterion> {
    let (home, criterion) = model.criterion(&id.value)?;
    if let Some(competency) = competency
        && competency.id != home.id
    {
        let message = format!("{} is a criterion of {}, not of {}", criterion.id, home.id, competency.id);
        cx.mistake("policy::competency", message, &id.at);
    }
    Some(criterion)
}

fn level(raw: &RawPolicy, competency: &Competency, criterion: Option<&Criterion>, cx: &mut Cx<'_>) {
    let levels = || competency.levels.iter().map(u16::to_string).collect::<Vec<_>>().join(", ");
    match (&raw.level, competency.levels.is_empty()) {
        (Some(level), true) => {
            let message = format!("the competency {} has no levels", competency.id);
            cx.mistake("policy::level", message, &level.at).help = Some("leave `level` out".to_owned());
        }
        (Some(level), false) if !competency.levels.contains(&level.value) => {
            let message = format!("the competency {} has no level {}", competency.id, level.value);
            cx.mistake("policy::level", message, &level.at).help = Some(format!("it has {}", levels()));
        }
        (Some(level), false) => {
            // INF-400-G2 at level 300 is a slip, whatever the model knows of it.
            let named = raw.id.get().and_then(|id| id.value.strip_prefix(competency.prefix.as_str()));
            let named = named.and_then(|rest| rest.strip_prefix('-')?.split('-').next()?.parse::<u16>().ok());
            if named.is_some_and(|named| named != level.value && competency.levels.contains(&named)) {
                let message = format!("level {} does not fit the id", level.value);
                cx.mistake("policy::level", message, &level.at);
            }
        }
        (None, false) => {
            let informs = |checks: &Vec<RawCheck>| checks.iter().all(|c| check::on(c.informs.as_ref()));
            let gates = criterion.map_or_else(|| !raw.checks.get().is_some_and(informs), |c| c.gates);
            if gates && !raw.broken {
                cx.mistake("policy::level", "`level` is missing", &raw.span).help =
                    Some(format!("{} has {}; only checks that inform need none", competency.id, levels()));
            }
        }
        (None, true) => {}
    }
}

/// Small texts with a shape.
fn words(raw: &RawPolicy, cx: &mut Cx<'_>) {
    let mut seen = BTreeSet::new();
    for text in raw.topics.iter().chain(&raw.one_of) {
        if !check::is_kebab(&text.value) {
            let message = format!("`{}` is not a name", shown(&text.value));
            cx.mistake("policy::name", message, &text.at).help =
                Some("lower case words with hyphens between".to_owned());
        }
    }
    for text in raw.topics.iter().chain(&raw.claims) {
        if !seen.insert(&text.value) {
            cx.mistake("policy::name", format!("`{}` is listed twice", shown(&text.value)), &text.at);
        }
    }
}

fn link(raw: &RawReference, cx: &mut Cx<'_>) -> Option<Reference> {
    let url = raw.url.get()?;
    let rest = url.value.strip_prefix("https://");
    if rest.is_none_or(|rest| {
        rest.split('/').next().is_none_or(|host| !host.contains('.')) || rest.contains(char::is_whitespace)
    }) {
        let message = format!("`{}` is not an https address", shown(&url.value));
        cx.mistake("policy::reference", message, &url.at);
        return None;
    }
    Some(Reference { title: raw.title.get()?.value.clone(), url: url.value.clone() })
}

fn checks(raw: &RawPolicy, place: &Standing<'_>, compiler: &mut Compiler<'_, '_>) -> Vec<Check> {
    let Some(raw_checks) = raw.checks.get() else { return Vec::new() };
    if raw_checks.is_empty() && !raw.broken {
        compiler.cx.mistake("policy::checks", "a policy has at least one check", &raw.span).label =
            Some("has none".into());
    }
    let mut first: BTreeMap<&str, &Text> = BTreeMap::new();
    let mut compiled = Vec::new();
    for raw_check in raw_checks {
        if let Some(id) = raw_check.id.get()
            && let Some(before) = first.insert(&id.value, id)
        {
            let other = compiler.cx.place(&before.at);
            compiler
                .cx
                .mistake("policy::id", format!("the check `{}` is given twice", shown(&id.value)), &id.at)
                .other = Some(Box::new((other, "given first".to_owned())));
        }
        gates(raw_check, place, &mut compiler.cx);
        if let Some(mut check) = check::compile(raw_check, compiler) {
            check.informs |= place.criterion.is_some_and(|criterion| !criterion.gates);
            compiled.push(check);
        }
    }
    compiled
}

/// A symptom has to have a level above that it gates.
fn gates(raw: &RawCheck, place: &Standing<'_>, cx: &mut Cx<'_>) {
    let Some(symptom) = raw.symptom.as_ref().filter(|symptom| symptom.value) else { return };
    let Some(competency) = place.competency else { return };
    match place.level {
        None => {
            cx.mistake("policy::symptom", "a symptom belongs to a level, and there is none", &symptom.at);
        }
        Some(level) if competency.levels.contains(&level) && competency.next_level(level).is_none() => {
            let message =
                format!("{level} is the highest level of {}: there is none above to gate", competency.id);
            cx.mistake("policy::symptom", message, &symptom.at).help =
                Some("make it a practice: a check that passes when the good state holds".to_owned());
        }
        Some(_) => {}
    }
}
