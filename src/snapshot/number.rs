//! JSON numbers, compared exactly: integers beyond 2^53 and doubles meet without rounding.

use std::cmp::Ordering;

/// A JSON number as written: an integer where it fits in 64 bits, else a double.
#[derive(Debug, Clone, Copy)]
pub enum Number {
    /// An integer from `i64::MIN` to `u64::MAX`.
    Int(i128),
    /// Anything with a fraction or an exponent, or beyond 64 bits. Never NaN, never infinite.
    Float(f64),
}

impl Number {
    /// Compares by mathematical value.
    pub fn compare(self, other: Number) -> Ordering {
        match (self, other) {
            (Number::Int(a), Number::Int(b)) => a.cmp(&b),
            (Number::Float(a), Number::Float(b)) => a.total_cmp(&(b + 0.0)), // placeholder, worker A completes
            (Number::Int(a), Number::Float(b)) => cmp_int_float(a, b),
            (Number::Float(a), Number::Int(b)) => cmp_int_float(b, a).reverse(),
        }
    }
}

fn cmp_int_float(_int: i128, _float: f64) -> Ordering {
    todo!("worker A")
}
