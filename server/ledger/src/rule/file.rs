//! Licence files for devices without a network: the same request gets the same bytes and is charged once.

use crate::actor::Role;
use crate::apply::{Context, Outcome};
use crate::charge;
use crate::draft::{Draft, Fault, ensure};
use crate::record::*;
use crate::renewal::Renewal;
use crate::rule::activate::{NO_ANSWER, begins, blank, enter, key_for};
use crate::rule::issue::Case;
use crate::store::Table;
use leasehold_protocol::license::License;
use leasehold_protocol::request::Request;
use leasehold_protocol::surrender::Surrender;
use leasehold_protocol::{ActivationId, Digest, Refused, Time};

/// Answers a request uploaded for `account`. `id` names the activation if it is a new one.
///
/// # Errors
/// [`Fault`].
pub fn answer(
    draft: &mut Draft<'_>,
    context: &Context<'_>,
    account: AccountId,
    request: &Request,
    digest: Digest,
    id: ActivationId,
) -> Result<Outcome, Fault> {
    draft.reach(context.actor, account, Role::Viewer)?;
    if let Some(file) = draft.file(account, digest)? {
        let detail = || format!("request {digest}");
        ensure(file.ended.is_none(), Refused::RequestAnswered, detail)?;
        return Ok(Outcome::File(file.bytes));
    }
    let iss = draft.installation()?.iss;
    let elsewhere = request.iss.as_ref().is_some_and(|named| *named != iss);
    let sku = &request.sender.aud;
    let sold = draft.record::<Product>(sku.as_bytes())?.is_some();
    ensure(sold, Refused::FieldInvalid, || {
        format!("the request is for product {sku:?}, which is not in the catalogue")
    })?;
    let device = request.sender.device.device_id();
    let unknown = || Fault::refused(Refused::KeyInvalid, "no such key for this product in this account".to_owned());
    let found = key_for(draft, &request.code, sku, device, context.now)?
        .filter(|(key, _)| key.account == account && !elsewhere);
    let (key, home) = found.ok_or_else(unknown)?;
    let known = draft.activation_of(key.id, &request.sender.aud, device)?;
    let is_new = known.is_none();
    let (before, slot) = known.unwrap_or_else(|| {
        (blank(&key, &home, &request.sender, &request.host, Mode::File, id, context.now), NO_ANSWER)
    });
    let before = draft.rehomed(before, &home, context.now)?;
    let before = begins(draft, context, before, &slot, request.wanted.as_ref(), Mode::File)?;
    if is_new {
        enter(draft, &before, &request.sender, &request.host, request.device_name.as_deref(), context.now)?;
    }
    let license = issue(draft, context, &before, &slot, request, digest)?;
    let bytes = (context.sign_license)(&license).map_err(Fault::Unsigned)?;
    supersede(draft, context.now, account, before.id)?;
    draft.put(&LicenseFile {
        account,
        request: digest,
        activation: before.id,
        seq: license.grant.seq,
        bytes: bytes.clone(),
        at: context.now,
        ended: None,
    });
    let index = [&before.id.0[..], &license.grant.seq.to_be_bytes()].concat();
    draft.put_raw(Table::ActivationFiles, index, digest.0.to_vec());
    let detail: [(&str, &dyn std::fmt::Display); 4] = [
        ("units", &license.grant.units),
        ("request", &digest),
        ("seq", &license.grant.seq),
        ("device", &before.device),
    ];
    draft.event(context, Verb::FileIssued, &[account], before.id, &detail)?;
    Ok(Outcome::File(bytes))
}

