//! A mistake in a file that a person wrote, and all of them together, for miette to show.
//! Comes in: place, message, help. Goes out: diagnostics in order of file and place. Not here:
//! unknowns and fails; those are findings, not mistakes.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use miette::{
    Diagnostic, LabeledSpan, MietteError, MietteSpanContents, Severity, SourceCode, SourceSpan, SpanContents,
};

/// A file's name and text.
#[derive(Debug)]
pub struct Source {
    /// Path to show, e.g. `policies/infrastructure/400/INF-400-G2.yaml`.
    pub name: String,
    /// Its whole text, without a byte order mark.
    pub text: Cow<'static, str>,
}

impl SourceCode for Source {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let inner = self.text.read_span(span, before, after)?;
        Ok(Box::new(MietteSpanContents::new_named(
            self.name.clone(),
            inner.data(),
            *inner.span(),
            inner.line(),
            inner.column(),
            inner.line_count(),
        )))
    }
}

/// Bytes in a file.
#[derive(Debug, Clone)]
pub struct Place {
    /// The file.
    pub source: Arc<Source>,
    /// Byte range in its text.
    pub at: Range<usize>,
}

impl Place {
    /// Line, from 1.
    pub fn line(&self) -> usize {
        1 + self.source.text.bytes().take(self.at.start).filter(|b| *b == b'\n').count()
    }

    /// The range to underline: within the text and on one line, because a label on a container
    /// prints every line of it.
    fn label_range(&self) -> Range<usize> {
        let text = &self.source.text;
        let mut start = self.at.start.min(text.len());
        while !text.is_char_boundary(start) {
            start -= 1;
        }
        let mut end = self.at.end.clamp(start, text.len());
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let line = text.get(start..end).unwrap_or_default();
        let length = line.find(['\n', '\r']).unwrap_or(line.len());
        start..start + line.get(..length).unwrap_or_default().trim_end().len()
    }
}

/// One mistake.
#[derive(Debug, Clone)]
pub struct Mistake {
    /// e.g. `policy::query`.
    pub code: &'static str,
    /// What is wrong, lower case, fits after "failed to …:".
    pub message: String,
    /// The way out.
    pub help: Option<String>,
    /// Where; None when no text can be shown (an unreadable file).
    pub place: Option<Place>,
    /// Short text at the place.
    pub label: Option<Box<str>>,
    /// A second place that explains the first, with its text. In another file only the text shows.
    pub other: Option<Box<(Place, String)>>,
    /// An error, or a warning (lint).
    pub severity: Severity,
}

impl Mistake {
    /// An error at a place.
    pub fn new(code: &'static str, message: impl Into<String>, place: Option<Place>) -> Self {
        Self {
            code,
            message: message.into(),
            help: None,
            place,
            label: None,
            other: None,
            severity: Severity::Error,
        }
    }

    /// With the way out.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// With a way out, if there is one.
    #[must_use]
    pub fn maybe_help(mut self, help: Option<String>) -> Self {
        self.help = help.or(self.help);
        self
    }

    /// With a text at the place.
    #[must_use]
    pub fn label(mut self, label: impl Into<Box<str>>) -> Self {
        self.label = Some(label.into());
        self
    }

    /// With a second place.
    #[must_use]
    pub fn other(mut self, place: Place, label: impl Into<String>) -> Self {
        self.other = Some(Box::new((place, label.into())));
        self
    }

    /// As a warning.
    #[must_use]
    pub fn warning(mut self) -> Self {
        self.severity = Severity::Warning;
        self
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Mistake {}

impl Diagnostic for Mistake {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(format!("levelmark::{}", self.code)))
    }

    fn severity(&self) -> Option<Severity> {
        Some(self.severity)
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.help.as_ref().map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.place.as_ref().map(|place| place.source.as_ref() as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let place = self.place.as_ref()?;
        let range = place.label_range();
        let mut labels =
            vec![LabeledSpan::new_primary_with_span(self.label.as_deref().map(str::to_owned), range)];
        if let Some((other, text)) = self.other.as_deref()
            && Arc::ptr_eq(&other.source, &place.source)
        {
            labels.push(LabeledSpan::new_with_span(Some(text.clone()), other.label_range()));
        }
        Some(Box::new(labels.into_iter()))
    }
}

/// All mistakes of a load, in order of file and place.
#[derive(Debug, Clone, Default)]
pub struct Mistakes(pub Vec<Mistake>);

impl Mistakes {
    /// Sorted by file, place and message.
    pub fn sorted(mut mistakes: Vec<Mistake>) -> Self {
        mistakes.sort_by(|a, b| key(a).cmp(&key(b)));
        Self(mistakes)
    }

    /// `Err` with all of them, or `Ok` where there are none.
    ///
    /// # Errors
    /// The mistakes.
    pub fn check(mistakes: Vec<Mistake>) -> Result<(), Self> {
        if mistakes.is_empty() { Ok(()) } else { Err(Self::sorted(mistakes)) }
    }
}

fn key(mistake: &Mistake) -> (&str, usize, usize, &str) {
    let (name, start, end) = match &mistake.place {
        Some(place) => (place.source.name.as_str(), place.at.start, place.at.end),
        None => ("", 0, 0),
    };
    (name, start, end, &mistake.message)
}

impl fmt::Display for Mistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.as_slice() {
            [one] => write!(f, "{one}"),
            many => write!(f, "{} mistakes", many.len()),
        }
    }
}

impl std::error::Error for Mistakes {}

impl Diagnostic for Mistakes {
    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn Diagnostic> + 'a>> {
        Some(Box::new(self.0.iter().map(|mistake| mistake as &dyn Diagnostic)))
    }
}

/// What people read, without colour: one rendered diagnostic after the other.
pub fn render(mistakes: &[Mistake], width: usize) -> String {
    let handler = miette::GraphicalReportHandler::new_themed(miette::GraphicalTheme::unicode_nocolor())
        .with_width(width)
        .without_cause_chain();
    let mut out = String::new();
    for mistake in mistakes {
        if handler.render_report(&mut out, mistake).is_err() {
            out.push_str(&mistake.message);
        }
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_stay_on_one_line_and_inside_the_text() {
        let source = Arc::new(Source { name: "a.yaml".into(), text: "é: 1\nb: 2\n".into() });
        for (range, expected) in [(0..99, 0..5), (1..3, 0..3), (5..11, 5..5), (6..8, 6..8), (40..50, 11..11)]
        {
            let place = Place { source: source.clone(), at: range.clone() };
            assert_eq!(place.label_range(), expected, "{range:?}");
        }
        assert_eq!(Place { source, at: 7..8 }.line(), 2);
    }

    #[test]
    fn sorts_by_file_and_place() {
        let file = |name: &str| Arc::new(Source { name: name.into(), text: "abc".into() });
        let at = |source: &Arc<Source>, start| Some(Place { source: source.clone(), at: start..start + 1 });
        let (a, b) = (file("a"), file("b"));
        let sorted = Mistakes::sorted(vec![
            Mistake::new("x", "third", at(&b, 0)),
            Mistake::new("x", "second", at(&a, 2)),
            Mistake::new("x", "first", at(&a, 1)),
        ]);
        let messages: Vec<_> = sorted.0.iter().map(|m| m.message.as_str()).collect();
        assert_eq!(messages, ["first", "second", "third"]);
        assert_eq!(sorted.to_string(), "3 mistakes");
    }
}
