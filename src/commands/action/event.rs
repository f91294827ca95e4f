//! What made the workflow run. Comes in: the name of the event, its payload, and what the runner says of the
//! commit. Goes out: whether a change is proposed and by whom, and who can read the repository. Not here:
//! reading any file.

use miette::miette;
use serde::Deserialize;

use crate::run::Result;

/// What made the workflow run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Event {
    pub origin: Origin,
    pub visibility: Visibility,
}

/// Whose files are in the working tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Origin {
    /// The repository's own: a push, a schedule, somebody who may start workflows.
    Own,
    /// A change that is not accepted yet.
    Proposal(Proposal),
}

/// A change that is not accepted yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Proposal {
    /// The commit that it wants to change, as the event tells.
    pub base: Commit,
    /// The last commit of the branch.
    pub head: Commit,
    /// The commit that the runner speaks of, where that is GitHub's own merge of the two.
    pub merge: Option<Commit>,
    /// Number of the pull request; a merge queue has none.
    pub number: Option<u64>,
    /// Set if its author gets neither a token that writes nor an identity.
    pub stranger: Option<Stranger>,
}

/// Who proposes without any right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stranger {
    /// From another repository.
    Fork,
    /// GitHub treats Dependabot's as a fork's.
    Dependabot,
}

/// Who can read the repository, and with it logs, summaries and comments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Visibility {
    Private,
    Public,
    /// The payload of a schedule does not say.
    Unknown,
}

/// The id of a commit, in lower-case hex.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Commit(String);

impl Commit {
    /// A SHA-1 or SHA-256 in full: never a name that git might look up otherwise, never an option.
    pub(super) fn of(text: &str) -> Option<Self> {
        let hex = text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'a'..=b'f'));
        (hex && [40, 64].contains(&text.len())).then(|| Self(text.to_owned()))
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

/// What the runner says in variables.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Told<'a> {
    /// `GITHUB_EVENT_NAME`
    pub name: &'a str,
    /// `GITHUB_SHA`
    pub sha: &'a str,
    /// `GITHUB_REF`
    pub reference: &'a str,
    /// `GITHUB_ACTOR`
    pub actor: &'a str,
}

#[derive(Debug, Default, Deserialize)]
struct Payload {
    repository: Option<Repository>,
    pull_request: Option<PullRequest>,
    merge_group: Option<MergeGroup>,
}

#[derive(Debug, Deserialize)]
struct Repository {
    private: Option<bool>,
    full_name: Option<String>,
}

#[derive(Debug, Deserialize)]
struct PullRequest {
    number: u64,
    base: Side,
    head: Side,
}

#[derive(Debug, Deserialize)]
struct Side {
    sha: String,
    repo: Option<Repository>,
}

#[derive(Debug, Deserialize)]
struct MergeGroup {
    base_sha: String,
    head_sha: String,
}

impl Event {
    /// The change, if it is about one.
    pub(super) fn proposal(&self) -> Option<&Proposal> {
        match &self.origin {
            Origin::Proposal(proposal) => Some(proposal),
            Origin::Own => None,
        }
    }

    /// Understands it.
    ///
    /// # Errors
    /// Events that run a stranger's files with the rights of the repository, and payloads that lack what
    /// has to be known.
    pub(super) fn of(told: Told<'_>, payload: Option<&[u8]>) -> Result<Self> {
        let payload: Payload = match payload {
            Some(bytes) => serde_json::from_slice(bytes).map_err(|error| {
                miette!(code = "levelmark::action::event", "the payload of the event can't be read: {error}")
            })?,
            None => Payload::default(),
        };
        let visibility = match payload.repository.as_ref().and_then(|repository| repository.private) {
            Some(true) => Visibility::Private,
            Some(false) => Visibility::Public,
            None => Visibility::Unknown,
        };
        let origin = match told.name {
            "pull_request" => Origin::Proposal(payload.proposal(told)?),
            "merge_group" => Origin::Proposal(payload.group()?),
            // Without a name it is no runner.
            "push" | "schedule" | "workflow_dispatch" | "" => Origin::Own,
            // What others may start, and whose files are then there, differs from event to event.
            other => return Err(refused(other)),
        };
        Ok(Self { origin, visibility })
    }
}

impl Payload {
    fn proposal(self, told: Told<'_>) -> Result<Proposal> {
        let own = self.repository.and_then(|repository| repository.full_name);
        let Some(request) = self.pull_request else { return Err(lacking("pull_request")) };
        let (Some(base), Some(head)) = (Commit::of(&request.base.sha), Commit::of(&request.head.sha)) else {
            return Err(lacking("pull_request.base.sha and head.sha"));
        };
        // A fork that was deleted has no name any more.
        let theirs = request.head.repo.and_then(|repository| repository.full_name);
        let stranger = match (own, theirs) {
            (Some(own), Some(theirs)) if own.eq_ignore_ascii_case(&theirs) => {
                (told.actor == "dependabot[bot]").then_some(Stranger::Dependabot)
            }
            _ => Some(Stranger::Fork),
        };
        let merged = told.reference == format!("refs/pull/{}/merge", request.number);
        let merge = merged.then(|| Commit::of(told.sha)).flatten();
        Ok(Proposal { base, head, merge, number: Some(request.number), stranger })
    }

