//! What is in the way, said in two lines with the exit code scripts rely on.

use crate::common::http::Http;
use crate::common::program::{Done, leasehold, run, words};
use crate::common::server::{TestServer, serve};
use leasehold::store::open::FILE_NAME;
use redb::{Database, TableDefinition};
use std::net::TcpListener;
use std::path::Path;
use tempfile::TempDir;

fn init(data: &Path) -> Done {
    let data = data.display().to_string();
    words(&["init", "--data", &data, "--iss", "one.example", "--vendor", "One", "--no-passphrase", "--demo-root"])
}

#[test]
fn a_taken_port_is_named_for_each_listener() {
    let (mut server, _) = TestServer::made(1);
    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let at = taken.local_addr().expect("bound").to_string();
    for listener in ["device", "portal", "operator"] {
        let mut command = leasehold();
        command.arg("serve").arg("--data").arg(server.data());
        for name in ["device", "portal", "operator"] {
            command.args([format!("--{name}"), if name == listener { at.clone() } else { "127.0.0.1:0".into() }]);
        }
        let done = run(&mut command);
        let [what, hint] = done.error(1);
        assert_eq!(what, format!("leasehold: the {listener} port {at} is taken"));
        assert!(hint.contains(&format!("listen.{listener}")), "{hint}");
    }
    server.start(); // what failed left the store as it was
    assert_eq!(Http::connect(server.device()).and_then(|mut http| http.get("/readyz")).expect("an answer").status, 200);
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let folder = TempDir::new().expect("a temporary folder");
    let file = folder.path().join("file");
    std::fs::write(&file, "").expect("written");
    let below = file.join("data");
    let done = init(&below);
    let [what, _] = done.error(1);
    assert!(what.contains(&below.display().to_string()) && what.contains("Not a directory"), "{what}");
    for verb in [&["serve"][..], &["store", "fsck"]] {
        let done = run(leasehold().args(verb).arg("--data").arg(&below));
        let [what, _] = done.error(1);
        assert!(what.contains(&file.display().to_string()), "{what}");
    }
}

#[test]
fn a_missing_store_is_not_made_by_serve() {
    let folder = TempDir::new().expect("a temporary folder");
    let done = run(leasehold().arg("serve").arg("--data").arg(folder.path()));
    let [what, hint] = done.error(1);
    assert!(what.contains("there is no store in"), "{what}");
    assert!(hint.contains("leasehold init"), "{hint}");
    assert_eq!(std::fs::read_dir(folder.path()).expect("it is there").count(), 0, "something was made");
}

#[test]
fn a_store_in_use_is_left_alone() {
    let (mut server, _) = TestServer::started(1);
    for verb in [&["serve"][..], &["store", "fsck"]] {
        let done = run(leasehold().args(verb).arg("--data").arg(server.data()));
        let [what, hint] = done.error(1);
        assert!(what.contains("is in use by another process"), "{what}");
        assert!(hint.contains("stop the server"), "{hint}");
    }
    assert_eq!(server.stop().status.code(), Some(0));
}

#[test]
fn r13_a_store_of_a_newer_build_is_refused_and_kept() {
    let (server, _) = TestServer::made(1);
    let rows = fsck(&server);
    set_schema(&server, 999);
    for verb in [&["serve"][..], &["store", "fsck"]] {
        let done = run(leasehold().args(verb).arg("--data").arg(server.data()));
        let [what, hint] = done.error(4);
        assert!(what.contains("has schema 999, this build reads up to 1"), "{what}");
        assert!(hint.contains("newer build"), "{hint}");
    }
    set_schema(&server, 1);
    assert_eq!(fsck(&server), rows, "the store was changed");
}

fn fsck(server: &TestServer) -> String {
    words(&["--json", "store", "fsck", "--data", &server.data().display().to_string()]).ok()
}

/// Makes the store that of another build; what it was before it has to be there.
fn set_schema(server: &TestServer, schema: u32) {
    let database = Database::open(server.data().join(FILE_NAME)).expect("the store opens");
    let write = database.begin_write().expect("a transaction");
    let engine: TableDefinition<'_, &str, u32> = TableDefinition::new("engine");
    let before =
        write.open_table(engine).expect("its table").insert("schema", schema).expect("written").map(|row| row.value());
    assert!(before.is_some_and(|before| before != schema), "{before:?}");
    write.commit().expect("durable");
}

#[test]
fn an_installation_is_never_made_over_another() {
    let folder = TempDir::new().expect("a temporary folder");
    init(folder.path()).ok();
    let before = std::fs::read(folder.path().join(FILE_NAME)).expect("it reads");
    let again = init(folder.path());
    let [what, hint] = again.error(1);
    assert!(what.contains("there is a store in"), "{what}");
    assert!(hint.contains("never overwritten"), "{hint}");
    assert!(before == std::fs::read(folder.path().join(FILE_NAME)).expect("it reads"), "the store was changed");
}

#[test]
fn an_init_that_was_refused_can_be_done_again_in_the_same_folder() {
    let folder = TempDir::new().expect("a temporary folder");
    let data = folder.path().display().to_string();
    let with = |iss: &str, vendor: &str| {
        words(&["init", "--data", &data, "--iss", iss, "--vendor", vendor, "--no-passphrase", "--demo-root"])
    };
    with("one.example", "   ").error(2);
    with("", "One").error(2);
    with("one.example", "One").ok();
    let mut server = run(serve(folder.path()).args(["--device", "127.0.0.1:notaport"]));
    assert_eq!(server.code.take(), Some(2), "{}", server.stderr);
}

#[test]
fn an_init_that_was_cut_short_says_so() {
    let folder = TempDir::new().expect("a temporary folder");
    init(folder.path()).ok();
    std::fs::remove_file(folder.path().join(FILE_NAME)).expect("as if it had never been made");
    let again = init(folder.path());
    let [what, hint] = again.error(1);
    assert!(what.contains("was cut short"), "{what}");
    assert!(hint.contains("remove") && hint.contains("keys"), "{hint}");
}

#[test]
fn settings_that_are_not_known_are_refused_by_name() {
    let folder = TempDir::new().expect("a temporary folder");
    let path = folder.path().join("settings.toml");
    std::fs::write(&path, "[listen]\ndevise = \"127.0.0.1:1\"\n").expect("written");
    let path = path.display().to_string();
    for words in
        [&["config", "check", &path][..], &["config", "show", "--config", &path], &["serve", "--config", &path]]
    {
        let done = run(leasehold().args(words));
        assert_eq!(done.code, Some(2), "{}", done.stderr);
        assert!(done.stderr.contains("devise"), "{}", done.stderr);
    }
}

#[test]
fn errors_are_one_json_object_where_json_is_asked_for() {
    let folder = TempDir::new().expect("a temporary folder");
    let done = run(leasehold().args(["--json", "store", "fsck", "--data"]).arg(folder.path()));
    assert_eq!(done.code, Some(1));
    let error: serde_json::Value = serde_json::from_str(&done.stderr).expect("one object");
    for field in ["error", "hint", "code"] {
        assert!(error[field].as_str().is_some_and(|text| !text.is_empty()), "{field}: {error}");
    }
    assert_eq!(error["exit"], 1);
}
