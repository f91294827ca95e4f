//! The radar, as in the model's workshops: an axis per competency with levels, what is proven as an
//! area, targets as a dashed outline, indicative ranges as bars on the axes. Comes in: the report.
//! Goes out: SVG. Below three axes there is no shape, and no radar.

use std::f64::consts::TAU;
use std::fmt::Write as _;

use crate::report::model::{Competency, Report, Verdict};

use super::words;

const CENTRE: (f64, f64) = (290.0, 218.0);
const RADIUS: f64 = 160.0;
const AXES: usize = 5;

/// One axis.
struct Axis<'a> {
    competency: &'a Competency,
    proven: u16,
    target: Option<u16>,
    turn: f64,
}

/// The radar; None with fewer than three axes.
pub(super) fn radar(report: &Report) -> Option<String> {
    let levels: Vec<_> = report.competencies.iter().filter_map(level).take(AXES).collect();
    if levels.len() < 3 {
        return None;
    }
    let step = TAU / levels.len() as f64;
    let axes: Vec<Axis<'_>> = (0u32..)
        .zip(levels)
        .map(|(at, (competency, proven, target))| Axis {
            competency,
            proven,
            target,
            turn: step * f64::from(at),
        })
        .collect();
    let described: Vec<String> = axes.iter().map(describe).collect();
    let mut svg = format!(
        "<svg class=\"radar\" viewBox=\"0 0 580 440\" role=\"img\" aria-labelledby=\"ra rb\"><title id=\"ra\">Radar of \
         the competencies</title><desc id=\"rb\">{}.</desc>",
        described.join("; ")
    );
    for ring in [100u16, 200, 300, 400, 500] {
        let _ = write!(svg, "<path class=\"r-ring\" d=\"{}\"/>", polygon(&axes, |_| ring));
    }
    for axis in &axes {
        let ((x, y), (cx, cy)) = (point(axis.turn, 500), CENTRE);
        let _ = write!(svg, "<path class=\"r-axis\" d=\"M{cx} {cy}L{x:.1} {y:.1}\"/>");
    }
    let _ = write!(svg, "<path class=\"r-proven\" d=\"{}\"/>", polygon(&axes, |axis| axis.proven));
    if axes.iter().any(|axis| axis.target.is_some()) {
        // An axis without a target keeps what is proven there: the outline asks for nothing more.
        let goal = polygon(&axes, |axis| axis.target.unwrap_or(axis.proven));
        let _ = write!(svg, "<path class=\"r-target\" d=\"{goal}\"/>");
    }
    for axis in &axes {
        marks(&mut svg, axis);
        label(&mut svg, axis);
    }
    for ring in [100u16, 200, 300, 400, 500] {
        let y = CENTRE.1 - RADIUS * f64::from(ring) / 500.0;
        let _ = write!(
            svg,
            "<text class=\"r-scale\" x=\"{}\" y=\"{:.1}\">{ring}</text>",
            CENTRE.0 + 5.0,
            y + 11.0
        );
    }
    svg.push_str("</svg>");
    Some(svg)
}

fn level(competency: &Competency) -> Option<(&Competency, u16, Option<u16>)> {
    match competency.verdict.as_ref()? {
        Verdict::Level { proven, target, .. } => Some((competency, *proven, *target)),
        Verdict::Readiness(_) => None,
    }
}

fn describe(axis: &Axis<'_>) -> String {
    let target = axis.target.map(|target| format!(", target {target}")).unwrap_or_default();
    let position = axis.competency.profile.as_ref().map(|profile| words::span(profile.indicative));
    let position = position.map(|position| format!(", indicative {position}")).unwrap_or_default();
    format!("{}: proven {}{target}{position}", words::in_svg(&axis.competency.name), axis.proven)
}

fn point(turn: f64, level: u16) -> (f64, f64) {
    let distance = RADIUS * f64::from(level) / 500.0;
    (CENTRE.0 + distance * turn.sin(), CENTRE.1 - distance * turn.cos())
}

fn polygon(axes: &[Axis<'_>], level: impl Fn(&Axis<'_>) -> u16) -> String {
    let corners: Vec<String> = axes
        .iter()
        .map(|axis| {
            let (x, y) = point(axis.turn, level(axis));
            format!("{x:.1} {y:.1}")
        })
        .collect();
    format!("M{}Z", corners.join("L"))
}

/// The indicative range on the axis and the proven point.
fn marks(svg: &mut String, axis: &Axis<'_>) {
    if let Some(profile) = &axis.competency.profile {
        let (from, to) = (
            point(axis.turn, profile.indicative.proven),
            // A range of one position stays visible.
            point(axis.turn, profile.indicative.possible.max(profile.indicative.proven + 6)),
        );
        let _ = write!(
            svg,
            "<path class=\"r-range\" d=\"M{:.1} {:.1}L{:.1} {:.1}\"/>",
            from.0, from.1, to.0, to.1
        );
    }
    let (x, y) = point(axis.turn, axis.proven);
    let _ = write!(svg, "<circle class=\"r-point\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4.5\"/>");
}

/// The name outside the last ring, in lines of a few words, with the level below.
fn label(svg: &mut String, axis: &Axis<'_>) {
    let (sin, cos) = axis.turn.sin_cos();
    let anchor = match sin {
        sin if sin > 0.3 => "start",
        sin if sin < -0.3 => "end",
        _ => "middle",
    };
    let lines = wrap(&axis.competency.name, if anchor == "middle" { 30 } else { 12 });
    let target = axis.target.map(|target| format!(" of {target}")).unwrap_or_default();
    let height = 16.0 * lines.len() as f64;
    let x = CENTRE.0 + (RADIUS + 12.0) * sin;
    let middle = CENTRE.1 - (RADIUS + 14.0) * cos;
    let mut y = match cos {
        cos if cos > 0.7 => middle - height,
        cos if cos < -0.7 => middle + 10.0,
        _ => middle - height / 2.0 + 4.0,
    };
    for line in &lines {
        let line = words::in_svg(line);
        let _ = write!(
            svg,
            "<text class=\"r-name\" text-anchor=\"{anchor}\" x=\"{x:.1}\" y=\"{y:.1}\">{line}</text>"
        );
        y += 16.0;
    }
    let _ = write!(
        svg,
        "<text class=\"r-level\" text-anchor=\"{anchor}\" x=\"{x:.1}\" y=\"{y:.1}\">{}{target}</text>",
        axis.proven
    );
}

/// Lines of at most so many characters, three at most; what is longer is cut.
fn wrap(name: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in name.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines.truncate(3);
    let cut = |line: String| {
        if line.chars().count() <= width + 6 {
            return line;
        }
        line.chars().take(width + 5).chain(['…']).collect()
    };
    lines.into_iter().map(cut).collect()
}
