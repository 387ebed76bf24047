//! Files: asking for a licence, taking it, giving it back.

use super::event::{Action, Order};
use super::notice::{Cannot, Notice};
use super::state::HeldLicense;
use super::text::Bytes;
use super::{Machine, Turn};
use crate::accept::{NotAccepted, judge_license, open_license};
use crate::armour::Label;
use crate::ids::Digest;
use crate::license::License;
use crate::message::{DeviceMessage, Unverified};
use crate::request::Request;
use crate::surrender::Surrender;

impl Machine {
    /// Asks for a licence file. The same order again writes the same file again.
    pub(super) fn request(&mut self, order: &Order, turn: &mut Turn) {
        let licensed = self.is_licensed(turn.now) && !order.replaces;
        let possible = order.check().and(if licensed { Err(Cannot::AlreadyLicensed) } else { Ok(()) });
        if let Err(cannot) = possible {
            return turn.show(Notice::Cannot(cannot));
        }
        let request = Request {
            iss: self.state.iss.clone(),
            code: order.code.clone(),
            device_name: order.device_name.clone(),
            wanted: order.wanted.clone(),
            replaces: self.in_hand().filter(|_| order.replaces),
            sender: self.sender(turn),
            host: order.host.clone(),
        };
        let written = self.state.request.as_ref().filter(|bytes| {
            let before = Unverified::<Request>::parse(bytes);
            before.is_ok_and(|before| {
                Request { sender: before.claimed().sender.clone(), ..request.clone() } == *before.claimed()
            })
        });
        let bytes = match written {
            Some(bytes) => bytes.0.clone(),
            None => request.sign(&self.key),
        };
        self.state.request = Some(Bytes(bytes.clone()));
        self.state.version.clone_from(&order.host.version);
        self.state.fingerprint.clone_from(&order.host.fingerprint);
        turn.act(Action::Save);
        turn.act(Action::Write { label: Label::Request, bytes });
    }

    /// Takes a licence file, if it is the answer to the request that waits.
    pub(super) fn import(&mut self, bytes: Vec<u8>, turn: &mut Turn) {
        let Some(request) = self.state.request.clone() else {
            return turn.show(Notice::Cannot(Cannot::NoRequest));
        };
        let license = match self.judged_license(&bytes, &request, turn) {
            Ok(license) => license,
            Err(why) => return turn.show(Notice::NotAccepted(why)),
        };
        if let (Some(held), Some(lease)) = (&mut self.state.lease, &self.lease) {
            held.unusable |= license.replaces == Some(lease.grant.cti);
        }
        let (units, end) = (license.grant.units.clone(), license.exp);
        self.state.license = Some(HeldLicense { bytes: Bytes(bytes), unusable: false });
        self.state.request = None;
        self.state.surrender = None;
        self.license = Some(license);
        self.end_shown = None;
        turn.act(Action::Save);
        turn.show(Notice::Licensed { units, end });
    }

    fn judged_license(&self, bytes: &[u8], request: &[u8], turn: &Turn) -> Result<License, NotAccepted> {
        let license = open_license(bytes, &self.state.root, self.keyset_version())?;
        judge_license(&license, &self.state.product, self.device.device_id(), turn.time)?;
        let grant = &license.grant;
        let before = self.license.as_ref().filter(|before| before.grant.sub == grant.sub);
        let asked = Unverified::<Request>::parse(request).map_err(crate::VerifyError::from)?;
        match () {
            () if license.request != Digest::of(request) => Err(NotAccepted::Other("request")),
            () if grant.nonce != asked.claimed().sender.nonce => Err(NotAccepted::Other("nonce")),
            () if self.state.iss.as_ref().is_some_and(|iss| *iss != grant.iss) => {
                Err(NotAccepted::Other("installation"))
            }
            () if before.is_some_and(|before| before.grant.seq >= grant.seq) => {
                Err(NotAccepted::Other("sequence number"))
            }
            () => Ok(license),
        }
    }

    /// Gives the licence file back. Asked again, it writes the same file again: only one return can exist.
    pub(super) fn surrender(&mut self, turn: &mut Turn) {
        if let Some(written) = &self.state.surrender {
            let bytes = written.0.clone();
            return turn.act(Action::Write { label: Label::Return, bytes });
        }
        let (Some(license), Some(held)) = (&self.license, &mut self.state.license) else {
            return turn.show(Notice::Cannot(Cannot::NoLicense));
        };
        held.unusable = true; // on disk before the file exists
        let (iss, sub, held) = (license.grant.iss.clone(), license.grant.sub, license.grant.cti);
        let surrender = Surrender { iss, sub, held, sender: self.sender(turn) };
        let bytes = surrender.sign(&self.key);
        self.state.surrender = Some(Bytes(bytes.clone()));
        turn.act(Action::Save);
        turn.act(Action::Write { label: Label::Return, bytes });
    }
}
