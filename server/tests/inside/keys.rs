//! The keys the server signs with, through the API: what may follow what, and what is remembered.

mod agreed;

use crate::common::keysets::{Certifier, certify};
use crate::common::server::ISS;
use crate::{Stage, within_10_s};
use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::http::{Method, Request};
use http_body_util::BodyExt;
use leasehold::admin;
use leasehold::admin::auth::Origin;
use leasehold::init::new_key;
use leasehold::keyring::{FOLDER, KEYSET, Keyring};
use leasehold::signing;
use leasehold_ledger::record::{Event, Signing, Verb};
use leasehold_ledger::store::Store;
use leasehold_ledger::{fsck, view};
use leasehold_protocol::armour::{self, Label};
use leasehold_protocol::keyset::KeyUse;
use leasehold_protocol::time::DAY;
use leasehold_protocol::{Kid, Time};
use leasehold_signer::ceremony::KeyRequest;
use serde_json::{Value, json};
use std::path::PathBuf;
use tower::ServiceExt;

const START: Time = Time(1_795_280_400);

impl Stage {
    fn ask(&self, method: Method, path: &str, body: &str) -> (u16, Value) {
        let request = Request::builder().method(method).uri(format!("/api/v1{path}")).extension(Origin::Socket);
        let request = request.header(CONTENT_TYPE, "text/plain").body(Body::from(body.to_owned())).expect("a request");
        within_10_s(async {
            let response = admin::router(self.app.clone()).oneshot(request).await.expect("infallible");
            let status = response.status().as_u16();
            let bytes = response.into_body().collect().await.expect("in memory").to_bytes();
            (status, serde_json::from_slice(&bytes).expect("JSON"))
        })
    }

    fn import(&self, text: &str, query: &str) -> (u16, Value) {
        self.ask(Method::PUT, &format!("/keyset{query}"), text)
    }

    fn take(&self, kid: Kid) -> (u16, Value) {
        self.ask(Method::POST, &format!("/signing-keys/{kid}/use"), "")
    }

    fn root(&self) -> Certifier {
        Certifier::of(self.folder.path())
    }

    /// The keyset after the one on file, with a new lease key and a new file key beside those there are.
    fn next(&self) -> (String, Kid, Kid) {
        let root = self.root();
        let (lease, asked_lease) = root.new_key(KeyUse::Lease, START);
        let (file, asked_file) = root.new_key(KeyUse::File, START);
        let keys = [root.asked(), vec![asked_lease, asked_file]].concat();
        (root.certify(ISS, root.keyset().version + 1, keys, START), lease, file)
    }

    fn told(&self, verb: Verb) -> Vec<Event> {
        let view = self.store.read().expect("it reads");
        let events = view::list::<Event>(view.as_ref(), &[], None, usize::MAX).expect("they decode");
        events.into_iter().filter(|event| event.verb == verb).collect()
    }

    fn kept(&self) -> Option<Signing> {
        view::find(self.store.read().expect("it reads").as_ref(), Signing::KEY).expect("sound")
    }

    fn keys_folder(&self) -> PathBuf {
        self.folder.path().join(FOLDER)
    }

    /// The keys as a server that starts now reads them.
    fn started(&self) -> Keyring {
        let started = signing::start(self.store.as_ref(), &self.keys_folder(), ISS, None, START);
        started.unwrap_or_else(|failure| panic!("{failure}"))
    }

    fn on_file(&self) -> Vec<u8> {
        armour::unwrap(Label::Keyset, &self.root().text()).expect("armour")
    }
}

fn in_use(view: &Value) -> Vec<&str> {
    let keys = view["keys"].as_array().expect("keys").iter();
    keys.filter(|key| key["in_use"] == true).map(|key| key["kid"].as_str().expect("an id")).collect()
}

fn code((status, problem): &(u16, Value)) -> (u16, &str) {
    assert!(problem["hint"].as_str().is_some_and(|hint| !hint.is_empty()), "nothing to do: {problem}");
    (*status, problem["code"].as_str().expect("a code"))
}

