//! How people prove who they are: passwords, second factors, secrets, and what slows down whoever guesses.
//!
//! Nothing here knows HTTP or the store. [`password`] is what somebody typed, [`rules`] say whether it will do, [`hashing`] makes
//! and checks hashes in a bounded amount of memory, [`second_factor`] is TOTP and its recovery codes, [`secret`] draws what
//! sessions, tokens and links are, and [`delays`] make guessing slow without ever locking anybody out.

pub mod delays;
pub mod hashing;
pub mod password;
pub mod rules;
pub mod second_factor;
pub mod secret;

pub use password::Password;
pub use secret::Secret;

use delays::Delays;
use hashing::Hasher;

/// What a server needs to know people by.
pub struct Identity {
    /// Makes and checks password hashes.
    pub hasher: Hasher,
    /// Slows guessing down.
    pub delays: Delays,
}

impl Identity {
    /// With hashes of this cost.
    #[must_use]
    pub fn new(cost: argon2::Params) -> Self {
        Self { hasher: Hasher::new(cost), delays: Delays::new() }
    }
}
