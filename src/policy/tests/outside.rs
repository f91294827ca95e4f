//! Directories on disk: what is found, what replaces what, what is refused.

use std::fs;
use std::path::PathBuf;

use super::{POLICY, seen};
use crate::policy::compiled::PolicySet;
use crate::policy::load::LoadOptions;

const OWN: &str = "id: ACME-300-1\ntitle: Ours\ncompetency: infrastructure\nlevel: 300\ndimension: general\n\
                   checks:\n  - { id: a, title: T, attest: Is it? }\n";

fn load(directories: &[PathBuf], allow: &[&str]) -> Result<PolicySet, Vec<String>> {
    let allow: Vec<String> = allow.iter().map(|id| (*id).to_owned()).collect();
    let options = LoadOptions { no_builtin: true, directories, allow_override: &allow, builtin: None };
    PolicySet::load(&options)
        .map_err(|mistakes| seen(&mistakes.0).into_iter().map(|(message, _)| message).collect())
}

#[test]
fn reads_below_a_directory_and_adds_models_and_parameters() {
    let root = tempfile::tempdir().unwrap();
    fs::create_dir_all(root.path().join("a/b")).unwrap();
    fs::write(root.path().join("a/b/ACME-300-1.yml"), OWN).unwrap();
    fs::write(root.path().join("a/readme.md"), "no policy").unwrap();
    fs::write(root.path().join("params.yaml"), "params: { ours: { about: A, type: strings } }\n").unwrap();
    fs::write(
        root.path().join("model.yaml"),
        "documents: [{ id: acme, title: T, edition: '1', url: 'https://example.com' }]\n\
         competencies: [{ id: acme, name: Acme, prefix: ACM, document: acme, levels: [], criteria: [] }]\n",
    )
    .unwrap();
    let set = load(&[root.path().to_path_buf()], &[]).unwrap();
    assert_eq!(set.policies.len(), 1);
    assert!(!set.policies[0].builtin);
    assert!(set.params.contains_key("ours"));
    assert!(set.model.competency("acme").is_some());
    assert!(set.model.by_prefix("INF").is_some(), "the built-in model stays");
}

#[test]
fn refuses_what_can_not_be_read() {
    let root = tempfile::tempdir().unwrap();
    let here = || [root.path().to_path_buf()];
    assert!(load(&here(), &[]).unwrap_err()[0].contains("no policy in this directory"));
    assert!(load(&[root.path().join("nowhere")], &[]).unwrap_err()[0].contains("can't be read"));
    fs::write(root.path().join("BIG-1.yaml"), vec![b'#'; 300 * 1024]).unwrap();
    fs::write(root.path().join("WIDE-1.yaml"), [0xff, 0xfe, b'a', 0]).unwrap();
    fs::write(root.path().join("EMPTY-1.yaml"), "").unwrap();
    let found = load(&here(), &[]).unwrap_err();
    for part in ["more than 256 KiB", "UTF-16", "the file is empty"] {
        assert!(found.iter().any(|message| message.contains(part)), "{part}: {found:?}");
    }
}

#[cfg(unix)]
#[test]
fn a_link_or_pipe_is_named_and_not_followed() {
    let root = tempfile::tempdir().unwrap();
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("ACME-300-1.yaml"), OWN).unwrap();
    std::os::unix::fs::symlink(outside.path().join("ACME-300-1.yaml"), root.path().join("ACME-300-1.yaml"))
        .unwrap();
    std::os::unix::fs::symlink(root.path(), root.path().join("loop")).unwrap();
    let found = load(&[root.path().to_path_buf()], &[]).unwrap_err();
    assert_eq!(found.len(), 1);
    assert!(found[0].ends_with("ACME-300-1.yaml: not a regular file"));
}

#[test]
fn allowances_that_match_nothing_are_named() {
    let root = tempfile::tempdir().unwrap();
    fs::write(root.path().join("INF-300-G2.yaml"), POLICY).unwrap();
    let found = load(&[root.path().to_path_buf()], &["XXX-1"]).unwrap_err();
    assert!(found.iter().any(|message| message.starts_with("--allow-override XXX-1: ")), "{found:?}");
}

#[test]
fn the_builtin_set_loads() {
    let set = PolicySet::load(&LoadOptions::default()).map_err(|mistakes| seen(&mistakes.0)).unwrap();
    assert!(set.policies.is_sorted_by(|a, b| crate::policy::load::natural(&a.id, &b.id).is_lt()));
    assert!(set.model.criteria().count() > 200);
}
