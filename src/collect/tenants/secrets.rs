//! Secrets that somebody wrote into `tenants.yaml` all the same. Comes in: the file's tree. Goes out: the
//! tree without them, a mistake for each, and the text in which they can't be read: a diagnostic shows
//! lines of the file, and logs are read by many. Not here: keys that are allowed (`raw`).

use std::ops::Range;
use std::sync::{Arc, LazyLock};

use regex::bytes::Regex;

use crate::yaml::suggest::shown;
use crate::yaml::tree::{Entry, Kind, Node};
use crate::yaml::{Cx, Source};

/// Keys that name where a secret is.
const WHERE: [&str; 3] = ["client_secret_env", "client_secret_file", "token_env"];
/// Those whose value is the name of a variable.
const VARIABLES: [&str; 2] = ["client_secret_env", "token_env"];
/// What keys of secrets are called, in small letters and without `-` and `_`.
const WORDS: [&str; 8] =
    ["secret", "passw", "pwd", "token", "apikey", "privatekey", "credential", "assertion"];

/// What is no business of this file.
#[derive(Debug)]
pub(super) struct Found {
    key: String,
    key_at: Range<usize>,
    value_at: Range<usize>,
    /// The key is allowed, and its value is no name of a variable.
    no_name: bool,
}

impl Found {
    /// Says so, without its value.
    pub(super) fn tell(&self, cx: &mut Cx<'_>) {
        let key = shown(&self.key);
        if self.no_name {
            let message = format!("what `{key}` names is no variable of the environment");
            cx.mistake("tenants::variable", message, &self.value_at).help = Some(
                "give its name alone, in capitals, e.g. CONTOSO_SECRET; if a secret stands here, renew it: \
                 whoever has seen this file knows it"
                    .to_owned(),
            );
            return;
        }
        let message = format!("`{key}` would be a secret, and none may stand in this file");
        cx.mistake("tenants::secret", message, &self.key_at).help = Some(
            "name where it is: `client_secret_file: FILE`, or a variable of the environment with \
             `client_secret_env: NAME` (a ready token: `token_env: NAME`); and renew it: whoever has seen this \
             file knows it"
                .to_owned(),
        );
    }
}

/// Takes secrets out of a tree. Its depth is bounded where it is read.
pub(super) fn take_out(node: &mut Node<'_>, found: &mut Vec<Found>) {
    match &mut node.kind {
        Kind::Scalar { .. } | Kind::Broken => {}
        Kind::List(items) => items.iter_mut().for_each(|item| take_out(item, found)),
        Kind::Map(entries) => {
            entries.retain(|entry| {
                let secret = is_secret(&entry.key);
                if secret {
                    found.push(of(entry, false));
                }
                !secret
            });
            for entry in entries {
                if VARIABLES.contains(&entry.key.as_ref()) && names_nothing(&entry.value) {
                    found.push(of(entry, true));
                    entry.value.kind = Kind::Broken;
                }
                take_out(&mut entry.value, found);
            }
        }
    }
}

fn of(entry: &Entry<'_>, no_name: bool) -> Found {
    Found {
        key: entry.key.clone().into_owned(),
        key_at: entry.key_at.clone(),
        value_at: entry.value.at.clone(),
        no_name,
    }
}

fn is_secret(key: &str) -> bool {
    let bare: String =
        key.chars().filter(|c| !matches!(c, '_' | '-' | ' ')).flat_map(char::to_lowercase).collect();
    !WHERE.contains(&key) && (bare == "key" || WORDS.iter().any(|word| bare.contains(word)))
}

/// Names in capitals alone: a secret, which mixes them, is not taken for one (POSIX, 8.1).
fn names_nothing(value: &Node<'_>) -> bool {
    match &value.kind {
        Kind::Scalar { value, .. } => {
            let fits = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
            value.len() > 128
                || !value.bytes().all(fits)
                || !value.starts_with(|c: char| c.is_ascii_uppercase() || c == '_')
        }
        Kind::List(_) | Kind::Map(_) => true,
        Kind::Broken => false,
    }
}

/// The text with stars for what was found, and for what looks like it where nothing could be parsed or a
/// key was given twice. Every place stays what it was.
pub(super) fn hide(source: &Arc<Source>, found: &[Found]) -> Arc<Source> {
    let mut text = source.text.clone().into_owned().into_bytes();
    let lines = LINES.iter().flat_map(|lines| lines.captures_iter(source.text.as_bytes()));
    let lines = lines.filter_map(|line| {
        let key = line.get(1)?.as_bytes();
        (!WHERE.iter().any(|name| name.as_bytes() == key)).then(|| line.get(2).map(|value| value.range()))?
    });
    for range in found.iter().map(|found| found.value_at.clone()).chain(lines) {
        for byte in text.get_mut(range).into_iter().flatten().filter(|byte| !byte.is_ascii_whitespace()) {
            *byte = b'*';
        }
    }
    // Only whole values were replaced: it is UTF-8 still.
    let text = String::from_utf8_lossy(&text).into_owned();
    Arc::new(Source { name: source.name.clone(), text: text.into() })
}

static LINES: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let word = r"(?:secret|passw|pwd|token|api[_-]?key|private[_-]?key|credential|assertion)";
    Regex::new(&format!(r#"(?i)([A-Z0-9_-]*{word}[A-Z0-9_-]*)["']?[ \t]*:[ \t]*([^\r\n]+)"#)).ok()
});
