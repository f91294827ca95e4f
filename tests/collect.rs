//! Collecting from the fake Graph: what comes in is what is there, whatever the service does meanwhile.
#![cfg(feature = "collect")]
#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may panic")]

#[expect(dead_code, reason = "the fake can do more than this needs")]
mod fake_graph;

#[path = "collect/again.rs"]
mod again;
#[path = "collect/asking.rs"]
mod asking;
#[path = "collect/contoso.rs"]
mod contoso;
#[path = "collect/hostile.rs"]
mod hostile;
#[path = "collect/many.rs"]
mod many;
#[path = "collect/missing.rs"]
mod missing;
mod program;
#[path = "collect/redacted.rs"]
mod redacted;
#[path = "collect/refusals.rs"]
mod refusals;
#[path = "collect/wiring.rs"]
mod wiring;
