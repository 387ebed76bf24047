//! R10: retries, captured messages, restored and copied consoles.

use crate::Stage;
use crate::common::device::{Device, Heard, hear};
use crate::common::seed::on_disk;
use leasehold_ledger::fsck;
use leasehold_ledger::record::{Event, Verb};
use leasehold_ledger::store::{Pair, Table};
use leasehold_protocol::Refused;
use leasehold_protocol::machine::Kind;
use std::path::Path;

/// What jobs write by themselves, on the hour; [`happened`] looks at their Events.
const OF_JOBS: [Table; 4] = [Table::Jobs, Table::Meta, Table::Events, Table::AccountEvents];

/// Every other row of a store that no server has.
fn rows(data: &Path) -> Vec<(Table, Vec<Pair>)> {
    on_disk(data, |operator| {
        let view = operator.store.read().expect("the store reads");
        let tables = Table::ALL.iter().filter(|table| !OF_JOBS.contains(table));
        tables.map(|table| (*table, view.scan(*table, &[], &[0xff; 300], 100_000).expect("it reads"))).collect()
    })
}

/// Every Event but the hours of renewals: what, and to what.
fn happened(data: &Path) -> Vec<(Verb, String)> {
    on_disk(data, |operator| {
        let view = operator.store.read().expect("the store reads");
        assert!(fsck::check(view.as_ref(), operator.now).expect("it reads").is_clean());
        let events = leasehold_ledger::view::list::<Event>(view.as_ref(), &[], None, 100_000).expect("they decode");
        let ours = events.into_iter().filter(|event| event.verb != Verb::Renewals);
        ours.map(|event| (event.verb, event.subject)).collect()
    })
}

fn events(data: &Path, verb: Verb) -> usize {
    happened(data).into_iter().filter(|(found, _)| *found == verb).count()
}

#[test]
fn r10_a_retry_is_the_same_lease_and_is_recorded_once() {
    let mut stage = Stage::set();
    let mut http = stage.http();
    let mut device = Device::new(&stage.seed.pool[0]);
    for (kind, path) in [(Kind::Activate, "/v1/activate"), (Kind::Check, "/v1/check")] {
        let message = device.message(kind);
        let replies: Vec<_> = (0..5).map(|_| http.post(path, &message).expect("an answer")).collect();
        assert!(replies.iter().all(|reply| reply.status == 200 && reply.body == replies[0].body), "{kind:?}");
        let Heard::Lease(lease) = hear(&replies[0], &stage.keys) else { panic!("no lease") };
        device.lease = Some(*lease);
    }
    assert_eq!(device.lease.as_ref().map(|lease| lease.grant.seq), Some(2));
    let release = device.message(Kind::Release);
    let receipts: Vec<_> = (0..5).map(|_| http.post("/v1/release", &release).expect("an answer")).collect();
    assert!(receipts.iter().all(|reply| reply.status == 200 && reply.body == receipts[0].body));
    assert_eq!(stage.server.stop().status.code(), Some(0));
    assert_eq!(events(&stage.server.data(), Verb::Activated), 1);
    assert_eq!(events(&stage.server.data(), Verb::Released), 1);
    assert_eq!(events(&stage.server.data(), Verb::LeaseChanged), 0);
}

#[test]
fn r10_captured_messages_change_nothing() {
    let mut stage = Stage::set();
    let mut http = stage.http();
    let mut captured = Vec::new();
    for code in [&stage.seed.lot, &stage.seed.pool[0]] {
        let mut device = Device::modest(code);
        let lives = if *code == stage.seed.lot { 3 } else { 4 };
        for kind in &[Kind::Activate, Kind::Check, Kind::Check, Kind::Release][..lives] {
            device.pending = Some((*kind, device.message(*kind)));
            captured.extend(device.pending.clone());
            device.say(&mut http, &stage.keys, *kind).expect("an answer");
        }
    }
    drop(http);
    assert_eq!(stage.server.stop().status.code(), Some(0));
    let before = (rows(&stage.server.data()), happened(&stage.server.data()));

    stage.server.start();
    let mut http = stage.http();
    for (kind, message) in captured.iter().chain(captured.iter().rev()) {
        let reply = http.post(kind.path(), message).expect("an answer");
        assert!(matches!(reply.status, 200 | 409 | 429), "{kind:?}: {}", reply.text());
    }
    assert_eq!(stage.server.stop().status.code(), Some(0));
    let after = (rows(&stage.server.data()), happened(&stage.server.data()));
    assert!(before == after, "a captured message changed the store");
    println!("count replay: {} captured messages sent twice more, 0 rows changed", captured.len());
}

#[test]
fn r10_a_restored_console_is_one_rewind_and_two_copies_are_a_fork() {
    let mut stage = Stage::set();
    let mut console = stage.server.console("console");
    console.activate(leasehold_console::Order::of(&stage.seed.pool[0], "9.1")).expect("activated");
    console.check().expect("checked");
    drop(console);
    let (folder, copy) = (stage.server.beside("console"), stage.server.beside("copy"));
    copy_folder(&folder, &copy);
    let open = |folder: &Path| {
        let settings = leasehold_console::Settings {
            server: Some(format!("http://{}", stage.server.device())),
            ..Default::default()
        };
        leasehold_console::Client::open(folder, settings, None).expect("it opens")
    };
    let seq = |client: &leasehold_console::Client| client.machine().lease().map(|lease| lease.grant.seq);
    let mut console = open(&folder);
    console.check().expect("checked");
    assert_eq!(seq(&console), Some(3));
    // The copy still holds the second lease: it is let in again, on a branch of its own.
    let mut second = open(&copy);
    second.check().expect("checked");
    assert!(seq(&second) > Some(3), "{:?}", seq(&second));
    // The first one comes back with a lease from the branch that was left: two are alive.
    console.check().expect("checked");
    drop((console, second));
    assert_eq!(stage.server.stop().status.code(), Some(0));
    assert_eq!(events(&stage.server.data(), Verb::Rewind), 1);
    assert_eq!(events(&stage.server.data(), Verb::Fork), 1);
}

#[test]
fn a_second_device_is_refused_by_a_signed_no_and_takes_over_after_a_release() {
    let stage = Stage::set();
    let mut http = stage.http();
    let (mut first, mut second) = (Device::new(&stage.seed.pool[0]), Device::new(&stage.seed.pool[0]));
    first.takes(&mut http, &stage.keys, Kind::Activate);
    let refused = second.say(&mut http, &stage.keys, Kind::Activate).expect("an answer");
    let Heard::Refusal(refusal) = refused else { panic!("{refused:?}") };
    assert_eq!(refusal.refused(), Some(Refused::KeyOnOtherDevice));
    assert_eq!(refusal.device, second.public());
    first.say(&mut http, &stage.keys, Kind::Release).expect("an answer");
    assert_eq!(second.takes(&mut http, &stage.keys, Kind::Activate).grant.units.count("OBM"), 10);
}

fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir(to).expect("a new folder");
    for entry in std::fs::read_dir(from).expect("it reads") {
        let path = entry.expect("an entry").path();
        std::fs::copy(&path, to.join(path.file_name().expect("a name"))).expect("copied");
    }
}
