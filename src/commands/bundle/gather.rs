//! What goes into a bundle: everything that `check` would read with the same arguments. Comes in: arguments
//! and a result. Goes out: a stage and its manifest. Not here: whether the result follows (`rerun`).

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::{Component, Path, PathBuf};

use miette::miette;

use super::super::{configuration, inputs, places::Places};
use crate::bundle::evidence::{self, Named};
use crate::bundle::manifest::{self, Format, LeftOut, Manifest, Options, Policies, Snapshot};
use crate::bundle::pack::Stage;
use crate::bundle::{
    ANSWERS, BASELINE, BUILTIN, CONFIGURATION, CONFIGURATIONS, README, RESULT, SNAPSHOT, SNAPSHOT_FILE,
};
use crate::cli::{Bundle, Inputs};
use crate::commands::folder;
use crate::config::Attestations;
use crate::policy::load::{self, LoadOptions};
use crate::report::model::Report;
use crate::run::Result;
use crate::snapshot::listed;

/// A bundle that is not packed yet.
pub(super) struct Gathered {
    pub(super) stage: Stage,
    pub(super) manifest: Manifest,
}

/// Puts everything on a stage.
pub(super) fn gather(args: &Bundle, given: &[u8], result: &Report) -> Result<Gathered> {
    let asked = &args.inputs;
    let today = asked.today.unwrap_or(result.today);
    let Some(located) = folder::located(&Places::of_check(asked, today))? else {
        return Err(miette!(
            code = "levelmark::bundle::demo",
            help = "the tenant of --demo is in every program of this version: its result can be had anywhere",
            "there is nothing to pack"
        ));
    };
    let mut stage = Stage::new()?;
    stage.put(RESULT, given)?;
    let snapshot = located.snapshot.as_deref().map(|path| snapshot(&mut stage, path, result)).transpose()?;
    let mut named = Vec::new();
    let configuration =
        located.config.as_deref().map(|path| configuration(&mut stage, path, &mut named)).transpose()?;
    let answers = located.answers.as_deref().map(|path| answers(&mut stage, path, &mut named)).transpose()?;
    if let Some(path) = &asked.baseline {
        stage.put(BASELINE, &inputs::bytes(path)?)?;
    }
    let policies = policies(&mut stage, asked)?;
    let home = located.folder.or_else(|| located.answers.as_deref().map(folder_of));
    let home = home.or_else(|| located.config.as_deref().map(folder_of));
    let left_out = match home {
        Some(home) => pack_evidence(&mut stage, &home, &named, args.no_evidence)?,
        None => Vec::new(),
    };
    let options = Options {
        today,
        snapshot,
        tenant: asked.tenant.clone(),
        configuration,
        answers,
        baseline: asked.baseline.as_ref().map(|_| BASELINE.to_owned()),
        policies,
        params: asked.params.clone(),
        targets: asked.targets.clone(),
        only: asked.only.clone(),
        fail_on: asked.fail_on.clone(),
        on_unknown: asked.on_unknown,
        urgent_only: asked.urgent_only,
        no_waivers: asked.no_waivers,
        max_age_seconds: asked.max_age.map(|age| age.num_seconds()),
        max_evidence: asked.max_evidence,
    };
    let tool = concat!("levelmark ", env!("CARGO_PKG_VERSION")).to_owned();
    stage.put(README, super::show::readme(result, &tool).as_bytes())?;
    let levelmark = Format { bundle: manifest::FORMAT };
    let manifest = Manifest { levelmark, tool, options, left_out, files: stage.files() };
    Ok(Gathered { stage, manifest })
}

fn snapshot(stage: &mut Stage, path: &Path, result: &Report) -> Result<Snapshot> {
    if path == Path::new("-") {
        let mut bytes = Vec::new();
        std::io::stdin().lock().read_to_end(&mut bytes).map_err(miette::Report::from_err)?;
        stage.put(SNAPSHOT_FILE, &bytes)?;
    } else if path.is_dir() {
        for file in listed(path)? {
            let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
            stage.copy(&format!("{SNAPSHOT}/{name}"), &file)?;
        }
        return Ok(Snapshot { path: SNAPSHOT.to_owned(), named: before_sections(result) });
    } else {
        stage.copy(SNAPSHOT_FILE, path)?;
    }
    let named = places(result).next().map_or(SNAPSHOT_FILE, |(file, _)| file).to_owned();
    Ok(Snapshot { path: SNAPSHOT_FILE.to_owned(), named })
}

/// What the result says before the names of the snapshot's files: the path that `check` was given, which
/// need not be the one that is given now.
fn before_sections(result: &Report) -> String {
    let before = places(result).find_map(|(file, section)| {
        let before = file.strip_suffix(".json")?.strip_suffix(section)?;
        (before.is_empty() || before.ends_with(['/', '\\'])).then_some(before)
    });
    before.unwrap_or("snapshot/").to_owned()
}

/// File and section of everything that is shown.
fn places(result: &Report) -> impl Iterator<Item = (&str, &str)> {
    let shown = result.findings.iter().flat_map(|finding| &finding.evidence.shown);
    shown.map(|place| (place.file.as_str(), place.section.as_str()))
}

/// What is named as evidence, and the file that names it.
type Names = Vec<(PathBuf, String)>;

