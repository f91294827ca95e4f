//! What people read of bundles: what was packed or why not, what was verified, and the note inside. Comes
//! in: what was found out. Goes out: text. Not here: finding out.

use std::fmt::Write as _;
use std::path::Path;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::gather::is_builtin;
use crate::bundle::compare::{Comparison, Difference};
use crate::bundle::manifest::{Manifest, Options};
use crate::bundle::pack::Written;
use crate::bundle::unpack::{Fault, Unpacked, What};
use crate::bundle::{EVIDENCE, RESULT};
use crate::cli::Bundle;
use crate::report::escape;
use crate::report::gate_word;
use crate::report::model::{GateResult, Report};
use crate::report::pseudonyms;
use crate::verdict::gate::OnUnknown;

/// Files and differences that are named before the rest is counted.
const SHOWN: usize = 20;
/// Longest text quoted.
const CROP: usize = 160;
/// This program.
const TOOL: &str = concat!("levelmark ", env!("CARGO_PKG_VERSION"));

/// What `verify` found out.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Verified {
    levelmark: Format,
    /// The result follows from what is in the bundle, and the built-in policies are those of the version.
    pub(super) verified: bool,
    bundle: Archive,
    made_by: String,
    verified_by: &'static str,
    files: Files,
    policies: Policies,
    /// None where the files already are not what the manifest says.
    result: Option<Outcome>,
}

#[derive(Debug, Serialize)]
struct Format {
    verification: u32,
}

#[derive(Debug, Serialize)]
struct Archive {
    file: String,
    bytes: u64,
    sha256: String,
}

