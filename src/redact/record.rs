//! What a snapshot says of itself, with pseudonyms. Comes in: a manifest. Goes out: the same without
//! names, ids of requests, and what messages quote. Not here: items (`items`).

use super::Redactor;
use super::find;
use super::forms::is_of_a_service;
use crate::snapshot::record::{Manifest, SectionRecord};

impl Redactor {
    /// The manifest with pseudonyms, and with a mark that says so.
    #[must_use]
    pub fn manifest(&self, mut manifest: Manifest) -> Manifest {
        let tenant = &mut manifest.tenant;
        tenant.display_name = tenant.display_name.as_ref().map(|name| self.text(name));
        tenant.default_domain = tenant.default_domain.as_ref().map(|domain| self.text(domain));
        manifest.sections.values_mut().for_each(|record| self.record(record));
        self.mark(&mut manifest);
        manifest
    }

    /// Marks a manifest whose records and names are pseudonyms already, and replaces what is left in it.
    pub fn mark(&self, manifest: &mut Manifest) {
        manifest.tenant.id = self.text(&manifest.tenant.id);
        if let Some(identity) = &mut manifest.taken.identity {
            identity.app = identity.app.as_ref().map(|app| self.text(app));
        }
        manifest.redacted = Some(self.redaction());
    }

    /// What is said of a section. Ids of requests lead to the tenant's own logs: they go.
    pub fn record(&self, record: &mut SectionRecord) {
        record.requests.clear();
        record.source = record.source.as_ref().map(|source| match source.starts_with("GET ") {
            true => self.message(source),
            // The name of a file.
            false => self.text(source),
        });
        for text in [&mut record.needs, &mut record.reason].into_iter().flatten() {
            *text = self.message(text);
        }
        let code = |code: String| {
            if code.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte)) {
                code
            } else {
                self.text(&code)
            }
        };
        record.code = record.code.take().map(code);
        record.without.values_mut().for_each(|reason| *reason = self.message(reason));
        if let Some(declared) = &mut record.declared {
            declared.by = self.text(&declared.by);
        }
    }

    /// A message of the program's or of the service's: its plain words stay; ids, addresses, quotations and
    /// names in it are replaced. What is not written like a message is a text like any other.
    #[must_use]
    pub fn message(&self, text: &str) -> String {
        let unquoted: String = text.chars().filter(|letter| !matches!(letter, '"' | '`' | ';')).collect();
        if !is_of_a_service(&unquoted, MESSAGE) {
            return self.text(text);
        }
        let (mut made, mut quote) = (String::with_capacity(text.len()), None);
        let mut rest = text;
        while let Some(at) =
            rest.find(|letter| quote.map_or(matches!(letter, '"' | '`'), |open| letter == open))
        {
            let (part, behind) = rest.split_at_checked(at).unwrap_or((rest, ""));
            let mark = behind.chars().next().unwrap_or('"');
            self.message_part(part, quote.is_some(), &mut made);
            made.push(mark);
            quote = if quote.is_some() { None } else { Some(mark) };
            rest = behind.get(mark.len_utf8()..).unwrap_or_default();
        }
        // A quotation that does not end may hold anything.
        self.message_part(rest, quote.is_some(), &mut made);
        made
    }

    fn message_part(&self, part: &str, quoted: bool, made: &mut String) {
        if quoted {
            // A name of a field or a parameter is the program's word.
            let word = part.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
            made.push_str(&if word && !part.is_empty() { part.to_owned() } else { self.text(part) });
            return;
        }
        let mut at = 0;
        for found in find::all(part) {
            self.words_of(part.get(at..found.at.start).unwrap_or_default(), made);
            made.push_str(&self.text(part.get(found.at.clone()).unwrap_or_default()));
            at = found.at.end;
        }
        self.words_of(part.get(at..).unwrap_or_default(), made);
    }

    /// Words in lower case stay, and the first one; others may be names, unless everybody knows them.
    fn words_of(&self, part: &str, made: &mut String) {
        for (at, word) in part.split(' ').enumerate() {
            if at > 0 {
                made.push(' ');
            }
            let plain = word.trim_matches(|letter: char| !letter.is_alphanumeric());
            let small = !plain.chars().any(char::is_uppercase);
            if plain.is_empty() || small || made.is_empty() || self.stays(plain) || WORDS.contains(&plain) {
                made.push_str(word);
            } else {
                made.push_str(&word.replace(plain, &self.text(plain)));
            }
        }
    }
}

/// The longest message, in bytes.
const MESSAGE: usize = 500;
/// Words that messages write with capital letters, and that are nobody's name.
const WORDS: &[&str] = &[
    "Graph",
    "Entra",
    "ID",
    "P1",
    "P2",
    "Governance",
    "Backup",
    "Intune",
    "Exchange",
    "Purview",
    "Defender",
    "GET",
    "HTTP",
    "JSON",
    "CSV",
    "Forbidden",
    "Unauthorized",
    "Not",
    "Found",
    "Bad",
    "Request",
    "Too",
    "Many",
    "Requests",
    "Internal",
    "Server",
    "Error",
    "Service",
    "Unavailable",
    "Gateway",
    "Timeout",
    "Suite",
    "Premium",
    "GB",
    "getAllSites()",
];