/// The configuration with all that it builds on, where they stand to each other as they did.
fn configuration(stage: &mut Stage, path: &Path, named: &mut Names) -> Result<String> {
    let mut files: Vec<(PathBuf, Vec<u8>)> = Vec::new();
    configuration::visit(path, &mut |path, bytes, config| {
        files.push((path.to_owned(), bytes.to_vec()));
        let evidence = config.waivers.iter().filter_map(|waiver| waiver.evidence.clone());
        named.extend(evidence.map(|text| (path.to_owned(), text)));
    })?;
    if let [(_, bytes)] = files.as_slice() {
        stage.put(CONFIGURATION, bytes)?;
        return Ok(CONFIGURATION.to_owned());
    }
    let mut whole = Vec::new();
    for (path, bytes) in files {
        whole.push((straight(&path)?, bytes));
    }
    let common = whole.iter().map(|(path, _)| folder_of(path)).reduce(|a, b| {
        let same = a.components().zip(b.components()).take_while(|(a, b)| a == b);
        same.map(|(step, _)| step.as_os_str()).collect()
    });
    let common = common.unwrap_or_default();
    let inside = |path: &Path| {
        let steps = path.strip_prefix(&common).unwrap_or(path).iter();
        let steps: Vec<_> = steps.map(|step| step.to_string_lossy()).collect();
        format!("{CONFIGURATIONS}/{}", steps.join("/"))
    };
    let first = whole.first().map(|(path, _)| inside(path)).unwrap_or_default();
    // A file on which two others build is met twice.
    let whole: BTreeMap<PathBuf, Vec<u8>> = whole.into_iter().collect();
    for (path, bytes) in &whole {
        stage.put(&inside(path), bytes)?;
    }
    Ok(first)
}

/// An absolute path without `..`: the bundle keeps how the files stand to each other, and has no links.
fn straight(path: &Path) -> Result<PathBuf> {
    let told = |error: std::io::Error| inputs::unreadable(path, &error);
    let mut straight = PathBuf::new();
    for step in std::path::absolute(path).map_err(told)?.components() {
        match step {
            Component::ParentDir => {
                straight.pop();
            }
            Component::CurDir => {}
            Component::Prefix(_) | Component::RootDir | Component::Normal(_) => straight.push(step),
        }
    }
    let same = std::fs::canonicalize(&straight).ok() == std::fs::canonicalize(path).ok();
    if same {
        return Ok(straight);
    }
    Err(miette!(
        code = "levelmark::bundle::link",
        help = "name the configuration by its real path with --config",
        "{} leads through a link and back out of it, which a bundle can't keep",
        path.display()
    ))
}

fn answers(stage: &mut Stage, path: &Path, named: &mut Names) -> Result<String> {
    let bytes = inputs::bytes(path)?;
    let file = Attestations::read(&path.display().to_string(), &bytes)?;
    stage.put(ANSWERS, &bytes)?;
    let evidence = file.answers.into_iter().filter_map(|answer| answer.evidence);
    named.extend(evidence.map(|text| (path.to_owned(), text)));
    Ok(ANSWERS.to_owned())
}

fn policies(stage: &mut Stage, asked: &Inputs) -> Result<Policies> {
    for file in load::files(&inputs::load_options(&asked.policies))? {
        let folder = file.directory.map_or_else(|| BUILTIN.to_owned(), manifest::own);
        stage.put(&format!("{folder}/{}", file.path), &file.bytes)?;
    }
    Ok(Policies {
        builtin: BUILTIN.to_owned(),
        folders: (0..asked.policies.dirs.len()).map(manifest::own).collect(),
        no_builtin: asked.policies.no_builtin,
        allow_override: asked.policies.allow_override.clone(),
    })
}

fn pack_evidence(stage: &mut Stage, home: &Path, named: &Names, none: bool) -> Result<Vec<LeftOut>> {
    let (mut files, mut left_out) = (BTreeMap::new(), BTreeSet::new());
    for (file, text) in named {
        match evidence::find(home, &folder_of(file), text) {
            Named::NoFile => {}
            Named::File(..) if none => {
                left_out
                    .insert(LeftOut { evidence: text.clone(), why: "packed with --no-evidence".to_owned() });
            }
            Named::File(path, inside) => {
                files.insert(inside, path);
            }
            Named::LeftOut(why) => {
                left_out.insert(LeftOut { evidence: text.clone(), why: why.to_owned() });
            }
        }
    }
    for (inside, path) in files {
        stage.copy(&inside, &path)?;
    }
    Ok(left_out.into_iter().collect())
}

/// The folder that a file is in, `.` for a bare name.
fn folder_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        Some(_) | None => PathBuf::from("."),
    }
}

/// How the bundle's built-in policies differ from those of this program: paths, in order.
pub(super) fn other_policies(manifest: &Manifest) -> Result<Vec<String>> {
    let no_builtin = manifest.options.policies.no_builtin;
    let ours = load::files(&LoadOptions { no_builtin, ..LoadOptions::default() })?;
    let ours: BTreeMap<String, String> =
        ours.iter().map(|file| (format!("{BUILTIN}/{}", file.path), super::sha256(&file.bytes))).collect();
    let theirs: BTreeMap<String, String> = manifest
        .files
        .iter()
        .filter(|file| is_builtin(&file.path))
        .map(|file| (file.path.clone(), file.sha256.clone()))
        .collect();
    let all: BTreeSet<&String> = ours.keys().chain(theirs.keys()).collect();
    Ok(all.into_iter().filter(|path| ours.get(*path) != theirs.get(*path)).cloned().collect())
}

/// Whether a file of a bundle is one of its built-in policies.
pub(super) fn is_builtin(path: &str) -> bool {
    path.strip_prefix(BUILTIN).is_some_and(|rest| rest.starts_with('/'))
}
