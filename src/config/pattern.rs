//! Paths in rules about drift. Comes in: a JSON Pointer (RFC 6901) of names alone. Goes out: whether it
//! covers a property. Not here: which rule wins (`diff`).
//!
//! Positions in lists are left out: a list is passed through, since what stands at a position today
//! stands elsewhere tomorrow. `*` is any one name, `**` any number of them.

/// A pointer whose steps are names.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Pattern(Vec<Step>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Name(String),
    /// `*`
    Any,
    /// `**`
    Deep,
}

impl Pattern {
    /// Reads a pointer such as `/signInActivity/lastSignInDateTime`; an empty one covers everything.
    ///
    /// # Errors
    /// What is wrong with it, as a fragment.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        if text.is_empty() {
            return Ok(Self::default());
        }
        let Some(steps) = text.strip_prefix('/') else { return Err("a path starts with `/`") };
        let step = |step: &str| match step {
            "" => Err("a name is missing in the path"),
            "*" => Ok(Step::Any),
            "**" => Ok(Step::Deep),
            name => Ok(Step::Name(name.replace("~1", "/").replace("~0", "~"))),
        };
        steps.split('/').map(step).collect::<Result<_, _>>().map(Self)
    }

    /// The names that it begins with, up to the first wildcard.
    pub fn head(&self) -> Vec<&str> {
        let names = self.0.iter().map_while(|step| match step {
            Step::Name(name) => Some(name.as_str()),
            Step::Any | Step::Deep => None,
        });
        names.collect()
    }

    /// Whether it leads to this property, or to what the property lies in.
    pub fn covers<'n>(&self, names: impl IntoIterator<Item = &'n str>) -> bool {
        // All places in the pattern that may be reached at once: no pattern costs more than its length
        // for each name.
        let mut here = vec![false; self.0.len() + 1];
        self.reach(&mut here, 0);
        for name in names {
            if here.last() == Some(&true) {
                return true;
            }
            let mut next = vec![false; here.len()];
            for (at, step) in self.0.iter().enumerate() {
                if here.get(at) != Some(&true) {
                    continue;
                }
                match step {
                    Step::Name(wanted) if wanted != name => {}
                    Step::Name(_) | Step::Any => self.reach(&mut next, at + 1),
                    Step::Deep => self.reach(&mut next, at),
                }
            }
            here = next;
        }
        here.last() == Some(&true)
    }

    /// Marks a place, and those behind `**` that need no name.
    fn reach(&self, places: &mut [bool], mut at: usize) {
        loop {
            if let Some(place) = places.get_mut(at) {
                *place = true;
            }
            match self.0.get(at) {
                Some(Step::Deep) => at += 1,
                Some(Step::Name(_) | Step::Any) | None => return,
            }
        }
    }
}

impl std::fmt::Display for Pattern {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for step in &self.0 {
            match step {
                Step::Name(name) => write!(f, "/{}", name.replace('~', "~0").replace('/', "~1"))?,
                Step::Any => f.write_str("/*")?,
                Step::Deep => f.write_str("/**")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_path_covers() {
        for (pattern, path, covered) in [
            ("", "", true),
            ("", "a/b", true),
            ("/a", "a", true),
            ("/a", "a/b", true),
            ("/a", "b/a", false),
            ("/a/b", "a", false),
            ("/a/*/c", "a/x/c/d", true),
            ("/a/*/c", "a/c", false),
            ("/**/c", "c", true),
            ("/**/c", "a/b/c/d", true),
            ("/**/c", "a/b", false),
            ("/a/**/c", "a/c", true),
            ("/a/**/c", "b/a/c", false),
            ("/**", "", true),
            ("/**/a/**/b/**/c", "x/a/y/b/z/c", true),
        ] {
            let parsed = Pattern::parse(pattern).unwrap();
            let names = path.split('/').filter(|name| !name.is_empty());
            assert_eq!(parsed.covers(names), covered, "{pattern} {path}");
            assert_eq!(parsed.to_string(), pattern);
        }
        assert!(Pattern::parse("/a~1b~0c").unwrap().covers(["a/b~c"]));
    }

    #[test]
    fn many_wildcards_cost_little() {
        let pattern = Pattern::parse(&"/**/a".repeat(200)).unwrap();
        assert!(!pattern.covers(std::iter::repeat_n("a", 128)));
    }

    #[test]
    fn what_is_no_path() {
        for text in ["a", "a/b", "//", "/a/", "/"] {
            assert!(Pattern::parse(text).is_err(), "{text}");
        }
    }
}
