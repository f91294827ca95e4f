//! A compact text, indented as `serde_json` indents a value: the same bytes without building it. Comes in:
//! text that was written compactly, whole. Goes out: indented text. Not here: reading (`lex`, `parse`).

use std::io::{self, Write};

use super::lex;

/// Writes a text whose first line is not indented, and whose others stand `depth` steps further in.
///
/// # Errors
/// What the writer says.
pub(super) fn indent(text: &[u8], mut depth: usize, out: &mut impl Write) -> io::Result<()> {
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        let start = at;
        at += 1;
        match byte {
            b'{' | b'[' if matches!(text.get(at), Some(b'}' | b']')) => at += 1,
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                depth = depth.saturating_sub(1);
                line(depth, out)?;
            }
            // What was written has whole strings only.
            b'"' => at = lex::string(text, start).map_or(text.len(), |(end, _)| end),
            _ => {}
        }
        out.write_all(text.get(start..at).unwrap_or_default())?;
        match (byte, at - start) {
            (b'{' | b'[', 1) | (b',', _) => line(depth, out)?,
            (b':', _) => out.write_all(b" ")?,
            _ => {}
        }
    }
    Ok(())
}

fn line(depth: usize, out: &mut impl Write) -> io::Result<()> {
    out.write_all(b"\n")?;
    (0..depth).try_for_each(|_| out.write_all(b"  "))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    fn indented(value: &Value) -> String {
        let mut out = Vec::new();
        indent(&serde_json::to_vec(value).unwrap(), 0, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    fn value() -> impl Strategy<Value = Value> {
        let text = "[a\"\\\\{}\\[\\],: \u{1}\u{1F980}]{0,6}";
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            text.prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 40, 5, move |inner| {
            let members = proptest::collection::btree_map(text, inner.clone(), 0..5);
            prop_oneof![
                proptest::collection::vec(inner, 0..5).prop_map(Value::from),
                members.prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn it_is_what_serde_json_writes(value in value()) {
            prop_assert_eq!(indented(&value), serde_json::to_string_pretty(&value).unwrap());
        }
    }

    #[test]
    fn other_lines_stand_further_in() {
        let mut out = Vec::new();
        indent(&serde_json::to_vec(&json!({"a": [], "b": [1]})).unwrap(), 1, &mut out).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), "{\n    \"a\": [],\n    \"b\": [\n      1\n    ]\n  }");
    }
}
