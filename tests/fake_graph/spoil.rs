//! What trouble does to an answer. Comes in: the good answer. Goes out: the bad one. Not here: when
//! (`faults`).

use std::io::{self, Write};

use flate2::{Compress, Compression, Crc, FlushCompress};
use serde_json::{Value, json};

use super::faults::{After, Link, Trouble};
use super::refusals::Refusal;
use super::reply::{Ask, Delivery, Payload, Reply};

/// Where the answer comes from.
pub(crate) struct Place<'a> {
    pub(crate) ask: &'a Ask,
    /// Our address.
    pub(crate) address: &'a str,
    /// The address of the other listener.
    pub(crate) elsewhere: &'a str,
    /// The number of the request.
    pub(crate) number: u64,
}

/// Spoils an answer.
pub(crate) fn spoil(reply: Reply, trouble: Trouble, place: &Place<'_>) -> Reply {
    match trouble {
        Trouble::Refuse(refusal) => refusal.reply("fault", place.ask.header("client-request-id")),
        Trouble::Status(status) => Refusal::Broken(status).reply("fault", ""),
        Trouble::Throttle(after) => throttled(after),
        Trouble::Reset => reply.sent(Delivery::Reset),
        Trouble::Silent => reply.sent(Delivery::Silent),
        Trouble::Cut => reply.sent(Delivery::Cut),
        Trouble::Slow(bytes, pause) => reply.sent(Delivery::Slow(bytes.max(1), pause)),
        Trouble::Next(link) => leading_to(reply, next(&link, place)),
        Trouble::Endless => {
            let link = format!("{}{}?$skiptoken=endless-{}", place.address, place.ask.path, place.number);
            let mut page = Reply::json(
                200,
                json!({ "@odata.nextLink": link, "value": [{ "id": format!("endless-{}", place.number) }] }),
            );
            page.headers = reply.headers;
            page
        }
        Trouble::Huge(bytes) => changed(reply, |body| body["padding"] = json!("x".repeat(bytes))),
        Trouble::Deep(levels) => text(&deep(levels)),
        Trouble::DuplicateKeys => text(
            r#"{"value":[{"id":"11111111-1111-4111-8111-111111111111","id":"22222222-2222-4222-8222-222222222222","displayName":"twice"}],"value":[]}"#,
        ),
        Trouble::InvalidUtf8 => Reply::raw(200, JSON, *b"{\"value\":[{\"id\":\"\xff\xfe\xc3\x28\"}]}"),
        Trouble::Html => Reply::raw(
            200,
            "text/html",
            "<!DOCTYPE html><html><body><h1>Our services aren't available right now</h1></body></html>",
        ),
        Trouble::Empty => Reply::raw(200, JSON, ""),
        Trouble::NullValue => text(r#"{"@odata.context":"x","value":null}"#),
        Trouble::NotObjects => text(r#"{"value":[1,"two",["three"],null,true]}"#),
        Trouble::WithoutId => {
            first(reply, |item| drop(item.as_object_mut().and_then(|members| members.remove("id"))))
        }
        Trouble::SameIdTwice => twice(reply),
        Trouble::GzipBomb(bytes) => {
            Reply { payload: Payload::Gzip(bomb(bytes).unwrap_or_default()), ..reply }
        }
        Trouble::WrongType => {
            let bytes = match &reply.payload {
                Payload::Json(body) => body.to_string().into_bytes(),
                Payload::Raw(_, bytes) | Payload::Gzip(bytes) => bytes.clone(),
                Payload::Nothing => Vec::new(),
            };
            Reply { payload: Payload::Raw("text/plain", bytes), ..reply }
        }
        Trouble::Redirect(to) => Reply::redirect(to.unwrap_or_else(|| next(&Link::OtherHost, place))),
        Trouble::Ids(ids) => renamed(reply, &ids),
        Trouble::Body(bytes) => Reply::raw(200, JSON, bytes),
    }
}

/// The media type of JSON.
pub(crate) const JSON: &str =
    "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8";

fn text(body: &str) -> Reply {
    Reply::raw(200, JSON, body)
}

fn throttled(after: After) -> Reply {
    match after {
        After::Unsaid => Refusal::TooMany.reply("fault", ""),
        After::Seconds(seconds) => Refusal::TooManyFor(seconds).reply("fault", ""),
        After::Date(seconds) => {
            let mut reply = Refusal::TooMany.reply("fault", "");
            let at = chrono::DateTime::from_timestamp_secs(super::epoch().saturating_add_unsigned(seconds));
            let at = at.unwrap_or_default().format("%a, %d %b %Y %H:%M:%S GMT");
            reply.header("Retry-After", at.to_string());
            reply
        }
    }
}

fn next(link: &Link, place: &Place<'_>) -> String {
    let (path, address) = (&place.ask.path, place.address);
    let host = address.trim_start_matches("http://");
    let other = place.elsewhere.trim_start_matches("http://");
    match link {
        Link::OtherHost => format!("{}{path}?$skiptoken=elsewhere", place.elsewhere),
        Link::OtherScheme => format!("https://{host}{path}?$skiptoken=elsewhere"),
        Link::OtherVersion => {
            let swapped = if path.starts_with("/beta/") {
                path.replacen("/beta/", "/v1.0/", 1)
            } else {
                path.replacen("/v1.0/", "/beta/", 1)
            };
            format!("{address}{swapped}")
        }
        Link::UserInfo => format!("http://{host}@{other}{path}?$skiptoken=elsewhere"),
        Link::Itself if place.ask.query.is_empty() => format!("{address}{path}"),
        Link::Itself => format!("{address}{path}?{}", place.ask.query),
        Link::OtherPath => format!("{address}/v1.0/organization"),
        Link::Verbatim(link) => link.clone(),
    }
}

fn changed(mut reply: Reply, change: impl FnOnce(&mut Value)) -> Reply {
    if let Payload::Json(body @ Value::Object(_)) = &mut reply.payload {
        change(body);
    }
    reply
}

fn leading_to(reply: Reply, link: String) -> Reply {
    changed(reply, |body| body["@odata.nextLink"] = json!(link))
}

fn items(body: &mut Value) -> Option<&mut Vec<Value>> {
    body.get_mut("value")?.as_array_mut()
}

fn first(reply: Reply, change: impl FnOnce(&mut Value)) -> Reply {
    changed(reply, |body| {
        if let Some(item) = items(body).and_then(|items| items.first_mut()) {
            change(item);
        }
    })
}

fn twice(reply: Reply) -> Reply {
    changed(reply, |body| {
        let Some(items) = items(body) else { return };
        let Some(mut copy) = items.first().cloned() else { return };
        if let Some(members) = copy.as_object_mut() {
            members.insert("displayName".into(), json!("the same again"));
        }
        items.push(copy);
    })
}

fn renamed(reply: Reply, ids: &[String]) -> Reply {
    changed(reply, |body| {
        for (item, id) in items(body).into_iter().flatten().zip(ids) {
            if let Some(members) = item.as_object_mut() {
                members.insert("id".into(), json!(id));
            }
        }
    })
}

fn deep(levels: usize) -> String {
    let open = "{\"a\":".repeat(levels);
    let close = "}".repeat(levels);
    format!("{{\"value\":[{{\"id\":\"11111111-1111-4111-8111-111111111111\",\"deep\":{open}1{close}}}]}}")
}

/// A well-formed gzip of `{"value":[],"padding":"   …"}`: one compressed block of blanks, repeated. A
/// full flush forgets what came before, so that blocks can stand behind each other.
fn bomb(bytes: u64) -> io::Result<Vec<u8>> {
    const BLOCK: usize = 1 << 20;
    let start = br#"{"value":[],"padding":""#;
    let blanks = vec![b' '; BLOCK];
    let count = bytes / BLOCK as u64 + 1;
    let mut out = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    let mut crc = Crc::new();
    crc.update(start);
    deflate(start, FlushCompress::Full, &mut out)?;
    let mut block = Vec::new();
    deflate(&blanks, FlushCompress::Full, &mut block)?;
    let mut of_block = Crc::new();
    of_block.update(&blanks);
    for _ in 0..count {
        out.write_all(&block)?;
        crc.combine(&of_block);
    }
    crc.update(b"\"}");
    deflate(b"\"}", FlushCompress::Finish, &mut out)?;
    out.write_all(&crc.sum().to_le_bytes())?;
    out.write_all(&crc.amount().to_le_bytes())?;
    Ok(out)
}

fn deflate(plain: &[u8], flush: FlushCompress, out: &mut Vec<u8>) -> io::Result<()> {
    let mut compress = Compress::new(Compression::best(), false);
    out.reserve(plain.len() + 64);
    compress.compress_vec(plain, out, flush).map_err(io::Error::other)?;
    Ok(())
}
