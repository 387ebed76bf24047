//! Orders and revisions of products on the command line.

use crate::common::program::{Done, leasehold, run};
use crate::common::seed::PRODUCT;
use crate::common::server::TestServer;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;
use std::process::Stdio;

fn told(data: &Path, words: &[&str]) -> Done {
    run(leasehold().arg("--json").args(words).arg("--data").arg(data))
}

fn view(done: Done) -> Value {
    serde_json::from_str(&done.ok()).expect("one object")
}

#[test]
fn a63_a_file_of_orders_is_looked_at_first_and_then_imported() {
    let (server, seed) = TestServer::started(1);
    let (data, path) = (server.data(), server.beside("orders.csv"));
    let account = seed.account.to_string();
    let kind = crate::common::seed::units(1).iter().next().expect("a kind").0.to_owned();
    let file = |sku: &str| {
        format!("entitlement,sku,units\nSO-70,{sku},{kind}=3\nSO-70,{sku},{kind}=4\nSO/71,{sku},{kind}=1\n")
    };
    std::fs::write(&path, file("NONE")).expect("written");
    let name = path.to_str().expect("UTF-8");
    let wrong = view(told(&data, &["order", "import", name, "--account", &account, "--dry-run"]));
    assert_eq!((&wrong["failed"], &wrong["problems"][0]["code"]), (&3.into(), &"out_of_reach".into()));
    let refused = told(&data, &["order", "import", name, "--account", &account]);
    assert!(refused.code == Some(3) && refused.stderr.contains("import_invalid"), "{}", refused.stderr);
    std::fs::write(&path, file(PRODUCT)).expect("written");
    let dry = view(told(&data, &["order", "import", name, "--account", &account, "--dry-run"]));
    assert_eq!((&dry["created"], &dry["dry_run"]), (&3.into(), &true.into()));
    assert_eq!(told(&data, &["order", "show", "SO-70"]).code, Some(3), "a dry run records nothing");
    let mut piped = leasehold();
    piped.args(["--json", "order", "import", "-", "--account", &account, "--data"]).arg(&data);
    piped.stdin(Stdio::from(std::fs::File::open(&path).expect("it reads")));
    assert_eq!(view(run(&mut piped))["created"], 3);
    assert_eq!(view(told(&data, &["order", "show", "SO-70"]))["lots"].as_array().map(Vec::len), Some(2));
    assert_eq!(view(told(&data, &["order", "show", "SO/71"]))["entitlement"], "SO/71", "whatever is in its number");
    let listed = view(told(&data, &["order", "list", "--account", &account]));
    let items = listed["items"].as_array().expect("items").iter();
    let names: BTreeSet<_> = items.map(|one| one["entitlement"].as_str().expect("a number")).collect();
    assert_eq!(names, BTreeSet::from(["SO-1", "SO-70", "SO/71"]));
}

#[test]
fn a55_a_product_gets_its_next_revision_from_the_command_line() {
    let (server, _) = TestServer::started(1);
    let data = server.data();
    let changed = view(told(&data, &["product", "update", PRODUCT, "--product-version", "9.2", "--feature", "sync"]));
    assert_eq!((&changed["version"], &changed["features"][0]), (&"9.2".into(), &"sync".into()));
    let revisions = view(told(&data, &["product", "revisions", PRODUCT]));
    assert_eq!(revisions["items"].as_array().map(Vec::len), Some(2));
    assert_eq!(revisions["items"][1]["product"]["version"], "9.2");
}
