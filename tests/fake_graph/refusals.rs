//! How Graph says no. Comes in: which refusal. Goes out: status, headers and the published body. Not
//! here: when to refuse.

use serde_json::{Value, json};

use super::reply::Reply;

/// A refusal, by what the published bodies look like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// 401: no token, a token of nobody's, a token that has ended.
    InvalidToken,
    /// 401 with a claims challenge of continuous access evaluation.
    ClaimsChallenge,
    /// 403: the application lacks a permission of the directory.
    RequestDenied,
    /// 403: a permission is missing for audit logs and reports; the message names it.
    PermissionMissing(String),
    /// 403: scopes are missing for policies.
    AccessDenied,
    /// 403 of SharePoint, whose codes start in lower case.
    SharePointDenied,
    /// 403 of Planner, whose code is empty.
    EmptyCode,
    /// 403: Entra ID P1 is missing.
    NonPremium,
    /// 400: Entra ID P2 or Governance is missing.
    PremiumRequired,
    /// 403: the tenant is not licensed for the feature.
    Unlicensed,
    /// 400: Intune is absent; JSON inside the message.
    IntuneAbsent,
    /// 403: the same with another status.
    IntuneForbidden,
    /// 400: the path does not exist in this cloud.
    NoSegment(String),
    /// 404: the same with another status.
    NoSegment404(String),
    /// 404: what is asked for has not been set up.
    NotFound,
    /// 404: an object of the directory does not exist.
    NoObject(String),
    /// 429, without `Retry-After`.
    TooMany,
    /// 429 with `Retry-After` in seconds.
    TooManyFor(u64),
    /// 400 about the request itself.
    BadRequest(String),
    /// 400: a page does not follow from the one before.
    BadToken(String),
    /// 501: a property that cannot be selected in a list.
    NotImplemented,
    /// 500, 502, 503 or 504 of the service.
    Broken(u16),
    /// The code stands two levels down, under another spelling of `innerError`.
    Nested,
    /// Any other.
    Other(u16, String, String),
}

impl Refusal {
    /// The status.
    pub(crate) fn status(&self) -> u16 {
        match self {
            Self::InvalidToken | Self::ClaimsChallenge => 401,
            Self::RequestDenied
            | Self::PermissionMissing(_)
            | Self::AccessDenied
            | Self::SharePointDenied
            | Self::EmptyCode
            | Self::NonPremium
            | Self::Unlicensed
            | Self::IntuneForbidden
            | Self::Nested => 403,
            Self::PremiumRequired
            | Self::IntuneAbsent
            | Self::NoSegment(_)
            | Self::BadRequest(_)
            | Self::BadToken(_) => 400,
            Self::NoSegment404(_) | Self::NotFound | Self::NoObject(_) => 404,
            Self::TooMany | Self::TooManyFor(_) => 429,
            Self::NotImplemented => 501,
            Self::Broken(status) | Self::Other(status, _, _) => *status,
        }
    }

    /// Code and message.
    fn words(&self) -> (&str, String) {
        let intune = || {
            json!({
                "_version": 3,
                "Message": "Request not applicable to target tenant. - Operation ID (for customer support): 00000000-0000-0000-0000-000000000000",
                "CustomApiErrorPhrase": "", "RetryAfter": null, "ErrorSourceService": "", "HttpHeaders": "{}"
            })
            .to_string()
        };
        match self {
            Self::InvalidToken => ("InvalidAuthenticationToken", "Access token is empty or has expired.".into()),
            Self::ClaimsChallenge => (
                "InvalidAuthenticationToken",
                "Continuous access evaluation resulted in challenge with result: InteractionRequired and code: TokenIssuedBeforeRevocationTimestamp".into(),
            ),
            Self::RequestDenied => {
                ("Authorization_RequestDenied", "Insufficient privileges to complete the operation.".into())
            }
            Self::PermissionMissing(name) => (
                "Authentication_MSGraphPermissionMissing",
                format!("The principal does not have required Microsoft Graph permission(s): {name} to call this API."),
            ),
            Self::AccessDenied | Self::Nested => {
                ("AccessDenied", "You cannot perform the requested operation, required scopes are missing in the token.".into())
            }
            Self::SharePointDenied => ("accessDenied", "Access denied".into()),
            Self::EmptyCode => ("", "You do not have the required permissions to access this item.".into()),
            Self::NonPremium => (
                "Authentication_RequestFromNonPremiumTenantOrB2CTenant",
                "Neither tenant is B2C or tenant doesn't have premium license".into(),
            ),
            Self::PremiumRequired => (
                "AadPremiumLicenseRequired",
                "The tenant needs to have Microsoft Entra ID P2 or Microsoft Entra ID Governance license.".into(),
            ),
            Self::Unlicensed => ("Forbidden", "Your tenant is not licensed for this feature.".into()),
            Self::IntuneAbsent | Self::IntuneForbidden => ("BadRequest", intune()),
            Self::NoSegment(name) | Self::NoSegment404(name) => {
                ("BadRequest", format!("Resource not found for the segment '{name}'."))
            }
            Self::NotFound => ("NotFound", "The requested resource has not been set up in this tenant.".into()),
            Self::NoObject(id) => (
                "Request_ResourceNotFound",
                format!("Resource '{id}' does not exist or one of its queried reference-property objects are not present."),
            ),
            Self::TooMany | Self::TooManyFor(_) => ("TooManyRequests", "Please retry again later.".into()),
            Self::BadRequest(message) => ("BadRequest", message.clone()),
            Self::BadToken(message) => ("Directory_ExpiredPageToken", message.clone()),
            Self::NotImplemented => ("NotImplemented", "The property can only be read one object at a time.".into()),
            Self::Broken(500) => ("generalException", "An internal server error occurred.".into()),
            Self::Broken(502) => ("BadGateway", "The gateway got no proper answer.".into()),
            Self::Broken(503) => ("serviceUnavailable", "The service is temporarily unavailable.".into()),
            Self::Broken(504) => ("GatewayTimeout", "The gateway waited too long.".into()),
            Self::Broken(_) => ("UnknownError", String::new()),
            Self::Other(_, code, message) => (code, message.clone()),
        }
    }

