//! A request as it came in, and an answer before it is bytes. Comes in: nothing. Goes out: types. Not
//! here: sockets (`wire`), what is answered (`service`).

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;

/// A request.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ask {
    pub(crate) method: String,
    /// As sent, e.g. `/v1.0/users`.
    pub(crate) path: String,
    /// As sent, without `?`.
    pub(crate) query: String,
    /// Names in lower case.
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Vec<u8>,
}

impl Ask {
    /// A header, by its name in lower case.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }
}

/// An answer.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) payload: Payload,
    pub(crate) delivery: Delivery,
}

/// What an answer holds.
#[derive(Debug, Clone)]
pub(crate) enum Payload {
    Json(Value),
    /// Media type and bytes.
    Raw(&'static str, Vec<u8>),
    /// Bytes that are compressed already, of JSON.
    Gzip(Vec<u8>),
    Nothing,
}

/// How it is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Delivery {
    Whole,
    /// The connection is reset instead.
    Reset,
    /// Nothing is ever sent.
    Silent,
    /// Half of what the header promises, then the connection ends.
    Cut,
    /// So many bytes at a time, with a pause after each.
    Slow(usize, Duration),
}

impl Reply {
    /// A JSON answer.
    pub(crate) fn json(status: u16, body: Value) -> Self {
        Self { status, headers: Vec::new(), payload: Payload::Json(body), delivery: Delivery::Whole }
    }

    /// An answer of another kind.
    pub(crate) fn raw(status: u16, kind: &'static str, bytes: impl Into<Vec<u8>>) -> Self {
        Self { payload: Payload::Raw(kind, bytes.into()), ..Self::json(status, Value::Null) }
    }

    /// A redirect.
    pub(crate) fn redirect(to: String) -> Self {
        let mut reply = Self { payload: Payload::Nothing, ..Self::json(302, Value::Null) };
        reply.header("Location", to);
        reply
    }

    /// An answer that is sent in a way of its own.
    pub(crate) fn sent(mut self, delivery: Delivery) -> Self {
        self.delivery = delivery;
        self
    }

    /// Adds a header.
    pub(crate) fn header(&mut self, name: &'static str, value: String) {
        self.headers.push((name, value));
    }
}
