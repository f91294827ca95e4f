//! The file of approvals: read anew, appended to, replaced whole. Comes in: a path, a tenant, approvals. Goes out: a file
//! that has what it had, byte for byte, and the approvals behind it. Not here: how a list is appended to
//! (`yaml::append`), what the file says (`config`).
//!
//! Before the new text replaces the old one it is read as the file would be, and has to say what the old one said
//! and the approvals behind it.

use std::fs;
use std::path::{Path, PathBuf};

use miette::miette;

use crate::attest::{moment, quoted};
use crate::commands::drift;
use crate::config::approvals::{Approval, Approvals, LIMITS, Pin};
use crate::run::Result;
use crate::yaml::append::{self, Addition, Pairs};

const HEAD: &str = "# Drift that people accepted, each difference with the value that it had then; `levelmark approve` appends to it.\n\
                    # Of one difference the last approval counts. An entry that is deleted makes its difference drift again.\n";

/// The approvals of one tenant on disk.
#[derive(Debug)]
pub(super) struct Store {
    path: PathBuf,
    tenant: String,
}

impl Store {
    /// The store at a path; the file need not exist.
    pub fn at(path: &Path, tenant: &str) -> Self {
        // A link stays one: what it leads to is replaced.
        let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        Self { path, tenant: tenant.to_ascii_lowercase() }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What is in it.
    ///
    /// # Errors
    /// It can't be read, has mistakes, or is about another tenant.
    pub fn read(&self) -> Result<Vec<Approval>> {
        Ok(drift::approvals(&self.path, &self.tenant)?.map(|(_, file)| file.list).unwrap_or_default())
    }

    /// Appends approvals, all or none; they are safe when this returns.
    ///
    /// # Errors
    /// The file can't be read or written, is of another tenant by now, or has no place to append.
    pub fn append(&self, approvals: &[Approval]) -> Result<()> {
        if approvals.is_empty() {
            return Ok(());
        }
        let _alone = append::alone(&self.path);
        let text = match drift::approvals(&self.path, &self.tenant)? {
            None => self.fresh(approvals),
            Some((bytes, file)) => self.extended(&bytes, &file, approvals),
        };
        let text = text.ok_or_else(|| self.no_place(approvals))?;
        append::replace(&self.path, &text).map_err(|error| {
            miette!(code = "levelmark::io::write", "failed to write {}: {error}", self.path.display())
        })
    }

    fn fresh(&self, approvals: &[Approval]) -> Option<String> {
        let text = format!("{HEAD}tenant: {}\napprovals:\n{}", self.tenant, blocks(approvals));
        self.holds(&text, &[], approvals).then_some(text)
    }

    /// The first way of appending after which the file says what it said, and the approvals.
    fn extended(&self, bytes: &[u8], file: &Approvals, approvals: &[Approval]) -> Option<String> {
        let pairs: Vec<Pairs> = approvals.iter().map(pairs).collect();
        addition(&pairs).to((bytes, &file.source), |text| self.holds(text, &file.list, approvals))
    }

    /// Whether a text reads as the old approvals and the new ones behind them.
    fn holds(&self, text: &str, old: &[Approval], new: &[Approval]) -> bool {
        let Ok(file) = Approvals::read("approvals", text.as_bytes()) else { return false };
        let wanted = old.iter().chain(new);
        file.tenant == self.tenant
            && file.list.len() == old.len() + new.len()
            && file
                .list
                .iter()
                .zip(wanted)
                .all(|(is, wanted)| *is == Approval { line: is.line, ..wanted.clone() })
    }

    fn no_place(&self, approvals: &[Approval]) -> miette::Report {
        let few = approvals.get(..approvals.len().min(3)).unwrap_or_default();
        miette!(
            code = "levelmark::approve::shape",
            help = format!(
                "nothing was changed. Write the list `approvals` with a dash for each entry, as here:\n{}",
                blocks(few)
            ),
            "{} is too large, or written in a way that nothing can be appended to",
            self.path.display()
        )
    }
}

fn addition(entries: &[Pairs]) -> Addition<'_> {
    Addition { list: "approvals", entries, limits: LIMITS }
}

fn blocks(approvals: &[Approval]) -> String {
    let pairs: Vec<Pairs> = approvals.iter().map(pairs).collect();
    addition(&pairs).blocks("  ", "\n")
}

