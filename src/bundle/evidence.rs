//! Local files that answers and waivers name as evidence. Comes in: what somebody wrote, and the folders it
//! may lie in. Goes out: a file to pack, or why it is left out. Not here: packing. Whoever writes the answers
//! is not who packs them: nothing outside of the tenant folder is taken, no link followed, nothing hidden.

use std::path::{Component, Path, PathBuf};

use super::{EVIDENCE, limits, paths};

/// What a text names.
#[derive(Debug, PartialEq, Eq)]
pub enum Named {
    /// An address or words: nothing to pack.
    NoFile,
    /// This file, by this path in the bundle.
    File(PathBuf, String),
    /// A path whose file is not packed, and why.
    LeftOut(&'static str),
}

/// Looks for the file: from the directory of the file that names it, within the root.
pub fn find(root: &Path, beside: &Path, text: &str) -> Named {
    let path = Path::new(text);
    if is_address(text) || text.trim().is_empty() {
        return Named::NoFile;
    }
    if path.has_root() || text.starts_with('\\') || text.get(1..2) == Some(":") {
        return Named::LeftOut("it is an absolute path");
    }
    let Ok(found) = std::fs::symlink_metadata(beside.join(path)) else {
        let looks_like = text.contains(['/', '\\']) || (path.extension().is_some() && !text.contains(' '));
        return if looks_like { Named::LeftOut("there is no such file") } else { Named::NoFile };
    };
    let (Ok(home), Ok(real)) = (root.canonicalize(), beside.join(path).canonicalize()) else {
        return Named::LeftOut("it can't be read");
    };
    let Ok(within) = real.strip_prefix(&home) else {
        return Named::LeftOut("it is outside of the tenant folder");
    };
    let steps: Option<Vec<&str>> = within.iter().map(|step| step.to_str()).collect();
    let Some(steps) = steps else { return Named::LeftOut("its name is not UTF-8") };
    // The way there, step by step: a link within the folder would be followed by `canonicalize`.
    let mut way = beside.to_owned();
    let linked = path.components().any(|step| {
        way.push(step);
        matches!(step, Component::Normal(_))
            && std::fs::symlink_metadata(&way).is_ok_and(|found| found.is_symlink())
    });
    let inside = format!("{EVIDENCE}/{}", steps.join("/"));
    if linked || found.is_symlink() {
        Named::LeftOut("it is a link, or behind one")
    } else if !found.is_file() {
        Named::LeftOut("it is not a regular file")
    } else if steps.iter().any(|step| step.starts_with('.')) {
        Named::LeftOut("it is hidden")
    } else if found.len() > limits::EVIDENCE {
        Named::LeftOut("it has more than 64 MiB")
    } else if paths::fault(&inside).is_some() {
        Named::LeftOut("not every system allows its name")
    } else {
        Named::File(real, inside)
    }
}

/// `https://…`, `mailto:…`: RFC 3986, section 3.1. One letter is a drive.
fn is_address(text: &str) -> bool {
    let Some((scheme, _)) = text.split_once(':') else { return false };
    scheme.len() > 1
        && scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn only_plain_files_of_the_folder_are_taken() {
        let around = tempfile::tempdir().unwrap();
        let root = around.path().join("contoso");
        fs::create_dir_all(root.join("evidence/.git")).unwrap();
        fs::write(root.join("evidence/drill.pdf"), "x").unwrap();
        fs::write(root.join("evidence/.git/config"), "x").unwrap();
        fs::write(root.join(".env"), "x").unwrap();
        fs::write(around.path().join("outside.pdf"), "x").unwrap();
        let inside = "evidence/evidence/drill.pdf".to_owned();
        for text in ["evidence/drill.pdf", "./evidence/../evidence/drill.pdf"] {
            let Named::File(path, within) = find(&root, &root, text) else { panic!("{text}") };
            assert!(path.ends_with("contoso/evidence/drill.pdf"));
            assert_eq!(within, inside);
        }
        for text in
            ["https://contoso.com/a.pdf", "mailto:kim@contoso.com", "Ticket 4711", "see minutes of 3.4.", ""]
        {
            assert_eq!(find(&root, &root, text), Named::NoFile, "{text}");
        }
        for text in [
            "../outside.pdf",
            "/etc/passwd",
            "C:\\x.pdf",
            "\\\\server\\x",
            "evidence",
            "evidence/lost.pdf",
            "lost.pdf",
            ".env",
            "evidence/.git/config",
        ] {
            assert!(matches!(find(&root, &root, text), Named::LeftOut(_)), "{text}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn links_are_not_followed() {
        use std::os::unix::fs::symlink;
        let around = tempfile::tempdir().unwrap();
        let root = around.path().join("contoso");
        fs::create_dir_all(root.join("real")).unwrap();
        fs::write(root.join("real/a.pdf"), "x").unwrap();
        fs::write(around.path().join("secret.pdf"), "x").unwrap();
        symlink(root.join("real"), root.join("folder")).unwrap();
        symlink(root.join("real/a.pdf"), root.join("file.pdf")).unwrap();
        symlink(around.path().join("secret.pdf"), root.join("out.pdf")).unwrap();
        for text in ["folder/a.pdf", "file.pdf", "out.pdf"] {
            assert!(matches!(find(&root, &root, text), Named::LeftOut(_)), "{text}");
        }
    }
}
