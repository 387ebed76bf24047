//! What a journal's entries add up to: which request has which answer, and what is charged to which grant. Pure.
//!
//! An activation is one device under one grant. Its files are absolute states: the newest counts, but until the device itself
//! says that it holds the newest, an older one may be in use, so an activation is charged the most that any of its living files says.

use super::line::{Entry, FORMAT, GivenBack, Issued};
use crate::allotment::Allotment;
use crate::answer::{Earlier, No, Returned};
use leasehold_protocol::lease::Grant;
use leasehold_protocol::license::License;
use leasehold_protocol::request::Request;
use leasehold_protocol::surrender::Surrender;
use leasehold_protocol::{ActivationId, Cti, DeviceId, Digest, PublicKey, Refused, Time, Units};
use std::collections::HashMap;

/// How far the clock may stand behind the last entry before it is not believed any more, in seconds.
const CLOCK_SLACK: i64 = 5 * 60;

/// The sum of all entries.
#[derive(Debug, Default)]
pub struct Book {
    /// COSE bytes by request; nothing where the file was returned or replaced.
    answers: HashMap<Digest, Option<Vec<u8>>>,
    activations: HashMap<ActivationId, Activation>,
    charged: HashMap<String, Units>,
    returns: HashMap<Digest, GivenBack>,
    /// The newest entry's time.
    latest: Time,
}

#[derive(Debug)]
struct Activation {
    grant: String,
    iss: String,
    device: DeviceId,
    seq: u32,
    /// Oldest first.
    living: Vec<Living>,
}

#[derive(Debug)]
struct Living {
    cti: Cti,
    units: Units,
    request: Digest,
}

impl Activation {
    fn charge(&self) -> Units {
        self.living.iter().fold(Units::default(), |most, file| most.max(&file.units))
    }
}

