//! Where a token may go. Comes in: addresses that a server names. Goes out: those that lie in the same
//! API on the same host. Not here: sending anything.

use url::Url;

use super::failure::Failure;
use crate::yaml::suggest::shown;

/// The longest address that is followed; Graph's own are a few thousand characters.
const LONGEST: usize = 16 * 1024;

/// The address of a path below the root of Graph. The query's `{…}` are filled in already.
pub(super) fn of(root: &Url, version: &str, path: &str, query: &str) -> Result<Url, Failure> {
    let mut url = root.clone();
    // What is given is text as people write it; a value from a tenant was encoded by `encoded`.
    url.set_path(&format!("{}{version}{path}", root.path()));
    url.set_query((!query.is_empty()).then_some(query));
    if url.as_str().len() > LONGEST || !inside(root, version, &url) {
        return Err(Failure::Elsewhere("a request would leave Graph".to_owned()));
    }
    Ok(url)
}

/// The next page, if a token may go there: same scheme, host and port, same version of the API.
pub(super) fn next(root: &Url, version: &str, named: &str) -> Result<Url, Failure> {
    let elsewhere = |why: &str| Failure::Elsewhere(format!("the next page {why}"));
    if named.len() > LONGEST {
        return Err(elsewhere("has an address that is too long"));
    }
    let url = Url::parse(named).map_err(|_| elsewhere("has no readable address"))?;
    if url.scheme() != root.scheme() {
        return Err(elsewhere(&format!("is to be fetched over {}", shown(url.scheme()))));
    }
    if url.host() != root.host() || url.port_or_known_default() != root.port_or_known_default() {
        return Err(elsewhere(&format!("lies on another host, {}", shown(url.host_str().unwrap_or("")))));
    }
    if !inside(root, version, &url) {
        return Err(elsewhere("lies outside of the API that was asked"));
    }
    Ok(url)
}

/// An address as a batch names it: below the version.
pub(super) fn relative(root: &Url, version: &str, url: &Url) -> String {
    let start = format!("{}{version}", root.path());
    let path = url.path().strip_prefix(&start).unwrap_or_default();
    url.query().map_or_else(|| path.to_owned(), |query| format!("{path}?{query}"))
}

fn inside(root: &Url, version: &str, url: &Url) -> bool {
    let start = format!("{}{version}/", root.path());
    url.username().is_empty()
        && url.password().is_none()
        && url.fragment().is_none()
        && url.path().starts_with(&start)
}

/// A tenant's value as part of a path or a query: nothing in it has a meaning there. None where it is
/// no name of anything: empty, of dots, with control characters, or longer than any id.
pub(in crate::collect) fn encoded(value: &str) -> Option<String> {
    let named = !value.is_empty()
        && value.len() <= 512
        && !value.chars().any(char::is_control)
        && !value.chars().all(|letter| letter == '.');
    if !named {
        return None;
    }
    let mut out = String::with_capacity(value.len());
    for byte in value.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn root(address: &str) -> Url {
        Url::parse(address).unwrap()
    }

    #[test]
    fn pages_elsewhere_are_not_followed() {
        let graph = root("https://graph.microsoft.com/");
        for good in [
            "https://graph.microsoft.com/v1.0/users?$skiptoken=x",
            "https://GRAPH.microsoft.com:443/v1.0/Users",
            "https://graph.microsoft.com/v1.0/solutions/backupRestore/ProtectionPolicies?$skip=1",
        ] {
            assert!(next(&graph, "v1.0", good).is_ok(), "{good}");
        }
        for bad in [
            "http://graph.microsoft.com/v1.0/users",
            "https://graph.microsoft.com.evil.example/v1.0/users",
            "https://graph.microsoft.com@evil.example/v1.0/users",
            "https://evil.example/v1.0/users",
            "https://graph.microsoft.com:8443/v1.0/users",
            "https://user@graph.microsoft.com/v1.0/users",
            "https://graph.microsoft.com/beta/users",
            "https://graph.microsoft.com/v1.0",
            "https://graph.microsoft.com/v1.0/../beta/users",
            "https://graph.microsoft.com/v1.0/%2e%2e/beta/users",
            "https://graph.microsoft.com\\@evil.example/v1.0/",
            "//evil.example/v1.0/users",
            "/v1.0/users",
            "file:///etc/passwd",
            "javascript:alert(1)",
            "",
        ] {
            assert!(next(&graph, "v1.0", bad).is_err(), "{bad}");
        }
        assert!(
            next(&graph, "v1.0", &format!("https://graph.microsoft.com/v1.0/{}", "x".repeat(LONGEST)))
                .is_err()
        );
        let below = root("http://127.0.0.1:4010/graph/");
        assert!(next(&below, "v1.0", "http://127.0.0.1:4010/graph/v1.0/users").is_ok());
        assert!(next(&below, "v1.0", "http://127.0.0.1:4010/v1.0/users").is_err());
        assert!(next(&below, "v1.0", "http://127.0.0.1:4011/graph/v1.0/users").is_err());
    }

    #[test]
    fn values_of_a_tenant_mean_nothing_in_an_address() {
        let graph = root("https://graph.microsoft.com/");
        let id = encoded("a/../b?c#d&e'f %2f\u{e9}").unwrap();
        assert_eq!(id, "a%2F..%2Fb%3Fc%23d%26e%27f%20%252f%C3%A9");
        let url = of(&graph, "v1.0", &format!("/groups/{id}/owners"), "$select=id").unwrap();
        assert_eq!(url.path(), format!("/v1.0/groups/{id}/owners"));
        assert_eq!(url.query(), Some("$select=id"));
        for bad in ["", ".", "..", "a\u{0}b", "a\nb", &"x".repeat(513)] {
            assert_eq!(encoded(bad), None, "{bad:?}");
        }
        assert!(of(&graph, "v1.0", "/../../x", "").is_err());
    }
}
