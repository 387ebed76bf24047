//! A console with a folder, clocks and a server: the verbs, over the state machine.

mod drive;

use crate::clock::Clock;
use crate::failure::Failure;
use crate::folder::{Folder, Lock};
use crate::key_file;
use crate::stop::Stop;
use leasehold_protocol::armour::{self, Label};
use leasehold_protocol::machine::{Enrolment, Event, Machine, Notice, Now, Order, State, Status};
use leasehold_protocol::{PublicKey, Time, Units};
use ring::rand::SystemRandom;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The longest wait between two looks at the clock, which people may set.
const NAP_MAX: Duration = Duration::from_secs(60);

/// The way to the server; kept in the state folder, so that it is said once.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// `https://HOST[:PORT]`.
    pub server: Option<String>,
    /// `http://HOST:PORT`, or `none`; without it the environment decides (`HTTPS_PROXY`, `NO_PROXY`).
    pub proxy: Option<String>,
    /// Certificates (PEM) of the authorities believed instead of the public ones.
    pub ca: Option<PathBuf>,
}

impl Settings {
    /// These, and where they say nothing, `older`.
    #[must_use]
    fn or(self, older: Settings) -> Self {
        Self { server: self.server.or(older.server), proxy: self.proxy.or(older.proxy), ca: self.ca.or(older.ca) }
    }
}

/// One console. Holds the folder's lock as long as it lives, unless it only looks.
pub struct Client {
    folder: Folder,
    lock: Option<Lock>,
    settings: Settings,
    machine: Machine,
    clock: Clock,
    random: SystemRandom,
    wake: Option<Time>,
}

impl Client {
    /// Makes a console: a new device key, the root pinned for ever, the keyset fetched and verified where a server is given.
    ///
    /// # Errors
    /// [`Failure::Exists`] where there is one; network, disk, and a keyset the root did not sign.
    pub fn init(
        dir: &Path,
        root: PublicKey,
        product: &str,
        settings: Settings,
        now: Option<Time>,
    ) -> Result<Self, Failure> {
        let folder = Folder::at(dir);
        folder.create()?;
        let lock = folder.lock()?;
        if folder.holds_state() {
            return Err(Failure::Exists(dir.to_owned()));
        }
        let key = key_file::read_or_make(&folder)?;
        let clock = Clock::starting(now);
        let machine = Machine::new(key, State::new(root, product), clock.now())?;
        let mut client = Self::with(folder, Some(lock), settings, machine, clock);
        if client.settings.server.is_some() {
            client.fetch_keyset()?;
        }
        client.save()?;
        Ok(client)
    }

    /// Opens a console. `settings` that say something replace those on disk.
    ///
    /// # Errors
    /// [`Failure::InUse`] while another process has it; disk, and a state that does not prove itself.
    pub fn open(dir: &Path, settings: Settings, now: Option<Time>) -> Result<Self, Failure> {
        let folder = Folder::at(dir);
        if !folder.holds_state() {
            return Err(Failure::NoConsole(dir.to_owned()));
        }
        let lock = folder.lock()?;
        Self::load(folder, Some(lock), settings, now)
    }

    /// Reads a console beside the process that has it; good for [`Client::status`] only.
    ///
    /// # Errors
    /// As [`Client::open`], without the lock.
    pub fn look(dir: &Path, now: Option<Time>) -> Result<Self, Failure> {
        Self::load(Folder::at(dir), None, Settings::default(), now)
    }

    fn load(folder: Folder, lock: Option<Lock>, settings: Settings, now: Option<Time>) -> Result<Self, Failure> {
        let record = folder.read()?;
        let key = key_file::read(&folder)?;
        let clock = Clock::starting(now);
        let path = folder.path().to_owned();
        let machine = Machine::new(key, record.console, clock.now());
        let machine = machine.map_err(|why| Failure::Damaged { path, reason: why.to_string() })?;
        Ok(Self::with(folder, lock, settings.or(record.settings), machine, clock))
    }

    fn with(folder: Folder, lock: Option<Lock>, settings: Settings, machine: Machine, clock: Clock) -> Self {
        Self { folder, lock, settings, machine, clock, random: SystemRandom::new(), wake: None }
    }

