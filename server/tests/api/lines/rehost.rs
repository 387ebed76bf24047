//! Portal release and rehost, as the portal asks for them. With consoles on the wire: the suite `serve`.

use crate::device::Device;
use crate::world::{KEY_CODE, Relation, World};
use leasehold_ledger::actor::{Actor, Role};
use leasehold_ledger::record::Verb;
use leasehold_ledger::{Command, Outcome};
use serde_json::{Value, json};

const THIS: &str = "/activations/{activation}";

impl World {
    async fn does(&self, what: &str) -> Value {
        let answer = self.post(&self.of(Relation::Own, Role::Operator), &format!("{THIS}/{what}"), json!(null)).await;
        assert_eq!(answer.status, 200, "{what}: {:?}", answer.bytes);
        answer.json()
    }

    pub async fn activates(&self, number: u8, code: &str) -> Outcome {
        let (message, id) = (Box::new(Device::new(number).activates(code)), leasehold::random::activation());
        let command = Command::Activate { message, id, held: None };
        self.app.send(Actor::system("device"), command).await.expect("a device is answered")
    }
}

fn code(outcome: &Outcome) -> Option<&'static str> {
    match outcome {
        Outcome::Refusal(no) => no.refused().map(leasehold_protocol::Refused::code),
        _ => None,
    }
}

#[tokio::test]
async fn a_portal_release_ends_the_renewal_and_what_is_out_runs_on() {
    let world = World::new().await;
    let stopped = world.does("stop").await;
    assert_eq!((&stopped["state"], &stopped["charged"]), (&json!("stopped"), &json!({"OBM": 10})));
    assert_eq!(code(&world.activates(61, KEY_CODE).await), Some("key_on_other_device"));
    assert_eq!(world.get(&world.admin(), "/keys/{key}").await.json()["in_use"], true);
    assert_eq!(world.does("resume").await["state"], "active");
    let later = world.at(crate::world::NOW.plus(14 * 86_400));
    assert_eq!(later.get(&later.admin(), "/keys/{key}").await.json()["in_use"], false);
}

#[tokio::test]
async fn a_rehost_gives_the_units_to_another_device_at_once_and_the_reserve_shows_it() {
    let world = World::new().await;
    let dead = world.does("rehost").await;
    assert_eq!((&dead["state"], &dead["charged"]), (&json!("stopped"), &json!({})));
    let viewer = world.of(Relation::Own, Role::Viewer);
    let reserves = world.items(&viewer, "/accounts/{account}/reserves").await;
    assert_eq!(dead["encumbrances"], json!([{"holding": reserves[0]["id"], "units": {"OBM": 10}}]));
    let counts = ["units", "encumbered", "free"].map(|field| reserves[0][field]["OBM"].clone());
    assert_eq!((reserves.len(), counts), (1, [json!(10), json!(10), json!(null)]));
    assert!(matches!(world.activates(61, KEY_CODE).await, Outcome::Lease(_)));
    let overview = world.get(&viewer, "/accounts/{account}/overview").await.json();
    let of = |field: &str| overview["types"][0][field]["OBM"].as_u64().unwrap_or(0);
    assert_eq!((of("in_reserve"), of("total"), of("charged"), of("encumbered")), (10, 140, 14, 10));
    let events = world.get(&viewer, "/accounts/{account}/events?verb=device_rehosted").await.json();
    assert_eq!(events["items"][0]["detail"]["left"], "2");
    let again = world.post(&world.admin(), &format!("{THIS}/rehost"), json!(null)).await;
    assert_eq!(again.code(), "licence_lapsed", "it holds nothing of its key any more");
}

#[tokio::test]
async fn the_vendor_adds_to_a_reserve_and_nobody_else() {
    let world = World::new().await;
    let body = json!({"product": "{sku}", "units": {"OBM": 4}});
    let path = "/accounts/{account}/reserves";
    assert_eq!(world.post(&world.admin(), path, body.clone()).await.code(), "admin_only");
    for count in [4, 8] {
        let made = world.post(&world.vendor(), path, body.clone()).await.json();
        assert_eq!((&made["units"], &made["compat"]), (&json!({"OBM": count}), &json!("standard")));
    }
    let refused = world.post(&world.admin(), &format!("{THIS}/rehost"), json!(null)).await;
    assert_eq!((refused.status.as_u16(), refused.code().as_str()), (409, "rehost_limit"), "the device has ten");
}

#[tokio::test]
async fn how_often_is_a_setting_of_the_account() {
    let world = World::new().await;
    let settings = async |values: Value| {
        let done = world.patch(&world.vendor(), "/accounts/{account}/settings", json!({"values": values})).await;
        assert_eq!(done.status, 200, "{:?}", done.bytes);
    };
    settings(json!({"rehosts_max": 0})).await;
    for name in ["rehosts_max", "rehost_days"] {
        let values = json!({"values": {name: 9}});
        let own = world.patch(&world.admin(), "/accounts/{account}/settings", values).await;
        assert_eq!(own.code(), "field_not_editable", "{name}: what bounds an account it does not change itself");
    }
    assert_eq!(world.post(&world.admin(), &format!("{THIS}/rehost"), json!(null)).await.code(), "rehost_limit");
    settings(json!({"rehosts_max": null})).await;
    let told = world.does("rehost").await;
    assert_eq!(told["state"], "stopped");
    let verbs: Vec<String> = world.verbs().await;
    assert_eq!(verbs.iter().filter(|verb| *verb == Verb::DeviceRehosted.name()).count(), 1);
}
