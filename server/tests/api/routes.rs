//! One row a route: how to call it for the target account, who may, and what an inactive account changes.

use super::device::{Device, FILE_DEVICE};
use super::world::World;
use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::http::{Method, Request};
use leasehold_protocol::armour::{self, Label};
use serde_json::{Value, json};

/// Who may call a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum May {
    /// Anybody, without a token.
    Everybody,
    /// Any token, about itself.
    Itself,
    /// Who reaches the target, as a viewer.
    View,
    /// As an operator.
    Operate,
    /// As an administrator.
    Administer,
    /// As an administrator of an account above.
    FromAbove,
    /// The same, to be told that the account is in use.
    FromAboveInVain,
    /// The vendor's administrators.
    Vendor,
    /// The account's owner and nobody else; no token.
    OwnerAlone,
    /// The same, to be told this.
    VendorInVain(u16, &'static str),
    /// Somebody who is signed in, about itself; no token.
    Person,
    /// Anybody, to be told this.
    Anybody(u16, &'static str),
}

/// Whether a call goes on while the target is inactive (I5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Inactive {
    GoesOn,
    Stops,
}

/// What is sent.
pub enum Sent {
    Nothing,
    Json(Value),
    File(Vec<u8>),
    Csv(&'static str),
}

pub struct Row {
    pub operation: &'static str,
    pub method: Method,
    pub path: &'static str,
    pub sent: Sent,
    pub may: May,
    pub inactive: Inactive,
}

impl Row {
    pub fn request(&self, world: &World, token: &str) -> Request<Body> {
        let request = world.request(token, self.method.clone(), self.path);
        let (media_type, body) = match &self.sent {
            Sent::Nothing => return request.body(Body::empty()).expect("a request"),
            Sent::Json(value) => ("application/json", world.path(&value.to_string()).into_bytes()),
            Sent::File(file) => ("text/plain", file.clone()),
            Sent::Csv(text) => ("text/csv", text.as_bytes().to_vec()),
        };
        request.header(CONTENT_TYPE, media_type).body(body.into()).expect("a request")
    }
}

pub fn get(operation: &'static str, path: &'static str, may: May) -> Row {
    Row { operation, method: Method::GET, path, sent: Sent::Nothing, may, inactive: Inactive::GoesOn }
}

pub fn act(operation: &'static str, method: Method, path: &'static str, may: May, inactive: Inactive) -> Row {
    Row { operation, method, path, sent: Sent::Nothing, may, inactive }
}

pub fn send(
    operation: &'static str,
    method: Method,
    path: &'static str,
    body: Value,
    may: May,
    inactive: Inactive,
) -> Row {
    Row { operation, method, path, sent: Sent::Json(body), may, inactive }
}

/// Every route.
pub fn rows(world: &World) -> Vec<Row> {
    use Inactive::{GoesOn, Stops};
    use May::{Administer, Everybody, FromAbove, FromAboveInVain, Itself, Operate, Vendor, VendorInVain, View};
    let (post, put) = (|| Method::POST, || Method::PUT);
    let bulk = |action: &str, id: &str| json!({"action": action, "ids": [id]});
    let set = |name: &str, number: u32| json!({"values": {name: number}});
    let quota = |count: u32| json!({"units": {"OBM": count}});
    let account = json!({"parent": "{account}", "kind": "end_customer", "name": "New"});
    let product = json!({"sku": "NEW", "name": "New", "kinds": ["OBM"], "compat": "new"});
    let order = json!({"entitlement": "SO-2", "lines": [{"product": "{sku}", "units": {"OBM": 1}}]});
    let pool = json!({"name": "New", "product": "{sku}"});
    let to_child = json!({"account": "{child}", "units": {"OBM": 5}});
    let token = json!({"name": "new", "role": "viewer"});
    let file = |file| Sent::File(file);
    let back = Device::new(FILE_DEVICE).gives_back(world.ids.file, 1);
    let mut rows = vec![
        get("openapi", "/openapi.json", Everybody),
        get("whoami", "/whoami", Itself),
        get("list_accounts", "/accounts", Itself),
        get("list_products", "/products", Itself),
        get("show_product", "/products/{sku}", Itself),
        get("show_account", "/accounts/{account}", View),
        get("list_children", "/accounts/{account}/children", View),
        get("show_overview", "/accounts/{account}/overview", View),
        get("list_lots", "/accounts/{account}/lots", View),
        get("show_lot", "/lots/{lot}", View),
        get("list_pools", "/accounts/{account}/pools", View),
        get("show_pool", "/pools/{pool}", View),
        get("list_account_keys", "/accounts/{account}/keys", View),
        get("list_keys", "/pools/{pool}/keys", View),
        get("show_key", "/keys/{key}", View),
        get("list_key_activations", "/keys/{key}/activations", View),
        get("list_activations", "/accounts/{account}/activations", View),
        get("show_activation", "/activations/{activation}", View),
        get("list_devices", "/accounts/{account}/devices", View),
        get("list_requests", "/accounts/{account}/requests", View),
        get("download_license", "/accounts/{account}/requests/{request}", View),
        get("list_events", "/accounts/{account}/events", View),
        get("list_tokens", "/accounts/{account}/tokens", Administer),
        get("report_usage", "/accounts/{account}/reports/usage", View),
        get("report_expiring", "/accounts/{account}/reports/expiring", View),
        get("report_low_pools", "/accounts/{account}/reports/low-pools", View),
        get("report_silent", "/accounts/{account}/reports/silent", View),
        get("list_jobs", "/jobs", Vendor),
        act("run_job", post(), "/jobs/lapse/run", Vendor, GoesOn),
        send("create_account", post(), "/accounts", account, Administer, Stops),
        send("update_account", Method::PATCH, "/accounts/{account}", json!({"notes": "n"}), FromAbove, GoesOn),
        act("delete_account", Method::DELETE, "/accounts/{account}", FromAboveInVain, GoesOn),
        send("set_enrolment_code", put(), "/accounts/{account}/enrolment-code", json!({}), Administer, Stops),
        act("drop_enrolment_code", Method::DELETE, "/accounts/{account}/enrolment-code", Administer, GoesOn),
        act("deactivate_account", post(), "/accounts/{account}/deactivate", FromAbove, GoesOn),
        act("reactivate_account", post(), "/accounts/{account}/reactivate", FromAbove, GoesOn),
        send("create_product", post(), "/products", product, Vendor, GoesOn),
        send("create_order", post(), "/accounts/{account}/orders", order, Vendor, Stops),
        send("retire_units", post(), "/lots/{lot}/retire", quota(1), Vendor, GoesOn),
        send("convert_lot", post(), "/lots/{lot}/convert", json!({}), Operate, Stops),
        send("create_pool", post(), "/accounts/{account}/pools", pool, Operate, Stops),
        send("set_pool_quota", put(), "/pools/{pool}/quota", quota(50), Operate, Stops),
        send("move_units", post(), "/pools/{pool}/moves", to_child, Operate, Stops),
        send("create_key", post(), "/pools/{pool}/keys", json!({"name": "new", "quota": {"OBM": 1}}), Operate, Stops),
        send("set_key_quota", put(), "/keys/{key}/quota", quota(3), Operate, GoesOn),
        act("stop_key", post(), "/keys/{key}/stop", Operate, GoesOn),
        act("resume_key", post(), "/keys/{key}/resume", Operate, GoesOn),
        act("delete_key", Method::DELETE, "/keys/{idle}", Operate, GoesOn),
        Row {
            sent: file(Device::new(50).asks(1, 2)),
            ..act("answer_request", post(), "/accounts/{account}/requests", View, Stops)
        },
        Row { sent: file(back), ..act("take_return", post(), "/accounts/{account}/returns", View, GoesOn) },
        send("create_token", post(), "/accounts/{account}/tokens", token, Administer, Stops),
        Row {
            sent: Sent::Csv("name,kind\nImported,end_customer\n"),
            ..act("import_accounts", post(), "/accounts/{account}/import", Administer, Stops)
        },
        Row {
            sent: Sent::Csv("email,role\nnew@example.com,operator\n"),
            ..act("import_members", post(), "/accounts/{account}/members/import", Administer, Stops)
        },
        send("bulk_accounts", post(), "/accounts/bulk", bulk("deactivate", "{child}"), Itself, GoesOn),
        send("bulk_keys", post(), "/keys/bulk", bulk("stop", "{key}"), Itself, GoesOn),
        send("bulk_tokens", post(), "/tokens/bulk", bulk("revoke", "{token}"), Itself, GoesOn),
        get("show_settings", "/settings", Itself),
        send("change_settings", Method::PATCH, "/settings", set("session_hours", 8), Vendor, GoesOn),
        get("show_account_settings", "/accounts/{account}/settings", View),
        send(
            "change_account_settings",
            Method::PATCH,
            "/accounts/{account}/settings",
            set("token_days_max", 90),
            Administer,
            GoesOn,
        ),
        get("show_pool_settings", "/pools/{pool}/settings", View),
        send(
            "change_pool_settings",
            Method::PATCH,
            "/pools/{pool}/settings",
            json!({"values": {"free_on": "expiry"}}),
            Operate,
            Stops,
        ),
        act("revoke_token", Method::DELETE, "/tokens/{token}", Administer, GoesOn),
        send(
            "update_device",
            Method::PATCH,
            "/accounts/{account}/devices/{device}",
            json!({"name": "till 4"}),
            Operate,
            GoesOn,
        ),
        get("show_device_life", "/accounts/{account}/devices/{device}/life", View),
        get("list_waiting_devices", "/accounts/{account}/waiting-devices", View),
        act("turn_away_device", Method::DELETE, "/accounts/{account}/waiting-devices/{waiting}", Operate, GoesOn),
        send(
            "license_waiting_device",
            post(),
            "/accounts/{account}/waiting-devices/{waiting}/license",
            json!({"key": "{idle}"}),
            Operate,
            Stops,
        ),
        Row {
            sent: file(Device::new(50).asks(1, 2)),
            ..act("preview_request", post(), "/accounts/{account}/requests/preview", View, GoesOn)
        },
    ];
    rows.extend(super::people::rows::rows());
    rows.extend(super::shared::rows::rows());
    rows.extend(super::lines::rows::rows());
    rows.extend(super::licenses::rows::rows());
    let keyset = armour::wrap(Label::Keyset, world.app.keyring.load().keyset_bytes()).into_bytes();
    let edit = json!({"name": "New"});
    rows.extend([
        get("show_signing_keys", "/signing-keys", Vendor),
        act("use_signing_key", post(), "/signing-keys/{kid}/use", Vendor, GoesOn),
        Row {
            sent: Sent::File(keyset),
            ..act("import_keyset", put(), "/keyset", VendorInVain(409, "keyset_not_newer"), GoesOn)
        },
        get("list_revisions", "/products/{sku}/revisions", Itself),
        send("update_product", Method::PATCH, "/products/{sku}", edit, VendorInVain(409, "licence_activated"), GoesOn),
        get("show_order", "/orders/SO-1", View),
        get("list_orders", "/accounts/{account}/orders", View),
        Row {
            sent: Sent::Csv("entitlement,sku,units\nSO-9,OBM-STD,OBM=1\n"),
            ..act("import_orders", post(), "/accounts/{account}/orders/import", Vendor, Stops)
        },
    ]);
    rows
}
