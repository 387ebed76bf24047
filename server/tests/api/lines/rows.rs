//! Rows of the routes about lines and devices that are elsewhere.

use crate::routes::{Inactive::*, May::*, Row, act, get, send};
use axum::http::Method;
use serde_json::json;

pub fn rows() -> Vec<Row> {
    let post = || Method::POST;
    let to_child = json!({"account": "{child}", "units": {"OBM": 5}});
    let reserve = json!({"product": "{sku}", "units": {"OBM": 2}});
    vec![
        get("list_line_items", "/accounts/{account}/line-items", View),
        send("transfer_line", post(), "/lots/{lot}/transfers", to_child, Operate, Stops),
        get("preview_conversion", "/lots/{lot}/conversion", View),
        act("stop_activation", post(), "/activations/{activation}/stop", Operate, GoesOn),
        act("resume_activation", post(), "/activations/{activation}/resume", Operate, GoesOn),
        act("rehost_activation", post(), "/activations/{activation}/rehost", Operate, Stops),
        get("list_reserves", "/accounts/{account}/reserves", View),
        send("mint_reserve", post(), "/accounts/{account}/reserves", reserve, Vendor, Stops),
    ]
}
