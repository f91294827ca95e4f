//! What people get to see of a text: a few lines around a place, cropped, so that a diagnostic costs
//! the same in a minified file of 500 MB as in a short one. Comes in: a text and spans in it. Goes
//! out: crops, and a source for miette. Not here: what is said about the place.
//!
//! miette's own sources scan from the start of the text for every label, and panic on labels behind
//! column 65,535.

use std::ops::Range;

use memchr::{memchr, memrchr};
use miette::{MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};

use super::text::{Position, Span, Text, offset};

/// Whole lines are shown where they begin or end within this many bytes of the place.
const LINE: usize = 120;
/// Else the line is cut this many bytes before and behind it.
const CUT: usize = 80;
/// The longest label, in bytes.
const LABEL: usize = 64;

/// A piece of a text that knows where it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Crop {
    /// Offset of its first byte in the text.
    pub start: u32,
    /// Where that byte stands.
    pub position: Position,
    /// The piece, as written.
    pub text: String,
}

impl Crop {
    /// The lines around a place: its own, one before and one behind, as far as they are short.
    pub fn around(text: &Text, span: Span) -> Self {
        let range = surroundings(text, span);
        let start = offset(range.start);
        Self {
            start,
            position: text.position(start),
            text: text.as_str().get(range).unwrap_or("").to_owned(),
        }
    }

    /// The surroundings of several places, in order of the text; those that touch become one.
    pub fn each(text: &Text, spans: &[Span]) -> Vec<Self> {
        let mut ranges: Vec<Range<usize>> = spans.iter().map(|span| surroundings(text, *span)).collect();
        ranges.sort_by_key(|range| range.start);
        let mut merged: Vec<Range<usize>> = Vec::new();
        for range in ranges {
            match merged.last_mut() {
                Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
                _ => merged.push(range),
            }
        }
        let crop = |range: Range<usize>| {
            let start = offset(range.start);
            let piece = text.as_str().get(range).unwrap_or("").to_owned();
            Self { start, position: text.position(start), text: piece }
        };
        merged.into_iter().map(crop).collect()
    }

    fn end(&self) -> usize {
        self.start as usize + self.text.len()
    }

    /// Line and column, both from 0, of an offset in the whole text.
    fn place(&self, at: usize) -> (usize, usize) {
        let before = self.text.get(..at.saturating_sub(self.start as usize)).unwrap_or("");
        let (line, column) = (self.position.line.saturating_sub(1), self.position.column.saturating_sub(1));
        match before.rsplit_once('\n') {
            None => (line, column + before.chars().count()),
            Some((lines, rest)) => (line + 1 + lines.matches('\n').count(), rest.chars().count()),
        }
    }
}

/// The part of a span that a label marks: of an array or object the opening bracket, of a long value
/// its beginning, at the end of the text the last character.
pub fn label(text: &Text, span: Span) -> Span {
    let all = text.as_str();
    let start = floor(all, (span.start as usize).min(all.trim_end().len().saturating_sub(1)));
    let value = all.get(start..(span.end as usize).max(start)).unwrap_or("");
    let line = value.lines().next().unwrap_or("").trim_end();
    let length = match line.as_bytes().first() {
        Some(b'{' | b'[') => 1,
        _ => floor(line, LABEL),
    };
    let least = all.get(start..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
    Span::of(start, start + length.max(least))
}

/// A source for miette that holds nothing but the surroundings of its labels.
#[derive(Debug, Clone)]
pub struct Window {
    name: String,
    crops: Vec<Crop>,
}

impl Window {
    /// The surroundings of some places of a text, safe to show on a terminal.
    pub fn around(text: &Text, spans: &[Span]) -> Self {
        Self::new(text.name(), Crop::each(text, spans))
    }

    /// From crops that somebody kept, safe to show on a terminal.
    pub fn new(name: impl Into<String>, mut crops: Vec<Crop>) -> Self {
        for crop in &mut crops {
            crop.text = disarmed(&crop.text);
        }
        Self { name: name.into(), crops }
    }
}

impl SourceCode for Window {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let (from, to) = (span.offset(), span.offset().saturating_add(span.len()));
        // Two labels far apart are in no crop together, which keeps miette from joining them.
        let crop = self.crops.iter().find(|crop| crop.start as usize <= from && to <= crop.end());
        let crop = crop.ok_or(MietteError::OutOfBounds)?;
        let start = crop.start as usize;
        let (from, to) = if before == 0 && after == 0 { (from, to) } else { (start, crop.end()) };
        let data = crop.text.get(from - start..to - start).ok_or(MietteError::OutOfBounds)?;
        let (line, column) = crop.place(from);
        let lines = data.matches('\n').count() + 1;
        let span = SourceSpan::new(from.into(), to - from);
        Ok(Box::new(MietteSpanContents::new_named(
            self.name.clone(),
            data.as_bytes(),
            span,
            line,
            column,
            lines,
        )))
    }
}

