//! A small world: a vendor, a reseller with two resellers below it, one of them (the target) with a customer, and a stranger.

use super::build;
use super::device::{Device, LEASE_DEVICE, WAITING_DEVICE};
use axum::body::{Body, Bytes};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::BodyExt;
use leasehold::admin;
use leasehold::admin::auth::Origin;
use leasehold::app::App;
use leasehold::clock::Clock;
use leasehold::identity::{Identity, hashing};
use leasehold::init::{self, Plan};
use leasehold::keyring::{FOLDER, Keyring};
use leasehold::metrics::Metrics;
use leasehold::net::limit::Limits;
use leasehold::writer::Writer;
use leasehold::writer::batch::Decider;
use leasehold_ledger::actor::Role;
use leasehold_ledger::memory::MemoryStore;
use leasehold_ledger::record::*;
use leasehold_ledger::store::Store;
use leasehold_protocol::{ActivationId, Digest, Time, Units};
use serde_json::{Value, json};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, OnceLock};
use tower::ServiceExt;

pub const NOW: Time = Time(1_800_000_000);
pub const SKU: &str = "OBM-STD";
pub const KEY_CODE: &str = "AAAA-BBBB-CCCC-3333";
pub const IDLE_KEY_CODE: &str = "AAAA-BBBB-CCCC-4444";

pub fn units(count: u32) -> Units {
    Units::of("OBM", count).expect("a good kind")
}

/// Who calls, seen from the target account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Relation {
    Top,
    Above,
    Own,
    Below,
    Beside,
    Far,
}

impl Relation {
    pub const ALL: [Relation; 6] =
        [Relation::Top, Relation::Above, Relation::Own, Relation::Below, Relation::Beside, Relation::Far];

    pub fn reaches(self) -> bool {
        matches!(self, Relation::Top | Relation::Above | Relation::Own)
    }
}

pub const ROLES: [Role; 3] = [Role::Viewer, Role::Operator, Role::Admin];

/// Ids of what the tests speak of; all of it is the target account's.
#[derive(Debug, Clone)]
pub struct Ids {
    pub accounts: Vec<(Relation, AccountId)>,
    pub tokens: Vec<(Relation, Role, String)>,
    pub lot: HoldingId,
    pub file_lot: HoldingId,
    pub pool: HoldingId,
    pub key: KeyId,
    pub idle_key: KeyId,
    pub token: TokenId,
    pub member: UserId,
    pub disabled: UserId,
    pub activation: ActivationId,
    pub request: Digest,
    pub file: ActivationId,
    pub seat: KeyId,
    /// Credits for a year each, an activation key, and a licence under it that no device has.
    pub credits: HoldingId,
    pub named: KeyId,
    pub license: HoldingId,
}

impl Ids {
    pub fn account(&self, relation: Relation) -> AccountId {
        self.accounts.iter().find(|(one, _)| *one == relation).expect("in the world").1
    }

    pub fn token(&self, relation: Relation, role: Role) -> &str {
        let mut tokens = self.tokens.iter();
        &tokens.find(|(one, as_what, _)| (*one, *as_what) == (relation, role)).expect("in the world").2
    }
}

pub struct World {
    pub app: Arc<App>,
    pub store: Arc<MemoryStore>,
    pub ids: Ids,
}

pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub bytes: Bytes,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).expect("JSON")
    }

    pub fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or_default().to_owned()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

impl World {
    /// The world, built once and copied.
    pub async fn new() -> Self {
        static BUILT: tokio::sync::OnceCell<(Arc<MemoryStore>, Ids)> = tokio::sync::OnceCell::const_new();
        let (store, ids) = BUILT.get_or_init(build::build).await;
        Self::over(copy(store), ids.clone(), NOW)
    }

    /// The same world later.
    pub fn at(&self, now: Time) -> Self {
        Self::over(self.store.clone(), self.ids.clone(), now)
    }

    pub fn fork(&self) -> Self {
        Self::over(copy(&self.store), self.ids.clone(), NOW)
    }

    fn over(store: Arc<MemoryStore>, ids: Ids, now: Time) -> Self {
        Self { app: app(store.clone(), now), store, ids }
    }

