//! `import`.
use crate::run::{Result, Terminal};
/// TODO
pub fn run(_: &crate::cli::Import, _: &Terminal) -> Result<u8> { todo!() }
