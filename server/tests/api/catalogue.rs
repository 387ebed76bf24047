//! The catalogue: products are sets of features, versioned, and never edited under a living artefact.

use super::device::{Device, FILE_DEVICE};
use super::world::{KEY_CODE, NOW, SKU, World};
use axum::http::Method;
use leasehold::random;
use leasehold_ledger::actor::Actor;
use leasehold_ledger::record::{Event, Value as Said, Verb};
use leasehold_ledger::rule::revision::open_of;
use leasehold_ledger::store::{Store, Table};
use leasehold_ledger::{Command, Outcome, fsck, view};
use leasehold_protocol::lease::Lease;
use serde_json::{Value, json};

impl World {
    async fn edit(&self, sku: &str, edit: Value) -> (u16, Value) {
        let answer = self.send(&self.vendor(), Method::PATCH, &format!("/products/{sku}"), edit).await;
        (answer.status.as_u16(), answer.json())
    }

    async fn revisions(&self, sku: &str) -> Vec<Value> {
        let page = self.get(&self.admin(), &format!("/products/{sku}/revisions")).await.json();
        page["items"].as_array().expect("items").clone()
    }

    fn told(&self, verb: Verb) -> Vec<Event> {
        let view = self.store.read().expect("memory");
        let events = view::list::<Event>(view.as_ref(), &[], None, usize::MAX).expect("they decode");
        events.into_iter().filter(|event| event.verb == verb).collect()
    }

    fn open(&self, sku: &str) -> u64 {
        open_of(self.store.read().expect("memory").as_ref(), sku).expect("a count")
    }

    fn is_sound(&self) {
        let report = fsck::check(self.store.read().expect("memory").as_ref(), self.app.clock.now()).expect("memory");
        assert!(report.is_clean(), "{:#?}", report.findings);
    }

    async fn activate(&self, device: u8, code: &str) -> Option<Lease> {
        let message = Box::new(Device::new(device).activates(code));
        let command = Command::Activate { message, id: random::activation(), held: None };
        match self.app.send(Actor::system("activate"), command).await.expect("decided") {
            Outcome::Lease(lease) => Some(*lease),
            _ => None,
        }
    }
}

#[tokio::test]
async fn a55_a_product_is_a_set_of_features_that_are_licensed_together_and_has_revisions() {
    let world = World::new().await;
    let product = json!({"sku": "P", "name": "Press", "kinds": ["OBM"], "compat": "p", "features": ["ink", "paper"]});
    assert_eq!(world.send(&world.vendor(), Method::POST, "/products", product).await.status, 201);
    let (status, changed) = world.edit("P", json!({"features": ["ink", "foil"], "lease_term": 3600})).await;
    assert_eq!((status, &changed["features"], &changed["name"]), (200, &json!(["ink", "foil"]), &json!("Press")));
    let found = world.revisions("P").await;
    let of = |name: &str| found.iter().map(|one| one[name].clone()).collect::<Vec<_>>();
    assert_eq!(of("revision"), [1, 2]);
    let of = |name: &str| found.iter().map(|one| one["product"][name].clone()).collect::<Vec<_>>();
    assert_eq!(of("features"), [json!(["ink", "paper"]), json!(["ink", "foil"])]);
    assert_eq!(of("lease_term"), [json!(1_209_600), json!(3600)]);
    assert_eq!(
        (found[1]["product"]["sku"].as_str(), found[1]["since"].as_str()),
        (Some("P"), Some("2027-01-15T08:00:00Z"))
    );
    let events = world.told(Verb::ProductUpdated);
    let fact = events[0].facts.iter().find(|fact| fact.name == "features").expect("what changed");
    assert_eq!(fact.value, Said::Was(Some("ink, paper".into()), Some("ink, foil".into())));
    assert!(!events[0].facts.iter().any(|fact| fact.name == "edition"), "and nothing that did not");
    assert_eq!((events.len(), events[0].fact("revision")), (1, Some("2")));
    world.is_sound();
}

