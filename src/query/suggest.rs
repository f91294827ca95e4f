//! "Did you mean": the nearest of the names that would have been right. Comes in: what was
//! written and what exists. Goes out: one name, or the first few as a list.

/// The nearest candidate, if it is near enough to be a slip of the pen.
pub(super) fn nearest<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    let lower = word.to_ascii_lowercase();
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        let distance = strsim::damerau_levenshtein(&lower, &candidate.to_ascii_lowercase());
        if best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, candidate));
        }
    }
    let (distance, candidate) = best?;
    let allowed = (word.chars().count().max(3) / 3).min(4);
    (distance <= allowed).then_some(candidate)
}

/// "did you mean `x`?", or what there is.
pub(super) fn advice<'c>(
    word: &str,
    what: &str,
    candidates: impl Iterator<Item = &'c str> + Clone,
) -> Option<String> {
    if let Some(near) = nearest(word, candidates.clone()) {
        return Some(format!("did you mean `{near}`?"));
    }
    const SHOWN: usize = 12;
    let mut names: Vec<&str> = candidates.collect();
    if names.is_empty() {
        return None;
    }
    names.sort_unstable();
    let rest = names.len().saturating_sub(SHOWN);
    names.truncate(SHOWN);
    let more = if rest > 0 { format!(" and {rest} more") } else { String::new() };
    Some(format!("{what}: {}{more}", names.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_is_found_and_far_is_not() {
        let names = ["displayName", "state", "createdDateTime"];
        assert_eq!(nearest("displayname", names), Some("displayName"));
        assert_eq!(nearest("dispalyName", names), Some("displayName"));
        assert_eq!(nearest("stat", names), Some("state"));
        assert_eq!(nearest("members", names), None);
        assert_eq!(nearest("x", [""; 0]), None);
    }

    #[test]
    fn a_long_list_is_cut() {
        let names: Vec<String> = (0..20).map(|n| format!("field{n:02}abcdefgh")).collect();
        let advice = advice("zz", "known names", names.iter().map(String::as_str)).unwrap();
        assert!(advice.starts_with("known names: field00abcdefgh, "), "{advice}");
        assert!(advice.ends_with(" and 8 more"), "{advice}");
    }
}
