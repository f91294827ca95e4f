//! Collecting from the fake Graph: what comes in is what is there, whatever the service does meanwhile.
#![cfg(feature = "collect")]
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "a test may panic")]

#[expect(dead_code, reason = "the fake can do more than this needs")]
mod fake_graph;

#[path = "collect/asking.rs"]
mod asking;
#[path = "collect/contoso.rs"]
mod contoso;
#[expect(dead_code, reason = "others start it themselves")]
mod program;
