//! Settings: what they are, who changes them, what they do, and what is written about it.

use super::world::{NOW, World};
use axum::http::Method;
use leasehold_ledger::actor::Role;
use leasehold_ledger::rule::setting::{SETTINGS, link_life, session_life};
use leasehold_ledger::store::Store;
use leasehold_protocol::time::DAY;
use serde_json::{Value, json};

async fn change(world: &World, token: &str, path: &str, values: Value) -> super::world::Answer {
    world.send(token, Method::PATCH, path, json!({ "values": values })).await
}

fn value<'a>(answer: &'a Value, name: &str) -> &'a Value {
    let items = answer["items"].as_array().expect("items");
    items.iter().find(|item| item["name"] == name).unwrap_or_else(|| panic!("{name} in {answer}"))
}

#[tokio::test]
async fn every_setting_of_the_table_is_shown_once_with_its_default() {
    let world = World::new().await;
    let mut shown = 0;
    for path in ["/settings", "/accounts/{account}/settings", "/pools/{pool}/settings"] {
        for item in world.get(&world.vendor(), path).await.json()["items"].as_array().expect("items") {
            let known = SETTINGS.iter().find(|one| item["name"] == one.name).expect("in the table");
            assert_eq!(item["about"], known.about);
            assert!(
                item["is_set"] == false && item["value"] == item["default"] || path.starts_with("/pools"),
                "{item}"
            );
            shown += 1;
        }
    }
    assert_eq!(shown, SETTINGS.len());
}

#[tokio::test]
async fn a_change_is_one_event_with_before_and_after_and_null_is_the_default_again() {
    let world = World::new().await;
    let events = async || world.get(&world.vendor(), "/accounts?limit=1").await.json()["items"][0]["id"].clone();
    let vendor = events().await.as_str().expect("an id").to_owned();
    let newest = async || {
        world.get(&world.vendor(), &format!("/accounts/{vendor}/events?limit=1")).await.json()["items"][0].clone()
    };
    let changed = change(&world, &world.vendor(), "/settings", json!({"session_hours": 8, "link_hours": 2})).await;
    assert_eq!(changed.status, 200, "{:?}", changed.bytes);
    assert_eq!(value(&changed.json(), "session_hours")["value"], 8);
    let first = newest().await;
    assert_eq!(first["verb"], "settings_changed");
    let text = first.to_string();
    assert!(text.contains("session_hours") && text.contains("link_hours") && text.contains("12"), "{text}");
    change(&world, &world.vendor(), "/settings", json!({"session_hours": 8})).await;
    assert_eq!(newest().await["number"], first["number"], "nothing changed, nothing is written");
    let back = change(&world, &world.vendor(), "/settings", json!({"session_hours": null})).await.json();
    assert_eq!(
        (&value(&back, "session_hours")["value"], &value(&back, "session_hours")["is_set"]),
        (&json!(12), &json!(false))
    );
    assert_eq!(value(&back, "link_hours")["value"], 2, "what is not named stays");
}

#[tokio::test]
async fn a_value_that_is_not_possible_changes_nothing() {
    let world = World::new().await;
    let before = world.store.rows();
    for (path, values) in [
        ("/settings", json!({"session_hours": 0})),
        ("/settings", json!({"session_hours": 169})),
        ("/settings", json!({"session_hours": "long"})),
        ("/settings", json!({"session_hours": 8, "token_days_max": 5})),
        ("/settings", json!({"colour": 1})),
        ("/accounts/{account}/settings", json!({"session_hours": 8})),
        ("/pools/{pool}/settings", json!({"free_on": "never"})),
        ("/pools/{pool}/settings", json!({"free_on": null})),
    ] {
        let answer = change(&world, &world.vendor(), path, values.clone()).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (422, "field_invalid"), "{path} {values}");
    }
    assert!(world.store.rows() == before);
}

#[tokio::test]
async fn session_hours_is_how_long_a_session_lives() {
    let world = World::new().await;
    let life = || session_life(world.store.read().expect("memory").as_ref()).expect("memory");
    assert_eq!(life(), 12 * 3600);
    change(&world, &world.vendor(), "/settings", json!({"session_hours": 3})).await;
    assert_eq!(life(), 3 * 3600);
}

