//! Shares of a population and events over time. Both need the whole: gaps in what was collected
//! leave them unknown, save a cadence that holds already by what was seen.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use crate::policy::compiled::{Cadence, CadenceRule, Elapsed, Share, Threshold};
use crate::query::ir::Query;
use crate::query::{OutOfBudget, duration};
use crate::snapshot::document::NodeRef;

use super::assertion::{
    Context, Hit, Judgement, Sections, counted, number, of_empty, standing_of, undeclared,
};
use super::culprit;
use super::finding::{Outcome, Remedy};
use super::standing::{self, Cause};
use super::world::World;

const MILLION: u64 = 1_000_000;

/// How one item of a share's population did.
enum Item<'a> {
    Good,
    /// With the value that decided, where it can be told.
    Bad(Option<NodeRef<'a>>),
    /// Not due yet.
    LeftOut,
}

/// Judges a share.
pub(super) fn share<'a>(context: &mut Context<'a, '_>, share: &Share) -> Result<Judgement<'a>, OutOfBudget> {
    let mut standing = standing_of(context.world, &share.among);
    if let Some(filter) = &share.filter {
        standing.merge(standing::of_condition(
            context.world,
            filter,
            &share.filter_reads,
            &share.among.query,
        ));
    }
    let thresholds = [&share.min, &share.max].into_iter().flatten();
    let mut blind = [standing.blind, standing.gaps, undeclared(context.world, thresholds)].concat();
    blind.extend(undeclared(context.world, share.elapsed.iter().map(|elapsed| &elapsed.max)));
    if !blind.is_empty() {
        return Ok(Judgement::unknown(blind));
    }
    let population = context.world.evaluator.select(&share.among.query, &mut context.budget)?;
    let (mut good, mut bad) = (Vec::new(), Vec::new());
    for node in population.iter() {
        match item(context, share, *node)? {
            Item::Good => good.push((*node, None)),
            Item::Bad(focus) => bad.push((*node, focus)),
            Item::LeftOut => {}
        }
    }
    let (of, held) = ((good.len() + bad.len()) as u64, good.len() as u64);
    if of == 0 {
        return Ok(of_empty(
            context.empty,
            &standing::Standing { basis: standing.basis, ..Default::default() },
        ));
    }
    if of < share.population {
        return Ok(Judgement::unknown(vec![too_few(of, share.population)]));
    }
    let limits = (limit(context.world, share.min.as_ref()), limit(context.world, share.max.as_ref()));
    let low = limits.0.is_some_and(|min| held * MILLION < min.saturating_mul(of));
    let high = limits.1.is_some_and(|max| held * MILLION > max.saturating_mul(of));
    let words = format!("{held} of {of} ({})", percent(held * MILLION / of));
    let mut judged = if low {
        let expected = share.filter_text.clone().unwrap_or_else(|| "in time".to_owned());
        let reason = format!("{words}, at least {} needed", percent(limits.0.unwrap_or(0)));
        Judgement::new(Outcome::Fail, reason).at(places(context.world, share, bad, &expected))
    } else if high {
        let expected = "fewer of these".to_owned();
        let reason = format!("{words}, at most {} allowed", percent(limits.1.unwrap_or(0)));
        Judgement::new(Outcome::Fail, reason).at(places(context.world, share, good, &expected))
    } else {
        Judgement::new(Outcome::Pass, words).resting_on(standing.basis)
    };
    judged.share = Some(held * MILLION / of);
    Ok(judged)
}

fn item<'a>(
    context: &mut Context<'a, '_>,
    share: &Share,
    node: NodeRef<'a>,
) -> Result<Item<'a>, OutOfBudget> {
    if let Some(filter) = &share.filter
        && !context.world.evaluator.holds(filter, node, &mut context.budget)?
    {
        return Ok(Item::Bad(culprit::of_failure(context, filter, node)?));
    }
    match &share.elapsed {
        None => Ok(Item::Good),
        Some(elapsed) => in_time(context, elapsed, node),
    }
}

