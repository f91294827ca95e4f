//! `permissions`: the least that the collector must be granted for the chosen policies. Comes in:
//! arguments. Goes out: a table, or what registers an application. Not here: the rules (`sections`).

use comfy_table::ColumnConstraint;
use serde::Serialize;

use crate::cli::{Permissions, PermissionsFormat};
use crate::exit;
use crate::policy::compiled::PolicySet;
use crate::run::{Result, Terminal};
use crate::sections::choose::{Chosen, Why, Wish, choose};
use crate::sections::least::{Least, Row, least};
use crate::sections::{Section, registration};

use super::{inputs, sections};

/// Prints the permissions.
///
/// # Errors
/// Invalid policies, an unknown policy or section.
pub fn run(args: &Permissions, terminal: &Terminal) -> Result<u8> {
    let set = PolicySet::load(&inputs::load_options(&args.policies))?;
    let only = inputs::only(&set, &args.only)?;
    let include = args.include.iter().map(|id| served(id)).collect::<Result<Vec<&Section>>>()?;
    let chosen = choose(&Wish {
        read: &inputs::wanted(&set, only.as_deref()),
        all: args.all,
        include: &include,
        plans_declared: args.plans_declared,
    });
    let least = least(&chosen.sections, args.delegated);
    match args.format {
        PermissionsFormat::Text => terminal.print(&text(&least, &chosen, terminal))?,
        PermissionsFormat::Json => terminal.print_json(&json(&least, &chosen))?,
        PermissionsFormat::Manifest => terminal.print_json(&registration::manifest(&least))?,
        PermissionsFormat::Az => terminal.print(&registration::az(&least))?,
        PermissionsFormat::Powershell => terminal.print(&registration::powershell(&least))?,
    }
    Ok(exit::MET)
}

/// A section that Graph serves, by its id.
pub(super) fn served(id: &str) -> Result<&'static Section> {
    let section = sections::find(id)?;
    if section.graph.is_some() {
        return Ok(section);
    }
    Err(miette::miette!(
        code = "levelmark::sections::not_from_graph",
        help = "`levelmark sections` says how each section comes in",
        "the section `{}` is not read from Microsoft Graph and needs no permission",
        section.id
    ))
}

fn text(least: &Least, chosen: &Chosen, terminal: &Terminal) -> String {
    let mut table = terminal.table();
    table.set_header(["permission", "for"]);
    for row in &least.rows {
        let marked = if row.sensitive() { format!("{} !", row.name) } else { row.name.to_owned() };
        table.add_row([marked, uses(row).join(", ")]);
    }
    // Names are there to be copied.
    if let Some(names) = table.column_mut(0) {
        names.set_constraint(ColumnConstraint::ContentWidth);
    }
    let kind = if least.person { "delegated permissions" } else { "application permissions" };
    let mut out = format!("{table}\n{} {kind} of Microsoft Graph", least.rows.len());
    if least.rows.iter().any(Row::sensitive) {
        out.push_str("; ! marks what only sections collected on request need");
    }
    out.push_str(".\n");
    out.push_str(&consent(least));
    for row in least.by_name() {
        out.push_str(&format!("{}: its id is not known here, add it by name in the portal.\n", row.name));
    }
    out.push_str(&elsewhere(least));
    out.push_str(&left_out(chosen));
    out.push_str("\n--format az, powershell or manifest registers an application with these.\n");
    out
}

/// Who has to agree.
fn consent(least: &Least) -> String {
    let own: Vec<&str> = least.rows.iter().filter(|row| !least.admin(row)).map(|row| row.name).collect();
    let administrator = "An administrator consents to them";
    if own.is_empty() {
        format!("{administrator}.\n")
    } else {
        format!("{administrator}; people may consent by themselves to {}.\n", own.join(", "))
    }
}

fn uses(row: &Row) -> Vec<String> {
    row.uses.iter().map(ToString::to_string).collect()
}

/// What the other kind of sign-in alone can read.
fn elsewhere(least: &Least) -> String {
    if least.elsewhere.is_empty() {
        return String::new();
    }
    let mut out = if least.person {
        "\nOnly an application by itself can read (run without --delegated):\n".to_owned()
    } else {
        "\nOnly a signed-in person can read (--delegated):\n".to_owned()
    };
    for (section, permissions) in &least.elsewhere {
        out.push_str(&format!("  {:<28} {}\n", section.id, permissions.join(" ")));
    }
    out
}

fn left_out(chosen: &Chosen) -> String {
    let of = |wanted: Why| {
        chosen.left_out.iter().filter(move |(_, why)| *why == wanted).map(|(section, _)| section)
    };
    let mut out = String::new();
    if of(Why::Sensitive).next().is_some() {
        out.push_str("\nLeft out unless asked for, with --include SECTION:\n");
        for section in of(Why::Sensitive) {
            out.push_str(&format!("  {:<28} {}\n", section.id, section.sensitive));
        }
    }
    let unread: Vec<&str> = of(Why::NotRead).map(|section| section.id).collect();
    if !unread.is_empty() {
        out.push_str("\nLeft out since no chosen policy reads them (--all takes them):\n");
        for id in unread {
            out.push_str(&format!("  {id}\n"));
        }
    }
    out
}

/// The same for machines.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Listed {
    kind: &'static str,
    permissions: Vec<ListedPermission>,
    elsewhere: Vec<Elsewhere>,
    left_out: Vec<LeftOut>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ListedPermission {
    name: &'static str,
    id: Option<&'static str>,
    admin_consent: bool,
    on_request: bool,
    uses: Vec<ListedUse>,
}

#[derive(Serialize)]
struct ListedUse {
    section: &'static str,
    field: Option<&'static str>,
}

#[derive(Serialize)]
struct Elsewhere {
    section: &'static str,
    permissions: Vec<&'static str>,
}

#[derive(Serialize)]
struct LeftOut {
    section: &'static str,
    why: &'static str,
    reason: &'static str,
}

fn json(least: &Least, chosen: &Chosen) -> Listed {
    let permission = |row: &Row| ListedPermission {
        name: row.name,
        id: least.id(row),
        admin_consent: least.admin(row),
        on_request: row.sensitive(),
        uses: row.uses.iter().map(|used| ListedUse { section: used.section.id, field: used.field }).collect(),
    };
    let elsewhere = least.elsewhere.iter();
    let left_out = chosen.left_out.iter();
    Listed {
        kind: if least.person { "delegated" } else { "application" },
        permissions: least.rows.iter().map(permission).collect(),
        elsewhere: elsewhere
            .map(|(section, permissions)| Elsewhere { section: section.id, permissions: permissions.clone() })
            .collect(),
        left_out: left_out
            .map(|(section, why)| LeftOut { section: section.id, why: why.word(), reason: section.sensitive })
            .collect(),
    }
}
