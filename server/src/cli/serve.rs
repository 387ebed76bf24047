//! `leasehold serve`.

use super::failure::Failure;
use super::passphrase::{self, Source};
use crate::clock::Clock;
use crate::config::Config;
use crate::init::DEMO_ROOT;
use crate::keyring::FOLDER;
use crate::server::Server;
use crate::signals::{Hangups, Signals, runtime};
use sd_notify::NotifyState;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// Serve until SIGTERM or Ctrl-C
///
/// Prints one line when everything listens: `ready device=ADDR portal=ADDR operator=ADDR`. SIGHUP reads certificate and key
/// again.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: leasehold serve --data /srv/leasehold --config /etc/leasehold.toml")]
pub struct Args {
    /// Settings (TOML); see `leasehold config show`
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Where consoles call; port 0 takes a free one
    #[arg(long, value_name = "ADDR")]
    device: Option<SocketAddr>,
    /// Where people and their programs call
    #[arg(long, value_name = "ADDR")]
    portal: Option<SocketAddr>,
    /// Where metrics and probes are
    #[arg(long, value_name = "ADDR")]
    operator: Option<SocketAddr>,
    #[command(flatten)]
    passphrase: Source,
}

pub(super) fn run(args: &Args, data: &Path) -> Result<(), Failure> {
    let mut config = super::offline::config(args.config.as_deref())?;
    let listen = &mut config.listen;
    for (given, setting) in
        [(args.device, &mut listen.device), (args.portal, &mut listen.portal), (args.operator, &mut listen.operator)]
    {
        *setting = given.unwrap_or(*setting);
    }
    let passphrase = passphrase::given(&args.passphrase)?;
    start_and_wait(data, &config, passphrase.as_deref().map(Vec::as_slice))
}

fn start_and_wait(data: &Path, config: &Config, passphrase: Option<&[u8]>) -> Result<(), Failure> {
    let runtime = runtime()?;
    let (mut signals, mut hangups) = (Signals::catch(&runtime)?, Hangups::catch(&runtime)?);
    let server = Server::start(data, config, passphrase, Clock::System)?;
    let at = server.addresses;
    if data.join(FOLDER).join(DEMO_ROOT).exists() {
        println!("demonstration: the root key of this installation lies beside its data");
    }
    println!("ready device={} portal={} operator={}", at.device, at.portal, at.operator);
    sd_notify::notify(&[NotifyState::Ready]).ok(); // not under systemd
    let failed = runtime.block_on(async {
        loop {
            tokio::select! {
                () = signals.wait() => break false,
                () = server.failure() => break true,
                () = hangups.next() => reload(&server),
            }
        }
    });
    tracing::info!(failed, "going down");
    sd_notify::notify(&[NotifyState::Stopping]).ok();
    server.stop()
}

/// Reads the certificate again. A reload that fails leaves the server as it was, so systemd hears in any case that it is ready.
fn reload(server: &Server) {
    let now = NotifyState::monotonic_usec_now();
    let begun = now.and_then(|now| sd_notify::notify(&[NotifyState::Reloading, now]));
    if let Err(error) = begun {
        tracing::warn!(%error, "systemd was not told of the reload");
    }
    match server.reload() {
        Ok(()) => tracing::info!("reloaded"),
        Err(failure) => tracing::error!(%failure, "not reloaded: what was in use stays in use"),
    }
    sd_notify::notify(&[NotifyState::Ready]).ok(); // not under systemd
}
