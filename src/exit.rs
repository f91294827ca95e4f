//! The exit codes, one list for every command and format. When several apply:
//! 70 > 2 > 1 > 3 > 4 > 0.

/// Everything asked for holds, or there was nothing to gate.
pub const MET: u8 = 0;
/// The gate is not met.
pub const NOT_MET: u8 = 1;
/// Usage, a policy, the configuration or the input is invalid; or a tenant could not be collected.
pub const INVALID: u8 = 2;
/// The gate could not be decided.
pub const UNDETERMINED: u8 = 3;
/// No check was evaluated.
pub const NOTHING_EVALUATED: u8 = 4;
/// Somebody pressed Ctrl-C.
pub const INTERRUPTED: u8 = 130;
/// Our defect.
pub const DEFECT: u8 = 70;

/// What each code says, in the words of help and man pages.
pub const MEANINGS: [(u8, &str); 7] = [
    (MET, "met or nothing to gate"),
    (NOT_MET, "not met"),
    (INVALID, "usage, policy, configuration or input invalid"),
    (UNDETERMINED, "undetermined"),
    (NOTHING_EVALUATED, "nothing evaluated"),
    (DEFECT, "a defect of ours"),
    (INTERRUPTED, "interrupted"),
];
