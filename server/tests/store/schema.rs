//! R13: the stores of earlier schemas open, and a newer one is refused and left as it is.
//!
//! `fixtures/store/schema-N/store.redb.gz` is a small store that the last build of schema N wrote and that ended without being
//! closed. `LEASEHOLD_MAKE_STORE=1 cargo test -p leasehold --test store schema` writes the one of this build's schema.

use crate::all;
use leasehold::store::open::{FILE_NAME, SCHEMA};
use leasehold::store::{OpenError, open};
use leasehold_ledger::record::{Activation, Installation};
use leasehold_ledger::store::{Store, Table};
use leasehold_ledger::{fsck, view};
use leasehold_protocol::Time;
use redb::{Database, ReadableDatabase, TableDefinition};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use tempfile::TempDir;

const ENGINE: TableDefinition<'static, &str, u32> = TableDefinition::new("engine");
/// The moment every fixture was made at.
const MADE: Time = Time(1_767_225_600);

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace").join("fixtures/store")
}

fn piped(program: &str, word: &str, from: &Path, to: &Path) {
    let (from, to) = (std::fs::File::open(from).expect("it reads"), std::fs::File::create(to).expect("it writes"));
    let done = Command::new(program).arg(word).stdin(Stdio::from(from)).stdout(Stdio::from(to)).status();
    assert!(done.expect("gzip is there").success());
}

/// A fixture as a data folder.
fn unpacked(schema: u32) -> TempDir {
    let folder = TempDir::new().expect("a temporary folder");
    let packed = fixtures().join(format!("schema-{schema}/store.redb.gz"));
    piped("gzip", "-dc", &packed, &folder.path().join(FILE_NAME));
    folder
}

#[test]
fn r13_the_store_of_every_schema_opens_and_is_sound() {
    if std::env::var_os("LEASEHOLD_MAKE_STORE").is_some() {
        let made = TempDir::new().expect("a temporary folder");
        let store = make::store(made.path(), MADE);
        let folder = fixtures().join(format!("schema-{SCHEMA}"));
        std::fs::create_dir_all(&folder).expect("a folder");
        // As a crash leaves it: nothing was closed.
        piped("gzip", "-9nc", &made.path().join(FILE_NAME), &folder.join("store.redb.gz"));
        drop(store);
    }
    for schema in 1..=SCHEMA {
        let folder = unpacked(schema);
        let store = open(folder.path()).unwrap_or_else(|error| panic!("schema {schema}: {error}"));
        let view = store.read().expect("it reads");
        let report = fsck::check(view.as_ref(), MADE).expect("it reads");
        assert!(report.is_clean(), "schema {schema}: {:#?}", report.findings);
        assert!(view::find::<Installation>(view.as_ref(), Installation::KEY).expect("sound").is_some());
        let activations: Vec<Activation> = view::list(view.as_ref(), &[], None, 100).expect("sound");
        let seqs =
            activations.iter().map(|one| view::renewal(view.as_ref(), one.id).expect("sound").expect("a slot").seq);
        assert_eq!(seqs.collect::<Vec<_>>(), vec![make::CHECKS + 1; make::CONSOLES], "schema {schema}");
        let rows: u64 = report.rows.values().sum();
        println!("count upgrade from schema {schema}: {rows} rows, sound");
    }
}

#[test]
fn r13_a_store_of_a_newer_schema_is_refused_and_left_as_it_is_to_the_byte() {
    let folder = unpacked(SCHEMA);
    drop(open(folder.path()).expect("it opens"));
    let path = folder.path().join(FILE_NAME);
    {
        let database = Database::open(&path).expect("it opens");
        let write = database.begin_write().expect("it writes");
        write.open_table(ENGINE).expect("the engine's own").insert("schema", SCHEMA + 1).expect("it writes");
        write.commit().expect("it commits");
    }
    let before = std::fs::read(&path).expect("it reads");
    for _ in 0..2 {
        let refused = open(folder.path());
        let newer = matches!(&refused, Err(OpenError::Newer { found, .. }) if *found == SCHEMA + 1);
        assert!(newer, "{:?}", refused.err());
    }
    assert!(std::fs::read(&path).expect("it reads") == before, "being refused changed the file");
    let database = Database::open(&path).expect("the newer build opens it again");
    let rows = database.begin_read().expect("it reads").open_table(ENGINE).expect("it is there");
    assert_eq!(redb::ReadableTable::get(&rows, "schema").expect("it reads").expect("a row").value(), SCHEMA + 1);
}

