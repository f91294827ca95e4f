//! Where a node stands, written down: normalized paths (RFC 9535, 2.7) and JSON Pointers (RFC 6901).
//! Comes in: a node. Goes out: text. It walks down from the root, so for nodes that are shown only.

use std::fmt::Write;

use crate::snapshot::document::{NodeRef, Step};

/// The normalized path from the root of the node's document: `$['a'][0]`.
pub fn normalized_path(node: NodeRef<'_>) -> String {
    let mut path = String::from("$");
    push_steps(&mut path, node);
    path
}

/// The normalized path in the snapshot of a node in a section's document: `$['area']['name'][0]`.
pub fn normalized_path_in(section: &str, node: NodeRef<'_>) -> String {
    let mut path = String::from("$");
    for name in section.split('.') {
        push_name(&mut path, name);
    }
    push_steps(&mut path, node);
    path
}

/// The JSON Pointer from the root of the node's document, without the first `skip` steps:
/// `/3/conditions/users`, with `skip` 1 `/conditions/users`.
pub fn json_pointer(node: NodeRef<'_>, skip: usize) -> String {
    let mut pointer = String::new();
    for step in node.document().path_of(node).iter().skip(skip) {
        pointer.push('/');
        match step {
            Step::Name(name) => pointer.push_str(&name.replace('~', "~0").replace('/', "~1")),
            Step::Index(index) => push(&mut pointer, format_args!("{index}")),
        }
    }
    pointer
}

fn push_steps(path: &mut String, node: NodeRef<'_>) {
    for step in node.document().path_of(node) {
        match step {
            Step::Name(name) => push_name(path, &name),
            Step::Index(index) => push(path, format_args!("[{index}]")),
        }
    }
}

fn push_name(path: &mut String, name: &str) {
    path.push_str("['");
    for c in name.chars() {
        match c {
            '\u{8}' => path.push_str("\\b"),
            '\t' => path.push_str("\\t"),
            '\n' => path.push_str("\\n"),
            '\u{c}' => path.push_str("\\f"),
            '\r' => path.push_str("\\r"),
            '\'' => path.push_str("\\'"),
            '\\' => path.push_str("\\\\"),
            c if c < ' ' => push(path, format_args!("\\u{:04x}", u32::from(c))),
            c => path.push(c),
        }
    }
    path.push_str("']");
}

fn push(text: &mut String, part: std::fmt::Arguments<'_>) {
    // Writing to a string can't fail.
    let _ = text.write_fmt(part);
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::snapshot::document::{Document, Text};

    #[test]
    fn names_are_escaped() {
        let json = r#"[{"a'\\\"/~\u0001\n\u007fé": [1, {"x": null}]}]"#;
        let document = Document::parse(Arc::new(Text::new("t", json.to_owned()))).unwrap();
        let (_, _, list) = document.root().at(0).unwrap().members().next().unwrap();
        let node = list.at(1).unwrap().get("x").unwrap();
        let name = "['a\\'\\\\\"/~\\u0001\\n\u{7f}é']";
        assert_eq!(normalized_path(node), format!("$[0]{name}[1]['x']"));
        assert_eq!(normalized_path_in("users.all", node), format!("$['users']['all'][0]{name}[1]['x']"));
        assert_eq!(json_pointer(node, 0), "/0/a'\\\"~1~0\u{1}\n\u{7f}é/1/x");
        assert_eq!(json_pointer(node, 2), "/1/x");
        assert_eq!(normalized_path(document.root()), "$");
        assert_eq!(json_pointer(document.root(), 0), "");
    }
}
