//! The inputs of the Action. Comes in: variables as action.yml sets them, texts of a workflow. Goes out: one
//! order that holds no unparsed text, or all mistakes at once. Not here: whether what they name is there.

use std::path::PathBuf;

use chrono::{DateTime, TimeDelta, Utc};
use clap::ValueEnum;
use miette::miette;

use super::runner::Variables;
use crate::cli::{self, Target};
use crate::query::duration;
use crate::report::detail::Detail;
use crate::report::format::ReportFormat;
use crate::report::model::FailOn;
use crate::run::Result;
use crate::verdict::gate::OnUnknown;

/// What names of inputs become in the environment: `fail-on` is `LEVELMARK_INPUT_FAIL_ON`.
const PREFIX: &str = "LEVELMARK_INPUT_";
/// Evidence older than this is no evidence, unless the workflow says otherwise.
const MAX_AGE: &str = "P30D";

/// What a step was asked for.
#[derive(Debug)]
pub(super) struct Order {
    /// The snapshot, or the tenant folder with one in it.
    pub snapshot: PathBuf,
    /// Whether to collect first, and how.
    pub collect: Option<Collection>,
    pub config: Option<PathBuf>,
    pub answers: Option<PathBuf>,
    /// Folders with further policies.
    pub policies: Vec<PathBuf>,
    /// `COMPETENCY=LEVEL` each.
    pub targets: Vec<String>,
    /// Empty = by what is there.
    pub fail_on: Vec<FailOn>,
    pub on_unknown: OnUnknown,
    /// An earlier result, or a folder of results.
    pub baseline: Option<PathBuf>,
    pub max_age: Option<TimeDelta>,
    /// The day that decides what has expired; None = today.
    pub today: Option<DateTime<Utc>>,
    pub judge: Judge,
    pub detail: DetailAsked,
    pub reports: Vec<Target>,
    pub sarif: bool,
    pub upload_reports: bool,
    pub comment: bool,
    pub summary: bool,
    /// Tells the comments, uploads and folders of one gate from those of another.
    pub name: String,
}

/// How to collect.
#[derive(Debug)]
#[cfg_attr(
    not(feature = "collect"),
    expect(dead_code, reason = "without the collector it is only understood")
)]
pub(super) struct Collection {
    /// Directory id or domain; else AZURE_TENANT_ID.
    pub tenant: Option<String>,
    /// Application id; else AZURE_CLIENT_ID.
    pub client: Option<String>,
    /// A cloud by the name that `collect --cloud` knows.
    pub cloud: Option<String>,
    /// Sections beyond those that are always read.
    pub include: Vec<String>,
}

/// Whose configuration, answers, policies and baseline count on a pull request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Judge {
    /// Those of the branch that it would go into.
    Base,
    /// Its own.
    Head,
}

/// How much is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DetailAsked {
    /// As little as possible where everybody can look, else what each format shows by itself.
    Auto,
    /// What each format shows by itself, wherever.
    Format,
    This(Detail),
}

impl Order {
    /// Reads all inputs.
    ///
    /// # Errors
    /// All mistakes.
    pub(super) fn of(variables: Variables<'_>) -> Result<Self> {
        let mut read = Reading { variables, mistakes: Vec::new() };
        let order = read.order();
        if read.mistakes.is_empty() {
            return Ok(order);
        }
        Err(miette!(
            code = "levelmark::action::input",
            help = "docs/github.md of the action lists all inputs",
            "{}",
            read.mistakes.join("\n")
        ))
    }
}

/// The name alone, for steps that need no more.
///
/// # Errors
/// It is no name.
pub(super) fn name(variables: Variables<'_>) -> Result<String> {
    let mut read = Reading { variables, mistakes: Vec::new() };
    let name = read.name();
    match read.mistakes.first() {
        None => Ok(name),
        Some(mistake) => Err(miette!(code = "levelmark::action::input", "{mistake}")),
    }
}

struct Reading<'v> {
    variables: Variables<'v>,
    mistakes: Vec<String>,
}

