//! The main job in ten steps, each checked as it is shown.

use super::actors::{self, console, decoded, held, is_refusal, lease_bytes, order};
use super::seed::{Seeded, holding, operator, send, stock, units_line};
use super::tell::Teller;
use crate::app::App;
use crate::cli::failure::Failure;
use crate::init::{self, KEY_LIFE};
use crate::server::Server;
use leasehold_console::Client;
use leasehold_ledger::record::{AccountId, HoldingId, KeyId};
use leasehold_ledger::store::Read;
use leasehold_ledger::{Command, Outcome, fsck};
use leasehold_protocol::accept::open_license;
use leasehold_protocol::armour::{self, Label};
use leasehold_protocol::request::Request;
use leasehold_protocol::time::DAY;
use leasehold_protocol::{PublicKey, Refused, Units};
use leasehold_signer::opening;
use std::path::PathBuf;

/// What the story is told with.
pub struct Stage<'a> {
    /// The server.
    pub server: &'a Server,
    /// Where consoles live.
    pub folder: PathBuf,
    /// Where artefacts are kept for people to look at.
    pub artefacts: PathBuf,
    /// The root key, as it would be compiled into the product.
    pub root: PublicKey,
    /// What was seeded.
    pub seeded: &'a Seeded,
    /// Runs what the server's side does.
    pub runtime: &'a tokio::runtime::Runtime,
    /// Speaks.
    pub teller: &'a mut Teller,
}

const BACKUP: &str = "BACKUP-OEM";
const CAMERA: &str = "CAMERA-PRO";

