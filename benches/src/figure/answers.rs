//! How long a check and its lease are: the floors use the same sizes.

use super::Installation;
use crate::Done;
use crate::herd::fleet::checks;
use crate::herd::wire::Target;
use crate::herd::{Keep, Plan, storm};
use crate::world::FIRST_SEQ;

/// Bytes of bodies.
#[derive(Debug, Clone, Copy)]
pub struct Sizes {
    /// A check.
    pub message: usize,
    /// A lease.
    pub answer: usize,
}

impl Sizes {
    /// Of one check.
    ///
    /// # Errors
    /// It is not answered by a lease.
    pub fn of(installation: &mut Installation) -> Done<Self> {
        let target = installation.device()?.into();
        Self::over(installation, &target)
    }

    /// The same where the server is spoken to in another way.
    ///
    /// # Errors
    /// As [`Sizes::of`].
    pub fn over(installation: &mut Installation, target: &Target) -> Done<Self> {
        let messages = checks(&installation.consoles(1)?, FIRST_SEQ, Keep::Alive);
        let plan = Plan { sample: 1, ..Plan::closed(target.clone(), 1, Keep::Alive) };
        let tally = storm(&plan, &messages)?;
        let lease = tally.samples.first().ok_or_else(|| format!("no lease: {tally}"))?;
        let request = &messages[0].request;
        let head = request.windows(4).position(|end| end == b"\r\n\r\n").ok_or("a request without a head")?;
        Ok(Self { message: request.len() - head - 4, answer: lease.body.len() })
    }
}
