//! Pages and the links between them. Comes in: items and the options of a request. Goes out: which
//! items, and where the next ones are. Not here: what the items look like.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::query::Options;
use super::refusals::Refusal;
use super::reply::Ask;
use super::rules::Pages;
use super::settings::Settings;

/// One page.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Page {
    /// Positions in the list.
    pub(crate) from: usize,
    pub(crate) to: usize,
    /// Where the next page is.
    pub(crate) next: Option<String>,
    /// Whether it is the first.
    pub(crate) first: bool,
}

/// What a token carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Token {
    from: usize,
    /// The page is empty, and the next one starts at the same place.
    empty: bool,
    /// Headers that page 1 came with.
    needs: u8,
    check: u64,
}

const EVENTUAL: u8 = 1;
const FUTURE: u8 = 2;

/// Which page a request is for.
pub(crate) fn page(
    length: usize,
    (ask, base): (&Ask, &str),
    options: &Options,
    rules: Pages,
    settings: &Settings,
) -> Result<Page, Refusal> {
    let rest = query_without_place(&ask.query);
    let check = fingerprint(&format!("{}?{}", ask.path.to_ascii_lowercase(), decoded(&rest)));
    let token = match &options.token {
        Some(text) => read(text, check)?,
        None => Token { from: options.skip, empty: false, needs: carried(ask), check },
    };
    if token.needs & !carried(ask) != 0 {
        return Err(Refusal::BadRequest(
            "This page needs the headers that the first page was asked with.".into(),
        ));
    }
    let size = size(options.top, rules, settings)?.max(1);
    let to = if token.empty { token.from } else { length.min(token.from.saturating_add(size)) };
    let first = options.token.is_none() && options.skip == 0;
    let next = (to < length).then(|| {
        let place = if rules.counted {
            format!("$skip={to}")
        } else {
            let empty = settings.empty_pages && !token.empty;
            format!("$skiptoken={}", write(Token { from: to, empty, ..token }))
        };
        let joint = if rest.is_empty() { "" } else { "&" };
        let path = if settings.odd_case { other_case(&ask.path) } else { ask.path.clone() };
        format!("{base}{path}?{rest}{joint}{place}")
    });
    Ok(Page { from: token.from.min(to), to, next, first })
}

/// How long a page is.
fn size(top: Option<usize>, rules: Pages, settings: &Settings) -> Result<usize, Refusal> {
    let size = match top {
        Some(top) if top == 0 || top > rules.most => {
            let message = format!(
                "Invalid page size specified: '{top}'. Must be between 1 and {} inclusive.",
                rules.most
            );
            return Err(Refusal::BadRequest(message));
        }
        Some(top) => top,
        None if rules.usual == 0 => return Ok(usize::MAX),
        None => rules.usual,
    };
    Ok(settings.page.map_or(size, |page| page.min(size)))
}

/// Headers that a link does not carry.
fn carried(ask: &Ask) -> u8 {
    let eventual = ask.header("consistencylevel").eq_ignore_ascii_case("eventual");
    let future = wants_future(ask);
    (if eventual { EVENTUAL } else { 0 }) | (if future { FUTURE } else { 0 })
}

/// Whether members of enums beyond the contract are asked for.
pub(crate) fn wants_future(ask: &Ask) -> bool {
    ask.header("prefer").contains("include-unknown-enum-members")
}

fn query_without_place(query: &str) -> String {
    let place = |part: &&str| {
        let name = part.split('=').next().unwrap_or_default().replace("%24", "$");
        !part.is_empty() && name != "$skiptoken" && name != "$skip"
    };
    query.split('&').filter(place).collect::<Vec<_>>().join("&")
}

/// What a query means: a proxy may write `$` and `,` with percent signs.
fn decoded(query: &str) -> String {
    let parts = url::form_urlencoded::parse(query.as_bytes());
    parts.map(|(name, value)| format!("{name}={value}\n")).collect()
}

fn write(token: Token) -> String {
    let Token { from, empty, needs, check } = token;
    URL_SAFE_NO_PAD.encode(format!("RFNwdAIAAQ.{from}.{}.{needs}.{check:x}", u8::from(empty)))
}

fn read(text: &str, check: u64) -> Result<Token, Refusal> {
    let read = || {
        let plain = String::from_utf8(URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
        let mut parts = plain.split('.').skip(1);
        let from = parts.next()?.parse().ok()?;
        let empty = parts.next()? == "1";
        let needs = parts.next()?.parse().ok()?;
        let known = u64::from_str_radix(parts.next()?, 16).ok()?;
        Some(Token { from, empty, needs, check: known })
    };
    let token = read().ok_or_else(|| Refusal::BadToken("The skip token is malformed.".into()))?;
    if token.check != check {
        return Err(Refusal::BadToken("The skip token belongs to another request.".into()));
    }
    Ok(token)
}

/// FNV-1a: <https://datatracker.ietf.org/doc/html/draft-eastlake-fnv>
pub(crate) fn fingerprint(text: &str) -> u64 {
    text.bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// `/solutions/backupRestore/protectionPolicies` becomes `/solutions/backupRestore/ProtectionPolicies`.
fn other_case(path: &str) -> String {
    let Some((start, last)) = path.rsplit_once('/') else { return path.to_owned() };
    let mut letters = last.chars();
    letters.next().map_or_else(
        || path.to_owned(),
        |first| format!("{start}/{}{}", first.to_ascii_uppercase(), letters.as_str()),
    )
}
