//! The trend as a page: for each competency a small chart of its levels over time and one of its
//! checks, a table that says the same, and what changed last. Comes in: a `Trend`. Goes out: a page under
//! the same content security policy as the report, fit to be published as a dashboard.

use std::fmt::Write as _;

use askama::Template;
use chrono::{DateTime, Utc};

use crate::report::model::{Range, Verdict};
use crate::report::pseudonyms;
use crate::report::trend::{Change, Line, Outcomes, Point, Run, Trend, Way};

use super::shell::Shell;
use super::words::{self, Mark};
use super::{Error, Options, cover};

const LEFT: f64 = 34.0;
const RIGHT: f64 = 330.0;
/// Changes of one result shown before the rest is folded away.
const SHOWN: usize = 12;

/// Makes the page. Of the options the client and the scope are shown; a summary leaves the changes out.
///
/// # Errors
/// A template failed, which none of them should.
pub fn render(trend: &Trend, options: &Options) -> Result<String, Error> {
    let latest = trend.runs.last();
    let name = options.client.as_deref().or(trend.name.as_deref()).unwrap_or(&trend.tenant);
    let page = Page {
        shell: Shell::new(),
        name: if name.is_empty() { "Tenant".to_owned() } else { words::clean(name) },
        scope: options.scope.as_deref().map(words::clean).unwrap_or_default(),
        tenant: words::clean(&trend.tenant),
        redacted: trend
            .redacted
            .as_ref()
            .map(|mark| words::clean(&pseudonyms(&mark.key)))
            .unwrap_or_default(),
        tool: latest.map(|run| words::clean(&run.tool)).unwrap_or_default(),
        level: latest.and_then(|run| run.tenant),
        level_name: latest.and_then(|run| run.tenant).map_or("", |range| words::level_name(range.proven)),
        gate: latest.map(|run| cover::gate(run.gate)),
        results: words::many(trend.runs.len(), "result", "results"),
        first: trend.runs.first().map(|run| words::day(run.at)).unwrap_or_default(),
        last: latest.map(|run| words::day(run.at)).unwrap_or_default(),
        lines: trend.competencies.iter().enumerate().map(|(at, line)| chart(trend, line, at)).collect(),
        rows: rows(trend),
        names: trend.competencies.iter().map(|line| words::clean(&line.name)).collect(),
        steps: if options.only_summary { Vec::new() } else { steps(trend) },
    };
    page.render().map(|text| text.trim_end().to_owned() + "\n").map_err(Error)
}

#[derive(Template)]
#[template(path = "trend.html")]
struct Page {
    shell: Shell,
    name: String,
    scope: String,
    tenant: String,
    redacted: String,
    tool: String,
    level: Option<Range>,
    level_name: &'static str,
    gate: Option<(Mark, &'static str)>,
    results: String,
    first: String,
    last: String,
    lines: Vec<Chart>,
    rows: Vec<Row>,
    names: Vec<String>,
    steps: Vec<Step>,
}

/// One competency.
#[derive(Debug)]
struct Chart {
    name: String,
    now: String,
    moved_by: String,
    class: &'static str,
    levels: Option<String>,
    checks: String,
    counts: String,
}

/// One result.
#[derive(Debug)]
struct Row {
    at: String,
    tenant: String,
    gate: Mark,
    cells: Vec<String>,
    other_policies: bool,
}

/// What changed from one result to the next.
#[derive(Debug)]
struct Step {
    at: String,
    summary: String,
    first: Vec<Changed>,
    rest: Vec<Changed>,
}

/// One check.
#[derive(Debug)]
struct Changed {
    check: String,
    claim: String,
    gates: Option<u16>,
    way: Mark,
    from: Mark,
    to: Mark,
}

fn chart(trend: &Trend, line: &Line, index: usize) -> Chart {
    let verdicts: Vec<(f64, Range, &Point)> = line
        .points
        .iter()
        .filter_map(|point| Some((x(trend, point.at), range(point.verdict.as_ref()?)?, point)))
        .collect();
    let last = line.points.last();
    let (moved_by, class) = moved(&verdicts);
    Chart {
        name: words::clean(&line.name),
        now: last.and_then(|point| point.verdict.as_ref()).map_or_else(|| "no verdict".to_owned(), verdict),
        moved_by,
        class,
        levels: (!verdicts.is_empty()).then(|| levels(line, &verdicts, index)),
        checks: checks(trend, line, index),
        counts: last.map(|point| counted(point.counts)).unwrap_or_default(),
    }
}

const fn range(verdict: &Verdict) -> Option<Range> {
    match verdict {
        Verdict::Level { proven, possible, .. } => Some(Range { proven: *proven, possible: *possible }),
        Verdict::Readiness(_) => None,
    }
}

fn verdict(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Level { proven, possible, target, .. } => {
            let target = target.map(|target| format!(" (target {target})")).unwrap_or_default();
            words::range(Range { proven: *proven, possible: *possible }) + &target
        }
        Verdict::Readiness(readiness) => {
            let mark = words::readiness(*readiness);
            format!("{} {}", mark.sign, mark.word)
        }
    }
}

