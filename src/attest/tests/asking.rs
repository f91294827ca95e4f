//! Which questions, in which order, and what a sitting makes of them.

use std::collections::BTreeSet;

use super::*;
use crate::attest::{Done, Ended, Ledger, Store, ask, author, dated};

const ALL: Scope<'_> = Scope { all: true, competency: None, level: None, expiring: None, owner: None };

/// A sitting in an empty folder: what came out, what was shown, the file.
fn sit(world: &World, scope: &Scope<'_>, typed: &str) -> (Done, String, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("attestations.yaml");
    let store = Store::at(&path, TENANT).unwrap();
    let input = world.input();
    let mut ledger = Ledger::new(&store, &input, ADA);
    let mut shown = Vec::new();
    let done = ask(&world.plan(scope), &mut ledger, &mut typed.as_bytes(), &mut shown).unwrap();
    let file = std::fs::read_to_string(&path).unwrap_or_default();
    (done, String::from_utf8(shown).unwrap(), file)
}

/// Checks and answers of a file, in order.
fn kept(file: &str) -> Vec<String> {
    let answers = Attestations::read("t", file.as_bytes()).unwrap().answers;
    answers.iter().map(|answer| format!("{} {:?}", answer.check, answer.answer)).collect()
}

#[test]
fn by_topic_and_highest_rung_first() {
    let world = World::new("");
    assert_eq!(
        names(&world.plan(&ALL)),
        ["INF-400-G1/high", "INF-300-G1/middle", "INF-200-G1/low", "INF-200-G2/counted", "BCR-4/duty"]
    );
}

#[test]
fn by_default_only_what_decides_the_next_level_or_the_target() {
    let mut world = World::new("");
    assert_eq!(names(&world.plan(&Scope::default())), ["INF-200-G1/low", "INF-200-G2/counted", "BCR-4/duty"]);
    world.targets.insert("infrastructure".to_owned(), Target { level: 300, by: None });
    let to_target = world.plan(&Scope::default());
    assert_eq!(
        names(&to_target),
        ["INF-300-G1/middle", "INF-200-G1/low", "INF-200-G2/counted", "BCR-4/duty"]
    );
    assert_eq!(to_target.aims(), [("Infrastructure", Some(300), 3), ("Continuity", None, 1)]);
    let level = Scope { level: Some(400), ..Scope::default() };
    assert_eq!(names(&world.plan(&level)).len(), 4, "a competency without levels decides no level");
    let competency = Scope { competency: Some("continuity"), ..Scope::default() };
    assert_eq!(names(&world.plan(&competency)), ["BCR-4/duty"]);
}

#[test]
fn what_no_answer_settles_is_named_and_not_asked() {
    let plan = World::new("").plan(&ALL);
    assert_eq!(plan.beyond, ["INF-200-G2/only-measured"]);
    let counted = plan.questions.iter().find(|question| question.check.check == "counted").unwrap();
    assert_eq!(counted.text, "Who exists?");
}

#[test]
fn what_is_answered_is_not_asked_until_it_expires_or_is_about_to() {
    let answers = "\
answers:
  - { check: INF-400-G1/high, answer: no, on: 2025-11-20, by: 'A B <a@contoso.com>' }
  - { check: BCR-4/duty, answer: no, on: 2025-01-01, by: 'A B <a@contoso.com>' }
";
    let world = World::new(answers);
    let names_of = |scope: &Scope<'_>| names(&world.plan(scope));
    assert!(names_of(&ALL).contains(&"BCR-4/duty".to_owned()), "expired");
    assert!(!names_of(&ALL).contains(&"INF-400-G1/high".to_owned()), "counts");
    let soon = |days| Scope { expiring: Some(chrono::TimeDelta::days(days)), ..Scope::default() };
    assert!(names_of(&soon(30)).contains(&"INF-400-G1/high".to_owned()));
    assert!(!names_of(&soon(10)).contains(&"INF-400-G1/high".to_owned()));
    let plan = world.plan(&soon(30));
    let high = plan.questions.iter().find(|question| question.check.check == "high").unwrap();
    assert_eq!(high.until.unwrap().date_naive().to_string(), "2026-11-20");
}

