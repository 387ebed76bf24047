//! `leasehold demo`: an installation, the case study, simulated consoles, and everything to try it by hand.

mod actors;
mod ports;
pub mod scenario;
pub mod script;
pub mod seed;
mod story;
mod tell;

use crate::admin;
use crate::cli::failure::Failure;
use crate::clock::Clock;
use crate::config::Config;
use crate::init::{self, Plan};
use crate::keyring::{FOLDER, ROOT};
use crate::server::{CONTROL_SOCKET, Server};
use crate::signals::{Signals, runtime};
use crate::store;
use leasehold_protocol::PublicKey;
use leasehold_signer::keyfile;
use scenario::Scenario;
use script::Script;
use std::path::{Path, PathBuf};
use story::Stage;
use tell::Teller;

/// Where the token of a demonstration is kept, so that it can be shown again.
const TOKEN: &str = "demo.token";
/// Where the lease, the licence file and what proves them are kept.
const ARTEFACTS: &str = "artefacts";

/// Shows the main job on the embedded store, with simulated consoles
///
/// Makes an installation with a root key of its own, loads a scenario, lets consoles activate, check, release and ask for a
/// licence file, and stays up until Ctrl-C. A folder that holds a demonstration is continued.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example: leasehold demo\nExample: leasehold demo --check   (free ports, a temporary folder, exits when all is proved)"
)]
pub struct Args {
    /// The scenario to load: a name, or a TOML file of your own in the manner of fixtures/scenarios/reseller-tree.toml
    #[arg(long, value_name = "NAME", default_value = "ahsay-case-study")]
    scenario: String,
    /// Start over: removes the demonstration's folder first
    #[arg(long)]
    fresh: bool,
    /// Prove everything in a temporary folder and exit
    #[arg(long)]
    check: bool,
}

/// Runs it. `data` is the folder given, if one was.
///
/// # Errors
/// [`Failure`].
pub fn run(args: &Args, data: Option<&Path>) -> Result<(), Failure> {
    let scenario = load(&args.scenario)?;
    if args.check {
        let folder = std::env::temp_dir().join(format!("leasehold-demo-{}", std::process::id()));
        let told = play(&folder, &scenario, &ports::free(), false);
        std::fs::remove_dir_all(&folder).ok();
        return told;
    }
    let folder = data.map_or_else(|| PathBuf::from("target/demo"), Path::to_owned);
    if args.fresh {
        remove(&folder)?;
    }
    play(&folder, &scenario, &ports::next_free()?, true)
}

/// What can be shown.
enum Show {
    /// A state of things, with the main job told over it where it is the case study.
    Scenario(Scenario),
    /// What people and devices do, over the public API.
    Script(Script),
}

fn load(name: &str) -> Result<Show, Failure> {
    fn read<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, Failure> {
        toml::from_str(text).map_err(|error| Failure::usage(error, "mend the scenario"))
    }
    let named = |(known, _): &&(&str, &str)| *known == name;
    if let Some((_, text)) = scenario::BUILT_IN.iter().find(named) {
        return read(text).map(Show::Scenario);
    }
    if let Some((_, text)) = script::BUILT_IN.iter().find(named) {
        return read(text).map(Show::Script);
    }
    if Path::new(name).extension().is_some_and(|extension| extension == "toml") {
        let text = std::fs::read_to_string(name).map_err(|error| Failure::io(Path::new(name), &error))?;
        return read(&text).map(Show::Script);
    }
    let names: Vec<&str> = scenario::BUILT_IN.iter().chain(&script::BUILT_IN).map(|(name, _)| *name).collect();
    Err(Failure::usage(format!("there is no scenario {name:?}"), format!("the scenarios are {}", names.join(", "))))
}

/// Removes a demonstration, and nothing that is not one.
fn remove(folder: &Path) -> Result<(), Failure> {
    if !folder.exists() {
        return Ok(());
    }
    if !folder.join(FOLDER).join(init::DEMO_ROOT).exists() {
        return Err(Failure::usage(
            format!("{} holds no demonstration", folder.display()),
            "name another folder with --data",
        ));
    }
    std::fs::remove_dir_all(folder).map_err(|error| Failure::io(folder, &error))
}

