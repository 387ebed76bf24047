//! Signed noes to devices.

use crate::apply::{Context, Outcome};
use crate::draft::{Draft, Fault};
use crate::record::*;
use crate::renewal::Renewal;
use crate::rule::check::Ask;
use crate::rule::resync::Standing;
use leasehold_protocol::Refused;
use leasehold_protocol::message::Sender;
use leasehold_protocol::refusal::Refusal;

/// A signed no. The first of its kind is recorded, if the message was fresh: a captured one changes nothing.
///
/// # Errors
/// [`Fault::Store`].
pub fn refuse(
    draft: &mut Draft<'_>,
    context: &Context<'_>,
    before: Activation,
    slot: &Renewal,
    ask: &Ask<'_>,
    refused: Refused,
) -> Result<Outcome, Fault> {
    draft.discard();
    let before = draft.record(&before.id.0)?.unwrap_or(before); // as it stands without what was looked at for this answer
    let number = refused as u16;
    let fresh = matches!(ask.standing, Standing::Fresh | Standing::Rewound { .. });
    if fresh && refused != Refused::Resync && before.refused != Some(number) {
        let after = Activation { refused: Some(number), ..before.clone() };
        draft.put(&after);
        draft.event(
            context,
            Verb::CheckRefused,
            &[before.account],
            before.id,
            &[("code", &refused), ("device", &before.device)],
        )?;
    }
    let challenge = (refused == Refused::Resync).then(|| (context.challenge)(before.id, before.cti(slot.seq)));
    let refusal = Refusal { sub: Some(before.id), challenge, ..refusal(draft, context, ask.sender, refused)? };
    Ok(Outcome::Refusal(refusal))
}

/// A no to a device, about no activation.
///
/// # Errors
/// [`Fault::Store`].
pub fn refusal(draft: &Draft<'_>, context: &Context<'_>, sender: &Sender, refused: Refused) -> Result<Refusal, Fault> {
    Ok(Refusal {
        iss: draft.installation()?.iss,
        sub: None,
        iat: context.now,
        device: sender.device,
        nonce: sender.nonce,
        number: refused as u16,
        challenge: None,
    })
}

/// A device or key nobody here knows: the same no for all of them.
///
/// # Errors
/// [`Fault::Store`].
pub fn stranger(draft: &Draft<'_>, context: &Context<'_>, sender: &Sender) -> Result<Outcome, Fault> {
    refusal(draft, context, sender, Refused::KeyInvalid).map(Outcome::Stranger)
}
