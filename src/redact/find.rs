//! Ids and addresses inside a text. Comes in: any text. Goes out: where they stand and what they are.
//! Not here: what becomes of them (`text`).

use core::net::{IpAddr, Ipv4Addr};
use std::ops::Range;

use crate::sections::normal::is_guid;

/// What stands somewhere in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Guid,
    /// A GUID without hyphens.
    Hex,
    Mail,
    Url,
    Address,
    Domain,
    /// `MC123456`, `EX226792`: a post of the Message Center or an issue of Service health.
    Cited,
}

/// An id or address and its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    pub kind: Kind,
    pub at: Range<usize>,
}

/// The most that is looked for in one text.
const MOST: usize = 100_000;

/// All of them, in the order of the text. None begins in the middle of a word.
pub(super) fn all(text: &str) -> Vec<Found> {
    look(text, &FINDERS)
}

/// The same inside of an address, where another address is words like any other.
pub(super) fn inside(text: &str) -> Vec<Found> {
    look(text, FINDERS.get(1..).unwrap_or_default())
}

fn look(text: &str, finders: &[(Kind, Finder)]) -> Vec<Found> {
    let mut found = Vec::new();
    let (mut end, mut inside) = (0, false);
    for (start, letter) in text.char_indices() {
        let begins = letter.is_alphanumeric() && !inside;
        inside = letter.is_alphanumeric();
        // A GUID may stand right behind letters, as in `extension_…`; its own last digit ends it.
        if found.len() >= MOST {
            break;
        }
        if !begins || start < end {
            continue;
        }
        let rest = text.get(start..).unwrap_or_default();
        if let Some((kind, length)) = at_start(rest, finders) {
            end = start + length;
            found.push(Found { kind, at: start..end });
        }
    }
    found
}

type Finder = fn(&str) -> Option<usize>;

/// What is looked for, what is told by its start first.
const FINDERS: [(Kind, Finder); 7] = [
    (Kind::Url, url),
    (Kind::Guid, guid),
    (Kind::Hex, hex),
    (Kind::Mail, mail),
    (Kind::Address, address),
    (Kind::Domain, domain),
    (Kind::Cited, cited),
];

/// What a text begins with, and how long that is.
fn at_start(text: &str, finders: &[(Kind, Finder)]) -> Option<(Kind, usize)> {
    finders.iter().find_map(|(kind, finder)| {
        // No further than anything of the kind is long: a text may be one word of a million letters.
        let start = head(text, kind.longest());
        let length = finder(start)?;
        // A longer address is taken piece by piece; of all else a part is nothing.
        let whole = length < start.len() || start.len() == text.len() || *kind == Kind::Url;
        whole.then_some((*kind, length))
    })
}

impl Kind {
    /// Bytes of the longest that is looked for.
    const fn longest(self) -> usize {
        match self {
            Self::Guid | Self::Hex => 40,
            Self::Mail => 400,
            Self::Url => 2_000,
            Self::Address => 64,
            Self::Domain => 256,
            Self::Cited => 24,
        }
    }
}

/// The start of a text, cut between letters.
fn head(text: &str, most: usize) -> &str {
    let end = (0..=most.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    text.get(..end).unwrap_or(text)
}

/// Bytes of the longest start whose letters all fit.
fn run(text: &str, fits: impl Fn(char) -> bool) -> usize {
    text.find(|letter| !fits(letter)).unwrap_or(text.len())
}

fn guid(text: &str) -> Option<usize> {
    text.get(..36).filter(|start| is_guid(start)).map(str::len)
}

fn hex(text: &str) -> Option<usize> {
    let length = run(text, char::is_alphanumeric);
    let word = text.get(..length)?;
    let digits = word.bytes().all(|byte| byte.is_ascii_hexdigit());
    (length == 32 && digits && word.bytes().any(|byte| byte.is_ascii_digit())).then_some(length)
}

fn url(text: &str) -> Option<usize> {
    let scheme = ["https://", "http://"]
        .into_iter()
        .find(|scheme| text.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme)))?;
    let length = run(text, |letter| {
        !letter.is_whitespace() && !letter.is_control() && !matches!(letter, '<' | '>' | '"' | '\'' | '`')
    });
    let trimmed = text.get(..length)?.trim_end_matches(['.', ',', ';', ':', '!', '?', ')', ']', '}']);
    (trimmed.len() > scheme.len()).then_some(trimmed.len())
}

fn mail(text: &str) -> Option<usize> {
    let fits = |letter: char| {
        !letter.is_whitespace()
            && !letter.is_control()
            && !matches!(letter, '<' | '>' | '(' | ')' | '[' | ']' | ',' | ';' | ':' | '"' | '\\' | '|' | '/')
    };
    let word = text.get(..run(text, fits))?.trim_end_matches(['.', '!', '?', '\'', '*', '`', '&']);
    is_mail(word).then_some(word.len())
}

/// Something, `@`, and a name with a dot in it.
pub(super) fn is_mail(text: &str) -> bool {
    let Some((user, host)) = text.rsplit_once('@') else { return false };
    let labels = host.split('.').all(|label| {
        !label.is_empty() && label.chars().all(|letter| letter.is_alphanumeric() || letter == '-')
    });
    !user.is_empty() && !text.contains(char::is_whitespace) && host.contains('.') && labels
}

fn address(text: &str) -> Option<usize> {
    let fits = |letter: char| letter.is_ascii_hexdigit() || matches!(letter, '.' | ':');
    let word = text.get(..run(text, fits))?.trim_end_matches(['.', ':']);
    let behind = text.get(word.len()..).and_then(|rest| rest.chars().next());
    if behind.is_some_and(char::is_alphanumeric) {
        return None;
    }
    if word.parse::<IpAddr>().is_ok() {
        return Some(word.len());
    }
    // A port may follow.
    let (address, _) = word.split_once(':')?;
    address.parse::<Ipv4Addr>().is_ok().then_some(address.len())
}