/// Quick enough, too late, or not due yet. Without a start nothing can be proven: too late.
fn in_time<'a>(
    context: &mut Context<'a, '_>,
    elapsed: &Elapsed,
    node: NodeRef<'a>,
) -> Result<Item<'a>, OutOfBudget> {
    let Some(from) = moment(context, &elapsed.from, node)? else { return Ok(Item::Bad(None)) };
    let Some(max) = span(context.world, &elapsed.max) else { return Ok(Item::Bad(None)) };
    let due = from.0.checked_add_signed(max).unwrap_or(DateTime::<Utc>::MAX_UTC);
    match moment(context, &elapsed.to, node)? {
        Some((to, _)) if to <= due => Ok(Item::Good),
        Some((_, place)) => Ok(Item::Bad(Some(place))),
        None if due < context.world.input.snapshot.manifest.taken.at => Ok(Item::Bad(Some(from.1))),
        None => Ok(Item::LeftOut),
    }
}

fn too_few(of: u64, needed: u64) -> Cause {
    let text = format!("only {of} to look at, fewer than the {needed} that a share needs");
    Cause { text, remedy: Remedy::Attest, state: None }
}

fn places<'a>(
    world: &World<'a>,
    share: &Share,
    nodes: Vec<(NodeRef<'a>, Option<NodeRef<'a>>)>,
    expected: &str,
) -> Vec<Hit<'a>> {
    let (sections, expected) = (Sections::of(world, &share.among), Arc::from(expected));
    let hit = |(node, focus): (NodeRef<'a>, Option<NodeRef<'a>>)| Hit {
        section: sections.holding(node),
        node,
        focus,
        expected: Some(Arc::clone(&expected)),
    };
    nodes.into_iter().map(hit).collect()
}

/// Judges a cadence. A rule that holds by what was seen holds; one that does not may only lack evidence.
pub(super) fn cadence<'a>(
    context: &mut Context<'a, '_>,
    cadence: &Cadence,
) -> Result<Judgement<'a>, OutOfBudget> {
    let world = context.world;
    let mut blind = undeclared(world, spans_of(cadence).into_iter());
    if let CadenceRule::Every { min: Some(min), .. } = &cadence.rule {
        blind.extend(undeclared(world, std::iter::once(min)));
    }
    let window = span(world, &cadence.window).unwrap_or(TimeDelta::zero());
    let back = standing::looks_back(&cadence.of.query).max(Some(window));
    let standing = standing::of_query(world, &cadence.of.query, &cadence.of.reads, back);
    blind.extend(standing.blind);
    if !blind.is_empty() {
        return Ok(Judgement::unknown(blind));
    }
    let end = world.input.snapshot.manifest.taken.at;
    let start = end.checked_sub_signed(window).unwrap_or(DateTime::<Utc>::MIN_UTC);
    let mut events = Vec::new();
    for node in context.world.evaluator.select(&cadence.of.query, &mut context.budget)?.iter() {
        if let Some((at, _)) = moment(context, &cadence.at, *node)?
            && start <= at
            && at <= end
        {
            events.push((at, *node));
        }
    }
    events.sort_by_key(|(at, node)| (*at, node.index()));
    let (holds, reason) = rule(world, &cadence.rule, &events, (start, end));
    let sections = Sections::of(world, &cadence.of);
    let hit = |(_, node): (DateTime<Utc>, NodeRef<'a>)| Hit {
        section: sections.holding(node),
        node,
        focus: None,
        expected: None,
    };
    let hits: Vec<Hit<'a>> = events.into_iter().map(hit).collect();
    Ok(if holds {
        Judgement::new(Outcome::Pass, reason).at(hits).resting_on(standing.basis)
    } else if standing.gaps.is_empty() {
        Judgement::new(Outcome::Fail, reason).at(hits)
    } else {
        Judgement::unknown(standing.gaps)
    })
}