    /// The path with the target's ids in it.
    pub fn path(&self, template: &str) -> String {
        let ids = &self.ids;
        let names = [
            ("{account}", ids.account(Relation::Own).to_string()),
            ("{lot}", ids.lot.to_string()),
            ("{pool}", ids.pool.to_string()),
            ("{key}", ids.key.to_string()),
            ("{idle}", ids.idle_key.to_string()),
            ("{token}", ids.token.to_string()),
            ("{member}", ids.member.to_string()),
            ("{disabled}", ids.disabled.to_string()),
            ("{activation}", ids.activation.to_string()),
            ("{request}", ids.request.to_string()),
            ("{child}", ids.account(Relation::Below).to_string()),
            ("{sku}", SKU.to_owned()),
            ("{seat}", ids.seat.to_string()),
            ("{holding}", ids.file_lot.to_string()),
            ("{credits}", ids.credits.to_string()),
            ("{named}", ids.named.to_string()),
            ("{license}", ids.license.to_string()),
            ("{device}", Device::new(LEASE_DEVICE).id()),
            ("{waiting}", Device::new(WAITING_DEVICE).id()),
            ("{kid}", self.app.keyring.load().in_use().0.to_string()),
        ];
        names.iter().fold(template.to_owned(), |path, (name, id)| path.replace(name, id))
    }

    pub async fn raw(&self, request: Request<Body>) -> Answer {
        let response = admin::router(self.app.clone()).oneshot(request).await.expect("infallible");
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.expect("in memory").to_bytes();
        Answer { status: parts.status, headers: parts.headers, bytes }
    }

    pub fn request(&self, token: &str, method: Method, path: &str) -> axum::http::request::Builder {
        let path = format!("/api/v1{}", self.path(path));
        let origin = Origin::Address(IpAddr::V4(Ipv4Addr::LOCALHOST));
        let request = Request::builder().method(method).uri(path).extension(origin);
        request.header(AUTHORIZATION, format!("Bearer {token}"))
    }

    pub async fn get(&self, token: &str, path: &str) -> Answer {
        self.raw(self.request(token, Method::GET, path).body(Body::empty()).expect("a request")).await
    }

    pub async fn send(&self, token: &str, method: Method, path: &str, body: Value) -> Answer {
        let request = self.request(token, method, path).header(CONTENT_TYPE, "application/json");
        self.raw(request.body(self.path(&body.to_string()).into()).expect("a request")).await
    }

    pub async fn upload(&self, token: &str, path: &str, file: &[u8]) -> Answer {
        let request = self.request(token, Method::POST, path).header(CONTENT_TYPE, "text/plain");
        self.raw(request.body(file.to_vec().into()).expect("a request")).await
    }

    pub fn vendor(&self) -> String {
        self.ids.token(Relation::Top, Role::Admin).to_owned()
    }

    pub fn admin(&self) -> String {
        self.ids.token(Relation::Own, Role::Admin).to_owned()
    }
}

fn copy(store: &MemoryStore) -> Arc<MemoryStore> {
    let copy = MemoryStore::new();
    let fill = |tx: &mut dyn leasehold_ledger::store::Write| {
        store.rows().iter().try_for_each(|(table, key, value)| tx.put(*table, key, value))
    };
    copy.write(&mut |tx| fill(tx)).expect("memory");
    Arc::new(copy)
}

fn keyring() -> Arc<arc_swap::ArcSwap<Keyring>> {
    static KEYRING: OnceLock<Arc<arc_swap::ArcSwap<Keyring>>> = OnceLock::new();
    let made = KEYRING.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let plan =
            Plan { data: folder.path(), iss: "vendor.test", vendor: "Vendor", passphrase: None, demo_root: true };
        init::init(&plan, Clock::Fixed(NOW)).expect("keys");
        let keyring = Keyring::read(&folder.path().join(FOLDER), "vendor.test", None, NOW);
        Arc::new(arc_swap::ArcSwap::from_pointee(keyring.expect("keys")))
    });
    made.clone()
}

pub fn app(store: Arc<MemoryStore>, now: Time) -> Arc<App> {
    let (clock, metrics) = (Clock::Fixed(now), Arc::new(Metrics::new()));
    let decider = Decider { store: store.clone(), keyring: keyring(), clock, metrics: metrics.clone() };
    Arc::new(App {
        data: "/nowhere".into(),
        store,
        writer: Writer::start(decider, |_| ()).expect("a thread"),
        keyring: keyring(),
        clock,
        metrics,
        limits: Limits::new(),
        identity: Identity::new(hashing::CHEAP),
        ready: AtomicBool::new(true),
        in_flight: Default::default(),
    })
}

/// A body for a new account below the target.
pub fn new_account(name: &str) -> Value {
    json!({"parent": "{account}", "kind": "end_customer", "name": name})
}