#[test]
fn a_yes_on_a_higher_rung_settles_the_lower_ones() {
    let world = World::new("");
    let (done, shown, file) = sit(&world, &ALL, "yes wiki/drill\nq\n");
    assert_eq!(kept(&file), ["INF-400-G1/high Yes"]);
    assert_eq!((done.kept, done.settled, done.ended), (1, 2, Ended::Quit));
    assert!(!shown.contains("Question of middle?") && !shown.contains("Question of low?"), "{shown}");
    assert!(shown.contains("Who exists?"));
}

#[test]
fn a_no_on_a_higher_rung_settles_nothing() {
    let (done, shown, file) = sit(&World::new(""), &ALL, "no\n\nna\nno such thing here\nq\n");
    assert_eq!(kept(&file), ["INF-400-G1/high No", "INF-300-G1/middle NotApplicable"]);
    assert_eq!(done.settled, 0);
    assert!(shown.contains("Question of low?"));
}

#[test]
fn it_says_how_many_how_long_and_for_which_level_before_the_first() {
    let (_, shown, _) = sit(&World::new(""), &ALL, "");
    let first = shown.lines().next().unwrap();
    assert_eq!(first, "5 questions, about 5 minutes: Infrastructure up to 400 (4), Continuity (1).");
}

#[test]
fn a_yes_needs_evidence_and_not_applicable_a_reason_and_leave() {
    let typed = "na\nyes\n\n  \nwiki/page\nn/a\n\nbecause\nq\n";
    let (_, shown, file) = sit(&World::new(""), &Scope { level: Some(300), ..Scope::default() }, typed);
    // The first question (middle) may not apply, so the empty lines and the yes are its reasons.
    assert!(shown.contains("Why does it not apply"), "{shown}");
    assert_eq!(kept(&file).first().unwrap(), "INF-300-G1/middle NotApplicable");
    let (_, shown, file) = sit(&World::new(""), &ALL, "na\nyes\n\n \nwiki/page\nq\n");
    assert!(shown.contains("this applies to every tenant"));
    assert_eq!(shown.matches("it does not count without").count(), 2);
    assert_eq!(kept(&file), ["INF-400-G1/high Yes"]);
}

#[test]
fn back_asks_the_question_before_again_and_the_later_answer_counts() {
    let (done, _, file) = sit(&World::new(""), &ALL, "yes wiki\n<\nno\n\nq\n");
    // The yes had settled the rungs below; going back withdraws that.
    assert_eq!(kept(&file), ["INF-400-G1/high Yes", "INF-400-G1/high No"]);
    assert_eq!((done.kept, done.settled), (2, 0));
    let (_, shown, file) = sit(&World::new(""), &ALL, "<\nyes\n<\nq\n");
    assert!(shown.contains("this is the first question"));
    assert_eq!(file, "", "who goes back from the evidence has answered nothing");
}

#[test]
fn what_was_answered_is_not_called_settled_by_others_after_going_back() {
    let (done, ..) = sit(&World::new(""), &ALL, "no\n\nno\n\n<\n<\nno\n\nq\n");
    assert_eq!((done.kept, done.settled), (3, 0));
}

#[test]
fn the_end_of_the_input_keeps_what_was_answered() {
    for typed in ["no\n\n", "no\n\nyes\n", "no\n\nyes", "no\nx\nbogus\n"] {
        let (done, _, file) = sit(&World::new(""), &ALL, typed);
        assert_eq!((done.kept, done.ended), (1, Ended::Input), "{typed:?}");
        assert_eq!(kept(&file), ["INF-400-G1/high No"], "{typed:?}");
    }
}

