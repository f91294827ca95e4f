//! The engine: policies against evidence. Comes in: a compiled policy set, a snapshot, two times,
//! answers. Goes out: one finding per check. It does no I/O and reads no clock. Not here: levels
//! (`verdict`), formats (`report`).

pub mod finding;
