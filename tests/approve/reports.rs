//! Approvals in every format, and what they leave as it is: the verdict.

use serde_json::{Value, json};

use super::program::run;
use super::{Contoso, items, some};

#[test]
fn every_format_counts_them_and_json_lists_them() {
    let contoso = Contoso::new(some);
    contoso.approve(&["--only", "conditionalAccess.policies/state", "--only", "applications.registrations"]);
    contoso.night(|draft| {
        some(draft);
        items(draft, "conditionalAccess.policies")[0]["state"] = json!("enabled");
        let apps = items(draft, "applications.registrations");
        apps[0]["signInAudience"] = json!("AzureADMultipleOrgs");
    });
    let of = |format: &str| contoso.diff(&["--format", format]).stdout;
    let found: Value = serde_json::from_str(&of("json")).unwrap();
    assert_eq!(found["counts"]["approved"], 1);
    assert_eq!(found["approvals"]["file"], "contoso/approvals.yaml");
    assert_eq!(found["approvals"]["unused"][0]["pointer"], "/state");
    let app = &found["sections"][0]["items"][0];
    let changes = app["changes"].as_array().unwrap();
    let approved: Vec<&Value> = changes.iter().filter_map(|change| change.get("approved")).collect();
    assert_eq!((changes.len(), approved.len()), (2, 1), "{app}");
    assert_eq!(
        (&approved[0]["reason"], &approved[0]["by"]),
        (&json!("agreed"), &json!("Ada L <ada@contoso.com>"))
    );
    for format in ["markdown", "github"] {
        let text = of(format);
        assert!(text.contains("1 approved") && text.contains("matches nothing any more"), "{format}: {text}");
        assert!(!text.contains("agreed") && !text.contains("Ada"), "no text of the tenant: {text}");
    }
    let page = of("html");
    assert!(
        page.contains("<dt>approved</dt><dd>1</dd>") && page.contains("matches nothing any more"),
        "{page}"
    );
    assert!(!page.contains("endDateTime"), "what is approved is counted, not shown");
    let text = contoso.diff(&["--verbose"]).stdout;
    assert!(text.contains("— approved —") && text.contains("agreed (Ada L <ada@contoso.com>, "), "{text}");
    assert!(text.contains("/signInAudience") && text.contains("endDateTime"), "{text}");
    // At `place` nothing says what or who.
    let place = contoso.diff(&["--format", "json", "--detail", "place"]).stdout;
    assert!(
        place.contains("\"approved\": {") && !place.contains("agreed") && !place.contains("Ada L"),
        "{place}"
    );
    // Nobody asked: nothing is said.
    let plain = run(contoso.path(), &["diff", "contoso", "--no-effect"], b"").stdout;
    assert!(!plain.contains("approved"), "{plain}");
}

#[test]
fn another_value_than_was_approved_is_said_in_every_format() {
    let contoso = Contoso::new(some);
    contoso.approve(&["--all"]);
    contoso.night(|draft| {
        some(draft);
        items(draft, "conditionalAccess.policies")[0]["state"] = json!("enabledForReportingButNotEnforced");
    });
    for (format, hint) in [
        ("json", "\"approvedOtherwise\": {"),
        ("markdown", "approved was another value, on "),
        ("html", "approved was &#34;enabled&#34; → &#34;disabled&#34; (by Ada L"),
    ] {
        let run = contoso.diff(&["--format", format]);
        assert_eq!(run.code, 5, "{format}");
        assert!(run.stdout.contains(hint), "{format}: {}", run.stdout);
    }
}

#[test]
fn an_approval_is_about_drift_and_not_about_the_verdict() {
    let contoso = Contoso::new(|draft| {
        items(draft, "conditionalAccess.policies")
            .iter_mut()
            .for_each(|policy| policy["state"] = json!("disabled"));
    });
    let effects = |arguments: &[&str]| {
        let run = run(contoso.path(), &[&["diff", "contoso"], arguments].concat(), b"");
        let turned: Vec<String> =
            run.stdout.lines().filter(|line| line.contains("passed, now fails")).map(str::to_owned).collect();
        (run.code, turned.into_iter().filter(|line| line.starts_with("  ×")).collect::<Vec<_>>(), run.stdout)
    };
    let (code, before, _) = effects(&[]);
    assert!(code == 5 && !before.is_empty());
    contoso.approve(&["--all"]);
    let (code, after, text) = effects(&["--approved", "-v"]);
    assert_eq!((code, &after), (0, &before), "{text}");
    assert!(text.contains("checks that turned"), "{text}");
}
