//! Which Event an answer writes, if it is more than a plain renewal; alarms once a day (I10, I13).

use crate::record::activation::Alarm;
use crate::record::*;
use crate::renewal::Renewal;
use crate::rule::check::Ask;
use crate::rule::resync::{Standing, abandon};
use leasehold_protocol::Time;

/// The Event of an answer that is more than a plain renewal; none where the day's alarm was written already.
pub fn verb(
    before: &Activation,
    slot: &Renewal,
    after: &mut Activation,
    ask: &Ask<'_>,
    changed: bool,
    is_over: bool,
    now: Time,
) -> Option<Verb> {
    let today = now.day().0;
    let is_new = (&before.units, &before.version, before.refused) != (&after.units, &after.version, after.refused);
    let is_freed = before.older != after.older;
    let mut alarm = None;
    match ask.standing {
        Standing::Rewound { to, fork } if before.state != ActivationState::Released => {
            abandon(after, to, slot.seq);
            let kind = if fork { (Alarm::Fork, Verb::Fork) } else { (Alarm::Rewind, Verb::Rewind) };
            alarm = alarmed(after, kind, today);
        }
        _ if changed => alarm = alarmed(after, (Alarm::Mismatch, Verb::DeviceMismatch), today),
        _ => {}
    }
    let begins = is_over || before.state == ActivationState::Stopped;
    let plain = [(begins, Verb::Activated), (is_new, Verb::LeaseChanged), (is_freed, Verb::UnitsFreed)];
    alarm.or_else(|| plain.into_iter().find(|(holds, _)| *holds).map(|(_, verb)| verb))
}

fn alarmed(activation: &mut Activation, (alarm, verb): (Alarm, Verb), today: i64) -> Option<Verb> {
    let told = activation.alarms.iter_mut().find(|(kind, _)| *kind == alarm);
    match told {
        Some((_, day)) if *day == today => return None,
        Some((_, day)) => *day = today,
        None => activation.alarms.push((alarm, today)),
    }
    Some(verb)
}