    fn group(self) -> Result<Proposal> {
        let group = self.merge_group.ok_or_else(|| lacking("merge_group"))?;
        let (Some(base), Some(head)) = (Commit::of(&group.base_sha), Commit::of(&group.head_sha)) else {
            return Err(lacking("merge_group.base_sha and head_sha"));
        };
        Ok(Proposal { base, head, merge: None, number: None, stranger: None })
    }
}

fn refused(event: &str) -> miette::Report {
    miette!(
        code = "levelmark::action::event",
        help = "let the workflow run on push, schedule, workflow_dispatch, pull_request or merge_group; a token that writes is not needed for checking, and without one the comment \
                and the upload are left out with a notice",
        "the action does not run on `{}`: strangers' files might be read with the rights and secrets of this repository",
        event.escape_debug()
    )
}

fn lacking(what: &str) -> miette::Report {
    miette!(code = "levelmark::action::event", "the payload of the event lacks `{what}`")
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const BASE: &str = "1111111111111111111111111111111111111111";
    const HEAD: &str = "2222222222222222222222222222222222222222";
    const MERGE: &str = "3333333333333333333333333333333333333333";

    fn event(name: &str, payload: &Value) -> Result<Event> {
        let told = Told { name, sha: MERGE, reference: "refs/pull/7/merge", actor: "kim" };
        Event::of(told, Some(payload.to_string().as_bytes()))
    }

    fn request(theirs: Option<&str>) -> Value {
        json!({
            "repository": { "private": true, "full_name": "contoso/audit" },
            "pull_request": {
                "number": 7,
                "base": { "sha": BASE },
                "head": { "sha": HEAD, "repo": theirs.map(|name| json!({ "full_name": name })) },
            },
        })
    }

    fn stranger(theirs: Option<&str>) -> Option<Stranger> {
        match event("pull_request", &request(theirs)).unwrap().origin {
            Origin::Proposal(proposal) => proposal.stranger,
            Origin::Own => panic!("it is a proposal"),
        }
    }

    #[test]
    fn a_proposal_of_another_repository_is_a_strangers() {
        assert_eq!(stranger(Some("contoso/audit")), None);
        assert_eq!(stranger(Some("Contoso/Audit")), None);
        assert_eq!(stranger(Some("mallory/audit")), Some(Stranger::Fork));
        assert_eq!(stranger(None), Some(Stranger::Fork), "a deleted fork");
        let told = Told { name: "pull_request", actor: "dependabot[bot]", ..Told::default() };
        let payload = request(Some("contoso/audit")).to_string();
        let Origin::Proposal(proposal) = Event::of(told, Some(payload.as_bytes())).unwrap().origin else {
            panic!("it is a proposal");
        };
        assert_eq!((proposal.stranger, proposal.merge), (Some(Stranger::Dependabot), None));
    }

    #[test]
    fn github_s_own_merge_is_known_by_its_reference() {
        let Origin::Proposal(proposal) = event("pull_request", &request(None)).unwrap().origin else {
            panic!("it is a proposal");
        };
        assert_eq!(proposal.merge, Commit::of(MERGE));
        assert_eq!((proposal.base, proposal.head), (Commit::of(BASE).unwrap(), Commit::of(HEAD).unwrap()));
    }

    #[test]
    fn events_with_the_rights_of_the_repository_are_refused() {
        for name in [
            "pull_request_target",
            "issue_comment",
            "workflow_run",
            "pull_request_review",
            "issues",
            "repository_dispatch",
            "release",
        ] {
            let error = event(name, &request(None)).unwrap_err();
            assert!(error.to_string().contains("does not run on"), "{name}: {error}");
        }
        for (name, payload) in [
            ("workflow_dispatch", json!({})),
            ("push", json!({})),
            ("schedule", json!({ "schedule": "0 3 * * *" })),
        ] {
            assert_eq!(event(name, &payload).unwrap().origin, Origin::Own, "{name}");
        }
    }

    #[test]
    fn what_is_not_said_is_unknown() {
        let of = |payload: Value| event("push", &payload).unwrap().visibility;
        assert_eq!(of(json!({ "repository": { "private": true } })), Visibility::Private);
        assert_eq!(of(json!({ "repository": { "private": false } })), Visibility::Public);
        assert_eq!(of(json!({})), Visibility::Unknown);
        assert_eq!(Event::of(Told::default(), None).unwrap().visibility, Visibility::Unknown);
    }

    #[test]
    fn a_commit_is_an_id_in_full() {
        for text in ["main", "--upload-pack=x", "", "1111", &"G".repeat(40), &"A".repeat(40)] {
            assert_eq!(Commit::of(text), None, "{text}");
        }
        let group = json!({ "merge_group": { "base_sha": "main", "head_sha": HEAD } });
        assert!(event("merge_group", &group).is_err());
        assert!(event("pull_request", &json!({})).is_err());
        assert!(Event::of(Told::default(), Some(b"{")).is_err());
    }
}
