//! Prism as a child process in front of the fake. Comes in: the program, the contract, an address. Goes
//! out: an answer to each request, and what Prism says against either. Not here: which requests.
//!
//! <https://docs.stoplight.io/docs/prism/83dbbd75532cf-http-mocking>, "proxy".

use std::fs::File;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use reqwest::{Method, Response};
use serde_json::Value;
use tempfile::NamedTempFile;
use tokio::process::{Child, Command};

/// How long Prism may take to read the contract: some twenty seconds on a busy machine.
const START: Duration = Duration::from_secs(180);
/// What types of Prism's own answers start with.
const OWN: &str = "https://stoplight.io/prism/errors#";

/// A running Prism, which ends when dropped, on a panic too.
#[derive(Debug)]
pub(crate) struct Prism {
    address: String,
    _child: Child,
    _log: NamedTempFile,
    http: reqwest::Client,
}

impl Prism {
    /// Starts it on a free port and waits until it listens.
    pub(crate) async fn start(program: &str, contract: &Path, upstream: &str) -> Self {
        let log = NamedTempFile::new().unwrap();
        let file = || Stdio::from(File::options().append(true).open(log.path()).unwrap());
        let mut child = Command::new(program)
            .args(["proxy", "--errors", "--host", "127.0.0.1", "--port", "0"])
            .args([contract.as_os_str(), upstream.as_ref()])
            .stdin(Stdio::null())
            .stdout(file())
            .stderr(file())
            .kill_on_drop(true)
            .spawn()
            .unwrap_or_else(|error| panic!("{program}: {error}"));
        let said = || std::fs::read_to_string(log.path()).unwrap();
        let ready = async {
            loop {
                if let Some(address) = listening(&said()) {
                    return address;
                }
                if let Some(status) = child.try_wait().unwrap() {
                    panic!("Prism ended with {status}:\n{}", said());
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        let address = tokio::time::timeout(START, ready).await;
        let address = address.unwrap_or_else(|_| panic!("Prism does not start:\n{}", said()));
        Self { address, _child: child, _log: log, http: levelmark::collect::http::direct().unwrap() }
    }

    /// Sends a request through it; the status of the answer, and what is wrong with the two.
    pub(crate) async fn ask(
        &self,
        method: &str,
        target: &str,
        headers: &[(String, String)],
    ) -> (u16, Vec<String>) {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let mut request = self.http.request(method, format!("{}{target}", self.address));
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), violations(answer).await)
    }
}

/// The address that Prism says it listens on.
fn listening(log: &str) -> Option<String> {
    let (_, rest) = log.split_once("Prism is listening on ")?;
    let (address, _) = rest.split_once('\n')?;
    Some(address.trim().to_owned())
}

async fn violations(answer: Response) -> Vec<String> {
    // What `--errors` lets pass: violations that are no errors to Prism.
    let header = answer.headers().get("sl-violations").map(|value| format!("{value:?}"));
    let body: Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap_or_default();
    let Some(kind) = body["type"].as_str().and_then(|kind| kind.strip_prefix(OWN)) else {
        return header.into_iter().collect();
    };
    let each = body["validation"].as_array().into_iter().flatten();
    let said: Vec<String> = each
        .map(|one| {
            let place = one["location"].as_array().into_iter().flatten();
            let place: Vec<String> =
                place.map(|part| part.as_str().map_or_else(|| part.to_string(), str::to_owned)).collect();
            format!("{}: {}", place.join("."), one["message"].as_str().unwrap_or_default())
        })
        .collect();
    if said.is_empty() { vec![format!("{kind}: {}", body["detail"])] } else { said }
}
