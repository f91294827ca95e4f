//! The handwritten pages of the book, and its table of contents with the generated ones in it. Comes
//! in: the folder `docs` of the repository. Goes out: texts by path. Not here: the generated pages.

use std::path::Path;

use miette::miette;

use crate::policy::compiled::PolicySet;
use crate::run::Result;

use super::{Pages, index, inputs};

/// mdBook's table of contents. These lines of it stand for the generated ones.
const CONTENTS: &str = "SUMMARY.md";
const POLICIES: &str = "<!-- a page for each policy -->\n";
const SECTIONS: &str = "<!-- a page for each section -->\n";
/// Pages that lie above the folder, for who looks at the repository first.
const ABOVE: [&str; 2] = ["CONTRIBUTING.md", "CHANGELOG.md"];
/// What the pages link to besides pages.
const BESIDE: [&str; 3] = ["md", "json", "yaml"];

/// Adds the pages of the folder, and the table of contents.
///
/// # Errors
/// A file that can't be read, a table of contents without the lines to replace.
pub(super) fn add(folder: &Path, set: &PolicySet, pages: &mut Pages) -> Result<()> {
    let listed = std::fs::read_dir(folder).map_err(|error| inputs::unreadable(folder, &error))?;
    for entry in listed {
        let path = entry.map_err(|error| inputs::unreadable(folder, &error))?.path();
        let taken = path.extension().is_some_and(|end| BESIDE.iter().any(|taken| end == *taken));
        if let (true, Some(name)) = (taken, path.file_name().and_then(|name| name.to_str())) {
            // In the book these lie side by side.
            let text = ABOVE.iter().fold(read(&path)?, |text, above| {
                text.replace(&format!("](../{above}"), &format!("]({above}"))
            });
            pages.insert(name.to_owned(), text);
        }
    }
    for name in ABOVE {
        let text = read(&folder.join("..").join(name))?;
        pages.insert(name.to_owned(), text.replace("](docs/", "]("));
    }
    let contents = pages.remove(CONTENTS).unwrap_or_default();
    let contents = replaced(&contents, POLICIES, &index::contents_of_policies(set))?;
    let contents = replaced(&contents, SECTIONS, &index::contents_of_sections())?;
    pages.insert(CONTENTS.to_owned(), contents);
    Ok(())
}

fn read(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).map_err(|error| inputs::unreadable(path, &error))
}

fn replaced(text: &str, line: &str, by: &str) -> Result<String> {
    if text.contains(line) {
        return Ok(text.replace(line, by));
    }
    Err(miette!(
        code = "levelmark::docs::contents",
        help = "put the line where the generated pages belong",
        "{CONTENTS} lacks the line {}",
        line.trim_end()
    ))
}