/// Top-level domains that stand for a domain name and not for a file or a version.
const TOP: [&str; 26] = [
    "com",
    "net",
    "org",
    "info",
    "biz",
    "edu",
    "gov",
    "mil",
    "int",
    "cloud",
    "online",
    "local",
    "lan",
    "corp",
    "internal",
    "example",
    "test",
    "invalid",
    "microsoft",
    "app",
    "dev",
    "tech",
    "group",
    "company",
    "email",
    "ms",
];

fn domain(text: &str) -> Option<usize> {
    let fits = |letter: char| letter.is_alphanumeric() || matches!(letter, '-' | '.');
    let word = text.get(..run(text, fits))?.trim_end_matches(['.', '-']);
    is_domain(word).then_some(word.len())
}

/// Labels with dots between them, the last one a known top-level domain or a country's two letters.
pub(super) fn is_domain(text: &str) -> bool {
    let Some((rest, last)) = text.rsplit_once('.') else { return false };
    let last = last.to_ascii_lowercase();
    let country = last.len() == 2 && last.bytes().all(|byte| byte.is_ascii_alphabetic());
    let label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && label.chars().all(|letter| letter.is_alphanumeric() || letter == '-')
    };
    (country || TOP.contains(&last.as_str()))
        && rest.split('.').all(label)
        && rest.contains(char::is_alphabetic)
}

fn cited(text: &str) -> Option<usize> {
    let length = run(text, char::is_alphanumeric);
    let word = text.get(..length)?;
    let (letters, digits) = word.split_at_checked(2)?;
    let post = letters.eq_ignore_ascii_case("MC");
    let capitals = letters.bytes().all(|byte| byte.is_ascii_uppercase());
    let counts = capitals || is_of_a_service(letters);
    // People write ids of issues in small letters, too; these have six digits at least.
    let least = match (post, capitals) {
        (true, _) => 1,
        (false, true) => 5,
        (false, false) => 6,
    };
    let number = (least..=9).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    (counts && number).then_some(length)
}

/// Letters that ids of posts and issues of services begin with. Others may be anything, such as the
/// number of an employee.
const SERVICES: [&str; 41] = [
    "AD", "AP", "AZ", "BK", "BW", "CI", "CP", "CR", "CW", "DA", "DF", "DY", "DZ", "EX", "FB", "FM", "FO",
    "GH", "IP", "IT", "LY", "MA", "MC", "MM", "MO", "MP", "MV", "OD", "OO", "OP", "PA", "PB", "PL", "PP",
    "RM", "SB", "SP", "SW", "TM", "WC", "YA",
];

/// Whether an id that was cited is surely Microsoft's.
pub(super) fn is_of_a_service(cited: &str) -> bool {
    cited.get(..2).is_some_and(|letters| SERVICES.contains(&letters.to_ascii_uppercase().as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[(Kind, &str)]) {
        let found = all(text);
        let found: Vec<(Kind, &str)> =
            found.iter().map(|one| (one.kind, text.get(one.at.clone()).unwrap())).collect();
        assert_eq!(found, expected, "{text}");
    }

    const ID: &str = "2f8e465a-71de-5e00-9fcd-c9fdfaf0e8ff";

    #[test]
    fn ids_and_addresses_are_found_wherever_they_stand() {
        check(&format!("DirectoryRole_{ID}_{ID}"), &[(Kind::Guid, ID), (Kind::Guid, ID)]);
        check(
            "extension_2f8e465a71de5e009fcdc9fdfaf0e8ff_x",
            &[(Kind::Hex, "2f8e465a71de5e009fcdc9fdfaf0e8ff")],
        );
        check(
            "ask kim@contoso.com, or MC123456.",
            &[(Kind::Mail, "kim@contoso.com"), (Kind::Cited, "MC123456")],
        );
        check("Kim <kim.o@m.contoso.com>", &[(Kind::Mail, "kim.o@m.contoso.com")]);
        check(
            "(see https://contoso.sharepoint.com/a?b=c).",
            &[(Kind::Url, "https://contoso.sharepoint.com/a?b=c")],
        );
        check("from 203.0.113.7 to 2a01::1", &[(Kind::Address, "203.0.113.7"), (Kind::Address, "2a01::1")]);
        check(
            &format!("contoso.sharepoint.com,{ID}"),
            &[(Kind::Domain, "contoso.sharepoint.com"), (Kind::Guid, ID)],
        );
        check("ex1201001, tm226792", &[(Kind::Cited, "ex1201001"), (Kind::Cited, "tm226792")]);
        check("203.0.113.7:8443", &[(Kind::Address, "203.0.113.7")]);
        check("1:203.0.113.7", &[(Kind::Address, "203.0.113.7")]);
        check("a_fabrikam.com#EXT#@contoso.com", &[(Kind::Mail, "a_fabrikam.com#EXT#@contoso.com")]);
    }

    #[test]
    fn nothing_is_found_where_nothing_is() {
        for text in [
            "",
            "report.docx",
            "v1.0",
            "10.0.26100.4061",
            "08:30:00",
            "XMC123456",
            "KB",
            "kb1201001",
            "ex12010",
            "a@b",
            "@",
            "http://",
        ] {
            check(text, &[]);
        }
    }

    #[test]
    fn endless_words_take_no_longer_than_others() {
        for piece in ["a+", "a-", "a:", "a.", "a@b.c_", "https://a/", "aé"] {
            let text = piece.repeat(20_000);
            assert!(all(&text).len() <= MOST);
        }
    }
}
