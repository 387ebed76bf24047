//! A seeded store with its server, and who has not checked there yet.

use crate::herd::fleet::pick;
use crate::seed::{History, cache};
use crate::server::Process;
use crate::world::Console;
use crate::{Done, tls};
use std::net::SocketAddr;
use std::path::PathBuf;

/// A store that a server runs on.
pub struct Installation {
    /// The server.
    pub server: Process,
    place: cache::Place,
    keys: u32,
    used: u32,
}

impl Installation {
    /// Starts a server on a copy of the store with `keys` keys.
    ///
    /// # Errors
    /// It does not start.
    pub fn start(keys: u32, history: History, tls: Option<&tls::Files>) -> Done<Self> {
        Self::on(cache::store(keys, history)?.copy()?, keys, tls)
    }

    /// Starts one on the store itself, too large to be copied; who has checked there in earlier runs is passed over.
    ///
    /// # Errors
    /// As [`Installation::start`].
    pub fn in_place(keys: u32, history: History) -> Done<Self> {
        Self::on(cache::store(keys, history)?.in_place(), keys, None)
    }

    fn on(place: cache::Place, keys: u32, tls: Option<&tls::Files>) -> Done<Self> {
        let (server, used) = (Process::serve(&place.data(), tls)?, place.used());
        Ok(Self { server, place, keys, used })
    }

    /// The data folder.
    #[must_use]
    pub fn data(&self) -> PathBuf {
        self.place.data()
    }

    /// Where consoles call.
    ///
    /// # Errors
    /// The server printed no address.
    pub fn device(&self) -> Done<SocketAddr> {
        self.server.address("device")
    }

    /// `count` consoles that hold their first lease.
    ///
    /// # Errors
    /// There are no more.
    pub fn consoles(&mut self, count: u32) -> Done<Vec<Console>> {
        if self.left() < count {
            return Err(format!("{} keys are too few for so many checks", self.keys).into());
        }
        let picked = pick(self.keys, self.used, count);
        self.used += count;
        self.place.uses(self.used)?;
        Ok(picked)
    }

    /// Consoles that have not checked.
    #[must_use]
    pub fn left(&self) -> u32 {
        self.keys.saturating_sub(self.used)
    }

    /// `kill -9`, then a server on the same store.
    ///
    /// # Errors
    /// The system's.
    pub fn restart(self) -> Done<Self> {
        let Self { server, place, keys, used } = self;
        server.kill()?;
        Ok(Self { server: Process::serve(&place.data(), None)?, place, keys, used })
    }
}
