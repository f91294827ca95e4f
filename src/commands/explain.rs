//! `explain`: one policy for people.

use crate::cli::Explain;
use crate::exit;
use crate::policy::compiled::PolicySet;
use crate::run::{Result, Terminal};

use super::inputs;

/// Prints it.
///
/// # Errors
/// An invalid policy, an unknown id.
pub fn run(args: &Explain, terminal: &Terminal) -> Result<u8> {
    let set = PolicySet::load(&inputs::load_options(&args.policies))?;
    inputs::known(&set, &args.policy)?;
    if let Some(policy) = set.policies.iter().find(|policy| policy.id == args.policy) {
        terminal.print(&crate::policy::explain::explain(policy, &set))?;
    }
    Ok(exit::MET)
}
