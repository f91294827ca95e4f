//! The policy files that a set is made of, for a copy. Comes in: the options of loading. Goes out: each
//! file with its bytes, built-in ones from the program. Not here: what stands in them.

use std::path::Path;

use super::{Content, Files, Found, LoadOptions};
use crate::yaml::{Mistake, Mistakes, file};

/// A policy file, `model.yaml` or `params.yaml`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyFile {
    /// Which of the directories it is from; None = built in.
    pub directory: Option<usize>,
    /// Its path below that, with `/`.
    pub path: String,
    /// What stands in it.
    pub bytes: Vec<u8>,
}

/// All files that [`super::PolicySet::load`] would read. Built-in policies that a file replaces are among them:
/// who reads the copy sees what was replaced.
///
/// # Errors
/// All files that can't be read.
pub fn files(options: &LoadOptions<'_>) -> Result<Vec<PolicyFile>, Mistakes> {
    let (mut all, mut mistakes) = (Vec::new(), Vec::new());
    let mut builtin = Files::default();
    builtin.builtin();
    if options.no_builtin {
        builtin.policies.clear();
    }
    builtin.copy(None, Path::new("policies"), &mut all, &mut mistakes);
    for (number, root) in options.directories.iter().enumerate() {
        let mut files = Files::default();
        files.directory(root, false, &mut mistakes);
        files.copy(Some(number), root, &mut all, &mut mistakes);
    }
    Mistakes::check(mistakes)?;
    all.sort_by(|a, b| (a.directory, &a.path).cmp(&(b.directory, &b.path)));
    Ok(all)
}

impl Files {
    fn copy(
        self,
        directory: Option<usize>,
        root: &Path,
        all: &mut Vec<PolicyFile>,
        mistakes: &mut Vec<Mistake>,
    ) {
        for file in self.models.into_iter().chain(self.params).chain(self.policies) {
            match copied(&file, root) {
                Ok((path, bytes)) => all.push(PolicyFile { directory, path, bytes }),
                Err(mistake) => mistakes.push(mistake),
            }
        }
    }
}

/// Path below the root, and bytes.
fn copied(file: &Found, root: &Path) -> Result<(String, Vec<u8>), Mistake> {
    let say = |why: &str| Mistake::new("policy::file", format!("{}: {why}", file.name), None);
    let (path, bytes) = match &file.content {
        Content::Held(bytes) => (Path::new(&file.name), bytes.to_vec()),
        Content::OnDisk(path) => {
            let bytes = file::read(path).map_err(|error| say(&format!("can't be read: {error}")))?;
            (path.as_path(), bytes)
        }
    };
    let steps = path.strip_prefix(root).map_err(|_| say("not below its folder"))?.iter();
    let steps = steps.map(|step| step.to_str()).collect::<Option<Vec<&str>>>();
    let steps = steps.ok_or_else(|| say("its name is not UTF-8"))?;
    Ok((steps.join("/"), bytes))
}
