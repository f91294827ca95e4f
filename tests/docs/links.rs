//! Every link leads somewhere, in the book and in the repository; every page is listed; there is one
//! for each policy and section.

use std::collections::BTreeSet;

use serde_json::Value;

use super::blocks::parser;
use super::book::{Book, ids, links, resolved, written};
use super::program::run;
use super::{pages, root};

/// The whole book.
fn whole() -> Book {
    written(&["--book", "docs"])
}

fn outside(link: &str) -> bool {
    ["https://", "http://", "mailto:"].iter().any(|start| link.starts_with(start))
}

#[test]
fn every_link_in_the_book_leads_somewhere() {
    let book = whole();
    let mut wrong = Vec::new();
    let mut seen = 0;
    for (page, text) in book.iter().filter(|(page, _)| page.ends_with(".md")) {
        for link in links(text).into_iter().filter(|link| !outside(link)) {
            seen += 1;
            let (path, anchor) = link.split_once('#').unwrap_or((&link, ""));
            let to = if path.is_empty() { Some(page.clone()) } else { resolved(page, path) };
            let leads = to
                .and_then(|to| book.get(&to))
                .is_some_and(|text| anchor.is_empty() || ids(text).contains(anchor));
            if !leads {
                wrong.push(format!("{page}: {link}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(seen > 5000, "only {seen} links were found");
}

#[test]
fn every_page_is_in_the_table_of_contents_once() {
    let book = whole();
    let listed = links(&book["SUMMARY.md"]);
    let once: BTreeSet<&String> = listed.iter().collect();
    assert_eq!(once.len(), listed.len(), "a page is listed twice");
    let pages: BTreeSet<&String> =
        book.keys().filter(|page| page.ends_with(".md") && *page != "SUMMARY.md").collect();
    let (missing, unlisted): (Vec<_>, Vec<_>) =
        (once.difference(&pages).collect(), pages.difference(&once).collect());
    assert!(missing.is_empty() && unlisted.is_empty(), "missing: {missing:?}, not listed: {unlisted:?}");
}

#[test]
fn a_page_for_each_policy_and_section() {
    let book = whole();
    for (arguments, folder) in [
        (&["policy", "list", "--format", "json"][..], "policy"),
        (&["sections", "--format", "json"], "section"),
    ] {
        let listed: Value = serde_json::from_str(&run(root(), arguments, b"").stdout).unwrap();
        let listed = listed.as_array().unwrap();
        assert!(listed.len() > 100);
        for row in listed {
            let page = format!("{folder}/{}.md", row["id"].as_str().unwrap());
            assert!(book.contains_key(&page), "{page}");
        }
    }
}

#[test]
fn the_pages_are_the_same_every_time() {
    assert!(whole() == whole());
}

#[test]
fn nothing_on_the_generated_pages_is_html_or_a_directive() {
    for (page, text) in written(&[]) {
        for event in parser(&text) {
            use pulldown_cmark::Event::{Html, InlineHtml};
            assert!(!matches!(event, Html(_) | InlineHtml(_)), "{page}: {event:?}");
        }
        assert!(!text.contains("{{"), "{page}");
    }
}

/// On the forge, where nothing is generated: what lies in the repository is there.
#[test]
fn every_link_in_the_repository_leads_somewhere() {
    let mut all = pages();
    for name in ["CONTRIBUTING.md", "CHANGELOG.md", "benches/README.md"] {
        all.push((name.to_owned(), std::fs::read_to_string(root().join(name)).unwrap()));
    }
    let mut wrong = Vec::new();
    for (page, text) in all {
        let above = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "benches/README.md"];
        let page = if above.contains(&page.as_str()) { page } else { format!("docs/{page}") };
        for link in links(&text).into_iter().filter(|link| !outside(link)) {
            let path = link.split('#').next().unwrap();
            let generated = ["policy/", "section/", "../policy/", "../section/"];
            if path.is_empty()
                || (page.starts_with("docs/") && generated.iter().any(|start| path.starts_with(start)))
            {
                continue;
            }
            if !resolved(&page, path).is_some_and(|path| root().join(path).exists()) {
                wrong.push(format!("{page}: {link}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
