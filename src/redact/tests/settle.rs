//! What is said beside a pseudonym: what patterns ask for, and nothing of the tenant's.

use super::*;

const PSEUDONYM: &str = "name k3f9d2m8q1z7x4";

fn key() -> Key {
    Key::parse(b"0123456789abcdef0123456789abcdef").unwrap()
}

/// Settled, and every pattern finds what it found.
#[track_caller]
fn settled(patterns: &[&str], original: &str) -> String {
    let terms = Terms::searching(patterns.iter().copied());
    let made = terms.settled(&key(), original, PSEUDONYM.to_owned(), " ");
    assert_eq!(terms.fitting(&made), terms.fitting(original), "{made}");
    made
}

/// Words of the built-in policies beside a pattern for prefixes.
const PATTERNS: [&str; 8] = [
    "^[A-Za-z0-9]{2,10}[_.-]",
    "[Gg]uest",
    "PIM",
    "[Dd][Ee][Mm][Oo]",
    "LinkedIn|Twitter|Bluesky|Mastodon|MVP|[Ss]ocial",
    "[Rr]oadmap",
    "Book of News|Ignite|Microsoft Build",
    "(?i)microsoft|office 365|m365|sharepoint|onedrive|outlook|copilot",
];

#[test]
fn patterns_find_in_the_pseudonym_what_they_found_in_the_text() {
    assert_eq!(settled(&["[Rr]oadmap"], "Finance"), PSEUDONYM);
    assert_eq!(settled(&["[Rr]oadmap"], "Our Roadmap 2027"), format!("{PSEUDONYM} Roadmap"));
    let made = settled(&["^[A-Za-z0-9]{2,10}[_.-]"], "Contoso-Finance");
    assert!(made.ends_with(PSEUDONYM) && made.len() <= PSEUDONYM.len() + RUN + 2, "{made}");
}

#[test]
fn a_text_that_two_patterns_fit_says_no_name() {
    for (text, words) in [
        ("Contoso-Guests", vec!["Guest"]),
        ("Contoso-PIM-Approvers", vec!["PIM"]),
        ("Kim-Demo", vec!["Demo"]),
        ("contoso_roadmap", vec!["roadmap"]),
        ("Okafor.MVP Social of Contoso with Kim", vec!["MVP"]),
        ("Kim-Copilot-Guest-Demo", vec!["Copilot", "Guest", "Demo"]),
        ("PIM-Okafor", vec!["PIM"]),
        ("guest_kim", vec!["guest"]),
    ] {
        let made = settled(&PATTERNS, text);
        let lower = made.to_lowercase();
        for name in ["contoso", "kim", "okafor", "approver", "with"] {
            assert!(!lower.contains(name), "{text}: {made}");
        }
        assert!(words.iter().all(|word| made.contains(word)), "{text}: {made}");
    }
}

#[test]
fn of_a_pattern_of_words_and_letters_only_its_words_are_said() {
    for (pattern, text, word) in [
        ("^GRP-[A-Z]+", "GRP-CONTOSO", "GRP-"),
        ("(?i)^sec_.*_admins$", "sec_Kim Okafor_admins", "sec_"),
        ("^(?:[A-Z]{3}-.*)$", "KIM-Okafor", "-"),
        ("Team .*", "Team Jürgen Groß", "Team "),
        ("Wor(k|d)[a-z]+", "Workimokafor", "Work"),
    ] {
        let made = settled(&[pattern], text);
        assert!(made.contains(word), "{made}");
        for name in ["contoso", "kim", "okafor", "jürgen", "ü", "ß"] {
            assert!(!made.to_lowercase().contains(name), "{text}: {made}");
        }
    }
}

#[test]
fn where_nothing_fits_nothing_is_said() {
    // No other letters fit, and these are not the pattern's own.
    let terms = Terms::searching(["^[aeioukmnt]+$"].into_iter());
    assert_eq!(terms.settled(&key(), "kim", PSEUDONYM.to_owned(), " "), PSEUDONYM);
}

#[test]
fn what_is_said_of_the_form_is_of_the_text_alone_and_of_one_length() {
    let pattern = &PATTERNS[..1];
    let [kim, alexander, again] =
        ["kim.okafor", "alexander.okafor", "KIM.okafor"].map(|text| settled(pattern, text));
    assert_eq!(kim.len(), alexander.len());
    assert!(kim != again && kim.eq_ignore_ascii_case(&again), "joins fold case: {kim} {again}");
    let [one, other] = ["Contoso-Finance", "Contoso-Sales"].map(|text| settled(pattern, text));
    assert_ne!(one.get(..RUN), other.get(..RUN), "an organisation has no prefix of its own");
}
