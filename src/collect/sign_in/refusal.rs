//! What the sign-in service says no with. Comes in: its text, and what we know of who asked. Goes out:
//! an error that says who must do what. Not here: finding the text in an answer (`answer`).

use std::fmt::Write;

use azure_core::credentials::Secret;

use super::SignInError;

/// How much of a foreign text is shown.
const SHOWN: usize = 500;
/// A run of letters this long without a blank is a token, not a word.
const TOKEN: usize = 100;

/// What we know of who asked.
#[derive(Debug, Clone, Default)]
pub(super) struct Facts {
    /// Directory id or domain.
    pub tenant: Option<String>,
    /// Application id.
    pub client: Option<String>,
    /// Who vouched for us, where somebody else did.
    pub presented: Option<Presented>,
    /// What must not be shown.
    pub hidden: Vec<Secret>,
}

/// What a federated token says of itself; none of it is secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Presented {
    /// Who made it.
    pub issuer: String,
    /// For whom.
    pub subject: String,
    /// To whom.
    pub audience: String,
}

/// The error that a refusal is.
pub(super) fn refused(text: &str, facts: &Facts) -> SignInError {
    let shown = clean(text, &facts.hidden);
    let Some(code) = code(text) else {
        return SignInError { what: shown, help: None };
    };
    match known(code, facts) {
        Some((what, help)) => SignInError::new(format!("{what} ({shown})"), help),
        None => SignInError::new(
            shown,
            format!("what the code means is at https://login.microsoftonline.com/error?code={code}"),
        ),
    }
}

/// The number behind the first `AADSTS`.
fn code(text: &str) -> Option<u64> {
    let (_, rest) = text.split_once("AADSTS")?;
    let end = rest.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(rest.len());
    rest.get(..end)?.parse().ok()
}

/// The codes that administrators meet: <https://learn.microsoft.com/entra/identity-platform/reference-error-codes>.
fn known(code: u64, facts: &Facts) -> Option<(String, String)> {
    let client = facts.client.as_deref().unwrap_or("this one");
    let tenant = facts.tenant.as_deref().unwrap_or("this one");
    let (what, help) = match code {
        7_000_215 => (
            "the client secret is wrong".to_owned(),
            "use the secret's value, not its id: the portal shows it once, when it is made (app registration, Certificates & secrets)".to_owned(),
        ),
        7_000_222 => (
            "the client secret has expired".to_owned(),
            "make a new one in the app registration (Certificates & secrets); a federated credential never expires".to_owned(),
        ),
        700_016 | 7_000_229 => (
            format!("application {client} does not exist in tenant {tenant}"),
            "check --client-id, --tenant and --cloud; an application of another tenant needs an administrator's consent in this one first".to_owned(),
        ),
        7_000_112 => (
            format!("application {client} is disabled"),
            "an administrator enables it under Enterprise applications, Properties".to_owned(),
        ),
        90_002 | 900_023 | 50_059 => (
            if code == 50_059 { "the tenant is not known".to_owned() } else { format!("tenant {tenant} does not exist") },
            "give the directory id of the tenant with --tenant, and its cloud with --cloud".to_owned(),
        ),
        700_024 => (
            "the assertion is not good at this time".to_owned(),
            "the clock of this machine is probably wrong: set it".to_owned(),
        ),
        700_027 | 50_027 | 50_013 | 1_000_502 => (
            format!("application {client} does not accept this certificate or assertion"),
            "upload this very certificate (public part) to the app registration, Certificates & secrets; check that it has not expired, and that --client-id is right".to_owned(),
        ),
        70_021 | 700_211 | 700_212 | 700_213 => (
            format!("no federated credential of application {client} matches"),
            federated(facts.presented.as_ref()),
        ),
        65_001 | 65_004 | 90_094 => (
            format!("application {client} has not been granted these permissions"),
            "an administrator grants them: app registration, API permissions, Grant admin consent".to_owned(),
        ),
        53_000..=53_004 | 530_002 | 530_003 | 530_032 | 530_035 => (
            "a conditional access policy blocks this sign-in".to_owned(),
            "the Entra sign-in log names the policy; device codes are often blocked (use --sign-in browser), and so are unknown places: an application can be used instead (--sign-in certificate)".to_owned(),
        ),
        50_072 | 50_074 | 50_076 | 50_079 | 50_158 => (
            "multifactor authentication is required".to_owned(),
            "sign in where it can be asked for: --sign-in browser, or az login --tenant ID --scope https://graph.microsoft.com/.default".to_owned(),
        ),
        50_011 => (
            format!("application {client} does not take answers at http://localhost"),
            "add http://localhost as redirect URI of the platform Mobile and desktop applications, or leave --client-id out".to_owned(),
        ),
        7_000_218 | 700_025 => (
            format!("application {client} is of the other kind"),
            "people sign in through a public client (app registration, Authentication, Allow public client flows); applications through one with a secret or certificate".to_owned(),
        ),
        50_020 | 50_034 | 500_200 => (
            format!("this account does not exist in tenant {tenant}"),
            "sign in with an account of the tenant, or name its tenant with --tenant".to_owned(),
        ),
        50_105 => (
            format!("this account is not assigned to application {client}"),
            "an administrator assigns it under Enterprise applications, Users and groups".to_owned(),
        ),
        70_008 | 70_043 | 50_078 | 50_173 | 700_082 | 700_084 => {
            ("the sign-in is no longer good".to_owned(), "sign in again".to_owned())
        }
        500_011 => (
            format!("tenant {tenant} has no Microsoft Graph of this cloud"),
            "choose the tenant's cloud with --cloud".to_owned(),
        ),
        _ => return None,
    };
    Some((what, help))
}

