//! The tree of plain YAML, line by line. Comes in: the text of a built-in policy. Goes out: the very
//! tree that `tree` makes of it, or none where it holds anything but block maps and lists, flow lists
//! and maps in one line, folded texts and scalars in one line; then `tree` reads it. A test compares
//! the two on every built-in policy, so this reader is for these alone: who writes a policy has the
//! real one, which knows all of YAML and says what is wrong. It takes a tenth of the time, and reading
//! the built-in policies took a third of a small check.

use std::borrow::Cow;
use std::ops::Range;

use super::tree::{Entry, Kind, MAX_DEPTH, Node};

/// Reads `text[window]`; places are in the whole text. None where it is not plain.
pub fn parse(text: &str, window: Range<usize>) -> Option<Node<'_>> {
    let text = text.get(..window.end)?;
    if memchr::memchr2(b'\t', b'\r', text.as_bytes()).is_some() {
        return None;
    }
    let mut reader = Reader { text, at: window.start, depth: 0 };
    let indent = reader.next_content()?;
    let root = reader.block(indent)?;
    reader.next_content().is_none().then_some(root)
}

struct Reader<'s> {
    text: &'s str,
    /// Between nodes: the start of a line, or the first character of a node.
    at: usize,
    depth: usize,
}

impl<'s> Reader<'s> {
    fn rest(&self) -> &'s str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn line(&self) -> &'s str {
        let rest = self.rest();
        rest.get(..memchr::memchr(b'\n', rest.as_bytes()).unwrap_or(rest.len())).unwrap_or_default()
    }

    /// From the start of a line to the first character of the next one that says something; gives its
    /// indentation.
    fn next_content(&mut self) -> Option<usize> {
        while self.at < self.text.len() {
            let line = self.line();
            let indent = line.len() - line.trim_start_matches(' ').len();
            if indent < line.len() && line.as_bytes().get(indent) != Some(&b'#') {
                self.at += indent;
                return Some(indent);
            }
            self.at += line.len() + 1;
        }
        None
    }

    /// Where the next line that says something begins to, else the end: there the real parser lets a block
    /// end.
    fn next(&self) -> usize {
        let mut ahead = Reader { text: self.text, at: self.at, depth: 0 };
        match ahead.next_content() {
            Some(_) => ahead.at,
            None => self.text.len(),
        }
    }

    /// To the start of the line that follows; nothing may be left in this one.
    fn end_line(&mut self) -> Option<()> {
        if !self.line().is_empty() {
            return None;
        }
        self.at += 1;
        Some(())
    }

