//! Where a cloud of Microsoft's answers. Comes in: a cloud, and addresses that replace its own. Goes
//! out: addresses that a token may be sent to. Not here: sending it.

use std::net::IpAddr;

use url::{Host, Url};

use crate::snapshot::record::Cloud;

/// Where to sign in and where to ask.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoints {
    /// Which cloud.
    pub cloud: Cloud,
    /// Root of Graph, without version, e.g. `https://graph.microsoft.com/`.
    pub graph: Url,
    /// Root of the sign-in service, e.g. `https://login.microsoftonline.com/`.
    pub login: Url,
    /// What a token is asked for, e.g. `https://graph.microsoft.com/`: the cloud's own Graph, even where
    /// `graph` is an address of somebody else's.
    pub resource: &'static str,
    /// Audience of a federated token that is exchanged for one of ours.
    pub exchange: &'static str,
}

/// An address that no token is sent to.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
#[error("`{given}` is no address for {what}: {why}")]
#[diagnostic(
    code(levelmark::collect::endpoint),
    help("give an https address such as https://graph.microsoft.com; http is for this machine alone")
)]
pub struct EndpointError {
    given: String,
    what: &'static str,
    why: &'static str,
}

/// A cloud's own: Graph, sign-in, audience of exchanged tokens.
const fn own(cloud: Cloud) -> (&'static str, &'static str, &'static str) {
    match cloud {
        Cloud::Global => (
            "https://graph.microsoft.com/",
            "https://login.microsoftonline.com/",
            "api://AzureADTokenExchange",
        ),
        Cloud::Usgov => (
            "https://graph.microsoft.us/",
            "https://login.microsoftonline.us/",
            "api://AzureADTokenExchangeUSGov",
        ),
        Cloud::Dod => (
            "https://dod-graph.microsoft.us/",
            "https://login.microsoftonline.us/",
            "api://AzureADTokenExchangeUSGov",
        ),
        Cloud::China => (
            "https://microsoftgraph.chinacloudapi.cn/",
            "https://login.chinacloudapi.cn/",
            "api://AzureADTokenExchangeChina",
        ),
    }
}

impl Endpoints {
    /// The addresses of a cloud, or those given instead.
    ///
    /// # Errors
    /// An address that is none, or not https (http is allowed to this machine alone).
    pub fn of(cloud: Cloud, graph: Option<&str>, login: Option<&str>) -> Result<Self, EndpointError> {
        let (resource, sign_in, exchange) = own(cloud);
        Ok(Self {
            cloud,
            graph: address(graph.unwrap_or(resource), "Graph")?,
            login: address(login.unwrap_or(sign_in), "signing in")?,
            resource,
            exchange,
        })
    }

    /// What is asked for when signing in as an application.
    #[must_use]
    pub fn scope(&self) -> String {
        format!("{}.default", self.resource)
    }
}

fn address(given: &str, what: &'static str) -> Result<Url, EndpointError> {
    let wrong = |why| EndpointError { given: given.to_owned(), what, why };
    let mut url = Url::parse(given).map_err(|_| wrong("it cannot be read"))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(EndpointError { given: "…".to_owned(), what, why: "it holds a name or a password" });
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(wrong("it has a query or a fragment"));
    }
    match url.scheme() {
        "https" => {}
        "http" if here(&url) => {}
        "http" => return Err(wrong("a token would travel in the open")),
        _ => return Err(wrong("it is not https")),
    }
    if !url.path().ends_with('/') {
        url.set_path(&format!("{}/", url.path()));
    }
    Ok(url)
}

/// Whether an address is of this machine.
#[must_use]
pub fn here(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        Some(Host::Ipv4(ip)) => IpAddr::V4(ip).is_loopback(),
        Some(Host::Ipv6(ip)) => IpAddr::V6(ip).is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cloud_has_its_own_addresses() {
        for (cloud, graph, login) in [
            (Cloud::Global, "https://graph.microsoft.com/", "https://login.microsoftonline.com/"),
            (Cloud::Usgov, "https://graph.microsoft.us/", "https://login.microsoftonline.us/"),
            (Cloud::Dod, "https://dod-graph.microsoft.us/", "https://login.microsoftonline.us/"),
            (Cloud::China, "https://microsoftgraph.chinacloudapi.cn/", "https://login.chinacloudapi.cn/"),
        ] {
            let ends = Endpoints::of(cloud, None, None).unwrap();
            assert_eq!((ends.graph.as_str(), ends.login.as_str()), (graph, login));
            assert_eq!(ends.scope(), format!("{graph}.default"));
        }
    }

    #[test]
    fn a_token_travels_encrypted_or_not_at_all() {
        let of = |graph: &str| Endpoints::of(Cloud::Global, Some(graph), None);
        for good in
            ["https://graph.example.com", "http://127.0.0.1:8080/x", "http://[::1]:1", "http://localhost"]
        {
            assert!(of(good).unwrap().graph.path().ends_with('/'), "{good}");
        }
        for bad in [
            "http://graph.microsoft.com",
            "ftp://127.0.0.1",
            "graph.microsoft.com",
            "",
            "https://a:b@graph.microsoft.com",
            "https://graph.microsoft.com/?a=b",
            "http://127.0.0.1.example.com",
            "http://localhost.example.com",
        ] {
            let error = of(bad).unwrap_err().to_string();
            assert!(!error.contains("a:b"), "{error}");
        }
    }
}