/// Characters that a terminal obeys, or that hide or reorder what stands beside them.
pub fn is_armed(char: char) -> bool {
    matches!(char,
        '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{7f}'..='\u{9f}'
        | '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// The same text with stand-ins of the same length for such characters, so that offsets stay right.
fn disarmed(text: &str) -> String {
    let stand_in = |char: char| match char.len_utf8() {
        1 => "?",
        2 => "¿",
        3 => "\u{fffd}",
        _ => "\u{fffd}?",
    };
    text.chars().fold(String::with_capacity(text.len()), |mut out, char| {
        if is_armed(char) {
            out.push_str(stand_in(char))
        } else {
            out.push(char)
        }
        out
    })
}

fn surroundings(text: &Text, span: Span) -> Range<usize> {
    let (all, bytes) = (text.as_str(), text.as_str().as_bytes());
    let Span { start, end } = label(text, span);
    let (start, end) = (start as usize, end as usize);
    let near = start.saturating_sub(LINE);
    let before = bytes.get(near..start).unwrap_or(&[]);
    let from = match memrchr(b'\n', before) {
        Some(own) => match before.get(..own).and_then(|earlier| memrchr(b'\n', earlier)) {
            Some(previous) => near + previous + 1,
            None if near == 0 => 0,
            None => near + own + 1,
        },
        None if near == 0 => 0,
        None => start - CUT,
    };
    let behind = bytes.get(end..(end + LINE).min(bytes.len())).unwrap_or(&[]);
    let to = match memchr(b'\n', behind) {
        Some(own) => match behind.get(own + 1..).and_then(|later| memchr(b'\n', later)) {
            Some(next) => end + own + 1 + next,
            None if behind.len() < LINE => bytes.len(),
            None => end + own,
        },
        None if behind.len() < LINE => bytes.len(),
        None => end + CUT,
    };
    floor(all, from)..floor(all, to)
}

/// The character boundary at or before `at`.
fn floor(text: &str, at: usize) -> usize {
    text.floor_char_boundary(at)
}

#[cfg(test)]
mod tests {
    use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteDiagnostic};

    use super::*;

    fn show(text: &Text, spans: &[Span]) -> String {
        let labels = spans.iter().map(|span| {
            let label = label(text, *span);
            LabeledSpan::at(label.range(), "here")
        });
        let diagnostic = MietteDiagnostic::new("wrong").with_labels(labels);
        let window = Window::around(text, spans);
        let report = miette::Report::new(diagnostic).with_source_code(window);
        let diagnostic: &dyn Diagnostic = report.as_ref();
        let mut out = String::new();
        GraphicalReportHandler::new_themed(GraphicalTheme::unicode_nocolor())
            .render_report(&mut out, diagnostic)
            .unwrap();
        out
    }

    fn find(text: &Text, what: &str) -> Span {
        let start = text.as_str().find(what).unwrap();
        Span::of(start, start + what.len())
    }

    #[test]
    fn a_place_in_pretty_text_shows_its_line_and_two_more() {
        let text = Text::new("t.json", "[\n  1,\n  {\n    \"a\": 2\n  },\n  3\n]\n".to_owned());
        insta::assert_snapshot!(show(&text, &[find(&text, "2")]), @r#"
         × wrong
          ╭─[t.json:4:10]
        3 │   {
        4 │     "a": 2
          ·          ┬
          ·          ╰── here
        5 │   },
          ╰────
        "#);
    }

    #[test]
    fn places_in_one_long_line_are_cropped_and_placed() {
        let filler = "\"ä😀\",".repeat(30_000);
        let text = Text::new("t.json", format!("[{filler}\"first\",{filler}\"second\",{filler}1]"));
        let shown = show(&text, &[find(&text, "\"first\""), find(&text, "\"second\"")]);
        assert!(shown.contains("[t.json:1:150002]"), "{shown}");
        assert!(shown.contains("[t.json:1:300010]"), "{shown}");
        assert!(shown.len() < 2_500, "{} bytes", shown.len());
    }

    #[test]
    fn labels_are_short() {
        let text = Text::new("t.json", format!("[{{\"a\": \"{}\"}},\n\"x\ny\"]  \n", "ä".repeat(500)));
        let marked = |span| text.slice(label(&text, span)).to_owned();
        assert_eq!(marked(Span::of(0, text.as_str().len())), "[");
        assert_eq!(marked(find(&text, "{\"a\"")), "{");
        let long = find(&text, &format!("\"{}\"", "ä".repeat(500)));
        assert!((60..=LABEL).contains(&marked(long).len()));
        assert_eq!(marked(find(&text, "\"x\ny\"")), "\"x");
        let end = text.as_str().len();
        assert_eq!(marked(Span::of(end, end)), "]", "at the end the last character");
        let empty = Text::new("t.json", String::new());
        assert_eq!(label(&empty, Span::of(0, 0)), Span::of(0, 0));
    }

    #[test]
    fn nothing_reaches_the_terminal_that_it_would_obey() {
        let text = Text::new("t.json", "[\"\u{1b}[31m\u{9b}2J\u{202e}evil\u{e0041}\"]".to_owned());
        let shown = show(&text, &[find(&text, "evil")]);
        assert!(!shown.chars().any(is_armed), "{shown:?}");
        assert!(shown.contains("[t.json:1:12]"), "{shown}");
    }

    #[test]
    fn every_place_of_a_text_can_be_shown() {
        for source in [
            "",
            "\n",
            "[]",
            "[\r\n\"ä\",\r\n1]\r\n",
            &"😀".repeat(100),
            &"\n".repeat(300),
            &"ab\n".repeat(100),
        ] {
            let text = Text::new("t.json", source.to_owned());
            for at in 0..=source.len() {
                for length in [0, 1, 90, source.len()] {
                    show(&text, &[Span::of(at, at + length)]);
                    Crop::around(&text, Span::of(at, at + length));
                }
            }
        }
    }
}
