//! Processes that are measured, pinned to the server's core: `leasehold serve` and the echo server. The program `leasehold`
//! is the one that was built beside this one; where there is none, this one's verb `leasehold`, which is the same code.

use crate::proc::{self, Memory, SERVER_CORE};
use crate::{Done, tls};
use leasehold::clock;
use leasehold::keyring::{FOLDER, ROOT};
use leasehold_protocol::PublicKey;
use leasehold_signer::keyfile;
use std::ffi::OsString;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

/// The program `leasehold`, and words that come before its own.
///
/// # Errors
/// Nobody knows where this program is.
pub fn leasehold() -> Done<Vec<OsString>> {
    let own = std::env::current_exe()?;
    let beside = own.with_file_name("leasehold");
    Ok(if beside.exists() { vec![beside.into()] } else { vec![own.into(), "leasehold".into()] })
}

/// A process that listens.
pub struct Process {
    child: Child,
    /// When it was started.
    pub started: Instant,
    /// What it prints once it listens, word by word.
    ready: Vec<String>,
}

impl Process {
    /// Starts a program on the server's core and waits for its line `ready ...`.
    fn start(program: &[OsString], words: &[&str]) -> Done<Self> {
        let started = clock::instant();
        let mut command = Command::new("taskset");
        command.args(["-c", &SERVER_CORE.to_string()]).args(program).args(words);
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
        let mut lines = BufReader::new(child.stdout.take().ok_or("no pipe")?).lines();
        while let Some(line) = lines.next().transpose()? {
            if let Some(words) = line.strip_prefix("ready ") {
                let ready = words.split(' ').map(str::to_owned).collect();
                return Ok(Self { child, started, ready });
            }
        }
        Err(format!("it did not start: {}", child.wait()?).into())
    }

    /// `leasehold serve` on the installation in `data`, on free ports.
    ///
    /// # Errors
    /// It ends instead; what it said stands on standard error.
    pub fn serve(data: &Path, tls: Option<&tls::Files>) -> Done<Self> {
        let data = data.to_str().ok_or("a folder without a name")?;
        let mut words = vec!["serve", "--data", data];
        words.extend(["--device", "127.0.0.1:0", "--portal", "127.0.0.1:0", "--operator", "127.0.0.1:0"]);
        let config = tls.map(|tls| tls.server_config.to_string_lossy().into_owned());
        words.extend(config.iter().flat_map(|config| ["--config", config]));
        Self::start(&leasehold()?, &words)
    }

    /// The echo server, with TLS or without.
    ///
    /// # Errors
    /// It did not start.
    pub fn echo(answer: usize, tls: Option<&tls::Files>) -> Done<Self> {
        let answer = answer.to_string();
        let path = |path: &Path| path.to_string_lossy().into_owned();
        let files = tls.map(|tls| [path(&tls.certificate), path(&tls.key)]);
        let mut words = vec!["echo", "--answer", &answer];
        if let Some([certificate, key]) = &files {
            words.extend(["--certificate", certificate, "--key", key]);
        }
        Self::start(&[std::env::current_exe()?.into()], &words)
    }

    /// An address it printed.
    ///
    /// # Errors
    /// It printed none of that name.
    pub fn address(&self, name: &str) -> Done<SocketAddr> {
        let found = self.ready.iter().find_map(|word| word.strip_prefix(name)?.strip_prefix('='));
        Ok(found.ok_or_else(|| format!("it printed no {name}"))?.parse()?)
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Microseconds of CPU it has used so far.
    ///
    /// # Errors
    /// It is gone.
    pub fn cpu_us(&self) -> Done<f64> {
        proc::cpu_us(self.id())
    }

    /// Its memory.
    ///
    /// # Errors
    /// It is gone.
    pub fn memory(&self) -> Done<Memory> {
        proc::memory(self.id())
    }

    /// `kill -9`, and waits until it is gone.
    ///
    /// # Errors
    /// The system's.
    pub fn kill(mut self) -> Done {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// The root key that certified an installation's keys.
///
/// # Errors
/// The file's.
pub fn root(data: &Path) -> Done<PublicKey> {
    Ok(keyfile::read_public(&data.join(FOLDER).join(ROOT))?)
}
