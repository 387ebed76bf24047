//! What an inactive account's devices get (A20): the account is deactivated through the portal's port, the devices ask at theirs.

use crate::Stage;
use crate::common::device::{Device, Heard};
use crate::common::http::Http;
use crate::common::program::{leasehold, run};
use leasehold_protocol::Refused;
use leasehold_protocol::machine::Kind;
use serde_json::Value;

#[test]
fn a20_a_device_of_an_inactive_account_renews_at_its_check_and_a_new_one_gets_nothing() {
    let stage = Stage::set();
    let (mut http, mut device) = (stage.http(), Device::new(&stage.seed.pool[0]));
    let first = device.takes(&mut http, &stage.keys, Kind::Activate);
    let verb = ["token", "add", "desk", "--role", "admin", "--json", "--data"];
    let token: Value = serde_json::from_str(&run(leasehold().args(verb).arg(stage.server.data())).ok()).expect("JSON");
    let bearer = format!("Bearer {}", token["secret"].as_str().expect("a secret"));
    let mut portal = Http::connect(stage.server.portal()).expect("it listens");
    let path = format!("/api/v1/accounts/{}/deactivate", stage.seed.account);
    let done = portal.ask("POST", &path, &[("authorization", &bearer)], b"").expect("an answer");
    assert_eq!(done.status, 200, "{}", done.text());
    let renewed = device.takes(&mut http, &stage.keys, Kind::Check);
    assert_eq!((renewed.grant.seq, &renewed.grant.units), (first.grant.seq + 1, &first.grant.units));
    let new = Device::new(&stage.seed.pool[1]).say(&mut http, &stage.keys, Kind::Activate).expect("an answer");
    assert!(matches!(&new, Heard::Refusal(no) if no.refused() == Some(Refused::AccountInactive)), "{new:?}");
}
