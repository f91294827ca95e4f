//! Finding and reading policy files: the built-in set and directories. Comes in: options. Goes
//! out: a `PolicySet`, or all mistakes of all files. Not here: what is in the files (`compile`).

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use include_dir::{Dir, include_dir};
use rayon::prelude::*;
use sha2::{Digest, Sha256};

use super::compile::{self, RawFile, Unit, examples_start};
use super::compiled::{Param, PolicySet};
use super::model::Model;
use super::params;
use super::raw::RawParam;
use super::relations;
use crate::record;
use crate::yaml::{Cx, Decode, Entries, Mistake, Mistakes, Source, file, tree};

mod used;

pub use used::{PolicyFile, files};

/// The policies inside the binary.
static BUILTIN: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/policies");
/// Files in one `--policies` directory.
const MAX_FILES: usize = 10_000;
/// Directories below each other.
const MAX_FOLDERS: usize = 16;

/// The file of a built-in policy in Levelmark's own repository, e.g. `policies/infrastructure/400/INF-400-G2.yaml`.
#[must_use]
pub fn builtin_file(id: &str) -> Option<String> {
    let mut folders = vec![&BUILTIN];
    while let Some(folder) = folders.pop() {
        folders.extend(folder.dirs());
        let of = |path: &Path| path.file_stem().is_some_and(|stem| stem == id);
        if let Some(file) = folder.files().find(|file| of(file.path())) {
            return Some(format!("policies/{}", file.path().display().to_string().replace('\\', "/")));
        }
    }
    None
}

/// Which policies to load.
#[derive(Debug, Clone, Copy, Default)]
pub struct LoadOptions<'o> {
    /// Leave the built-in policies out. Its model and shared parameters stay.
    pub no_builtin: bool,
    /// Directories with further policies.
    pub directories: &'o [PathBuf],
    /// Built-in ids that a file in a directory may replace.
    pub allow_override: &'o [String],
    /// Where the built-in policies are; None = in the program. A bundle brings those it was judged by.
    pub builtin: Option<&'o Path>,
}

record! {
    /// `params.yaml`: parameters that several policies share.
    pub struct RawParams {
        /// The parameters by name.
        params: Entries<RawParam>,
    }
}

/// A file that was found.
struct Found {
    name: String,
    stem: String,
    content: Content,
    builtin: bool,
}

enum Content {
    Held(Cow<'static, [u8]>),
    OnDisk(PathBuf),
}

impl PolicySet {
    /// Reads, compiles and relates all policies.
    ///
    /// # Errors
    /// All mistakes of all files.
    pub fn load(options: &LoadOptions<'_>) -> Result<Self, Mistakes> {
        let mut mistakes = Vec::new();
        let mut files = Files::default();
        match options.builtin {
            None => files.builtin(),
            Some(folder) => files.directory(folder, true, &mut mistakes),
        }
        for directory in options.directories {
            files.directory(directory, false, &mut mistakes);
        }
        if options.no_builtin {
            files.policies.retain(|file| !file.builtin);
        }
        let overridden = files.replace(options.allow_override, &mut mistakes);
        Self::assemble(files, overridden, mistakes)
    }

    /// A set from texts, without the built-in model: names are paths, `model.yaml` and `params.yaml` among them.
    ///
    /// # Errors
    /// All mistakes of all texts.
    pub fn from_texts(texts: &[(&str, &str)]) -> Result<Self, Mistakes> {
        let mut files = Files::default();
        for (name, text) in texts {
            let content = Content::Held(Cow::Owned(text.as_bytes().to_vec()));
            files.add((*name).to_owned(), Path::new(name), content, false, !name.contains('/'));
        }
        Self::assemble(files, Vec::new(), Vec::new())
    }