fn play(folder: &Path, scenario: &Show, config: &Config, stay: bool) -> Result<(), Failure> {
    let runtime = runtime()?;
    let mut signals = Signals::catch(&runtime)?;
    let is_new = !folder.join(store::open::FILE_NAME).exists();
    if is_new {
        let plan =
            Plan { data: folder, iss: "demo.example", vendor: "Example Software", passphrase: None, demo_root: true };
        init::init(&plan, Clock::System)?;
    }
    println!("demonstration in {}: its root key lies beside its data, as no real one may", folder.display());
    let server = Server::start(folder, config, None, Clock::System)?;
    // A demonstration may have rested for longer than a clock is believed to.
    let taken = runtime.block_on(admin::local::take_clock(&server.app, seed::operator(&server.app)?));
    taken.map_err(|error| Failure::failed(error, "start over with --fresh"))?;
    let told = if is_new {
        tell(&server, folder, scenario, &runtime)
    } else {
        println!("continued; --fresh starts over");
        Ok(())
    };
    if told.is_ok() && stay {
        invite(&server, folder)?;
        runtime.block_on(async {
            tokio::select! {
                () = signals.wait() => {}
                () = server.failure() => {}
            }
        });
        println!("\ngoing down");
    }
    let stopped = server.stop();
    told.and(stopped)
}

fn tell(server: &Server, folder: &Path, show: &Show, runtime: &tokio::runtime::Runtime) -> Result<(), Failure> {
    let mut teller = Teller::default();
    let actor = seed::operator(&server.app)?;
    let secret = runtime.block_on(admin::new_token(&server.app, actor, "demo"))?;
    let root = keyfile::read_public(&folder.join(FOLDER).join(ROOT))?;
    let consoles = folder.join("consoles");
    match show {
        Show::Scenario(scenario) => tell_scenario(server, folder, scenario, (runtime, root, consoles), &mut teller)?,
        Show::Script(script) => {
            println!("\n{}", script.about);
            let stage = script::Stage {
                portal: server.addresses.portal,
                socket: folder.join(CONTROL_SOCKET),
                devices: format!("http://{}", server.addresses.device),
                folder: consoles,
                root,
                token: &secret,
                runtime,
            };
            script::play(&stage, script, &mut teller)?;
        }
    }
    init::write(&folder.join(TOKEN), 0o600, secret.as_bytes())?;
    teller.close();
    Ok(())
}

fn tell_scenario(
    server: &Server,
    folder: &Path,
    scenario: &Scenario,
    (runtime, root, consoles): (&tokio::runtime::Runtime, PublicKey, PathBuf),
    teller: &mut Teller,
) -> Result<(), Failure> {
    teller.step(&format!("the scenario is loaded: {}", scenario.about));
    let seeded = runtime.block_on(seed::seed(&server.app, scenario))?;
    if !seeded.accounts.contains_key("Partner") {
        return Ok(());
    }
    if let Show::Scenario(dates) = load("ahsay-upgrade-dates")? {
        let made = runtime.block_on(seed::seed(&server.app, &dates))?;
        for (compat, day) in seed::dates(&server.app, &dates, &made)? {
            teller.line(&format!("{compat}: every pool key may upgrade until {day}, as documented"));
        }
    }
    let artefacts = folder.join(ARTEFACTS);
    std::fs::create_dir(&artefacts).map_err(|error| Failure::io(&artefacts, &error))?;
    Stage { server, folder: consoles, artefacts, root, seeded: &seeded, runtime, teller }.tell()
}

/// Addresses, a token, and commands for a second terminal.
fn invite(server: &Server, folder: &Path) -> Result<(), Failure> {
    let at = server.addresses;
    let path = folder.join(TOKEN);
    let unfinished = |_| Failure::failed("the demonstration here was not finished", "start over with --fresh");
    let token = std::fs::read_to_string(&path).map_err(unfinished)?;
    let program = std::env::current_exe().map_or_else(|_| "leasehold".into(), |path| path.display().to_string());
    let data = folder.display();
    println!("\nready device={} portal={} operator={}", at.device, at.portal, at.operator);
    println!("\nIn a second terminal:");
    println!("  TOKEN={token}");
    println!("  curl -s -H \"Authorization: Bearer $TOKEN\" http://{}/api/v1/accounts", at.portal);
    println!("  curl -s http://{}/api/v1/openapi.json", at.portal);
    println!("  curl -s http://{}/metrics", at.operator);
    println!("  {program} account list --data {data}");
    if folder.join(ARTEFACTS).exists() {
        println!("  {program} console --state {data}/consoles/server-2 status");
        println!("  {program} console --state {data}/consoles/server-2 check");
        println!("  {program} signer verify --trust {data}/{FOLDER}/{ROOT} {data}/{ARTEFACTS}/license.lic");
        println!("  {program} signer inspect {data}/{ARTEFACTS}/lease.cose");
    }
    println!("\nCtrl-C ends it.");
    Ok(())
}
