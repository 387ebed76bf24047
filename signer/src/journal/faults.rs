//! Whatever fails, and whenever power is lost: what was released is recorded, and never more than the allotment.

use super::*;
use crate::answer::{AnswerError, take_return};
use crate::batch::{self, Job};
use crate::testing::{After, Device, Fault, FaultyDisk, NOW, allotment, open_file, signer, units};
use leasehold_protocol::Refused;
use proptest::prelude::*;
use std::collections::BTreeMap;

const FAULTS: [Fault; 4] = [Fault::Refused, Fault::Half, Fault::DoneAndRefused, Fault::Killed];
const AFTERS: [After; 3] = [After::Restart, After::PowerCut, After::Torn];
const ALLOTTED: u32 = 10;

/// What the person at the signer does, one process at a time.
#[derive(Debug, Clone)]
enum Step {
    /// Signs these requests (device, nonce, units) in one batch.
    Sign(Vec<(u8, u8, u32)>),
    /// Takes back what this device was given for this request, if it was.
    Return(u8, u8, u32),
}

/// All that ever left: the bytes of each licence file by (device, nonce, units).
#[derive(Default)]
struct World {
    /// Seconds after [`NOW`]: a licence signed again at another time has other bytes.
    late: i64,
    released: BTreeMap<(u8, u8, u32), Vec<u8>>,
    /// Devices that gave up everything up to this number.
    given_up: BTreeMap<u8, u32>,
}

fn out(ask: (u8, u8, u32)) -> PathBuf {
    PathBuf::from(format!("{}-{}-{}.lic", ask.0, ask.1, ask.2))
}

impl World {
    fn now(&self) -> Time {
        NOW.plus(self.late)
    }

    /// Whoever looks into the folder may carry away what is there.
    fn look(&mut self, disk: &FaultyDisk, steps: &[Step]) {
        for ask in steps.iter().flat_map(|step| match step {
            Step::Sign(asks) => asks.clone(),
            Step::Return(..) => Vec::new(),
        }) {
            let Some(bytes) = disk.content(&out(ask)).filter(|bytes| !bytes.is_empty()) else { continue };
            let text = String::from_utf8_lossy(&bytes).into_owned();
            let earlier = self.released.entry(ask).or_insert(bytes);
            assert_eq!(String::from_utf8_lossy(earlier), text, "{ask:?} was answered by two different files");
        }
    }

    /// The rule, from released bytes alone.
    fn check(&self) {
        let mut living: BTreeMap<u8, u32> = BTreeMap::new();
        for (ask, bytes) in &self.released {
            let license = open_file(bytes);
            if self.given_up.get(&ask.0).is_some_and(|seq| license.grant.seq <= *seq) {
                continue;
            }
            let most = living.entry(ask.0).or_default();
            *most = (*most).max(license.grant.units.count("endpoint"));
        }
        let sum: u32 = living.values().sum();
        assert!(sum <= ALLOTTED, "{sum} units are out, {ALLOTTED} were allotted: {living:?}");
    }

    /// Does the steps until one fails. A refusal is no failure.
    fn work(&mut self, disk: &FaultyDisk, steps: &[Step]) -> Result<(), String> {
        for step in steps {
            let mut journal =
                Journal::open(disk.clone(), Path::new("journal"), self.now()).map_err(|e| e.to_string())?;
            let result = match step {
                Step::Sign(asks) => sign(&mut journal, disk, asks, self.now()),
                Step::Return(device, nonce, wanted) => self.give_back(&mut journal, (*device, *nonce, *wanted)),
            };
            self.look(disk, steps);
            self.check();
            result?;
        }
        Ok(())
    }

    fn give_back(&mut self, journal: &mut Journal<FaultyDisk>, ask: (u8, u8, u32)) -> Result<(), String> {
        let Some(bytes) = self.released.get(&ask) else { return Ok(()) };
        let license = open_file(bytes);
        let seq = self.given_up.entry(ask.0).or_default();
        *seq = (*seq).max(license.grant.seq); // the device marks it unusable before it writes the return
        match take_return(&Device::new(ask.0).gives_back(&license), journal, self.now()) {
            Ok(_) | Err(AnswerError::No(_)) => Ok(()),
            Err(error) => Err(error.to_string()),
        }
    }
}

fn sign(journal: &mut Journal<FaultyDisk>, disk: &FaultyDisk, asks: &[(u8, u8, u32)], now: Time) -> Result<(), String> {
    let allotment = allotment(ALLOTTED);
    let files: Vec<Vec<u8>> = asks.iter().map(|(device, nonce, n)| Device::new(*device).asks(*nonce, *n)).collect();
    let outs: Vec<PathBuf> = asks.iter().map(|ask| out(*ask)).collect();
    let jobs: Vec<Job<'_>> = files.iter().zip(&outs).map(|(file, out)| Job { file, out: Some(out) }).collect();
    let mut disk = disk.clone();
    let answers = batch::run(&jobs, &mut journal.desk(&allotment), &signer(), &mut disk, now);
    for answer in answers.map_err(|error| error.to_string())? {
        match answer {
            Ok(_) | Err(AnswerError::No(_)) => {}
            Err(error) => return Err(error.to_string()),
        }
    }
    Ok(())
}

