use super::*;
use crate::answer::{AnswerError, answer, answer_all, take_return};
use crate::testing::{Device, FaultyDisk, NOW, allotment, open, signer, units};
use leasehold_protocol::{PublicKey, Refused};

fn path() -> &'static Path {
    Path::new("journal")
}

fn refused(result: Result<crate::Answer, AnswerError>) -> Refused {
    match result {
        Err(AnswerError::No(no)) => no.refused,
        other => panic!("a refusal was expected, got {other:?}"),
    }
}

struct Desktop {
    disk: FaultyDisk,
    allotment: Allotment,
}

impl Desktop {
    fn with(count: u32) -> Self {
        Self { disk: FaultyDisk::default(), allotment: allotment(count) }
    }

    fn journal(&self) -> Journal<FaultyDisk> {
        Journal::open(self.disk.clone(), path(), NOW).expect("readable")
    }

    /// Every call is a process of its own.
    fn answer(&self, file: &[u8]) -> Result<crate::Answer, AnswerError> {
        answer(file, &mut self.journal().desk(&self.allotment), &signer(), NOW)
    }

    fn take(&self, file: &[u8]) -> Result<Returned, AnswerError> {
        take_return(file, &mut self.journal(), NOW)
    }

    fn charged(&self) -> Units {
        self.journal().charged("north-1").clone()
    }
}

#[test]
fn a_request_is_answered_by_a_file_its_device_accepts() {
    let desk = Desktop::with(10);
    let device = Device::new(7);
    let license = open(&desk.answer(&device.asks(1, 4)).expect("signed").signed);
    assert_eq!(license.grant.units, units(4));
    assert_eq!(license.grant.device, PublicKey::of(&device.0));
    assert_eq!(desk.charged(), units(4));
}

#[test]
fn the_same_request_gives_the_same_bytes_and_is_charged_once() {
    let desk = Desktop::with(10);
    let request = Device::new(7).asks(1, 4);
    let first = desk.answer(&request).expect("signed");
    let again = desk.answer(&request).expect("signed before");
    assert_eq!((&again.signed, again.repeated), (&first.signed, true));
    let mut journal = desk.journal();
    let both = answer_all(&[&request, &request], &mut journal.desk(&desk.allotment), &signer(), NOW);
    assert!(both.expect("recorded").iter().all(|answer| answer.as_ref().is_ok_and(|a| a.signed == first.signed)));
    assert_eq!(desk.charged(), units(4));
}

#[test]
fn a_request_beyond_the_allotment_is_refused_and_nothing_is_signed() {
    let desk = Desktop::with(10);
    desk.answer(&Device::new(7).asks(1, 8)).expect("signed");
    let before = desk.disk.content(path());
    assert_eq!(refused(desk.answer(&Device::new(8).asks(1, 3))), Refused::InsufficientUnits);
    assert_eq!(desk.disk.content(path()), before);
    desk.answer(&Device::new(8).asks(2, 2)).expect("what is left");
}

#[test]
fn a_request_that_names_no_number_gets_all_that_is_left() {
    let desk = Desktop::with(10);
    desk.answer(&Device::new(7).asks(1, 4)).expect("signed");
    let device = Device::new(8);
    let rest = desk.answer(&device.file(&device.request(1, None))).expect("signed");
    assert_eq!(open(&rest.signed).grant.units, units(6));
    let late = Device::new(9);
    assert_eq!(refused(desk.answer(&late.file(&late.request(1, None)))), Refused::InsufficientUnits);
}

#[test]
fn a_second_file_for_a_device_replaces_the_first_and_charges_the_larger() {
    let desk = Desktop::with(10);
    let device = Device::new(7);
    let first = open(&desk.answer(&device.asks(1, 8)).expect("signed").signed);
    let second = open(&desk.answer(&device.asks(2, 3)).expect("signed").signed);
    assert_eq!((second.replaces, second.grant.seq), (Some(first.grant.cti), 2));
    assert_eq!(desk.charged(), units(8), "the first may still be in use");
    assert_eq!(refused(desk.answer(&device.asks(1, 8))), Refused::RequestAnswered);
    desk.take(&device.gives_back(&second)).expect("taken");
    assert_eq!(desk.charged(), Units::default());
}

#[test]
fn a_return_frees_the_units_once_and_its_request_is_answered_for_good() {
    let desk = Desktop::with(10);
    let device = Device::new(7);
    let license = open(&desk.answer(&device.asks(1, 10)).expect("signed").signed);
    let file = device.gives_back(&license);
    let returned = desk.take(&file).expect("taken");
    assert_eq!((&returned.freed, returned.repeated), (&units(10), false));
    let again = desk.take(&file).expect("taken before");
    assert_eq!((again.freed, again.repeated), (units(10), true));
    assert_eq!(refused(desk.answer(&device.asks(1, 10))), Refused::RequestAnswered);
    desk.answer(&Device::new(8).asks(1, 10)).expect("free again");
    assert_eq!(desk.charged(), units(10));
}