fn federated(presented: Option<&Presented>) -> String {
    let mut help =
        "add a federated credential to the app registration (Certificates & secrets), or correct it"
            .to_owned();
    if let Some(Presented { issuer, subject, audience }) = presented {
        let (issuer, subject, audience) = (clean(issuer, &[]), clean(subject, &[]), clean(audience, &[]));
        let _ = write!(help, ": issuer `{issuer}`, subject `{subject}`, audience `{audience}`");
    }
    help
}

/// A foreign text as it may be shown: one line, cropped, without control characters, secrets and tokens.
pub(super) fn clean(text: &str, hidden: &[Secret]) -> String {
    let mut text = text.to_owned();
    for secret in hidden.iter().map(Secret::secret).filter(|secret| !secret.is_empty()) {
        text = text.replace(secret, "…");
    }
    let words = text.split(|letter: char| letter.is_whitespace() || letter.is_control() || deceives(letter));
    let line = words.filter(|word| !word.is_empty()).map(without_tokens).collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default()),
        None => line,
    }
}

/// Characters that turn the direction of a line or cannot be seen.
const fn deceives(letter: char) -> bool {
    matches!(letter, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// A word in which all that looks like a token is left out.
fn without_tokens(word: &str) -> String {
    let of_token = |letter: char| letter.is_ascii_alphanumeric() || "-_.~+/=".contains(letter);
    let mut out = String::new();
    let mut rest = word;
    while !rest.is_empty() {
        let end = rest.find(|letter| !of_token(letter)).unwrap_or(rest.len());
        let (run, after) = rest.split_at(end);
        let jwt = run.contains("eyJ") && run.len() >= 20;
        out.push_str(if jwt || run.len() >= TOKEN { "…" } else { run });
        let other = after.find(of_token).unwrap_or(after.len());
        let (between, after) = after.split_at(other);
        out.push_str(between);
        rest = after;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts() -> Facts {
        Facts {
            tenant: Some("contoso.example".to_owned()),
            client: Some("c11e".to_owned()),
            presented: Some(Presented {
                issuer: "https://token.actions.example".to_owned(),
                subject: "repo:contoso/audit:ref:refs/heads/main".to_owned(),
                audience: "api://AzureADTokenExchange".to_owned(),
            }),
            hidden: vec![Secret::new("hush~hush")],
        }
    }

    #[test]
    fn the_codes_that_administrators_meet_come_with_help() {
        for (code, what, help) in [
            (7_000_215, "secret is wrong", "not its id"),
            (7_000_222, "secret has expired", "new one"),
            (700_016, "application c11e does not exist in tenant contoso.example", "--tenant"),
            (90_002, "tenant contoso.example does not exist", "--tenant"),
            (50_059, "tenant is not known", "--tenant"),
            (700_027, "does not accept this certificate", "upload"),
            (50_027, "does not accept this certificate", "upload"),
            (700_024, "not good at this time", "clock"),
            (70_021, "no federated credential", "repo:contoso/audit:ref:refs/heads/main"),
            (700_213, "no federated credential", "https://token.actions.example"),
            (65_001, "not been granted", "consent"),
            (53_003, "conditional access", "sign-in log"),
            (50_076, "multifactor", "browser"),
            (50_079, "multifactor", "browser"),
            (7_000_218, "other kind", "public client"),
        ] {
            let error = refused(&format!("AADSTS{code}: Something. Trace ID: 1"), &facts());
            assert!(error.what.contains(what) && error.what.contains("Trace ID: 1"), "{}", error.what);
            assert!(error.help.unwrap().contains(help), "{code}");
        }
        assert!(refused("AADSTS1234567: new", &facts()).help.unwrap().contains("code=1234567"));
        assert_eq!(refused("AADSTS: \u{1b}[31mhm\r\n", &facts()).what, "AADSTS: [31mhm");
        assert!(refused("AADSTS99999999999999999999999999: hm", &facts()).help.is_none());
    }

    #[test]
    fn secrets_and_tokens_are_never_echoed() {
        let jwt = format!("eyJ0eXAi.{}.c2ln", "a".repeat(30));
        let opaque = "0.AX".repeat(40);
        for text in [
            "the secret 'hush~hush' is wrong".to_owned(),
            format!("token={jwt};"),
            format!("got \"{opaque}\""),
            format!("{jwt}{jwt}"),
        ] {
            let shown = clean(&text, &facts().hidden);
            assert!(
                !shown.contains("hush~hush") && !shown.contains("aaaa") && !shown.contains("0.AX0"),
                "{shown}"
            );
        }
        let harmless = "AADSTS700016: Application 'c1c1c1c1-0000-4000-8000-000000000001' was not found, see https://login.microsoftonline.com/error?code=700016";
        assert_eq!(clean(harmless, &facts().hidden), harmless);
        assert_eq!(clean(&"é ".repeat(2000), &[]).chars().count(), SHOWN + 1);
        assert_eq!(clean("a\u{202e}b\u{0}c\nd", &[]), "a b c d");
    }
}
