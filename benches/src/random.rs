//! Chance that repeats itself: a small generator (SplitMix64) and what a tenant needs of it:
//! ids, dates, words. Comes in: a seed. Goes out: the same values for the same seed, everywhere.

/// A pseudo-random sequence; see Steele, Lea and Flood, "Fast splittable pseudorandom number
/// generators" (2014).
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
    /// Below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }
    /// True in so many of a hundred cases.
    pub fn percent(&mut self, share: usize) -> bool {
        self.below(100) < share
    }
    pub fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len())]
    }
    /// An instant in the two years before 2026-11-21.
    pub fn date(&mut self) -> String {
        let (year, month) =
            if self.percent(55) { (2026, 1 + self.below(10)) } else { (2025, 1 + self.below(12)) };
        let (day, hour, minute, second) =
            (1 + self.below(28), self.below(24), self.below(60), self.below(60));
        format!("{year}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
    }
    /// An instant in 2027.
    pub fn future(&mut self) -> String {
        format!("2027-{:02}-{:02}T00:00:00Z", 1 + self.below(12), 1 + self.below(28))
    }
    /// A random GUID.
    pub fn guid(&mut self) -> String {
        let (high, low) = (self.next(), self.next());
        guid((high >> 32) as u32, high, low)
    }
    /// Prose of so many words, with a rare one strewn in now and then.
    pub fn prose(&mut self, words: usize, rare: &[&str]) -> String {
        let mut text = String::with_capacity(words * 7);
        for n in 0..words {
            let word = if self.below(700) == 0 { self.pick(rare) } else { self.pick(WORDS) };
            match n {
                0 => {}
                _ if n % 90 == 0 => text.push_str(".</p>\\n<p>"),
                _ if n % 13 == 0 => text.push_str(". "),
                _ => text.push(' '),
            }
            text.push_str(word);
        }
        text
    }
}

fn guid(first: u32, high: u64, low: u64) -> String {
    let (b, c) = ((high >> 16) as u16, (high as u16 & 0x0fff) | 0x4000);
    let (d, e) = (((low >> 48) as u16 & 0x3fff) | 0x8000, low & 0xffff_ffff_ffff);
    format!("{first:08x}-{b:04x}-{c:04x}-{d:04x}-{e:012x}")
}

/// The id of the n-th of so many objects of a kind: ascending, so that a section is in order.
pub fn id(kind: u64, n: usize, of: usize) -> String {
    let first = (n as u64 * u64::from(u32::MAX) / of.max(1) as u64) as u32;
    let mut random = Random::new(kind << 40 | n as u64);
    guid(first, random.next(), random.next())
}

const WORDS: &[&str] = &[
    "the",
    "and",
    "for",
    "you",
    "your",
    "organization",
    "will",
    "users",
    "admins",
    "feature",
    "rollout",
    "tenant",
    "settings",
    "policy",
    "when",
    "this",
    "that",
    "with",
    "from",
    "message",
    "update",
    "available",
    "default",
    "experience",
    "files",
    "meetings",
    "channels",
    "mailbox",
    "Outlook",
    "SharePoint",
    "Teams",
    "OneDrive",
    "Copilot",
    "preview",
    "general",
    "availability",
    "complete",
    "expect",
    "begin",
    "early",
    "late",
    "August",
    "March",
    "access",
    "control",
    "enabled",
    "change",
    "affects",
    "documentation",
    "review",
    "prepare",
    "client",
    "desktop",
    "mobile",
    "über",
    "naïve",
    "now",
    "can",
    "may",
    "before",
    "after",
    "during",
    "through",
    "administrator",
    "Entra",
    "license",
];
