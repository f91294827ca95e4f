//! Pseudonyms in which patterns find what they found in the text. Comes in: a text, its pseudonym, the
//! patterns of the policies. Goes out: the pseudonym with what patterns look for beside it. Not here:
//! where patterns come from (`terms`), making the pseudonym (`text`).
//!
//! A policy that asks for `'[Rr]oadmap'` in a name has to get the same answer of the pseudonym. So what a
//! pattern found is said beside it, and each pattern gets the least that it accepts: other letters where
//! it asks only how something is written (`^[A-Z]{3}-`), else the words that stand in the pattern itself,
//! with other letters around them. No letter is said as it was that is not a word of the policy's; where
//! nothing else would fit, nothing is said, and whoever compares the results sees it.

use std::collections::BTreeSet;
use std::ops::Range;

use regex::Regex;
use regex_syntax::hir::{Class, Hir, HirKind};

use super::key::Key;
use super::pseudonym::{self, Letters};
use super::terms::Terms;

/// Letters that stand for a run of letters, however long it is, where the pattern accepts as many.
const RUN: usize = 4;
/// Orders in which patterns that disturb each other are tried.
const ORDERS: usize = 8;

/// A pattern, and which words are its own.
#[derive(Debug)]
pub(super) struct Sought {
    regex: Regex,
    /// In lower case, the longest first.
    words: Vec<String>,
}

impl Sought {
    /// None where it is no pattern.
    pub(super) fn of(pattern: &str) -> Option<Self> {
        let regex = Regex::new(pattern).ok()?;
        let mut words = Words::default();
        words.gather(&regex_syntax::parse(pattern).ok()?);
        words.end();
        let mut words: Vec<String> = words.all.into_iter().collect();
        words.sort_by_key(|word| std::cmp::Reverse(word.len()));
        Some(Self { regex, words })
    }

    pub(super) fn pattern(&self) -> &str {
        self.regex.as_str()
    }

    pub(super) fn is_in(&self, text: &str) -> bool {
        self.regex.is_match(text)
    }

    /// How what it finds in a text can be said, what tells least first.
    fn ways(&self, key: &Key, original: &str) -> Vec<String> {
        let Some(piece) = self.regex.find(original) else { return Vec::new() };
        let mut ways = Vec::new();
        // Without any word; with its words; with single letters that it asks for, too.
        for shortest in [usize::MAX, 2, 1] {
            let kept = self.kept(piece.as_str(), shortest);
            for even in [true, false] {
                let mut letters = Letters::of(key, &pseudonym::folded(original));
                let way = written(piece.as_str(), &kept, even, &mut letters);
                if !ways.contains(&way) {
                    ways.push(way);
                }
            }
        }
        ways
    }

    /// What it finds with something else in the middle, between the pattern's words: for patterns that ask
    /// how a whole text begins and ends.
    fn around(&self, key: &Key, original: &str, middle: &str) -> Option<String> {
        let piece = self.regex.find(original)?.as_str();
        let kept = self.kept(piece, 1);
        let ends = kept.iter().map(|range| range.end).chain([0]);
        let gap = |start: usize| {
            let next = kept.iter().map(|range| range.start).find(|next| *next >= start);
            start..next.unwrap_or(piece.len())
        };
        let gap = ends.map(gap).max_by_key(|gap| (gap.len(), gap.start))?;
        let mut letters = Letters::of(key, &pseudonym::folded(original));
        let mut side = |part: &str| written(part, &self.kept(part, 1), true, &mut letters);
        let before = side(piece.get(..gap.start)?);
        Some(format!("{before}{middle}{}", side(piece.get(gap.end..)?)))
    }

    /// Where words of the pattern stand in what it found.
    fn kept(&self, piece: &str, shortest: usize) -> Vec<Range<usize>> {
        let lower = piece.to_ascii_lowercase();
        let mut kept: Vec<Range<usize>> = Vec::new();
        for word in self.words.iter().filter(|word| word.chars().count() >= shortest) {
            for (at, _) in lower.match_indices(word.as_str()) {
                let own = at..at + word.len();
                if kept.iter().all(|other| own.end <= other.start || other.end <= own.start) {
                    kept.push(own);
                }
            }
        }
        kept.sort_by_key(|range| range.start);
        kept
    }
}

impl Terms {
    /// The pseudonym, with what patterns found in the original beside it. `gap` stands between.
    pub(super) fn settled(&self, key: &Key, original: &str, pseudonym: String, gap: &str) -> String {
        let wanted = self.fitting(original);
        let had = self.fitting(&pseudonym);
        let missing: Vec<usize> = wanted.iter().copied().filter(|at| !had.contains(at)).collect();
        let mut nearest = pseudonym.clone();
        for first in 0..missing.len().min(ORDERS) {
            let (late, early) = missing.split_at_checked(first).unwrap_or((&missing, &[]));
            let order = early.iter().chain(late);
            let made = order.fold(pseudonym.clone(), |made, at| {
                let Some(pattern) = self.pattern(*at) else { return made };
                let mut ways = placed(pattern.ways(key, original), &made, gap);
                ways.extend(pattern.around(key, original, &made));
                self.with(*at, ways, &made, &wanted).unwrap_or(made)
            });
            let fits = self.fitting(&made);
            if wanted.iter().all(|at| fits.contains(at)) {
                return made;
            }
            if first == 0 {
                nearest = made;
            }
        }
        nearest
    }