impl Stage<'_> {
    fn app(&self) -> &App {
        &self.server.app
    }

    fn url(&self) -> String {
        format!("http://{}", self.server.addresses.device)
    }

    fn command(&self, command: Command) -> Result<Outcome, Failure> {
        let actor = operator(self.app())?;
        self.runtime.block_on(send(self.app(), actor, command))
    }

    fn key(&self, name: &str) -> Result<(KeyId, String), Failure> {
        let key = self.seeded.keys.get(name).cloned();
        key.ok_or_else(|| Failure::usage(format!("the scenario has no key {name}"), "mend the scenario"))
    }

    fn pool(&self, name: &str) -> Result<HoldingId, Failure> {
        let pool = self.seeded.pools.get(name).copied();
        pool.ok_or_else(|| Failure::usage(format!("the scenario has no pool {name}"), "mend the scenario"))
    }

    /// Tells the whole story.
    ///
    /// # Errors
    /// [`Failure`] with the first thing that is not as it should be.
    pub fn tell(&mut self) -> Result<(), Failure> {
        let partner = self.seeded.accounts.get("Partner").copied();
        let partner =
            partner.ok_or_else(|| Failure::usage("the scenario has no account Partner", "mend the scenario"))?;
        self.keep("root.hex", self.root.to_string().as_bytes())?;
        self.keep("keyset.cose", self.app().keyring.load().keyset_bytes())?;
        self.pooled(partner)?;
        let mut first = self.first_lease()?;
        self.others_activate()?;
        self.quota_change(&mut first)?;
        self.second_device()?;
        self.release(&mut first)?;
        self.offline(partner)?;
        self.balance(partner)
    }

    fn pooled(&mut self, partner: AccountId) -> Result<(), Failure> {
        self.teller.step("100 + 100 bought licences are pooled; three pools draw on them");
        let stock = stock(self.app(), partner, "OEM")?;
        self.teller.line(&format!("stock   {}", units_line(&stock)));
        for (name, id) in &self.seeded.pools {
            let pool = holding(&self.server.app, *id)?;
            self.teller.line(&format!("{name}  {}", units_line(&pool)));
        }
        let day = stock.upgrade_until.map(|day| day.to_string()).unwrap_or_default();
        self.teller.line(&format!("every pool key may upgrade until {day}: the earliest date of its lots"));
        Ok(())
    }

    fn first_lease(&mut self) -> Result<Client, Failure> {
        self.teller.step("a console activates a pool key and gets a 14-day lease");
        let mut client = console(&self.folder, "server-1", self.root, BACKUP, Some(self.url()))?;
        client.activate(order(&self.key("Server-1")?.1, "server-1")).map_err(actors::failed)?;
        let lease = held(&client)?;
        let bytes = lease_bytes(&client)?;
        self.teller.artefact("the lease, decoded; the console has checked its signature", &decoded(&bytes)?);
        self.keep("lease.cose", &bytes)?;
        let days = (lease.exp.0 - lease.grant.iat.0) / DAY;
        let exact = lease.exp.0 - lease.grant.iat.0 == 14 * DAY;
        self.teller.proved(
            exact,
            &format!("the lease is valid for exactly {days} days: {} to {}", lease.grant.iat, lease.exp),
        )?;
        Ok(client)
    }

    fn others_activate(&mut self) -> Result<(), Failure> {
        self.teller.step("the other three consoles activate theirs");
        for (key, folder) in [("Server-2", "server-2"), ("Server-3", "server-3"), ("Server-4", "server-4")] {
            let mut client = console(&self.folder, folder, self.root, BACKUP, Some(self.url()))?;
            let notices = client.activate(order(&self.key(key)?.1, folder)).map_err(actors::failed)?;
            notices.iter().for_each(|notice| self.teller.line(&format!("{folder}: {notice}")));
        }
        Ok(())
    }

    fn quota_change(&mut self, client: &mut Client) -> Result<(), Failure> {
        self.teller.step(
            "the reseller lowers the key's quota from 10 + 10 to 6 + 6; the console hears of it at its next check",
        );
        let (key, _) = self.key("Server-1")?;
        let quota = units(&[("OBM", 6), ("ACB", 6)])?;
        self.command(Command::SetKeyQuota { key, quota: quota.clone() })?;
        let pool = self.pool("Pool A")?;
        let before = holding(self.app(), pool)?;
        self.teller.line(&format!("Pool A before the check  {}", units_line(&before)));
        let none_free = before.free().is_none() && !before.encumbered.is_none();
        self.teller.proved(none_free, "not one unit is free while the old lease carries it")?;
        let notices = client.check().map_err(actors::failed)?;
        notices.iter().for_each(|notice| self.teller.line(&format!("server-1: {notice}")));
        let lease = held(client)?;
        self.teller.proved(
            lease.grant.units == quota,
            &format!("quota change: the next lease carries {}", lease.grant.units),
        )?;
        let after = holding(self.app(), pool)?;
        self.teller.line(&format!("Pool A after the check   {}", units_line(&after)));
        self.teller.proved(
            after.free() == units(&[("OBM", 4), ("ACB", 4)])?,
            "the difference is free once the console has fetched it",
        )
    }

    fn second_device(&mut self) -> Result<(), Failure> {
        self.teller.step("somebody tries the same key on a second device");
        let mut client = console(&self.folder, "copy", self.root, BACKUP, Some(self.url()))?;
        let answer = client.activate(order(&self.key("Server-1")?.1, "copy"));
        if let Err(failure) = &answer {
            self.teller.line(&format!("copy: {failure}"));
        }
        self.teller
            .proved(is_refusal(&answer, Refused::KeyOnOtherDevice), "the second device is refused: key_on_other_device")
    }

    fn release(&mut self, client: &mut Client) -> Result<(), Failure> {
        self.teller.step("the first console is deactivated; the second device may have the key now");
        client.release().map_err(actors::failed)?;
        let (key, code) = self.key("Server-1")?;
        let allotment = self.allotment(key)?;
        self.teller.line(&format!("key Server-1  {}", units_line(&holding(self.app(), allotment)?)));
        let free = holding(self.app(), allotment)?.free() == units(&[("OBM", 6), ("ACB", 6)])?;
        self.teller.proved(free, "after release the units are back in the pool's key")?;
        let mut second = Client::open(&self.folder.join("copy"), Default::default(), None).map_err(actors::failed)?;
        second.activate(order(&code, "copy")).map_err(actors::failed)?;
        self.teller.line("copy: activated");
        second.release().map_err(actors::failed)?;
        self.teller.line("copy: released again");
        Ok(())
    }

    fn offline(&mut self, partner: AccountId) -> Result<(), Failure> {
        self.teller.step("an endpoint without a network asks by file and gets a licence file");
        let code = self.seeded.activation_ids.get(CAMERA).cloned().unwrap_or_default();
        let mut endpoint = console(&self.folder, "endpoint", self.root, CAMERA, None)?;
        let ask =
            leasehold_protocol::machine::Order { wanted: Some(units(&[("channel", 4)])?), ..order(&code, "endpoint") };
        let request = endpoint.request(ask).map_err(actors::failed)?;
        self.teller.artefact("the request, decoded", &decoded(request.as_bytes())?);
        self.keep("request.lreq", request.as_bytes())?;
        let first = self.upload(partner, request.as_bytes())?;
        let second = self.upload(partner, request.as_bytes())?;
        self.teller.artefact("the licence file, decoded", &decoded(&first)?);
        self.teller.proved(first == second, "uploaded twice, the licence file is the same byte for byte")?;
        let license = open_license(&first, &self.root, 1);
        let channels = license.as_ref().map(|license| license.grant.units.count("channel"));
        self.teller.proved(channels == Ok(4), "the root key alone verifies it, and it grants 4 channels")?;
        let file = armour::wrap(Label::License, &first);
        self.keep("license.lic", file.as_bytes())?;
        let notices = endpoint.import(file.as_bytes()).map_err(actors::failed)?;
        notices.iter().for_each(|notice| self.teller.line(&format!("endpoint: {notice}")));
        Ok(())
    }

    fn upload(&self, account: AccountId, file: &[u8]) -> Result<Vec<u8>, Failure> {
        let (request, digest) =
            opening::open::<Request>(Label::Request, file).map_err(|error| Failure::not_valid(error, "report this"))?;
        let id = crate::random::activation();
        match self.command(Command::AnswerRequest { account, request: Box::new(request), digest, id })? {
            Outcome::File(bytes) => Ok(bytes),
            _ => Err(Failure::failed("the request had no file for an answer", "report this")),
        }
    }

    fn balance(&mut self, partner: AccountId) -> Result<(), Failure> {
        self.teller.step("the books");
        let stock = stock(self.app(), partner, "OEM")?;
        self.teller.line(&format!("stock  {}", units_line(&stock)));
        self.teller.proved(stock.free() == units(&[("OBM", 40), ("ACB", 40)])?, "40 + 40 are left")?;
        let report = fsck::check(self.app().view()?.as_ref(), self.app().clock.now())?;
        let rows: u64 = report.rows.values().sum();
        report.findings.iter().for_each(|finding| self.teller.line(&finding.to_string()));
        self.teller.proved(report.is_clean(), &format!("{rows} rows of the store keep every invariant"))?;
        let expires = self.app().keyring.load().expires();
        let years = KEY_LIFE / DAY / 365;
        self.teller.line(&format!("signing keys are certified until {expires} ({years} years)"));
        Ok(())
    }

    /// Writes an artefact where people can try their own tools on it.
    fn keep(&self, name: &str, bytes: &[u8]) -> Result<(), Failure> {
        init::write(&self.artefacts.join(name), 0o644, bytes)
    }

    fn allotment(&self, key: KeyId) -> Result<HoldingId, Failure> {
        let view = self.app().view()?;
        let key =
            leasehold_ledger::view::find::<leasehold_ledger::record::Key>(view.as_ref() as &dyn Read, key.bytes())?;
        key.and_then(|key| key.holding()).ok_or_else(|| Failure::failed("the key is gone", "start over with --fresh"))
    }
}

fn units(counts: &[(&str, u32)]) -> Result<Units, Failure> {
    let counts = counts.iter().map(|(kind, count)| ((*kind).to_owned(), *count)).collect();
    Units::try_from(std::collections::BTreeMap::from_iter::<Vec<_>>(counts))
        .map_err(|error| Failure::usage(error, "mend the scenario"))
}
