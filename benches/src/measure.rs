//! What a process takes: wall time and peak memory. Comes in: a command. Goes out: both, and what
//! it printed. A small process of our own stands between, since the kernel reports the largest of
//! all children and counts the memory of whoever started them.

use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

use nix::sys::resource::{UsageWho, getrusage};

use crate::Failure;

/// One run of a command.
pub struct Run {
    pub seconds: f64,
    pub megabytes: f64,
    pub stdout: Vec<u8>,
    pub code: Option<i32>,
}

/// Runs a command once and measures it.
pub fn run(command: &[&str]) -> Result<Run, Failure> {
    let between = Command::new(std::env::current_exe()?).arg("measure").args(command).output()?;
    let stderr = String::from_utf8_lossy(&between.stderr);
    let figures = stderr.lines().last().and_then(|line| line.strip_prefix("measured "));
    let figures = figures.ok_or_else(|| format!("`{}` was not measured: {stderr}", command.join(" ")))?;
    let mut figures = figures.split(' ').map(str::parse::<f64>);
    let (Some(Ok(seconds)), Some(Ok(megabytes))) = (figures.next(), figures.next()) else {
        return Err(format!("no figures in `{stderr}`").into());
    };
    Ok(Run { seconds, megabytes, stdout: between.stdout, code: between.status.code() })
}

/// Seconds of the processor that this process has used so far.
pub fn cpu() -> Result<f64, Failure> {
    let usage = getrusage(UsageWho::RUSAGE_SELF)?;
    let seconds = |time: nix::sys::time::TimeVal| time.tv_sec() as f64 + time.tv_usec() as f64 / 1e6;
    Ok(seconds(usage.user_time()) + seconds(usage.system_time()))
}

/// The process between: runs the command, says what it took on the last line of standard error,
/// and exits as it did.
pub fn child(command: &[&str]) -> Result<ExitCode, Failure> {
    let [program, arguments @ ..] = command else { return Err("no command to measure".into()) };
    let start = Instant::now();
    let status = Command::new(program).args(arguments).stdin(Stdio::null()).status()?;
    let seconds = start.elapsed().as_secs_f64();
    let kilobytes = getrusage(UsageWho::RUSAGE_CHILDREN)?.max_rss();
    eprintln!("measured {seconds:.6} {:.3}", kilobytes as f64 * 1024.0 / 1e6);
    Ok(ExitCode::from(u8::try_from(status.code().unwrap_or(70)).unwrap_or(70)))
}
