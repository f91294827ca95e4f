//! Where the browser comes back to: `http://localhost` and a port, on this machine alone. Comes in: the
//! state that was sent along. Goes out: the code that came back with it. Not here: what the code is
//! good for (`browser`). Whatever else calls is answered and forgotten.

use std::future::pending;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use futures::StreamExt;
use futures::stream::FuturesUnordered;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use url::form_urlencoded;

/// A request line with its headers; codes have some kilobytes.
const LARGEST: usize = 32 * 1024;
/// Browsers keep connections open that they may never use.
const PATIENCE: Duration = Duration::from_secs(10);
/// More callers at once are none of ours.
const CALLERS: usize = 64;

/// A listener on this machine.
pub(super) struct Landing {
    v4: TcpListener,
    /// `localhost` may mean this one; not every machine has it.
    v6: Option<TcpListener>,
    port: u16,
}

/// What came back: a code, or what the sign-in service says.
pub(super) type Outcome = Result<String, String>;

impl Landing {
    /// Listens at any free port.
    pub(super) async fn new() -> io::Result<Self> {
        let v4 = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let port = v4.local_addr()?.port();
        let v6 = TcpListener::bind((Ipv6Addr::LOCALHOST, port)).await.ok();
        Ok(Self { v4, v6, port })
    }

    /// The address to come back to. Entra lets public clients use any port of `localhost` (RFC 8252,
    /// section 7.3), and compares the rest as text: no slash.
    pub(super) fn address(&self) -> String {
        format!("http://localhost:{}", self.port)
    }

    /// Waits for the browser.
    pub(super) async fn outcome(&self, state: &str) -> Outcome {
        let mut callers = FuturesUnordered::new();
        loop {
            let accepted = async {
                match &self.v6 {
                    Some(v6) => tokio::select! { v4 = self.v4.accept() => v4, v6 = v6.accept() => v6 },
                    None => self.v4.accept().await,
                }
            };
            let finished = async {
                match callers.next().await {
                    Some(outcome) => outcome,
                    None => pending().await,
                }
            };
            let caller = tokio::select! {
                accepted = accepted => accepted.ok(),
                outcome = finished => match outcome {
                    Some(outcome) => return outcome,
                    None => None,
                },
            };
            if let Some((stream, _)) = caller
                && callers.len() < CALLERS
            {
                callers.push(async move {
                    tokio::time::timeout(PATIENCE, call(stream, state)).await.ok().flatten()
                });
            }
        }
    }
}

/// One caller: answers, and gives what it brought if it is the browser.
async fn call(mut stream: TcpStream, state: &str) -> Option<Outcome> {
    let mut head = Vec::new();
    while memchr::memmem::find(&head, b"\r\n\r\n").is_none() {
        if head.len() > LARGEST || stream.read_buf(&mut head).await.ok()? == 0 {
            return None;
        }
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let outcome = brought(head.lines().next().unwrap_or_default(), state);
    let (status, text) = match &outcome {
        Some(Ok(_)) => {
            ("200 OK", "Signed in. This window can be closed; levelmark goes on in the terminal.".to_owned())
        }
        Some(Err(why)) => ("200 OK", format!("Not signed in. {why}")),
        None => ("404 Not Found", "Nothing is here.".to_owned()),
    };
    let _ = stream.write_all(page(status, &text).as_bytes()).await;
    let _ = stream.shutdown().await;
    outcome
}

/// The code, or the error, of a request with our state.
fn brought(request: &str, state: &str) -> Option<Outcome> {
    let mut words = request.split(' ');
    let (method, target) = (words.next()?, words.next()?);
    let query = target.strip_prefix("/?").filter(|_| method == "GET")?;
    let value = |wanted: &str| {
        form_urlencoded::parse(query.as_bytes())
            .find(|(name, _)| name == wanted)
            .map(|(_, value)| value.into_owned())
    };
    if value("state")? != state {
        return None;
    }
    match value("error") {
        Some(error) => Some(Err(value("error_description").unwrap_or(error))),
        None => value("code").filter(|code| !code.is_empty()).map(Ok),
    }
}

fn page(status: &str, text: &str) -> String {
    let text = html(text);
    let body = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>levelmark</title><p>{text}</p></html>"
    );
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {length}\r\n\
         Cache-Control: no-store\r\nContent-Security-Policy: default-src 'none'\r\nReferrer-Policy: no-referrer\r\n\
         X-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n{body}"
    )
}

/// HTML text, <https://html.spec.whatwg.org/#escapingString>.
fn html(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            letter => out.push(letter),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_browser_with_our_state_is_heard() {
        let of = |line: &str| brought(line, "s1");
        assert_eq!(of("GET /?code=c%2B1&state=s1 HTTP/1.1"), Some(Ok("c+1".to_owned())));
        assert_eq!(
            of("GET /?error=access_denied&error_description=AADSTS65004%3A+no&state=s1 HTTP/1.1"),
            Some(Err("AADSTS65004: no".to_owned()))
        );
        for other in [
            "GET /favicon.ico HTTP/1.1",
            "GET / HTTP/1.1",
            "GET /?code=c1 HTTP/1.1",
            "GET /?code=c1&state=s2 HTTP/1.1",
            "GET /?code=c1&state=s2&state=s1 HTTP/1.1",
            "GET /?code=&state=s1 HTTP/1.1",
            "GET /?error=x&state= HTTP/1.1",
            "POST /?code=c1&state=s1 HTTP/1.1",
            "GET",
            "",
        ] {
            assert_eq!(of(other), None, "{other}");
        }
    }

    #[test]
    fn the_page_is_text() {
        let page = page("200 OK", "<script>alert('&\"')</script>");
        assert!(
            page.contains("&lt;script&gt;alert(&#39;&amp;&quot;&#39;)&lt;/script&gt;")
                && !page.contains("<script")
        );
    }
}