#[derive(Debug, Serialize)]
struct Files {
    listed: usize,
    faults: Vec<Fault>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Policies {
    builtin: usize,
    /// Built-in ones that are not those of this program.
    other: Vec<String>,
    own: usize,
    /// The version is this program's, so they would have to be.
    comparable: bool,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Outcome {
    tool: String,
    tenant: String,
    /// Fingerprint of the key, where names are pseudonyms.
    #[serde(skip_serializing_if = "Option::is_none")]
    redacted: Option<String>,
    gate: GateResult,
    today: DateTime<Utc>,
    taken: DateTime<Utc>,
    snapshot_digest: String,
    policy_set_digest: String,
    #[serde(flatten)]
    comparison: Comparison,
}

impl Verified {
    /// What is known before evaluating.
    pub(super) fn of(path: &Path, unpacked: &Unpacked, other: Vec<String>) -> Self {
        let manifest = &unpacked.manifest;
        let builtin = manifest.files.iter().filter(|file| is_builtin(&file.path)).count();
        let policies = manifest.files.iter().filter(|file| file.path.starts_with("policies/")).count();
        Self {
            levelmark: Format { verification: 1 },
            verified: false,
            bundle: Archive {
                file: path.display().to_string(),
                bytes: unpacked.archive.bytes,
                sha256: unpacked.archive.sha256.clone(),
            },
            made_by: manifest.tool.clone(),
            verified_by: TOOL,
            files: Files { listed: manifest.files.len(), faults: unpacked.faults.clone() },
            policies: Policies { builtin, other, own: policies - builtin, comparable: manifest.tool == TOOL },
            result: None,
        }
    }

    /// The files are right, and this is what became of the result.
    pub(super) fn evaluated(&mut self, given: &Report, comparison: Comparison) {
        self.policies.comparable |= given.tool == TOOL;
        let genuine = self.policies.other.is_empty() || !self.policies.comparable;
        self.verified = comparison.same && genuine;
        self.result = Some(Outcome {
            tool: given.tool.clone(),
            tenant: tenant(given),
            redacted: given.snapshot.redacted.as_ref().map(|redacted| redacted.key.clone()),
            gate: given.gate.result,
            today: given.today,
            taken: given.snapshot.taken,
            snapshot_digest: given.snapshot.digest.clone(),
            policy_set_digest: given.policy_set.digest.clone(),
            comparison,
        });
    }

    /// For people.
    pub(super) fn text(&self, manifest: &Manifest) -> String {
        let mut out = String::new();
        let mut line = |name: &str, text: &str| {
            // Writing to a string does not fail.
            let _ = writeln!(out, "  {name:<14} {}", escape::terminal(text));
        };
        line("bundle", &format!("{}, sha256 {}", self.bundle.file, self.bundle.sha256));
        line("made by", &format!("{}, verified by {}", short(&self.made_by), self.verified_by));
        match self.files.faults.len() {
            0 => line("files", &format!("{}, each with its digest, and no other", self.files.listed)),
            n => line("files", &format!("{n} are not as the manifest says")),
        }
        line("policies", &self.policies());
        let named = |path: &Option<String>| path.clone().unwrap_or_else(|| "none".to_owned());
        line("configuration", &named(&manifest.options.configuration));
        line("answers", &named(&manifest.options.answers));
        line("evidence", &evidence(manifest));
        line("options", &options(manifest));
        if let Some(result) = &self.result {
            line("tenant", &result.tenant);
            if let Some(key) = &result.redacted {
                line("redacted", &redacted(key));
            }
            line("snapshot", &format!("taken {}, digest {}", moment(result.taken), result.snapshot_digest));
            line("policy set", &format!("digest {}", result.policy_set_digest));
            line(
                "result",
                &format!(
                    "by {}, as of {}: {}",
                    short(&result.tool),
                    moment(result.today),
                    outcome(&result.comparison)
                ),
            );
            line("gate", gate_word(result.gate));
        }
        let head = if self.verified {
            "verified: the result follows from what is in the bundle"
        } else {
            "not verified"
        };
        let mut text = format!("{head}\n\n{out}");
        for fault in self.files.faults.iter().take(SHOWN) {
            let what = match fault.what {
                What::Changed => "is not the file that the manifest names",
                What::Missing => "is missing",
                What::Extra => "is not in the manifest",
            };
            let _ = writeln!(text, "\n{} {what}", short(&fault.path));
        }
        if let Some(result) = &self.result {
            text.push_str(&differences(&result.comparison, "in the bundle", "evaluated again"));
        }
        for left in manifest.left_out.iter().take(SHOWN) {
            let _ = writeln!(text, "\nevidence left out: {}: {}", short(&left.evidence), short(&left.why));
        }
        if self.policies.comparable {
            for path in self.policies.other.iter().take(SHOWN) {
                let _ = writeln!(text, "\n{} is not what {TOOL} comes with", short(path));
            }
        }
        if self.verified {
            text.push_str("\nWhether the snapshot shows the tenant as it was, and the answers are true, a bundle can't say.\n");
        }
        text
    }

    fn policies(&self) -> String {
        let Policies { builtin, other, own, comparable } = &self.policies;
        let built = match (other.is_empty(), comparable) {
            (true, _) => "the same as in this program".to_owned(),
            (false, true) => format!("{} not as in this program", other.len()),
            (false, false) => {
                format!("{} not as in this program, which is another version", other.len())
            }
        };
        format!("{builtin} built-in files, {built}; {own} files of the organisation's own")
    }
}

fn evidence(manifest: &Manifest) -> String {
    let packed = manifest.files.iter().filter(|file| is_evidence(&file.path)).count();
    format!("local files: {packed}, left out: {}", manifest.left_out.len())
}

/// All that was asked and is not what `check` does by itself, as it would be typed.
fn options(manifest: &Manifest) -> String {
    let Options {
        today: _,
        snapshot,
        tenant,
        configuration: _,
        answers: _,
        baseline,
        policies,
        params,
        targets,
        only,
        fail_on,
        on_unknown,
        urgent_only,
        no_waivers,
        max_age_seconds,
        max_evidence,
    } = &manifest.options;
    let flags = [
        ("--no-snapshot", snapshot.is_none()),
        ("--no-builtin", policies.no_builtin),
        ("--urgent-only", *urgent_only),
        ("--no-waivers", *no_waivers),
    ];
    let mut all: Vec<String> =
        flags.into_iter().filter(|(_, set)| *set).map(|(name, _)| name.to_owned()).collect();
    let mut add = |name: &str, values: &[String]| {
        all.extend(values.iter().map(|value| format!("{name} {}", short(value))));
    };
    add("--tenant", tenant.as_slice());
    add("--policies", &policies.folders);
    add("--allow-override", &policies.allow_override);
    add("--param", params);
    add("--target", targets);
    add("--policy", only);
    add("--baseline", baseline.as_slice());
    add("--fail-on", &fail_on.iter().map(word).collect::<Vec<_>>());
    match on_unknown {
        OnUnknown::Report => {}
        OnUnknown::Fail | OnUnknown::Ignore => add("--on-unknown", &[word(on_unknown)]),
    }
    add("--max-age", max_age_seconds.map(|seconds| format!("PT{seconds}S")).as_slice());
    if *max_evidence != crate::engine::MAX_EVIDENCE {
        add("--max-evidence", &[max_evidence.to_string()]);
    }
    if all.is_empty() { "none".to_owned() } else { all.join(" ") }
}

/// How a choice is typed.
fn word(choice: &impl clap::ValueEnum) -> String {
    choice.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
}

fn moment(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M UTC").to_string()
}

fn is_evidence(path: &str) -> bool {
    path.strip_prefix(EVIDENCE).is_some_and(|rest| rest.starts_with('/'))
}

fn outcome(comparison: &Comparison) -> String {
    match (comparison.same, comparison.total) {
        (true, _) => "evaluated again, the same byte for byte".to_owned(),
        (false, 0) => "evaluated again, the same values in other bytes".to_owned(),
        (false, n) => format!("evaluated again, values that differ: {n}"),
    }
}

/// The first places where two results differ.
fn differences(comparison: &Comparison, given: &str, again: &str) -> String {
    let mut out = String::new();
    let nothing = || "nothing".to_owned();
    let width = given.len().max(again.len());
    for Difference { pointer, given: one, again: other } in &comparison.differences {
        let (one, other) = (one.clone().unwrap_or_else(nothing), other.clone().unwrap_or_else(nothing));
        let _ = writeln!(out, "\n{}", escape::terminal(pointer));
        let _ = writeln!(out, "  {given:<width$}  {}", escape::terminal(&one));
        let _ = writeln!(out, "  {again:<width$}  {}", escape::terminal(&other));
    }
    let more = comparison.total.saturating_sub(comparison.differences.len());
    if more > 0 {
        let _ = writeln!(out, "\nand {more} more");
    }
    out
}

/// Why nothing was packed.
pub(super) fn refused(args: &Bundle, (given, again): (&Report, &Report), comparison: &Comparison) -> String {
    let mut out = format!(
        "not packed: these inputs do not give {}\n",
        escape::terminal(&args.result.display().to_string())
    );
    let mut say = |text: &str| {
        let _ = writeln!(out, "  - {text}");
    };
    if given.tool != again.tool {
        say(&format!(
            "it is of {}, this is {TOOL}: pack it with the program that made it",
            short(&given.tool)
        ));
    }
    if given.today != again.today {
        say("another day: leave --today out, the result says it");
    }
    if given.snapshot.digest != again.snapshot.digest {
        say("another snapshot: name the one that was checked");
    }
    if given.policy_set.digest != again.policy_set.digest {
        say("other policies: give the same --policies, --no-builtin and --allow-override");
    }
    if given.filtered != again.filtered {
        say("give the same --policy");
    }
    if given.gate.fail_on != again.gate.fail_on {
        say("the gate was asked something else: give the same --fail-on, --target and --baseline");
    }
    if said(&given.attestations) != said(&again.attestations) {
        say("other answers: give the same --answers");
    }
    if said(&given.waivers) != said(&again.waivers) {
        say("other waivers: give the same --config and --no-waivers");
    }
    if comparison.total == 0 {
        say(
            "the values are the same and the bytes are not: keep the result as it was printed, in UTF-8 and with its line ends",
        );
    }
    out.push_str(&differences(comparison, "given", "evaluated"));
    out.trim_end().to_owned()
}

fn said(value: &impl Serialize) -> Option<String> {
    serde_json::to_string(value).ok()
}

/// What was packed.
pub(super) fn packed(args: &Bundle, result: &Report, (manifest, written): (&Manifest, &Written)) -> String {
    let note = result
        .snapshot
        .redacted
        .as_ref()
        .map(|redacted| format!("{}\n", escape::terminal(&pseudonyms(&redacted.key))));
    format!(
        "packed {}: {} files, {} of them evidence\nsha256 {}\n{}",
        escape::terminal(&args.out.display().to_string()),
        manifest.files.len(),
        manifest.files.iter().filter(|file| is_evidence(&file.path)).count(),
        written.sha256,
        note.unwrap_or_default()
    )
}

/// The note inside.
pub(super) fn readme(result: &Report, tool: &str) -> String {
    format!(
        "This is a bundle of Levelmark: a verdict on a Microsoft 365 tenant with all that it rests on.\n\n\
         tenant      {}\n{}as of       {}\nmade by     {tool}\n\n\
         {RESULT} is the verdict. snapshot is the evidence, policies is what was judged by (policies/builtin\n\
         came with the program), levelmark.yaml or configuration are the organisation's parameters, targets\n\
         and waivers, attestations.yaml the answers of people, evidence the files that these name.\n\
         manifest.json has the digest of every file and all that was asked.\n\n\
         To evaluate it again and compare byte for byte, without a network or anything else:\n\n    \
         levelmark verify FILE.zip\n\n\
         It shows that the verdict follows from what is in here. Whether the snapshot shows the tenant as it\n\
         was, and whether the answers are true, nothing in here can show. Keep it as private as the tenant.\n",
        tenant(result),
        result
            .snapshot
            .redacted
            .as_ref()
            .map(|mark| format!("redacted    {}\n", redacted(&mark.key)))
            .unwrap_or_default(),
        moment(result.today),
    )
}

fn redacted(key: &str) -> String {
    format!("names, addresses, ids and texts of the tenant are pseudonyms (key {})", short(key))
}

fn tenant(result: &Report) -> String {
    let tenant = &result.snapshot.tenant;
    let name = tenant.display_name.as_deref().map_or_else(String::new, |name| format!("{} ", short(name)));
    format!("{name}{}", short(&tenant.id))
}

/// A text of somebody else, cropped and harmless.
pub(super) fn short(text: &str) -> String {
    let cropped: String = text.chars().take(CROP).collect();
    let dots = if cropped.len() < text.len() { "…" } else { "" };
    format!("{}{dots}", escape::terminal(&cropped))
}