#[tokio::test]
async fn a55_what_artefacts_and_units_are_bound_to_never_changes_and_may_be_named_as_it_is() {
    let world = World::new().await;
    let product = json!({"sku": "P", "name": "Press", "kinds": ["OBM"], "compat": "p"});
    assert_eq!(world.send(&world.vendor(), Method::POST, "/products", product).await.status, 201);
    let before = world.store.rows();
    for (field, edit) in [
        ("sku", json!({"sku": "Q"})),
        ("compat", json!({"compat": "q"})),
        ("kinds", json!({"kinds": ["OBM", "VM"]})),
        ("kind", json!({"kind": "support"})),
        ("term", json!({"term": "days"})),
    ] {
        let (status, problem) = world.edit("P", edit).await;
        assert_eq!((status, problem["code"].as_str()), (409, Some("field_not_editable")), "{field}");
        assert!(problem["detail"].as_str().is_some_and(|detail| detail.starts_with(field)), "{problem}");
    }
    for (edit, code) in [
        (json!({"lease_term": 5}), "field_invalid"),
        (json!({"name": ""}), "field_invalid"),
        (json!({"term_days": 30}), "duration_required"),
        (json!({"colour": "red"}), "body_invalid"),
    ] {
        assert_eq!(world.edit("P", edit).await.1["code"].as_str(), Some(code));
    }
    assert_eq!(world.edit("NONE", json!({"name": "x"})).await.0, 404);
    let same = json!({"sku": "P", "compat": "p", "kinds": ["OBM"], "name": "Press"});
    assert_eq!(world.edit("P", same).await.0, 200);
    assert!(world.store.rows() == before, "nothing was changed, so there is no revision");
    assert_eq!(world.edit("P", json!({"min_version": "8.0"})).await.1["min_version"], json!("8.0"));
    assert_eq!(world.edit("P", json!({"min_version": null})).await.1["min_version"], json!(null));
    assert_eq!(world.revisions("P").await.len(), 3);
}

#[tokio::test]
async fn a55_no_product_is_edited_under_a_living_artefact() {
    let world = World::new().await;
    assert_eq!(world.open(SKU), 2, "a console and a licence file");
    let edit = || json!({"features": ["other"]});
    let before = world.store.rows();
    let (status, problem) = world.edit(SKU, edit()).await;
    assert_eq!((status, problem["code"].as_str()), (409, Some("licence_activated")));
    let detail = problem["detail"].as_str().expect("a detail");
    assert!(detail.contains("2 leases") && detail.contains("a new sku") && detail.contains("wait"), "{detail}");
    assert!(world.store.rows() == before);

    // The licence file comes back; the lease ends by itself, and is known to have ended once the job has looked.
    let back = Device::new(FILE_DEVICE).gives_back(world.ids.file, 1);
    assert_eq!(world.upload(&world.admin(), "/accounts/{account}/returns", &back).await.status, 200);
    assert_eq!((world.open(SKU), world.edit(SKU, edit()).await.0), (1, 409));
    let later = world.at(NOW.plus(15 * 86_400));
    assert_eq!(later.edit(SKU, edit()).await.0, 409, "nobody has looked yet");
    assert_eq!(later.send(&later.vendor(), Method::POST, "/jobs/lapse/run", json!(null)).await.status, 200);
    assert_eq!(later.open(SKU), 0);
    assert_eq!(later.edit(SKU, edit()).await.0, 200);
    later.is_sound();

    // What is licensed from now on is what the product is now, and it is in use again.
    let lease = later.activate(77, super::world::IDLE_KEY_CODE).await.expect("a lease");
    assert_eq!(lease.grant.features, ["other"]);
    assert_eq!((later.open(SKU), later.edit(SKU, json!({"features": []})).await.0), (1, 409));
    assert!(later.activate(78, KEY_CODE).await.is_some(), "another device takes the key over");
    assert_eq!(later.open(SKU), 2);
    later.is_sound();
}

#[tokio::test]
async fn a_count_of_open_activations_that_is_wrong_is_found() {
    let world = World::new().await;
    let put = |bytes: Option<[u8; 8]>| {
        let key = SKU.as_bytes();
        world.store.write(&mut |tx| match bytes {
            Some(bytes) => tx.put(Table::ProductOpen, key, &bytes),
            None => tx.delete(Table::ProductOpen, key),
        })
    };
    for wrong in [Some(3_u64.to_be_bytes()), Some(1_u64.to_be_bytes()), None] {
        put(wrong).expect("memory");
        let report = fsck::check(world.store.read().expect("memory").as_ref(), NOW).expect("memory");
        assert!(report.findings.iter().any(|one| one.subject.starts_with("product_open")), "{:?}", report.findings);
    }
    put(Some(2_u64.to_be_bytes())).expect("memory");
    world.is_sound();
}
