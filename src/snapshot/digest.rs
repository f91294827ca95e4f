//! What identifies data: SHA-256 over values as they are written, without the blanks between them,
//! so that indentation, line ends and the form of the snapshot change nothing. Comes in: skimmed
//! text or values. Goes out: hex. Not here: who compares it (`assemble`).

use std::io;

use sha2::{Digest, Sha256};

use super::lex;

/// The digest of a value that has been skimmed: `bytes` are the value and nothing else, `blanks` says
/// whether blanks stand between its tokens.
pub(super) fn of_text(bytes: &[u8], blanks: bool) -> String {
    let mut hasher = Gathering::default();
    if !blanks {
        hasher.add(bytes);
        return hasher.finish();
    }
    let (mut start, mut at) = (0, 0);
    while let Some(byte) = bytes.get(at) {
        match byte {
            // What is skimmed has whole strings only; else the rest counts as it stands.
            b'"' => at = lex::string(bytes, at).map_or(bytes.len(), |(end, _)| end),
            b' ' | b'\n' | b'\r' | b'\t' => {
                hasher.add(bytes.get(start..at).unwrap_or(&[]));
                at = lex::blanks(bytes, at);
                start = at;
            }
            _ => at += 1,
        }
    }
    hasher.add(bytes.get(start..).unwrap_or(&[]));
    hasher.finish()
}

/// The same digest of values that are yet to be written.
///
/// # Errors
/// Values that JSON cannot say.
pub(super) fn of_value(value: &impl serde::Serialize) -> Result<String, serde_json::Error> {
    let mut hasher = Gathering::default();
    serde_json::to_writer(&mut hasher, value)?;
    Ok(hasher.finish())
}

/// Gathers small pieces, since a hasher is quick with long ones only.
#[derive(Default)]
struct Gathering {
    pieces: Vec<u8>,
    hasher: Sha256,
}

const GATHER: usize = 16 * 1024;

impl Gathering {
    #[inline]
    fn add(&mut self, piece: &[u8]) {
        if self.pieces.len() + piece.len() > GATHER {
            self.hasher.update(&self.pieces);
            self.pieces.clear();
            if piece.len() > GATHER {
                self.hasher.update(piece);
                return;
            }
        }
        self.pieces.extend_from_slice(piece);
    }

    fn finish(mut self) -> String {
        self.hasher.update(&self.pieces);
        let digits = |byte: u8| {
            [byte >> 4, byte & 15].map(|half| char::from_digit(u32::from(half), 16).unwrap_or('0'))
        };
        self.hasher.finalize().into_iter().flat_map(digits).collect()
    }
}

impl io::Write for Gathering {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        self.add(piece);
        Ok(piece.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_between_values_do_not_count_and_all_else_does() {
        let compact = br#"[{"a b":"c  d\" e","n":[1,2.50,null]},{}]"#;
        let pretty = b"[\r\n  { \"a b\" :\t\"c  d\\\" e\",\n \"n\": [ 1, 2.50, null ] }, { } ]";
        assert_eq!(of_text(compact, false), of_text(pretty, true));
        assert_eq!(of_text(compact, true), of_text(compact, false));
        for other in [
            &br#"[{"a b":"c d\" e","n":[1,2.50,null]},{}]"#[..],
            br#"[{"a b":"c  d\" e","n":[1,2.5,null]},{}]"#,
        ] {
            assert_ne!(of_text(compact, true), of_text(other, true));
        }
    }

    #[test]
    fn it_is_sha_256_of_the_compact_text() {
        // echo -n '["a",1]' | sha256sum
        let known = "135f17a475a61afdeeaf3759ad2e45ad1c7abb192395abe47e41fc8e395dc1a9";
        let found = of_text(b"[ \"a\", 1 ]", true);
        assert_eq!(found.len(), known.len());
        assert_eq!(found, of_value(&serde_json::json!(["a", 1])).unwrap());
        assert_eq!(found, known);
    }

    #[test]
    fn long_and_short_pieces_are_gathered_in_order() {
        let values: Vec<String> =
            (0..3000).map(|n| "x".repeat(n % 97) + &n.to_string()).chain(["y".repeat(50_000)]).collect();
        let pretty = serde_json::to_vec_pretty(&values).unwrap();
        let compact = serde_json::to_vec(&values).unwrap();
        let mut plain = Sha256::new();
        plain.update(&compact);
        let plain: String = plain.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(of_text(&pretty, true), plain);
        assert_eq!(of_value(&values).unwrap(), plain);
    }
}
