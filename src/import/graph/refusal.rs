//! A refusal by Graph as a section state. Comes in: an error body. Goes out: who lacks what: a
//! permission, a licence, the service itself. Not here: retrying.
//!
//! Codes decide, not messages, except where the code says nothing: Planner sends an empty one, Intune
//! a `BadRequest` with JSON in its message.

use serde_json::Value;

use crate::import::harvest::missing;
use crate::sections::Section;
use crate::snapshot::record::{SectionRecord, State};

/// Errors nest; deeper than this nobody means anything by it.
const DEPTH: usize = 8;

/// What is kept of a message.
const MESSAGE: usize = 300;

/// A refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    status: Option<u64>,
    code: String,
    message: String,
    request: Option<String>,
}

/// Codes that say which family a refusal belongs to.
const CODES: &[(&str, State)] = &[
    ("aadpremiumlicenserequired", State::Unlicensed),
    ("accessdenied", State::Denied),
    ("activitylimitreached", State::Failed),
    ("authentication_msgraphpermissionmissing", State::Denied),
    ("authentication_requestfromnonpremiumtenantorb2ctenant", State::Unlicensed),
    ("authorization_requestdenied", State::Denied),
    ("authorizationerror", State::Denied),
    ("erroraccessdenied", State::Denied),
    ("forbidden", State::Denied),
    ("insufficientpermissions", State::Denied),
    ("invalidauthenticationtoken", State::Failed),
    ("itemnotfound", State::Unavailable),
    ("notfound", State::Unavailable),
    ("request_resourcenotfound", State::Unavailable),
    ("resourcenotfound", State::Unavailable),
    ("serviceunavailable", State::Failed),
    ("toomanyrequests", State::Failed),
    ("unauthorized", State::Denied),
];

/// Messages that outweigh the code they come with, in lower case.
const MESSAGES: &[(&str, State)] = &[
    ("not licensed for this feature", State::Unlicensed),
    ("premium license", State::Unlicensed),
    ("does not have a license", State::Unlicensed),
    ("license is required", State::Unlicensed),
    ("request not applicable to target tenant", State::Unavailable),
    ("resource not found for the segment", State::Unavailable),
    ("do not have the required permissions", State::Denied),
    ("required scopes are missing in the token", State::Denied),
    ("insufficient privileges", State::Denied),
];

impl Refusal {
    /// Reads `{error: {code, message, innerError}}`, with a `status` beside it where a script added
    /// one. `None`: it is no refusal.
    pub(crate) fn read(body: &Value) -> Option<Self> {
        let error = body
            .get("error")
            .filter(|error| error.get("code").is_some() || error.get("message").is_some())?;
        let status = ["status", "statusCode"].into_iter().find_map(|name| body.get(name)?.as_u64());
        let chain: Vec<&Value> = std::iter::successors(Some(error), |at| inner(at)).take(DEPTH).collect();
        let text = |at: &Value, name: &str| at.get(name).and_then(Value::as_str).map(str::to_string);
        let codes: Vec<String> = chain.iter().filter_map(|at| text(at, "code")).collect();
        // The deepest code that says something; the outer ones are often generic.
        let known = codes.iter().rev().find(|code| family(code).is_some());
        Some(Self {
            status,
            code: known.or(codes.first()).cloned().unwrap_or_default(),
            message: chain.iter().find_map(|at| text(at, "message")).unwrap_or_default(),
            request: chain.iter().find_map(|at| text(at, "request-id")),
        })
    }

    /// A refusal with its HTTP status; the body may be anything.
    #[cfg(feature = "collect")]
    pub(crate) fn of(status: u16, body: Option<&Value>, request: Option<String>) -> Self {
        let read = body.and_then(Self::read);
        let read = read.unwrap_or_else(|| Self {
            status: None,
            code: String::new(),
            message: format!("status {status}, without a word of why"),
            request: None,
        });
        Self { status: Some(status.into()), request: read.request.or(request), ..read }
    }

    /// What was asked about does not exist: not the path, which would be the service's.
    #[cfg(feature = "collect")]
    pub(crate) fn is_gone(&self) -> bool {
        self.status == Some(404) && !self.message.to_ascii_lowercase().contains("for the segment")
    }

    /// Which state it means.
    pub(crate) fn state(&self) -> State {
        let message = self.message.to_ascii_lowercase();
        let said = MESSAGES.iter().find(|(part, _)| message.contains(part)).map(|(_, state)| *state);
        said.or_else(|| family(&self.code)).unwrap_or(match self.status {
            Some(401 | 429) => State::Failed,
            Some(402) => State::Unlicensed,
            Some(403) => State::Denied,
            Some(404 | 410) => State::Unavailable,
            Some(_) | None => State::Failed,
        })
    }

