//! Who answers for what. Comes in: `owners` of the configuration, a policy. Goes out: people. Not
//! here: reading the configuration.

use std::collections::{BTreeMap, BTreeSet};

use super::AttestError;
use crate::policy::compiled::{Policy, PolicySet};
use crate::verdict::profile;

/// People by competency, dimension or topic.
#[derive(Debug, Clone, Copy)]
pub struct Owners<'a>(pub &'a BTreeMap<String, Vec<String>>);

impl<'a> Owners<'a> {
    /// Who answers for a policy: the narrowest entry that is there. A topic is narrower than a
    /// dimension, a dimension than a competency.
    pub fn of(&self, policy: &Policy) -> Vec<&'a str> {
        let people = |what: &str| self.0.get(what).into_iter().flatten().map(String::as_str);
        let by_topic: BTreeSet<&str> = policy.topics.iter().flat_map(|topic| people(topic)).collect();
        if !by_topic.is_empty() {
            return by_topic.into_iter().collect();
        }
        let by_dimension: Vec<&str> = people(&profile::word(policy.dimension)).collect();
        if by_dimension.is_empty() { people(&policy.competency).collect() } else { by_dimension }
    }

    /// Refuses somebody who owns nothing.
    ///
    /// # Errors
    /// With the people who do.
    pub fn known(&self, given: &str) -> Result<(), AttestError> {
        let all: BTreeSet<&str> = self.0.values().flatten().map(String::as_str).collect();
        if all.iter().any(|person| is_person(person, given)) {
            return Ok(());
        }
        let help = match all.is_empty() {
            true => "the configuration has no `owners:`".to_owned(),
            false => format!("owners are {}", all.into_iter().collect::<Vec<_>>().join(", ")),
        };
        Err(AttestError::Owner { given: crate::yaml::suggest::shown(given), help })
    }

    /// Entries that no policy has to do with: somebody would never be asked.
    pub fn idle(&self, set: &PolicySet) -> Vec<String> {
        let used = |what: &str| {
            set.policies.iter().any(|policy| {
                policy.competency == what
                    || profile::word(policy.dimension) == what
                    || policy.topics.iter().any(|topic| topic == what)
            })
        };
        let idle = self.0.keys().filter(|what| !used(what));
        idle.map(|what| format!("owners: no policy has the competency, dimension or topic `{what}`"))
            .collect()
    }
}

/// Whether `given` means this person: all of it, the name, or the mail address.
pub fn is_person(person: &str, given: &str) -> bool {
    let given = given.trim().to_lowercase();
    let person = person.to_lowercase();
    let parts = person.strip_suffix('>').and_then(|rest| rest.split_once(" <"));
    person == given || parts.is_some_and(|(name, mail)| name.trim() == given || mail == given)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_is_found_by_name_by_address_and_by_both() {
        let kim = "Kim Okafor <kim@contoso.com>";
        for (given, expected) in [
            ("Kim Okafor <kim@contoso.com>", true),
            ("kim okafor", true),
            (" KIM@contoso.com ", true),
            ("Kim", false),
            ("contoso.com", false),
            ("", false),
        ] {
            assert_eq!(is_person(kim, given), expected, "{given}");
        }
    }
}