    /// The list or map whose first character stands here, in this column.
    fn block(&mut self, indent: usize) -> Option<Node<'s>> {
        self.depth += 1;
        let found = if self.depth > MAX_DEPTH {
            None
        } else if self.rest().starts_with("- ") {
            self.list(indent)
        } else {
            self.map(indent)
        };
        self.depth -= 1;
        found
    }

    /// Whether another entry begins in this column; if so, its first character is next.
    fn another(&mut self, indent: usize) -> Option<bool> {
        let start = self.at;
        match self.next_content() {
            Some(found) if found == indent => Some(true),
            Some(found) if found > indent => None,
            Some(_) | None => {
                self.at = start;
                Some(false)
            }
        }
    }

    fn list(&mut self, indent: usize) -> Option<Node<'s>> {
        let start = self.at;
        let mut items: Vec<Node<'s>> = Vec::new();
        loop {
            if !self.rest().starts_with("- ") {
                // In the column of its list, a key belongs to the map around.
                self.at -= indent;
                break;
            }
            self.at += 2;
            let line = self.line();
            let item = if line.starts_with(['"', '\'', '[', '{', '>']) || key_of(line).is_none() {
                self.value(indent)?
            } else {
                self.block(indent + 2)?
            };
            items.push(item);
            if !self.another(indent)? {
                break;
            }
        }
        Some(Node { kind: Kind::List(items), at: start..self.next() })
    }

    fn map(&mut self, indent: usize) -> Option<Node<'s>> {
        let start = self.at;
        let mut entries: Vec<Entry<'s>> = Vec::new();
        loop {
            let key = key_of(self.line())?;
            if entries.iter().any(|entry| entry.key == key) {
                return None;
            }
            let key_at = self.at..self.at + key.len();
            self.at += key.len() + 1;
            let value = if self.line().is_empty() {
                self.end_line()?;
                match self.next_content()? {
                    inner if inner > indent => self.block(inner)?,
                    // A list may stand in the column of its key.
                    inner if inner == indent && self.rest().starts_with("- ") => self.block(inner)?,
                    _ => return None,
                }
            } else {
                self.at += 1;
                self.value(indent)?
            };
            entries.push(Entry { key: Cow::Borrowed(key), key_at, value });
            if !self.another(indent)? {
                break;
            }
            if self.rest().starts_with("- ") {
                self.at -= indent;
                break;
            }
        }
        Some(Node { kind: Kind::Map(entries), at: start..self.next() })
    }

    /// A value that begins in this line, and the end of its last line.
    fn value(&mut self, indent: usize) -> Option<Node<'s>> {
        let line = self.line();
        match line.as_bytes().first()? {
            b'>' => self.folded(indent),
            b'[' | b'{' => {
                let node = self.flow()?;
                self.end_line()?;
                Some(node)
            }
            b'"' | b'\'' => {
                let node = self.quoted()?;
                self.end_line()?;
                Some(node)
            }
            _ => {
                let value = plain(line)?;
                let at = self.at..self.at + value.len();
                self.at = at.end;
                self.end_line()?;
                self.no_more_of_it(indent)?;
                Some(scalar(Cow::Borrowed(value), true, at))
            }
        }
    }

    /// A plain scalar may go on in deeper lines; here it may not.
    fn no_more_of_it(&mut self, indent: usize) -> Option<()> {
        let start = self.at;
        let goes_on = self.next_content().is_some_and(|next| next > indent);
        self.at = start;
        (!goes_on).then_some(())
    }

    /// `>-` and the deeper lines behind it.
    fn folded(&mut self, indent: usize) -> Option<Node<'s>> {
        self.at += self.rest().strip_prefix(">-").map(|_| 2)?;
        self.end_line()?;
        let start = self.next();
        let (mut value, mut own, mut empty) = (String::new(), None, 0);
        while self.at < self.text.len() {
            let line = self.line();
            let content = line.trim_start_matches(' ');
            let column = line.len() - content.len();
            if content.is_empty() {
                empty += 1;
            } else if column <= indent {
                break;
            } else {
                // Lines that are deeper than the first, or end in blanks, have rules of their own.
                if *own.get_or_insert(column) != column || content.ends_with(' ') {
                    return None;
                }
                match (value.is_empty(), empty) {
                    (true, 0) => {}
                    (true, _) => return None,
                    (false, 0) => value.push(' '),
                    (false, lines) => value.extend(std::iter::repeat_n('\n', lines)),
                }
                value.push_str(content);
                empty = 0;
            }
            self.at += line.len() + 1;
        }
        own?;
        let line = self.line();
        let end = self.at + (line.len() - line.trim_start_matches(' ').len());
        Some(scalar(Cow::Owned(value), false, start..end.min(self.text.len())))
    }

    /// A flow list or map; it ends in the line where it began.
    fn flow(&mut self) -> Option<Node<'s>> {
        self.depth += 1;
        let start = self.at;
        let open = self.line().as_bytes().first()?;
        let kind = match open {
            _ if self.depth > MAX_DEPTH => return None,
            b'[' => Kind::List(self.flow_items()?),
            _ => Kind::Map(self.flow_entries()?),
        };
        self.depth -= 1;
        Some(Node { kind, at: start..self.at })
    }

    fn flow_items(&mut self) -> Option<Vec<Node<'s>>> {
        let mut items = Vec::new();
        self.at += 1;
        self.spaces();
        if self.taken("]") {
            return Some(items);
        }
        loop {
            self.spaces();
            items.push(self.flow_value()?);
            self.spaces();
            if self.taken("]") {
                return Some(items);
            }
            if !self.taken(",") {
                return None;
            }
        }
    }

    fn flow_entries(&mut self) -> Option<Vec<Entry<'s>>> {
        let mut entries: Vec<Entry<'s>> = Vec::new();
        self.at += 1;
        self.spaces();
        if self.taken("}") {
            return Some(entries);
        }
        loop {
            self.spaces();
            let key = key_of(self.line()).filter(|key| entries.iter().all(|entry| entry.key != *key))?;
            let key_at = self.at..self.at + key.len();
            self.at += key.len() + 1;
            if !self.rest().starts_with(' ') {
                return None;
            }
            self.spaces();
            entries.push(Entry { key: Cow::Borrowed(key), key_at, value: self.flow_value()? });
            self.spaces();
            if self.taken("}") {
                return Some(entries);
            }
            if !self.taken(",") {
                return None;
            }
        }
    }

    fn flow_value(&mut self) -> Option<Node<'s>> {
        let line = self.line();
        match line.as_bytes().first()? {
            b'[' | b'{' => self.flow(),
            b'"' | b'\'' => self.quoted(),
            _ => {
                let end = line.find([',', '[', ']', '{', '}'])?;
                let value = plain(line.get(..end)?.trim_end_matches(' '))?;
                let at = self.at..self.at + value.len();
                self.at = at.end;
                Some(scalar(Cow::Borrowed(value), true, at))
            }
        }
    }

    /// A quoted scalar in one line, without escapes.
    fn quoted(&mut self) -> Option<Node<'s>> {
        let line = self.line();
        let quote = line.chars().next()?;
        let body = line.get(1..)?;
        let length = body.find(quote)?;
        let (value, after) = (body.get(..length)?, body.get(length + 1..)?);
        if value.contains('\\') && quote == '"' || after.starts_with(quote) || after.starts_with(':') {
            return None;
        }
        let at = self.at..self.at + length + 2;
        self.at = at.end;
        Some(scalar(Cow::Borrowed(value), false, at))
    }

    fn spaces(&mut self) {
        let line = self.line();
        self.at += line.len() - line.trim_start_matches(' ').len();
    }

    fn taken(&mut self, sign: &str) -> bool {
        let here = self.rest().starts_with(sign);
        self.at += if here { sign.len() } else { 0 };
        here
    }
}

