//! schemathesis: requests made from the document, possible and impossible ones, each answer held against it.

use crate::Stage;
use crate::client::installed;
use crate::common::program::{run, target};
use crate::common::seed::PRODUCT;
use leasehold_console::{Client, Order, Settings};
use serde_json::{Value, json};
use std::fs;
use tempfile::TempDir;

/// Examples an operation, times `LEASEHOLD_SOAK`.
const EXAMPLES: u32 = 8;
/// The seed, unless `LEASEHOLD_SEED` says otherwise.
const SEED: &str = "7";

/// Whatever the document allows is not always possible: cursors, codes that must be free, moments that must come. So "accepts what the
/// schema allows" is left out; every other check stays in.
const LEFT_OUT: &str = "positive_data_acceptance";

/// Parameters whose things are not there: requests and sessions go as they come.
const OTHERS: [&str; 2] = ["request", "session"];

/// A licence under an activation key.
fn license(stage: &Stage) -> String {
    let account = stage.account;
    let key = stage.made(&format!("/accounts/{account}/activation-keys"), &json!({"name": "Example Ltd"}));
    let pool = stage.made(&format!("/lots/{}/convert", bought(stage, json!({"sku": "TERMINAL"}))), &json!({}));
    let body = json!({"pool": pool["id"], "units": {"users": 2}});
    text(&stage.made(&format!("/keys/{}/licenses", text(&key)), &body))
}

/// A member of the account.
fn user(stage: &Stage) -> String {
    let body = json!({"email": "member@example.com", "role": "operator", "password": "a long enough one",
        "confirm_password": "a long enough one"});
    text(&stage.made(&format!("/users?account={}", stage.account), &body))
}

/// A seat of a member's.
fn seat(stage: &Stage, user: &str) -> String {
    let lot = bought(stage, json!({"sku": "DRAWING", "used_by": "user"}));
    text(&stage.made(&format!("/holdings/{lot}/seats"), &json!({"user": user})))
}

/// A lot of ten units of a new product.
fn bought(stage: &Stage, product: Value) -> String {
    let sku = product["sku"].clone();
    let mut whole = json!({"name": sku, "compat": sku, "kinds": ["users"]});
    whole.as_object_mut().expect("an object").extend(product.as_object().expect("an object").clone());
    stage.made("/products", &whole);
    let lines = json!([{"product": sku, "units": {"users": 10}}]);
    let order = json!({"entitlement": sku, "lines": lines});
    text(&stage.made(&format!("/accounts/{}/orders", stage.account), &order)["lots"][0])
}

/// The activation of a console that has a lease.
fn activation(stage: &Stage) -> String {
    let server = Some(format!("http://{}", stage.server.device()));
    let settings = Settings { server, proxy: Some("none".into()), ca: None };
    let folder = stage.server.beside("console");
    let mut console = Client::init(&folder, stage.server.root(), PRODUCT, settings, None).expect("a console");
    console.activate(Order::of(&stage.code, "9.1")).expect("activated");
    console.machine().lease().expect("a lease").grant.sub.to_string()
}

fn text(value: &Value) -> String {
    value["id"].as_str().unwrap_or_else(|| panic!("no id in {value}")).to_owned()
}

/// Ids that are there, so that requests get past the look-up.
fn known(stage: &Stage) -> String {
    let account = stage.account;
    let first = |path: &str| {
        let page = stage.get(path);
        page["items"][0]["id"].as_str().unwrap_or_else(|| panic!("{path}: {page}")).to_owned()
    };
    let lots = stage.get(&format!("/accounts/{account}/lots"));
    let lot = lots["items"].as_array().into_iter().flatten().find(|lot| lot["converted"].is_null());
    let pools = stage.get(&format!("/accounts/{account}/pools?role=pool"));
    let pool = pools["items"][0]["id"].as_str().expect("a pool").to_owned();
    let sku = stage.get("/products")["items"][0]["sku"].as_str().expect("a product").to_owned();
    let lot = lot.and_then(|lot| lot["id"].as_str()).expect("a lot").to_owned();
    let (license, user, activation) = (license(stage), user(stage), activation(stage));
    let seat = seat(stage, &user);
    let token = text(&stage.made(&format!("/accounts/{account}/tokens"), &json!({"name": "till", "role": "viewer"})));
    let parameters = [
        ("license", license),
        ("seat", seat),
        ("user", user),
        ("token", token),
        ("activation", activation),
        ("device", first(&format!("/accounts/{account}/devices"))),
        ("account", account.to_string()),
        ("holding", lot.clone()),
        ("lot", lot),
        ("key", first(&format!("/pools/{pool}/keys"))),
        ("pool", pool),
        ("sku", sku),
        ("job", "lapse".to_owned()),
        ("kid", stage.get("/signing-keys")["keys"][0]["kid"].as_str().expect("a key").to_owned()),
        (
            "entitlement",
            stage.get(&format!("/accounts/{account}/orders"))["items"][0]["entitlement"]
                .as_str()
                .expect("an order")
                .to_owned(),
        ),
    ];
    let document = stage.get("/openapi.json").to_string();
    let named = document.split('{').skip(1).filter_map(|text| text.split_once('}')).map(|(name, _)| name);
    let unknown = |name: &&str| {
        let is_name = name.bytes().all(|letter| letter.is_ascii_lowercase());
        is_name && !name.is_empty() && !OTHERS.contains(name) && !parameters.iter().any(|(known, _)| known == name)
    };
    assert_eq!(named.filter(unknown).collect::<Vec<_>>(), [""; 0], "something of each kind has to be there");
    let lines = parameters.map(|(name, value)| format!("\"path.{name}\" = {}\n", Value::from(value)));
    format!("[parameters]\n{}", lines.concat())
}

#[test]
fn nothing_made_from_the_document_gets_an_answer_that_is_not_in_it() {
    let stage = Stage::set();
    let times: u32 = std::env::var("LEASEHOLD_SOAK").ok().and_then(|times| times.parse().ok()).unwrap_or(1);
    let seed = std::env::var("LEASEHOLD_SEED").unwrap_or_else(|_| SEED.to_owned());
    println!("seed of schemathesis: LEASEHOLD_SEED={seed}");
    let folder = TempDir::new_in(target()).expect("a temporary folder");
    let config = folder.path().join("schemathesis.toml");
    fs::write(&config, known(&stage)).expect("written");
    let mut command = installed("schemathesis");
    command.arg("--config-file").arg(&config).arg("run").arg(format!("{}/api/v1/openapi.json", stage.url()));
    command.args(["--header", &format!("Authorization: Bearer {}", stage.token), "--seed", &seed, "--no-color"]);
    command.args(["--max-examples", &(EXAMPLES * times).to_string(), "--exclude-checks", LEFT_OUT]);
    command.current_dir(folder.path()).env("HYPOTHESIS_STORAGE_DIRECTORY", folder.path());
    let done = run(&mut command);
    assert_eq!(done.code, Some(0), "{}{}", done.stdout, done.stderr);
    let cases = done.stdout.lines().find(|line| line.contains(" generated, ")).expect("it says how many").trim();
    let operations =
        done.stdout.lines().find(|line| line.trim_start().starts_with("Tested:")).expect("how many").trim();
    let count =
        |line: &str| line.split(|letter: char| !letter.is_ascii_digit()).find_map(|word| word.parse::<u32>().ok());
    assert!(count(cases) > Some(2000) && count(operations) > Some(45), "{cases}, {operations}");
    println!("count schemathesis: operations {operations}; cases {cases}; 0 answers of 5xx or against the document");
}