    /// The state machine.
    #[must_use]
    pub fn machine(&self) -> &Machine {
        &self.machine
    }

    /// The clocks, as the machine wants them.
    #[must_use]
    pub fn now(&self) -> Now {
        self.clock.now()
    }

    /// Where the console stands.
    #[must_use]
    pub fn status(&self) -> Status {
        self.machine.status(self.now())
    }

    /// Says what is in use; the next check reports it.
    ///
    /// # Errors
    /// Disk.
    pub fn report_usage(&mut self, usage: Units) -> Result<(), Failure> {
        self.drive(Event::Usage(usage))?;
        self.save()
    }

    /// Announces this device under an account's enrolment code. It waits until it is licensed from the portal; call again, or
    /// [`Client::run`], for the lease.
    ///
    /// # Errors
    /// As [`Client::activate`].
    pub fn register(&mut self, enrolment: Enrolment) -> Result<Vec<Notice>, Failure> {
        if self.machine.keyset().is_none() {
            self.fetch_keyset()?;
        }
        self.ask_server(Event::Register(enrolment))
    }

    /// Binds a key to this device and takes the first lease.
    ///
    /// # Errors
    /// [`Failure::Refused`], [`Failure::Unanswered`] (call again: the same bytes go out), and what the answer may lack.
    pub fn activate(&mut self, order: Order) -> Result<Vec<Notice>, Failure> {
        if self.machine.keyset().is_none() {
            self.fetch_keyset()?;
        }
        self.ask_server(Event::Activate(order))
    }

    /// Update now: takes a new lease.
    ///
    /// # Errors
    /// As [`Client::activate`]; the lease in hand runs on in every case.
    pub fn check(&mut self) -> Result<Vec<Notice>, Failure> {
        self.ask_server(Event::Check)
    }

    /// Gives the units back. From the first call on the lease is unusable; call again until it succeeds.
    ///
    /// # Errors
    /// As [`Client::activate`].
    pub fn release(&mut self) -> Result<Vec<Notice>, Failure> {
        self.ask_server(Event::Release)
    }

    /// A licence request in armour; the same order gives the same file.
    ///
    /// # Errors
    /// [`Failure::Cannot`], disk.
    pub fn request(&mut self, order: Order) -> Result<String, Failure> {
        self.write_file(Event::Request(order))
    }

    /// Takes a licence file in armour, if it answers the pending request.
    ///
    /// # Errors
    /// [`Failure::Format`], [`Failure::NotAccepted`], [`Failure::Cannot`], disk.
    pub fn import(&mut self, file: &[u8]) -> Result<Vec<Notice>, Failure> {
        let bytes = armour::unwrap(Label::License, file)?;
        self.ask(Event::License(bytes))
    }

    /// The return of the licence file in armour, which is unusable from now on; the same bytes every time.
    ///
    /// # Errors
    /// [`Failure::Cannot`], disk.
    pub fn surrender(&mut self) -> Result<String, Failure> {
        self.write_file(Event::Return)
    }

    /// Takes a keyset file in armour, for a console without a network.
    ///
    /// # Errors
    /// [`Failure::Format`], [`Failure::NotAccepted`], disk.
    pub fn import_keyset(&mut self, file: &[u8]) -> Result<Vec<Notice>, Failure> {
        let outcome = self.drive(Event::Keyset(armour::unwrap(Label::Keyset, file)?))?;
        self.verdict(&outcome).map_or(Ok(outcome.notices), Err)
    }

    /// Keeps the lease fresh until told to stop; `tell` hears every notice.
    ///
    /// # Errors
    /// Disk; network troubles are notices.
    pub fn run(&mut self, stop: &mut Stop, mut tell: impl FnMut(Now, &Notice)) -> Result<(), Failure> {
        loop {
            self.wake = None;
            let outcome = self.drive(Event::Tick)?;
            let now = self.now();
            outcome.notices.iter().for_each(|notice| tell(now, notice));
            let until = self.wake.map_or(i64::MAX, |wake| wake.0.saturating_sub(self.machine.time(now).0));
            let nap = Duration::from_secs(u64::try_from(until).unwrap_or(0)).min(NAP_MAX);
            if stop.wait(nap) {
                return Ok(());
            }
        }
    }
}