/// How the proven level moved since the result before.
fn moved(verdicts: &[(f64, Range, &Point)]) -> (String, &'static str) {
    let mut back = verdicts.iter().rev().map(|(_, range, _)| range.proven);
    match (back.next(), back.next()) {
        (Some(now), Some(before)) if now > before => (format!("▲ up from {before}"), "pass"),
        (Some(now), Some(before)) if now < before => (format!("▼ down from {before}"), "fail"),
        (Some(_), Some(_)) => ("= as before".to_owned(), "none"),
        (Some(_) | None, _) => (String::new(), "none"),
    }
}

fn counted(counts: Outcomes) -> String {
    let waived = if counts.waived > 0 { format!(" ({} waived)", counts.waived) } else { String::new() };
    format!("{} pass, {} fail{waived}, {} unknown", counts.pass, counts.fail, counts.unknown)
}

/// Where a time lies. Results of one moment share the middle.
fn x(trend: &Trend, at: DateTime<Utc>) -> f64 {
    let (Some(first), Some(last)) = (trend.runs.first(), trend.runs.last()) else { return LEFT };
    let all = (last.at - first.at).num_seconds();
    if all <= 0 {
        return f64::midpoint(LEFT, RIGHT);
    }
    LEFT + 12.0 + (RIGHT - LEFT - 24.0) * (at - first.at).num_seconds() as f64 / all as f64
}

fn y(level: u16) -> f64 {
    150.0 - f64::from(level.saturating_sub(100)) * 0.32
}

/// Proven as a filled stair, possible and target as lines, indicative as bars.
fn levels(line: &Line, verdicts: &[(f64, Range, &Point)], index: usize) -> String {
    let name = words::in_svg(&line.name);
    let described: Vec<String> = verdicts
        .iter()
        .map(|(_, range, point)| format!("{}: {}", words::day(point.at), words::range(*range)))
        .collect();
    let mut svg = format!(
        "<svg class=\"chart\" viewBox=\"0 0 344 158\" role=\"img\" aria-labelledby=\"ca{index} cb{index}\"><title \
         id=\"ca{index}\">Levels of {name} over time</title><desc id=\"cb{index}\">{}.</desc>",
        described.join("; ")
    );
    for level in [100u16, 200, 300, 400, 500] {
        let y = y(level);
        let _ = write!(
            svg,
            "<path class=\"r-ring\" d=\"M{LEFT} {y:.1}H{RIGHT}\"/><text class=\"r-scale\" x=\"{}\" y=\"{:.1}\" \
             text-anchor=\"end\">{level}</text>",
            LEFT - 6.0,
            y + 4.0
        );
    }
    let stair = |of: &dyn Fn(&Range, &Point) -> Option<u16>| {
        let points: Vec<(f64, f64)> =
            verdicts.iter().filter_map(|(x, range, point)| Some((*x, y(of(range, point)?)))).collect();
        stair(&points)
    };
    let proven = stair(&|range, _| Some(range.proven));
    if let Some((first, _, _)) = verdicts.first() {
        let _ = write!(
            svg,
            "<path class=\"t-area\" d=\"{proven}V{floor:.1}H{first:.1}Z\"/><path class=\"t-proven\" d=\"{proven}\"/>",
            floor = y(100),
        );
    }
    let _ = write!(svg, "<path class=\"t-possible\" d=\"{}\"/>", stair(&|range, _| Some(range.possible)));
    let _ = write!(svg, "<path class=\"r-target\" d=\"{}\"/>", stair(&|_, point| target(point)));
    for (x, range, point) in verdicts {
        if let Some(indicative) = point.indicative {
            let (from, to) = (y(indicative.proven), y(indicative.possible.max(indicative.proven + 5)));
            let _ = write!(svg, "<path class=\"r-range\" d=\"M{x:.1} {from:.1}V{to:.1}\"/>");
        }
        let _ =
            write!(svg, "<circle class=\"r-point\" cx=\"{x:.1}\" cy=\"{:.1}\" r=\"4\"/>", y(range.proven));
    }
    svg.push_str("</svg>");
    svg
}

const fn target(point: &Point) -> Option<u16> {
    match &point.verdict {
        Some(Verdict::Level { target, .. }) => *target,
        Some(Verdict::Readiness(_)) | None => None,
    }
}

/// A level holds until the next result says otherwise.
fn stair(points: &[(f64, f64)]) -> String {
    let mut path = String::new();
    for (at, (x, y)) in points.iter().enumerate() {
        let _ = if at == 0 { write!(path, "M{x:.1} {y:.1}") } else { write!(path, "H{x:.1}V{y:.1}") };
    }
    path
}

/// First and last day below a chart.
fn dates(svg: &mut String, trend: &Trend, y: u16) {
    let (Some(first), Some(last)) = (trend.runs.first(), trend.runs.last()) else { return };
    let _ = write!(svg, "<text class=\"r-scale\" x=\"{LEFT}\" y=\"{y}\">{}</text>", words::day(first.at));
    if last.at > first.at {
        let _ = write!(
            svg,
            "<text class=\"r-scale\" x=\"{RIGHT}\" y=\"{y}\" text-anchor=\"end\">{}</text>",
            words::day(last.at)
        );
    }
}

