//! The comment of a pull request: one for each name, brought up to date with every run. Comes in: a body that
//! the gate wrote, and the runner's variables. Goes out: requests through `gh`, which knows token and address.
//! Not here: whether there may be a comment (`gate`).
//!
//! Ours is the one that begins with our mark and that this very token wrote: what somebody else wrote, with
//! our mark or not, is never touched.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use miette::miette;
use serde::Deserialize;
use serde_json::{Value, json};

use super::event::{Event, Origin};
use super::inputs;
use super::log::{self, Note};
use super::runner::{self, Variables};
use crate::exit;
use crate::run::Result;
use crate::terminal::Terminal;

/// Comments of a pull request, a page at a time.
const QUERY: &str = "query($owner: String!, $name: String!, $number: Int!, $endCursor: String) { repository(owner: $owner, name: \
$name) { pullRequest(number: $number) { comments(first: 100, after: $endCursor) { pageInfo { hasNextPage endCursor } nodes { \
databaseId body viewerDidAuthor } } } } }";

/// Writes it. What goes wrong is a warning: the gate has been decided.
///
/// # Errors
/// The log is closed.
pub(super) fn run(terminal: &Terminal) -> Result<u8> {
    let variables = |name: &str| terminal.variable(name);
    let note = match write(&variables) {
        Ok(what) => Note::notice(what),
        Err(error) => Note::warning(format!(
            "the comment was not written: {error}. It needs `permissions: pull-requests: write`; the job summary says the same"
        )),
    };
    log::tell(terminal, &note)?;
    Ok(exit::MET)
}

fn write(variables: Variables<'_>) -> Result<String> {
    let needed = |name: &str| variables(name).ok_or_else(|| miette!("{name} is not set"));
    let name = inputs::name(variables)?;
    let repository = needed("GITHUB_REPOSITORY")?;
    let (owner, project) =
        repository.split_once('/').ok_or_else(|| miette!("GITHUB_REPOSITORY names no repository"))?;
    let Event { origin: Origin::Proposal(proposal), .. } = runner::event(variables)? else {
        return Err(miette!("the event is no pull request"));
    };
    let number = proposal.number.ok_or_else(|| miette!("the event has no pull request"))?;
    let gh = Gh::of(variables);
    let mark = format!("<!-- levelmark: {name} -->");
    let text = std::fs::read_to_string(Path::new(&needed("LEVELMARK_COMMENT")?))
        .map_err(miette::Report::from_err)?;
    let body = json!({ "body": format!("{mark}\n{text}") });
    let ours = gh.comments(owner, project, number)?;
    let ours = ours.into_iter().find(|comment| comment.viewer_did_author && comment.body.starts_with(&mark));
    match ours {
        Some(Comment { database_id, .. }) => {
            gh.send("PATCH", &format!("repos/{owner}/{project}/issues/comments/{database_id}"), &body)?;
            Ok("the comment was brought up to date".to_owned())
        }
        None => {
            gh.send("POST", &format!("repos/{owner}/{project}/issues/{number}/comments"), &body)?;
            Ok("the comment was written".to_owned())
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Comment {
    database_id: u64,
    body: String,
    viewer_did_author: bool,
}

/// GitHub's own program, which is on its runners.
struct Gh {
    /// Another host than github.com.
    host: Option<String>,
}

impl Gh {
    fn of(variables: Variables<'_>) -> Self {
        let host =
            variables("GITHUB_SERVER_URL").and_then(|url| Some(url.strip_prefix("https://")?.to_owned()));
        Self { host: host.filter(|host| host != "github.com") }
    }

    fn comments(&self, owner: &str, name: &str, number: u64) -> Result<Vec<Comment>> {
        let fields = [format!("query={QUERY}"), format!("owner={owner}"), format!("name={name}")];
        let number = format!("number={number}");
        let mut arguments = vec!["api", "graphql", "--paginate"];
        arguments.extend(fields.iter().flat_map(|field| ["--raw-field", field.as_str()]));
        arguments.extend(["--field", &number]);
        let answer = self.run(&arguments, None)?;
        let mut comments = Vec::new();
        // One document a page, one behind the other.
        for page in serde_json::Deserializer::from_slice(&answer).into_iter::<Value>() {
            let mut page = page.map_err(miette::Report::from_err)?;
            let nodes = page.pointer_mut("/data/repository/pullRequest/comments/nodes").map(Value::take);
            let nodes = nodes.ok_or_else(|| miette!("gh gave no comments"))?;
            let nodes: Vec<Comment> = serde_json::from_value(nodes).map_err(miette::Report::from_err)?;
            comments.extend(nodes);
        }
        Ok(comments)
    }

    fn send(&self, method: &str, path: &str, body: &Value) -> Result<()> {
        self.run(&["api", "--silent", "--method", method, path, "--input", "-"], Some(body)).map(drop)
    }

    fn run(&self, arguments: &[&str], input: Option<&Value>) -> Result<Vec<u8>> {
        let mut command = Command::new("gh");
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        if let Some(host) = &self.host {
            command.env("GH_HOST", host);
        }
        let mut child = command.spawn().map_err(|error| miette!("gh can't be run: {error}"))?;
        if let (Some(mut pipe), Some(body)) = (child.stdin.take(), input) {
            // Whoever does not listen says why on its own.
            let _ = pipe.write_all(body.to_string().as_bytes());
        }
        let done = child.wait_with_output().map_err(miette::Report::from_err)?;
        if done.status.success() {
            return Ok(done.stdout);
        }
        let said = String::from_utf8_lossy(&done.stderr);
        Err(miette!("gh says: {}", said.lines().next().unwrap_or("nothing")))
    }
}
