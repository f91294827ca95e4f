//! What a snapshot says of itself, with pseudonyms. Comes in: a manifest. Goes out: the same without
//! names, ids of requests, and what messages quote. Not here: items (`items`).

use std::collections::BTreeSet;
use std::sync::OnceLock;

use super::Redactor;
use super::find;
use super::forms::is_of_a_service;
use crate::sections;
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
        let taken = &mut manifest.taken;
        if !is_this_program(&taken.by) {
            taken.by = self.text(&taken.by);
        }
        if let Some(identity) = &mut taken.identity {
            identity.app = identity.app.as_ref().map(|app| self.text(app));
            identity.permissions.iter_mut().for_each(|permission| *permission = self.scopes(permission));
        }
        manifest.redacted = Some(self.redaction());
    }

    /// What is said of a section. Ids of requests lead to the tenant's own logs: they go.
    pub fn record(&self, record: &mut SectionRecord) {
        record.requests.clear();
        record.source = record.source.as_ref().map(|source| match source.strip_prefix("GET ") {
            Some(path) => format!("GET {}", self.request(path)),
            // The name of a file.
            None => self.text(source),
        });
        for text in [&mut record.needs, &mut record.reason].into_iter().flatten() {
            *text = self.message(text);
        }
        record.code = record.code.take().map(|code| if is_code(&code) { code } else { self.text(&code) });
        record.fields.iter_mut().flatten().for_each(|field| *field = self.path(field));
        let without = std::mem::take(&mut record.without).into_iter();
        record.without = without.map(|(field, reason)| (self.path(&field), self.message(&reason))).collect();
        if let Some(declared) = &mut record.declared {
            declared.by = self.text(&declared.by);
        }
    }

    /// A path of Graph: what the catalogue asks for stays, ids and other words are replaced, and a query
    /// that the catalogue does not have goes.
    fn request(&self, path: &str) -> String {
        let asked = requests();
        let (steps, query) = path.split_once('?').map_or((path, None), |(steps, query)| (steps, Some(query)));
        let step = |step: &str| match asked.contains(step) {
            true => step.to_owned(),
            false => self.parts(step, &find::inside(step)),
        };
        let made = steps.split('/').map(step).collect::<Vec<_>>().join("/");
        match query {
            Some(query) if asked.contains(query) => format!("{made}?{query}"),
            Some(_) | None => made,
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
        while let Some((at, mark)) = next_quote(rest, quote) {
            let (part, behind) = rest.split_at_checked(at).unwrap_or((rest, ""));
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
            made.push_str(&self.name(part));
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

    /// Plain words and small numbers stay; others may be names, unless everybody knows them.
    fn words_of(&self, part: &str, made: &mut String) {
        for (at, word) in part.split(' ').enumerate() {
            if at > 0 {
                made.push(' ');
            }
            let plain = word.trim_matches(|letter: char| !letter.is_alphanumeric());
            let ours = plain.split(['-', '/', ':', '=']).all(|own| is_a_word(own) || self.stays(own));
            if plain.is_empty() || ours || self.stays(plain) {
                made.push_str(word);
            } else {
                made.push_str(&word.replacen(plain, &self.text(plain), 1));
            }
        }
    }
}

/// Where a quotation begins, or ends, and its mark. An apostrophe between letters is none.
fn next_quote(text: &str, open: Option<char>) -> Option<(usize, char)> {
    let is_letter = |letter: Option<char>| letter.is_some_and(char::is_alphanumeric);
    let mut before = None;
    for (at, mark) in text.char_indices() {
        let behind = text.get(at + mark.len_utf8()..).and_then(|rest| rest.chars().next());
        let counts = match (mark, open) {
            ('"' | '`', None) => true,
            ('\'', None) => !is_letter(before),
            ('\'', Some('\'')) => !is_letter(behind),
            (_, Some(open)) => mark == open,
            (_, None) => false,
        };
        if counts {
            return Some((at, mark));
        }
        before = Some(mark);
    }
    None
}

/// `levelmark 0.1.0`, which took it.
fn is_this_program(by: &str) -> bool {
    let version = by.strip_prefix(env!("CARGO_PKG_NAME")).map(str::trim_start);
    version.is_some_and(|version| version.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.'))
}

/// A code of an error, as Graph and the sign-in write them.
fn is_code(code: &str) -> bool {
    let number = code.strip_prefix("AADSTS").unwrap_or(code);
    (number.len() <= 9 && number.bytes().all(|byte| byte.is_ascii_digit())) || CODES.contains(&code)
}

/// Plain words that messages of the manifest keep.
pub(super) const WORDS: &str = include_str!("words.txt");

/// A plain word of a message, or a small number.
fn is_a_word(word: &str) -> bool {
    static LISTED: OnceLock<BTreeSet<&'static str>> = OnceLock::new();
    let words = LISTED.get_or_init(|| {
        let lines = WORDS.lines().filter(|line| !line.starts_with('#'));
        lines.flat_map(str::split_whitespace).collect()
    });
    let number = word.len() <= 4 && word.bytes().all(|byte| byte.is_ascii_digit());
    number
        || words.contains(word.to_lowercase().as_str())
        || CAPITALS.contains(&word)
        || CODES.contains(&word)
}

/// Steps of the paths that the catalogue asks for, and its queries.
fn requests() -> &'static BTreeSet<&'static str> {
    static STEPS: OnceLock<BTreeSet<&'static str>> = OnceLock::new();
    STEPS.get_or_init(|| {
        let graph = sections::all().filter_map(|section| section.graph.as_ref());
        let mut known = BTreeSet::from(["v1.0", "beta", ""]);
        for graph in graph {
            let children = graph.children.iter().map(|child| child.path);
            let declared = graph.declared.iter().map(|declared| declared.path);
            for path in [graph.path].into_iter().chain(children).chain(declared) {
                known.extend(path.split(['/', '?']));
            }
            known.insert(graph.query);
        }
        known
    })
}

/// The longest message, in bytes.
const MESSAGE: usize = 500;
/// Words that messages write with capital letters, and that are nobody's name.
const CAPITALS: &[&str] = &[
    "AADSTS",
    "API",
    "Backup",
    "CSV",
    "Defender",
    "Entra",
    "Exchange",
    "GB",
    "GET",
    "Governance",
    "Graph",
    "HTTP",
    "ID",
    "Intune",
    "JSON",
    "MB",
    "OData",
    "P1",
    "P2",
    "Premium",
    "Purview",
    "Suite",
    "URL",
    "UTC",
    "XML",
    "getAllSites()",
];
/// Codes of errors that Graph's services and the sign-in document.
const CODES: &[&str] = &[
    "AadPremiumLicenseRequired",
    "AccessDenied",
    "Authentication_MSGraphPermissionMissing",
    "Authentication_RequestFromNonPremiumTenantOrB2CTenant",
    "Authentication_RequestFromUnsupportedUserRole",
    "Authorization_IdentityDisabled",
    "Authorization_IdentityNotFound",
    "Authorization_RequestDenied",
    "BadRequest",
    "Conflict",
    "Directory_QuotaExceeded",
    "Directory_ResourceSizeExceeded",
    "Error_ResourceNotFound",
    "ErrorAccessDenied",
    "ErrorItemNotFound",
    "Forbidden",
    "GatewayTimeout",
    "GeneralException",
    "InsufficientPermissions",
    "InternalServerError",
    "InvalidAuthenticationToken",
    "InvalidRequest",
    "ItemNotFound",
    "MailboxNotEnabledForRESTAPI",
    "NotFound",
    "NotImplemented",
    "NotSupported",
    "Request_BadRequest",
    "Request_ResourceNotFound",
    "Request_UnsupportedQuery",
    "ResourceNotFound",
    "ServiceNotAvailable",
    "ServiceUnavailable",
    "TooManyRequests",
    "Unauthorized",
    "UnknownError",
    "accessDenied",
    "forbidden",
    "generalException",
    "invalidRequest",
    "itemNotFound",
    "notSupported",
    "resourceNotFound",
    "serviceNotAvailable",
    "unauthenticated",
];

#[cfg(test)]
#[path = "tests/record.rs"]
mod tests;
