//! The sign-in service. Comes in: forms. Goes out: tokens that only look signed, and who holds which.
//! Not here: checking a signature, real secrets.
//!
//! Any secret that starts with `s3cret-` is right, and any assertion of three parts.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::reply::{Ask, Reply};
use super::settings::Settings;
use super::synthetic::mix;
use super::tenant::Tenant;

/// What a right secret starts with.
pub(crate) const SECRET: &str = "s3cret-";
/// The code of an authorization and of a device, both of the fake's making.
pub(crate) const CODE: &str = "0.fake-code";
const REFRESH: &str = "0.fake-refresh";

/// Tokens given out.
#[derive(Debug, Default)]
pub(crate) struct Login {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Until when each is good, and whose it is.
    tokens: BTreeMap<String, (Instant, Whose)>,
    issued: u64,
    polls: u32,
    /// Tokens before this number are answered with a claims challenge.
    revoked: Vec<String>,
}

/// What a token is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Worth {
    Good(Whose),
    Revoked,
    Nothing,
}

/// Whose token it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Whose {
    Application,
    Person,
}

impl Login {
    fn locked(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the header `Authorization` is worth now.
    pub(crate) fn worth(&self, header: &str, now: Instant) -> Worth {
        let Some(("Bearer" | "bearer", token)) = header.split_once(' ') else { return Worth::Nothing };
        let state = self.locked();
        if state.revoked.iter().any(|revoked| revoked == token) {
            return Worth::Revoked;
        }
        match state.tokens.get(token) {
            Some((until, whose)) if *until > now => Worth::Good(*whose),
            Some(_) | None => Worth::Nothing,
        }
    }

    /// Revokes all tokens given out so far.
    pub(crate) fn revoke(&self) {
        let mut state = self.locked();
        let tokens = std::mem::take(&mut state.tokens);
        state.revoked.extend(tokens.into_keys());
    }

    /// How many tokens were given out.
    pub(crate) fn issued(&self) -> u64 {
        self.locked().issued
    }

    /// Gives out a token.
    pub(crate) fn token(&self, tenant: &Tenant, settings: &Settings, whose: Whose, now: Instant) -> String {
        let mut state = self.locked();
        state.issued += 1;
        let starts = super::epoch();
        let ends = starts.saturating_add_unsigned(settings.expires_in);
        let roles = settings.roles.as_ref().unwrap_or(&tenant.permissions);
        let mut claims = json!({
            "aud": "https://graph.microsoft.com", "iss": format!("https://sts.windows.net/{}/", tenant.id),
            "iat": starts, "nbf": starts, "exp": ends, "app_displayname": "Levelmark", "appid": tenant.app,
            "tid": tenant.id, "ver": "1.0", "uti": format!("{:x}", mix(state.issued)),
        });
        match whose {
            Whose::Application => {
                claims["idtyp"] = json!("app");
                claims["roles"] = json!(roles);
                claims["oid"] = json!("70862df6-4c5d-528e-8617-5b6ddc476210");
            }
            Whose::Person => {
                claims["idtyp"] = json!("user");
                claims["scp"] = json!(roles.join(" "));
                claims["oid"] = json!("2f8e465a-71de-5e00-9fcd-c9fdfaf0e8ff");
                claims["upn"] = json!(format!("it01@{}", tenant.domain));
            }
        }
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let header = json!({ "typ": "JWT", "alg": "RS256", "kid": "fake" });
        let signature = URL_SAFE_NO_PAD.encode(format!("no signature {:x}", mix(state.issued)));
        let token = format!("{}.{}.{signature}", part(&header), part(&claims));
        let lifetime = settings.lifetime.unwrap_or(Duration::from_secs(settings.expires_in));
        state.tokens.insert(token.clone(), (now + lifetime, whose));
        token
    }

    /// Answers a request below `/{tenant}/oauth2/v2.0/`; `None`: there is nothing there.
    pub(crate) fn answer(
        &self,
        ask: &Ask,
        tenant: &Tenant,
        settings: &Settings,
        now: Instant,
    ) -> Option<Reply> {
        let (directory, endpoint) = ask.path.trim_start_matches('/').split_once('/')?;
        let endpoint = endpoint.strip_prefix("oauth2/v2.0/")?;
        let text = if endpoint == "authorize" { ask.query.as_bytes() } else { &ask.body };
        let form: BTreeMap<String, String> = url::form_urlencoded::parse(text).into_owned().collect();
        let known = [tenant.id.as_str(), &tenant.domain, "organizations", "common"];
        if !known.iter().any(|known| known.eq_ignore_ascii_case(directory)) {
            return Some(error(400, "invalid_request", 90002, &format!("Tenant '{directory}' not found.")));
        }
        Some(match endpoint {
            "token" if ask.method == "POST" => self.grant(&form, directory, (tenant, settings), now),
            "devicecode" if ask.method == "POST" => Reply::json(
                200,
                json!({
                    "user_code": "FAKE2GRPH", "device_code": CODE, "verification_uri": "https://microsoft.com/devicelogin",
                    "expires_in": 900, "interval": 1, "message": "To sign in, open https://microsoft.com/devicelogin and enter FAKE2GRPH.",
                }),
            ),
            "authorize" => authorize(&form),
            _ => return None,
        })
    }

    fn grant(
        &self,
        form: &BTreeMap<String, String>,
        directory: &str,
        (tenant, settings): (&Tenant, &Settings),
        now: Instant,
    ) -> Reply {
        let field = |name: &str| form.get(name).map_or("", String::as_str);
        let token = |whose| {
            let mut body = json!({
                "token_type": "Bearer", "expires_in": settings.expires_in, "ext_expires_in": settings.expires_in,
                "access_token": self.token(tenant, settings, whose, now),
            });
            if whose == Whose::Person {
                body["refresh_token"] = json!(REFRESH);
                body["scope"] = json!(field("scope"));
            }
            Reply::json(200, body)
        };
        if field("client_id").is_empty() {
            return error(
                400,
                "invalid_request",
                900_144,
                "The request body must contain the following parameter: 'client_id'.",
            );
        }
        match field("grant_type") {
            "client_credentials" => {
                let assertion = field("client_assertion");
                if directory == "common" || directory == "organizations" {
                    error(
                        400,
                        "invalid_request",
                        90_130,
                        "Application is not supported over the /common endpoint.",
                    )
                } else if !field("scope").ends_with("/.default") {
                    error(400, "invalid_scope", 70_011, "The provided value for scope is not valid.")
                } else if assertion.split('.').count() == 3 || field("client_secret").starts_with(SECRET) {
                    token(Whose::Application)
                } else if assertion.is_empty() {
                    error(401, "invalid_client", 7_000_215, "Invalid client secret provided.")
                } else {
                    error(
                        401,
                        "invalid_client",
                        700_027,
                        "The certificate with identifier used to sign the client assertion is not registered on application.",
                    )
                }
            }
            "urn:ietf:params:oauth:grant-type:device_code" if field("device_code") == CODE => {
                let mut state = self.locked();
                state.polls += 1;
                let pending = state.polls <= settings.pending;
                drop(state);
                if pending {
                    error(
                        400,
                        "authorization_pending",
                        70_016,
                        "OAuth 2.0 device flow error. Authorization is pending.",
                    )
                } else {
                    token(Whose::Person)
                }
            }
            "authorization_code" if field("code") == CODE && !field("code_verifier").is_empty() => {
                token(Whose::Person)
            }
            "refresh_token" if field("refresh_token") == REFRESH => token(Whose::Person),
            _ => error(400, "invalid_grant", 70_000, "The grant is not supported, or its code is not ours."),
        }
    }
}

/// The browser's way back, with a code, as if somebody had signed in.
fn authorize(form: &BTreeMap<String, String>) -> Reply {
    let Some(back) = form.get("redirect_uri").and_then(|uri| url::Url::parse(uri).ok()) else {
        return error(400, "invalid_request", 50_011, "The redirect URI is not registered.");
    };
    let mut back = back;
    let state = form.get("state").map_or("", String::as_str);
    back.query_pairs_mut().append_pair("code", CODE).append_pair("state", state);
    Reply::redirect(back.into())
}

fn error(status: u16, error: &str, code: u32, message: &str) -> Reply {
    Reply::json(
        status,
        json!({
            "error": error,
            "error_description": format!("AADSTS{code}: {message} Trace ID: 5f3d5cdd-0000-4000-8000-000000000001 Correlation ID: 5f3d5cdd-0000-4000-8000-000000000002 Timestamp: 2026-11-21 02:36:00Z"),
            "error_codes": [code], "timestamp": "2026-11-21 02:36:00Z",
            "trace_id": "5f3d5cdd-0000-4000-8000-000000000001", "correlation_id": "5f3d5cdd-0000-4000-8000-000000000002",
        }),
    )
}