    fn assemble(files: Files, overridden: Vec<String>, mut mistakes: Vec<Mistake>) -> Result<Self, Mistakes> {
        let Files { mut policies, models, params } = files;
        // Of two with one id the built-in one is first, so that the other is told of.
        policies.sort_by(|a, b| {
            natural(&a.stem, &b.stem)
                .then_with(|| b.builtin.cmp(&a.builtin))
                .then_with(|| a.name.cmp(&b.name))
        });
        // The model is as much text as twenty policies: it is read beside them.
        let ((model, shared), raw) = rayon::join(
            || read_model(&models, &params),
            || policies.into_par_iter().map(read).collect::<Vec<Result<RawFile, Mistake>>>(),
        );
        let model = gather(model, &mut mistakes);
        let shared = gather(shared, &mut mistakes);
        let mut read = Vec::with_capacity(raw.len());
        for file in raw {
            match file {
                Ok(file) => read.push(file),
                Err(mistake) => mistakes.push(mistake),
            }
        }
        let digest = digest(&read, &model, &shared.sources);
        let units: Vec<Unit> =
            read.into_par_iter().map(|file| compile::compile(file, &model.model, &shared.params)).collect();
        let mut declared = shared.params.clone();
        for unit in &units {
            declared.extend(unit.params.iter().map(|(name, param)| (name.value.clone(), param.clone())));
        }
        let (policies, mut wrong) = relations::relate(units, &shared.params, &model.model);
        mistakes.append(&mut wrong);
        Mistakes::check(mistakes)?;
        Ok(Self { policies, params: declared, model: model.model, digest, overridden })
    }
}

fn gather<T>((value, mut wrong): (T, Vec<Mistake>), mistakes: &mut Vec<Mistake>) -> T {
    mistakes.append(&mut wrong);
    value
}

/// Natural order: `SCM-400-2` before `SCM-400-10`.
pub fn natural(a: &str, b: &str) -> Ordering {
    let mut parts = (a.split('-'), b.split('-'));
    loop {
        let (left, right) = match (parts.0.next(), parts.1.next()) {
            (Some(left), Some(right)) => (left, right),
            (None, None) => return a.cmp(b),
            (left, right) => return left.is_some().cmp(&right.is_some()),
        };
        // Letters first, then the number behind them: G2 before G10.
        let split = |part: &'_ str| part.find(|c: char| c.is_ascii_digit()).unwrap_or(part.len());
        let (word_left, number_left) = left.split_at(split(left));
        let (word_right, number_right) = right.split_at(split(right));
        let number = |digits: &str| digits.parse::<u64>().unwrap_or(u64::MAX);
        let order = word_left
            .cmp(word_right)
            .then_with(|| number(number_left).cmp(&number(number_right)))
            .then_with(|| number_left.cmp(number_right));
        if order != Ordering::Equal {
            return order;
        }
    }
}

#[derive(Default)]
struct Files {
    policies: Vec<Found>,
    models: Vec<Found>,
    params: Vec<Found>,
}

impl Files {
    fn builtin(&mut self) {
        let mut folders = vec![&BUILTIN];
        while let Some(folder) = folders.pop() {
            folders.extend(folder.dirs());
            for file in folder.files() {
                let path = file.path();
                let name = format!("policies/{}", path.display().to_string().replace('\\', "/"));
                self.add(
                    name,
                    path,
                    Content::Held(Cow::Borrowed(file.contents())),
                    true,
                    folder.path() == BUILTIN.path(),
                );
            }
        }
    }

    /// `top`: lies at the top of its directory, where `model.yaml`, `params.yaml` and `systems.yaml` stand.
    fn add(&mut self, name: String, path: &Path, content: Content, builtin: bool, top: bool) {
        let extension = path.extension().and_then(OsStr::to_str);
        if !matches!(extension, Some("yaml" | "yml")) {
            return;
        }
        let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        let list = match stem.as_str() {
            "model" if top => &mut self.models,
            "params" if top => &mut self.params,
            // A list for `systems`, not a policy.
            "systems" if top => return,
            _ => &mut self.policies,
        };
        list.push(Found { name, stem, content, builtin });
    }

