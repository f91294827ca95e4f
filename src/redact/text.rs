//! A text and what stands in its place, by its shape alone: so the same text becomes the same pseudonym
//! in every section, in the configuration and in answers. Comes in: any text. Goes out: a text of the
//! same shape that tells nothing of people or the organisation. Not here: which texts are personal
//! (`items`), the pseudonym of a single value (`pseudonym`).

use std::collections::BTreeSet;

use super::Redactor;
use super::find::{self, Found, Kind};
use super::forms::{is_phone, is_plain, person, prefixed};
use super::pseudonym;
use crate::sections::normal;

/// The longest text that may be a name.
const NAME: usize = 60;
/// The longest text that can be anything but free text: no id and no address is longer.
const LONGEST: usize = 1_000;
/// Ids and addresses of a text that are said beside its pseudonym, ids of posts and issues apart.
const BESIDE: usize = 50;

impl Redactor {
    /// What stands in the place of a text.
    #[must_use]
    pub fn text(&self, text: &str) -> String {
        let inner = text.trim();
        if inner.is_empty() || self.stays(inner) {
            return text.to_owned();
        }
        // Blanks around it stay: what is compared exactly differs as before.
        let before = text.len() - text.trim_start().len();
        let (start, end) = text.split_at_checked(before).unwrap_or(("", text));
        let end = end.get(inner.len()..).unwrap_or_default();
        format!("{start}{}{end}", if inner.len() > LONGEST { self.words(inner) } else { self.titled(inner) })
    }

    /// A title, of which what stands before it is told apart: a service in brackets as a rule, and Message
    /// Center's `(Updated)`. Tasks are found by the title behind them.
    fn titled(&self, text: &str) -> String {
        let (mut made, mut rest) = (String::new(), text);
        if let Some((service, title)) = text.strip_prefix('[').and_then(|text| text.split_once(']'))
            && !title.trim().is_empty()
        {
            let service_made =
                if self.stays(service.trim()) { service.to_owned() } else { self.shaped(service.trim()) };
            made.push_str(&format!("[{service_made}]"));
            rest = title;
        }
        while let Some((start, title)) = updated(rest)
            && !title.trim().is_empty()
        {
            made.push_str(start);
            rest = title;
        }
        let inner = rest.trim_start();
        made.push_str(rest.get(..rest.len() - inner.len()).unwrap_or_default());
        made.push_str(&if !made.is_empty() && self.stays(inner) {
            inner.to_owned()
        } else {
            self.shaped(inner)
        });
        made
    }

    /// Whether everybody may see a text: a word of Microsoft's or of the policies, a time.
    pub(super) fn stays(&self, text: &str) -> bool {
        self.terms.has(text) || super::known::is_known(text) || is_plain(text)
    }

    fn shaped(&self, text: &str) -> String {
        let key = &self.key;
        if normal::is_guid(text) {
            return pseudonym::guid(key, text);
        }
        if let Some((prefix, rest)) = prefixed(text) {
            return format!("{prefix}{}", self.shaped(rest));
        }
        if let Some((name, mail)) = person(text) {
            return format!("{} <{}>", self.text(name), self.mail(mail));
        }
        if find::is_mail(text) {
            return self.mail(text);
        }
        if let Some(range) = self.range(text) {
            return range;
        }
        if let Some(made) = self.with_port(text) {
            return made;
        }
        if text.starts_with("S-1-") && text.bytes().skip(4).all(|byte| byte.is_ascii_digit() || byte == b'-')
        {
            return if text.len() < 16 { text.to_owned() } else { pseudonym::sid(key, text) };
        }
        if is_phone(text) {
            return pseudonym::phone(key, text);
        }
        if text.contains(|letter: char| letter.is_whitespace() || letter.is_control()) {
            return self.words(text);
        }
        self.single(text)
    }

    /// Without blanks: an address, a path, several ids in one, or a word.
    fn single(&self, text: &str) -> String {
        if let Some((scheme, rest)) = text.split_once("://")
            && !scheme.is_empty()
            && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+.-".contains(&byte))
        {
            return self.settled(text, self.url(scheme, rest), "#");
        }
        if find::is_domain(text) {
            return self.domain(text);
        }
        let found = find::all(text);
        if text.starts_with('/') || text.starts_with("./") || !found.is_empty() {
            return self.settled(text, self.parts(text, &found), "/");
        }
        self.settled(text, pseudonym::word(&self.key, text), " ")
    }

