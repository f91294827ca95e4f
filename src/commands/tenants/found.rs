//! Which tenants the arguments mean. Comes in: paths. Goes out: the tenants, each with a name; none where it
//! is one tenant as ever. Not here: reading them.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::path::{Component, Path, PathBuf};

use miette::miette;

use crate::commands::configuration;
use crate::commands::folder;
use crate::commands::inputs;
use crate::commands::places::{ANSWERS, APPROVALS, BASELINES, SNAPSHOTS};
use crate::run::Result;

/// Stands for the tenant's name in paths of the command line.
pub const PLACEHOLDER: &str = "{tenant}";

/// One of several tenants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The name of its folder or file; with the folders above where others are called the same.
    pub name: String,
    /// A snapshot or a tenant folder.
    pub path: PathBuf,
    /// The configuration that lies beside the tenant folders, for those without one of their own.
    pub shared: Option<PathBuf>,
    /// Why it is not read, though it is meant.
    pub refused: Option<Refusal>,
}

/// Why a tenant in a folder of them is not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// It is a link, which may lead anywhere.
    Link,
    /// Its name is not UTF-8: another one could get the same reports.
    Name,
}

impl Found {
    fn of(path: PathBuf, shared: Option<PathBuf>) -> Self {
        let refused = path.to_str().is_none().then_some(Refusal::Name);
        Self { name: name(&path), path, shared, refused }
    }

    /// Where it is.
    ///
    /// # Errors
    /// It is meant, and is not read.
    pub fn path(&self) -> Result<&Path> {
        let (what, help) = match self.refused {
            None => return Ok(&self.path),
            Some(Refusal::Link) => (
                "is a link, and links are not followed",
                "name what it leads to, e.g. beside the folder of tenants",
            ),
            Some(Refusal::Name) => ("has a name that is not UTF-8", "give it another name"),
        };
        Err(miette!(code = "levelmark::tenants::folder", help = help, "{} {what}", self.path.display()))
    }

    /// Its configuration: what the command line names, else its own (found by itself: None), else the shared one.
    ///
    /// # Errors
    /// The name would lead elsewhere.
    pub fn config(&self, named: Option<&Path>) -> Result<Option<PathBuf>> {
        Ok(match named {
            Some(path) => Some(self.fill(path)?),
            None if folder::has_configuration(&self.path) => None,
            None => self.shared.clone(),
        })
    }

    /// A path of the command line, of this tenant.
    ///
    /// # Errors
    /// The name would lead elsewhere.
    pub fn fill(&self, path: &Path) -> Result<PathBuf> {
        let text = path.to_string_lossy();
        if !text.contains(PLACEHOLDER) {
            return Ok(path.to_owned());
        }
        let plain = Path::new(&self.name).components().all(|part| matches!(part, Component::Normal(_)));
        if !plain {
            return Err(miette!(
                code = "levelmark::tenants::name",
                help = "name the folders from where you are, without `..`, or check this tenant by itself",
                "`{}` can't stand for {PLACEHOLDER} in a path",
                self.name.escape_debug()
            ));
        }
        Ok(PathBuf::from(text.replace(PLACEHOLDER, &self.name)))
    }
}

/// That one file replaces what the tenants have of their own; None where it doesn't.
pub fn passed_over<'f>(tenants: impl Iterator<Item = &'f Found>, named: Option<&Path>) -> Option<String> {
    let named = named.filter(|path| !path.to_string_lossy().contains(PLACEHOLDER))?;
    let own = tenants.filter(|tenant| folder::has_configuration(&tenant.path)).count();
    let noun = if own == 1 { "tenant" } else { "tenants" };
    (own > 0).then(|| {
        format!("note: {} counts instead of the {} of {own} {noun}", named.display(), configuration::NAME)
    })
}

/// The tenants of several paths, or of a folder with tenant folders in it; None where it is one tenant.
///
/// # Errors
/// A folder that can't be read.
pub fn several(paths: &[&Path]) -> Result<Option<Vec<Found>>> {
    let found = named(paths)?;
    let one = matches!((paths, found.as_slice()), ([path], [only]) if only.path == *path);
    Ok((!one && !found.is_empty()).then_some(found))
}

/// The tenants of these paths; a folder with tenant folders in it stands for these.
///
/// # Errors
/// A folder that can't be read.
pub fn named(paths: &[&Path]) -> Result<Vec<Found>> {
    let mut found = Vec::new();
    for path in paths {
        let inside = if *path == Path::new("-") { Vec::new() } else { inside(path)? };
        if inside.is_empty() {
            found.push(Found::of((*path).to_owned(), None));
        }
        found.extend(inside);
    }
    // Who is named twice is one.
    let mut known = BTreeSet::new();
    found.retain(|tenant| known.insert(tenant.path.clone()));
    tell_apart(&mut found);
    Ok(found)
}

/// The tenant folders in a folder that is none itself, by name.
fn inside(folder: &Path) -> Result<Vec<Found>> {
    if !folder.is_dir() || is_tenant(folder) {
        return Ok(Vec::new());
    }
    let told = |error: std::io::Error| inputs::unreadable(folder, &error);
    let shared = Some(folder.join(configuration::NAME)).filter(|path| path.is_file());
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(told)? {
        let entry = entry.map_err(told)?;
        let path = entry.path();
        let hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
        let kind = entry.file_type().map_err(told)?;
        if hidden || !(kind.is_dir() || kind.is_symlink()) || !is_meant(&path) {
            continue;
        }
        let mut tenant = Found::of(path, shared.clone());
        // Links may lead anywhere, and back up.
        tenant.refused = if kind.is_symlink() { Some(Refusal::Link) } else { tenant.refused };
        found.push(tenant);
    }
    found.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(found)
}

