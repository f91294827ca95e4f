//! A snapshot straight from Microsoft Graph. Comes in: who signs in, what is to be asked, where it
//! goes. Goes out: a snapshot directory in which every section has a state: read, or why not. Not
//! here: what the sections are (`sections`), the command line and the terminal (`commands`).
//!
//! Nothing here reads the clock or the environment: both come in from the program.

pub mod client;
pub mod clock;
pub mod cloud;
mod fetch;
pub mod http;
mod ids;
mod intake;
pub mod many;
mod older;
pub mod order;
pub mod plan;
pub mod progress;
pub mod sign_in;
pub mod store;
pub mod tenants;
mod veil;
