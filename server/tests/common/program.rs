//! The workspace's programs and its tools.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// The program under test, with nothing from outside.
pub fn leasehold() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_leasehold"));
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("LEASEHOLD_")) {
        command.env_remove(name);
    }
    command.env_remove("CREDENTIALS_DIRECTORY").env_remove("NOTIFY_SOCKET").stdin(Stdio::null());
    command
}

/// What a program did.
#[derive(Debug)]
pub struct Done {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

/// Runs a command to its end.
pub fn run(command: &mut Command) -> Done {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    Done::from(output)
}

impl From<Output> for Done {
    fn from(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("programs print UTF-8");
        Self { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
    }
}

impl Done {
    /// What it printed, if it went well.
    pub fn ok(self) -> String {
        assert_eq!(self.code, Some(0), "{}{}", self.stdout, self.stderr);
        self.stdout
    }

    /// The two lines of an error, with its exit code: what happened, what to do.
    pub fn error(&self, code: i32) -> [&str; 2] {
        assert_eq!(self.code, Some(code), "{}{}", self.stdout, self.stderr);
        let lines: Vec<&str> = self.stderr.lines().filter(|line| !is_log(line)).collect();
        let [what, hint] = lines[..] else { panic!("not two lines: {}", self.stderr) };
        assert!(what.starts_with("leasehold: ") && hint.starts_with("  "), "{}", self.stderr);
        assert!(!hint.trim().is_empty(), "nothing to do: {}", self.stderr);
        [what, hint]
    }
}

/// A line of the log begins with its time.
fn is_log(line: &str) -> bool {
    line.starts_with("20") && line.contains('T') && line.contains('Z')
}

/// `leasehold` with these words.
pub fn words(words: &[&str]) -> Done {
    run(leasehold().args(words))
}

/// Sends a signal to a process this test started.
pub fn signal(id: u32, name: &str) {
    let sent = run(Command::new("sh").args(["-c", &format!("kill -{name} {id}")]));
    assert_eq!(sent.code, Some(0), "{}", sent.stderr);
}

/// The folder cargo builds into, where `make tools` puts what tests need.
pub fn target() -> &'static Path {
    Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("tmp lies in the target folder")
}

/// Python with the libraries of `make tools`.
pub fn python() -> Command {
    let program = std::env::var_os("LEASEHOLD_PYTHON").map_or_else(|| target().join("venv/bin/python"), PathBuf::from);
    assert!(program.exists(), "{} is missing: run make tools", program.display());
    let mut command = Command::new(program);
    command.env("PYTHONDONTWRITEBYTECODE", "1");
    command
}

/// promtool, from `make tools` or the path.
pub fn promtool() -> Command {
    let installed = target().join("tools/bin/promtool");
    let program = if installed.exists() { installed } else { PathBuf::from("promtool") };
    let there = Command::new(&program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    assert!(there.is_ok_and(|status| status.success()), "promtool is missing: run make tools");
    Command::new(program)
}

/// A file of this repository.
pub fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the crate lies in the workspace").join(path)
}
