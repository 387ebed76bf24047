//! Jobs: what they record, that they do it once, and that what was missed is caught up.

use crate::common::device::Device;
use crate::common::now;
use crate::common::seed::{Operator, Seed};
use crate::{Stage, within_10_s};
use leasehold::jobs::runner::{Job, run, serve};
use leasehold::net::shutdown::channel;
use leasehold::random;
use leasehold_ledger::actor::Actor;
use leasehold_ledger::record::{Activation, ActivationState, Event, Verb};
use leasehold_ledger::rule::housekeeping::job_ran_at;
use leasehold_ledger::store::{Store, Table};
use leasehold_ledger::{Command, Outcome, fsck, view};
use leasehold_protocol::Time;
use leasehold_protocol::activate::Activate;
use leasehold_protocol::machine::Kind;
use leasehold_protocol::message::DeviceMessage;
use sha2::{Digest, Sha256};
use std::time::Duration;

const TERM: i64 = 60;
const HOUR: i64 = 3600;
/// A full hour.
const START: Time = Time(1_795_280_400);

impl Stage {
    fn seeded(pool_keys: u32) -> (Self, Seed) {
        let stage = Self::at(START);
        let seed = Operator { store: stage.store.as_ref(), now: START }.seed(pool_keys, TERM);
        (stage, seed)
    }

    fn activate(&self, device: &Device) {
        let message = Activate::open(&device.message(Kind::Activate)).expect("a message");
        let command = Command::Activate { message: Box::new(message), id: random::activation(), held: None };
        let outcome = within_10_s(self.app.send(Actor::system("activate"), command)).expect("written");
        assert!(matches!(outcome, Outcome::Lease(_)), "{outcome:?}");
    }

    fn run(&self, job: Job) -> u64 {
        within_10_s(run(&self.app, job)).expect("the job runs")
    }

    fn events(&self, verb: Verb) -> Vec<Event> {
        let view = self.store.read().expect("it reads");
        let events = view::list::<Event>(view.as_ref(), &[], None, usize::MAX).expect("they decode");
        events.into_iter().filter(|event| event.verb == verb).collect()
    }

    fn in_state(&self, state: ActivationState) -> usize {
        let view = self.store.read().expect("it reads");
        let all = view::list::<Activation>(view.as_ref(), &[], None, usize::MAX).expect("they decode");
        all.into_iter().filter(|activation| activation.state == state).count()
    }

    fn ran_at(&self, job: Job) -> Option<Time> {
        job_ran_at(self.store.read().expect("it reads").as_ref(), job.name()).expect("it reads")
    }

    fn is_clean(&self, now: Time) {
        let report = fsck::check(self.store.read().expect("it reads").as_ref(), now).expect("it reads");
        assert!(report.is_clean(), "{:?}", report.findings);
    }
}

#[test]
fn lapse_records_a_lease_that_has_ended_once_and_not_a_second_before() {
    let (stage, seed) = Stage::seeded(1);
    stage.activate(&Device::new(&seed.pool[0]));
    let stage = stage.later(START.plus(TERM - 1));
    assert_eq!(stage.run(Job::Lapse), 0);
    assert_eq!(stage.in_state(ActivationState::Active), 1);
    let end = START.plus(TERM);
    let stage = stage.later(end);
    assert_eq!((stage.run(Job::Lapse), stage.in_state(ActivationState::Lapsed)), (1, 1));
    assert_eq!(stage.run(Job::Lapse), 0, "it does the same again");
    let events = stage.events(Verb::Lapsed);
    assert_eq!((events.len(), events[0].actor.as_str(), events[0].at), (1, "job lapse", end));
    stage.is_clean(end);
    // The units are free: another device may have the key.
    stage.activate(&Device::new(&seed.pool[0]));
}

#[test]
fn lapse_finds_what_is_due_among_many_and_passes_over_what_is_not() {
    const MANY: usize = 1100; // more than one look at the index takes
    let (stage, seed) = Stage::seeded(3);
    (0..MANY).for_each(|_| stage.activate(&Device::modest(&seed.lot)));
    seed.pool.iter().for_each(|code| stage.activate(&Device::new(code)));
    let stage = stage.later(START.plus(TERM / 2));
    (0..MANY).for_each(|_| stage.activate(&Device::modest(&seed.lot)));
    let stage = stage.later(START.plus(TERM));
    assert_eq!(stage.run(Job::Lapse), MANY as u64 + 3);
    assert_eq!(stage.in_state(ActivationState::Active), MANY);
    let end = START.plus(TERM + TERM / 2);
    let stage = stage.later(end);
    assert_eq!(stage.run(Job::Lapse), MANY as u64);
    assert_eq!(stage.in_state(ActivationState::Lapsed), 2 * MANY + 3);
    stage.is_clean(end);
}

