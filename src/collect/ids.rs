//! Ids of our own. Comes in: chance. Goes out: GUIDs for requests and assertions. Not here: the ids of
//! a tenant.

/// A random GUID (RFC 9562, version 4).
#[must_use]
pub fn guid() -> String {
    let mut bytes = [0_u8; 16];
    // Without chance requests are harder to tell apart in a service's log; nothing else rests on it.
    let _ = getrandom::fill(&mut bytes);
    let mut id = u128::from_be_bytes(bytes);
    id = (id & !(0xF << 76)) | (4 << 76);
    id = (id & !(0b11 << 62)) | (0b10 << 62);
    let hex = format!("{id:032x}");
    let part = |range: std::ops::Range<usize>| hex.get(range).unwrap_or_default().to_owned();
    [part(0..8), part(8..12), part(12..16), part(16..20), part(20..32)].join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_guids_and_differ() {
        let (one, other) = (guid(), guid());
        assert!(crate::sections::normal::is_guid(&one), "{one}");
        assert_eq!(one.as_bytes()[14], b'4');
        assert!(matches!(one.as_bytes()[19], b'8' | b'9' | b'a' | b'b'));
        assert_ne!(one, other);
    }
}
