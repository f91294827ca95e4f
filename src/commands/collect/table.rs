//! What became of many tenants, as a table, the worst first. Comes in: names and numbers. Goes out: text.
//! Not here: the details, which are in each snapshot.

use std::cmp::Reverse;
use std::time::Duration;

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};
use indicatif::HumanCount;

use crate::collect::many::{Ended, Sums};
use crate::report::text::Volume;
use crate::run::Terminal;
use crate::terminal;

/// The table. On a terminal it fits its width; elsewhere a tenant is a line.
pub(super) fn table(rows: &[(&str, &Ended)], terminal: &Terminal) -> String {
    let style = terminal.style(Volume::Normal);
    let mut table = Table::new();
    if terminal.is_interactive() {
        table.load_style(if style.unicode {
            presets::UTF8_HORIZONTAL_ONLY
        } else {
            presets::ASCII_HORIZONTAL_ONLY
        });
        table.set_content_arrangement(ContentArrangement::Dynamic);
        table.set_width(u16::try_from(style.width).unwrap_or(100));
    } else {
        table.load_style(presets::NOTHING);
    }
    let failed = rows.iter().any(|(_, ended)| ended.result.is_err());
    let why = failed.then_some("not collected");
    let heads = ["tenant", "read", "in part", "denied", "unlicensed", "failed", "items", "time"];
    table.set_header(heads.into_iter().chain(why));
    let mut rows = rows.to_vec();
    rows.sort_by_cached_key(|(name, ended)| (rank(ended), (*name).to_owned()));
    for (name, ended) in rows {
        let numbers = ended.result.as_ref().map_or_else(|_| [const { String::new() }; 6], numbers);
        let why = failed.then(|| ended.result.as_ref().err().map(terminal::one_line).unwrap_or_default());
        let row = std::iter::once(name.to_owned()).chain(numbers).chain([time(ended.took)]).chain(why);
        table.add_row(row);
    }
    for column in table.column_iter_mut().skip(1).take(heads.len() - 1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    let text = table.to_string();
    text.lines().map(|line| line.trim_end().to_owned() + "\n").collect::<String>().trim_end().to_owned()
}

fn numbers(sums: &Sums) -> [String; 6] {
    let count = |count: usize| if count == 0 { "-".to_owned() } else { count.to_string() };
    let of = [sums.read, sums.partial, sums.denied, sums.unlicensed, sums.failed].map(count);
    let [read, partial, denied, unlicensed, failed] = of;
    [read, partial, denied, unlicensed, failed, HumanCount(sums.items).to_string()]
}

/// The worst first: no snapshot, what the service did not answer, what was cut off, what may not be seen.
fn rank(ended: &Ended) -> (bool, Reverse<[usize; 3]>) {
    match &ended.result {
        Err(_) => (false, Reverse([0; 3])),
        Ok(sums) => (true, Reverse([sums.failed, sums.partial, sums.denied])),
    }
}

fn time(took: Duration) -> String {
    match took.as_secs() {
        seconds @ 0..60 => format!("{seconds} s"),
        seconds @ 60..3600 => format!("{} min {:02} s", seconds / 60, seconds % 60),
        seconds => format!("{} h {:02} min", seconds / 3600, seconds / 60 % 60),
    }
}
