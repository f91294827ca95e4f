//! Which tenants the arguments mean. Comes in: paths. Goes out: the tenants, each with a name; none where it
//! is one tenant as ever. Not here: reading them.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Component, Path, PathBuf};

use miette::miette;

use crate::commands::configuration;
use crate::commands::inputs;
use crate::commands::places::{ANSWERS, SNAPSHOTS};
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
}

impl Found {
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
            found.push(Found { name: name(path), path: (*path).to_owned(), shared: None });
        }
        found.extend(inside);
    }
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
        // Links are not followed: they may lead back up.
        if hidden || !entry.file_type().map_err(told)?.is_dir() {
            continue;
        }
        // One whose snapshot is lacking must not be left out silently.
        let meant = [configuration::NAME, ANSWERS].into_iter().any(|name| path.join(name).is_file());
        if meant || is_tenant(&path) {
            found.push(Found { name: name(&path), path, shared: shared.clone() });
        }
    }
    found.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(found)
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
            "results/2026-11.json",
            ".git/snapshot.json",
        ]);
        let found = several(&[many.path()]).unwrap().unwrap();
        let names: Vec<&str> = found.iter().map(|tenant| tenant.name.as_str()).collect();
        assert_eq!(names, ["a", "b", "c", "no-snapshot", "no-snapshot-either"]);
        assert!(found.iter().all(|tenant| tenant.shared == Some(many.path().join("levelmark.yaml"))));
    }

    #[test]
    fn namesakes_are_told_apart() {
        let paths = ["one/contoso/snapshot", "two/contoso.json", "three/fabrikam"].map(Path::new);
        assert_eq!(names(&paths).unwrap(), ["one/contoso/snapshot", "two/contoso.json", "fabrikam"]);
    }

    #[test]
    fn a_name_never_leads_out() {
        let found = |name: &str| Found { name: name.to_owned(), path: PathBuf::new(), shared: None };
        let filled = found("one/contoso").fill(Path::new("results/{tenant}.json")).unwrap();
        assert_eq!(filled, Path::new("results/one/contoso.json"));
        for name in ["../contoso", "/contoso", "a/../../b"] {
            assert!(found(name).fill(Path::new("{tenant}.json")).is_err(), "{name}");
        }
    }
}
