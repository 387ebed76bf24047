//! A signer's desk: a folder with keys, a keyset and a grant, all made by the program itself, and a device that asks.

use leasehold_protocol::armour::{self, Label};
use leasehold_protocol::license::License;
use leasehold_protocol::message::{DeviceMessage, Host, Sender};
use leasehold_protocol::request::Request;
use leasehold_protocol::surrender::Surrender;
use leasehold_protocol::{ActivationId, Cti, Nonce, PublicKey, SigningKey, Time, Units, accept};
use serde_json::Value;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

pub const NOW: &str = "2027-01-15T08:00:00Z";
pub const SOON: &str = "2027-02-15T08:00:00Z";
pub const LATE: &str = "2031-01-15T08:00:00Z";

pub struct Desk(tempfile::TempDir);

/// How a run of the program ended.
pub struct Ended {
    pub exit: i32,
    pub stdout: Vec<u8>,
    pub stderr: String,
}

impl Ended {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.stdout).expect("one JSON object")
    }

    /// The exit code, and two lines of error of which the first holds `what`.
    #[track_caller]
    pub fn fails(&self, exit: i32, what: &str) {
        let lines: Vec<&str> = self.stderr.lines().collect();
        assert_eq!(self.exit, exit, "{}", self.stderr);
        assert!(
            matches!(lines[..], [error, hint] if error.starts_with("error: ") && hint.starts_with("hint: ")),
            "{lines:?}"
        );
        assert!(lines[0].contains(what), "{what:?} is missing in {:?}", lines[0]);
    }

    #[track_caller]
    pub fn works(self) -> Self {
        assert_eq!(self.exit, 0, "{}", self.stderr);
        self
    }
}

impl Desk {
    /// An empty folder.
    pub fn empty() -> Self {
        Self(tempfile::tempdir().expect("temporary folder"))
    }

    /// Root key, file key, keyset, and a grant of ten endpoints.
    pub fn ready() -> Self {
        let desk = Self::empty();
        desk.run("keygen --root --no-passphrase --out root").works();
        let file = desk.run("keygen --no-passphrase --json --out file").works().json();
        desk.put("keys.request", &keys_request(file["public_hex"].as_str().expect("hex")));
        desk.run(&format!("certify keys.request --root root --yes --out keyset.lks --now {NOW}")).works();
        desk.put("grant.toml", GRANT);
        desk
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn put(&self, name: &str, content: &(impl AsRef<[u8]> + ?Sized)) {
        std::fs::write(self.path(name), content).expect("own folder");
    }

    pub fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    pub fn has(&self, name: &str) -> bool {
        self.path(name).exists()
    }

    pub fn run(&self, args: &str) -> Ended {
        self.run_with(args, b"", &[])
    }

    pub fn run_with(&self, args: &str, stdin: &[u8], variables: &[(&str, &str)]) -> Ended {
        let mut command = Command::new(env!("CARGO_BIN_EXE_leasehold-signer"));
        command.args(args.split_whitespace()).current_dir(self.0.path());
        command.env_remove("LEASEHOLD_PASSPHRASE").env_remove("CREDENTIALS_DIRECTORY").envs(variables.iter().copied());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program starts");
        child.stdin.take().expect("piped").write_all(stdin).ok(); // it may end without reading
        let Output { status, stdout, stderr } = child.wait_with_output().expect("the program ends");
        let stderr = String::from_utf8_lossy(&stderr).into_owned();
        Ended { exit: status.code().expect("no signal"), stdout, stderr }
    }

    /// `sign` with everything there is, of the requests in these files.
    pub fn sign(&self, requests: &str, out: &str) -> Ended {
        self.run(&format!("sign {requests} {SIGN} --out {out} --now {NOW}"))
    }

    pub fn root(&self) -> PublicKey {
        leasehold_signer::keyfile::read_public(&self.path("root.pub")).expect("made by keygen")
    }

    /// The licence in a file, as a device believes it.
    pub fn license(&self, name: &str) -> License {
        let bytes = armour::unwrap(Label::License, &self.read(name)).expect("armour");
        accept::open_license(&bytes, &self.root(), 1).expect("a device accepts it")
    }
}

pub const SIGN: &str = "--grant grant.toml --key file --keyset keyset.lks --journal journal";

const GRANT: &str = r#"
grant = "north-1"
iss = "vendor"
code = "ABCD-EFGH-JKLM-NPQR"
product = "aria"
licensee = "example-labs"
at_expiry = "restrict"
exp = 2027-06-01T00:00:00Z
units = { endpoint = 10 }
"#;

pub fn keys_request(public: &str) -> String {
    format!(
        "iss = \"vendor\"\nversion = 1\n[[key]]\nuse = \"file\"\npublic = \"{public}\"\n\
         nbf = 2027-01-01T00:00:00Z\nexp = 2029-01-01T00:00:00Z\n"
    )
}

/// A device without a network.
pub struct Device(pub SigningKey);

impl Device {
    pub fn new(seed: u8) -> Self {
        Self(SigningKey::from_bytes(&[seed; 32]))
    }

    pub fn request(&self, wanted: u32) -> Request {
        Request {
            iss: Some("vendor".into()),
            code: "ABCD-EFGH-JKLM-NPQR".into(),
            device_name: None,
            wanted: Some(Units::of("endpoint", wanted).expect("good kind")),
            replaces: None,
            sender: self.sender(1),
            host: Host { version: "8.1".into(), ..Host::default() },
        }
    }

    /// A request file.
    pub fn asks(&self, wanted: u32) -> String {
        self.file(&self.request(wanted))
    }

    pub fn file(&self, request: &Request) -> String {
        armour::wrap(Label::Request, &request.sign(&self.0))
    }

    /// A return file.
    pub fn gives_back(&self, license: &License) -> String {
        let grant = &license.grant;
        armour::wrap(Label::Return, &self.surrender(&grant.iss, grant.sub, grant.cti))
    }

    /// A return's COSE bytes.
    pub fn surrender(&self, iss: &str, sub: ActivationId, held: Cti) -> Vec<u8> {
        Surrender { iss: iss.into(), sub, held, sender: self.sender(2) }.sign(&self.0)
    }

    fn sender(&self, nonce: u8) -> Sender {
        let (aud, device, nonce) = ("aria".into(), PublicKey::of(&self.0), Nonce([nonce; 16]));
        Sender { aud, iat: Time(1_800_000_000), device, nonce }
    }
}

/// Sets permission bits.
pub fn chmod(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("own file");
}