#[test]
fn i13_the_hour_of_renewals_carries_their_count_and_a_hash_over_their_records() {
    let (stage, seed) = Stage::seeded(0);
    (0..7).for_each(|_| stage.activate(&Device::modest(&seed.lot)));
    let rows = stage.store.read().and_then(|view| view.scan(Table::Renewals, &[], &[0xff; 17], 100)).expect("it reads");
    let mut hash = Sha256::new();
    rows.iter().for_each(|(key, row)| hash.update([&key[..], row].concat()));
    let digest = crate::common::hex(&hash.finalize());

    let stage = stage.later(START.plus(HOUR + 10));
    assert_eq!(stage.run(Job::Renewals), 7);
    let events = stage.events(Verb::Renewals);
    assert_eq!((events.len(), events[0].subject.as_str()), (1, START.to_string().as_str()));
    assert_eq!((events[0].fact("count"), events[0].fact("sha256")), (Some("7"), Some(digest.as_str())));
    assert_eq!(stage.run(Job::Renewals), 0, "the hour is recorded twice");
    assert_eq!(stage.events(Verb::Renewals).len(), 1);
}

#[test]
fn i13_hours_missed_while_the_server_was_down_are_recorded_once_each() {
    let (stage, seed) = Stage::seeded(0);
    stage.run(Job::Renewals);
    (0..3).for_each(|_| stage.activate(&Device::modest(&seed.lot)));
    let stage = stage.later(START.plus(HOUR + 1800));
    (0..2).for_each(|_| stage.activate(&Device::modest(&seed.lot)));
    let stage = stage.later(START.plus(5 * HOUR + 5));
    assert_eq!(stage.run(Job::Renewals), 5);
    let hours: Vec<_> = stage
        .events(Verb::Renewals)
        .iter()
        .map(|event| (event.subject.clone(), event.fact("count").unwrap_or_default().to_owned()))
        .collect();
    let hour = |number: i64, count: &str| (START.plus(number * HOUR).to_string(), count.to_owned());
    assert_eq!(
        hours,
        [hour(-1, "0"), hour(0, "3"), hour(1, "2"), hour(4, "0")],
        "empty hours but the last are passed over"
    );
}

#[test]
fn a_job_that_ran_is_remembered_in_the_store_and_in_the_metrics() {
    let (stage, _) = Stage::seeded(0);
    for job in Job::ALL {
        assert_eq!(stage.ran_at(job), None);
        stage.run(job);
        assert_eq!(stage.ran_at(job), Some(START));
    }
    let page = String::from_utf8(stage.app.metrics.page().expect("a page")).expect("text");
    for job in Job::ALL {
        let series = format!("leasehold_job_last_success_timestamp_seconds{{job=\"{}\"}} {}", job.name(), START.0);
        assert!(page.contains(&series), "{series}\n{page}");
    }
}

/// Starts the runner, gives it time, and ends it.
fn served(stage: &Stage) {
    let beat = now().0.rem_euclid(300);
    if beat > 295 {
        std::thread::sleep(Duration::from_secs(6)); // the scheduler's own moment is another test's
    }
    within_10_s(async {
        let (trigger, shutdown) = channel();
        let app = stage.app.clone();
        let local = tokio::task::LocalSet::new();
        let runner = local.run_until(async move { tokio::task::spawn_local(serve(app, shutdown)).await });
        let end = async {
            tokio::time::sleep(Duration::from_millis(800)).await;
            trigger.pull();
        };
        let (ended, ()) = tokio::join!(runner, end);
        ended.expect("no panic").expect("the scheduler ends");
    });
}

#[test]
fn what_was_missed_is_caught_up_at_the_start_and_what_was_not_is_left() {
    let (stage, _) = Stage::seeded(0);
    served(&stage);
    assert_eq!(Job::ALL.map(|job| stage.ran_at(job)), Job::ALL.map(|_| Some(START)), "never run is missed");
    let stage = stage.later(START.plus(299));
    served(&stage);
    assert_eq!(stage.ran_at(Job::Lapse), Some(START), "a run that is not due yet");
    let (five_minutes, an_hour) = (START.plus(300), START.plus(HOUR));
    let stage = stage.later(five_minutes);
    served(&stage);
    let due = |job| if job == Job::Lapse { five_minutes } else { START };
    assert_eq!(Job::ALL.map(|job| stage.ran_at(job)), Job::ALL.map(|job| Some(due(job))));
    let stage = stage.later(an_hour);
    served(&stage);
    let due = |job| if job == Job::Notices { START } else { an_hour };
    assert_eq!(
        Job::ALL.map(|job| stage.ran_at(job)),
        Job::ALL.map(|job| Some(due(job))),
        "once a day is not due again"
    );
}

#[test]
fn a_job_whose_commit_fails_is_not_said_to_have_run() {
    let (stage, _) = Stage::seeded(0);
    stage.store.fail_at(2);
    assert!(within_10_s(run(&stage.app, Job::Renewals)).is_err());
    assert_eq!(stage.ran_at(Job::Renewals), None);
    assert_eq!(stage.events(Verb::Renewals), []);
}
