//! Graph over HTTP: one answer at a time, page after page, twenty objects at once. Comes in: paths and
//! queries. Goes out: bodies, or why there are none. Not here: what the bodies mean.
//!
//! A token goes to the host of Graph alone: redirects are never followed with it, and a next page is
//! followed only where `address` says so.

pub(super) mod address;
pub mod batch;
mod failure;
pub mod gate;
pub mod limit;
pub mod page;
mod report;
mod retry;
mod send;

pub use failure::Failure;
pub use send::{Answer, Ask, Client, Setup};
