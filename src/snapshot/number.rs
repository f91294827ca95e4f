//! JSON numbers, compared exactly: integers beyond 2^53 and doubles meet without rounding.
//! Comes in: a number as written. Goes out: its value, an order, a key for sets.

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};

use super::lex;

/// A JSON number as written: an integer where it fits in 64 bits, else a double.
#[derive(Debug, Clone, Copy)]
pub enum Number {
    /// An integer from `i64::MIN` to `u64::MAX`.
    Int(i128),
    /// Anything with a fraction or an exponent, or beyond 64 bits. Never NaN, never infinite.
    Float(f64),
}

/// A number as a member of a set: equal numbers have equal keys, however they are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NumberKey {
    /// A whole number that an integer of 128 bits can hold.
    Whole(i128),
    /// The bits of any other double.
    Bits(u64),
}

/// 2^127: from here on a double does not fit in an `i128`.
const BEYOND: f64 = 170_141_183_460_469_231_731_687_303_715_884_105_728.0;

impl Number {
    /// The value of a number as JSON writes it; none where it is not one, or beyond a double.
    pub fn from_json(raw: &str) -> Option<Self> {
        // Rust's own parsers would also take `+1`, `1.`, `.5`, `01` and `inf`.
        match lex::number(raw.as_bytes(), 0) {
            Ok(end) if end == raw.len() => Self::from_checked(raw),
            _ => None,
        }
    }

    /// The value of a text that the lexer has taken for a number; none beyond a double.
    pub(super) fn from_checked(raw: &str) -> Option<Self> {
        // The integer type would lose the sign that serde_json, too, keeps as a double.
        if raw == "-0" {
            return Some(Self::Float(-0.0));
        }
        if let Ok(int) = raw.parse::<i64>() {
            return Some(Self::Int(i128::from(int)));
        }
        if let Ok(int) = raw.parse::<u64>() {
            return Some(Self::Int(i128::from(int)));
        }
        raw.parse().ok().and_then(Self::from_f64)
    }

    /// A double, unless it is infinite or not a number.
    pub fn from_f64(value: f64) -> Option<Self> {
        value.is_finite().then_some(Self::Float(value))
    }

    /// Compares by mathematical value.
    pub fn compare(self, other: Self) -> Ordering {
        match (self, other) {
            (Self::Int(a), Self::Int(b)) => a.cmp(&b),
            // Neither is NaN, so they always compare; -0.0 and 0.0 are equal.
            (Self::Float(a), Self::Float(b)) => a.partial_cmp(&b).unwrap_or(Ordering::Equal),
            (Self::Int(a), Self::Float(b)) => compare_mixed(a, b),
            (Self::Float(a), Self::Int(b)) => compare_mixed(b, a).reverse(),
        }
    }

    /// Its key in a set: `1`, `1.0` and `1e0` share one.
    pub fn key(self) -> NumberKey {
        match self {
            Self::Int(int) => NumberKey::Whole(int),
            Self::Float(float) if float.trunc() == float && float.abs() < BEYOND => {
                NumberKey::Whole(float as i128)
            }
            Self::Float(float) => NumberKey::Bits(float.to_bits()),
        }
    }

    /// As serde_json holds it.
    pub fn to_json(self) -> serde_json::Number {
        let whole = match self {
            Self::Int(int) => {
                i64::try_from(int).map(Into::into).or_else(|_| u64::try_from(int).map(Into::into)).ok()
            }
            Self::Float(float) => serde_json::Number::from_f64(float),
        };
        // Both variants hold what JSON can say, see their documentation.
        whole.unwrap_or_else(|| 0.into())
    }
}

impl From<i64> for Number {
    fn from(int: i64) -> Self {
        Self::Int(i128::from(int))
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        self.compare(*other) == Ordering::Equal
    }
}

impl Eq for Number {}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        self.compare(*other)
    }
}

impl Hash for Number {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key().hash(state);
    }
}

fn compare_mixed(int: i128, float: f64) -> Ordering {
    if float >= BEYOND {
        return Ordering::Less;
    }
    if float < -BEYOND {
        return Ordering::Greater;
    }
    // Within these bounds cutting off the fraction is exact, and so is what is left of it.
    let whole = float.trunc();
    int.cmp(&(whole as i128)).then_with(|| 0.0_f64.partial_cmp(&(float - whole)).unwrap_or(Ordering::Equal))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    fn number(raw: &str) -> Number {
        Number::from_json(raw).unwrap()
    }

    #[test]
    fn numbers_compare_by_value() {
        // Ascending; those in one row are equal.
        let rows: &[&[&str]] = &[
            &["-1.7976931348623157e308"],
            &["-18446744073709551616", "-18446744073709551616.0"],
            &["-9223372036854775808", "-9223372036854775808.0", "-9.223372036854775808e18"],
            &["-2.5"],
            &["-2"],
            &["-1e-300"],
            &["0", "-0", "0.0", "-0.0", "0e5", "1e-400"],
            &["5e-324"],
            &["1e-17"],
            &["1", "1.0", "1e0", "10e-1"],
            &["1.5"],
            &["9007199254740992", "9007199254740992.0"],
            &["9007199254740993"],
            &["9007199254740994"],
            &["9223372036854775807"],
            &["9223372036854775808", "9.223372036854775808e18"],
            &["18446744073709551615"],
            &["18446744073709551616", "18446744073709551616.0"],
            &["1e38"],
            &["1e39"],
            &["1.7976931348623157e308"],
        ];
        for (low, left) in rows.iter().enumerate() {
            for (high, right) in rows.iter().enumerate() {
                for a in *left {
                    for b in *right {
                        assert_eq!(number(a).compare(number(b)), low.cmp(&high), "{a} and {b}");
                        assert_eq!(number(a).key() == number(b).key(), low == high, "keys of {a} and {b}");
                    }
                }
            }
        }
    }

    #[test]
    fn only_json_numbers_are_numbers() {
        for raw in [
            "", "-", "+1", "inf", "-inf", "nan", ".5", "-.5", "1.", "01", "-01", "1e", "1e+", "1e309",
            "-1e309", " 1", "1 ",
        ] {
            assert!(Number::from_json(raw).is_none(), "{raw:?}");
        }
    }

    #[test]
    fn equal_numbers_meet_in_a_set() {
        let set: HashSet<Number> = ["1", "2.5", "9007199254740993"].map(number).into();
        assert!(set.contains(&number("1.0")) && set.contains(&number("25e-1")));
        assert!(!set.contains(&number("9007199254740992")));
    }

    proptest! {
        #[test]
        fn mixed_comparison_is_exact(int in any::<i64>(), step in -3i64..=3) {
            // A double near the integer, so that both fall close to each other.
            let float = (int as f64) + step as f64;
            let expected = i128::from(int).cmp(&(float as i128));
            prop_assert_eq!(Number::from(int).compare(Number::Float(float)), expected);
            prop_assert_eq!(Number::Float(float).compare(Number::from(int)), expected.reverse());
        }

        #[test]
        fn a_double_survives_serde_json(value in any::<f64>().prop_filter("finite", |value| value.is_finite())) {
            let written = Number::Float(value).to_json().to_string();
            prop_assert_eq!(number(&written), Number::Float(value));
        }
    }
}
