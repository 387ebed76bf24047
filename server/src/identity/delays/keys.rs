//! Wrong permission keys.

use super::{Budget, Delays, SECOND, TooFast, Try};

/// What one account, or one person, has.
pub(super) const KEYS: Budget = Budget { cost: 36 * SECOND, tries: 100 };

impl Delays {
    /// A permission key is tried by an account, or by a person who founds one.
    ///
    /// # Errors
    /// [`TooFast`].
    pub fn key(&self, who: &[u8]) -> Result<Try<'_>, TooFast> {
        Ok(Try(vec![self.keys.take(self.hash(&[who]), self.millis())?]))
    }
}

impl Try<'_> {
    /// One that costs nothing: the request was carried out before.
    #[must_use]
    pub fn free() -> Self {
        Self(Vec::new())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn an_account_has_a_hundred_wrong_keys_and_then_one_in_36_seconds() {
        let delays = Delays::new();
        let tries = |who: &[u8]| (0..150).filter(|_| delays.key(who).is_ok()).count();
        assert_eq!((tries(b"one"), tries(b"two")), (100, 100));
        tokio::time::advance(std::time::Duration::from_secs(36)).await;
        assert_eq!(tries(b"one"), 1);
        (0..500).for_each(|_| delays.key(b"three").expect("right keys cost nothing").right());
    }
}
