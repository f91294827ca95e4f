//! A synthetic tenant as a snapshot file of about a given size. Comes in: megabytes. Goes out: a
//! file, written as it is made, the same bytes every time. Shapes are Graph's; long texts (posts,
//! issues) are a quarter of it, the rest are the objects and events of which a large tenant has
//! many. Not here: the items (`items`).

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use crate::Failure;
use crate::items;
use crate::random::Random;

/// One section: what share of the bytes it has, and how large an item is on average.
struct Section {
    id: &'static str,
    per_mille: usize,
    bytes: usize,
    item: fn(usize, &Sizes, &mut Random) -> String,
}

/// How many of each there are, so that items can refer to each other.
pub struct Sizes {
    pub users: usize,
    pub groups: usize,
    pub roles: usize,
    pub messages: usize,
    /// Of the section at hand.
    pub own: usize,
}

/// In the order of the file.
const SECTIONS: &[Section] = &[
    Section { id: "applications.registrations", per_mille: 60, bytes: 1594, item: items::application },
    Section { id: "conditionalAccess.policies", per_mille: 10, bytes: 1385, item: items::access_policy },
    Section { id: "devices.managed", per_mille: 110, bytes: 958, item: items::device },
    Section { id: "groups.groups", per_mille: 110, bytes: 1005, item: items::group },
    Section { id: "groups.members", per_mille: 50, bytes: 156, item: items::member },
    Section { id: "logs.directoryAudits", per_mille: 130, bytes: 1155, item: items::audit },
    Section { id: "messageCenter.messages", per_mille: 150, bytes: 3618, item: items::message },
    Section { id: "planner.tasks", per_mille: 50, bytes: 1405, item: items::task },
    Section { id: "roles.activeAssignments", per_mille: 6, bytes: 640, item: items::active_assignment },
    Section { id: "roles.assignments", per_mille: 6, bytes: 394, item: items::assignment },
    Section { id: "roles.definitions", per_mille: 2, bytes: 768, item: items::role },
    Section { id: "roles.eligibilities", per_mille: 6, bytes: 553, item: items::eligibility },
    Section { id: "serviceHealth.issues", per_mille: 60, bytes: 4153, item: items::issue },
    Section { id: "users.accounts", per_mille: 190, bytes: 1680, item: items::user },
    Section { id: "users.registration", per_mille: 60, bytes: 566, item: items::registration },
];

/// Writes a snapshot of about so many megabytes (of a million bytes).
pub fn write(file: &Path, megabytes: usize) -> Result<(), Failure> {
    let sizes = |section: &Section| Sizes {
        users: count("users.accounts", megabytes),
        groups: count("groups.groups", megabytes),
        roles: count("roles.definitions", megabytes),
        messages: count("messageCenter.messages", megabytes),
        own: count(section.id, megabytes),
    };
    let mut out = BufWriter::with_capacity(1 << 20, File::create(file)?);
    head(&mut out, megabytes)?;
    let mut area = "";
    for (n, section) in SECTIONS.iter().enumerate() {
        let Some((own_area, name)) = section.id.split_once('.') else { continue };
        match (area, own_area) {
            ("", _) => write!(out, "\n\"{own_area}\":{{")?,
            (same, own) if same == own => write!(out, ",")?,
            _ => write!(out, "}},\n\"{own_area}\":{{")?,
        }
        area = own_area;
        write!(out, "\n\"{name}\":[")?;
        let (sizes, mut random) = (sizes(section), Random::new(n as u64 + 1));
        for item in 0..sizes.own {
            let comma = if item == 0 { "" } else { "," };
            write!(out, "{comma}\n{}", (section.item)(item, &sizes, &mut random))?;
        }
        write!(out, "]")?;
    }
    writeln!(out, "}}}}}}")?;
    Ok(out.flush()?)
}

fn count(id: &str, megabytes: usize) -> usize {
    let section = SECTIONS.iter().find(|s| s.id == id);
    section.map_or(0, |s| (megabytes * 1_000 * s.per_mille / s.bytes).max(1))
}

fn head(out: &mut impl Write, megabytes: usize) -> io::Result<()> {
    writeln!(out, "{{\"levelmark\":{{\"snapshot\":1}},")?;
    writeln!(
        out,
        "\"tenant\":{{\"id\":\"0b1d6a3e-5f0c-4a39-9f27-2d6f3f0e8c11\",\"displayName\":\"Contoso\",\"defaultDomain\":\"contoso.com\",\"cloud\":\"global\"}},"
    )?;
    writeln!(
        out,
        "\"taken\":{{\"at\":\"2026-11-21T02:36:00Z\",\"by\":\"levelmark-benches\"}},\n\"sections\":{{"
    )?;
    for (n, section) in SECTIONS.iter().enumerate() {
        let comma = if n == 0 { "" } else { ",\n" };
        let items = count(section.id, megabytes);
        write!(
            out,
            "{comma}\"{}\":{{\"state\":\"read\",\"via\":\"graph\",\"at\":\"2026-11-21T02:36:00Z\",\"items\":{items}}}",
            section.id
        )?;
    }
    write!(out, "}},\n\"data\":{{")
}
