//! Addresses of the network and of people, and what stands in their places: of the same kind, so that
//! one still sees whose domain it is by kind, what is private, how wide a range is. Comes in: an address.
//! Goes out: an address that leads nowhere. Not here: finding addresses (`find`).

use core::net::IpAddr;

use super::Redactor;
use super::find;
use super::hosts;
use super::pseudonym;
use crate::sections::normal;

/// What stands before `://` for everybody.
const SCHEMES: [&str; 21] = [
    "api",
    "app",
    "file",
    "ftp",
    "ftps",
    "http",
    "https",
    "ldap",
    "ldaps",
    "ms-app",
    "ms-appx",
    "ms-appx-web",
    "msauth",
    "sftp",
    "sip",
    "sips",
    "smb",
    "spn",
    "ssh",
    "ws",
    "wss",
];

impl Redactor {
    /// `https`, and what stands behind the `://`.
    pub(super) fn url(&self, scheme: &str, rest: &str) -> String {
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (host, path) = rest.split_at_checked(end).unwrap_or((rest, ""));
        let people = ["/users/", "/customers/"].iter().any(|step| path.to_ascii_lowercase().contains(step));
        if is_published(host) && find::all(path).is_empty() && !path.contains(['?', '#']) && !people {
            return format!("{scheme}://{rest}");
        }
        let scheme = self.scheme(scheme);
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

    /// A scheme of everybody's stays; one of an application's own names it.
    fn scheme(&self, scheme: &str) -> String {
        let lower = scheme.to_ascii_lowercase();
        if SCHEMES.contains(&lower.as_str()) {
            return scheme.to_owned();
        }
        match lower.strip_prefix("msauth.") {
            Some(bundle) => format!("msauth.{}", pseudonym::word(&self.key, bundle)),
            None => pseudonym::word(&self.key, &lower),
        }
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
        let public = || hosts::MICROSOFT.iter().chain(hosts::EVERYBODY);
        if self.stays(text) || public().any(|host| host.eq_ignore_ascii_case(text)) {
            return text.to_owned();
        }
        // Of an address at Microsoft, the tenant's part goes, and of others' whatever stands before.
        if let Some((own, end)) = hosts::TENANTS.iter().chain(public()).find_map(|end| below(text, end)) {
            return format!("{}{end}", self.tenants(own, end));
        }
        let labels: Vec<&str> = text.split('.').collect();
        let base = labels.len().saturating_sub(suffix(&labels) + 1);
        let (hosts, base) = labels.split_at_checked(base).unwrap_or((&[], &labels));
        let mut made: Vec<String> = hosts.iter().map(|host| self.label(host)).collect();
        made.push(pseudonym::word(&self.key, &base.join(".")));
        format!("{}.example", made.join("."))
    }

    /// What stands before an end of Microsoft's: the label right before it is the tenant's name, even where
    /// it looks like that of any host.
    fn tenants(&self, own: &str, end: &str) -> String {
        let (hosts, name) = own.rsplit_once('.').map_or((None, own), |(hosts, name)| (Some(hosts), name));
        let lower = name.to_ascii_lowercase();
        // contoso.mail.onmicrosoft.com and contoso-my.sharepoint.com belong to contoso's other names.
        if let Some(hosts) = hosts.filter(|_| end.starts_with(".onmicrosoft") && lower == "mail") {
            return format!("{}.{name}", self.tenants(hosts, ""));
        }
        let kinds = if end.starts_with(".sharepoint") { ["-my", "-admin"].as_slice() } else { &[] };
        let kind = kinds.iter().find(|kind| lower.ends_with(**kind) && lower.len() > kind.len());
        let (name, kind) =
            name.split_at_checked(name.len() - kind.map_or(0, |kind| kind.len())).unwrap_or((name, ""));
        let mut made = String::new();
        for host in hosts.into_iter().flat_map(|hosts| hosts.split('.')) {
            made.push_str(&self.label(host));
            made.push('.');
        }
        format!("{made}{}{kind}", pseudonym::word(&self.key, name))
    }

    /// A name within a domain; one that everybody uses stays.
    fn label(&self, label: &str) -> String {
        if hosts::USUAL.contains(&label.to_ascii_lowercase().as_str()) {
            return label.to_owned();
        }
        pseudonym::word(&self.key, label)
    }

    /// An address with a port behind it, which stays.
    pub(super) fn with_port(&self, text: &str) -> Option<String> {
        let (address, port) = text.rsplit_once(':')?;
        let is_port = (1..=5).contains(&port.len()) && port.bytes().all(|byte| byte.is_ascii_digit());
        // Without brackets it would be a part of an address of version 6.
        let ends = address.ends_with(']') || !address.contains(':');
        (is_port && ends && !address.contains('/'))
            .then(|| Some(format!("{}:{port}", self.range(address)?)))?
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

/// Where Microsoft publishes: an address there is the same for everybody.
fn is_published(host: &str) -> bool {
    let hosts =
        ["learn.microsoft.com", "docs.microsoft.com", "support.microsoft.com", "www.microsoft.com", "aka.ms"];
    hosts.iter().any(|known| host.eq_ignore_ascii_case(known))
}

/// What stands before an end of a name, and the end as it is written; not where nothing stands there.
fn below<'t>(text: &'t str, end: &str) -> Option<(&'t str, &'t str)> {
    let end = end.trim_start_matches('.');
    let at = text.len().checked_sub(end.len() + 1)?;
    let (own, rest) = text.split_at_checked(at)?;
    (!own.is_empty() && rest.starts_with('.') && rest.get(1..)?.eq_ignore_ascii_case(end))
        .then_some((own, rest))
}

/// Labels of the part that a registry gives away names below: `com`, or `co.uk`.
fn suffix(labels: &[&str]) -> usize {
    match labels {
        [_, .., second, last] if last.len() == 2 && matches!(second.len(), 2 | 3) => 2,
        _ => 1,
    }
}