#[test]
fn an_imported_keyset_is_in_force_at_once_and_another_key_of_it_at_the_next_signature() {
    let stage = Stage::at(START);
    let (text, lease, file) = stage.next();
    let (status, before) = stage.ask(Method::GET, "/signing-keys", "");
    assert_eq!((status, &before["version"], before["keys"].as_array().map(Vec::len)), (200, &json!(1), Some(2)));
    let (status, imported) = stage.import(&text, "");
    assert_eq!((status, &imported["version"]), (200, &json!(2)), "{imported}");
    assert_eq!(in_use(&imported), in_use(&before), "the keys in use go on");
    assert!(imported["keys"].as_array().is_some_and(|keys| keys.iter().all(|key| key["has_private_key"] == true)));
    assert_eq!(stage.app.keyring.load().keyset().version, 2, "leases name it from now on");
    assert_eq!(stage.root().text(), text.as_bytes(), "and it is on file");
    for kid in [lease, file, file] {
        assert_eq!(stage.take(kid).0, 200);
    }
    assert_eq!(stage.app.keyring.load().in_use(), (lease, file));
    let told = |verb| stage.told(verb).into_iter().map(|event| (event.subject, event.actor)).collect::<Vec<_>>();
    let operator = || "operator".to_owned();
    assert_eq!(told(Verb::KeysetImported), [("keyset 2".to_owned(), operator())]);
    assert_eq!(
        told(Verb::SigningKeyChanged),
        [(lease.to_string(), operator()), (file.to_string(), operator())],
        "one Event a change, and none for what is so already"
    );
    assert_eq!(stage.started().in_use(), (lease, file), "it is remembered");
    let first: Kid = in_use(&before)[0].parse().expect("an id");
    assert_eq!(stage.take(first).0, 200);
    assert_eq!(stage.started().in_use(), (first, file), "also where it is not the newest");
    assert!(fsck::check(stage.store.read().expect("it reads").as_ref(), START).expect("it reads").is_clean());
}

#[test]
fn a_keyset_that_may_not_follow_is_refused_with_what_to_do_and_changes_nothing() {
    let stage = Stage::at(START);
    let (root, (second, lease, _)) = (stage.root(), stage.next());
    let first = String::from_utf8(root.text()).expect("text");
    assert_eq!(stage.import(&second, "").0, 200);
    let (kept, file) = (stage.kept(), root.text());
    let keys = || root.asked();
    let third = |keys: Vec<KeyRequest>| root.certify(ISS, 3, keys, START);
    let without = |kid: Kid| keys().into_iter().filter(|key| key.public.kid() != kid).collect::<Vec<_>>();
    let revoked = |kid: Kid| {
        keys().into_iter().map(|key| KeyRequest { revoked: key.public.kid() == kid, ..key }).collect::<Vec<_>>()
    };
    let used = stage.app.keyring.load().in_use();
    let short = keys().into_iter().map(|key| KeyRequest { max_term: Some(60), ..key }).collect::<Vec<_>>();
    let foreign = root.certify("other.example", 3, keys(), START);
    let cases = [
        ("older", first, "", (409, "keyset_not_newer")),
        ("the same", second.clone(), "", (409, "keyset_not_newer")),
        ("as high", root.certify(ISS, 2, without(lease), START), "", (409, "keyset_not_newer")),
        ("another root's", certify(&new_key(), ISS, 3, keys(), START), "", (422, "signature_bad")),
        ("another installation's", foreign, "", (422, "keyset_foreign")),
        ("without the lease key in use", third(without(used.0)), "", (409, "signing_key_missing")),
        ("the file key in use revoked", third(revoked(used.1)), "", (409, "signing_key_missing")),
        ("a key chosen for another use", third(keys()), &format!("?file={lease}"), (409, "signing_key_missing")),
        ("no keyset", "hello".into(), "", (422, "not_armour")),
        ("another file", armour::wrap(Label::License, b"x"), "", (422, "wrong_label")),
        ("damaged", armour::wrap(Label::Keyset, b"x"), "", (422, "malformed")),
    ];
    for (what, text, query, expected) in cases {
        assert_eq!(code(&stage.import(&text, query)), expected, "{what}");
    }
    assert_eq!((stage.kept(), root.text()), (kept, file));
    assert_eq!(stage.told(Verb::KeysetImported).len(), 1);
    let (status, view) = stage.import(&third(without(used.0)), &format!("?lease={lease}"));
    assert_eq!((status, &view["version"]), (200, &json!(3)), "another is chosen in the same step");
    assert_eq!(stage.app.keyring.load().in_use(), (lease, used.1));
    assert_eq!(
        stage.import(&root.certify(ISS, 4, short, START), &format!("?lease={lease}")).0,
        200,
        "no product is longer"
    );
}

