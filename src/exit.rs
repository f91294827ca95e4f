//! The exit codes, one list for every command and format. When several apply:
//! 70 > 2 > 1 > 5 > 3 > 4 > 0: what was seen to be wrong outweighs what could not be seen.

/// Everything asked for holds, or there was nothing to gate.
pub const MET: u8 = 0;
/// The gate is not met.
pub const NOT_MET: u8 = 1;
/// Usage, a policy, the configuration or the input is invalid; or a tenant could not be collected.
pub const INVALID: u8 = 2;
/// The gate could not be decided; or nothing drifted as far as could be seen, and not all could.
pub const UNDETERMINED: u8 = 3;
/// No check was evaluated; or two snapshots have no section in common.
pub const NOTHING_EVALUATED: u8 = 4;
/// Two snapshots differ.
pub const DRIFT: u8 = 5;
/// Somebody pressed Ctrl-C.
pub const INTERRUPTED: u8 = 130;
/// Our defect.
pub const DEFECT: u8 = 70;
