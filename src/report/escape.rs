//! Tenant strings are hostile. One function per consumer, each citing what that consumer obeys.

mod markup;

use std::borrow::Cow;

pub use self::markup::{
    markdown, markdown_code, markdown_code_in_text, sarif, workflow_data, workflow_property, xml,
};

/// For a terminal and for logs: no control characters (C0, DEL, C1: ECMA-48 escape sequences start
/// with them), no bidirectional controls (Unicode TR 36, section 3.8), no invisible or line-breaking
/// characters. Each is shown as `\u{…}`.
pub fn terminal(text: &str) -> Cow<'_, str> {
    if !text.chars().any(deceives) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        if deceives(character) {
            shown.extend(character.escape_unicode());
        } else {
            shown.push(character);
        }
    }
    Cow::Owned(shown)
}

/// As [`terminal`], for a text at the start of a line: there a GitHub runner takes `::` for a command.
pub fn opening(text: &str) -> Cow<'_, str> {
    let text = terminal(text);
    if text.trim_start().starts_with("::") { Cow::Owned(format!("\"{text}\"")) } else { text }
}

/// As [`terminal`], but for text of several lines: newlines stay, tabs become spaces.
pub fn terminal_lines(text: &str) -> String {
    let lines = text.split('\n').map(|line| line.trim_end_matches('\r').replace('\t', "  "));
    lines.map(|line| terminal(&line).into_owned()).collect::<Vec<_>>().join("\n")
}

/// Whatever is printed in the end, ours and others' together: the last line of defence, since a message
/// may quote an argument, a file name or a line of a file. Where we print in colour, what sets a colour
/// (ECMA-48, SGR) stays and nothing else.
pub fn printed(text: &str, colored: bool) -> Cow<'_, str> {
    if is_plain(text) || !text.chars().any(|character| character != '\n' && deceives(character)) {
        return Cow::Borrowed(text);
    }
    if !colored {
        return Cow::Owned(terminal_lines(text));
    }
    let mut pieces = text.split("\u{1b}[");
    let mut shown = terminal_lines(pieces.next().unwrap_or_default());
    for piece in pieces {
        let parameters = piece.bytes().take_while(|byte| byte.is_ascii_digit() || *byte == b';').count();
        match piece.get(parameters..).and_then(|rest| rest.strip_prefix('m')) {
            Some(rest) => {
                shown.extend(["\u{1b}[", piece.get(..parameters).unwrap_or_default(), "m"]);
                shown.push_str(&terminal_lines(rest));
            }
            None => shown.push_str(&terminal_lines(&format!("\u{1b}[{piece}"))),
        }
    }
    Cow::Owned(shown)
}

/// JSON as it is printed: the same values, with what deceives as `\u` escapes (RFC 8259, section 7).
pub fn json(text: &str) -> Cow<'_, str> {
    let escaped = |character: char| character != '\n' && deceives(character);
    if is_plain(text) || !text.chars().any(escaped) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 64);
    for character in text.chars() {
        if escaped(character) {
            shown.extend(character.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")));
        } else {
            shown.push(character);
        }
    }
    Cow::Owned(shown)
}

/// Whether there are nothing but ASCII letters, signs and line breaks, as in nearly all that is printed: seen many
/// bytes at a time.
fn is_plain(text: &str) -> bool {
    let plain = |byte: &u8| (*byte >= b' ' && *byte < 0x7f) | (*byte == b'\n');
    text.as_bytes().chunks(64).all(|bytes| bytes.iter().fold(true, |all, byte| all & plain(byte)))
}

/// Characters that change how others are shown, or that cannot be seen.
pub(crate) fn deceives(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{00AD}' | '\u{061C}' | '\u{115F}' | '\u{1160}' | '\u{180E}' | '\u{3164}' | '\u{FEFF}' | '\u{FFA0}'
            | '\u{200B}'..='\u{200F}'
            | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}'
            | '\u{FFF0}'..='\u{FFFB}'
            | '\u{E0000}'..='\u{E0FFF}')
}

/// For a cell of a CSV file: a spreadsheet takes what begins with `=`, `+`, `-`, `@`, a tab or a line
/// break for a formula (OWASP, CSV Injection; Excel takes the full-width forms too). An apostrophe in
/// front makes it a text. [`from_spreadsheet`] takes it off again.
pub fn spreadsheet(text: &str) -> Cow<'_, str> {
    if calculates(text) { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
}

/// The text of a cell that [`spreadsheet`] wrote.
pub fn from_spreadsheet(cell: &str) -> Cow<'_, str> {
    Cow::Borrowed(cell.strip_prefix('\'').filter(|text| calculates(text)).unwrap_or(cell))
}

