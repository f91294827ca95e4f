//! Pseudonyms of single values, each in the shape of what it stands for. Comes in: a value whose shape
//! is known. Goes out: what stands in its place. Not here: finding out the shape (`forms`, `find`, `text`).
//!
//! Letters never stand side by side in what a digest becomes, so that no name and no word can come about
//! by chance. A word has 7 letters and 7 digits (53 bits): among a million different values two are the
//! same with a probability of 4 in 100,000. A GUID has 109 bits.

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::key::{Key, Purpose};

/// Consonants: with digits between them they can't be read as a word.
const LETTERS: &[u8; 20] = b"bcdfghjklmnpqrstvwxz";
/// Pairs of a letter and a digit in a word.
const PAIRS: usize = 7;

/// Digits of a large number, one after the other.
struct Digits(u128);

impl Digits {
    fn of(digest: [u8; 32]) -> Self {
        Self(digest.iter().take(16).fold(0, |number, byte| number << 8 | u128::from(*byte)))
    }

    fn take(&mut self, base: u8) -> u8 {
        let digit = self.0 % u128::from(base);
        self.0 /= u128::from(base);
        u8::try_from(digit).unwrap_or_default()
    }

    fn decimal(&mut self) -> char {
        char::from(b'0' + self.take(10))
    }

    fn hexadecimal(&mut self) -> char {
        char::from_digit(u32::from(self.take(16)), 16).unwrap_or('0')
    }
}

/// A word, the same for texts that differ in case and blanks alone; it then differs in case alone.
pub(super) fn word(key: &Key, text: &str) -> String {
    let folded = folded(text);
    let mut digits = Digits::of(key.digest(Purpose::Word, &folded));
    // Of all ways to write it, the one in lower case is written in lower case.
    let mut cases = (folded != text).then(|| Digits::of(key.digest(Purpose::Exact, text)));
    let mut word = String::with_capacity(2 * PAIRS);
    for _ in 0..PAIRS {
        let letter = LETTERS.get(usize::from(digits.take(20))).map_or('x', |letter| char::from(*letter));
        let upper = cases.as_mut().is_some_and(|cases| cases.take(2) == 1);
        word.push(if upper { letter.to_ascii_uppercase() } else { letter });
        word.push(digits.decimal());
    }
    word
}

/// Lower case, single blanks: as titles are compared.
pub(super) fn folded(text: &str) -> String {
    text.split_whitespace().map(str::to_lowercase).collect::<Vec<_>>().join(" ")
}

/// A GUID of version 4, in the case of the original.
pub(super) fn guid(key: &Key, text: &str) -> String {
    let lower = text.to_ascii_lowercase();
    let mut digits = Digits::of(key.digest(Purpose::Guid, &lower));
    let mut guid = String::with_capacity(36);
    for place in 0..32 {
        if matches!(place, 8 | 12 | 16 | 20) {
            guid.push('-');
        }
        guid.push(match place {
            12 => '4',
            // The variant of RFC 9562.
            16 => char::from(b'8' + digits.take(2)),
            _ if place % 2 == 0 => digits.hexadecimal(),
            _ => digits.decimal(),
        });
    }
    if lower == text { guid } else { guid.to_ascii_uppercase() }
}

/// An address of the same kind: private ones stay private; public ones become one that belongs to
/// nobody (240.0.0.0/4 is reserved, 2001:db8::/32 is for documentation). Addresses with a meaning of
/// their own stay.
pub(super) fn address(key: &Key, address: IpAddr) -> IpAddr {
    let mut digits = Digits::of(key.digest(Purpose::Address, &address.to_string()));
    match address {
        IpAddr::V4(four) => IpAddr::V4(v4(four, &mut digits)),
        IpAddr::V6(six) => IpAddr::V6(v6(six, &mut digits)),
    }
}

fn v4(address: Ipv4Addr, digits: &mut Digits) -> Ipv4Addr {
    let mut octet = || (digits.take(16) << 4) | digits.take(16);
    let (b, c, d) = (octet(), octet(), octet());
    match address.octets() {
        [10, ..] => Ipv4Addr::new(10, b, c, d),
        [172, 16..=31, ..] => Ipv4Addr::new(172, 16 + b % 16, c, d),
        [192, 168, ..] => Ipv4Addr::new(192, 168, c, d),
        _ if address.is_unspecified() || address.is_loopback() || address.is_broadcast() => address,
        _ => Ipv4Addr::new(240 + digits.take(15), b, c, d),
    }
}

fn v6(address: Ipv6Addr, digits: &mut Digits) -> Ipv6Addr {
    // Groups of decimal digits only: letters could come to stand side by side.
    let mut group = || (0..4).fold(0, |group, _| group << 4 | u16::from(digits.take(10)));
    let [a, b, c, d, e, f] = std::array::from_fn(|_| group());
    match address.segments() {
        _ if address.is_unspecified() || address.is_loopback() => address,
        [0xfe80..=0xfebf, ..] => Ipv6Addr::new(0xfe80, 0, 0, 0, c, d, e, f),
        [0xfc00..=0xfdff, ..] => Ipv6Addr::new(0xfd00, a, b, c, d, 0, e, f),
        _ => Ipv6Addr::new(0x2001, 0xdb8, a, b, c, d, e, f),
    }
}

/// A number to call, with its blanks and brackets.
pub(super) fn phone(key: &Key, text: &str) -> String {
    let plain: String = text.chars().filter(char::is_ascii_digit).collect();
    let mut digits = Digits::of(key.digest(Purpose::Phone, &plain));
    text.chars().map(|letter| if letter.is_ascii_digit() { digits.decimal() } else { letter }).collect()
}

