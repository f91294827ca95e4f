//! What a query picks from: the same query without its last filter. Comes in: a query. Goes out:
//! its population. Not here: what an empty one means (`engine`).

use super::compile::DEEPEST;
use super::ir::{Query, Root, Segment, Selector};
use super::layout::Layout;

/// The query without its last filter and what follows it: `$.a.b[?@.x].y` picks from `$.a.b[*]`.
/// None where it has no filter.
pub fn population_of(query: &Query) -> Option<Query> {
    let last = query.segments.iter().rposition(|segment| {
        let (Segment::Child(selectors) | Segment::Descendant(selectors)) = segment;
        selectors.iter().any(|selector| matches!(selector, Selector::Filter(_)))
    })?;
    let mut segments = query.segments.get(..=last)?.to_vec();
    let (selectors, descends) = match segments.last_mut()? {
        Segment::Child(selectors) => (selectors, ""),
        Segment::Descendant(selectors) => (selectors, ".."),
    };
    for selector in selectors.iter_mut() {
        if let Selector::Filter(_) = selector {
            *selector = Selector::Wildcard;
        }
    }
    let written: Vec<String> = selectors.iter().map(written).collect();
    let text = format!("{}{descends}[{}]", before(query, last)?, written.join(","));
    Some(Query::new(query.root.clone(), segments, text))
}

/// The text before a segment.
fn before(query: &Query, segment: usize) -> Option<&str> {
    let taken_off = match &query.root {
        Root::Sections(_) | Root::Param(_) => 2,
        Root::Current | Root::Document => 0,
    };
    let layout = Layout::new(&query.text, DEEPEST + 1, &mut Vec::new());
    let segments = layout.segments(0);
    let end = match (segment + taken_off).checked_sub(1) {
        Some(previous) => segments.get(previous)?.1,
        None => 1,
    };
    query.text.get(..layout.at(end - 1).end)
}

fn written(selector: &Selector) -> String {
    match selector {
        Selector::Name(name) => {
            let escaped: String = name
                .chars()
                .map(|c| match c {
                    '\'' | '\\' => format!("\\{c}"),
                    c if c.is_control() => format!("\\u{:04x}", u32::from(c)),
                    c => c.to_string(),
                })
                .collect();
            format!("'{escaped}'")
        }
        Selector::Wildcard | Selector::Filter(_) => "*".to_owned(),
        Selector::Index(index) => index.to_string(),
        Selector::Slice { start, end, step } => {
            let bound = |bound: &Option<i64>| bound.map_or(String::new(), |n| n.to_string());
            format!("{}:{}:{step}", bound(start), bound(end))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::{Mode, compile};

    #[test]
    fn the_last_filter_and_what_follows_are_left_out() {
        for (text, population) in [
            ("$.a.b[?@.x == 1]", Some("$.a.b[*]")),
            ("$.a.b[?@.x].y[0]", Some("$.a.b[*]")),
            ("$.a.b[?@.x].y[?@.z[?@.w]].v", Some("$.a.b[?@.x].y[*]")),
            ("$['a'] ['b', 'c'] [?@.x]", Some("$['a'] ['b', 'c'][*]")),
            ("$.a.b..[?@.x]", Some("$.a.b..[*]")),
            ("$.a.b[*]['n\\'m', ?@.x, 1, -1::2]", Some("$.a.b[*]['n\\'m',*,1,-1::2]")),
            ("$.a.b[*].c", None),
            ("$.params.x[?@ == 1]", Some("$.params.x[*]")),
        ] {
            let query = compile(text, Mode::Snapshot).unwrap();
            let found = population_of(&query);
            assert_eq!(found.as_ref().map(|q| q.text.as_str()), population, "{text}");
            // What is written is what is walked.
            if let Some(found) = found {
                let again = compile(&found.text, Mode::Snapshot).unwrap();
                assert_eq!(format!("{again:?}"), format!("{found:?}"));
            }
        }
        let raw = compile("$[?@.x]", Mode::Raw).unwrap();
        assert_eq!(population_of(&raw).unwrap().text, "$[*]");
    }
}