/// Behind apostrophes too: else one that was typed could not be told from ours.
fn calculates(text: &str) -> bool {
    text.trim_start_matches('\'')
        .starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '\u{FF1D}', '\u{FF0B}', '\u{FF0D}', '\u{FF20}'])
}

/// For the text and the quoted attributes of HTML and of SVG inside it (WHATWG HTML, 13.1.1 and 13.1.2.3):
/// what could begin a tag or a reference, or end an attribute. Templates do the same by themselves.
pub fn html(text: &str) -> Cow<'_, str> {
    if !text.contains(['&', '<', '>', '"', '\'']) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        match character {
            '&' => shown.push_str("&amp;"),
            '<' => shown.push_str("&lt;"),
            '>' => shown.push_str("&gt;"),
            '"' => shown.push_str("&quot;"),
            '\'' => shown.push_str("&#39;"),
            other => shown.push(other),
        }
    }
    Cow::Owned(shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_steers_a_terminal_gets_through() {
        for bad in [
            '\u{1b}',
            '\u{7}',
            '\r',
            '\n',
            '\t',
            '\u{7f}',
            '\u{9b}',
            '\u{85}',
            '\u{202e}',
            '\u{2066}',
            '\u{200b}',
            '\u{e0041}',
        ] {
            let shown = terminal(&format!("a{bad}b")).into_owned();
            assert_eq!(shown, format!("a\\u{{{:x}}}b", u32::from(bad)));
        }
    }

    #[test]
    fn only_colours_get_through_where_colours_are_wanted() {
        for (text, plain, colored) in [
            ("\u{1b}[1;31mred\u{1b}[0m\n", "\\u{1b}[1;31mred\\u{1b}[0m\n", "\u{1b}[1;31mred\u{1b}[0m\n"),
            ("\u{1b}[2J", "\\u{1b}[2J", "\\u{1b}[2J"),
            ("\u{1b}]0;t\u{7}", "\\u{1b}]0;t\\u{7}", "\\u{1b}]0;t\\u{7}"),
            ("\u{1b}[", "\\u{1b}[", "\\u{1b}["),
            ("\u{9b}31m\r", "\\u{9b}31m", "\\u{9b}31m"),
            ("é\u{1b}[0mé", "é\\u{1b}[0mé", "é\u{1b}[0mé"),
        ] {
            assert_eq!(printed(text, false), plain);
            assert_eq!(printed(text, true), colored);
        }
    }

    #[test]
    fn json_keeps_its_values() {
        let value = serde_json::json!({ "a\u{202e}": "\u{9b}\u{7f}\u{e0041}\u{1b}\n é" });
        let text = serde_json::to_string_pretty(&value).unwrap();
        let shown = json(&text);
        assert!(
            shown.contains(r"\u202e") && shown.contains(r"\u009b\u007f\udb40\udc41\u001b\n é"),
            "{shown}"
        );
        assert!(!shown.chars().any(|c| c != '\n' && deceives(c)));
        assert_eq!(serde_json::from_str::<serde_json::Value>(&shown).unwrap(), value);
    }

    #[test]
    fn no_text_begins_a_tag_or_ends_an_attribute() {
        assert_eq!(html("\"><i onload='a'>&"), "&quot;&gt;&lt;i onload=&#39;a&#39;&gt;&amp;");
        assert!(matches!(html("Zoë – 5 €"), Cow::Borrowed(_)));
    }

    #[test]
    fn ordinary_text_is_borrowed() {
        assert!(matches!(terminal("Zoë, 東京, naïve – 5 €"), Cow::Borrowed(_)));
    }

    #[test]
    fn no_line_opens_with_a_command() {
        for (text, shown) in
            [("::error::x", "\"::error::x\""), (" ::x", "\" ::x\""), ("Contoso::x", "Contoso::x")]
        {
            assert_eq!(opening(text), shown);
        }
    }

    #[test]
    fn lines_survive_where_they_are_meant() {
        assert_eq!(terminal_lines("a\r\n\tb\u{1b}c"), "a\n  b\\u{1b}c");
    }

    #[test]
    fn no_cell_is_a_formula_and_every_cell_reads_back() {
        for text in
            ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "'=1", "''@x", "＝1", "'tis", "", "plain", "a=b"]
        {
            let cell = spreadsheet(text);
            assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r', '＝']), "{cell}");
            assert_eq!(from_spreadsheet(&cell), text);
        }
        assert_eq!(spreadsheet("=1"), "'=1");
        assert_eq!(spreadsheet("'tis"), "'tis");
    }
}
