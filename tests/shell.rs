//! What shells and `man` know of the program: made from its own arguments, and well-formed by their readers' own
//! tools where these are installed.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod program;

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use clap::CommandFactory;
use levelmark::cli::Cli;
use levelmark::exit;
use program::{Run, run};

fn levelmark(arguments: &[&str]) -> Run {
    run(Path::new(env!("CARGO_MANIFEST_DIR")), arguments, b"")
}

/// Names of the pages of a command and of those below it.
fn pages(command: &clap::Command, name: &str) -> Vec<String> {
    let below = command.get_subcommands().filter(|below| !below.is_hide_set());
    let below = below.flat_map(|below| pages(below, &format!("{name}-{}", below.get_name())));
    std::iter::once(format!("{name}.1")).chain(below).collect()
}

#[test]
fn every_shell_completes_every_command() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let run = levelmark(&["completions", shell]);
        assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{shell}");
        let words: BTreeSet<&str> =
            run.stdout.split(|c: char| !(c.is_alphanumeric() || c == '-' || c == '_')).collect();
        let command = Cli::command();
        for known in command.get_subcommands().filter(|command| !command.is_hide_set()) {
            assert!(words.contains(known.get_name()), "{shell} lacks {}", known.get_name());
        }
        assert!(run.stdout.contains("fail-on"), "{shell} lacks options of check");
        assert!(!words.contains("man"), "{shell} offers what is hidden");
    }
    let unknown = levelmark(&["completions", "tcsh"]);
    assert_eq!((unknown.code, unknown.stdout.as_str()), (2, ""), "{}", unknown.stderr);
}

#[test]
#[cfg(unix)]
fn bash_reads_its_completions() {
    use std::io::Write;
    use std::process::Stdio;
    let script = levelmark(&["completions", "bash"]).stdout;
    let ask = format!(
        "{script}\nCOMP_WORDS=(levelmark che) COMP_CWORD=1\n_levelmark levelmark che levelmark\nprintf '%s\\n' \"${{COMPREPLY[@]}}\"\n"
    );
    let mut bash = Command::new("bash");
    let mut child = bash.arg("-s").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(ask.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "check\n");
}

#[test]
fn every_command_has_a_page() {
    let folder = tempfile::tempdir().unwrap();
    let made = folder.path().join("made/man");
    let run = levelmark(&["man", made.to_str().unwrap()]);
    let wanted: BTreeSet<String> = pages(&Cli::command(), "levelmark").into_iter().collect();
    assert_eq!((run.code, run.stdout.as_str()), (0, ""), "{}", run.stderr);
    assert!(run.stderr.starts_with(&format!("{} man pages in ", wanted.len())), "{}", run.stderr);
    let found =
        std::fs::read_dir(&made).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    assert_eq!(found.collect::<BTreeSet<_>>(), wanted);
    for name in &wanted {
        let text = std::fs::read_to_string(made.join(name)).unwrap();
        let title =
            format!(".TH {} 1 \"\" \"levelmark {}\"", &name[..name.len() - 2], env!("CARGO_PKG_VERSION"));
        assert!(text.starts_with(&title), "{name}: {text}");
        let status = text.split(".SH \"EXIT STATUS\"\n").nth(1).unwrap();
        for (code, meaning) in exit::MEANINGS {
            assert!(
                status.contains(&format!("\\fB{code}\\fR\n{meaning}\n")),
                "{name} lacks {code}: {status}"
            );
        }
        lint(&made.join(name));
    }
    let in_the_way = levelmark(&["man", made.join("levelmark.1").to_str().unwrap()]);
    assert_eq!(in_the_way.code, 2, "{}", in_the_way.stderr);
    assert!(in_the_way.stderr.contains("levelmark::man::write"), "{}", in_the_way.stderr);
}

fn lint(page: &Path) {
    match Command::new("mandoc").args(["-T", "lint", "-W", "error"]).arg(page).output() {
        Ok(output) => {
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
        }
        Err(error) => assert_eq!(error.kind(), std::io::ErrorKind::NotFound, "mandoc"),
    }
}

/// The list of codes is written once, and the README's table has the same ones.
#[test]
fn the_readme_has_the_same_exit_codes() {
    let readme = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let table = readme.split("## Exit codes\n").nth(1).unwrap().split("\n\n").next().unwrap();
    let codes = table.lines().filter_map(|line| line.split('|').nth(1)?.trim().parse::<u8>().ok());
    assert_eq!(codes.collect::<Vec<_>>(), exit::MEANINGS.map(|(code, _)| code));
}
