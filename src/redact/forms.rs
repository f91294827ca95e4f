//! Forms of texts: a person, a number to call, what tells nothing whoever wrote it. Comes in: a text.
//! Goes out: what it is. Not here: what becomes of it (`text`).

use core::net::IpAddr;

use super::find::{self, Found, Kind};
use crate::sections::normal;

/// `Name <mail address>`.
pub(super) fn person(text: &str) -> Option<(&str, &str)> {
    let (name, mail) = text.strip_suffix('>')?.rsplit_once('<')?;
    let name = name.strip_suffix(' ')?;
    (find::is_mail(mail) && !name.trim().is_empty()).then_some((name, mail))
}

/// `SMTP:`, `sip:` and the like before an address.
pub(super) fn prefixed(text: &str) -> Option<(&str, &str)> {
    let (prefix, rest) = text.split_once(':')?;
    let known =
        ["smtp", "sip", "mailto", "im", "spo", "eum"].iter().any(|known| prefix.eq_ignore_ascii_case(known));
    (known && find::is_mail(rest)).then(|| text.split_at_checked(prefix.len() + 1))?
}

/// Whether a text can be a word or a sentence of the service's: not long, no markup, nobody's address.
pub(super) fn is_of_a_service(text: &str, longest: usize) -> bool {
    let plain = |letter: char| letter.is_alphanumeric() || " ._-/:+(),#$*&@'%=?!’".contains(letter);
    let tells = |found: &Found| matches!(found.kind, Kind::Mail | Kind::Url | Kind::Address);
    text.len() <= longest && text.chars().all(plain) && !find::all(text).iter().any(tells)
}

/// Digits with signs between them, or a plus before them. Digits alone are a number of something else.
pub(super) fn is_phone(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let fits = text.bytes().all(|byte| byte.is_ascii_digit() || b" +()-/.".contains(&byte));
    fits && (7..=16).contains(&digits) && digits < text.len()
}

/// Times, durations, ids of posts and issues, names of Graph's types: they tell nothing.
pub(super) fn is_plain(text: &str) -> bool {
    let digits = text.bytes().any(|byte| byte.is_ascii_digit());
    let letters = text.chars().any(char::is_alphanumeric);
    let short = text.len() <= 3 && text.bytes().all(|byte| byte.is_ascii_digit());
    let cited = || matches!(find::all(text).as_slice(), [Found { kind: Kind::Cited, at }] if at.len() == text.len() && find::is_of_a_service(text));
    let typed = || {
        text.strip_prefix("#microsoft.graph.")
            .is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.'))
    };
    (!letters && !text.chars().any(char::is_control))
        || short
        || (digits
            && (normal::timestamp(text, true).is_some()
                || normal::date(text).is_some()
                || normal::is_duration(text)))
        || is_clock(text)
        || cited()
        || typed()
}

/// `10.0.26100.4061`, but no address and no date such as `24.12.1980`. Numbers to call and others that
/// people have look like it, too.
pub(super) fn is_version(text: &str) -> bool {
    let parts: Vec<&str> = text.split('.').collect();
    let numbers = parts
        .iter()
        .all(|part| !part.is_empty() && part.len() <= 6 && part.bytes().all(|b| b.is_ascii_digit()));
    let day = matches!(parts.as_slice(), [_, _, year] if year.len() == 4 && (year.starts_with("19") || year.starts_with("20")));
    (2..=5).contains(&parts.len()) && numbers && !day && text.parse::<IpAddr>().is_err()
}

/// `08:30`, `08:30:00.000`
fn is_clock(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let two = |text: &str| text.len() == 2 && digits(text);
    let seconds = |text: &str| {
        let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
        two(whole) && digits(part)
    };
    match text.split(':').collect::<Vec<_>>().as_slice() {
        [hour, minute] => hour.len() <= 2 && digits(hour) && two(minute),
        [hour, minute, second] => hour.len() <= 2 && digits(hour) && two(minute) && seconds(second),
        _ => false,
    }
}
