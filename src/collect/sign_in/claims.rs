//! What a token says of itself. Comes in: a token. Goes out: claims. Not here: checking it, which is
//! Graph's business. A token that cannot be read says nothing; that is no error.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use super::Claims;

/// Longer tokens are not read.
const LIMIT: usize = 64 * 1024;
/// Permissions of OpenID Connect, which open nothing in Graph.
const OF_OPENID: [&str; 4] = ["openid", "profile", "email", "offline_access"];

/// A token's payload.
#[derive(Debug, Default)]
pub(super) struct Payload(Map<String, Value>);

impl Claims {
    /// Reads a token.
    #[must_use]
    pub fn of(token: &str) -> Self {
        Payload::of(token).claims()
    }
}

impl Payload {
    /// Reads a token; an opaque or damaged one is empty.
    pub(super) fn of(token: &str) -> Self {
        Self(payload(token).unwrap_or_default())
    }

    /// A text that is not empty.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        let text = self.0.get(name)?.as_str()?.trim();
        (!text.is_empty()).then(|| text.to_owned())
    }

    /// Until when it is good.
    pub(super) fn expires(&self) -> Option<DateTime<Utc>> {
        DateTime::from_timestamp(self.0.get("exp")?.as_i64()?, 0)
    }

    fn claims(&self) -> Claims {
        let first = |names: &[&str]| names.iter().find_map(|name| self.text(name));
        let scopes = self.text("scp");
        let words = scopes.as_deref().unwrap_or_default().split_ascii_whitespace();
        let roles = match self.0.get("roles") {
            Some(Value::Array(roles)) => roles.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            Some(Value::String(role)) => vec![role.clone()],
            _ => Vec::new(),
        };
        Claims {
            tenant: self.text("tid").map(|id| id.to_ascii_lowercase()),
            app: first(&["appid", "azp"]),
            account: first(&["upn", "preferred_username", "unique_name"]),
            roles,
            person: self.0.contains_key("scp"),
            scopes: words.filter(|word| !OF_OPENID.contains(word)).map(str::to_owned).collect(),
        }
    }
}

fn payload(token: &str) -> Option<Map<String, Value>> {
    if token.len() > LIMIT {
        return None;
    }
    let mut parts = token.split('.');
    let (_header, payload, _signature) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None; // five parts: encrypted
    }
    let bytes = URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).ok()?;
    serde_json::from_slice(&bytes).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn token(payload: &Value) -> String {
        format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(payload.to_string()))
    }

    #[test]
    fn an_application_has_roles() {
        let claims = Claims::of(&token(&json!({
            "tid": "7E57A11A-0000-4000-8000-000000000001", "appid": "app", "roles": ["Policy.Read.All"], "exp": 1
        })));
        assert_eq!(claims.tenant.as_deref(), Some("7e57a11a-0000-4000-8000-000000000001"));
        assert_eq!((claims.app.as_deref(), claims.person), (Some("app"), false));
        assert_eq!(claims.roles, ["Policy.Read.All"]);
    }

    #[test]
    fn a_person_has_an_account_and_scopes() {
        let claims = Claims::of(&token(&json!({
            "azp": "app", "unique_name": "adele@contoso.example", "scp": "openid User.Read email profile offline_access"
        })));
        assert_eq!(claims.account.as_deref(), Some("adele@contoso.example"));
        assert_eq!(claims.scopes, ["User.Read"]);
        assert!(claims.person);
    }

    #[test]
    fn what_cannot_be_read_says_nothing() {
        let huge = token(&json!({ "tid": "a".repeat(70_000) }));
        let deep = format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode("[".repeat(10_000)));
        let wrong =
            token(&json!({ "tid": 1, "roles": { "a": 1 }, "appid": null, "upn": " ", "exp": "soon" }));
        for text in ["", "opaque", "a.b.c", "a.b.c.d.e", "..", "é.é.é", "e30.W10.x", &huge, &deep, &wrong]
        {
            assert_eq!(Claims::of(text), Claims::default());
            assert_eq!(Payload::of(text).expires(), None);
        }
    }
}
