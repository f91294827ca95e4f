//! Asking at a terminal: a real one, of which this test holds the other end.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::process::Stdio;

use rustix::fs::{Mode, OFlags, open};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

use super::program::program;
use serde_json::json;

use super::{Contoso, items, some};

/// Runs the program at a terminal where a person types this; exit code, standard output, and what the terminal shows.
fn at_a_terminal(contoso: &Contoso, arguments: &[&str], typed: &str) -> (Option<i32>, String, String) {
    let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&master).unwrap();
    unlockpt(&master).unwrap();
    let name = ptsname(&master, Vec::new()).unwrap();
    let terminal = || Stdio::from(open(&name, OFlags::RDWR | OFlags::NOCTTY, Mode::empty()).unwrap());
    let mut command = program(contoso.path(), arguments);
    command.stdin(terminal()).stdout(Stdio::piped()).stderr(terminal());
    let child = command.spawn().unwrap();
    // The command holds ends of the terminal; only without them it ends with the program.
    drop(command);
    let mut master = File::from(master);
    master.write_all(typed.as_bytes()).unwrap();
    let mut shown = Vec::new();
    let mut piece = [0; 4096];
    // A terminal whose other end is closed fails to read on Linux, and ends on macOS.
    while let Ok(count) = master.read(&mut piece) {
        if count == 0 {
            break;
        }
        shown.extend_from_slice(&piece[..count]);
    }
    let output = child.wait_with_output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).replace('\r', "");
    (output.status.code(), text(&output.stdout), text(&shown))
}

const ARGUMENTS: [&str; 4] = ["approve", "contoso", "--by", "Ada L <ada@contoso.com>"];

#[test]
fn item_by_item_with_what_each_did() {
    let contoso = Contoso::new(some);
    // The worst comes first: a secret that lasts too long. It is rejected, the policy skipped and then accepted.
    let (code, stdout, shown) = at_a_terminal(&contoso, &ARGUMENTS, "?\nr\ns\na\nmaintenance window\na\n");
    assert_eq!(code, Some(0), "{shown}");
    assert!(shown.contains("3 items to look at") && shown.contains("1 item skipped, once more"), "{shown}");
    assert!(shown.contains("nothing is written, and it is not asked again"), "{shown}");
    assert!(
        shown.contains("/state") && shown.contains("- \"enabled\"") && shown.contains("+ \"disabled\""),
        "{shown}"
    );
    assert!(shown.contains("→ INF-200-G7/secrets-end-soon passed, now fails"), "what it did: {shown}");
    assert!(shown.contains("1 approved: maintenance window"), "{shown}");
    assert!(
        stdout.contains("approved 3 differences into") && stdout.contains("1 rejected: drift as before"),
        "{stdout}"
    );
    let file = contoso.file();
    assert_eq!(file.list.len(), 3);
    assert!(file.list.iter().all(|one| one.reason == "maintenance window"));
    let diff = contoso.diff(&[]);
    assert!(diff.code == 5 && diff.stdout.contains("3 approved"), "{}", diff.stdout);
}

#[test]
fn who_quits_or_goes_away_keeps_what_was_accepted() {
    let contoso = Contoso::new(some);
    let arguments = [&ARGUMENTS[..], &["--no-effect", "--reason", "agreed"]].concat();
    // ^D ends the input.
    for (typed, accepted) in [("A\nq\n", 1), ("e\na\n\u{4}", 2)] {
        let (code, stdout, shown) = at_a_terminal(&contoso, &arguments, typed);
        assert_eq!(code, Some(0), "{shown}");
        assert_eq!(contoso.file().list.len(), accepted, "{typed}: {stdout}{shown}");
    }
    let (_, stdout, _) = at_a_terminal(&contoso, &arguments, "A\n");
    assert!(stdout.contains("approved 2 differences") && stdout.contains("2 approved before"), "{stdout}");
    assert_eq!(contoso.diff(&[]).code, 0);
}

/// Nobody is asked for consent to what can't be seen.
#[test]
fn all_of_it_can_be_looked_at() {
    let long = "x".repeat(3_000);
    let contoso = Contoso::new(|draft| {
        let policies = items(draft, "conditionalAccess.policies");
        let many: Vec<String> = (0..500).map(|at| format!("user-{at:03}")).collect();
        policies[0]["conditions"]["users"]["excludeUsers"] = json!(many);
        policies[1]["displayName"] = json!(format!("{long}END\u{1b}[2J"));
        let mut new = policies[0].clone();
        new["id"] = json!("22222222-0000-4000-8000-000000000002");
        new["conditions"] =
            json!({ "platforms": { "includePlatforms": ["hidden-platform\n   1 approved: x"] } });
        policies.push(new);
        items(draft, "planner.plans")[0]["title"] = json!("Secret plan");
    });
    let arguments = [&ARGUMENTS[..], &["--no-effect", "--reason", "agreed"]].concat();
    let (_, _, brief) = at_a_terminal(&contoso, &arguments, "s\ns\ns\ns\nq\n");
    assert!(brief.contains("(v shows them)") && !brief.contains("--verbose"), "{brief}");
    assert!(!brief.contains("user-499") && !brief.contains("hidden-platform") && !brief.contains("END"));
    let (code, _, shown) = at_a_terminal(&contoso, &arguments, "v\ns\nv\ns\nv\ns\nv\ns\nq\n");
    assert_eq!(code, Some(0), "{shown}");
    for part in ["user-000", "user-499", &format!("{long}END"), "hidden-platform", "\"id\": \"22222222-0000"]
    {
        assert!(shown.contains(part), "{part}");
    }
    assert!(!shown.contains('\u{1b}') && !shown.contains("\n   1 approved: x"), "as text alone: {shown}");
    assert!(!shown.contains("Secret plan") && shown.contains("--include planner.plans"), "{shown}");
}
