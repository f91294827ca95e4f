//! Every command in the documentation is one that the program takes.

use clap::Parser;
use clap::error::ErrorKind;
use levelmark::cli::Cli;

use super::blocks::{blocks, spans};
use super::pages;

#[test]
fn every_command_is_one() {
    let (mut wrong, mut seen) = (Vec::new(), 0);
    for (page, text) in pages() {
        let lines = blocks(&text).into_iter().filter(|block| block.language != "text").flat_map(|block| {
            let console = block.language == "console";
            let lines = block.text.lines().map(str::to_owned).collect::<Vec<_>>();
            lines.into_iter().filter(move |line| !console || line.starts_with("$ "))
        });
        let whole = lines.flat_map(|line| commands(&line)).map(|command| (command, false));
        // In running text a command may be named without all that it needs.
        let named = spans(&text).into_iter().filter(|span| span.starts_with("levelmark "));
        let named = named.flat_map(|span| commands(&span)).map(|command| (command, true));
        for (command, named) in whole.chain(named) {
            seen += 1;
            if let Some(why) = refused(&command, named) {
                wrong.push(format!("{page}: {}: {why}", command.join(" ")));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(seen > 100, "only {seen} commands were found");
}

fn refused(command: &[String], named: bool) -> Option<String> {
    let abridged = named || command.iter().any(|word| word == "…");
    // An ellipsis stands for a value, or for more options.
    let [whole, shorter] = [true, false]
        .map(|kept| Cli::try_parse_from(command.iter().filter(|word| kept || *word != "…")).err());
    let error = whole.and(shorter)?;
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => None,
        // `SHELL` stands for one of the values.
        ErrorKind::InvalidValue if named && command.iter().any(|word| is_placeholder(word)) => None,
        ErrorKind::MissingRequiredArgument
        | ErrorKind::MissingSubcommand
        | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
            if abridged =>
        {
            None
        }
        _ => Some(error.to_string().lines().next().unwrap_or_default().to_owned()),
    }
}

fn is_placeholder(word: &str) -> bool {
    word.len() > 1 && word.bytes().all(|byte| byte.is_ascii_uppercase())
}

/// The commands of ours on a line of shell, or of YAML with shell in it, without what a shell takes out.
fn commands(line: &str) -> Vec<Vec<String>> {
    // What can't be split is no shell: JSON, a text.
    let Some(words) = shlex::split(line) else { return Vec::new() };
    let ends = |word: &String| matches!(word.as_str(), "|" | "||" | "&&" | ";" | "do" | "then" | "done");
    let mut found = Vec::new();
    for part in words.split(ends) {
        let start = part.iter().enumerate().position(|(at, word)| {
            let opens = at == 0 || matches!(part[at - 1].as_str(), "$" | "-") || part[at - 1].ends_with(':');
            word == "levelmark" && opens
        });
        let ours = match start {
            Some(at) => &part[at + 1..],
            None if part.first().is_some_and(|word| word == "cargo") => {
                let foreign = part.iter().any(|word| word == "--manifest-path");
                match part.iter().position(|word| word == "--") {
                    Some(at) if part[1] == "run" && !foreign => &part[at + 1..],
                    _ => continue,
                }
            }
            None => continue,
        };
        if !ours.is_empty() {
            found.push(without_redirection(ours));
        }
    }
    found
}

fn without_redirection(words: &[String]) -> Vec<String> {
    let mut kept = vec!["levelmark".to_owned()];
    let mut words = words.iter();
    while let Some(word) = words.next() {
        if matches!(word.as_str(), ">" | ">>" | "2>") {
            words.next();
            continue;
        }
        let end = word.strip_suffix(';');
        kept.push(end.unwrap_or(word).to_owned());
        if end.is_some() {
            break;
        }
    }
    kept
}

#[test]
fn a_line_is_taken_apart() {
    let cases: [(&str, &[&str]); 8] = [
        ("levelmark check contoso > report.html", &["levelmark check contoso"]),
        ("$ levelmark check contoso # why", &["levelmark check contoso"]),
        ("      - run: levelmark check contoso", &["levelmark check contoso"]),
        ("    inlineScript: levelmark check contoso", &["levelmark check contoso"]),
        ("for t in */; do levelmark check \"$t\" --quiet; done", &["levelmark check $t --quiet"]),
        ("levelmark check a || levelmark check b", &["levelmark check a", "levelmark check b"]),
        ("cargo run --release -- check contoso", &["levelmark check contoso"]),
        ("client_certificate: keys/levelmark.pem", &[]),
    ];
    for (line, expected) in cases {
        let found: Vec<String> = commands(line).iter().map(|words| words.join(" ")).collect();
        assert_eq!(found, expected, "{line}");
    }
    assert!(refused(&["levelmark", "check", "a", "--nonsense"].map(str::to_owned), true).is_some());
    assert!(refused(&["levelmark", "chekc"].map(str::to_owned), true).is_some());
    assert!(refused(&["levelmark", "check"].map(str::to_owned), false).is_some());
}