fn scalar(value: Cow<'_, str>, plain: bool, at: Range<usize>) -> Node<'_> {
    Node { kind: Kind::Scalar { value, plain }, at }
}

/// The key that a line begins with: letters, digits and a few signs, then a colon that ends the line
/// or has a blank behind it.
fn key_of(line: &str) -> Option<&str> {
    let allowed = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b'/' | b'@');
    let length = line.bytes().take_while(|b| allowed(b)).count();
    let key = line.get(..length).filter(|key| key.starts_with(|c: char| c.is_ascii_alphanumeric()))?;
    let after = line.get(length..)?.strip_prefix(':')?;
    (after.is_empty() || after.starts_with(' ')).then_some(key)
}

/// A plain scalar that is all of this text, if it is one without doubt.
fn plain(text: &str) -> Option<&str> {
    let first = text.chars().next()?;
    let doubtful = first.is_ascii_punctuation() && !matches!(first, '$' | '(' | '/' | '.' | '_')
        || text.contains(": ")
        || text.contains(" #")
        || text.ends_with([':', ' ']);
    (!doubtful).then_some(text)
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use super::*;
    use crate::yaml::{file, tree};

    fn files(folder: &Path) -> Vec<PathBuf> {
        let mut files = Vec::new();
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { files.extend(self::files(&path)) } else { files.push(path) }
        }
        files.sort();
        files
    }

    /// This is what allows the built-in policies to be read here.
    #[test]
    fn every_builtin_policy_is_read_as_the_real_parser_reads_it() {
        let (mut read, mut left) = (0, Vec::new());
        for path in files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("policies")) {
            let source = file::source(&path.display().to_string(), &std::fs::read(&path).unwrap()).unwrap();
            let end = source.text.find("\nexamples:").map_or(source.text.len(), |at| at + 1);
            let mut mistakes = Vec::new();
            let real = tree::parse(&source, 0..end, &mut mistakes);
            assert!(mistakes.is_empty(), "{}: {mistakes:?}", path.display());
            match parse(&source.text, 0..end) {
                None => left.push(path),
                Some(node) => {
                    read += 1;
                    assert_eq!(format!("{:#?}", Some(node)), format!("{real:#?}"), "{}", path.display());
                }
            }
        }
        assert!(read > 20 * left.len(), "{read} are plain, and these are not: {left:#?}");
    }
}