fn pairs(approval: &Approval) -> Pairs {
    let Approval { subject, value, shown, reason, by, on, line: _ } = approval;
    let mut pairs = vec![("section", subject.section.clone())];
    pairs.extend(subject.key.as_deref().map(|key| ("key", quoted(key))));
    if !subject.pointer.is_empty() {
        pairs.push(("pointer", quoted(&subject.pointer)));
    }
    pairs.push(("change", subject.change.word().to_owned()));
    let value = match value {
        Pin::Absent => value.to_string(),
        Pin::Sha256(digest) => quoted(digest),
    };
    pairs.push(("value", value));
    pairs.extend(shown.as_deref().map(|text| ("shown", quoted(text))));
    pairs.extend([("reason", quoted(reason)), ("by", quoted(by)), ("on", moment(*on))]);
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::approvals::{Accepted, Subject};

    const TENANT: &str = "8e2f1c44-0000-4000-8000-000000000000";

    fn approval(key: &str, text: &str) -> Approval {
        let section = "users.accounts".to_owned();
        let subject = Subject {
            section,
            key: Some(key.to_owned()),
            pointer: format!("/{text}"),
            change: Accepted::Changed,
        };
        Approval {
            subject,
            value: Pin::Sha256("0123456789abcdef".repeat(4)),
            shown: Some(text.to_owned()),
            reason: text.to_owned(),
            by: "Ada L <ada@contoso.com>".to_owned(),
            on: "2026-11-02T00:00:00Z".parse().unwrap(),
            line: 0,
        }
    }

    #[test]
    fn whatever_is_in_it_reads_back() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::at(&folder.path().join("a.yaml"), &TENANT.to_uppercase());
        let texts =
            ["plain", "a: b # c", "\u{1b}]0;x\u{7}\u{202e}\r\n.", "'\"\\", "[id=x]/~1", "- &a *b !c", "yes"];
        for text in texts {
            store.append(&[approval(text, text), approval("k", text)]).unwrap();
        }
        let read = store.read().unwrap();
        assert_eq!(read.len(), 2 * texts.len());
        for (pair, text) in read.chunks(2).zip(texts) {
            assert_eq!(pair[0], Approval { line: pair[0].line, ..approval(text, text) });
        }
        let written = std::fs::read_to_string(store.path()).unwrap();
        assert!(written.starts_with(HEAD) && !written.contains('\u{1b}'), "{written}");
        assert!(read[0].line == 5 && read[1].line > read[0].line);
    }

    #[test]
    fn what_people_wrote_there_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.yaml");
        for (before, rest) in [
            (format!("# ours\r\ntenant: {TENANT} # Contoso\r\n"), "approvals:\r\n  - section"),
            (format!("tenant: {TENANT}\napprovals: [] # none yet\n"), "  - section"),
            (format!("tenant: {TENANT}\napprovals:"), "approvals:\n  - section"),
            (
                format!("tenant: {TENANT}\napprovals: # the last one was deleted\n\n# end\n"),
                "deleted\n  - section",
            ),
            (format!("approvals:\ntenant: {TENANT}\n"), "approvals:\n  - section"),
            (format!("approvals:   \r\ntenant: {TENANT}\r\n"), "  - section"),
        ] {
            std::fs::write(&path, &before).unwrap();
            let store = Store::at(&path, TENANT);
            store.append(&[approval("k", "x")]).unwrap();
            store.append(&[approval("l", "y")]).unwrap();
            assert_eq!(store.read().unwrap().len(), 2);
            let after = std::fs::read_to_string(&path).unwrap();
            let kept: Vec<&str> =
                before.lines().map(|line| line.trim_end().trim_end_matches(" [] # none yet")).collect();
            assert!(kept.iter().all(|line| after.contains(line)) && after.contains(rest), "{after}");
        }
        for nothing in ["~", "null", ""] {
            std::fs::write(&path, format!("tenant: {TENANT}\napprovals: {nothing}\n")).unwrap();
            let store = Store::at(&path, TENANT);
            assert!(store.read().unwrap().is_empty());
            store.append(&[approval("k", "x")]).unwrap();
            assert_eq!(store.read().unwrap().len(), 1);
        }
        std::fs::write(&path, format!("{{ tenant: {TENANT} }}\n")).unwrap();
        let error = Store::at(&path, TENANT).append(&[approval("k", "x")]).unwrap_err();
        assert!(format!("{error:?}").contains("nothing was changed"), "{error:?}");
        std::fs::write(&path, "tenant: 11111111-0000-4000-8000-000000000000\n").unwrap();
        assert!(Store::at(&path, TENANT).append(&[approval("k", "x")]).is_err());
    }

    // Elsewhere folders can't be locked.
    #[cfg(unix)]
    #[test]
    fn two_at_once_lose_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.yaml");
        std::thread::scope(|scope| {
            for worker in 0..4 {
                let path = &path;
                scope.spawn(move || {
                    for round in 0..10 {
                        Store::at(path, TENANT)
                            .append(&[approval(&format!("{worker}-{round}"), "x")])
                            .unwrap();
                    }
                });
            }
        });
        assert_eq!(Store::at(&path, TENANT).read().unwrap().len(), 40);
    }
}
