//! Why a snapshot cannot be read or written. Comes in: what happened and where. Goes out: one
//! diagnostic with a code, a way out and cropped places. Not here: what could not be *seen* of the
//! tenant; that is a state, not an error.

use std::fmt;
use std::path::Path;

use miette::{Diagnostic, LabeledSpan, SourceCode};

use super::document::{JsonError, What};
use super::text::{LONGEST, Span, Text};
use super::window::{Window, is_armed, label};

/// What kind of trouble it is; `levelmark::snapshot::…` in what people see.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Code {
    /// The text is not JSON.
    Json,
    /// The text is empty.
    Empty,
    /// The text ends too early.
    CutOff,
    /// Two members of one object have the same name.
    DuplicateKey,
    /// Nested too deeply.
    TooDeep,
    /// UTF-16 instead of UTF-8.
    Utf16,
    /// Not UTF-8.
    Utf8,
    /// Reading or writing failed.
    Io,
    /// Neither a regular file nor a directory.
    NotAFile,
    /// A link that leads out of the directory.
    Outside,
    /// More than 4 GiB.
    TooLarge,
    /// More than 256 sections.
    TooMany,
    /// A directory without a manifest.
    NoManifest,
    /// JSON, but not a snapshot.
    NotASnapshot,
    /// Written by a later version.
    NewerFormat,
    /// The manifest says something that it cannot say.
    Manifest,
    /// A section that the catalogue does not have.
    UnknownSection,
    /// A section that is not an array.
    NotAnArray,
    /// The state says that there is data, but there is none.
    DataMissing,
    /// There is data, but the state says that there is none.
    DataUnexpected,
    /// Not as many items as recorded.
    Items,
    /// Not the data that was recorded.
    Digest,
    /// Something stands where it must not be overwritten.
    InTheWay,
    /// A section was not read, so it cannot be written.
    NotParsed,
    /// More than one of these.
    Several,
}

impl Code {
    /// Its name in the code that people see.
    pub fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Empty => "empty",
            Self::CutOff => "cut-off",
            Self::DuplicateKey => "duplicate-key",
            Self::TooDeep => "too-deep",
            Self::Utf16 => "utf-16",
            Self::Utf8 => "utf-8",
            Self::Io => "io",
            Self::NotAFile => "not-a-file",
            Self::Outside => "outside",
            Self::TooLarge => "too-large",
            Self::TooMany => "too-many",
            Self::NoManifest => "no-manifest",
            Self::NotASnapshot => "not-a-snapshot",
            Self::NewerFormat => "newer-format",
            Self::Manifest => "manifest",
            Self::UnknownSection => "unknown-section",
            Self::NotAnArray => "not-an-array",
            Self::DataMissing => "data-missing",
            Self::DataUnexpected => "data-unexpected",
            Self::Items => "items",
            Self::Digest => "digest",
            Self::InTheWay => "in-the-way",
            Self::NotParsed => "not-parsed",
            Self::Several => "several",
        }
    }
}

/// Why a snapshot cannot be read or written: one diagnostic, or several under one.
#[derive(Debug)]
pub struct SnapshotError {
    /// What kind of trouble it is.
    pub code: Code,
    message: String,
    help: Option<String>,
    place: Option<Box<Place>>,
    related: Vec<SnapshotError>,
}

#[derive(Debug)]
struct Place {
    window: Window,
    labels: Vec<LabeledSpan>,
}

/// More than this many are not told one by one.
const TOLD: usize = 20;

/// Longer messages are cropped: a hostile name may be as long as a file.
const LONG: usize = 600;

impl SnapshotError {
    pub(super) fn new(code: Code, message: impl Into<String>) -> Self {
        // Names of files and members end up here, and this ends up on a terminal.
        let mut message = message.into().replace(is_armed, "\u{fffd}");
        if message.len() > LONG {
            message.truncate(message.floor_char_boundary(LONG));
            message.push('…');
        }
        Self { code, message, help: None, place: None, related: Vec::new() }
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Points at places of a text, the first one first.
    pub(super) fn at(mut self, text: &Text, places: &[(Span, &str)]) -> Self {
        let spans: Vec<Span> = places.iter().map(|(span, _)| *span).collect();
        let labels = places.iter().enumerate().map(|(index, (span, words))| {
            let range = label(text, *span).range();
            let words = Some((*words).to_owned());
            if index == 0 {
                LabeledSpan::new_primary_with_span(words, range)
            } else {
                LabeledSpan::new_with_span(words, range)
            }
        });
        let labels = labels.collect();
        self.place = Some(Box::new(Place { window: Window::around(text, &spans), labels }));
        self
    }

    pub(super) fn too_large(name: &str, bytes: u64) -> Self {
        Self::new(Code::TooLarge, format!("{name} has {bytes} bytes; a file may have {LONGEST}"))
            .help("write the snapshot as a directory, one file for each section")
    }

    pub(super) fn io(doing: &str, path: &Path, error: &std::io::Error) -> Self {
        let help = match error.kind() {
            std::io::ErrorKind::NotFound => "check the path; `levelmark import` makes a snapshot",
            std::io::ErrorKind::PermissionDenied => "check the permissions of the file and of its folders",
            _ => "check the path and the disk",
        };
        Self::new(Code::Io, format!("cannot {doing} {}: {error}", path.display())).help(help)
    }

    /// Why a text is not JSON, shown in that text.
    pub fn json(error: &JsonError, text: &Text) -> Self {
        let code = match error.what {
            What::Empty => Code::Empty,
            What::CutOff => Code::CutOff,
            What::Duplicate => Code::DuplicateKey,
            What::Depth => Code::TooDeep,
            What::NoValue
            | What::TrailingComma
            | What::NoComma
            | What::NoName
            | What::NoColon
            | What::WrongBracket
            | What::Control
            | What::Escape
            | What::Surrogate
            | What::Number
            | What::Range
            | What::Literal
            | What::Trailing => Code::Json,
        };
        let mut places = vec![(error.span, "here")];
        places.extend(error.other.map(|span| (span, error.other_label())));
        let problem = Self::new(code, format!("{} cannot be read: {}", text.name(), error.message));
        let problem = problem.at(text, &places);
        match error.help() {
            Some(help) => problem.help(help),
            None => problem,
        }
    }

    /// One of them is itself; several become one that holds them. None is fine.
    pub(super) fn all(mut problems: Vec<Self>) -> Result<(), Self> {
        match problems.len() {
            0 => Ok(()),
            1 => problems.pop().map_or(Ok(()), Err),
            many => {
                let told = if many > TOLD { format!(", the first {TOLD} are") } else { String::new() };
                let mut all =
                    Self::new(Code::Several, format!("{many} things are wrong with the snapshot{told}"));
                problems.truncate(TOLD);
                all.related = problems;
                Err(all)
            }
        }
    }

    /// The single troubles: itself, or those it holds.
    pub fn each(&self) -> &[Self] {
        if self.related.is_empty() { std::slice::from_ref(self) } else { &self.related }
    }
}

impl fmt::Display for SnapshotError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.message)
    }
}

impl std::error::Error for SnapshotError {}

impl Diagnostic for SnapshotError {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(format!("levelmark::snapshot::{}", self.code.name())))
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.help.as_ref().map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.place.as_ref().map(|place| &place.window as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let place = self.place.as_ref()?;
        Some(Box::new(place.labels.iter().cloned()))
    }

    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn Diagnostic> + 'a>> {
        if self.related.is_empty() {
            return None;
        }
        Some(Box::new(self.related.iter().map(|problem| problem as &dyn Diagnostic)))
    }
}