    /// Everything below a directory, in order of names. What is no regular file is a mistake and not
    /// skipped: a policy that is silently not there makes every gate weaker.
    fn directory(&mut self, root: &Path, builtin: bool, mistakes: &mut Vec<Mistake>) {
        let before = self.policies.len() + self.models.len() + self.params.len();
        let mut folders = vec![(root.to_path_buf(), 0)];
        let mut files = 0;
        while let Some((folder, depth)) = folders.pop() {
            let say = |message: String| Mistake::new("policy::file", message, None);
            let entries = match std::fs::read_dir(&folder).and_then(Iterator::collect::<Result<Vec<_>, _>>) {
                Ok(entries) => entries,
                Err(error) => {
                    mistakes.push(say(format!("{}: can't be read: {error}", folder.display())));
                    continue;
                }
            };
            let mut paths: Vec<PathBuf> = entries.into_iter().map(|entry| entry.path()).collect();
            paths.sort();
            for path in paths {
                let hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
                let is_yaml = matches!(path.extension().and_then(OsStr::to_str), Some("yaml" | "yml"));
                let kind = match std::fs::symlink_metadata(&path) {
                    Ok(metadata) => metadata.file_type(),
                    Err(error) => {
                        mistakes.push(say(format!("{}: can't be read: {error}", path.display())));
                        continue;
                    }
                };
                files += 1;
                if files > MAX_FILES {
                    mistakes.push(say(format!("{}: more than {MAX_FILES} files", root.display())));
                    return;
                }
                if hidden {
                    continue;
                }
                if kind.is_dir() && depth < MAX_FOLDERS {
                    folders.push((path, depth + 1));
                } else if kind.is_dir() {
                    mistakes.push(say(format!(
                        "{}: nested more than {MAX_FOLDERS} folders deep",
                        path.display()
                    )));
                } else if kind.is_file() {
                    let content = Content::OnDisk(path.clone());
                    self.add(path.display().to_string(), &path, content, builtin, depth == 0);
                } else if is_yaml {
                    let mistake = say(format!("{}: not a regular file", path.display()));
                    mistakes.push(mistake.help("put a copy of the file there"));
                }
            }
        }
        if self.policies.len() + self.models.len() + self.params.len() == before && mistakes.is_empty() {
            let message = format!("{}: no policy in this directory", root.display());
            mistakes.push(Mistake::new("policy::file", message, None).help("policies end in .yaml"));
        }
    }