impl Reading<'_> {
    fn order(&mut self) -> Order {
        let order = Order {
            snapshot: self.path("snapshot").unwrap_or_else(|| PathBuf::from(".")),
            collect: self.collection(),
            config: self.path("config"),
            answers: self.path("answers"),
            policies: self.list("policies").into_iter().map(PathBuf::from).collect(),
            targets: self.targets(),
            fail_on: self.fail_on(),
            on_unknown: self.one_of("on-unknown").unwrap_or(OnUnknown::Report),
            baseline: self.path("baseline"),
            max_age: self.max_age(),
            today: self.today(),
            judge: self
                .word("configuration-from", &[("base", Judge::Base), ("head", Judge::Head)])
                .unwrap_or(Judge::Base),
            detail: self.detail(),
            reports: self.reports(),
            sarif: self.yes("upload-sarif", false),
            upload_reports: self.yes("upload-reports", false),
            comment: self.yes("comment", false),
            summary: self.yes("summary", true),
            name: self.name(),
        };
        if order.fail_on.contains(&FailOn::Regression) && order.baseline.is_none() {
            self.wrong("fail-on", "`regression` needs a `baseline` to compare with");
        }
        order
    }

    fn wrong(&mut self, input: &str, what: &str) {
        self.mistakes.push(format!("input `{input}`: {what}"));
    }

    /// The text of an input; None where it is empty.
    fn text(&self, input: &str) -> Option<String> {
        let name = format!("{PREFIX}{}", input.to_uppercase().replace('-', "_"));
        let text = (self.variables)(&name)?;
        Some(text.trim().to_owned()).filter(|text| !text.is_empty())
    }

    /// One line without control characters: what is shown, and handed over as a line.
    fn line(&mut self, input: &str) -> Option<String> {
        let text = self.text(input)?;
        if text.chars().any(char::is_control) {
            self.wrong(input, "one line is expected, without control characters");
            return None;
        }
        Some(text)
    }

    fn path(&mut self, input: &str) -> Option<PathBuf> {
        self.line(input).map(PathBuf::from)
    }

    /// One entry a line.
    fn list(&mut self, input: &str) -> Vec<String> {
        let text = self.text(input).unwrap_or_default();
        let entries = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let entries: Vec<String> = entries.map(str::to_owned).collect();
        if entries.iter().any(|entry| entry.chars().any(char::is_control)) {
            self.wrong(input, "an entry has control characters");
            return Vec::new();
        }
        entries
    }

    fn word<T: Copy>(&mut self, input: &str, words: &[(&str, T)]) -> Option<T> {
        let text = self.line(input)?;
        let found = words.iter().find(|(word, _)| *word == text).map(|(_, value)| *value);
        if found.is_none() {
            let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            self.wrong(input, &format!("one of {} is expected", known.join(", ")));
        }
        found
    }

    fn yes(&mut self, input: &str, default: bool) -> bool {
        self.word(input, &[("true", true), ("false", false)]).unwrap_or(default)
    }

    /// A word of the command line.
    fn one_of<T: ValueEnum + Copy>(&mut self, input: &str) -> Option<T> {
        let named: Vec<(String, T)> = T::value_variants()
            .iter()
            .filter_map(|value| Some((value.to_possible_value()?.get_name().to_owned(), *value)))
            .collect();
        let words: Vec<(&str, T)> = named.iter().map(|(name, value)| (name.as_str(), *value)).collect();
        self.word(input, &words)
    }

    fn fail_on(&mut self) -> Vec<FailOn> {
        let text = self.line("fail-on").unwrap_or_default();
        let mut kinds = Vec::new();
        for word in text.split(',').map(str::trim).filter(|word| !word.is_empty()) {
            match FailOn::from_str(word, false) {
                Ok(kind) => kinds.push(kind),
                Err(_) => {
                    self.wrong("fail-on", "a list of level, violation, regression is expected, or never");
                    return Vec::new();
                }
            }
        }
        kinds
    }

    fn targets(&mut self) -> Vec<String> {
        let targets = self.list("targets");
        let fits = |target: &String| {
            target.split_once('=').is_some_and(|(id, level)| !id.is_empty() && level.parse::<u16>().is_ok())
        };
        if !targets.iter().all(fits) {
            self.wrong("targets", "lines of COMPETENCY=LEVEL are expected, e.g. infrastructure=300");
        }
        targets
    }

    fn max_age(&mut self) -> Option<TimeDelta> {
        let text = self.line("max-age").unwrap_or_else(|| MAX_AGE.to_owned());
        if text == "none" {
            return None;
        }
        let age = duration::parse(&text);
        if age.is_err() {
            self.wrong("max-age", "a duration is expected, e.g. P7D, or none");
        }
        age.ok()
    }

    fn today(&mut self) -> Option<DateTime<Utc>> {
        let text = self.line("today")?;
        let day = cli::day(&text);
        if let Err(error) = &day {
            self.wrong("today", error);
        }
        day.ok()
    }

    fn detail(&mut self) -> DetailAsked {
        let words = [
            ("auto", DetailAsked::Auto),
            ("format", DetailAsked::Format),
            ("full", DetailAsked::This(Detail::Full)),
            ("place", DetailAsked::This(Detail::Place)),
            ("summary", DetailAsked::This(Detail::Summary)),
        ];
        self.word("detail", &words).unwrap_or(DetailAsked::Auto)
    }

    fn reports(&mut self) -> Vec<Target> {
        let mut reports: Vec<Target> = Vec::new();
        for entry in self.list("reports") {
            match cli::target(&entry) {
                // Annotations are commands, and nothing that is printed is obeyed.
                Ok(target) if target.is_stdout() || target.format == ReportFormat::Github => {
                    self.wrong(
                        "reports",
                        "reports go to files, and annotations nowhere: the job summary has what they say",
                    );
                }
                Ok(target) if reports.iter().any(|known| known.path == target.path) => {
                    self.wrong("reports", &format!("two reports would go to {}", target.path.display()));
                }
                Ok(target) => reports.push(target),
                Err(error) => self.wrong("reports", &error),
            }
        }
        reports
    }

    fn name(&mut self) -> String {
        let name = self.line("name").unwrap_or_else(|| "levelmark".to_owned());
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        if name.len() > 64 || !name.bytes().all(fits) {
            self.wrong("name", "letters, digits and -_. are expected, 64 at most");
        }
        name
    }

    fn collection(&mut self) -> Option<Collection> {
        let asked = self.yes("collect", false);
        let collection = Collection {
            tenant: self.line("tenant-id"),
            client: self.line("client-id"),
            cloud: self.line("cloud"),
            include: self.list("include"),
        };
        asked.then_some(collection)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn order(inputs: &[(&str, &str)]) -> Result<Order> {
        let name = |input: &str| format!("{PREFIX}{}", input.to_uppercase().replace('-', "_"));
        let set: BTreeMap<String, String> =
            inputs.iter().map(|(input, text)| (name(input), (*text).to_owned())).collect();
        Order::of(&|name| set.get(name).filter(|text| !text.is_empty()).cloned())
    }

    fn mistake(input: &str, text: &str) -> String {
        order(&[(input, text)]).unwrap_err().to_string()
    }

    #[test]
    fn nothing_said_is_the_careful_way() {
        let order = order(&[]).unwrap();
        assert_eq!(order.snapshot, PathBuf::from("."));
        assert_eq!((order.judge, order.detail), (Judge::Base, DetailAsked::Auto));
        assert_eq!(order.max_age, Some(TimeDelta::days(30)));
        assert!(order.collect.is_none() && order.fail_on.is_empty() && order.reports.is_empty());
        assert!(order.summary && !order.comment && !order.sarif);
        assert_eq!(order.name, "levelmark");
    }

    #[test]
    fn what_is_said_is_understood() {
        let order = order(&[
            ("fail-on", "level, violation"),
            ("on-unknown", "ignore"),
            ("targets", "infrastructure=300\n\n  service-health-management=200\n"),
            ("reports", "json=out/a.json\nsarif=b.sarif"),
            ("policies", "ours\nothers"),
            ("max-age", "none"),
            ("detail", "summary"),
            ("configuration-from", "head"),
            ("collect", "true"),
            ("include", "content.sites"),
            ("name", "contoso-1"),
        ])
        .unwrap();
        assert_eq!(order.fail_on, [FailOn::Level, FailOn::Violation]);
        assert_eq!(order.on_unknown, OnUnknown::Ignore);
        assert_eq!(order.targets, ["infrastructure=300", "service-health-management=200"]);
        assert_eq!(order.reports.len(), 2);
        assert_eq!(order.policies.len(), 2);
        assert_eq!((order.max_age, order.judge), (None, Judge::Head));
        assert_eq!(order.detail, DetailAsked::This(Detail::Summary));
        assert_eq!(order.collect.unwrap().include, ["content.sites"]);
    }

    #[test]
    fn every_mistake_names_its_input() {
        for (input, text) in [
            ("collect", "yes"),
            ("fail-on", "level,everything"),
            ("fail-on", "regression"),
            ("on-unknown", "explode"),
            ("targets", "infrastructure"),
            ("targets", "infrastructure=high"),
            ("max-age", "a week"),
            ("detail", "all"),
            ("configuration-from", "fork"),
            ("reports", "json"),
            ("reports", "json=a\nsarif=a"),
            ("reports", "github=annotations.txt"),
            ("reports", "text=-"),
            ("snapshot", "a\nb"),
            ("config", "a\u{1b}[2Jb"),
            ("policies", "a\u{7}"),
            ("name", "a b"),
            ("name", "::error::x"),
            ("upload-sarif", "True"),
        ] {
            let message = mistake(input, text);
            assert!(message.starts_with(&format!("input `{input}`: ")), "{input}={text}: {message}");
        }
    }

    #[test]
    fn all_mistakes_are_told_at_once() {
        let error = order(&[("detail", "x"), ("comment", "x")]).unwrap_err().to_string();
        assert_eq!(error.lines().count(), 2, "{error}");
    }
}