    pub(super) fn settled(&self, original: &str, made: String, gap: &str) -> String {
        self.terms.settled(&self.key, original, made, gap)
    }

    /// Words: a name or free text. Ids and addresses in it are said beside its pseudonym.
    fn words(&self, text: &str) -> String {
        let short = text.len() <= NAME && text.split_whitespace().count() <= 4;
        let mut made =
            format!("{} {}", if short { "name" } else { "text" }, pseudonym::word(&self.key, text));
        let (mut told, mut others) = (BTreeSet::new(), 0);
        for found in find::all(text).into_iter().filter(|found| found.kind != Kind::Domain) {
            // Ids of posts and issues tell nothing, and registers are joined by the last of them, too.
            let counts = found.kind != Kind::Cited;
            if counts && others >= BESIDE {
                continue;
            }
            let own = self.found(text, &found);
            if !told.contains(&own) {
                others += usize::from(counts);
                made.push(' ');
                made.push_str(&own);
                told.insert(own);
            }
        }
        self.settled(text, made, " ")
    }

    /// An id or address inside a text.
    fn found(&self, text: &str, found: &Found) -> String {
        let own = text.get(found.at.clone()).unwrap_or_default();
        if self.terms.has(own) || super::known::is_known(own) {
            return own.to_owned();
        }
        match found.kind {
            Kind::Guid => pseudonym::guid(&self.key, own),
            Kind::Hex => pseudonym::guid(&self.key, &hyphened(own)).replace('-', ""),
            Kind::Mail => self.mail(own),
            Kind::Url => {
                own.split_once("://").map_or_else(String::new, |(scheme, rest)| self.url(scheme, rest))
            }
            Kind::Address => self.range(own).unwrap_or_default(),
            Kind::Domain => self.domain(own),
            Kind::Cited if find::is_of_a_service(own) => own.to_owned(),
            Kind::Cited => pseudonym::number(&self.key, own),
        }
    }

    /// Several parts in one: ids and addresses in their places, known words and short numbers as they
    /// are, other words as pseudonyms, all with the same signs between them.
    pub(super) fn parts(&self, text: &str, found: &[Found]) -> String {
        let (mut made, mut at) = (String::with_capacity(text.len()), 0);
        for one in found {
            self.plain_parts(text.get(at..one.at.start).unwrap_or_default(), &mut made);
            made.push_str(&self.found(text, one));
            at = one.at.end;
        }
        self.plain_parts(text.get(at..).unwrap_or_default(), &mut made);
        made
    }

    fn plain_parts(&self, text: &str, made: &mut String) {
        let is_sign = |letter: char| {
            !(letter.is_alphanumeric() || matches!(letter, '-' | '.' | '_' | '~' | '%' | '+' | '$'))
        };
        let mut rest = text;
        while !rest.is_empty() {
            let signs = rest.find(|letter| !is_sign(letter)).unwrap_or(rest.len());
            let (before, behind) = rest.split_at(signs);
            made.push_str(before);
            let (part, behind) = behind.split_at(behind.find(is_sign).unwrap_or(behind.len()));
            self.part(part, made);
            rest = behind;
        }
    }

    fn part(&self, part: &str, made: &mut String) {
        let word = part.trim_matches(['-', '.', '_', '~', '+']);
        let start = part.len() - part.trim_start_matches(['-', '.', '_', '~', '+']).len();
        let number = word.len() <= 3 && word.bytes().all(|byte| byte.is_ascii_digit());
        if word.is_empty() || number || self.stays(word) {
            made.push_str(part);
            return;
        }
        made.push_str(part.get(..start).unwrap_or_default());
        made.push_str(&pseudonym::word(&self.key, word));
        made.push_str(part.get(start + word.len()..).unwrap_or_default());
    }
}

/// `(Updated)` and the blanks before it, and what stands behind.
fn updated(text: &str) -> Option<(&str, &str)> {
    let blank = text.len() - text.trim_start().len();
    let mark = text.get(blank..blank + 9)?;
    mark.eq_ignore_ascii_case("(updated)").then(|| text.split_at_checked(blank + 9))?
}

/// 32 hexadecimal digits as a GUID.
fn hyphened(hex: &str) -> String {
    let parts = [0..8, 8..12, 12..16, 16..20, 20..32].map(|part| hex.get(part).unwrap_or_default());
    parts.join("-")
}

#[cfg(test)]
#[path = "tests/text.rs"]
mod tests;
