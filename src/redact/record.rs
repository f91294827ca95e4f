//! What a snapshot says of itself, with pseudonyms. Comes in: a manifest. Goes out: the same without
//! names, ids of requests, and what messages quote. Not here: items (`items`).

use super::Redactor;
use super::find;
use crate::snapshot::record::{Manifest, Redaction, SectionRecord};

impl Redactor {
    /// The manifest with pseudonyms, and with a mark that says so.
    #[must_use]
    pub fn manifest(&self, mut manifest: Manifest) -> Manifest {
        let tenant = &mut manifest.tenant;
        tenant.id = self.text(&tenant.id);
        tenant.display_name = tenant.display_name.as_ref().map(|name| self.text(name));
        tenant.default_domain = tenant.default_domain.as_ref().map(|domain| self.text(domain));
        if let Some(identity) = &mut manifest.taken.identity {
            identity.app = identity.app.as_ref().map(|app| self.text(app));
        }
        manifest.sections.values_mut().for_each(|record| self.record(record));
        manifest.redacted = Some(Redaction { key: self.fingerprint() });
        manifest
    }

    /// What is said of a section. Ids of requests lead to the tenant's own logs: they go.
    pub fn record(&self, record: &mut SectionRecord) {
        record.requests.clear();
        record.source = record.source.as_ref().map(|source| match source.starts_with("GET ") {
            true => self.message(source),
            // The name of a file.
            false => self.text(source),
        });
        for text in [&mut record.needs, &mut record.reason, &mut record.code].into_iter().flatten() {
            *text = self.message(text);
        }
        record.without.values_mut().for_each(|reason| *reason = self.message(reason));
        if let Some(declared) = &mut record.declared {
            declared.by = self.text(&declared.by);
        }
    }

    /// A message of the program's or of the service's: the words stay; ids and addresses in it, and what
    /// it quotes, are replaced.
    #[must_use]
    pub fn message(&self, text: &str) -> String {
        let mut made = String::with_capacity(text.len());
        let (mut rest, mut quote) = (text, None);
        while let Some(at) = rest.find(|letter| quote.map_or(matches!(letter, '"' | '`'), |open| letter == open)) {
            let (part, behind) = rest.split_at_checked(at).unwrap_or((rest, ""));
            let mark = behind.chars().next().unwrap_or('"');
            made.push_str(&self.message_part(part, quote.is_some()));
            made.push(mark);
            quote = if quote.is_some() { None } else { Some(mark) };
            rest = behind.get(mark.len_utf8()..).unwrap_or_default();
        }
        // A quote that does not end may hold anything.
        made.push_str(&self.message_part(rest, quote.is_some()));
        made
    }

    fn message_part(&self, part: &str, quoted: bool) -> String {
        if quoted {
            // A name of a field or a parameter is the program's word.
            let word = part.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
            return if word && !part.is_empty() { part.to_owned() } else { self.text(part) };
        }
        let (mut made, mut at) = (String::new(), 0);
        for found in find::all(part) {
            made.push_str(part.get(at..found.at.start).unwrap_or_default());
            made.push_str(&self.text(part.get(found.at.clone()).unwrap_or_default()));
            at = found.at.end;
        }
        made.push_str(part.get(at..).unwrap_or_default());
        made
    }
}
