//! What identifies data: SHA-256 over values as they are written, without the blanks between them,
//! so that indentation, line ends and the form of the snapshot change nothing. Comes in: skimmed
//! text or values. Goes out: hex. Not here: who compares it (`assemble`).

use std::io;

use sha2::{Digest, Sha256};

use super::lex;
use super::skim::{Blanks, Outline};

/// The digest of the value that starts at `start` and has been skimmed.
pub(super) fn of_text(text: &[u8], start: usize, outline: &Outline) -> String {
    let mut hasher = Gathering::default();
    match &outline.blanks {
        Blanks::Few(blanks) => {
            let mut start = start;
            for blank in blanks {
                hasher.add(text.get(start..blank.start as usize).unwrap_or(&[]));
                start = blank.end as usize;
            }
            hasher.add(text.get(start..outline.end).unwrap_or(&[]));
        }
        Blanks::Many => without_blanks(text.get(start..outline.end).unwrap_or(&[]), &mut hasher),
    }
    hasher.finish()
}

fn without_blanks(bytes: &[u8], hasher: &mut Gathering) {
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
pub(super) struct Gathering {
    pieces: Vec<u8>,
    hasher: Sha256,
}

const GATHER: usize = 16 * 1024;

impl Gathering {
    #[inline]
    pub(super) fn add(&mut self, piece: &[u8]) {
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

    pub(super) fn finish(mut self) -> String {
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
    use crate::snapshot::skim::skim;

    /// The digest of a text, the same whether its blanks were kept or are sought again.
    fn digest(text: &[u8]) -> String {
        let mut outline = skim(text, 0).unwrap();
        let kept = of_text(text, 0, &outline);
        outline.blanks = Blanks::Many;
        assert_eq!(of_text(text, 0, &outline), kept);
        kept
    }

    #[test]
    fn blanks_between_values_do_not_count_and_all_else_does() {
        let compact = br#"[{"a b":"c  d\" e","n":[1,2.50,null]},{}]"#;
        let pretty = b"[\r\n  { \"a b\" :\t\"c  d\\\" e\",\n \"n\": [ 1, 2.50, null ] }, { } ]";
        assert_eq!(digest(compact), digest(pretty));
        for other in [
            &br#"[{"a b":"c d\" e","n":[1,2.50,null]},{}]"#[..],
            br#"[{"a b":"c  d\" e","n":[1,2.5,null]},{}]"#,
        ] {
            assert_ne!(digest(compact), digest(other));
        }
    }

    #[test]
    fn it_is_sha_256_of_the_compact_text() {
        // echo -n '["a",1]' | sha256sum
        let known = "135f17a475a61afdeeaf3759ad2e45ad1c7abb192395abe47e41fc8e395dc1a9";
        let found = digest(b"[ \"a\", 1 ]");
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
        assert!(matches!(skim(&pretty, 0).unwrap().blanks, Blanks::Many));
        assert_eq!(digest(&pretty), plain);
        assert_eq!(of_value(&values).unwrap(), plain);
    }
}
