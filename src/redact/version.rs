//! What decides a pseudonym beside text and key: words that stay, patterns that have to find again what they found, which
//! properties are personal, and how pseudonyms are formed. Comes in: the words of policies. Goes out: a digest of it all,
//! so that copies made by others are told apart. Not here: the words themselves (`terms`, `known`).

use sha2::{Digest as _, Sha256};

use super::Terms;
use super::known;
use super::record;
use crate::sections::personal;

/// Counts up when the same text with the same words becomes another pseudonym than before.
const FORMS: u32 = 1;

/// Eight hexadecimal digits.
pub(super) fn digest(terms: &Terms) -> String {
    let mut hash = Sha256::new();
    let own = [known::SOURCE, personal::SOURCE, record::WORDS];
    // An empty text stands between what policies compare with, what they call properties, and parameters.
    let names = terms.property_names().chain([""]).chain(terms.parameter_names());
    for text in own.into_iter().chain(terms.texts()).chain([""]).chain(names) {
        // The length says where one ends.
        hash.update((text.len() as u64).to_le_bytes());
        hash.update(text);
    }
    hash.update(FORMS.to_le_bytes());
    hash.finalize().iter().take(4).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::compiled::PolicySet;
    use crate::policy::load::LoadOptions;

    #[test]
    fn other_policies_give_another_digest() {
        let built_in = Terms::of(&PolicySet::load(&LoadOptions::default()).unwrap());
        assert_eq!(digest(&built_in).len(), 8);
        assert_eq!(digest(&built_in), digest(&Terms::of(&PolicySet::load(&LoadOptions::default()).unwrap())));
        assert_ne!(digest(&built_in), digest(&Terms::default()));
    }
}
