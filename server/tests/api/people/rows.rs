//! One row for each route about people.

use crate::routes::Inactive::{GoesOn, Stops};
use crate::routes::May::{Administer, Anybody, Everybody, FromAbove, Itself, Person, View};
use crate::routes::{Row, act, get, send};
use axum::http::Method;
use serde_json::json;

/// Every route about people. Links and passwords in them are nobody's: what good ones do stands in the other files.
pub fn rows() -> Vec<Row> {
    let post = || Method::POST;
    let patch = || Method::PATCH;
    let delete = || Method::DELETE;
    let no_link = Anybody(409, "link_invalid");
    let link = json!({"link": "ll_nobody", "password": "plain otters read lamps"});
    let sign_in = json!({"identifier": "nobody", "password": "x"});
    let half = json!({"second_factor": "l2_nobody", "code": "123456"});
    let change = json!({"old_password": "x", "password": "plain otters read lamps"});
    let user = |name: &str| json!({"email": format!("{name}@mail.example"), "role": "viewer"});
    let with_user = json!({
        "account": {"parent": "{account}", "kind": "end_customer", "name": "New with user"}, "user": user("first"),
    });
    let role = json!({"role": "operator"});
    let several = json!({"users": ["{member}"]});
    let invited = json!({"emails": "invited@mail.example", "role": "viewer"});
    let one = json!({"user": "{member}"});
    let organisation = json!({"name": "New", "permission_key": "AAAA-AAAA-AAAA-AAAA"});
    vec![
        send("open_session", post(), "/sessions", sign_in, Anybody(401, "sign_in_failed"), GoesOn),
        send(
            "pass_second_factor",
            post(),
            "/sessions/second-factor",
            half,
            Anybody(401, "second_factor_invalid"),
            GoesOn,
        ),
        get("list_sessions", "/sessions", Person),
        act("close_sessions", delete(), "/sessions", Person, GoesOn),
        act("close_session", delete(), "/sessions/{member}", Person, GoesOn),
        send("forgot_password", post(), "/password/forgot", json!({"identifier": "nobody"}), Everybody, GoesOn),
        send("set_password", post(), "/password/set", link, no_link, GoesOn),
        send("change_password", post(), "/password/change", change, Person, GoesOn),
        get("random_password", "/password/random", Itself),
        get("show_profile", "/profile", Person),
        send("update_profile", patch(), "/profile", json!({"phone": "1"}), Person, GoesOn),
        send("request_email", post(), "/profile/email", json!({"email": "x@mail.example"}), Person, GoesOn),
        send("confirm_email", post(), "/profile/email/confirm", json!({"link": "ll_nobody"}), no_link, GoesOn),
        act("start_totp", post(), "/profile/totp", Person, GoesOn),
        act("drop_totp", delete(), "/profile/totp", Person, GoesOn),
        send("confirm_totp", post(), "/profile/totp/confirm", json!({"code": "123456"}), Person, GoesOn),
        get("list_users", "/users?account={account}", View),
        send("create_user", post(), "/users?account={account}", user("new"), Administer, Stops),
        send("create_account_with_user", post(), "/accounts/with-user", with_user, Administer, Stops),
        get("show_user", "/users/{member}", View),
        send("update_user", patch(), "/users/{member}", json!({"phone": "1"}), Administer, GoesOn),
        act("lock_user", post(), "/users/{member}/lock", Administer, GoesOn),
        act("unlock_user", post(), "/users/{member}/unlock", Administer, GoesOn),
        act("reset_password", post(), "/users/{member}/reset-password", Administer, GoesOn),
        act("drop_user_totp", delete(), "/users/{member}/totp", Administer, GoesOn),
        get("list_members", "/accounts/{account}/members", View),
        send("update_member", patch(), "/accounts/{account}/members/{member}", role, Administer, GoesOn),
        act("disable_member", post(), "/accounts/{account}/members/{member}/disable", Administer, GoesOn),
        act("enable_member", post(), "/accounts/{account}/members/{disabled}/enable", Administer, Stops),
        act("remove_member", post(), "/accounts/{account}/members/{member}/remove", Administer, GoesOn),
        send("remove_members", post(), "/accounts/{account}/members/remove", several, Administer, GoesOn),
        send("invite_members", post(), "/accounts/{account}/invitations", invited, Administer, Stops),
        send("confirm_invitation", post(), "/invitations/confirm", json!({"link": "ll_nobody"}), no_link, GoesOn),
        send("name_co_admin", Method::PUT, "/accounts/{account}/co-admin", one.clone(), FromAbove, GoesOn),
        send("hand_over", post(), "/accounts/{account}/hand-over", one, FromAbove, GoesOn),
        send("create_organisation", post(), "/organisations", organisation, Person, GoesOn),
    ]
}
