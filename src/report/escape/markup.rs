//! Escapes for texts with a syntax of their own: Markdown, XML, SARIF messages, workflow commands.
//! All of them begin with [`terminal`]: what deceives a person is shown, whatever the format.

use super::terminal;

/// For running text of GitHub-flavoured Markdown: a line that shows these characters and does nothing.
///
/// Backslashes take the syntax away (CommonMark 0.31, section 2.4), table pipes included (GFM, 4.10).
/// Mentions, references to issues and bare addresses are found later, in the rendered text (GFM, 6.9, and
/// GitHub's own filters), where a backslash is forgotten: a zero-width space written as an entity
/// parts them, as Renovate does it.
pub fn markdown(text: &str) -> String {
    let text = terminal(text);
    let mut shown = String::with_capacity(text.len() + 16);
    let mut characters = text.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        let next = characters.peek().map(|(_, next)| *next);
        let behind = text.get(..at).unwrap_or_default();
        match character {
            '<' => shown.push_str("&lt;"),
            '>' => shown.push_str("&gt;"),
            '&' => shown.push_str("&amp;"),
            '@' => shown.push_str("@&#8203;"),
            '#' if next.is_some_and(|next| next.is_ascii_digit()) => shown.push_str("\\#&#8203;"),
            ':' if next == Some('/') => shown.push_str(":&#8203;"),
            '.' if ends_with_www(behind) => shown.push_str("&#8203;."),
            '-' if behind.to_ascii_uppercase().ends_with("GH") => shown.push_str("&#8203;-"),
            '-' | '+' | '=' if behind.trim().is_empty() => shown.extend(['\\', character]),
            '.' | ')' if !behind.is_empty() && behind.bytes().all(|byte| byte.is_ascii_digit()) => {
                shown.extend(['\\', character]);
            }
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '(' | '!' | '|' | '~' | '$' | '^' | '#' => {
                shown.extend(['\\', character]);
            }
            other => shown.push(other),
        }
    }
    shown
}

fn ends_with_www(text: &str) -> bool {
    text.len() >= 3 && text.get(text.len() - 3..).is_some_and(|end| end.eq_ignore_ascii_case("www"))
}

/// For a code span of GitHub-flavoured Markdown (CommonMark, section 6.1): nothing in it is looked at,
/// mentions and addresses neither; the fence is longer than any inside. In a table pipes are taken
/// before code spans are (GFM, 4.10), so they get their backslash here too.
pub fn markdown_code(text: &str) -> String {
    span(&terminal(text).replace('|', "\\|"))
}

/// The same outside of tables, where a backslash in front of a pipe would be shown.
pub fn markdown_code_in_text(text: &str) -> String {
    span(&terminal(text))
}

fn span(text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let space = if text.starts_with(['`', ' ']) || text.ends_with(['`', ' ']) { " " } else { "" };
    format!("{fence}{space}{text}{space}{fence}")
}

/// For attributes and text of XML 1.0: markup as entities (section 2.4), no character that the
/// document may not hold (section 2.2), lines kept.
pub fn xml(text: &str) -> String {
    let mut shown = String::with_capacity(text.len() + 16);
    for character in super::terminal_lines(text).chars() {
        match character {
            '&' => shown.push_str("&amp;"),
            '<' => shown.push_str("&lt;"),
            '>' => shown.push_str("&gt;"),
            '"' => shown.push_str("&quot;"),
            '\'' => shown.push_str("&apos;"),
            // Non-characters are not `deceives`, but not XML either.
            '\u{FFFE}' | '\u{FFFF}' => shown.extend(character.escape_unicode()),
            other => shown.push(other),
        }
    }
    shown
}

/// For a plain text message of SARIF 2.1.0: brackets would make a link (section 3.11.6) and braces a
/// placeholder (section 3.11.5).
pub fn sarif(text: &str) -> String {
    let mut shown = String::with_capacity(text.len() + 8);
    for character in terminal(text).chars() {
        match character {
            '[' | ']' | '\\' => shown.extend(['\\', character]),
            '{' | '}' => shown.extend([character, character]),
            other => shown.push(other),
        }
    }
    shown
}

/// For the data of a workflow command: `escapeData` of `@actions/core` (`command.ts`), line breaks kept.
pub fn workflow_data(text: &str) -> String {
    super::terminal_lines(text).replace('%', "%25").replace('\n', "%0A")
}

/// For a property of a workflow command: `escapeProperty` of the same.
pub fn workflow_property(text: &str) -> String {
    terminal(text).replace('%', "%25").replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markdown_shows_and_does_nothing() {
        for (text, shown) in [
            ("plain, text.", "plain, text."),
            ("@team hi a@b.example", "@&#8203;team hi a@&#8203;b.example"),
            ("![x](http://e.example)", "\\!\\[x\\]\\(http:&#8203;//e.example)"),
            ("<img src=x>&amp;", "&lt;img src=x&gt;&amp;amp;"),
            ("a|b`c`*d*_e_~f~", "a\\|b\\`c\\`\\*d\\*\\_e\\_\\~f\\~"),
            ("WWW.x.example #12 GH-12", "WWW&#8203;.x.example \\#&#8203;12 GH&#8203;-12"),
            ("- item", "\\- item"),
            ("12. item", "12\\. item"),
            ("# head\nnext", "\\# head\\\\u\\{a\\}next"),
        ] {
            assert_eq!(markdown(text), shown, "{text}");
        }
    }

    #[test]
    fn a_code_span_ends_where_it_should() {
        for (text, shown) in [
            ("a", "`a`"),
            ("`", "`` ` ``"),
            ("a``b", "```a``b```"),
            ("a|b", "`a\\|b`"),
            ("", ""),
            (" ", "`   `"),
        ] {
            assert_eq!(markdown_code(text), shown, "{text}");
            assert_eq!(markdown_code_in_text(text), shown.replace("\\|", "|"), "{text}");
        }
    }

    #[test]
    fn xml_holds_only_what_it_may() {
        assert_eq!(
            xml("<a b='c'>\"&\u{1}\u{b}\u{fffe}\n]]>"),
            "&lt;a b=&apos;c&apos;&gt;&quot;&amp;\\u{1}\\u{b}\\u{fffe}\n]]&gt;"
        );
    }

    #[test]
    fn a_message_has_neither_links_nor_placeholders() {
        assert_eq!(sarif("see [here](http://e.example) {0}"), "see \\[here\\](http://e.example) {{0}}");
    }

    #[test]
    fn a_workflow_command_ends_where_it_should() {
        assert_eq!(workflow_data("100%\r\n::error::x"), "100%25%0A::error::x");
        assert_eq!(workflow_property("a,b:c%\n::"), "a%2Cb%3Ac%25\\u{a}%3A%3A");
    }
}
