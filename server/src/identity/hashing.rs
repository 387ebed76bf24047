//! Password hashes: Argon2id in PHC strings, a bounded number at a time.
//!
//! One hash takes 19 MiB and some tens of milliseconds, on purpose; whoever could start them without a bound would fill the memory.
//! So [`PLACES`] hashes run at once, in threads that give way to the device port, and at most [`WAITING_MAX`] requests wait for a
//! place; the next one is told to come again. Hashing never takes more than 2 x 19 MiB, whatever comes.
//!
//! Checking a password costs one hash whether or not there is a user, and whether or not the user has a password.

use super::Password;
use super::rules::{Weakness, weaknesses};
use crate::{process, random};
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use thiserror::Error;
use tokio::sync::Semaphore;

/// Hashes computed at once: 38 MiB with [`OWASP`].
pub const PLACES: usize = 2;
/// Requests that wait for a place at most.
pub const WAITING_MAX: usize = 32;
/// What OWASP's Password Storage Cheat Sheet asks of Argon2id at least: 19 MiB, two passes, one lane.
pub const OWASP: Params = match Params::new(19 * 1024, 2, 1, None) {
    Ok(params) => params,
    Err(_) => panic!("these are possible parameters"),
};
/// The least there is, for tests: no secret is safe behind it.
pub const CHEAP: Params = match Params::new(Params::MIN_M_COST, 1, 1, None) {
    Ok(params) => params,
    Err(_) => panic!("these are possible parameters"),
};
const SALT_LEN: usize = 16;

/// No hash was computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum NotHashed {
    /// Too many wait already.
    #[error("too many passwords are being checked")]
    Busy,
    /// The machine gave no memory or no thread.
    #[error("a password could not be hashed")]
    Failed,
}

/// Makes and checks hashes.
pub struct Hasher {
    argon: Argon2<'static>,
    places: Arc<Semaphore>,
    waiting: AtomicUsize,
    computed: AtomicU64,
    nobodys: String,
}

impl Hasher {
    /// Hashes of this cost.
    #[must_use]
    pub fn new(cost: Params) -> Self {
        let nobodys = nobodys(&cost);
        let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, cost);
        let (waiting, computed) = (AtomicUsize::new(0), AtomicU64::new(0));
        Self { argon, places: Arc::new(Semaphore::new(PLACES)), waiting, computed, nobodys }
    }

    /// The hash of a password, as a PHC string.
    ///
    /// # Errors
    /// [`NotHashed`].
    pub async fn hash(&self, password: &Password) -> Result<String, NotHashed> {
        let (argon, password) = (self.argon.clone(), password.clone());
        self.compute(move || hash(&argon, password.text().as_bytes())).await?
    }

    /// Whether this is the password behind `known`. Where no hash is known the answer is no, for the same work.
    ///
    /// # Errors
    /// [`NotHashed`].
    pub async fn verify(&self, password: &Password, known: Option<&str>) -> Result<bool, NotHashed> {
        let (argon, password) = (self.argon.clone(), password.clone());
        let (against, is_known) = (known.unwrap_or(&self.nobodys).to_owned(), known.is_some());
        let fits = move || argon.verify_password(password.text().as_bytes(), against.as_str()).is_ok();
        Ok(self.compute(fits).await? && is_known)
    }

    /// Every reason against a password for somebody with these names. Judging a long one takes as long as hashing it, so it waits
    /// for a place as well.
    ///
    /// # Errors
    /// [`NotHashed`].
    pub async fn judge(&self, password: &Password, names: &[&str]) -> Result<Vec<Weakness>, NotHashed> {
        let (password, names) = (password.clone(), names.iter().map(ToString::to_string).collect::<Vec<_>>());
        let judge = move || weaknesses(&password, &names.iter().map(String::as_str).collect::<Vec<_>>());
        self.in_a_place(judge).await
    }

    /// Hashes computed since the start, made and checked.
    #[must_use]
    pub fn computed(&self) -> u64 {
        self.computed.load(Ordering::Relaxed)
    }

    async fn compute<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, NotHashed> {
        let computed = self.in_a_place(work).await?;
        self.computed.fetch_add(1, Ordering::Relaxed);
        Ok(computed)
    }

    async fn in_a_place<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, NotHashed> {
        let place = {
            let _waiting = Waiting::enter(&self.waiting)?;
            self.places.clone().acquire_owned().await.map_err(|_| NotHashed::Failed)?
        };
        let computing = tokio::task::spawn_blocking(move || {
            let _place = place; // kept by the work itself: whoever asked may be gone before it is done
            process::give_way();
            work()
        });
        computing.await.map_err(|_| NotHashed::Failed)
    }
}

