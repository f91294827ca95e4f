//! The table of nodes behind a document: how one node is laid out in 16 bytes. Sizes are relative,
//! so the tapes of neighbouring runs are joined by lying side by side. Not here: who fills it
//! (`parse`) and who reads it (`document`).

/// A node as stored. A plain array, because the allocator hands out zeroed ones without touching them.
pub(super) type Cell = [u32; 4];

/// What a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tag {
    Null,
    False,
    True,
    Number,
    String,
    Array,
    Object,
    /// The name of a member; its value is the next node.
    Name,
}

/// A node in pre-order. A container is followed by what it contains.
#[derive(Debug, Clone, Copy)]
pub(super) struct Node {
    /// First byte.
    pub start: u32,
    /// Behind the last byte.
    pub end: u32,
    /// How many nodes the value takes, itself included; of a name, the hash of its decoded text.
    pub size: u32,
    pub tag: Tag,
    /// Whether a string or name has escapes.
    pub escaped: bool,
    /// Elements or members, saturated at [`MANY`].
    pub count: u32,
}

/// From here on the count is not stored, but counted again.
pub(super) const MANY: u32 = (1 << 28) - 1;

const ESCAPED: u32 = 1 << 3;

impl Node {
    #[inline(always)]
    pub fn cell(self) -> Cell {
        let flag = if self.escaped { ESCAPED } else { 0 };
        [self.start, self.end, self.size, self.count.min(MANY) << 4 | flag | self.tag as u32]
    }

    #[inline(always)]
    pub fn of(cell: Cell) -> Self {
        let [start, end, size, meta] = cell;
        let tag = match meta & 7 {
            0 => Tag::Null,
            1 => Tag::False,
            2 => Tag::True,
            3 => Tag::Number,
            4 => Tag::String,
            5 => Tag::Array,
            6 => Tag::Object,
            _ => Tag::Name,
        };
        Self { start, end, size, tag, escaped: meta & ESCAPED != 0, count: meta >> 4 }
    }
}

/// A short hash of a name: its length, first, middle and last bytes. Weak on purpose, since whoever
/// finds equal hashes compares the names; quick, since every name of a text passes here.
#[inline(always)]
pub(super) fn name_hash(name: &[u8]) -> u32 {
    let len = name.len();
    let (head, tail) = match (name.first_chunk::<8>(), name.last_chunk::<8>()) {
        (Some(head), Some(tail)) => (u64::from_le_bytes(*head), u64::from_le_bytes(*tail)),
        _ => short(name),
    };
    let middle = match name.get(len / 2..) {
        Some(rest) if len > 16 => rest.first_chunk::<8>().map_or(0, |word| u64::from_le_bytes(*word)),
        _ => 0,
    };
    let mixed = (head ^ (len as u64) << 56).wrapping_mul(0x9E37_79B9_7F4A_7C15)
        ^ tail.rotate_left(29).wrapping_mul(0xC2B2_AE3D_27D4_EB4F)
        ^ middle.wrapping_mul(0x1656_67B1_9E37_79F9);
    (mixed ^ mixed >> 32) as u32
}

/// Fewer than eight bytes: four overlapping four, or up to three one by one.
#[inline(always)]
fn short(name: &[u8]) -> (u64, u64) {
    match (name.first_chunk::<4>(), name.last_chunk::<4>()) {
        (Some(head), Some(tail)) => {
            (u64::from(u32::from_le_bytes(*head)), u64::from(u32::from_le_bytes(*tail)))
        }
        _ => (name.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte)), 0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_survives_its_cell() {
        let tags =
            [Tag::Null, Tag::False, Tag::True, Tag::Number, Tag::String, Tag::Array, Tag::Object, Tag::Name];
        for tag in tags {
            for (escaped, count) in [(false, 0), (true, 7), (false, MANY)] {
                let node = Node::of(Node { start: 1, end: u32::MAX, size: 3, tag, escaped, count }.cell());
                assert_eq!((node.start, node.end, node.size), (1, u32::MAX, 3));
                assert_eq!((node.tag, node.escaped, node.count), (tag, escaped, count));
            }
        }
        assert_eq!(Node::of(Node { count: u32::MAX, ..Node::of([0; 4]) }.cell()).count, MANY);
    }

    #[test]
    fn hashes_tell_common_names_apart() {
        let names = ["", "a", "b", "ab", "ba", "id", "state", "status", "displayName", "includeUsers"];
        let more = ["excludeUsers", "includeGroups", "excludeGroups", "createdDateTime", "modifiedDateTime"];
        let hashes: std::collections::BTreeSet<u32> =
            names.iter().chain(&more).map(|name| name_hash(name.as_bytes())).collect();
        assert_eq!(hashes.len(), names.len() + more.len());
    }
}
