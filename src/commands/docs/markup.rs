//! Markdown of the generated pages. Comes in: words of ours and of policies. Goes out: text in which
//! what a policy says is shown and does nothing. Not here: what stands on a page.

use std::fmt::Write as _;

use crate::policy::compiled::CheckRef;
use crate::report::escape::{markdown, markdown_code, markdown_code_in_text};

/// A text of one line: a heading, a cell, a part of a sentence.
pub(super) fn line(text: &str) -> String {
    markdown(&text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// A text of many lines, each a paragraph.
pub(super) fn paragraphs(text: &str) -> String {
    let lines = text.lines().map(line).filter(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join("\n\n")
}

/// Code in running text. mdBook looks for its own `{{#…}}` before it looks for code.
pub(super) fn code(text: &str) -> String {
    if text.contains("{{") { as_html(text) } else { markdown_code_in_text(text) }
}

/// Code in a table.
pub(super) fn cell(text: &str) -> String {
    if text.contains("{{") { as_html(text) } else { markdown_code(text) }
}

fn as_html(text: &str) -> String {
    format!("<code>{}</code>", markdown(text))
}

/// A link to an address outside; without one if the address could end the link (CommonMark, 6.3).
pub(super) fn outside(title: &str, url: &str) -> String {
    let odd = |c: char| c.is_whitespace() || c.is_control() || "<>\\`{}|\"'".contains(c);
    if url.contains(odd) || !url.starts_with("https://") {
        return format!("{}: {}", line(title), code(url));
    }
    format!("[{}](<{url}>)", line(title))
}

/// A page beside those of policies and sections: from one of them, or from that above.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum From {
    /// `policy/`
    Policies,
    /// `section/`
    Sections,
}

impl From {
    /// A policy's page.
    pub(super) fn policy(self, id: &str) -> String {
        let folder = match self {
            Self::Policies => "",
            Self::Sections => "../policy/",
        };
        format!("[{}]({folder}{id}.md)", line(id))
    }

    /// A check on its policy's page.
    pub(super) fn check(self, check: &CheckRef) -> String {
        let folder = match self {
            Self::Policies => "",
            Self::Sections => "../policy/",
        };
        let CheckRef { policy, check } = check;
        format!("[{policy}/{check}]({folder}{policy}.md#{check})")
    }

    /// A section's page.
    pub(super) fn section(self, id: &str) -> String {
        let folder = match self {
            Self::Policies => "../section/",
            Self::Sections => "",
        };
        format!("[{}]({folder}{id}.md)", code(id))
    }
}

/// A heading with what stands below it, if anything does.
pub(super) fn part(out: &mut String, title: &str, below: &str) {
    if !below.is_empty() {
        let _ = write!(out, "\n## {title}\n\n{}\n", below.trim_end());
    }
}

/// A table; nothing without rows.
pub(super) fn table(head: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut out = String::new();
    for row in rows {
        if out.is_empty() {
            let _ = write!(out, "| {} |\n|{}\n", head.join(" | "), "---|".repeat(head.len()));
        }
        let _ = writeln!(out, "| {} |", row.join(" | "));
    }
    out
}

/// An item of a list; nothing without a value.
pub(super) fn fact(out: &mut String, name: &str, value: &str) {
    if !value.is_empty() {
        let _ = writeln!(out, "- **{name}:** {value}");
    }
}

/// "one policy", "three policies" in figures.
pub(super) fn counted(count: usize, one: &str, many: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {many}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_is_never_a_directive() {
        assert_eq!(code("$.a[?@.b || @.c]"), "`$.a[?@.b || @.c]`");
        assert_eq!(cell("$.a[?@.b || @.c]"), "`$.a[?@.b \\|\\| @.c]`");
        for shown in [code("{{#include /etc/passwd}}"), cell("{{#include /etc/passwd}}")] {
            assert!(!shown.contains("{{"), "{shown}");
            assert!(shown.starts_with("<code>\\{\\{"), "{shown}");
        }
    }

    #[test]
    fn an_address_stays_inside_its_link() {
        assert_eq!(outside("a [b]", "https://x.example/c(d)"), "[a \\[b\\]](<https://x.example/c(d)>)");
        assert_eq!(outside("a", "https://x.example/> <b"), "a: `https://x.example/> <b`");
        assert_eq!(outside("a", "javascript:alert(1)"), "a: `javascript:alert(1)`");
    }

    #[test]
    fn lines_become_paragraphs() {
        assert_eq!(paragraphs("one\ntwo <b>\n\n  three\n"), "one\n\ntwo &lt;b&gt;\n\nthree");
    }
}
