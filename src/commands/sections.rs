//! `sections`: what a snapshot can hold, with permissions; or a script that fetches it.

use comfy_table::{ContentArrangement, Table, presets};
use miette::miette;

use crate::cli::{Format, Script, Sections};
use crate::exit;
use crate::run::{Result, Terminal};
use crate::sections::{self, Section, script};
use crate::yaml::suggest;

/// Prints the list or the script.
///
/// # Errors
/// An unknown section.
pub fn run(args: &Sections, terminal: &Terminal) -> Result<u8> {
    let chosen = args.ids.iter().map(|id| find(id)).collect::<Result<Vec<&Section>>>()?;
    match (args.script, args.format) {
        (Some(Script::Powershell), _) => terminal.print(&script::powershell(&chosen))?,
        (None, Format::Json) => terminal.print_json(&rows(&chosen).collect::<Vec<_>>())?,
        (None, Format::Text) => terminal.print(&table(&chosen, terminal))?,
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

fn table(chosen: &[&'static Section], terminal: &Terminal) -> String {
    let style = terminal.style(crate::report::text::Volume::Normal);
    let mut table = Table::new();
    table.load_style(if style.unicode {
        presets::UTF8_HORIZONTAL_ONLY
    } else {
        presets::ASCII_HORIZONTAL_ONLY
    });
    table.set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(u16::try_from(style.width).unwrap_or(100));
    table.set_header(["section", "from", "permission (application / delegated)", "licence", "what"]);
    for row in rows(chosen) {
        table.add_row([
            row.id.to_owned(),
            row.via,
            row.permission,
            row.licence.to_owned(),
            row.about.to_owned(),
        ]);
    }
    format!("{table}\n")
}