    /// Takes out the built-in policies that may be and are replaced.
    fn replace(&mut self, allowed: &[String], mistakes: &mut Vec<Mistake>) -> Vec<String> {
        let own: BTreeSet<String> =
            self.policies.iter().filter(|file| !file.builtin).map(|file| file.stem.clone()).collect();
        let mut overridden = BTreeSet::new();
        for id in allowed {
            let builtin = self.policies.iter().any(|file| file.builtin && file.stem == *id);
            if builtin && own.contains(id) {
                overridden.insert(id.clone());
            } else if !overridden.contains(id) {
                let why = if builtin { "no file replaces it" } else { "no built-in policy has this id" };
                let message = format!("--allow-override {}: {why}", crate::yaml::suggest::shown(id));
                mistakes.push(Mistake::new("policy::override", message, None).help("leave the option out"));
            }
        }
        self.policies.retain(|file| !(file.builtin && overridden.contains(&file.stem)));
        let mut overridden: Vec<String> = overridden.into_iter().collect();
        overridden.sort_by(|a, b| natural(a, b));
        overridden
    }
}

impl Found {
    fn source(&self) -> Result<Arc<Source>, Mistake> {
        match &self.content {
            Content::Held(Cow::Borrowed(bytes)) => file::builtin(&self.name, bytes),
            Content::Held(Cow::Owned(bytes)) => file::source(&self.name, bytes),
            Content::OnDisk(path) => {
                let bytes = crate::yaml::file::read(path).map_err(|error| {
                    Mistake::new("policy::file", format!("{}: can't be read: {error}", self.name), None)
                })?;
                file::source(&self.name, &bytes)
            }
        }
    }
}

fn read(file: Found) -> Result<RawFile, Mistake> {
    let source = file.source()?;
    Ok(compile::read(source, file.stem, file.builtin))
}

#[derive(Default)]
struct ReadModel {
    model: Model,
    sources: Vec<Arc<Source>>,
}

#[derive(Default)]
struct Shared {
    params: BTreeMap<String, Param>,
    sources: Vec<Arc<Source>>,
}

type With<T> = (T, Vec<Mistake>);

fn read_model(models: &[Found], shared: &[Found]) -> (With<ReadModel>, With<Shared>) {
    let (mut model, mut wrong) = (ReadModel::default(), Vec::new());
    for file in models {
        // The quick reader is for texts that are inside the program, and tested.
        let inside = matches!(file.content, Content::Held(Cow::Borrowed(_)));
        let read = if inside { Model::read_builtin } else { Model::read };
        match file.source().and_then(|source| Ok((read(&source)?, source))) {
            Ok((more, source)) => {
                model.model.merge(more, &source, &mut wrong);
                model.sources.push(source);
            }
            Err(mistake) => wrong.push(mistake),
        }
    }
    ((model, wrong), read_params(shared))
}

fn read_params(files: &[Found]) -> With<Shared> {
    let (mut shared, mut wrong) = (Shared::default(), Vec::new());
    for file in files {
        let source = match file.source() {
            Ok(source) => source,
            Err(mistake) => {
                wrong.push(mistake);
                continue;
            }
        };
        let node = tree::parse(&source, 0..source.text.len(), &mut wrong);
        let mut cx = Cx { source: source.clone(), mistakes: &mut wrong };
        let raw = node.and_then(|node| RawParams::decode(&node, &mut cx));
        let declared = raw.map(|raw| params::declared(&raw.params, &mut cx)).unwrap_or_default();
        for (name, param) in declared {
            if shared.params.insert(name.value.clone(), param).is_some() {
                cx.mistake(
                    "policy::param",
                    format!("the parameter `{}` is declared twice", name.value),
                    &name.at,
                );
            }
        }
        shared.sources.push(source);
    }
    (shared, wrong)
}

/// SHA-256 over what decides: model, shared parameters, then each policy up to its examples, in order
/// of their ids; each text with its length before it. Where files lie makes no difference.
fn digest(files: &[RawFile], model: &ReadModel, shared: &[Arc<Source>]) -> String {
    let one = |text: &str| {
        let mut hash = Sha256::new();
        hash.update((text.len() as u64).to_le_bytes());
        hash.update(text.as_bytes());
        hash.finalize()
    };
    let head = |file: &RawFile| {
        let text = &file.source.text;
        one(text.get(..examples_start(text).unwrap_or(text.len())).unwrap_or(text))
    };
    let policies: Vec<_> = files.par_iter().map(head).collect();
    let mut all = Sha256::new();
    for source in model.sources.iter().chain(shared) {
        all.update(one(&source.text));
    }
    for hash in policies {
        all.update(hash);
    }
    all.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_in_natural_order() {
        let mut ids = [
            "SCM-400-10",
            "SCM-400-2",
            "BCR-10",
            "BCR-4",
            "INF-400-G10",
            "INF-400-G2",
            "INF-100-T1",
            "INF-100-P1",
        ];
        ids.sort_by(|a, b| natural(a, b));
        assert_eq!(
            ids,
            [
                "BCR-4",
                "BCR-10",
                "INF-100-P1",
                "INF-100-T1",
                "INF-400-G2",
                "INF-400-G10",
                "SCM-400-2",
                "SCM-400-10"
            ]
        );
    }
}
