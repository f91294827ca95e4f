//! The ladder of one competency as inline SVG: a step per level, what is proven filled, what is
//! possible outlined, the target marked, the indicative range below. Comes in: a competency of the
//! report. Goes out: SVG without style attributes (the page's policy forbids them).

use std::fmt::Write as _;

use crate::report::model::{Competency, Verdict};

use super::words;

const STEP: u16 = 68;
const WIDTH: u16 = 64;

/// The ladder; None for a competency without levels or without a verdict.
pub(super) fn ladder(competency: &Competency, index: usize) -> Option<String> {
    let Some(Verdict::Level { proven, possible, target, .. }) = competency.verdict.as_ref() else {
        return None;
    };
    let mut svg = String::new();
    let name = words::in_svg(&competency.name);
    let goal = target.map(|target| format!(", target {target}")).unwrap_or_default();
    let states: Vec<String> = competency
        .levels
        .iter()
        .map(|level| format!("{} {}", level.level, words::level_state(level.state).word))
        .collect();
    let _ = write!(
        svg,
        "<svg class=\"ladder\" viewBox=\"0 0 344 68\" role=\"img\" aria-labelledby=\"la{index} lb{index}\">\
         <title id=\"la{index}\">Ladder of {name}</title><desc id=\"lb{index}\">Proven {proven}, possible \
         {possible}{goal}. Levels: {}.</desc>",
        states.join(", ")
    );
    for (at, level) in (0u16..).zip([100u16, 200, 300, 400, 500]) {
        let x = 2 + at * STEP;
        let Some(entry) = competency.levels.iter().find(|entry| entry.level == level) else {
            let _ = write!(
                svg,
                "<path class=\"s-absent\" d=\"M{x} 46h{WIDTH}\"/><text class=\"s-dim\" x=\"{}\" y=\"38\">no {level}</text>",
                x + WIDTH / 2
            );
            continue;
        };
        // The floor is everyone's default state, proven by nothing.
        let class = match () {
            () if level <= *proven => "s-proven",
            () if level <= *possible => "s-possible",
            () => "s-out",
        };
        let sign = if level == 100 { "" } else { words::level_state(entry.state).sign };
        let _ = write!(
            svg,
            "<rect class=\"{class}\" x=\"{x}\" y=\"20\" width=\"{WIDTH}\" height=\"28\" rx=\"3\"/>\
             <text class=\"t-{class}\" x=\"{}\" y=\"39\">{level} {sign}</text>",
            x + WIDTH / 2
        );
        if *target == Some(level) {
            let middle = x + WIDTH / 2;
            let _ = write!(
                svg,
                "<path class=\"s-target\" d=\"M{} 16l-5 -7h10z\"/><text class=\"s-goal\" x=\"{}\" y=\"14\">target</text>",
                middle - 18,
                middle + 8
            );
        }
    }
    if let Some(profile) = &competency.profile {
        let (from, to) = (x(profile.indicative.proven), x(profile.indicative.possible));
        let _ = write!(
            svg,
            "<path class=\"s-position\" d=\"M{from:.1} 58H{to:.1}\"/><circle class=\"s-dot\" cx=\"{from:.1}\" cy=\"58\" \
             r=\"4\"/><circle class=\"s-dot\" cx=\"{to:.1}\" cy=\"58\" r=\"4\"/>"
        );
    }
    svg.push_str("</svg>");
    Some(svg)
}

/// Where a position lies: a level is reached at the right end of its step.
fn x(position: u16) -> f64 {
    2.0 + f64::from(position) / 100.0 * f64::from(STEP) - f64::from(STEP - WIDTH)
}