/// A bar per result: what passes, fails, is unknown, as shares.
fn checks(trend: &Trend, line: &Line, index: usize) -> String {
    let described: Vec<String> = line
        .points
        .iter()
        .map(|point| format!("{}: {}", words::day(point.at), counted(point.counts)))
        .collect();
    let mut svg = format!(
        "<svg class=\"chart\" viewBox=\"0 0 344 86\" role=\"img\" aria-labelledby=\"cc{index} cd{index}\"><title \
         id=\"cc{index}\">Checks of {} over time</title><desc id=\"cd{index}\">{}.</desc>",
        words::in_svg(&line.name),
        described.join("; ")
    );
    let width = ((RIGHT - LEFT) / trend.runs.len().max(1) as f64 * 0.6).clamp(2.0, 18.0);
    for point in &line.points {
        let counts = point.counts;
        let all = counts.pass + counts.fail + counts.unknown + counts.not_applicable + counts.error;
        let (x, mut bottom) = (x(trend, point.at) - width / 2.0, 64.0);
        for (n, class) in [
            (counts.pass, "pass"),
            (counts.fail + counts.error, "fail"),
            (counts.unknown, "open"),
            (counts.not_applicable, "none"),
        ] {
            let height = 58.0 * n as f64 / all.max(1) as f64;
            bottom -= height;
            if n > 0 {
                let _ = write!(
                    svg,
                    "<rect class=\"f-{class}\" x=\"{x:.1}\" y=\"{bottom:.1}\" width=\"{width:.1}\" height=\"{height:.1}\"/>"
                );
            }
        }
    }
    dates(&mut svg, trend, 80);
    svg.push_str("</svg>");
    svg
}

/// The newest on top.
fn rows(trend: &Trend) -> Vec<Row> {
    let row = |(index, run): (usize, &Run)| Row {
        at: words::day(run.at),
        tenant: run.tenant.map_or_else(|| "–".to_owned(), words::range),
        gate: gate(run),
        cells: trend
            .competencies
            .iter()
            .map(|line| {
                let point = line.points.iter().find(|point| point.run == index);
                let verdict = point.and_then(|point| point.verdict.as_ref()).map(verdict);
                verdict.unwrap_or_else(|| "–".to_owned())
            })
            .collect(),
        other_policies: run.other_policies,
    };
    trend.runs.iter().enumerate().rev().map(row).collect()
}

fn gate(run: &Run) -> Mark {
    use crate::report::model::GateResult;
    let word = match run.gate {
        GateResult::Met => "met",
        GateResult::NotMet => "not met",
        GateResult::Undetermined => "undetermined",
        GateResult::NothingToGate => "no target",
        GateResult::NothingEvaluated => "nothing evaluated",
    };
    Mark { word, ..cover::gate(run.gate).0 }
}

/// What changed, the latest result first, the worst of it first. Results without changes are left out.
fn steps(trend: &Trend) -> Vec<Step> {
    let step = |(index, run): (usize, &Run)| {
        let points: Vec<&Point> = trend
            .competencies
            .iter()
            .flat_map(|line| line.points.iter().filter(|point| point.run == index))
            .collect();
        let mut changes: Vec<&Change> = points.iter().flat_map(|point| &point.changes.outcomes).collect();
        changes.sort_by_key(|change| (change.way, change.gates.unwrap_or(u16::MAX)));
        let (added, removed) = points.iter().fold((0, 0), |(added, removed), point| {
            (added + point.changes.added, removed + point.changes.removed)
        });
        let count = |way| changes.iter().filter(|change| change.way == way).count();
        let parts = [
            (count(Way::Worse), "worse"),
            (count(Way::Lost), "no longer seen"),
            (count(Way::Better), "better"),
            (count(Way::Other), "otherwise"),
            (added, "new"),
            (removed, "gone"),
        ];
        let parts: Vec<String> =
            parts.into_iter().filter(|(n, _)| *n > 0).map(|(n, word)| format!("{n} {word}")).collect();
        if parts.is_empty() {
            return None;
        }
        let policies = if run.other_policies { "; the policies changed too" } else { "" };
        let mut first: Vec<Changed> = changes.into_iter().map(changed).collect();
        let rest = first.split_off(first.len().min(SHOWN));
        Some(Step { at: words::day(run.at), summary: parts.join(", ") + policies, first, rest })
    };
    trend.runs.iter().enumerate().skip(1).rev().filter_map(step).collect()
}

fn changed(change: &Change) -> Changed {
    let (sign, word, class) = match change.way {
        Way::Worse => ("▼", "worse", "fail"),
        Way::Lost => ("?", "no longer seen", "open"),
        Way::Better => ("▲", "better", "pass"),
        Way::Other => ("–", "otherwise", "none"),
    };
    Changed {
        check: words::clean(&change.check),
        claim: words::clean(&change.claim),
        gates: change.gates,
        way: Mark { sign, word, class },
        from: words::outcome(change.from),
        to: words::outcome(change.to),
    }
}