#[test]
fn a_lease_key_that_grants_less_time_than_a_product_has_is_not_put_in_force() {
    let stage = Stage::at(START);
    crate::common::seed::Operator { store: stage.store.as_ref(), now: START }.seed(1, 14 * DAY);
    let root = stage.root();
    let short = |max: i64| root.asked().into_iter().map(move |key| KeyRequest { max_term: Some(max), ..key });
    let (status, problem) = stage.import(&root.certify(ISS, 2, short(14 * DAY - 1).collect(), START), "");
    assert_eq!((status, problem["code"].as_str()), (422, Some("field_invalid")), "{problem}");
    assert_eq!(root.keyset().version, 1);
    assert_eq!(stage.app.keyring.load().keyset().version, 1);
    assert!(!stage.keys_folder().join(format!(".{KEYSET}.tmp")).exists(), "what was staged is gone");
    assert_eq!(stage.import(&root.certify(ISS, 2, short(14 * DAY).collect(), START), "").0, 200);
}

#[test]
fn a_key_that_may_not_sign_is_not_taken_up() {
    let stage = Stage::at(START);
    let (root, strange) = (stage.root(), new_key());
    let (old, mut asked) = root.new_key(KeyUse::Lease, START.plus(-400 * DAY));
    asked.exp = START.plus(-1);
    let (lost, lost_asked) = root.new_key(KeyUse::Lease, START);
    let lost_asked = KeyRequest { revoked: true, ..lost_asked };
    let elsewhere = leasehold::init::asked(&strange, KeyUse::File, START);
    let keys = [root.asked(), vec![asked, lost_asked, elsewhere.clone()]].concat();
    assert_eq!(stage.import(&root.certify(ISS, 2, keys, START), "").0, 200);
    let before = stage.kept();
    for (what, kid) in [("over", old), ("revoked", lost), ("not on this machine", elsewhere.public.kid())] {
        assert_eq!(code(&stage.take(kid)), (409, "signing_key_missing"), "{what}");
    }
    assert_eq!(code(&stage.take(Kid([7; 8]))), (404, "out_of_reach"));
    let sealed = root.new_key(KeyUse::Lease, START);
    std::fs::write(stage.keys_folder().join(format!("lease-{}.pem", sealed.0)), "no key").expect("written");
    let keys = [root.asked(), vec![sealed.1]].concat();
    assert_eq!(stage.import(&root.certify(ISS, 3, keys, START), "").0, 200);
    assert_eq!(code(&stage.take(sealed.0)), (409, "signing_key_unreadable"));
    assert_eq!(stage.kept().map(|kept| (kept.lease, kept.file)), before.map(|kept| (kept.lease, kept.file)));
}

#[test]
fn who_looks_at_the_keys_is_warned_from_half_a_year_before_the_end() {
    let stage = Stage::at(START);
    let end = stage.app.keyring.load().expires();
    let soon = |now: Time| {
        let stage = Stage::over(stage.folder.clone(), stage.store.clone(), now);
        let view = stage.ask(Method::GET, "/signing-keys", "").1;
        (view["expires_soon"] == true, view["warning"].is_string())
    };
    assert_eq!(soon(end.plus(-180 * DAY - 1)), (false, false));
    assert_eq!(soon(end.plus(-180 * DAY)), (true, true));
}
