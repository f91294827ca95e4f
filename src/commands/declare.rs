//! `declare`.
use crate::run::{Result, Terminal};
/// TODO
pub fn run(_: &crate::cli::Declare, _: &Terminal) -> Result<u8> { todo!() }