/// Decides, charges and writes the activation; the licence is what to sign.
fn issue(
    draft: &mut Draft<'_>,
    context: &Context<'_>,
    before: &Activation,
    slot: &Renewal,
    request: &Request,
    digest: Digest,
) -> Result<License, Fault> {
    let now = context.now;
    let case = Case::of(draft, before)?;
    let no = |holds: bool, refused| ensure(holds, refused, || before.id.to_string());
    let mut after = before.clone();
    let current = before.cti(slot.seq);
    let replaces = request.replaces.filter(|cti| slot.seq > 0 && *cti == current);
    if replaces.is_some() {
        charge::acknowledge(&mut after, slot.seq, case.home.free_on);
    }
    after.wanted.clone_from(&request.wanted);
    let units = case.units(&after, after.wanted.as_ref());
    let enough = after.wanted.as_ref().map_or(!units.is_none(), |wanted| units.covers(wanted));
    no(enough || case.pooled_at().is_some(), Refused::InsufficientUnits)?;
    no(case.key.state != KeyState::Stopped, Refused::KeyStopped)?;
    let endless = case.home.free_on == FreeOn::Expiry && case.home.until().is_none();
    no(!endless, Refused::DurationRequired)?;
    no(case.home.is_good(now), Refused::LicenceLapsed)?;
    no(case.home.converted.is_none(), Refused::LicencePooled)?;
    case.maintained(now)?;
    no(!case.key.is_online_only() && case.product.offline, Refused::OnlineOnly)?;
    let on_leases = before.mode == Mode::Lease && before.state == ActivationState::Active && slot.exp > now;
    no(!on_leases, Refused::KeyInUse)?;
    no(case.product.runs(&request.host.version), Refused::VersionTooOld)?;

    let exp = case.end(now, None);
    charge::supersede(&mut after, slot, &units, exp, case.home.free_on, now);
    after.state = ActivationState::Active;
    after.mode = Mode::File;
    after.version.clone_from(&request.host.version);
    let next = Renewal {
        nonce: request.sender.nonce,
        seq: slot.seq + 1,
        iat: now,
        exp,
        last_seen: u32::try_from(now.0).unwrap_or(u32::MAX),
        ..NO_ANSWER
    };
    draft.put_renewal(before.id, &next);
    draft.rebook(before, &mut after, &next, now)?;
    let iss = draft.installation()?.iss;
    Ok(License {
        grant: case.grant(&iss, &after, &next, request.sender.device),
        exp: Some(exp).filter(|exp| *exp < Time::MAX),
        request: digest,
        replaces,
    })
}

/// Takes a licence file back: its units are free, its request is not answered again.
///
/// # Errors
/// [`Fault`].
pub fn take_return(
    draft: &mut Draft<'_>,
    context: &Context<'_>,
    account: AccountId,
    message: &Surrender,
) -> Result<Outcome, Fault> {
    draft.reach(context.actor, account, Role::Viewer)?;
    let device = message.sender.device.device_id();
    let iss = draft.installation()?.iss;
    let own = |activation: &Activation| {
        activation.account == account && activation.device == device && activation.product == message.sender.aud
    };
    let known = draft.activation(message.sub)?.filter(|(activation, _)| own(activation) && message.iss == iss);
    let unknown = || Fault::refused(Refused::OutOfReach, format!("no licence file of activation {}", message.sub));
    let (before, slot) = known.ok_or_else(unknown)?;
    if slot.is_released() && slot.nonce == message.sender.nonce {
        return Ok(Outcome::Done);
    }
    let is_last = before.mode == Mode::File && !slot.is_released() && message.held == before.cti(slot.seq);
    ensure(is_last, Refused::RequestAnswered, || format!("licence {}", message.held))?;
    let product = draft.product(&before.product)?;
    ensure(product.returns == Returns::Frees, Refused::Irreversible, || format!("{} is not taken back", product.sku))?;
    draft.end(context, &before, &slot, message.sender.nonce)?;
    supersede(draft, context.now, account, before.id)?;
    let detail: [(&str, &dyn std::fmt::Display); 2] = [("units", &before.units), ("device", &before.device)];
    draft.event(context, Verb::FileReturned, &[account], before.id, &detail)?;
    Ok(Outcome::Done)
}

/// Files of an activation that were signed before are not given out again.
fn supersede(draft: &mut Draft<'_>, now: Time, account: AccountId, activation: ActivationId) -> Result<(), Fault> {
    let files = crate::view::files_of(draft, account, activation)?;
    for file in files.into_iter().filter(|file| file.ended.is_none()) {
        draft.put(&LicenseFile { ended: Some(now), ..file });
    }
    Ok(())
}