/// What is checked where there is no user: a hash of nothing, for it is drawn and not computed. That would take 19 MiB at every
/// start, and the allocator keeps them.
fn nobodys(cost: &Params) -> String {
    let part = |bytes: &[u8]| STANDARD_NO_PAD.encode(bytes);
    let (salt, hash) = (part(&random::bytes::<SALT_LEN>()), part(&random::bytes::<{ Params::DEFAULT_OUTPUT_LEN }>()));
    format!("$argon2id$v=19$m={},t={},p={}${salt}${hash}", cost.m_cost(), cost.t_cost(), cost.p_cost())
}

fn hash(argon: &Argon2<'static>, password: &[u8]) -> Result<String, NotHashed> {
    let made = argon.hash_password_with_salt(password, &random::bytes::<SALT_LEN>());
    made.map(|hash| hash.to_string()).map_err(|_| NotHashed::Failed)
}

/// One who waits for a place, while it lives.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn enter(waiting: &'a AtomicUsize) -> Result<Self, NotHashed> {
        let enter = |waiting: usize| (waiting < WAITING_MAX).then_some(waiting + 1);
        let entered = waiting.fetch_update(Ordering::Relaxed, Ordering::Relaxed, enter);
        entered.map(|_| Self(waiting)).map_err(|_| NotHashed::Busy)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::future::join_all;

    #[tokio::test]
    async fn a_password_fits_its_own_hash_and_no_other() {
        let hasher = Hasher::new(CHEAP);
        let (right, wrong) = (Password::new("plain otters"), Password::new("plain otterz"));
        let hash = hasher.hash(&right).await.expect("a place");
        assert!(hash.starts_with("$argon2id$v=19$m=8,t=1,p=1$"), "{hash}");
        assert_ne!(hash, hasher.hash(&right).await.expect("a place"), "each has a salt of its own");
        assert_eq!(hasher.verify(&right, Some(&hash)).await, Ok(true));
        assert_eq!(hasher.verify(&wrong, Some(&hash)).await, Ok(false));
        assert_eq!(hasher.verify(&right, Some("no hash")).await, Ok(false));
    }

    #[tokio::test]
    async fn nobodys_password_costs_as_many_hashes_as_somebodys_and_is_never_right() {
        let hasher = Hasher::new(CHEAP);
        let password = Password::new("plain otters");
        let hash = hasher.hash(&password).await.expect("a place");
        for known in [Some(hash.as_str()), None] {
            let before = hasher.computed();
            assert_eq!(hasher.verify(&password, known).await, Ok(known.is_some()));
            assert_eq!(hasher.computed() - before, 1);
        }
    }

    #[test]
    fn nobodys_hash_is_computed_against_like_anybodys() {
        let hasher = Hasher::new(CHEAP);
        let real = hash(&hasher.argon, b"plain otters").expect("memory");
        let form = |hash: &str| (hash.len(), hash.split('$').take(4).map(str::to_owned).collect::<Vec<_>>());
        assert_eq!(form(&hasher.nobodys), form(&real));
        let answer = hasher.argon.verify_password(b"plain otters", hasher.nobodys.as_str());
        assert_eq!(answer, Err(argon2::password_hash::Error::PasswordInvalid), "it was read and computed");
    }

    #[tokio::test]
    async fn what_was_typed_in_another_form_is_the_same_password() {
        let hasher = Hasher::new(CHEAP);
        let hash = hasher.hash(&Password::new("caf\u{e9} lamps")).await.expect("a place");
        assert_eq!(hasher.verify(&Password::new("cafe\u{301} lamps"), Some(&hash)).await, Ok(true));
    }

    #[tokio::test]
    async fn hashes_run_in_two_places_and_those_that_wait_are_bounded() {
        let hasher = Hasher::new(CHEAP);
        let all = hasher.places.clone().acquire_many_owned(2).await.expect("free");
        let password = Password::new("plain otters");
        let asked = join_all((0..WAITING_MAX + 5).map(|_| hasher.verify(&password, None)));
        let free = async {
            tokio::task::yield_now().await;
            drop(all);
        };
        let (answers, ()) = tokio::join!(asked, free);
        assert_eq!(answers.iter().filter(|answer| **answer == Err(NotHashed::Busy)).count(), 5);
        assert_eq!(hasher.computed(), WAITING_MAX as u64);
        assert_eq!((hasher.waiting.load(Ordering::Relaxed), hasher.places.available_permits()), (0, PLACES));
    }

    #[test]
    fn the_servers_cost_is_what_owasp_asks_for() {
        assert_eq!((OWASP.m_cost(), OWASP.t_cost(), OWASP.p_cost()), (19_456, 2, 1));
    }
}
