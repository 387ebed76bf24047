//! Whole requests to the API, through its router, over a store in memory that keeps what they do.
//!
//! An input is a request as it would be typed: `METHOD path`, header lines, an empty line, the body. Any answer is good but a
//! failure: no 500, no writer that stopped, and every error a problem document with a stable code.

use crate::storm::Met;
use crate::world::{Answer, World};
use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Method, Request, Uri, header::AUTHORIZATION};
use leasehold::admin::auth::Origin;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::OnceLock;
use tokio::runtime::{Builder, Runtime};

fn stage() -> &'static (Runtime, World) {
    static STAGE: OnceLock<(Runtime, World)> = OnceLock::new();
    STAGE.get_or_init(|| {
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
        let world = runtime.block_on(World::new());
        (runtime, world)
    })
}

/// The requests to begin with: one of every shape, with the world's ids.
pub fn requests() -> Vec<Vec<u8>> {
    let json = "Content-Type: application/json\n";
    let of = |head: &str, body: &str| stage().1.path(&format!("{head}\n{json}\n{body}")).into_bytes();
    let get = |path: &str| stage().1.path(&format!("GET /api/v1{path}\n\n")).into_bytes();
    let file = |path: &str, file: &str| {
        stage().1.path(&format!("POST /api/v1{path}\nContent-Type: text/plain; charset=utf-8\n\n{file}")).into_bytes()
    };
    let request = include_str!("../../../fixtures/vectors/armour-accepted-request");
    let request = request.split_once("\n\n").expect("a vector").1;
    vec![
        get("/whoami"),
        get("/accounts?limit=2&cursor=AZCk"),
        get("/accounts/{account}/overview"),
        get("/accounts/{account}/events?limit=500"),
        get("/products/{sku}"),
        get("/activations/{activation}"),
        get("/accounts/{account}/requests/{request}"),
        get("/keys/{key}/activations?cursor=AAAA"),
        of(
            "POST /api/v1/accounts",
            r#"{"parent": "{account}", "kind": "end_customer", "name": "N", "email": null,
  "notes": "x", "key_prefix": "N-1", "products": ["{sku}"], "may_create_customers": false}"#,
        ),
        of("PATCH /api/v1/accounts/{account}", r#"{"name": "Other", "email": "a@b.test", "products": null}"#),
        of(
            "POST /api/v1/products",
            r#"{"sku": "NEW-1", "name": "New", "kinds": ["OBM", "VM"], "compat": "new", "min_version": "9.1",
  "features": ["a"], "lease_term": 1209600, "offline": true}"#,
        ),
        of(
            "POST /api/v1/accounts/{account}/orders",
            r#"{"entitlement": "SO-1", "reference": "PO", "lines": [{"product": "{sku}", "units": {"OBM": 10},
  "expires": "2027-01-31T12:00:00Z", "free_upgrade_until": "2027-01-31", "free_on": "fetch"}]}"#,
        ),
        of("POST /api/v1/accounts/{account}/pools", r#"{"name": "Pool", "product": "{sku}", "free_on": "expiry"}"#),
        of("PUT /api/v1/pools/{pool}/quota", r#"{"units": {"OBM": 3}}"#),
        of("POST /api/v1/pools/{pool}/keys", r#"{"name": "K-1", "quota": {"OBM": 1}, "code": "AAAA-BBBB-CCCC-9999"}"#),
        of("POST /api/v1/pools/{pool}/moves", r#"{"account": "{child}", "units": {"OBM": 1}, "name": "There"}"#),
        of("PUT /api/v1/keys/{key}/quota", r#"{"units": {"OBM": 2}}"#),
        of("POST /api/v1/lots/{lot}/convert", r#"{"force": true}"#),
        of("POST /api/v1/lots/{lot}/retire", r#"{"units": {"OBM": 1}}"#),
        of(
            "POST /api/v1/accounts/{account}/tokens",
            r#"{"name": "t", "role": "viewer", "expires": "2030-01-01T00:00:00Z"}"#,
        ),
        file("/accounts/{account}/requests", request),
        file("/accounts/{account}/returns", request),
    ]
}

/// A request, typed.
pub fn api(bytes: &[u8]) -> Met {
    let Some(request) = parsed(bytes) else { return Met::Refused };
    let (runtime, world) = stage();
    let Answer { status, bytes, .. } = runtime.block_on(world.raw(request));
    if status.is_success() {
        return Met::Accepted;
    }
    let problem: serde_json::Value = serde_json::from_slice(&bytes).expect("every error is a problem document");
    assert!(problem["code"].as_str().is_some_and(|code| !["", "failed", "stopped"].contains(&code)), "{problem}");
    assert_eq!(problem["status"], status.as_u16());
    assert!(status.is_client_error(), "{problem}");
    Met::Refused
}

fn parsed(bytes: &[u8]) -> Option<Request<Body>> {
    let end = bytes.windows(2).position(|pair| pair == b"\n\n")?;
    let mut lines = bytes[..end].split(|byte| *byte == b'\n');
    let (method, path) = std::str::from_utf8(lines.next()?).ok()?.split_once(' ')?;
    let mut request = Request::builder()
        .method(Method::from_bytes(method.as_bytes()).ok()?)
        .uri(path.parse::<Uri>().ok()?)
        .extension(Origin::Address(IpAddr::V4(Ipv4Addr::LOCALHOST)))
        .body(Body::from(bytes[end + 2..].to_vec()))
        .ok()?;
    let token = format!("Bearer {}", stage().1.vendor());
    request.headers_mut().insert(AUTHORIZATION, HeaderValue::from_str(&token).ok()?);
    for line in lines {
        let colon = line.iter().position(|byte| *byte == b':')?;
        let name = HeaderName::from_bytes(&line[..colon]).ok()?;
        request.headers_mut().insert(name, HeaderValue::from_bytes(line[colon + 1..].trim_ascii()).ok()?);
    }
    Some(request)
}
