use super::*;
use leasehold_protocol::SigningKey;

const NOW: Time = Time(1_800_000_000);

fn root() -> SigningKey {
    SigningKey::from_bytes(&[1; 32])
}

fn request() -> KeysRequest {
    let key = |seed, usage, max_term| KeyRequest {
        usage,
        public: PublicKey::of(&SigningKey::from_bytes(&[seed; 32])),
        nbf: NOW,
        exp: NOW.plus(1000),
        max_term,
        revoked: false,
    };
    let keys = vec![key(2, KeyUse::Lease, Some(14 * 86_400)), key(3, KeyUse::File, None)];
    KeysRequest { iss: "licences.example.com".into(), version: 1, keys }
}

fn keyset(change: impl FnOnce(&mut KeysRequest)) -> Result<Keyset, NotCertifiable> {
    let mut request = request();
    change(&mut request);
    request.keyset(&PublicKey::of(&root()), NOW)
}

#[test]
fn a_request_reads_back_what_it_renders() {
    let text = request().render();
    assert_eq!(KeysRequest::parse(&text), Ok(request()), "{text}");
}

#[test]
fn a_certified_request_opens_with_the_root_key() {
    let keyset = keyset(|_| ()).expect("possible");
    let signed = keyset.sign(&root());
    assert_eq!(Keyset::open(&signed, &PublicKey::of(&root())), Ok(keyset));
}

#[test]
fn impossible_requests_are_refused_each_with_its_reason() {
    let kid = request().keys[0].public.kid();
    let weak = PublicKey([0; 32]);
    let end = NOW.plus(1000);
    assert_eq!(keyset(|request| request.iss.clear()).map_err(|e| matches!(e, NotCertifiable::Iss(_))), Err(true));
    assert_eq!(keyset(|request| request.version = 0), Err(NotCertifiable::Version));
    assert_eq!(keyset(|request| request.keys.clear()), Err(NotCertifiable::Count(0)));
    assert_eq!(keyset(|request| request.keys[1] = request.keys[0].clone()), Err(NotCertifiable::Twice(kid)));
    assert_eq!(keyset(|request| request.keys[0].public = weak), Err(NotCertifiable::Weak(weak.kid())));
    let root = PublicKey::of(&root());
    assert_eq!(keyset(|request| request.keys[0].public = root), Err(NotCertifiable::Root(root.kid())));
    let window = NotCertifiable::Window { kid, nbf: end, exp: end };
    assert_eq!(keyset(|request| request.keys[0].nbf = end), Err(window));
    assert_eq!(keyset(|request| request.keys[0].max_term = None), Err(NotCertifiable::NoMaxTerm(kid)));
    let no_term = NotCertifiable::MaxTerm { kid, max_term: 0 };
    assert_eq!(keyset(|request| request.keys[0].max_term = Some(0)), Err(no_term));
    assert_eq!(request().keyset(&root, end), Err(NotCertifiable::Over(end)));
    let revoke = |request: &mut KeysRequest| request.keys.iter_mut().for_each(|key| key.revoked = true);
    assert_eq!(keyset(revoke), Err(NotCertifiable::Over(NOW)));
}

#[test]
fn unknown_words_and_local_times_in_a_request_are_refused() {
    let text = request().render();
    assert!(KeysRequest::parse(&format!("{text}\nmax_trem = 1\n")).is_err());
    let text = text.replace("Z\n", "\n");
    let error = KeysRequest::parse(&text).expect_err("no offset").to_string();
    assert!(error.contains("offset"), "{error}");
}

#[test]
fn a_fingerprint_begins_with_the_key_id() {
    let key = request().keys[0].public;
    assert!(fingerprint(&key).replace(' ', "").starts_with(&key.kid().to_string()));
}
