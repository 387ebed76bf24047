//! When a mail that was not taken is tried again: after a minute, then after twice as long each time, up to six hours, and for
//! the last time three days after it was posted.

use leasehold_ledger::record::Mail;
use leasehold_protocol::Time;
use leasehold_protocol::time::DAY;

/// Seconds after the first try that failed.
const FIRST: i64 = 60;
/// Seconds between two tries at most.
const LONGEST: i64 = 6 * 3600;
/// Seconds from the posting to the last try.
const GIVE_UP: i64 = 3 * DAY;

/// When to try again after a try at `now` has failed; none if that was the last.
#[must_use]
pub fn next_try(mail: &Mail, now: Time) -> Option<Time> {
    let end = mail.created.plus(GIVE_UP);
    let pause = FIRST.checked_shl(mail.tries).filter(|pause| (FIRST..LONGEST).contains(pause)).unwrap_or(LONGEST);
    (now < end).then(|| now.plus(pause).min(end))
}

/// Whether it lay here all the time because there was no mail server: whoever it was for has heard by other means, and a link
/// that was handed on should go on to work.
#[must_use]
pub fn is_stale(mail: &Mail, now: Time) -> bool {
    mail.tries == 0 && now >= mail.created.plus(GIVE_UP)
}

#[cfg(test)]
mod tests {
    use super::*;
    use leasehold_ledger::record::{MailId, MailKind, MailState, UserId};

    const POSTED: Time = Time(1_800_000_000);

    fn mail(tries: u32) -> Mail {
        Mail {
            id: MailId(1),
            kind: MailKind::Reset,
            user: UserId(uuid::Uuid::nil()),
            to: "ann@l.example".into(),
            account: None,
            temporary_password: false,
            created: POSTED,
            state: MailState::Waiting,
            tries,
            next_try: POSTED,
            last_error: String::new(),
        }
    }

    #[test]
    fn pauses_double_from_a_minute_to_six_hours_and_end_three_days_after_the_posting() {
        let (mut now, mut minutes) = (POSTED, Vec::new());
        for tries in 0.. {
            let Some(next) = next_try(&mail(tries), now) else { break };
            minutes.push((next.0 - now.0) / 60);
            now = next;
        }
        assert_eq!(minutes[..10], [1, 2, 4, 8, 16, 32, 64, 128, 256, 360]);
        assert!(minutes[9..minutes.len() - 1].iter().all(|pause| *pause == 360), "{minutes:?}");
        assert_eq!(now, POSTED.plus(3 * DAY), "the last try");
        assert_eq!(next_try(&mail(u32::MAX), POSTED), Some(POSTED.plus(LONGEST)), "however often it was tried");
    }

    #[test]
    fn what_was_never_tried_in_three_days_is_stale() {
        assert!(!is_stale(&mail(0), POSTED.plus(3 * DAY - 1)));
        assert!(is_stale(&mail(0), POSTED.plus(3 * DAY)));
        assert!(!is_stale(&mail(1), POSTED.plus(3 * DAY)), "it has a last try");
    }
}