#[test]
fn later_and_ask_keep_nothing_and_are_told_at_the_end() {
    let (done, _, file) =
        sit(&World::new(""), &ALL, "later\nask Kim Okafor\nask\nask Kim Okafor\nlater\nlater\n");
    assert_eq!((done.kept, done.later, done.ended), (0, 3, Ended::Through));
    let kim: Vec<String> = done.others["Kim Okafor"].iter().map(ToString::to_string).collect();
    assert_eq!(kim, ["INF-300-G1/middle", "INF-200-G1/low"]);
    assert_eq!(file, "");
}

#[test]
fn a_question_mark_explains_and_hostile_input_is_refused() {
    let long = "x".repeat(20_000);
    let typed = format!("?\nyes \u{1b}[31m\nyes {}\n{long}\nq\n", "y".repeat(1001));
    let (_, shown, file) = sit(&World::new(""), &ALL, &typed);
    assert!(shown.contains("It means: What it means.") && shown.contains("It matters: Why it matters."));
    assert!(
        shown.contains("control characters")
            && shown.contains("at most 1000 bytes")
            && shown.contains("too long")
    );
    assert!(!shown.contains('\u{1b}'));
    assert_eq!(file, "");
}

#[test]
fn an_audit_from_answers_alone_reaches_a_level() {
    let (done, ..) = sit(&World::new(""), &Scope { level: Some(300), ..Scope::default() }, "yes a\nyes b\n");
    assert_eq!((done.kept, done.settled, done.ended), (2, 1, Ended::Through));
}

#[test]
fn owners_of_the_narrowest_entry_are_asked() {
    let mut world = World::new("");
    let mut own = |what: &str, who: &str| world.owners.insert(what.to_owned(), vec![who.to_owned()]);
    own("infrastructure", "Kim Okafor <kim@contoso.com>");
    own("ladder", ADA);
    own("nonsense", "Nobody <no@contoso.com>");
    let of = |owner| names(&world.plan(&Scope { owner: Some(owner), ..ALL }));
    assert_eq!(of("kim@contoso.com"), ["INF-200-G2/counted"]);
    assert_eq!(of("ada lovelace").len(), 3);
    let refused =
        plan(&world.input(), &world.targets, Owners(&world.owners), &Scope { owner: Some("Eve"), ..ALL });
    assert!(refused.unwrap_err().to_string().contains("`Eve` owns nothing"));
    let idle = Owners(&world.owners).idle(&world.policies);
    assert_eq!(idle.len(), 1);
    assert!(idle[0].contains("`nonsense`"));
}

#[test]
fn two_answers_of_one_day_stay_in_order() {
    let morning = "answers:\n  - { check: BCR-4/duty, answer: no, on: 2026-11-02T08:00:00Z, by: 'A B <a@contoso.com>' }\n";
    let world = World::new(morning);
    let on = dated(today(), &check("BCR-4/duty"), &world.answers);
    assert_eq!(on, today(), "the day alone would be older");
    assert_eq!(
        dated(today(), &check("INF-400-G1/high"), &world.answers).to_rfc3339(),
        "2026-11-02T00:00:00+00:00"
    );
}

#[test]
fn an_answer_dated_ahead_leaves_its_question_unasked() {
    let world = World::new(
        "answers:\n  - { check: BCR-4/duty, answer: no, on: 2027-01-01, by: 'A B <a@contoso.com>' }\n",
    );
    let plan = world.plan(&ALL);
    let beyond: BTreeSet<&str> = plan.beyond.iter().map(String::as_str).collect();
    assert!(beyond.contains("BCR-4/duty"), "a new answer would not be the latest");
}

#[test]
fn who_answers_has_a_name_and_an_address() {
    assert_eq!(author(" Ada Lovelace <ada@contoso.com> ").unwrap(), ADA);
    for bad in ["", "ada@contoso.com", "Ada <ada>", "A\u{7} <a@contoso.com>"] {
        assert!(author(bad).is_err(), "{bad:?}");
    }
}
