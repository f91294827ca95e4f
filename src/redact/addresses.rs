//! Addresses of the network and of people, and what stands in their places: of the same kind, so that
//! one still sees whose domain it is by kind, what is private, how wide a range is. Comes in: an address.
//! Goes out: an address that leads nowhere. Not here: finding addresses (`find`).

use core::net::IpAddr;

use super::Redactor;
use super::find;
use super::pseudonym;
use crate::sections::normal;

impl Redactor {
    /// `https`, and what stands behind the `://`.
    pub(super) fn url(&self, scheme: &str, rest: &str) -> String {
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (host, path) = rest.split_at_checked(end).unwrap_or((rest, ""));
        if is_published(host) && find::all(path).is_empty() && !path.contains('?') {
            return format!("{scheme}://{rest}");
        }
        // Whoever signs in inside of an address is nobody's business.
        let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
        let (name, port) = match host.rsplit_once(':') {
            Some((name, port)) if !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()) => {
                (name, Some(port))
            }
            Some(_) | None => (host, None),
        };
        let name = if normal::is_guid(name) {
            self.text(name)
        } else if let Some(address) = self.range(name) {
            address
        } else {
            self.domain(name)
        };
        let port = port.map(|port| format!(":{port}")).unwrap_or_default();
        format!("{scheme}://{name}{port}{}", self.parts(path, &find::inside(path)))
    }

    /// A mail address or a name to sign in with; a guest's holds the address of another organisation.
    pub(super) fn mail(&self, text: &str) -> String {
        let marked = text
            .char_indices()
            .find(|(at, _)| text.get(*at..at + 6).is_some_and(|mark| mark.eq_ignore_ascii_case("#EXT#@")));
        if let Some((at, _)) = marked {
            let (guest, rest) = text.split_at_checked(at).unwrap_or((text, ""));
            let (mark, home) = rest.split_at_checked(6).unwrap_or((rest, ""));
            let guest =
                match guest.rsplit_once('_').filter(|(user, host)| !user.is_empty() && host.contains('.')) {
                    Some((user, host)) => self.mail(&format!("{user}@{host}")).replacen('@', "_", 1),
                    None => pseudonym::word(&self.key, guest),
                };
            return format!("{guest}{mark}{}", self.domain(home));
        }
        if self.stays(text) {
            return text.to_owned();
        }
        let Some((user, host)) = text.rsplit_once('@') else { return pseudonym::word(&self.key, text) };
        format!("{}@{}", pseudonym::word(&self.key, user), self.domain(host))
    }

    /// A name of a host or a domain of the same kind: what a tenant gets from Microsoft keeps Microsoft's
    /// part, mail for everybody stays, everything else ends with `.example`.
    pub(super) fn domain(&self, text: &str) -> String {
        let lower = text.to_ascii_lowercase();
        if self.stays(text) || is_of(&lower, MICROSOFT) || is_of(&lower, FOR_EVERYBODY) {
            return text.to_owned();
        }
        if let Some(end) = TENANTS.iter().find(|end| lower.ends_with(**end)) {
            let (own, end) = text.split_at_checked(text.len() - end.len()).unwrap_or((text, ""));
            // contoso-my.sharepoint.com belongs to contoso.sharepoint.com.
            let kind = ["-my", "-admin", ".mail", "-com.mail"]
                .into_iter()
                .find(|kind| own.to_ascii_lowercase().ends_with(kind));
            let kind = kind.unwrap_or_default();
            let own = own.get(..own.len() - kind.len()).unwrap_or(own);
            return format!("{}{kind}{end}", self.labels(own));
        }
        let labels: Vec<&str> = text.split('.').collect();
        let base = labels.len().saturating_sub(suffix(&labels) + 1);
        let (hosts, base) = labels.split_at_checked(base).unwrap_or((&[], &labels));
        let mut made: Vec<String> = hosts.iter().map(|host| self.labels(host)).collect();
        made.push(pseudonym::word(&self.key, &base.join(".")));
        format!("{}.example", made.join("."))
    }

    /// Names within a domain; those that everybody uses stay.
    fn labels(&self, text: &str) -> String {
        let label = |label: &str| match HOSTS.contains(&label.to_ascii_lowercase().as_str()) {
            true => label.to_owned(),
            false => pseudonym::word(&self.key, label),
        };
        text.split('.').map(label).collect::<Vec<_>>().join(".")
    }

    /// An address, or a range by its prefix: its length stays.
    pub(super) fn range(&self, text: &str) -> Option<String> {
        let (address, prefix) =
            text.split_once('/').map_or((text, None), |(address, prefix)| (address, Some(prefix)));
        let bare = address.trim_start_matches('[').trim_end_matches(']');
        let parsed: IpAddr = bare.parse().ok()?;
        let prefix = match prefix {
            Some(prefix) if prefix.len() <= 3 && prefix.bytes().all(|byte| byte.is_ascii_digit()) => {
                format!("/{prefix}")
            }
            Some(_) => return None,
            None => String::new(),
        };
        Some(format!("{}{prefix}", pseudonym::address(&self.key, parsed)))
    }
}

