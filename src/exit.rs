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

/// What each code says, in the words of help and man pages.
pub const MEANINGS: [(u8, &str); 8] = [
    (MET, "met or nothing to gate"),
    (NOT_MET, "not met"),
    (INVALID, "usage, policy, configuration or input invalid"),
    (UNDETERMINED, "undetermined"),
    (NOTHING_EVALUATED, "nothing evaluated"),
    (DRIFT, "drift"),
    (DEFECT, "a defect of ours"),
    (INTERRUPTED, "interrupted"),
];

/// The one that counts of several; [`MET`] of none.
#[must_use]
pub fn worst(codes: impl IntoIterator<Item = u8>) -> u8 {
    codes.into_iter().max_by_key(|code| rank(*code)).unwrap_or(MET)
}

/// How bad a code is, 0 the best.
#[must_use]
pub const fn rank(code: u8) -> u8 {
    match code {
        MET => 0,
        NOTHING_EVALUATED => 1,
        UNDETERMINED => 2,
        DRIFT => 3,
        NOT_MET => 4,
        INVALID => 5,
        _ => 6,
    }
}