impl Book {
    /// Adds an entry.
    ///
    /// # Errors
    /// Why it cannot follow those before it.
    pub fn apply(&mut self, entry: &Entry) -> Result<(), &'static str> {
        match entry {
            Entry::Opened { format, at } if *format == FORMAT => self.latest = self.latest.max(*at),
            Entry::Opened { .. } => return Err("it was written in another format, by a newer program"),
            Entry::Issued(issued) => self.issued(issued)?,
            Entry::Returned(back) => self.returned(back)?,
        }
        Ok(())
    }

    fn issued(&mut self, issued: &Issued) -> Result<(), &'static str> {
        let new = || Activation {
            grant: issued.grant.clone(),
            iss: issued.iss.clone(),
            device: issued.device,
            seq: 0,
            living: Vec::new(),
        };
        let activation = self.activations.entry(issued.sub).or_insert_with(new);
        if issued.seq <= activation.seq || self.answers.contains_key(&issued.request) {
            return Err("it repeats an answer");
        }
        let before = activation.charge();
        if let Some(replaced) = activation.living.last() {
            self.answers.insert(replaced.request, None);
        }
        activation.seq = issued.seq;
        activation.living.push(Living { cti: issued.cti, units: issued.units.clone(), request: issued.request });
        let after = activation.charge();
        self.answers.insert(issued.request, Some(issued.signed.clone()));
        self.latest = self.latest.max(issued.at);
        self.recharge(issued.grant.clone(), &before, &after)
    }

    fn returned(&mut self, back: &GivenBack) -> Result<(), &'static str> {
        let activation = self.activations.get_mut(&back.sub).ok_or("it returns a file that was never issued")?;
        let at = activation.living.iter().position(|file| file.cti == back.held);
        let at = at.ok_or("it returns a file that has ended already")?;
        let before = activation.charge();
        // The device names this file as held, so those before it have ended too.
        for ended in activation.living.drain(..=at) {
            self.answers.insert(ended.request, None);
        }
        let after = activation.charge();
        let grant = activation.grant.clone();
        self.returns.insert(back.message, back.clone());
        self.latest = self.latest.max(back.at);
        self.recharge(grant, &before, &after)
    }

    fn recharge(&mut self, grant: String, before: &Units, after: &Units) -> Result<(), &'static str> {
        let charged = self.charged.entry(grant).or_default();
        let sum = charged.checked_sub(before).and_then(|others| others.checked_add(after));
        *charged = sum.ok_or("its units do not add up")?;
        Ok(())
    }

    /// Units in living files under a grant.
    #[must_use]
    pub fn charged(&self, grant: &str) -> &Units {
        self.charged.get(grant).unwrap_or(Units::NONE)
    }

    /// What is known of a request.
    #[must_use]
    pub fn find(&self, request: Digest) -> Option<Earlier> {
        self.answers.get(&request).map(|signed| match signed {
            Some(signed) => Earlier::Signed(signed.clone()),
            None => Earlier::Ended,
        })
    }

    /// The licence a request gets under `allotment`. Rules speak in the order of [`Refused`].
    ///
    /// # Errors
    /// [`No`].
    pub fn decide(&self, allotment: &Allotment, request: &Request, digest: Digest, now: Time) -> Result<License, No> {
        let no = |refused, detail: String| Err(No { refused, detail });
        self.check_clock(now)?;
        if let Some(iss) = request.iss.as_ref().filter(|iss| **iss != allotment.iss) {
            return no(Refused::OutOfReach, format!("the request is for {iss}, the grant is of {}", allotment.iss));
        }
        if request.sender.aud != allotment.product {
            let (asked, given) = (&request.sender.aud, &allotment.product);
            return no(Refused::ProductNotAllowed, format!("the request is for {asked}, the grant is for {given}"));
        }
        let sub = activation_of(allotment, &request.sender.device);
        let units = self.units(allotment, request, sub)?;
        if !allotment.answers_to(&request.code) {
            return no(Refused::KeyInvalid, format!("the grant does not answer to key {}", request.code));
        }
        let over = [allotment.expires, allotment.exp.exp()].into_iter().flatten().min().filter(|end| now >= *end);
        if let Some(end) = over {
            return no(Refused::LicenceLapsed, format!("the grant or its licences ended at {end}"));
        }
        let earlier = self.activations.get(&sub);
        let seq = earlier.map_or(0, |activation| activation.seq) + 1;
        let replaced = earlier.and_then(|activation| activation.living.last()).map(|file| file.cti);
        let grant = Grant {
            iss: allotment.iss.clone(),
            sub,
            aud: allotment.product.clone(),
            nbf: now,
            iat: now,
            cti: Cti::derive(sub, seq),
            device: request.sender.device,
            nonce: request.sender.nonce,
            units,
            features: allotment.features.clone(),
            licensee: allotment.licensee.clone(),
            free_upgrade_until: allotment.free_upgrade_until,
            at_expiry: allotment.at_expiry,
            seq,
        };
        Ok(License { grant, exp: allotment.exp.exp(), request: digest, replaces: replaced.or(request.replaces) })
    }

    fn check_clock(&self, now: Time) -> Result<(), No> {
        if now.plus(CLOCK_SLACK) >= self.latest {
            return Ok(());
        }
        let detail = format!("it is {now} by this clock, but the journal was written to at {}", self.latest);
        Err(No { refused: Refused::ClockUntrusted, detail })
    }

    /// What the request wants, or all there is left for this device.
    fn units(&self, allotment: &Allotment, request: &Request, sub: ActivationId) -> Result<Units, No> {
        let own = self.activations.get(&sub).map(Activation::charge).unwrap_or_default();
        let others = self.charged(&allotment.grant).saturating_sub(&own);
        let free = allotment.units.saturating_sub(&others);
        let wanted = request.wanted.as_ref().unwrap_or(&free);
        if let Some((kind, _)) = wanted.iter().find(|(kind, _)| allotment.units.count(kind) == 0) {
            return Err(No { refused: Refused::BadQuantity, detail: format!("the grant has no units of kind {kind}") });
        }
        if request.wanted.as_ref().is_some_and(Units::is_none) {
            return Err(No { refused: Refused::BadQuantity, detail: "the request wants no units at all".into() });
        }
        if wanted.is_none() || !free.covers(wanted) {
            let detail = format!("wanted {wanted}, free {free} of {}", allotment.units);
            return Err(No { refused: Refused::InsufficientUnits, detail });
        }
        Ok(wanted.clone())
    }

    /// What a return frees.
    ///
    /// # Errors
    /// [`No`].
    pub fn give_back(&self, surrender: &Surrender, message: Digest, now: Time) -> Result<Returned, No> {
        let no = |refused, detail: String| Err(No { refused, detail });
        let (sub, held) = (surrender.sub, surrender.held);
        if let Some(back) = self.returns.get(&message) {
            return Ok(Returned { sub, held, freed: back.freed.clone(), repeated: true });
        }
        self.check_clock(now)?;
        let device = surrender.sender.device.device_id();
        let own = |activation: &&Activation| activation.device == device && activation.iss == surrender.iss;
        let Some(activation) = self.activations.get(&sub).filter(own) else {
            return no(Refused::OutOfReach, format!("no file of activation {sub} was issued here to device {device}"));
        };
        let Some(at) = activation.living.iter().position(|file| file.cti == held) else {
            let known = (1..=activation.seq).any(|seq| Cti::derive(sub, seq) == held);
            return match known {
                true => no(Refused::Irreversible, format!("file {held} was given back already")),
                false => no(Refused::OutOfReach, format!("file {held} was not issued here")),
            };
        };
        let left = activation.living[at + 1..].iter().fold(Units::default(), |most, file| most.max(&file.units));
        Ok(Returned { sub, held, freed: activation.charge().saturating_sub(&left), repeated: false })
    }
}

/// One device under one grant is one activation, for ever.
fn activation_of(allotment: &Allotment, device: &PublicKey) -> ActivationId {
    let name = [b"leasehold grant v1\0", allotment.iss.as_bytes(), b"\0", allotment.grant.as_bytes(), b"\0", &device.0];
    let mut id = [0; 16];
    id.copy_from_slice(&Digest::of(&name.concat()).0[..16]);
    ActivationId(id)
}