/// Ends of names that a tenant chose itself, at Microsoft.
const TENANTS: &[&str] = &[
    ".onmicrosoft.com",
    ".onmicrosoft.us",
    ".partner.onmschina.cn",
    ".sharepoint.com",
    ".sharepoint.us",
    ".sharepoint-mil.us",
    ".sharepoint.cn",
    ".mail.protection.outlook.com",
    ".blob.core.windows.net",
    ".azurewebsites.net",
    ".vault.azure.net",
    ".crm.dynamics.com",
    ".b2clogin.com",
    ".ciamlogin.com",
];
/// Microsoft's own.
const MICROSOFT: &[&str] = &[
    "microsoft.com",
    "microsoftonline.com",
    "microsoftonline.us",
    "office.com",
    "office.net",
    "office365.com",
    "office365.us",
    "windows.net",
    "windows.com",
    "azure.com",
    "azure.net",
    "azure.us",
    "live.net",
    "msftauth.net",
    "microsoft",
    "aka.ms",
    "linkedin.com",
];
/// Mail and pages for everybody.
const FOR_EVERYBODY: &[&str] = &[
    "outlook.com",
    "hotmail.com",
    "live.com",
    "msn.com",
    "gmail.com",
    "googlemail.com",
    "yahoo.com",
    "icloud.com",
    "me.com",
    "gmx.net",
    "gmx.de",
    "web.de",
    "proton.me",
    "protonmail.com",
    "aol.com",
    "example.com",
    "example.org",
    "example.net",
    "localhost",
];
/// Names of hosts that everybody uses.
const HOSTS: &[&str] = &[
    "www",
    "mail",
    "mx",
    "smtp",
    "imap",
    "pop",
    "autodiscover",
    "lyncdiscover",
    "sip",
    "sipdir",
    "enterpriseregistration",
    "enterpriseenrollment",
    "msoid",
    "selector1",
    "selector2",
    "_domainkey",
    "_dmarc",
    "login",
    "sso",
    "vpn",
    "intranet",
];

/// Where Microsoft publishes: an address there is the same for everybody.
fn is_published(host: &str) -> bool {
    let hosts =
        ["learn.microsoft.com", "docs.microsoft.com", "support.microsoft.com", "www.microsoft.com", "aka.ms"];
    hosts.iter().any(|known| host.eq_ignore_ascii_case(known))
}

fn is_of(lower: &str, list: &[&str]) -> bool {
    list.iter()
        .any(|known| lower == *known || lower.strip_suffix(known).is_some_and(|rest| rest.ends_with('.')))
}

/// Labels of the part that a registry gives away names below: `com`, or `co.uk`.
fn suffix(labels: &[&str]) -> usize {
    match labels {
        [_, .., second, last] if last.len() == 2 && matches!(second.len(), 2 | 3) => 2,
        _ => 1,
    }
}
