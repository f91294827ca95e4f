//! Drift for people at a terminal. Comes in: drift, how to show it. Goes out: pieces of text, one after the other.
//! Not here: words that other formats use, too (`words`).

use std::collections::BTreeSet;
use std::fmt::Write;

use anstyle::AnsiColor::{Cyan, Green, Red, Yellow};

use crate::diff::noise::Rule;
use crate::diff::{Change, Extent, How, Kind, SectionDrift, Side};
use crate::snapshot::document::NodeRef;
use crate::snapshot::item;
use crate::snapshot::record::SectionRecord;

use super::super::escape;
use super::super::text::{Paint, Style, Volume};
use super::ranked;
use super::shown::{self, Item, Place};
use super::{Seen, unseen, words};

/// Elements that a set lost or gained, as far as they are shown without `--verbose`.
const ELEMENTS: usize = 20;

/// Hands out the text piece by piece: it may be long.
///
/// # Errors
/// Whatever the receiver fails with.
pub fn text<E>(seen: &Seen<'_>, style: Style, out: &mut dyn FnMut(&str) -> Result<(), E>) -> Result<(), E> {
    let page = Page::new(seen, style, "--verbose shows them");
    out(&page.heading())?;
    out(&page.verdict())?;
    let mut noted = BTreeSet::new();
    for group in ranked::GROUPS {
        let mut titled = false;
        for section in &seen.drift.sections {
            let mut title = page.title(section, noted.contains(section.id));
            for item in ranked::items(seen, section, group) {
                if !std::mem::replace(&mut titled, true) {
                    out(&page.group(group))?;
                }
                noted.insert(section.id);
                out(&std::mem::take(&mut title))?;
                out(&page.item(section, &item))?;
            }
            if title.is_empty() {
                out("\n")?;
            }
        }
    }
    // Sections of which there is more to say than differences.
    for section in &seen.drift.sections {
        if !noted.contains(section.id) && section.has_notes() {
            out(&page.title(section, false))?;
            out("\n")?;
        }
    }
    out(&page.collected())?;
    out(&page.approved())?;
    out(&page.totals())
}

/// One item with some of its differences, as it stands in the whole text; `title` adds what stands above the items of
/// its section. What it leaves out, [`whole`](super::whole) has; `more` says how one gets to see that.
#[must_use]
pub fn single<'s>(
    seen: &Seen<'s>,
    style: Style,
    (section, changes): (&SectionDrift<'s>, &[Change<'s>]),
    (title, more): (bool, &'static str),
) -> String {
    let page = Page::new(seen, style, more);
    let Some(first) = changes.first() else { return String::new() };
    let heading = if title { page.title(section, false) } else { String::new() };
    heading + &page.item(section, &Item { changes, first })
}

/// All rules, one line each.
#[must_use]
pub fn rules(rules: &[Rule]) -> String {
    let mut out = String::new();
    for rule in rules {
        let _ = writeln!(out, "{}: {}", words::rule(rule), rule.reason);
    }
    out
}

pub(super) struct Page<'p, 's> {
    pub(super) seen: &'p Seen<'s>,
    pub(super) paint: Paint,
    pub(super) verbose: bool,
    /// How one gets to see what is left out.
    more: &'static str,
}

impl<'p, 's> Page<'p, 's> {
    pub(super) fn new(seen: &'p Seen<'s>, style: Style, more: &'static str) -> Self {
        Self { seen, paint: Paint::new(style), verbose: style.volume == Volume::Verbose, more }
    }