    /// What happened, for people.
    pub(crate) fn reason(&self) -> String {
        let message: String =
            self.message.chars().filter(|letter| !letter.is_control()).take(MESSAGE).collect();
        match (self.code.as_str(), message.as_str()) {
            ("", "") => "Graph refused without saying why".into(),
            ("", message) => format!("Graph says: {message}"),
            (code, "") => format!("Graph says: {code}"),
            (code, message) => format!("Graph says: {code}: {message}"),
        }
    }

    /// The record of a section that was refused altogether.
    pub(crate) fn record(&self, section: &Section) -> SectionRecord {
        let state = self.state();
        let needs = match state {
            State::Denied => Some(section.permission()),
            State::Unlicensed => Some(section.licence.to_string()),
            State::Read | State::Partial | State::Unavailable | State::Failed | State::NotAsked => None,
        };
        SectionRecord {
            needs: needs.filter(|needs| !needs.is_empty() && needs != "-"),
            code: (!self.code.is_empty()).then(|| self.code.clone()),
            requests: self.request.iter().cloned().collect(),
            ..missing(state, self.reason())
        }
    }
}

fn inner(error: &Value) -> Option<&Value> {
    error.get("innerError").or_else(|| error.get("innererror"))
}

fn family(code: &str) -> Option<State> {
    CODES.iter().find(|(known, _)| known.eq_ignore_ascii_case(code)).map(|(_, state)| *state)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::sections::find;

    fn state(body: &Value) -> State {
        Refusal::read(body).unwrap().state()
    }

    #[test]
    fn every_family_of_refusals() {
        let error = |code: &str, message: &str| json!({"error": {"code": code, "message": message}});
        for (body, expected) in [
            (error("Authorization_RequestDenied", "Insufficient privileges."), State::Denied),
            (error("Authentication_MSGraphPermissionMissing", "needs X.Read.All"), State::Denied),
            (error("", "You do not have the required permissions to access this item."), State::Denied),
            (error("Forbidden", "Your tenant is not licensed for this feature."), State::Unlicensed),
            (error("Forbidden", ""), State::Denied),
            (error("AadPremiumLicenseRequired", ""), State::Unlicensed),
            (error("Authentication_RequestFromNonPremiumTenantOrB2CTenant", ""), State::Unlicensed),
            (
                error("BadRequest", "{\"Message\":\"Request not applicable to target tenant.\"}"),
                State::Unavailable,
            ),
            (error("BadRequest", "Resource not found for the segment 'x'."), State::Unavailable),
            (error("TooManyRequests", "Please retry."), State::Failed),
            (error("InvalidAuthenticationToken", "Access token has expired."), State::Failed),
            (error("SomethingNew", "odd"), State::Failed),
            (json!({"status": 403, "error": {"code": "SomethingNew"}}), State::Denied),
            (json!({"status": 404, "error": {"code": "SomethingNew"}}), State::Unavailable),
            (
                json!({"error": {"code": "UnknownError", "message": "", "innerError": {"code": "AccessDenied"}}}),
                State::Denied,
            ),
            (json!({"error": {"code": "TooManyRequests", "innererror": {"code": "429"}}}), State::Failed),
        ] {
            assert_eq!(state(&body), expected, "{body}");
        }
        assert_eq!(Refusal::read(&json!({"value": []})), None);
        assert_eq!(Refusal::read(&json!({"error": "text"})), None);
    }

    #[test]
    fn the_record_names_what_is_needed() {
        let section = find("conditionalAccess.policies").unwrap();
        let body = json!({"error": {"code": "AccessDenied", "message": "a\u{1b}[31mb", "innerError": {"request-id": "r1"}}});
        let record = Refusal::read(&body).unwrap().record(section);
        assert_eq!(record.state, State::Denied);
        assert_eq!(record.needs.as_deref(), Some("Policy.Read.All"));
        assert_eq!(record.code.as_deref(), Some("AccessDenied"));
        assert_eq!(record.requests, ["r1"]);
        assert_eq!(record.reason.as_deref(), Some("Graph says: AccessDenied: a[31mb"));
        let eligible = find("roles.eligibilities").unwrap();
        let body = json!({"error": {"code": "AadPremiumLicenseRequired"}});
        assert_eq!(Refusal::read(&body).unwrap().record(eligible).needs.as_deref(), Some(eligible.licence));
    }

    #[test]
    fn endless_nesting_ends() {
        let mut error = json!({"code": "AccessDenied"});
        for _ in 0..50 {
            error = json!({"code": "Generic", "innerError": error});
        }
        assert_eq!(state(&json!({ "error": error })), State::Failed);
    }
}
