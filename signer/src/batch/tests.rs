//! Power lost at every operation of a batch: no licence file is ever seen in part, and the same command restores what is missing.

use super::*;
use crate::journal::{Entry, Journal, entries};
use crate::testing::{After, Device, Fault, FaultyDisk, NOW, allotment, signer};

const FILES: u8 = 5;
const FAULTS: [Fault; 4] = [Fault::Refused, Fault::Half, Fault::DoneAndRefused, Fault::Killed];
const AFTERS: [After; 3] = [After::Restart, After::PowerCut, After::Torn];

fn out(seed: u8) -> PathBuf {
    PathBuf::from(format!("out/{seed}.lic"))
}

/// The command: one batch of requests, always the same. Whether all of it succeeded.
fn command<D: Disk + Clone>(disk: &D, late: i64) -> bool {
    let requests: Vec<Vec<u8>> = (0..FILES).map(|seed| Device::new(7 + seed).asks(1, 1)).collect();
    let outs: Vec<PathBuf> = (0..FILES).map(out).collect();
    let jobs: Vec<Job<'_>> = requests.iter().zip(&outs).map(|(file, out)| Job { file, out: Some(out) }).collect();
    let (allotment, now) = (allotment(u32::from(FILES)), NOW.plus(late));
    let Ok(mut journal) = Journal::open(disk.clone(), Path::new("journal"), now) else { return false };
    let answers = run(&jobs, &mut journal.desk(&allotment), &signer(), &mut disk.clone(), now);
    answers.is_ok_and(|answers| answers.iter().all(Result::is_ok))
}

/// The licence files there are; each is whole and the one that the journal has.
fn files(disk: &FaultyDisk, what: &str) -> Vec<Vec<u8>> {
    let journal = disk.content(Path::new("journal")).unwrap_or_default();
    let (kept, _) = entries(Path::new("journal"), &journal).expect("sound");
    let files: Vec<Vec<u8>> = (0..FILES).filter_map(|seed| disk.content(&out(seed))).collect();
    for file in &files {
        let text = |signed: &[u8]| leasehold_protocol::armour::wrap(leasehold_protocol::armour::Label::License, signed);
        let is_it = |entry: &Entry| matches!(entry, Entry::Issued(issued) if text(&issued.signed).as_bytes() == file);
        let shown = String::from_utf8_lossy(file);
        assert!(kept.iter().any(is_it), "{what}: this is there and not in the journal:\n{shown}");
    }
    files
}

/// Does the command on a disk that fails once, then again; returns whether the fault was met.
fn restores(operation: usize, fault: Fault, after: After) -> bool {
    let what = format!("{fault:?} at operation {operation}, then {after:?}");
    let disk = FaultyDisk::default().fails_at(operation, fault);
    let succeeded = command(&disk, 0);
    let met = disk.failed();
    disk.next(after);
    let before = files(&disk, &what);
    assert!(!succeeded || before.len() == usize::from(FILES), "{what}: reported, and {} files there", before.len());
    assert!(command(&disk, 100), "{what}: the next run fails");
    disk.next(After::PowerCut);
    let restored = files(&disk, &what);
    assert_eq!(restored.len(), usize::from(FILES), "{what}");
    assert!(before.iter().all(|file| restored.contains(file)), "{what}: a file was written again with other bytes");
    met
}

#[test]
fn r3_power_cut_at_any_operation_leaves_whole_files_and_the_same_command_restores_the_rest() {
    let mut runs = 0;
    for fault in FAULTS {
        for after in AFTERS {
            let met = (0..).take_while(|operation| restores(*operation, fault, after)).count();
            assert!(met > 3 * usize::from(FILES), "only {met} operations could fail");
            runs += met;
        }
    }
    println!("count batches cut short and repeated: {runs}");
}

#[test]
fn a_licence_file_that_was_lost_or_torn_after_all_is_written_again_byte_for_byte() {
    let disk = FaultyDisk::default();
    assert!(command(&disk, 0));
    let written = files(&disk, "no fault");
    disk.put(&out(1), b"");
    disk.put(&out(2), &written[2][..40]);
    assert!(command(&disk, 100));
    assert_eq!(files(&disk, "repeated"), written);
}

/// A disk that says it has synced a batch's files and has not.
#[derive(Clone)]
struct Forgetful(FaultyDisk);

impl Disk for Forgetful {
    fn read(&mut self, path: &Path) -> io::Result<Option<Vec<u8>>> {
        self.0.read(path)
    }
    fn create(&mut self, path: &Path, mode: u32, bytes: &[u8]) -> io::Result<()> {
        self.0.create(path, mode, bytes)
    }
    fn write(&mut self, path: &Path, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.0.write(path, offset, bytes)
    }
    fn cut(&mut self, path: &Path, len: u64) -> io::Result<()> {
        self.0.cut(path, len)
    }
    fn sync(&mut self, path: &Path) -> io::Result<()> {
        self.0.sync(path)
    }
    fn sync_files(&mut self, _: &[PathBuf]) -> io::Result<()> {
        Ok(())
    }
    fn sync_folder(&mut self, path: &Path) -> io::Result<()> {
        self.0.sync_folder(path)
    }
    fn rename(&mut self, from: &Path, to: &Path) -> io::Result<()> {
        self.0.rename(from, to)
    }
    fn remove(&mut self, path: &Path) -> io::Result<()> {
        self.0.remove(path)
    }
}

#[test]
#[should_panic(expected = "this is there and not in the journal")]
fn a_mutant_that_names_files_before_they_are_synced_is_caught() {
    let disk = FaultyDisk::default();
    assert!(command(&Forgetful(disk.clone()), 0));
    disk.next(After::Torn);
    files(&disk, "torn");
}
