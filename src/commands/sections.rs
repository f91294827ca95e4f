//! `sections`: what a snapshot can hold, with permissions; or a script that fetches it.

use miette::miette;

use crate::cli::{Script, Sections, SectionsFormat};
use crate::exit;
use crate::run::{Result, Terminal};
use crate::sections::{self, Section, page, script};
use crate::yaml::suggest;

/// Prints the list or the script.
///
/// # Errors
/// An unknown section.
pub fn run(args: &Sections, terminal: &Terminal) -> Result<u8> {
    let chosen = args.ids.iter().map(|id| find(id)).collect::<Result<Vec<&Section>>>()?;
    match (args.script, args.format) {
        (Some(Script::Powershell), _) => terminal.print(&script::powershell(&chosen))?,
        (None, SectionsFormat::Json) => terminal.print_json(&rows(&chosen).collect::<Vec<_>>())?,
        (None, SectionsFormat::Text) => terminal.print(&table(&chosen))?,
        (None, SectionsFormat::Markdown) => terminal.print(&page::markdown())?,
    }
    Ok(exit::MET)
}

/// A section by its id.
///
/// # Errors
/// None of that name; the nearest is named.
pub fn find(id: &str) -> Result<&'static Section> {
    sections::find(id).ok_or_else(|| {
        let help = match sections::suggest(id) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`levelmark sections` lists them all".to_owned(),
        };
        miette!(
            code = "levelmark::sections::unknown",
            help = help,
            "there is no section `{}`",
            suggest::shown(id)
        )
    })
}

fn rows<'a>(chosen: &'a [&'static Section]) -> impl Iterator<Item = sections::Row> + 'a {
    sections::rows().filter(|row| chosen.is_empty() || chosen.iter().any(|section| section.id == row.id))
}

/// Two lines a section: id, ways in, permission, licence; and what it is.
fn table(chosen: &[&'static Section]) -> String {
    let mut out = String::new();
    for row in rows(chosen) {
        let licence = if row.licence.is_empty() { String::new() } else { format!("  [{}]", row.licence) };
        let permission =
            if row.permission.is_empty() { String::new() } else { format!("  {}", row.permission) };
        out.push_str(&format!("{:<38} {}{permission}{licence}\n    {}\n", row.id, row.via, row.about));
    }
    out.push_str("Permissions: application / delegated, the least that suffices. In brackets what has to be licensed.\n");
    out
}
