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
        NOT_MET => 3,
        INVALID => 4,
        _ => 5,
    }
}
