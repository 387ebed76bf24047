//! One row a route about licences.

use crate::routes::{Inactive, May, Row, act, get, send};
use axum::http::Method;
use serde_json::json;

/// Every route about activation keys and licences.
pub fn rows() -> Vec<Row> {
    use Inactive::{GoesOn, Stops};
    use May::{Itself, Operate, View};
    let (post, patch, delete) = (|| Method::POST, || Method::PATCH, || Method::DELETE);
    let license = json!({"pool": "{credits}", "units": {"users": 1}, "email": "a@mail.example"});
    vec![
        get("list_activation_keys", "/accounts/{account}/activation-keys", View),
        send(
            "create_activation_key",
            post(),
            "/accounts/{account}/activation-keys",
            json!({"name": "New"}),
            Operate,
            Stops,
        ),
        send("make_license", post(), "/keys/{named}/licenses", license, Operate, Stops),
        get("list_licenses", "/licenses", Itself),
        get("show_license", "/licenses/{license}", View),
        send("edit_license", patch(), "/licenses/{license}", json!({"comment": "desk 5"}), Operate, GoesOn),
        act("delete_license", delete(), "/licenses/{license}", Operate, GoesOn),
        send("upgrade_license", post(), "/licenses/{license}/upgrade", json!({"units": {"users": 3}}), Operate, Stops),
        act("extend_license", post(), "/licenses/{license}/extend", Operate, Stops),
    ]
}