    /// The body, with the ids of the request.
    pub(crate) fn body(&self, request: &str, client: &str) -> Value {
        let (code, message) = self.words();
        let ids = |extra: Value| {
            let mut ids =
                json!({ "date": "2026-11-21T02:36:00", "request-id": request, "client-request-id": client });
            if let (Some(ids), Value::Object(extra)) = (ids.as_object_mut(), extra) {
                ids.extend(extra);
            }
            ids
        };
        match self {
            Self::TooMany | Self::TooManyFor(_) => json!({ "error": {
                "code": code, "message": message,
                "innerError": ids(json!({ "code": "429", "message": "Please retry after", "status": "429" })),
            }}),
            Self::Nested => json!({ "error": {
                "code": "UnknownError", "message": "",
                "innererror": { "code": "generic", "innererror": ids(json!({ "code": code, "message": message })) },
            }}),
            _ => json!({ "error": { "code": code, "message": message, "innerError": ids(json!({})) } }),
        }
    }

    /// The answer.
    pub(crate) fn reply(&self, request: &str, client: &str) -> Reply {
        let mut reply = Reply::json(self.status(), self.body(request, client));
        match self {
            Self::TooManyFor(seconds) => reply.header("Retry-After", seconds.to_string()),
            Self::InvalidToken => reply.header("WWW-Authenticate", challenge("")),
            Self::ClaimsChallenge => {
                // base64 of {"access_token":{"nbf":{"essential":true,"value":"1604106651"}}}
                let claims = "eyJhY2Nlc3NfdG9rZW4iOnsibmJmIjp7ImVzc2VudGlhbCI6dHJ1ZSwidmFsdWUiOiIxNjA0MTA2NjUxIn19fQ==";
                let rest = format!(", error=\"insufficient_claims\", claims=\"{claims}\"");
                reply.header("WWW-Authenticate", challenge(&rest));
            }
            _ => {}
        }
        reply
    }

    /// The refusal that a section's recorded state came from; `needs` is the permission it lacks.
    pub(crate) fn recorded(state: &str, code: &str, needs: &str) -> Self {
        match (state, code) {
            ("failed", _) => Self::TooManyFor(1),
            (_, "Authorization_RequestDenied") => Self::RequestDenied,
            (_, "Authentication_MSGraphPermissionMissing") => Self::PermissionMissing(needs.to_owned()),
            (_, "AccessDenied") => Self::AccessDenied,
            (_, "accessDenied") => Self::SharePointDenied,
            (_, "AadPremiumLicenseRequired") => Self::PremiumRequired,
            (_, "Authentication_RequestFromNonPremiumTenantOrB2CTenant") => Self::NonPremium,
            ("unlicensed", _) => Self::Unlicensed,
            ("unavailable", "BadRequest") => Self::IntuneAbsent,
            ("unavailable", _) => Self::NotFound,
            ("denied", "") => Self::EmptyCode,
            (_, code) => Self::Other(403, code.to_owned(), "You are not allowed to do that.".into()),
        }
    }
}

fn challenge(rest: &str) -> String {
    format!(
        "Bearer realm=\"\", authorization_uri=\"https://login.microsoftonline.com/common/oauth2/authorize\", client_id=\"00000003-0000-0000-c000-000000000000\"{rest}"
    )
}