#[test]
fn a_damaged_store_is_refused_and_left_as_it_is_to_the_byte() {
    let folder = unpacked(SCHEMA);
    drop(open(folder.path()).expect("it opens"));
    let path = folder.path().join(FILE_NAME);
    let mut bytes = std::fs::read(&path).expect("it reads");
    let at = bytes.windows(8).position(|window| window == b"Quietnam").expect("a row's text");
    bytes[at] ^= 1;
    std::fs::write(&path, &bytes).expect("it writes");
    assert!(matches!(open(folder.path()), Err(OpenError::Damaged { .. })));
    assert!(std::fs::read(&path).expect("it reads") == bytes, "being refused changed the file");
}

#[test]
fn a_store_that_is_opened_twice_has_all_its_rows() {
    let folder = unpacked(SCHEMA);
    let rows = |folder: &TempDir| {
        let store = open(folder.path()).expect("it opens");
        all(store.read().expect("it reads").as_ref()).expect("it reads")
    };
    let first = rows(&folder);
    assert!(first.iter().any(|(table, _)| *table == Table::Renewals));
    assert_eq!(rows(&folder), first);
}

/// Making the fixture of this build's schema.
mod make {
    use leasehold::random;
    use leasehold::store::{RedbStore, create};
    use leasehold_ledger::actor::{Actor, Role};
    use leasehold_ledger::record::*;
    use leasehold_ledger::store::Store;
    use leasehold_ledger::{Command, Context, Outcome, Shelf, apply};
    use leasehold_protocol::activate::Activate;
    use leasehold_protocol::check::Check;
    use leasehold_protocol::message::{Host, Proof, Sender};
    use leasehold_protocol::{Challenge, Nonce, PublicKey, SigningKey, Time, Units};
    use std::path::Path;

    /// Consoles in it, and checks of each.
    pub const CONSOLES: usize = 3;
    pub const CHECKS: u32 = 4;

    /// A store with books and consoles in it, still open.
    pub fn store(folder: &Path, now: Time) -> RedbStore {
        let store = create(folder, &mut |_| Ok(())).expect("a new store");
        let operator = crate::common::seed::Operator { store: &store, now };
        operator.set_up("demo.example");
        let seed = operator.seed(u32::try_from(CONSOLES).expect("few"), 14 * leasehold_protocol::time::DAY);
        for code in &seed.pool {
            console(&store, now, code);
        }
        store
    }

    fn console(store: &RedbStore, now: Time, code: &str) {
        let device = PublicKey::of(&SigningKey::from_bytes(&random::bytes()));
        let (aud, host) = (crate::common::seed::PRODUCT.to_owned(), Host { version: "9.1".into(), ..Host::default() });
        let sender = || Sender { aud: aud.clone(), iat: now, device, nonce: Nonce(random::bytes()) };
        let (iss, code) = ("demo.example".to_owned(), code.to_owned());
        let message = Activate {
            iss: iss.clone(),
            code,
            device_name: None,
            wanted: None,
            replaces: None,
            keyset_version: 1,
            sender: sender(),
            host: host.clone(),
            proof: Proof::default(),
        };
        let first = Command::Activate { message: Box::new(message), id: random::activation(), held: None };
        let mut lease = send(store, now, &first);
        for _ in 0..CHECKS {
            let proof = Proof { held: Some(lease.grant.cti), ..Proof::default() };
            let (iss, sub, usage) = (iss.clone(), lease.grant.sub, Units::default());
            let message = Check { iss, sub, usage, keyset_version: 1, sender: sender(), host: host.clone(), proof };
            lease = send(store, now, &Command::Check { message: Box::new(message), held: None });
        }
    }

    fn send(store: &RedbStore, now: Time, command: &Command) -> leasehold_protocol::lease::Lease {
        let context = Context {
            shelf: &Shelf::default(),
            now,
            actor: &Actor::member("operator", AccountId(random::id(now)), Role::Admin),
            keyset_version: 1,
            lease_term_max: i64::MAX,
            challenge: &|_, _| Challenge([0; 32]),
            sign_license: &|_| Err("no licence is signed here".into()),
        };
        let mut answer = None;
        let written = store.write(&mut |tx| {
            let (changes, outcome) = apply(tx, &context, command).expect("it is possible");
            answer = Some(outcome);
            changes.write(tx)
        });
        written.expect("it writes");
        match answer {
            Some(Outcome::Lease(lease)) => *lease,
            other => panic!("{other:?}"),
        }
    }
}
