//! The verdict: from gate values to the level reached in each competency. Comes in: the policy set
//! and the findings. Goes out: levels, profile, blockers, gate. Not here: how a finding came about
//! (`engine`), how a verdict is shown (`report`). It does no I/O and reads no clock.

pub mod blockers;
pub mod gate;
pub mod levels;
pub mod profile;
pub mod regression;
pub mod units;