fn spans_of(cadence: &Cadence) -> Vec<&Threshold<TimeDelta>> {
    let rule = match &cadence.rule {
        CadenceRule::Every { every, .. } => every,
        CadenceRule::MaxGap(gap) => gap,
    };
    vec![&cadence.window, rule]
}

type Window = (DateTime<Utc>, DateTime<Utc>);

fn rule(
    world: &World<'_>,
    rule: &CadenceRule,
    events: &[(DateTime<Utc>, NodeRef<'_>)],
    (start, end): Window,
) -> (bool, String) {
    match rule {
        CadenceRule::Every { every, min } => {
            let every = span(world, every).unwrap_or(end - start).max(TimeDelta::seconds(1));
            let periods = ((end - start).num_seconds() / every.num_seconds().max(1)).max(1);
            let min = min.as_ref().and_then(|min| number(world, min)).map_or(periods, |min| min as i64);
            let mut seen: Vec<i64> =
                events.iter().map(|(at, _)| (end - *at).num_seconds() / every.num_seconds().max(1)).collect();
            seen.retain(|period| *period < periods);
            seen.sort_unstable();
            seen.dedup();
            let held = seen.len() as i64;
            let words = duration::in_words(every);
            (held >= min, format!("{held} of the last {periods} periods of {words} have one, {min} needed"))
        }
        CadenceRule::MaxGap(gap) => {
            let gap = span(world, gap).unwrap_or(TimeDelta::zero());
            let times =
                std::iter::once(start).chain(events.iter().map(|(at, _)| *at)).chain(std::iter::once(end));
            let times: Vec<DateTime<Utc>> = times.collect();
            let widest = times.windows(2).filter_map(|two| Some(*two.get(1)? - *two.first()?)).max();
            let widest = widest.unwrap_or(end - start);
            let words = format!(
                "{} in {}, the longest gap is {}, at most {} allowed",
                counted(events.len(), "event", "events"),
                duration::in_words(end - start),
                duration::in_words(widest),
                duration::in_words(gap)
            );
            (widest <= gap, words)
        }
    }
}

/// The time that a field of an item holds, with its place: RFC 3339 or a date (its first moment, UTC).
fn moment<'a>(
    context: &mut Context<'a, '_>,
    field: &Query,
    node: NodeRef<'a>,
) -> Result<Option<(DateTime<Utc>, NodeRef<'a>)>, OutOfBudget> {
    let found = context.world.evaluator.select_from(field, node, &mut context.budget)?;
    let Some(value) = found.first() else { return Ok(None) };
    Ok(value.as_str().and_then(|text| parse_moment(&text)).map(|at| (at, *value)))
}

fn parse_moment(text: &str) -> Option<DateTime<Utc>> {
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return Some(at.with_timezone(&Utc));
    }
    Some(text.parse::<NaiveDate>().ok()?.and_hms_opt(0, 0, 0)?.and_utc())
}

fn span(world: &World<'_>, threshold: &Threshold<TimeDelta>) -> Option<TimeDelta> {
    match threshold {
        Threshold::Value(value) => Some(*value),
        Threshold::Param(name) => duration::parse(world.input.params.values.get(name)?.as_str()?).ok(),
    }
}

fn limit(world: &World<'_>, threshold: Option<&Threshold<u64>>) -> Option<u64> {
    match threshold? {
        Threshold::Value(value) => Some(*value),
        // A share given as a parameter is a decimal; six digits are exact in a double.
        Threshold::Param(name) => {
            world.input.params.values.get(name)?.as_f64().map(|share| (share * MILLION as f64).round() as u64)
        }
    }
}

/// "95 %", "33.3 %".
fn percent(millionths: u64) -> String {
    let tenths = millionths / 1_000;
    match tenths % 10 {
        0 => format!("{} %", tenths / 10),
        rest => format!("{}.{rest} %", tenths / 10),
    }
}
