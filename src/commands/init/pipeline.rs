//! Workflows from templates. Comes in: a tenant folder. Goes out: where the file belongs in the repository, and
//! its text. Not here: writing it.

use std::path::{Component, Path, PathBuf};

use miette::miette;

use crate::cli::Init;
use crate::run::Result;

const GITHUB: &str = include_str!("github.yml");
const AZURE: &str = include_str!("azure.yml");

/// A file to be written.
pub(super) struct Pipeline {
    pub path: PathBuf,
    pub text: String,
    /// What a person does then.
    pub next: &'static str,
}

/// The files that were asked for.
///
/// # Errors
/// The folder or the repository of the action can't stand in a workflow.
pub(super) fn asked(args: &Init) -> Result<Vec<Pipeline>> {
    let mut files = Vec::new();
    let kinds = [
        (
            args.github,
            ".github/workflows/levelmark.yml",
            GITHUB,
            "its first lines say how to begin: an application, two variables, one run by hand; docs/github.md says more",
        ),
        (
            args.azure_devops,
            "azure-pipelines-levelmark.yml",
            AZURE,
            "its first lines say how to begin: a service connection, a pipeline, one run by hand; docs/azure-devops.md says more",
        ),
    ];
    for (_, place, template, next) in kinds.into_iter().filter(|(asked, ..)| *asked) {
        let (root, tenant) = within(&args.folder)?;
        let action = action(args.repository.as_deref())?;
        let branch = branch(args.branch.as_deref(), &root)?;
        let text = filled(template, (&tenant, &branch), &action);
        files.push(Pipeline { path: root.join(place), text, next });
    }
    Ok(files)
}

/// The root of the repository around a folder, else the folder itself, and the way from there.
fn within(folder: &Path) -> Result<(PathBuf, String)> {
    let whole = std::path::absolute(folder).map_err(miette::Report::from_err)?;
    let whole: PathBuf = whole.components().filter(|step| *step != Component::CurDir).collect();
    let Some(root) = whole.ancestors().find(|above| above.join(".git").exists()) else {
        return Ok((folder.to_owned(), ".".to_owned()));
    };
    let steps: Option<Vec<&str>> = whole
        .strip_prefix(root)
        .ok()
        .and_then(|inside| inside.components().map(|step| step.as_os_str().to_str()).collect());
    let fits = |step: &&str| {
        *step != ".."
            && step.chars().all(|c| c.is_alphanumeric() || " -_.".contains(c))
            && !step.starts_with('-')
    };
    match steps {
        Some(steps) if steps.is_empty() => Ok((root.to_owned(), ".".to_owned())),
        Some(steps) if steps.iter().all(fits) => Ok((root.to_owned(), steps.join("/"))),
        Some(_) | None => Err(miette!(
            code = "levelmark::init::folder",
            help = "letters, digits, blanks and -_. can stand in a workflow; rename the folder",
            "{} can't be named in a workflow",
            folder.display()
        )),
    }
}

/// Levelmark's own repository, OWNER/NAME.
fn action(asked: Option<&str>) -> Result<String> {
    // A release says where it was built; a build of one's own can't know.
    let name = asked.or(option_env!("LEVELMARK_REPOSITORY")).unwrap_or_default();
    let part = |part: &str| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
    };
    let fits = name.split_once('/').is_some_and(|(owner, name)| part(owner) && part(name));
    if fits { Ok(name.to_owned()) } else { Err(no_repository(name)) }
}

fn no_repository(name: &str) -> miette::Report {
    miette!(
        code = "levelmark::init::repository",
        help = "say where this levelmark comes from: --repository OWNER/levelmark",
        "`{}` is no repository on GitHub",
        crate::yaml::suggest::shown(name)
    )
}

/// The branch that pull requests go into: named, or the one that the repository's origin calls its own; else `main`.
///
/// # Errors
/// A name that can't stand in a pipeline.
fn branch(asked: Option<&str>, root: &Path) -> Result<String> {
    let head = || std::fs::read_to_string(root.join(".git/refs/remotes/origin/HEAD")).ok();
    let name = match asked {
        Some(name) => name.to_owned(),
        None => head()
            .and_then(|head| Some(head.trim().strip_prefix("ref: refs/remotes/origin/")?.to_owned()))
            .unwrap_or_else(|| "main".to_owned()),
    };
    let fits = |c: char| c.is_ascii_alphanumeric() || "-_./".contains(c);
    if name.is_empty() || name.starts_with(['-', '/']) || !name.chars().all(fits) {
        return Err(miette!(
            code = "levelmark::init::branch",
            help = "name the branch that pull requests go into: --branch main",
            "`{}` can't stand for a branch in a workflow",
            crate::yaml::suggest::shown(&name)
        ));
    }
    Ok(name)
}

/// A JSON text is a YAML text.
fn filled(template: &str, (tenant, branch): (&str, &str), action: &str) -> String {
    template
        .replace("@BRANCH@", branch)
        .replace("@TENANT@", &serde_json::Value::from(tenant).to_string())
        .replace("@VERSION@", env!("CARGO_PKG_VERSION"))
        .replace("@ACTION@", action)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_placeholder_is_left() {
        for template in [GITHUB, AZURE] {
            let text = filled(template, ("tenants/contoso", "trunk"), "owner/levelmark");
            for word in ["@TENANT@", "@VERSION@", "@ACTION@"] {
                assert!(template.contains(word) && !text.contains(word), "{word}");
            }
            assert!(!text.contains("@BRANCH@"));
            assert!(text.contains("TENANT: \"tenants/contoso\"\n"));
        }
    }

    #[test]
    fn the_branch_is_the_one_of_the_repository() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(branch(None, folder.path()).unwrap(), "main");
        let origin = folder.path().join(".git/refs/remotes/origin");
        std::fs::create_dir_all(&origin).unwrap();
        std::fs::write(origin.join("HEAD"), "ref: refs/remotes/origin/master\n").unwrap();
        assert_eq!(branch(None, folder.path()).unwrap(), "master");
        assert_eq!(branch(Some("release/1"), folder.path()).unwrap(), "release/1");
        for name in ["", "-x", "a b", "a'b", "$(x)", "a\nb"] {
            assert!(branch(Some(name), folder.path()).is_err(), "{name}");
        }
    }

    #[test]
    fn only_a_repository_is_one() {
        assert_eq!(action(Some("owner/levelmark")).unwrap(), "owner/levelmark");
        for text in ["levelmark", "a/b/c", "a/b@c", "/b", "a/", "a b/c"] {
            assert!(action(Some(text)).is_err(), "{text}");
        }
    }
}