    fn heading(&self) -> String {
        let (old, new) = (&self.seen.old, &self.seen.new);
        let name = |head: &super::Head<'_>| {
            let name = head.called(self.seen).unwrap_or_else(|| "Tenant".to_owned());
            self.paint.bold(&escape::opening(&shown::cropped(&name)))
        };
        let when = |head: &super::Head<'_>| {
            let path = head.path(self.seen).map(|path| format!(" ({})", escape::terminal(path)));
            head.taken.format("%Y-%m-%d %H:%M UTC").to_string() + &path.unwrap_or_default()
        };
        let whose = match old.tenant.id.eq_ignore_ascii_case(&new.tenant.id) {
            true => name(new),
            false => format!("{} and another tenant, {}", name(old), name(new)),
        };
        format!("{whose}\n{} {}\n{} {}\n\n", self.red("-"), when(old), self.green("+"), when(new))
    }

    /// The line above a section's differences, and what is to be noted of it unless it was.
    fn title(&self, section: &SectionDrift<'_>, noted: bool) -> String {
        let count =
            |record: Option<&SectionRecord>| record.and_then(|record| record.items).unwrap_or_default();
        let (old, new) = (count(section.old), count(section.new));
        let items = match old == new {
            true => words::number(new, "item"),
            false => format!("{}, now {new}", words::number(old, "item")),
        };
        let mut out = format!("{}  {}\n", self.paint.bold(section.id), self.paint.dim(&items));
        if noted {
            return out;
        }
        let mark = self.yellow("?");
        for loss in
            unseen::in_part(self.seen, section).into_iter().chain(unseen::properties(self.seen, section))
        {
            let of = loss.property.as_deref().map(|property| format!("{property} ")).unwrap_or_default();
            let _ = writeln!(out, "  {mark} {}", escape::terminal(&format!("{of}{}", loss.what)));
            if let Some(effect) = loss.effect() {
                let _ = writeln!(out, "        → {effect}");
            }
        }
        let mark = self.yellow("*");
        if section.extent() == Extent::NowWhole {
            let _ = writeln!(out, "  {mark} was read in part, now whole");
        }
        for (name, field) in section.fields.iter().filter(|(_, field)| !field.lost) {
            let reason = field.reason.as_deref().filter(|_| self.seen.shows_text());
            let reason = reason.map(|reason| format!(": {reason}")).unwrap_or_default();
            let _ = writeln!(
                out,
                "  {mark} {} is newly collected ({}){}",
                escape::terminal(&unseen::property(self.seen, section, name)),
                words::number(field.items, "item"),
                escape::terminal(&reason)
            );
        }
        let mut notes = unseen::matching(self.seen, section);
        if let Some(why) = self.seen.withheld(section.id).filter(|_| self.seen.shows_text()) {
            notes.push(format!("values are not shown without --include {}: {why}", section.id));
        }
        for note in notes {
            let _ = writeln!(out, "  {} {}", self.paint.dim("note:"), escape::terminal(&note));
        }
        out
    }

    fn item(&self, section: &SectionDrift<'s>, item: &Item<'_, 's>) -> String {
        let withheld = self.seen.withheld(section.id);
        let (Some(_), Some(node)) = (item.first.old_item, item.first.new_item) else {
            return match item.node() {
                Some(node) => self.alone(section, item, node),
                None => format!("  {} the items stand in another order\n", self.yellow("~")),
            };
        };
        let mut out = format!("  {} {}", self.yellow("~"), self.called(section, item));
        match item.first.matched {
            How::Rest => out.push_str(&self.paint.dim("  all but its key is the same")),
            How::Likeness => out.push_str(&self.paint.dim("  matched by likeness")),
            How::Name => out.push_str(&self.paint.dim("  matched by name")),
            How::Key | How::Only | How::Equal | How::Position => {}
        }
        out.push('\n');
        for change in item.open() {
            out.push_str(&self.change(section.id, change, (node, withheld)));
            out.push_str(&self.after(section, change));
        }
        out
    }

    /// An item that is on one side alone.
    fn alone(&self, section: &SectionDrift<'s>, item: &Item<'_, 's>, node: NodeRef<'s>) -> String {
        let (mark, word) = match item.first.kind {
            Kind::Added => (self.green("+"), ""),
            Kind::Removed => (self.red("-"), ""),
            Kind::AgedOut => (self.paint.dim("·"), "  aged out"),
            Kind::NotSeen => (self.yellow("?"), "  not seen: the section was read in part"),
            Kind::NewlySeen => (self.yellow("*"), "  not seen before: the section was read in part"),
            Kind::Changed | Kind::Renamed | Kind::Reordered => (self.yellow("~"), ""),
        };
        let rule = self.rule(item.first);
        let after = self.after(section, item.first);
        format!("  {mark} {}{word}{rule}  {}\n{after}", self.called(section, item), self.place(node))
    }

    pub(super) fn called(&self, section: &SectionDrift<'s>, item: &Item<'_, 's>) -> String {
        let withheld = self.seen.withheld(section.id);
        let key = item.key(self.seen, section.id).map(|key| shown::cropped(&key));
        let name = item.name(withheld).filter(|name| Some(name) != key.as_ref());
        let key = key.map(|key| escape::terminal(&key).into_owned());
        let name = name.map(|name| escape::terminal(&name).into_owned());
        match (name, key) {
            (Some(name), Some(key)) => format!("{name}  {}", self.paint.dim(&key)),
            (Some(one), None) | (None, Some(one)) => one,
            (None, None) => "the only item".to_owned(),
        }
    }

    fn change(
        &self,
        section: &str,
        change: &Change<'s>,
        (item, withheld): (NodeRef<'s>, Option<&'static str>),
    ) -> String {
        let pointer = |pointer| escape::terminal(&self.seen.pointer(section, pointer)).into_owned();
        let mut out = format!("      {}", self.paint.bold(&pointer(&change.pointer)));
        if let Some(old) = &change.old_pointer {
            let _ = write!(out, " {}", self.paint.dim(&format!("(was {})", pointer(old))));
        }
        // What the element of the list is called, since its position says little.
        if let Some((node, how)) = change.within.filter(|(node, _)| *node != item) {
            if let (Some(name), None) = (item::name(node), withheld) {
                let name = shown::cropped(&name);
                let _ = write!(out, "  {}", self.paint.dim(&format!("of {}", escape::terminal(&name))));
            }
            if how == How::Likeness {
                out.push_str(&self.paint.dim("  matched by likeness"));
            }
        }
        if change.kind == Kind::Renamed {
            out.push_str("  renamed");
        }
        if change.kind == Kind::Reordered {
            out.push_str("  in another order");
        }
        let _ = writeln!(out, "{}", self.rule(change));
        if change.lost.is_empty() && change.gained.is_empty() {
            self.side(&mut out, (self.red("-"), change.old), withheld);
            self.side(&mut out, (self.green("+"), change.new), withheld);
        } else {
            self.elements(&mut out, self.red("-"), &change.lost, withheld);
            self.elements(&mut out, self.green("+"), &change.gained, withheld);
        }
        out
    }

    fn elements(
        &self,
        out: &mut String,
        mark: String,
        nodes: &[NodeRef<'s>],
        withheld: Option<&'static str>,
    ) {
        let most = if self.verbose { usize::MAX } else { ELEMENTS };
        for node in nodes.iter().take(most) {
            self.side(out, (mark.clone(), Side::Value(*node)), withheld);
        }
        if nodes.len() > most {
            let _ = writeln!(out, "        {mark} and {} more ({})", nodes.len() - most, self.more);
        }
    }

    fn side(&self, out: &mut String, (mark, side): (String, Side<'s>), withheld: Option<&'static str>) {
        let Some(at) = side.place() else { return };
        let value = match (side.value(), withheld) {
            (None, _) => self.paint.dim("absent"),
            (Some(_), Some(_)) => self.paint.dim("not shown"),
            (Some(node), None) => {
                let (excerpt, bytes) = shown::excerpt(node);
                let more = bytes.map(|bytes| format!("… ({bytes} bytes)")).unwrap_or_default();
                format!("{}{more}", escape::terminal(&excerpt))
            }
        };
        let _ = writeln!(out, "        {mark} {value}  {}", self.place(at));
    }

    fn place(&self, node: NodeRef<'s>) -> String {
        let Place { file, line, column, .. } = Place::of(node);
        self.paint.dim(&format!("{}:{line}:{column}", escape::terminal(file)))
    }

    /// Why a difference would be left out, where nothing is.
    fn rule(&self, change: &Change<'_>) -> String {
        let rule = change.rule.and_then(|id| self.seen.drift.rules.get(id));
        rule.map_or_else(String::new, |rule| {
            let (words, reason) = self.seen.rule(rule);
            self.paint.dim(&format!("  (else ignored: {})", escape::terminal(reason.unwrap_or(&words))))
        })
    }

    pub(super) fn red(&self, text: &str) -> String {
        self.paint.color(Red, text)
    }

    pub(super) fn green(&self, text: &str) -> String {
        self.paint.color(Green, text)
    }

    pub(super) fn yellow(&self, text: &str) -> String {
        self.paint.color(if text == "~" { Yellow } else { Cyan }, text)
    }
}
