//! One row for each route about what an organisation shares.

use super::stage::PERMISSION_CODE;
use crate::routes::Inactive::{GoesOn, Stops};
use crate::routes::May::{Operate, OwnerAlone, Person, View};
use crate::routes::{Row, act, get, send};
use axum::http::Method;
use serde_json::json;

pub fn rows() -> Vec<Row> {
    let post = || Method::POST;
    let key = json!({"key": PERMISSION_CODE});
    vec![
        get("list_account_products", "/accounts/{account}/products", View),
        send("preview_redemption", post(), "/accounts/{account}/redemptions/preview", key.clone(), Operate, GoesOn),
        send("redeem_key", post(), "/accounts/{account}/redemptions", key, Operate, Stops),
        get("list_seats", "/holdings/{lot}/seats", View),
        send("grant_seat", post(), "/holdings/{lot}/seats", json!({"user": "{member}"}), Operate, Stops),
        act("take_seat_back", Method::DELETE, "/seats/{seat}", Operate, GoesOn),
        send("open_flex", post(), "/holdings/{lot}/flex", json!({}), OwnerAlone, GoesOn),
        get("list_own_seats", "/profile/seats", Person),
    ]
}
