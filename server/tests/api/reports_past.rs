//! Use on past days, held against what the report said on each of those days.

use super::device::Device;
use super::reports::{activate, counts, good, order, report};
use super::world::{IDLE_KEY_CODE, NOW, SKU, World};
use axum::http::Method;
use leasehold::jobs::runner::{Job, run};
use leasehold_protocol::Time;
use leasehold_protocol::time::DAY;
use serde_json::{Value, json};

const HOUR: i64 = 3600;

/// Does one thing each day, and keeps what the report says after it.
async fn a_busy_month(world: &World) -> Vec<(Time, Vec<Value>)> {
    let mut kept = Vec::new();
    let mut file = None;
    for day in 0..24 {
        let world = world.at(NOW.plus(day * DAY));
        let post = async |path: &str, body: Value| good(&world.send(&world.vendor(), Method::POST, path, body).await);
        match day {
            1 => drop(order(&world, 7, json!({"product": SKU, "units": {"OBM": 50}})).await),
            2 => drop(post("/pools/{pool}/moves", json!({"account": "{child}", "units": {"OBM": 5}})).await),
            3 => {
                let asked = Device::new(43).asks(7, 3);
                good(&world.upload(&world.admin(), "/accounts/{account}/requests", &asked).await);
                let list = report_of_activations(&world).await;
                file = list.iter().find(|one| one["charged"]["OBM"] == 3).map(|one| one["id"].clone());
            }
            4 => drop(post("/lots/{lot}/retire", json!({"units": {"OBM": 7}})).await),
            5 => drop(activate(&world, 44, IDLE_KEY_CODE).await),
            6 => {
                let id = file.as_ref().and_then(Value::as_str).expect("a file").parse().expect("an id");
                let path = "/accounts/{account}/returns";
                let back = world.upload(&world.admin(), path, &Device::new(43).gives_back(id, 1)).await;
                assert!(back.status.is_success(), "{:?}", back.bytes);
            }
            7 => {
                let asked = Device::new(43).asks(8, 2);
                good(&world.upload(&world.admin(), "/accounts/{account}/requests", &asked).await);
            }
            8 => drop(
                order(&world, 8, json!({"product": SKU, "units": {"OBM": 9}, "expires": "2027-02-02T00:00:00Z"})).await,
            ),
            14.. => drop(run(&world.app, Job::Lapse).await.expect("it runs")),
            _ => {}
        }
        let later = world.at(NOW.plus(day * DAY + HOUR));
        kept.push((NOW.plus(day * DAY + HOUR), report(&later, "usage?subtree=true", 500).await));
    }
    kept
}

async fn report_of_activations(world: &World) -> Vec<Value> {
    let list = world.get(&world.admin(), "/accounts/{account}/activations").await.json();
    list["items"].as_array().expect("items").clone()
}

#[tokio::test]
async fn a24_what_an_account_had_and_used_on_any_past_day_follows_from_its_events() {
    let world = World::new().await;
    let kept = a_busy_month(&world).await;
    let today = world.at(NOW.plus(30 * DAY));
    let mut days = 0;
    for (at, then) in &kept {
        let told = report(&today, &format!("usage?subtree=true&at={at}"), 500).await;
        assert_eq!(told, *then, "{at}");
        assert_eq!(report(&today, &format!("usage?subtree=true&at={at}"), 1).await, *then, "by one, {at}");
        days += 1;
    }
    let before = report(&today, &format!("usage?subtree=true&at={}", NOW.plus(-DAY)), 500).await;
    assert!(before.is_empty(), "nothing was there before anything was: {before:?}");
    let differ = kept.windows(2).filter(|pair| counts(&pair[0].1) != counts(&pair[1].1)).count();
    assert!(differ >= 8, "{differ} days on which something changed");
    println!(
        "count reports: {days} past days, each as it was told on that day; {differ} of them differ from the day before"
    );
}
