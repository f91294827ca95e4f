//! What goes wrong, and when. Comes in: rules. Goes out: the trouble of a request, if any. Not here:
//! what the trouble does to the answer (`spoil`).

use std::time::Duration;

use super::refusals::Refusal;

/// A rule: what happens to which requests.
#[derive(Debug, Clone)]
pub(crate) struct Fault {
    pattern: String,
    after: u32,
    times: u32,
    trouble: Trouble,
    seen: u32,
}

/// What happens.
#[derive(Debug, Clone)]
pub(crate) enum Trouble {
    /// A refusal.
    Refuse(Refusal),
    /// 500, 502, 503 or 504.
    Status(u16),
    /// 429.
    Throttle(After),
    /// The connection is reset before the answer.
    Reset,
    /// Nothing ever comes.
    Silent,
    /// The answer ends in its middle.
    Cut,
    /// So many bytes at a time, with a pause after each.
    Slow(usize, Duration),
    /// Where the next page is said to be.
    Next(Link),
    /// Every page leads to a new one, for ever.
    Endless,
    /// A page longer by so many bytes.
    Huge(usize),
    /// A property so many levels deep.
    Deep(usize),
    /// A member twice, with different values.
    DuplicateKeys,
    InvalidUtf8,
    /// A page for people, with status 200.
    Html,
    /// 200 and nothing.
    Empty,
    /// `{"value": null}`
    NullValue,
    /// Items that are numbers, texts and lists.
    NotObjects,
    /// The first item has no id.
    WithoutId,
    /// The first item comes twice, with different properties.
    SameIdTwice,
    /// A small body that is so many bytes long when inflated.
    GzipBomb(u64),
    /// JSON that says it is text.
    WrongType,
    /// 302 to an address.
    Redirect(Option<String>),
    /// The first items get these ids.
    Ids(Vec<String>),
    /// The body is replaced.
    Body(Vec<u8>),
}

/// What a 429 says of when to come back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum After {
    Unsaid,
    Seconds(u64),
    /// The same as a date.
    Date(u64),
}

/// A link to a next page that is not to be followed, or that leads nowhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Link {
    /// Another host and port, which notices whether it is sent a token.
    OtherHost,
    /// The right host, by the other of http and https.
    OtherScheme,
    /// The right host, another version.
    OtherVersion,
    /// `http://127.0.0.1:PORT@…`: looks like the right host and is another.
    UserInfo,
    /// The page itself.
    Itself,
    /// Another path of the right host.
    OtherPath,
    /// Anything.
    Verbatim(String),
}

impl Fault {
    /// Trouble for the first request whose path fits. `*` stands for anything; a pattern without it
    /// may stand anywhere in path and query.
    pub(crate) fn on(pattern: &str, trouble: Trouble) -> Self {
        Self { pattern: pattern.to_owned(), after: 0, times: 1, trouble, seen: 0 }
    }

    /// So many requests go well first.
    pub(crate) fn after(self, requests: u32) -> Self {
        Self { after: requests, ..self }
    }

    /// How many requests are hit.
    pub(crate) fn times(self, times: u32) -> Self {
        Self { times, ..self }
    }

    /// All requests are hit.
    pub(crate) fn always(self) -> Self {
        self.times(u32::MAX)
    }
}

/// The trouble of a request, and the count of it.
pub(crate) fn hit(faults: &mut [Fault], target: &str) -> Option<Trouble> {
    let mut found = None;
    for fault in faults.iter_mut().filter(|fault| fits(&fault.pattern, target)) {
        fault.seen = fault.seen.saturating_add(1);
        let turn = fault.seen > fault.after && fault.seen - fault.after <= fault.times;
        if turn && found.is_none() {
            found = Some(fault.trouble.clone());
        }
    }
    found
}

fn fits(pattern: &str, target: &str) -> bool {
    if !pattern.contains('*') {
        return target.contains(pattern);
    }
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| target.strip_prefix(first)) else { return false };
    let mut last = "";
    for part in parts {
        let Some(at) = rest.find(part) else { return false };
        rest = rest.get(at + part.len()..).unwrap_or_default();
        last = part;
    }
    rest.is_empty() || last.is_empty() || target.ends_with(last)
}

/// Ids that a careless program would put into paths and file names.
pub(crate) fn hostile_ids() -> Vec<String> {
    let mut ids: Vec<String> = [
        "../../etc/passwd",
        "%2e%2e",
        "..%2F..%2Fusers",
        "a/b",
        "a?b=c#d",
        "\u{0}",
        "a\u{0}b",
        "\u{1b}[31mred",
        "",
    ]
    .map(str::to_owned)
    .to_vec();
    ids.push("x".repeat(100_000));
    ids
}
