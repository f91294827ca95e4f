//! Why there is no answer. Comes in: what happened to a request. Goes out: the state that it gives a
//! section, with a reason and a way out. Not here: trying again (`retry`).

use crate::collect::sign_in::SignInError;
use crate::import::graph::refusal::Refusal;
use crate::sections::Section;
use crate::snapshot::record::{SectionRecord, State};
use crate::yaml::suggest::shown;

/// Why there is no answer.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Failure {
    /// Graph refused: a permission, a licence, the service itself.
    #[error("{}", .0.reason())]
    Refused(Refusal),
    /// Too many requests, whenever we asked.
    #[error("throttled: gave up after {0} attempts")]
    Throttled(u32),
    /// The service asks for more patience than anybody has.
    #[error("throttled: the service asks to wait {0} minutes")]
    Patience(u64),
    /// No connection, or it broke.
    #[error("{0}")]
    Network(String),
    /// An answer that can't be one.
    #[error("the answer was not usable: {0}")]
    Answer(String),
    /// An answer beyond a limit of ours.
    #[error("the answer was too large: {0}")]
    TooLarge(String),
    /// It led somewhere where no token goes.
    #[error("not followed: {0}")]
    Elsewhere(String),
    /// The disk.
    #[error("it could not be kept: {0}")]
    Disk(String),
    /// No token any more: the rest would fail, too.
    #[error("{}", .0.what)]
    SignIn(SignInError),
}

impl Failure {
    /// The record of a section of which nothing came.
    pub fn record(&self, section: &Section) -> SectionRecord {
        match self {
            Self::Refused(refusal) => refusal.record(section),
            Self::Throttled(_) | Self::Patience(_) => {
                SectionRecord { code: Some("TooManyRequests".to_owned()), ..self.failed() }
            }
            Self::Network(_)
            | Self::Answer(_)
            | Self::TooLarge(_)
            | Self::Elsewhere(_)
            | Self::Disk(_)
            | Self::SignIn(_) => self.failed(),
        }
    }

    fn failed(&self) -> SectionRecord {
        SectionRecord { reason: Some(self.to_string()), ..SectionRecord::of(State::Failed) }
    }

    /// Which state it means.
    pub fn state(&self) -> State {
        match self {
            Self::Refused(refusal) => refusal.state(),
            Self::Throttled(_)
            | Self::Patience(_)
            | Self::Network(_)
            | Self::Answer(_)
            | Self::TooLarge(_)
            | Self::Elsewhere(_)
            | Self::Disk(_)
            | Self::SignIn(_) => State::Failed,
        }
    }

    /// The object that was asked about is not there any more.
    pub fn is_gone(&self) -> bool {
        matches!(self, Self::Refused(refusal) if refusal.is_gone())
    }
}

impl From<reqwest::Error> for Failure {
    /// An address may hold what a tenant's administrator would not want in a log: it is left out.
    fn from(error: reqwest::Error) -> Self {
        let error = error.without_url();
        let mut text = if error.is_timeout() {
            "no answer in time".to_owned()
        } else if error.is_connect() {
            "no connection".to_owned()
        } else {
            "the connection broke".to_owned()
        };
        let mut cause: Option<&dyn std::error::Error> = std::error::Error::source(&error);
        // The innermost cause says most: "connection refused", "invalid peer certificate".
        while let Some(next) = cause.and_then(std::error::Error::source) {
            cause = Some(next);
        }
        if let Some(cause) = cause {
            text.push_str(": ");
            text.push_str(&shown(&cause.to_string()));
        }
        Self::Network(text)
    }
}
