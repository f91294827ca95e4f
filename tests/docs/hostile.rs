//! What a policy says is shown on its page and does nothing: no tag, no link, no heading, no directive
//! of mdBook comes from it.

use std::fs;

use pulldown_cmark::{Event, Tag};

use super::blocks::parser;
use super::book::{headings, links, written};

/// In every text of the policy.
const BAD: &str = "<script>alert(1)</script> <img src=x onerror=a> {{#include /etc/passwd}} {{#playground a.rs}} \
                   [x](javascript:alert(1)) ![y](https://e.example/p.png) `a` **b** a|b # c <https://e.example> &lt;i&gt; @team {#id}";

fn policies(folder: &std::path::Path) {
    let text = serde_json::to_string(BAD).unwrap();
    fs::write(
        folder.join("model.yaml"),
        format!(
            "levels:\n  350: {{ name: {text} }}\ndocuments:\n  - {{ id: d, title: {text}, edition: {text}, url: \"https://e.example/){{{{#include x}}}}\" }}\n\
             competencies:\n  - id: c\n    name: {text}\n    prefix: BAD\n    document: d\n    levels: [350]\n    criteria:\n      - {{ id: BAD-350-1, claims: [] }}\n"
        ),
    )
    .unwrap();
    let lines =
        serde_json::to_string(&format!("{BAD}\n\n# heading\n\n- list\n\n---\n\n    code\n\n{BAD}")).unwrap();
    fs::write(
        folder.join("BAD-350-1.yaml"),
        format!(
            "id: BAD-350-1\ntitle: {text}\ncompetency: c\nlevel: 350\ndimension: governance\nabout: {lines}\nwhy: {lines}\nfix: {lines}\n\
             references:\n  - {{ title: {text}, url: \"https://e.example/a(b)\" }}\n\
             params:\n  p: {{ about: {text}, type: string, required: false, default: {text} }}\n\
             checks:\n  - id: one\n    title: {text}\n    require: \"$.users.accounts[?@.displayName == $.params.p || @.displayName == '<b>{{{{#include x}}}}`']\"\n    ask: {lines}\n\
             examples:\n  - name: {text}\n    given: {{ users: {{ accounts: [] }} }}\n    today: 2026-01-01\n    expect: {{ one: fail }}\n"
        ),
    )
    .unwrap();
}

#[test]
fn what_a_policy_says_does_nothing() {
    let folder = tempfile::tempdir().unwrap();
    policies(folder.path());
    let book = written(&["--no-builtin", "--policies", folder.path().to_str().unwrap()]);
    let page = &book["policy/BAD-350-1.md"];
    for name in ["policy/BAD-350-1.md", "policy/BAD.md", "policy/index.md"] {
        let text = &book[name];
        assert!(text.contains("alert"), "{name} shows it");
        assert!(!text.contains("{{"), "{name}: mdBook would look at that\n{text}");
        for event in parser(text) {
            match event {
                Event::Html(html) | Event::InlineHtml(html) => {
                    assert!(["<code>", "</code>"].contains(&&*html), "{name}: {html}");
                }
                Event::Start(Tag::Image { .. }) => panic!("{name}: an image\n{text}"),
                _ => {}
            }
        }
        for link in links(text) {
            let ours = link.ends_with(".md") || link.contains(".md#") || link.starts_with('#');
            assert!(ours || link == "https://e.example/a(b)", "{name}: {link}");
        }
    }
    let expected = [
        "What it means",
        "Why it matters",
        "What to do",
        "Checks",
        "one",
        "Sections read",
        "Parameters",
        "Examples",
        "Read on",
        "On your own tenant",
    ];
    assert_eq!(headings(page)[1..], expected);
}
