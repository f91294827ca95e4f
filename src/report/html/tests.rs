//! The page as text: complete, escaped, the same twice. What a browser makes of it is tested in
//! `tests/browser`.

use super::*;

const HOSTILE: &str = "\"><img src=x onerror=alert(1)></script><script>window.pwned=1</script>\u{202e}";

/// A small report with every part filled in by this text.
fn report(text: &str) -> Report {
    let quoted = serde_json::to_string(text).unwrap();
    let json = include_str!("tests.json").replace("\"@@\"", &quoted);
    serde_json::from_str(&json).unwrap()
}

#[test]
fn every_part_is_there() {
    let page = render(&report("Contoso"), &Options::default()).unwrap();
    for part in ["verdicts", "shape", "steps", "findings", "waivers", "answers", "sections", "method"] {
        assert!(page.contains(&format!("<section id=\"{part}\"")), "{part}");
    }
    for text in [
        "Contoso",
        "class=\"ladder\"",
        "class=\"radar\"",
        "100 to 500, 3 of 4 open",
        "Target 300 not proven yet",
    ] {
        assert!(page.contains(text), "{text}");
    }
}

#[test]
fn texts_of_others_stay_text() {
    let options = Options { only_summary: false, client: Some(HOSTILE.into()), scope: Some(HOSTILE.into()) };
    let page = render(&report(HOSTILE), &options).unwrap();
    assert!(!page.contains("<img"), "an element out of a text");
    assert_eq!(page.matches("<script").count(), 1);
    assert!(!page.contains('\u{202e}'));
    assert!(page.contains("window.pwned") && page.contains("u{202e}"), "they are shown, escaped");
}

#[test]
fn the_same_report_makes_the_same_page() {
    let make = || render(&report("Contoso"), &Options::default()).unwrap();
    assert_eq!(make(), make());
}

#[test]
fn a_board_gets_the_summary() {
    let options =
        Options { only_summary: true, client: Some("Fabrikam".into()), scope: Some("Production".into()) };
    let page = render(&report("Contoso"), &options).unwrap();
    for part in ["findings", "answers", "sections"] {
        assert!(!page.contains(&format!("id=\"{part}\"")), "{part}");
    }
    assert!(page.contains("<h1>Fabrikam</h1>") && page.contains("Production"));
}

#[test]
fn the_policy_allows_this_style_and_this_script_and_nothing_inline() {
    use base64::Engine as _;
    use sha2::Digest as _;
    let page = render(&report("Contoso"), &Options::default()).unwrap();
    for (element, directive) in [("style", "style-src"), ("script", "script-src")] {
        let (_, rest) = page.split_once(&format!("<{element}>")).unwrap();
        let (inside, _) = rest.split_once(&format!("</{element}>")).unwrap();
        let hash = base64::engine::general_purpose::STANDARD.encode(sha2::Sha256::digest(inside.as_bytes()));
        assert!(page.contains(&format!("{directive} 'sha256-{hash}'")), "{element}");
    }
    assert!(page.contains("default-src 'none'"));
    assert!(
        !page.contains(" style=\"")
            && !page.contains(" onclick=")
            && !page.contains("http-equiv=\"refresh\"")
    );
}

#[test]
fn a_filtered_and_an_empty_run_have_a_page() {
    let mut report = report("Contoso");
    report.filtered = true;
    report.tenant = None;
    for competency in &mut report.competencies {
        competency.verdict = None;
        competency.profile = None;
    }
    let page = render(&report, &Options::default()).unwrap();
    assert!(page.contains("no verdict") && !page.contains("id=\"shape\""));
    report.competencies.clear();
    report.findings.clear();
    report.sections.clear();
    assert!(render(&report, &Options::default()).unwrap().contains("</html>"));
}