#[tokio::test]
async fn token_days_max_holds_for_the_account_and_all_below_it() {
    let world = World::new().await;
    let above = world.ids.account(super::world::Relation::Above);
    let path = format!("/accounts/{above}/settings");
    assert_eq!(change(&world, &world.vendor(), &path, json!({"token_days_max": 30})).await.status, 200);
    assert_eq!(
        change(&world, &world.admin(), "/accounts/{account}/settings", json!({"token_days_max": 90})).await.status,
        200
    );
    let make = async |days: Option<i64>| {
        let expires = days.map(|days| NOW.plus(days * DAY).to_string());
        let token = json!({"name": "t", "role": "viewer", "expires": expires});
        world.send(&world.admin(), Method::POST, "/accounts/{account}/tokens", token).await.status.as_u16()
    };
    assert_eq!((make(None).await, make(Some(31)).await, make(Some(30)).await), (422, 422, 201));
    let stranger = world.ids.account(super::world::Relation::Far);
    let free = json!({"name": "t", "role": "viewer"});
    assert_eq!(
        world.send(&world.vendor(), Method::POST, &format!("/accounts/{stranger}/tokens"), free).await.status,
        201
    );
}

#[tokio::test]
async fn h37_free_on_of_a_pool_is_that_of_the_keys_made_from_then_on() {
    let world = World::new().await;
    let free_on = |id: &str| {
        let view = world.store.read().expect("memory");
        let key = leasehold_ledger::view::find::<leasehold_ledger::record::Key>(view.as_ref(), uuid(id).as_bytes());
        let key = key.expect("sound").expect("there is one");
        let holding = leasehold_ledger::view::find::<leasehold_ledger::record::Holding>(
            view.as_ref(),
            key.holding().expect("one").bytes(),
        );
        holding.expect("sound").expect("there is one").free_on
    };
    let made = async |name: &str| {
        let key = world.send(&world.admin(), Method::POST, "/pools/{pool}/keys", json!({"name": name})).await.json();
        key["id"].as_str().expect("an id").to_owned()
    };
    let before = made("before").await;
    let changed = change(&world, &world.admin(), "/pools/{pool}/settings", json!({"free_on": "expiry"})).await;
    assert_eq!(value(&changed.json(), "free_on")["value"], "expiry");
    let after = made("after").await;
    use leasehold_ledger::record::FreeOn;
    assert_eq!((free_on(&before), free_on(&after)), (FreeOn::Fetch, FreeOn::Expiry));
}

fn uuid(text: &str) -> uuid::Uuid {
    text.parse().expect("an id")
}

#[tokio::test]
async fn invitation_days_and_link_hours_are_how_long_links_are_good() {
    use leasehold_ledger::record::{Mail, MailId, MailKind, MailState, UserId};
    let world = World::new().await;
    change(&world, &world.vendor(), "/settings", json!({"invitation_days": 3, "link_hours": 5})).await;
    let view = world.store.read().expect("memory");
    let mail = |kind| Mail {
        id: MailId(1),
        kind,
        user: UserId(uuid::Uuid::nil()),
        to: "a@example.com".into(),
        account: None,
        temporary_password: false,
        created: NOW,
        state: MailState::Waiting,
        tries: 0,
        next_try: NOW,
        last_error: String::new(),
    };
    let life = |kind| link_life(view.as_ref(), &mail(kind)).expect("memory").map(|(_, life)| life);
    assert_eq!(life(MailKind::Welcome), Some(3 * DAY));
    assert_eq!(life(MailKind::Invitation), Some(3 * DAY));
    assert_eq!(life(MailKind::Reset), Some(5 * 3600));
    assert_eq!(life(MailKind::PasswordChanged), None);
}

#[tokio::test]
async fn who_may_see_a_setting_may_not_always_change_it() {
    let world = World::new().await;
    let operator = world.ids.token(super::world::Relation::Own, Role::Operator).to_owned();
    for (path, name) in [("/settings", "session_hours"), ("/accounts/{account}/settings", "token_days_max")] {
        assert_eq!(world.get(&operator, path).await.status, 200, "{path}");
        let no = change(&world, &operator, path, json!({name: 5})).await;
        assert_eq!(no.code(), "admin_only", "{path}");
    }
}
