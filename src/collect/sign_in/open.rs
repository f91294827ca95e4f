//! The desktop's browser. Comes in: an address. Goes out: a window, if there is a desktop; nobody waits
//! for it, and that none came is no error, for the address is told, too. Not here: what comes back
//! (`landing`).

use std::fmt;
use std::process::Stdio;
use std::sync::Arc;

use tokio::process::Command;
use url::Url;

/// Opens an address.
#[derive(Clone)]
pub struct Open(Arc<dyn Fn(&Url) + Send + Sync>);

impl Open {
    /// By the desktop's own command.
    #[must_use]
    pub fn program() -> Self {
        Self::by(|url| {
            // No shell in between: the address is one argument, whatever it holds.
            let (program, first): (&str, &[&str]) = match std::env::consts::OS {
                "macos" => ("open", &[]),
                "windows" => ("rundll32", &["url.dll,FileProtocolHandler"]),
                _ => ("xdg-open", &[]),
            };
            let mut command = Command::new(program);
            command.args(first).arg(url.as_str());
            let _ = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        })
    }

    /// By something else.
    pub fn by(open: impl Fn(&Url) + Send + Sync + 'static) -> Self {
        Self(Arc::new(open))
    }

    pub(super) fn open(&self, url: &Url) {
        (self.0)(url);
    }
}

impl fmt::Debug for Open {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Open")
    }
}
