//! What happens at devices: reference consoles in folders of their own.

use super::super::actors::{self, console, order};
use super::{Deed, Step};
use crate::cli::failure::Failure;
use leasehold_console::{Client, Failure as ConsoleFailure};
use leasehold_protocol::machine::Order;
use leasehold_protocol::{PublicKey, Units};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// The devices of a script.
pub struct Devices {
    folder: PathBuf,
    root: PublicKey,
    server: String,
    consoles: BTreeMap<String, Client>,
}

/// What came of a deed.
pub enum Done {
    /// What the device holds now: state, units, seq and exp of its lease or licence, as JSON.
    Holds(Value),
    /// A file for somebody to upload.
    File(Vec<u8>),
    /// The code of the refusal it got.
    Refused(String),
}

impl Devices {
    /// None yet; they will live in `folder`, trust `root` and call `server`.
    #[must_use]
    pub fn new(folder: PathBuf, root: PublicKey, server: String) -> Self {
        Self { folder, root, server, consoles: BTreeMap::new() }
    }

    /// Lets it happen. `code` and `file` are the step's, filled.
    ///
    /// # Errors
    /// [`Failure`] for anything but a refusal.
    pub fn act(
        &mut self,
        deed: Deed,
        name: &str,
        step: &Step,
        code: Option<&str>,
        file: Option<&[u8]>,
    ) -> Result<Done, Failure> {
        let missing =
            |what: &str| Failure::usage(format!("device {name}: the step has no {what}"), "mend the scenario");
        if !self.consoles.contains_key(name) {
            let product = step.product.as_deref().ok_or_else(|| missing("product"))?;
            let server = (deed != Deed::Request).then(|| self.server.clone());
            self.consoles.insert(name.to_owned(), console(&self.folder, name, self.root, product, server)?);
        }
        let client = self.consoles.get_mut(name).ok_or_else(|| missing("device"))?;
        let asked = || -> Result<Order, Failure> {
            let wanted = step.wanted.clone().map(Units::try_from).transpose();
            let wanted = wanted.map_err(|error| Failure::usage(error, "mend the scenario"))?;
            let replaces = deed == Deed::Replace;
            Ok(Order { wanted, replaces, ..order(code.ok_or_else(|| missing("code"))?, name) })
        };
        let answer = match deed {
            Deed::Activate | Deed::Replace => client.activate(asked()?).map(|_| None),
            Deed::Check => client.check().map(|_| None),
            Deed::Release => client.release().map(|_| None),
            Deed::Request => client.request(asked()?).map(Some),
            Deed::Import => client.import(file.ok_or_else(|| missing("file"))?).map(|_| None),
            Deed::Surrender => client.surrender().map(Some),
        };
        match answer {
            Ok(Some(file)) => Ok(Done::File(file.into_bytes())),
            Ok(None) => Ok(Done::Holds(holds(client))),
            Err(ConsoleFailure::Refused(refusal)) => Ok(Done::Refused(refusal.code().to_owned())),
            Err(failure) => Err(actors::failed(failure)),
        }
    }
}

/// What a device holds: what its product goes by.
fn holds(client: &Client) -> Value {
    let grant = client.machine().grant(client.now());
    let units = grant.map(|grant| grant.units.iter().map(|(kind, count)| (kind.to_owned(), json!(count))));
    json!({
        "units": units.map(|units| Value::Object(units.collect())),
        "features": grant.map(|grant| grant.features.clone()),
        "licensee": grant.map(|grant| grant.licensee.clone()),
        "seq": grant.map(|grant| grant.seq),
    })
}
