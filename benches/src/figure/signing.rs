//! S9: what the offline signer costs a file, in a batch with a journal, against V, S, and one create-write-rename of the same
//! bytes. The program signs real request files; its CPU is that of the whole process. Its floor is measured before it and after
//! it, and counts by the mean of the two: a neighbour who comes or goes between them is in both.

use super::{Bench, Figure};
use crate::rounds::{Rounds, bounded};
use crate::world::{self, Console, ISS, SKUS, units};
use crate::{Done, floor, proc, server};
use leasehold::clock::Clock;
use leasehold::init::{Plan, init};
use leasehold::keyring::{FOLDER, KEYSET, ROOT};
use leasehold_protocol::PublicKey;
use leasehold_protocol::armour::{self, Label};
use leasehold_protocol::lease::AtExpiry;
use leasehold_protocol::message::DeviceMessage;
use leasehold_protocol::request::Request;
use leasehold_signer::allotment::{Allotment, End};
use std::collections::BTreeSet;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Measures it.
///
/// # Errors
/// The signer's.
pub fn run(bench: &Bench<'_>, _: &BTreeSet<String>) -> Done<Vec<Figure>> {
    // Nothing is removed before the end: ext4 looks a long time for an inode that was not deleted just now.
    let folder = tempfile::Builder::new().prefix("signing-").tempdir_in(bench.folder)?.keep();
    let desk = Desk::make(&folder.join("desk"), bench.args.files)?;
    let (mut rounds, mut notes) = (Rounds::default(), vec![]);
    desk.sign(&desk.folder.join("out"))?; // warms up, and says how long a licence file is
    let license = fs::read(desk.folder.join("out").join("0.lic"))?;
    for round in 0..bench.args.rounds {
        let before = desk.floor(&license, &format!("before-{round}"))?;
        let file = desk.sign(&desk.folder.join(format!("out-{round}")))?;
        let after = desk.floor(&license, &format!("after-{round}"))?;
        let [verify, sign, write] = [0, 1, 2].map(|part| f64::midpoint(before[part], after[part]));
        rounds.ratio(file, verify + sign + write);
        notes.push(format!("S9: {file:.1} us of CPU a file; V {verify:.1}, S {sign:.1}, write {write:.1}"));
    }
    Ok(vec![Figure { line: bounded("S9", &rounds, [1.3, 1.1]), notes }])
}

/// A signer's desk: keys, a grant, and requests.
struct Desk {
    folder: PathBuf,
    key: PathBuf,
    requests: Vec<PathBuf>,
    /// Bytes of a request's message.
    message: usize,
}

const CODE: &str = "ABCD-EFGH-JKLM-NPQR";

impl Desk {
    fn make(folder: &Path, count: u32) -> Done<Self> {
        let plan = Plan { data: folder, iss: ISS, vendor: "Example Software", passphrase: None, demo_root: true };
        init(&plan, Clock::System).map_err(|failure| format!("{failure:?}"))?;
        let keys = fs::read_dir(folder.join(FOLDER))?.collect::<Result<Vec<_>, _>>()?;
        let is_file_key = |path: &PathBuf| {
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            name.starts_with("file-") && name.ends_with(".pem")
        };
        let key = keys.iter().map(fs::DirEntry::path).find(is_file_key).ok_or("no file key")?;
        let grant = Allotment {
            grant: "bench-1".into(),
            iss: ISS.into(),
            code: CODE.into(),
            product: SKUS[0].into(),
            licensee: "EX-1-Files".into(),
            features: vec!["replication".into()],
            at_expiry: AtExpiry::Restrict,
            exp: End::Perpetual,
            free_upgrade_until: None,
            expires: None,
            units: units(count),
        };
        fs::write(folder.join("grant.toml"), grant.render())?;
        fs::create_dir(folder.join("requests"))?;
        let mut desk = Self { folder: folder.to_owned(), key, requests: vec![], message: 0 };
        for number in 0..count {
            let path = folder.join("requests").join(format!("{number}.lreq"));
            let bytes = request(Console(number));
            desk.message = bytes.len();
            fs::write(&path, armour::wrap(Label::Request, &bytes))?;
            desk.requests.push(path);
        }
        Ok(desk)
    }

    /// V, S, and one create, write, rename of the bytes of `license` in a new folder of this name, in microseconds of CPU.
    fn floor(&self, license: &[u8], name: &str) -> Done<[f64; 3]> {
        let (message, answer) = (self.message.to_string(), armour::unwrap(Label::License, license)?.len().to_string());
        let [verify, sign]: [f64; 2] = floor::round(&["crypto", "--message", &message, "--answer", &answer])?;
        let (bytes, count) = (license.len().to_string(), self.requests.len().to_string());
        let empty = self.folder.join(name);
        fs::create_dir(&empty)?;
        let folder = empty.to_string_lossy();
        let [write]: [f64; 1] = floor::round(&["files", "--folder", &folder, "--bytes", &bytes, "--count", &count])?;
        Ok([verify, sign, write])
    }

    /// Microseconds of CPU a file.
    fn sign(&self, out: &Path) -> Done<f64> {
        fs::create_dir(out)?;
        let keys = self.folder.join(FOLDER);
        let mut program = server::leasehold()?.into_iter();
        let mut command = Command::new("taskset");
        command.args(["-c", &proc::SERVER_CORE.to_string()]).args(program.by_ref());
        command.args(["signer", "sign", "--grant"]).arg(self.folder.join("grant.toml"));
        command.arg("--key").arg(&self.key).arg("--keyset").arg(keys.join(KEYSET));
        command.arg("--trust").arg(keys.join(ROOT)).arg("--journal").arg(out.with_extension("journal"));
        command.arg("--out").arg(out).args(&self.requests);
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
        let mut said = String::new();
        child.stdout.take().ok_or("no pipe")?.read_to_string(&mut said)?;
        // Its pipe is closed, so it has ended or is about to; its times stand in /proc until it is waited for.
        std::thread::sleep(std::time::Duration::from_millis(50));
        let cpu = proc::cpu_us(child.id())?;
        let ended = child.wait()?;
        if !ended.success() {
            return Err(format!("the signer ended with {ended}: {}", said.lines().last().unwrap_or_default()).into());
        }
        Ok(cpu / self.requests.len() as f64)
    }
}

fn request(console: Console) -> Vec<u8> {
    let key = console.key();
    let sender = console.sender(PublicKey::of(&key), 1, Clock::System.now());
    let request = Request {
        iss: Some(ISS.into()),
        code: CODE.into(),
        device_name: Some(format!("gate-{}", console.0)),
        wanted: Some(units(1)),
        replaces: None,
        sender: leasehold_protocol::message::Sender { aud: SKUS[0].into(), ..sender },
        host: world::host(),
    };
    request.sign(&key)
}