/// Whether a folder is meant as a tenant: one whose snapshot is lacking, or that can't be looked into, must not be left
/// out silently.
fn is_meant(folder: &Path) -> bool {
    let own = [configuration::NAME, ANSWERS, APPROVALS].into_iter().chain(BASELINES);
    let there = |name: &str| folder.join(name).try_exists().unwrap_or(true);
    own.chain(SNAPSHOTS).chain(["manifest.json"]).any(there)
}

/// A snapshot, or a folder with one in it.
fn is_tenant(folder: &Path) -> bool {
    folder.join("manifest.json").exists() || SNAPSHOTS.into_iter().any(|name| folder.join(name).exists())
}

/// The name of the folder or file; of `contoso/snapshot` that of the folder above.
fn name(path: &Path) -> String {
    let last = |path: &Path| path.file_name().map(OsStr::to_owned);
    let own = path.file_name();
    let above = path.parent().and_then(last);
    let own = match (own, above) {
        (Some(own), Some(above)) if SNAPSHOTS.into_iter().any(|name| own == name) => Some(above),
        (own, _) => own.map(OsStr::to_owned),
    };
    let own =
        own.map_or_else(|| path.to_string_lossy().into_owned(), |own| own.to_string_lossy().into_owned());
    own.strip_suffix(".json").map_or(own.clone(), str::to_owned)
}

/// Tenants whose folders are called the same get the folders above into their names.
fn tell_apart(found: &mut [Found]) {
    let mut times: BTreeMap<String, usize> = BTreeMap::new();
    for tenant in found.iter() {
        *times.entry(tenant.name.clone()).or_default() += 1;
    }
    for tenant in found {
        if times.get(&tenant.name).is_some_and(|times| *times > 1) {
            tenant.name = tenant.path.to_string_lossy().replace('\\', "/");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(files: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for file in files {
            let path = folder.path().join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "{}").unwrap();
        }
        folder
    }

    fn names(paths: &[&Path]) -> Option<Vec<String>> {
        several(paths).unwrap().map(|found| found.into_iter().map(|tenant| tenant.name).collect())
    }

    #[test]
    fn one_tenant_is_one_whatever_lies_beside_its_snapshot() {
        let one = folder(&["contoso/snapshot/manifest.json", "contoso/old/snapshot.json"]);
        for path in ["contoso", "contoso/snapshot", "contoso/snapshot/manifest.json", "missing"] {
            assert_eq!(names(&[&one.path().join(path)]), None, "{path}");
        }
        assert_eq!(names(&[Path::new("-")]), None);
    }

    #[test]
    fn a_folder_of_tenants_counts_all_that_are_meant_and_no_other() {
        let many = folder(&[
            "levelmark.yaml",
            "b/snapshot.json",
            "a/snapshot/manifest.json",
            "c/manifest.json",
            "no-snapshot/levelmark.yaml",
            "no-snapshot-either/attestations.yaml",
            "only-baseline/baseline/manifest.json",
            "results/2026-11.json",
            ".git/snapshot.json",
        ]);
        let found = several(&[many.path()]).unwrap().unwrap();
        let names: Vec<&str> = found.iter().map(|tenant| tenant.name.as_str()).collect();
        assert_eq!(names, ["a", "b", "c", "no-snapshot", "no-snapshot-either", "only-baseline"]);
        assert!(found.iter().all(|tenant| tenant.shared == Some(many.path().join("levelmark.yaml"))));
    }

    #[cfg(unix)]
    #[test]
    fn links_and_names_that_are_no_text_are_refused_not_left_out() {
        use std::os::unix::ffi::OsStrExt;
        let many = folder(&["real/snapshot.json", "beside/notes.txt"]);
        std::os::unix::fs::symlink(many.path().join("real"), many.path().join("link")).unwrap();
        std::os::unix::fs::symlink(many.path().join("beside"), many.path().join("no-tenant")).unwrap();
        let odd = many.path().join(OsStr::from_bytes(b"z\xff"));
        std::fs::create_dir(&odd).unwrap();
        std::fs::write(odd.join("snapshot.json"), "{}").unwrap();
        let found = several(&[many.path()]).unwrap().unwrap();
        let refused: Vec<_> = found.iter().map(|tenant| tenant.refused).collect();
        assert_eq!(refused, [Some(Refusal::Link), None, Some(Refusal::Name)]);
        assert!(found[0].path().is_err() && found[1].path().is_ok() && found[2].path().is_err());
    }

    #[test]
    fn who_is_named_twice_is_one() {
        let one = folder(&["contoso/snapshot.json"]);
        let path = one.path().join("contoso");
        assert_eq!(names(&[&path, &path]).unwrap(), ["contoso"]);
    }

    #[test]
    fn namesakes_are_told_apart() {
        let paths = ["one/contoso/snapshot", "two/contoso.json", "three/fabrikam"].map(Path::new);
        assert_eq!(names(&paths).unwrap(), ["one/contoso/snapshot", "two/contoso.json", "fabrikam"]);
    }

    #[test]
    fn a_name_never_leads_out() {
        let found =
            |name: &str| Found { name: name.to_owned(), path: PathBuf::new(), shared: None, refused: None };
        let filled = found("one/contoso").fill(Path::new("results/{tenant}.json")).unwrap();
        assert_eq!(filled, Path::new("results/one/contoso.json"));
        for name in ["../contoso", "/contoso", "a/../../b"] {
            assert!(found(name).fill(Path::new("{tenant}.json")).is_err(), "{name}");
        }
    }
}
