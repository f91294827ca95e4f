//! How much work a check may cost: visits of nodes, counted alike on every machine. Comes in: a
//! limit. Goes out: an error once it is spent. Not here: time.

/// Visits that one check may cost, over all its queries.
#[derive(Debug)]
pub struct Budget {
    limit: u64,
    left: u64,
    /// Shared walks that this budget has paid for, a bit each; those of one evaluator.
    paid: Vec<u64>,
}

impl Budget {
    /// Enough for a few dozen conditions on each node of the largest snapshot, and a few seconds
    /// of a query that would never end.
    pub const DEFAULT: u64 = 400_000_000;

    /// A budget of so many visits. One budget serves one check on one [`super::Evaluator`].
    pub fn new(visits: u64) -> Self {
        Self { limit: visits, left: visits, paid: Vec::new() }
    }

    /// Visits spent so far.
    pub fn spent(&self) -> u64 {
        self.limit - self.left
    }

    /// Spends some visits.
    pub(super) fn spend(&mut self, visits: u64) -> Result<(), OutOfBudget> {
        match self.left.checked_sub(visits) {
            Some(left) => {
                self.left = left;
                Ok(())
            }
            None => {
                self.left = 0;
                Err(OutOfBudget { limit: self.limit })
            }
        }
    }

    /// Spends the visits of a shared walk, the first time that this budget uses it. So a check
    /// costs the same whoever walked first.
    pub(super) fn share(&mut self, walk: usize, visits: u64) -> Result<(), OutOfBudget> {
        let (word, bit) = (walk / 64, 1 << (walk % 64));
        if self.paid.len() <= word {
            self.paid.resize(word + 1, 0);
        }
        match self.paid.get_mut(word) {
            Some(bits) if *bits & bit == 0 => {
                *bits |= bit;
                self.spend(visits)
            }
            Some(_) | None => Ok(()),
        }
    }
}

impl Default for Budget {
    fn default() -> Self {
        Self::new(Self::DEFAULT)
    }
}

/// A query visits more nodes than a check may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("its queries visit more than {limit} nodes")]
pub struct OutOfBudget {
    /// What was allowed.
    pub limit: u64,
}

/// Why a walk ends early.
#[derive(Debug, Clone, Copy)]
pub(super) enum Stop {
    /// What was sought is found.
    Enough,
    /// The budget is spent.
    Spent(OutOfBudget),
}

impl From<OutOfBudget> for Stop {
    fn from(error: OutOfBudget) -> Self {
        Self::Spent(error)
    }
}

/// The end of a walk for those outside: to have found enough is no error.
pub(super) fn ended(walk: Result<(), Stop>) -> Result<(), OutOfBudget> {
    match walk {
        Ok(()) | Err(Stop::Enough) => Ok(()),
        Err(Stop::Spent(error)) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shared_walk_is_paid_once() {
        let mut budget = Budget::new(10);
        assert_eq!(budget.share(70, 4), Ok(()));
        assert_eq!(budget.share(70, 4), Ok(()));
        assert_eq!(budget.spent(), 4);
        assert_eq!(budget.share(3, 6), Ok(()));
        assert_eq!(budget.spend(0), Ok(()));
        assert_eq!(budget.spend(1), Err(OutOfBudget { limit: 10 }));
        assert_eq!(budget.spent(), 10);
    }
}