/// Letters with a number behind them: with another number.
pub(super) fn number(key: &Key, text: &str) -> String {
    let mut digits = Digits::of(key.digest(Purpose::Phone, text));
    text.chars().map(|letter| if letter.is_ascii_digit() { digits.decimal() } else { letter }).collect()
}

/// A security identifier of an object of Entra ID, or of a domain's; the numbers that Windows gives to
/// groups of every domain stay (`-512`: Domain Admins).
pub(super) fn sid(key: &Key, text: &str) -> String {
    let mut digits = Digits::of(key.digest(Purpose::Sid, &text.to_ascii_uppercase()));
    let [a, b, c, last] = std::array::from_fn::<String, 4, _>(|_| {
        // A part has no leading zero.
        format!("1{}", (0..9).map(|_| digits.decimal()).collect::<String>())
    });
    let domains = text.strip_prefix("S-1-5-21-").map(|rest| rest.split('-').collect::<Vec<_>>());
    match domains.as_deref() {
        None => format!("S-1-12-1-{a}-{b}-{c}-{last}"),
        Some([_, _, _]) => format!("S-1-5-21-{a}-{b}-{c}"),
        Some([_, _, _, own]) if own.len() <= 3 => format!("S-1-5-21-{a}-{b}-{c}-{own}"),
        Some(_) => format!("S-1-5-21-{a}-{b}-{c}-{last}"),
    }
}

/// Letters and digits that stand for others where nothing counts but how something is written.
pub(super) struct Letters(Digits);

impl Letters {
    /// Of a text: the same ones whenever.
    pub(super) fn of(key: &Key, text: &str) -> Self {
        Self(Digits::of(key.digest(Purpose::Letters, text)))
    }

    /// The next one, of the same kind as a letter of any script. Signs are their own.
    pub(super) fn like(&mut self, letter: char) -> char {
        if letter.is_numeric() {
            return self.0.decimal();
        }
        if letter.is_ascii() && !letter.is_ascii_alphabetic() {
            return letter;
        }
        let own = LETTERS.get(usize::from(self.0.take(20))).map_or('x', |own| char::from(*own));
        if letter.is_uppercase() { own.to_ascii_uppercase() } else { own }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> Key {
        Key::parse(b"0123456789abcdef0123456789abcdef").unwrap()
    }

    fn side_by_side(text: &str) -> bool {
        text.as_bytes().windows(2).any(|two| two.iter().all(u8::is_ascii_alphabetic))
    }

    #[test]
    fn words_differ_in_case_where_their_originals_do() {
        let key = key();
        let (one, other) = (word(&key, "alex miller"), word(&key, "Alex  Miller"));
        assert_eq!(one, one.to_lowercase());
        assert!(one.eq_ignore_ascii_case(&other) && one != other, "{one} {other}");
        assert!(!word(&key, "alex milled").eq_ignore_ascii_case(&one));
        assert_eq!(one.len(), 14);
        assert!(!side_by_side(&one));
    }

    #[test]
    fn guids_are_guids() {
        let key = key();
        let made = guid(&key, "2f8e465a-71de-5e00-9fcd-c9fdfaf0e8ff");
        assert!(crate::sections::normal::is_guid(&made), "{made}");
        assert_eq!(made.get(14..15), Some("4"));
        assert!(!side_by_side(&made));
        assert_eq!(guid(&key, "2F8E465A-71DE-5E00-9FCD-C9FDFAF0E8FF"), made.to_uppercase());
        let other = Key::parse(b"fedcba9876543210fedcba9876543210").unwrap();
        assert_ne!(guid(&other, "2f8e465a-71de-5e00-9fcd-c9fdfaf0e8ff"), made);
    }

    #[test]
    fn addresses_keep_their_kind() {
        let made = |text: &str| address(&key(), text.parse().unwrap()).to_string();
        for (text, start) in [
            ("10.1.2.3", "10."),
            ("172.20.0.1", "172."),
            ("192.168.7.9", "192.168."),
            ("203.0.113.7", "24"),
            ("2a01:111:f403::1", "2001:db8:"),
            ("fd12:3456::1", "fd00:"),
            ("fe80::1", "fe80::"),
        ] {
            let own = made(text);
            assert!(own.starts_with(start) && own != text, "{text} {own}");
        }
        for text in ["127.0.0.1", "0.0.0.0", "::1"] {
            assert_eq!(made(text), text);
        }
    }

    #[test]
    fn numbers_keep_their_form() {
        let made = phone(&key(), "+44 (20) 7946-0958");
        let form: String = made.chars().map(|one| if one.is_ascii_digit() { '0' } else { one }).collect();
        assert_eq!(form, "+00 (00) 0000-0000");
        assert!(sid(&key(), "S-1-12-1-1-2-3-4").starts_with("S-1-12-1-1"));
        for (text, end) in [("S-1-5-21-31-32-33-512", "-512"), ("S-1-5-21-31-32-33-1104", "")] {
            let made = sid(&key(), text);
            assert!(
                made.starts_with("S-1-5-21-1") && made.ends_with(end) && !made.contains("-1104"),
                "{made}"
            );
        }
        let mut letters = Letters::of(&key(), "GRP-01_");
        let made: String = "GRP-01_".chars().map(|letter| letters.like(letter)).collect();
        assert_eq!((made.len(), made.get(3..4), made.ends_with('_')), (7, Some("-"), true));
    }
}
