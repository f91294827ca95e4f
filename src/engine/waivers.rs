//! Accepted deviations: which of them cover a fail. A waiver pins what it accepts; anything beyond
//! still fails. Not here: what a covered fail is worth (`verdict`).

use std::collections::{BTreeMap, BTreeSet};

use crate::config::{Accepts, Waiver};

use super::Input;
use super::assertion::Judgement;
use super::finding::{Finding, Outcome, WaiverState};
use super::place;
use super::world::World;

/// The waiver that covers a finding, and the state of every waiver written for its check.
pub(super) fn apply<'a>(
    world: &World<'a>,
    finding: &Finding,
    judged: &Judgement<'a>,
) -> (Option<usize>, Vec<(usize, WaiverState)>) {
    let written = world.input.waivers.iter().enumerate().filter(|(_, waiver)| waiver.check == finding.check);
    let states: Vec<(usize, WaiverState)> =
        written.map(|(index, waiver)| (index, state(world, waiver, judged))).collect();
    let covering = states.iter().find(|(_, state)| *state == WaiverState::Used).map(|(index, _)| *index);
    (covering, states)
}

fn state<'a>(world: &World<'a>, waiver: &Waiver, judged: &Judgement<'a>) -> WaiverState {
    if waiver.expires <= world.input.today || waiver.on > world.input.today {
        return WaiverState::Expired;
    }
    match judged.outcome {
        Outcome::Fail if covers_all(world, &waiver.accepts, judged) => WaiverState::Used,
        Outcome::Fail => WaiverState::Exceeded,
        Outcome::Pass | Outcome::Unknown | Outcome::NotApplicable | Outcome::Error => WaiverState::Unused,
    }
}

/// Of several parts that failed each has to be covered, and the count is that of all together.
fn covers_all<'a>(world: &World<'a>, accepts: &Accepts, judged: &Judgement<'a>) -> bool {
    let parts = if judged.failed.is_empty() { std::slice::from_ref(judged) } else { &judged.failed };
    let within = match accepts {
        Accepts::Count(most) => judged.hits.len() as u64 <= *most,
        Accepts::Keys(_) | Accepts::Share { .. } | Accepts::Answer(_) => true,
    };
    within && parts.iter().all(|part| covers(world, accepts, part))
}

fn covers<'a>(world: &World<'a>, accepts: &Accepts, judged: &Judgement<'a>) -> bool {
    match accepts {
        Accepts::Keys(keys) => {
            let accepted: BTreeSet<String> = keys.iter().map(|key| key.to_ascii_lowercase()).collect();
            let key = |hit| place::key_of(world, hit).map(|key| key.to_ascii_lowercase());
            let is_accepted = |key: Option<String>| key.is_some_and(|key| accepted.contains(&key));
            !judged.answered && !judged.hits.is_empty() && judged.hits.iter().map(key).all(is_accepted)
        }
        Accepts::Count(_) => !judged.answered && !judged.hits.is_empty(),
        // Between the accepted share and the limit: whichever side the limit is on, the caller pinned
        // the worst it accepts, and a share that is better than that is covered too.
        Accepts::Share { at_least, at_most } => judged.share.is_some_and(|share| {
            at_least.is_none_or(|least| share >= least) && at_most.is_none_or(|most| share <= most)
        }),
        Accepts::Answer(accepted) => judged.answered && accepted.accepts(judged.partly),
    }
}

/// The state of every waiver: those whose check was evaluated, else unused or expired.
pub(super) fn states(input: &Input<'_>, used: BTreeMap<usize, WaiverState>) -> Vec<WaiverState> {
    let state = |(index, waiver): (usize, &Waiver)| match used.get(&index) {
        Some(state) => *state,
        None if waiver.expires <= input.today => WaiverState::Expired,
        None => WaiverState::Unused,
    };
    input.waivers.iter().enumerate().map(state).collect()
}