/// Does the steps with one fault, then again on what is left of the disk; returns whether the fault was met.
fn survives(steps: &[Step], operation: usize, fault: Fault, after: After) -> bool {
    let disk = FaultyDisk::default().fails_at(operation, fault);
    let mut world = World::default();
    let first = world.work(&disk, steps);
    assert!(first.is_ok() || disk.failed(), "{first:?} without a fault");
    world.look(&disk, steps);
    let met = disk.failed();
    disk.next(after);
    world.look(&disk, steps);
    world.late = 100;
    world.work(&disk, steps).unwrap_or_else(|error| panic!("{operation} {fault:?} {after:?}: {error}"));
    disk.next(After::PowerCut);
    let bytes = disk.content(Path::new("journal")).expect("synced");
    let (kept, _) = entries(Path::new("journal"), &bytes).expect("sound");
    for (ask, file) in &world.released {
        let signed = leasehold_protocol::armour::unwrap(leasehold_protocol::armour::Label::License, file);
        let signed = signed.expect("whole");
        let recorded = kept.iter().any(|entry| matches!(entry, Entry::Issued(issued) if issued.signed == signed));
        assert!(recorded, "{operation} {fault:?} {after:?}: {ask:?} is out but not in the journal");
    }
    met
}

#[test]
fn r3_whatever_operation_fails_nothing_is_sold_twice_and_the_next_run_succeeds() {
    let steps = [
        Step::Sign(vec![(7, 1, 4), (8, 1, 3)]),
        Step::Sign(vec![(9, 1, 3), (7, 1, 4), (10, 1, 4)]),
        Step::Return(7, 1, 4),
        Step::Sign(vec![(10, 1, 4), (8, 2, 2)]),
    ];
    let mut runs = 0;
    for fault in FAULTS {
        for after in AFTERS {
            let met = (0..).take_while(|operation| survives(&steps, *operation, fault, after)).count();
            assert!(met > 40, "only {met} operations could fail");
            runs += met;
        }
    }
    println!("{runs} faults survived");
}

#[test]
fn after_a_failed_write_the_journal_answers_nothing_more() {
    let disk = FaultyDisk::default().fails_at(6, Fault::Refused); // read, create, write, sync, sync_folder, write, SYNC
    let mut journal = Journal::open(disk.clone(), Path::new("journal"), NOW).expect("empty");
    let allotment = allotment(ALLOTTED);
    let ask = |journal: &mut Journal<FaultyDisk>, seed| {
        crate::answer::answer(&Device::new(seed).asks(1, 1), &mut journal.desk(&allotment), &signer(), NOW)
    };
    assert!(matches!(ask(&mut journal, 7), Err(AnswerError::Record(_))));
    assert!(disk.failed());
    assert!(matches!(ask(&mut journal, 8), Err(AnswerError::Record(_))));
    let mut journal = Journal::open(disk, Path::new("journal"), NOW).expect("readable");
    assert_eq!(journal.charged("north-1"), Units::NONE);
    ask(&mut journal, 7).expect("works again");
    assert_eq!(journal.charged("north-1"), &units(1));
}

#[test]
fn a_mutant_that_releases_before_it_records_is_caught() {
    // The checks above must be able to fail: a file that left without a record is what they look for.
    let world = World {
        released: [7, 8]
            .map(|seed| {
                let disk = FaultyDisk::default();
                let mut journal = Journal::open(disk.clone(), Path::new("journal"), NOW).expect("empty");
                sign(&mut journal, &disk, &[(seed, 1, 6)], NOW).expect("signed");
                ((seed, 1, 6), disk.content(&out((seed, 1, 6))).expect("released"))
            })
            .into(),
        ..World::default()
    };
    assert!(std::panic::catch_unwind(|| world.check()).is_err());
}

fn step() -> impl Strategy<Value = Step> {
    let ask = (7u8..11, 1u8..4, 1u32..8);
    prop_oneof![
        3 => prop::collection::vec(ask.clone(), 1..4).prop_map(Step::Sign),
        1 => ask.prop_map(|(device, nonce, units)| Step::Return(device, nonce, units)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn r3_random_work_survives_random_faults(
        steps in prop::collection::vec(step(), 1..6),
        operation in 0usize..90,
        fault in prop::sample::select(&FAULTS[..]),
        after in prop::sample::select(&AFTERS[..]),
    ) {
        survives(&steps, operation, fault, after);
    }
}

#[test]
fn refused_requests_leave_no_trace() {
    let disk = FaultyDisk::default();
    let mut journal = Journal::open(disk.clone(), Path::new("journal"), NOW).expect("empty");
    sign(&mut journal, &disk, &[(7, 1, 11)], NOW).expect("a refusal is no failure");
    assert_eq!(disk.content(&out((7, 1, 11))), None);
    let bytes = disk.content(Path::new("journal")).expect("begun");
    assert_eq!(entries(Path::new("journal"), &bytes).expect("sound").0.len(), 1, "{}", Refused::InsufficientUnits);
}
