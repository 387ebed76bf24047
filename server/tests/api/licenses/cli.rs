//! Licences with verbs alone.

use crate::cli::Operator;

/// An activation key, a licence under it, and what becomes of it.
pub fn credits(lh: &Operator<'_>, account: &str) {
    lh.json(&["product", "add", "DESK", "--kind", "users", "--compat", "desk"]);
    let order = ["order", "add", "SO-DESK", "--account", account, "--product", "DESK", "--units", "users=5"];
    let lot = lh.json(&order)["lots"][0]["id"].as_str().expect("a lot").to_owned();
    let pool = lh.id(&["lot", "convert", &lot]);
    let key = lh.id(&["activation-key", "add", "Example Ltd", "--account", account]);
    let make = ["license", "make", "--key", &key, "--pool", &pool, "--units", "users=2", "--comment", "desk 4"];
    let license = lh.id(&make);
    assert_eq!(lh.json(&["license", "upgrade", &license, "users=4"])["units"]["users"], 4);
    assert_eq!(lh.json(&["license", "edit", &license, "--comment", "desk 5"])["comment"], "desk 5");
    let listed = lh.json(&["license", "list", "--account", account, "--kind", "license"]);
    assert_eq!((&listed["items"][0]["id"], &listed["items"][0]["state"]), (&license.as_str().into(), &"valid".into()));
    let (exit, said) = lh.fails(&["license", "extend", &license], b"");
    assert!(exit == Some(3) && said.len() == 2 && said[0].contains("cannot be changed"), "{said:?}");
    lh.json(&["license", "delete", &license]);
    let keys = lh.json(&["activation-key", "list", "--account", account]);
    assert_eq!(keys["items"][0]["licensee"], "Example Ltd");
    let none = lh.json(&["license", "list", "--account", account]);
    assert_eq!(none["items"].as_array().map(Vec::len), Some(0));
}
