//! Store and file agree wherever a server has ended, and whoever else changes the keys at the same time.

use super::START;
use crate::common::server::ISS;
use crate::{Stage, within_10_s};
use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::http::{Method, Request};
use leasehold::admin;
use leasehold::admin::auth::Origin;
use leasehold::keyring::KEYSET;
use leasehold::signing;
use leasehold_ledger::record::Verb;
use tower::ServiceExt;

#[test]
fn store_and_file_agree_at_every_start_wherever_the_server_before_has_ended() {
    let stage = Stage::at(START);
    let (second, lease, _) = stage.next();
    let path = stage.keys_folder().join(KEYSET);
    let first = std::fs::read(&path).expect("it reads");
    let staged = stage.keys_folder().join(format!(".{KEYSET}.tmp"));
    let mut states = 0;
    let mut agrees = |what: &str, version: u32| {
        for start in 1..=2 {
            let keyring = stage.started();
            assert_eq!(keyring.keyset().version, version, "{what}, start {start}");
            let kept = stage.kept().map_or_else(|| keyring.keyset_bytes().to_vec(), |kept| kept.keyset);
            assert_eq!((kept, stage.on_file()), (stage.on_file(), keyring.keyset_bytes().to_vec()), "{what}");
        }
        states += 1;
    };
    // Before the commit: a part of the new file, or all of it, lies under another name.
    for part in [0, second.len() / 2, second.len()] {
        std::fs::write(&staged, &second[..part]).expect("written");
        agrees("staged, not committed", 1);
    }
    // The commit is durable; of the file's name nothing is known.
    assert_eq!(stage.import(&second, &format!("?lease={lease}")).0, 200, "what was left lying does not matter");
    assert!(!staged.exists());
    agrees("all done", 2);
    for part in [None, Some(0), Some(second.len())] {
        std::fs::write(&path, &first).expect("written");
        part.iter().for_each(|part| std::fs::write(&staged, &second[..*part]).expect("written"));
        agrees("committed, not named", 2);
        assert_eq!(std::fs::read(&path).expect("it reads"), second.as_bytes());
    }
    std::fs::remove_file(&path).expect("it was there");
    agrees("the file is gone", 2);
    assert_eq!(stage.told(Verb::KeysetImported).len(), 1, "a start that heals tells nothing new");
    // A store from a backup, or a file that was put there by hand.
    let third = stage.root().certify(ISS, 3, stage.root().asked(), START);
    std::fs::write(&path, &third).expect("written");
    agrees("the file is newer", 3);
    assert_eq!(stage.told(Verb::KeysetImported).len(), 2, "and the history says so");
    assert_eq!(stage.started().in_use().0, lease, "the key that was chosen goes on");
    println!("count signing keys: store and file agree after each of {states} ends, at two starts each");
}

#[test]
fn of_many_who_change_the_keys_at_once_each_is_carried_out_whole_or_refused() {
    let stage = Stage::at(START);
    let (second, lease, file) = stage.next();
    let root = stage.root();
    assert_eq!(stage.import(&second, "").0, 200);
    let (keys, first) = (root.asked(), stage.app.keyring.load().in_use().0);
    let texts: Vec<String> = (3..11).map(|version| root.certify(ISS, version, keys.clone(), START)).collect();
    let ask = |method: Method, path: String, body: String| {
        let request = Request::builder().method(method).uri(format!("/api/v1{path}")).extension(Origin::Socket);
        let request = request.header(CONTENT_TYPE, "text/plain").body(Body::from(body)).expect("a request");
        admin::router(stage.app.clone()).oneshot(request)
    };
    let imports = texts.iter().rev().map(|text| ask(Method::PUT, "/keyset".into(), text.clone()));
    let takes =
        [lease, file, first, lease].map(|kid| ask(Method::POST, format!("/signing-keys/{kid}/use"), String::new()));
    let all = imports.chain(takes).collect::<Vec<_>>();
    let answers = within_10_s(futures_util::future::join_all(all));
    let statuses: Vec<u16> =
        answers.iter().map(|answer| answer.as_ref().map_or(0, |one| one.status().as_u16())).collect();
    let (imports, takes) = statuses.split_at(8);
    assert_eq!(takes, [200; 4]);
    assert!(imports.iter().all(|status| [200, 409].contains(status)), "{imports:?}");
    let done = imports.iter().filter(|status| **status == 200).count();
    let told: Vec<u32> =
        stage.told(Verb::KeysetImported).iter().filter_map(|event| event.fact("version")?.parse().ok()).collect();
    assert!(told.is_sorted() && told.len() == done + 1 && told.last() == Some(&10), "{told:?}, {done} done");
    let now = signing::of(&stage.app.keyring.load());
    assert_eq!((stage.kept(), stage.on_file()), (Some(now.clone()), now.keyset));
}
