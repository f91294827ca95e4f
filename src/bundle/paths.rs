//! Names inside a bundle. Comes in: a name as it stands in an archive or a manifest. Goes out: whether a
//! file of that name is below the folder, and the same file, on every system. Not here: reading files.

use super::{CONFIGURATIONS, EVIDENCE, MANIFEST, README, RESULT, SNAPSHOT, SNAPSHOT_FILE, manifest::Options};

/// Steps in a path, and bytes of it: below what Windows can do with the temporary folder before it.
const STEPS: usize = 24;
const LENGTH: usize = 200;
/// Devices of Windows, whatever their ending (Naming Files, Paths, and Namespaces).
const DEVICES: [&str; 6] = ["con", "prn", "aux", "nul", "conin$", "conout$"];

/// Why a name can't be used; none where it can.
pub fn fault(path: &str) -> Option<&'static str> {
    if path.is_empty() || path.len() > LENGTH || path.split('/').count() > STEPS {
        return Some("it is empty, too long or too deep");
    }
    path.split('/').find_map(step)
}

fn step(step: &str) -> Option<&'static str> {
    let stem = step.split('.').next().unwrap_or_default().trim_end().to_ascii_lowercase();
    let numbered = ["com", "lpt"].iter().any(|device| {
        let mut rest = stem.strip_prefix(device).unwrap_or_default().chars();
        rest.next().is_some_and(|c| c.is_ascii_digit() || matches!(c, '¹' | '²' | '³'))
            && rest.next().is_none()
    });
    match step {
        "" => Some("it is absolute, or has a step without a name"),
        "." | ".." => Some("it leads out of the bundle"),
        _ if step.contains(['\\', ':', '*', '?', '"', '<', '>', '|']) => {
            Some("it has a character that not every system allows")
        }
        _ if step.chars().any(deceives) => Some("it has a character that can't be seen"),
        _ if step.ends_with(['.', ' ']) => Some("a step of it ends in a dot or a blank"),
        _ if numbered || DEVICES.contains(&stem.as_str()) => Some("it is a device on Windows"),
        _ => None,
    }
}

fn deceives(character: char) -> bool {
    crate::report::escape::terminal(character.encode_utf8(&mut [0; 4])) != character.to_string()
}

/// Two names that are one file where case does not count.
pub fn folded(path: &str) -> String {
    path.to_lowercase()
}

/// Whether the options give a file of this path something to do. What nobody reads could show an auditor
/// something else than what was judged.
pub fn used(path: &str, options: &Options) -> bool {
    let below = |folder: &str| path.strip_prefix(folder).and_then(|rest| rest.strip_prefix('/'));
    let named = |name: &Option<String>| name.as_deref() == Some(path);
    let policy = |folder: &str| {
        below(folder).is_some_and(|rest| {
            let hidden = rest.split('/').any(|step| step.starts_with('.'));
            !hidden && (rest.ends_with(".yaml") || rest.ends_with(".yml"))
        })
    };
    let snapshot = options.snapshot.as_ref().is_some_and(|snapshot| match snapshot.path.as_str() {
        SNAPSHOT => below(SNAPSHOT)
            .is_some_and(|rest| !rest.contains('/') && !rest.starts_with('.') && rest.ends_with(".json")),
        other => other == SNAPSHOT_FILE && other == path,
    });
    let shared = options.configuration.as_deref().is_some_and(|named| {
        named.starts_with(CONFIGURATIONS)
            && below(CONFIGURATIONS).is_some_and(|rest| rest.ends_with(".yaml") || rest.ends_with(".yml"))
    });
    path != MANIFEST
        && ([RESULT, README].contains(&path)
            || snapshot
            || shared
            || named(&options.configuration)
            || named(&options.answers)
            || named(&options.baseline)
            || policy(&options.policies.builtin)
            || options.policies.folders.iter().any(|folder| policy(folder))
            || below(EVIDENCE).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_are_one_file_below_the_folder_everywhere() {
        for good in [
            "result.json",
            "snapshot/conditionalAccess.policies.json",
            "evidence/Übung 2026/Protokoll (2).pdf",
            "configuration/.github/levelmark.yaml",
            "evidence/company.pdf",
            "evidence/comic.pdf",
        ] {
            assert_eq!(fault(good), None, "{good}");
        }
        for bad in [
            "",
            "/etc/passwd",
            "../x",
            "a/../b",
            "a/./b",
            "a//b",
            "a/",
            "C:\\x",
            "C:x",
            "a\\b",
            "\\\\server\\share",
            "a\0b",
            "a\u{202e}b",
            "a\nb",
            "trailing.",
            "trailing ",
            "NUL",
            "nul.txt",
            "evidence/COM1.pdf",
            "lpt¹",
        ] {
            assert!(fault(bad).is_some(), "{bad:?}");
        }
        assert!(fault(&"a/".repeat(30)).is_some());
        assert!(fault(&"a".repeat(300)).is_some());
    }
}