    /// With what one more pattern finds; all that was found before still is, and nothing else.
    fn with(&self, at: usize, ways: Vec<String>, made: &str, wanted: &[usize]) -> Option<String> {
        let had = self.fitting(made);
        if had.contains(&at) {
            return None;
        }
        let fits = |candidate: &String| {
            let fits = self.fitting(candidate);
            fits.contains(&at)
                && had.iter().all(|one| fits.contains(one))
                && fits.iter().all(|one| wanted.contains(one) || had.contains(one))
        };
        ways.into_iter().find(fits)
    }
}

/// What is said, in the places where it can stand.
fn placed(said: Vec<String>, made: &str, gap: &str) -> Vec<String> {
    let places = |said: String| {
        [
            format!("{made}{gap}{said}"),
            format!("{said}{gap}{made}"),
            format!("{said}{made}"),
            format!("{made}{said}"),
        ]
    };
    said.into_iter().flat_map(places).collect()
}

/// A text with other letters and digits outside of what is kept, its signs where they are. `even` gives
/// every run of letters the same length.
fn written(text: &str, kept: &[Range<usize>], even: bool, letters: &mut Letters) -> String {
    let (mut out, mut at) = (String::new(), 0);
    for range in kept {
        stands_for(text.get(at..range.start).unwrap_or_default(), even, letters, &mut out);
        out.push_str(text.get(range.clone()).unwrap_or_default());
        at = range.end;
    }
    stands_for(text.get(at..).unwrap_or_default(), even, letters, &mut out);
    out
}

fn stands_for(text: &str, even: bool, letters: &mut Letters, out: &mut String) {
    // What is no ASCII may be a letter of any script.
    let tells = |letter: char| letter.is_alphanumeric() || !letter.is_ascii() && !letter.is_whitespace();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let end = rest.find(|letter| tells(letter) != tells(first)).unwrap_or(rest.len());
        let (run, behind) = rest.split_at_checked(end).unwrap_or((rest, ""));
        rest = behind;
        if !tells(first) {
            out.push_str(run);
        } else if even {
            let small = run.chars().any(char::is_lowercase);
            let model = match (run.chars().all(char::is_numeric), small) {
                (true, _) => '0',
                (false, true) => 'a',
                (false, false) => 'A',
            };
            out.push(letters.like(if first.is_uppercase() { 'A' } else { model }));
            out.extend((1..RUN).map(|_| letters.like(model)));
        } else {
            out.extend(run.chars().map(|letter| letters.like(letter)));
        }
    }
}

/// Words of a pattern on the way: letters that it asks for one behind the other.
#[derive(Default)]
struct Words {
    all: BTreeSet<String>,
    open: String,
}

/// The most letters of which a pattern may ask for any one, and they still are its own.
const FEW: usize = 4;

impl Words {
    fn end(&mut self) {
        let word = std::mem::take(&mut self.open);
        if !word.is_empty() {
            self.all.insert(word);
        }
    }

    fn gather(&mut self, hir: &Hir) {
        match hir.kind() {
            HirKind::Empty | HirKind::Look(_) => {}
            HirKind::Literal(literal) => {
                self.open.push_str(&String::from_utf8_lossy(&literal.0).to_lowercase());
            }
            HirKind::Class(class) => self.class(class),
            HirKind::Repetition(repeated) => {
                self.end();
                self.gather(&repeated.sub);
                self.end();
            }
            HirKind::Capture(capture) => self.gather(&capture.sub),
            HirKind::Concat(parts) => parts.iter().for_each(|part| self.gather(part)),
            HirKind::Alternation(parts) => {
                for part in parts {
                    self.end();
                    self.gather(part);
                }
                self.end();
            }
        }
    }

    /// `[Rr]` is a letter; of `[A-Z]` no letter is the pattern's.
    fn class(&mut self, class: &Class) {
        let mut few = BTreeSet::new();
        let ranges: Vec<(u32, u32)> = match class {
            Class::Unicode(class) => {
                class.iter().map(|range| (u32::from(range.start()), u32::from(range.end()))).collect()
            }
            Class::Bytes(class) => {
                class.iter().map(|range| (u32::from(range.start()), u32::from(range.end()))).collect()
            }
        };
        for code in ranges.into_iter().flat_map(|(start, end)| start..=end).take(4 * FEW) {
            let letter = char::from_u32(code).unwrap_or('\u{fffd}');
            // Other ways to write an s and a k are the same letters.
            few.insert(letter.to_uppercase().flat_map(char::to_lowercase).collect::<String>());
        }
        match (few.len(), few.first()) {
            (1, Some(letter)) => self.open.push_str(letter),
            _ => {
                self.end();
                if few.len() <= FEW {
                    self.all.extend(few);
                }
            }
        }
    }
}

#[cfg(test)]
#[path = "tests/settle.rs"]
mod tests;
