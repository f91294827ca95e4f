//! `redact` as typed.

use std::path::PathBuf;

use clap::Args;

use super::Policies;

/// `redact`
#[derive(Debug, Args)]
#[command(after_help = "The key is taken from --key-file or the environment variable LEVELMARK_REDACT_KEY. \
With the same key the same name becomes the same pseudonym, in every snapshot. Keep it as you keep passwords: \
with it, whoever guesses a name can confirm it.")]
pub struct Redact {
    /// A snapshot (file or directory), or a tenant folder, also one without a snapshot: then its baseline, configuration and answers are rewritten, too.
    #[arg(value_name = "SNAPSHOT|TENANT", required_unless_present_any = ["new_key", "look_up"])]
    pub from: Option<PathBuf>,
    /// Where to: a file (.json) or folder for a snapshot, a folder for a tenant.
    #[arg(long, value_name = "PATH", required_unless_present_any = ["new_key", "look_up"])]
    pub out: Option<PathBuf>,
    /// A file with the key, a line of at least 32 characters; else LEVELMARK_REDACT_KEY.
    #[arg(long, value_name = "FILE")]
    pub key_file: Option<PathBuf>,
    /// Replace what an earlier redaction wrote there.
    #[arg(long)]
    pub force: bool,
    /// Write it even if it gives other results than the original: with policies that look for what redaction replaces.
    #[arg(long)]
    pub no_verify: bool,
    /// Keep the words and patterns that policies of --policies look for, although they may name the tenant.
    #[arg(long)]
    pub keep_words: bool,
    /// Make a key, write it into a new file that its owner alone may read, and stop.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["from", "out", "key_file", "force", "look_up"])]
    pub new_key: Option<PathBuf>,
    /// Say what a text becomes with this key, and stop (may be repeated).
    #[arg(long, value_name = "TEXT", conflicts_with_all = ["from", "out", "force"])]
    pub look_up: Vec<String>,
    /// Policies whose verdicts have to stay the same.
    #[command(flatten)]
    pub policies: Policies,
}
