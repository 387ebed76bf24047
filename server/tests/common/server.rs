//! A server process: made, started, ended by SIGTERM or `kill -9`, started again.

use super::program::{leasehold, signal};
use super::seed::{Seed, on_disk};
use super::wait_for;
use leasehold::clock::Clock;
use leasehold::init::{Plan, init};
use leasehold::keyring::{FOLDER, ROOT};
use leasehold_console::{Client, Settings};
use leasehold_protocol::PublicKey;
use leasehold_protocol::time::DAY;
use leasehold_signer::keyfile;
use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;
use tempfile::TempDir;

/// The installation's name.
pub const ISS: &str = "demo.example";
/// No start and no end takes longer.
const LIMIT: Duration = Duration::from_secs(30);

/// An installation in a folder of its own, and its process while it runs.
pub struct TestServer {
    folder: TempDir,
    process: Option<Process>,
    /// Every line of every process so far, standard output and error.
    past: String,
}

impl TestServer {
    /// An installation with a root key of its own and books with `pool_keys` keys; nothing runs yet.
    pub fn made(pool_keys: u32) -> (Self, Seed) {
        let folder = TempDir::new().expect("a temporary folder");
        let data = folder.path().join("data");
        let plan = Plan { data: &data, iss: ISS, vendor: "Example Software", passphrase: None, demo_root: true };
        init(&plan, Clock::System).unwrap_or_else(|failure| panic!("{failure:?}"));
        let seed = on_disk(&data, |operator| operator.seed(pool_keys, 14 * DAY));
        (Self { folder, process: None, past: String::new() }, seed)
    }

    /// The same, running.
    pub fn started(pool_keys: u32) -> (Self, Seed) {
        let (mut server, seed) = Self::made(pool_keys);
        server.start();
        (server, seed)
    }

    pub fn start(&mut self) {
        let command = serve(&self.data());
        self.start_as(command);
    }

    /// Starts it with this command line.
    pub fn start_as(&mut self, command: Command) {
        assert!(self.process.is_none(), "it runs already");
        let process = Process::spawn(command).unwrap_or_else(|ended| panic!("it did not start: {ended:?}"));
        self.process = Some(process);
    }

    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// A path beside the data folder.
    pub fn beside(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn process(&self) -> &Process {
        self.process.as_ref().expect("it runs")
    }

    pub fn device(&self) -> SocketAddr {
        self.process().addresses[0]
    }

    pub fn portal(&self) -> SocketAddr {
        self.process().addresses[1]
    }

    pub fn operator(&self) -> SocketAddr {
        self.process().addresses[2]
    }

    pub fn root(&self) -> PublicKey {
        keyfile::read_public(&self.data().join(FOLDER).join(ROOT)).expect("the root's public half")
    }

    /// A console of this server, made with the reference client.
    pub fn console(&self, name: &str) -> Client {
        let settings =
            Settings { server: Some(format!("http://{}", self.device())), proxy: Some("none".into()), ca: None };
        Client::init(&self.beside(name), self.root(), super::seed::PRODUCT, settings, None).expect("a console")
    }

    /// `kill -9`.
    pub fn kill(&mut self) {
        let mut process = self.process.take().expect("it runs");
        process.child.kill().expect("its own child");
        self.past.push_str(&process.end().output);
    }

    /// The id of the running process.
    pub fn id(&self) -> u32 {
        self.process().child.id()
    }

    /// SIGTERM, and how it ended.
    pub fn stop(&mut self) -> Ended {
        signal(self.id(), "TERM");
        self.ended()
    }

    /// Waits until the process has ended.
    pub fn ended(&mut self) -> Ended {
        let ended = self.process.take().expect("it runs").end();
        self.past.push_str(&ended.output);
        ended
    }

    /// Everything its processes have said, those that ended.
    pub fn said(&self) -> &str {
        &self.past
    }
}

/// `leasehold serve` on free ports.
pub fn serve(data: &Path) -> Command {
    let mut command = leasehold();
    command.arg("serve").arg("--data").arg(data);
    command.args(["--device", "127.0.0.1:0", "--portal", "127.0.0.1:0", "--operator", "127.0.0.1:0"]);
    command
}

/// A process that has ended.
#[derive(Debug)]
pub struct Ended {
    pub status: ExitStatus,
    /// What it wrote, standard output and error.
    pub output: String,
}

/// A process that said it is ready.
pub struct Process {
    child: Child,
    addresses: [SocketAddr; 3],
    output: Arc<Mutex<String>>,
    readers: Vec<JoinHandle<()>>,
}

impl Process {
    /// Starts a server and waits until it is ready, or has ended without being it.
    pub fn spawn(mut command: Command) -> Result<Self, Ended> {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let output = Arc::new(Mutex::new(String::new()));
        let (ready, told) = sync_channel(1);
        let (stdout, stderr) = (child.stdout.take().expect("piped"), child.stderr.take().expect("piped"));
        let tell = move |line: &str| {
            if let Some(addresses) = addresses(line) {
                ready.try_send(addresses).ok();
            }
        };
        let readers = vec![reader(stdout, output.clone(), tell), reader(stderr, output.clone(), |_| {})];
        let unbound = SocketAddr::from(([0, 0, 0, 0], 0));
        let mut process = Self { child, addresses: [unbound; 3], output, readers };
        match told.recv_timeout(LIMIT) {
            Ok(addresses) => {
                process.addresses = addresses;
                Ok(process)
            }
            Err(RecvTimeoutError::Disconnected) => Err(process.end()),
            Err(RecvTimeoutError::Timeout) => {
                process.child.kill().ok();
                panic!("not ready after {LIMIT:?}: {}", process.end().output)
            }
        }
    }

    pub fn device(&self) -> SocketAddr {
        self.addresses[0]
    }

    pub fn portal(&self) -> SocketAddr {
        self.addresses[1]
    }

    pub fn operator(&self) -> SocketAddr {
        self.addresses[2]
    }

    /// The id of the process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits until it has ended.
    pub fn end(mut self) -> Ended {
        let status = wait_for(LIMIT, || self.child.try_wait().expect("its own child"));
        let Some(status) = status else {
            self.child.kill().ok();
            panic!("still there after {LIMIT:?}: {}", self.output.lock().expect("no reader panics"))
        };
        self.readers.drain(..).for_each(|reader| reader.join().expect("no reader panics"));
        Ended { status, output: self.output.lock().expect("no reader panics").clone() }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

fn reader(
    pipe: impl Read + Send + 'static,
    output: Arc<Mutex<String>>,
    mut seen: impl FnMut(&str) + Send + 'static,
) -> JoinHandle<()> {
    std::thread::spawn(move || {
        for line in BufReader::new(pipe).lines().map_while(Result::ok) {
            seen(&line);
            output.lock().expect("no reader panics").push_str(&format!("{line}\n"));
        }
    })
}

/// `ready device=ADDR portal=ADDR operator=ADDR`.
fn addresses(line: &str) -> Option<[SocketAddr; 3]> {
    let mut words = line.strip_prefix("ready ")?.split(' ');
    let mut next = |name: &str| words.next()?.strip_prefix(name)?.strip_prefix('=')?.parse().ok();
    Some([next("device")?, next("portal")?, next("operator")?])
}