#[test]
fn a_return_by_another_device_or_of_an_unknown_file_changes_nothing() {
    let desk = Desktop::with(10);
    let device = Device::new(7);
    let license = open(&desk.answer(&device.asks(1, 4)).expect("signed").signed);
    let mut unknown = license.clone();
    unknown.grant.cti = leasehold_protocol::Cti([0; 16]);
    for file in [Device::new(8).gives_back(&license), device.gives_back(&unknown)] {
        let taken = desk.take(&file);
        assert!(matches!(&taken, Err(AnswerError::No(no)) if no.refused == Refused::OutOfReach), "{taken:?}");
    }
    assert_eq!(desk.charged(), units(4));
}

#[test]
fn every_rule_refuses_with_its_own_code() {
    let device = Device::new(7);
    let ask = |change: &dyn Fn(&mut Request), grant: &dyn Fn(&mut Allotment)| {
        let mut desk = Desktop::with(10);
        grant(&mut desk.allotment);
        let mut request = device.request(1, Some(4));
        change(&mut request);
        refused(desk.answer(&device.file(&request)))
    };
    let same = |_: &mut Allotment| ();
    assert_eq!(ask(&|r| r.iss = Some("other".into()), &same), Refused::OutOfReach);
    assert_eq!(ask(&|r| r.sender.aud = "other".into(), &same), Refused::ProductNotAllowed);
    assert_eq!(ask(&|r| r.wanted = Units::of("channel", 1).ok(), &same), Refused::BadQuantity);
    assert_eq!(ask(&|r| r.wanted = Some(Units::default()), &same), Refused::BadQuantity);
    assert_eq!(ask(&|r| r.wanted = Some(units(11)), &same), Refused::InsufficientUnits);
    assert_eq!(ask(&|r| r.code = "ABCD-EFGH-JKLM-0000".into(), &same), Refused::KeyInvalid);
    assert_eq!(ask(&|_| (), &|grant| grant.expires = Some(NOW)), Refused::LicenceLapsed);
    assert_eq!(ask(&|_| (), &|grant| grant.exp = crate::allotment::End::At(NOW)), Refused::LicenceLapsed);
}

#[test]
fn a_clock_behind_the_journal_signs_nothing() {
    let desk = Desktop::with(10);
    desk.answer(&Device::new(7).asks(1, 4)).expect("signed");
    let late = NOW.plus(-600);
    let result = answer(&Device::new(8).asks(1, 1), &mut desk.journal().desk(&desk.allotment), &signer(), late);
    assert_eq!(refused(result), Refused::ClockUntrusted);
}

#[test]
fn an_incomplete_last_line_is_cut_off_and_nothing_else_is() {
    let desk = Desktop::with(10);
    for seed in 7..10 {
        desk.answer(&Device::new(seed).asks(1, 2)).expect("signed");
    }
    let whole = desk.disk.content(path()).expect("written");
    let (all, _) = entries(path(), &whole).expect("sound");
    for len in 0..whole.len() {
        let disk = FaultyDisk::default();
        disk.put(path(), &whole[..len]);
        let journal = Journal::open(disk.clone(), path(), NOW).unwrap_or_else(|error| panic!("{len}: {error}"));
        let lines = whole[..len].iter().filter(|byte| **byte == b'\n').count();
        let issued = all[..lines].iter().filter(|entry| matches!(entry, Entry::Issued(_))).count();
        assert_eq!(journal.charged("north-1").count("endpoint"), 2 * issued as u32, "{len}");
        assert_eq!(
            disk.content(path()).map(|left| entries(path(), &left).expect("sound").0),
            Some(all[..lines].to_vec())
        );
    }
}

#[test]
fn r4_every_single_bit_flip_of_a_journal_is_noticed() {
    let desk = Desktop::with(10);
    desk.answer(&Device::new(7).asks(1, 2)).expect("signed");
    desk.answer(&Device::new(8).asks(1, 2)).expect("signed");
    let whole = desk.disk.content(path()).expect("written");
    for bit in 0..whole.len() * 8 {
        let mut flipped = whole.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        assert!(matches!(entries(path(), &flipped), Err(JournalError::Damaged { .. })), "bit {bit}");
    }
}

#[test]
fn lines_taken_out_or_put_in_another_order_are_noticed() {
    let desk = Desktop::with(10);
    for seed in 7..10 {
        desk.answer(&Device::new(seed).asks(1, 2)).expect("signed");
    }
    let whole = desk.disk.content(path()).expect("written");
    let lines: Vec<&[u8]> = whole.split_inclusive(|byte| *byte == b'\n').collect();
    let orders: [&[usize]; 4] = [&[1, 2, 3], &[0, 2, 3], &[0, 2, 1, 3], &[0, 1, 1, 2, 3]];
    for order in orders {
        let bytes: Vec<u8> = order.iter().flat_map(|at| lines[*at].to_vec()).collect();
        assert!(matches!(entries(path(), &bytes), Err(JournalError::Damaged { .. })), "{order:?}");
    }
}

#[test]
fn two_signers_never_share_a_journal() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let path = folder.path().join("journal");
    let held = Lock::take(&path).expect("free");
    assert!(matches!(Lock::take(&path), Err(JournalError::InUse(_))));
    drop(held);
    Lock::take(&path).expect("free again");
}
