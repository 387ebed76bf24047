//! A console that is announced under an enrolment code, and licensed from the portal: the console itself is never touched.

use crate::Stage;
use crate::common::device::{Device, Heard};
use crate::common::http::Http;
use crate::common::program::{leasehold, run};
use leasehold_console::Enrolment;
use leasehold_protocol::Refused;
use leasehold_protocol::machine::{Kind, Phase};
use leasehold_protocol::message::Host;
use serde_json::{Value, json};

const CODE: &str = "ENRO-LMEN-TCOD-0001";

/// Somebody who speaks for the vendor, on the portal's port.
struct Desk {
    http: Http,
    bearer: String,
    account: String,
}

impl Desk {
    fn of(stage: &Stage) -> Self {
        let verb = ["token", "add", "desk", "--role", "admin", "--json", "--data"];
        let token = run(leasehold().args(verb).arg(stage.server.data())).ok();
        let token: Value = serde_json::from_str(&token).expect("JSON");
        let bearer = format!("Bearer {}", token["secret"].as_str().expect("a secret"));
        let http = Http::connect(stage.server.portal()).expect("it listens");
        Self { http, bearer, account: format!("/api/v1/accounts/{}", stage.seed.account) }
    }

    fn ask(&mut self, method: &str, path: &str, body: &Value) -> Value {
        let body = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
        let headers = [("authorization", self.bearer.as_str()), ("content-type", "application/json")];
        let reply = self.http.ask(method, path, &headers, &body).expect("an answer");
        assert!((200..300).contains(&reply.status), "{method} {path}: {}", reply.text());
        serde_json::from_slice(&reply.body).unwrap_or_default()
    }

    fn enrolment(&mut self, code: &str) {
        let path = format!("{}/enrolment-code", self.account);
        self.ask("PUT", &path, &json!({"code": code}));
    }
}

fn enrolment(code: &str) -> Enrolment {
    let host = Host { version: "9.1".into(), ..Host::default() };
    Enrolment { code: code.into(), device_name: Some("till 4".into()), host }
}

#[test]
fn a5_h28_a_console_that_waits_is_licensed_from_the_portal_and_hears_of_a_quota_at_its_next_update() {
    let stage = Stage::set();
    let mut desk = Desk::of(&stage);
    desk.enrolment(CODE);
    let mut console = stage.server.console("con");
    console.register(enrolment(CODE)).expect("it is announced");
    console.check().expect("it asks again");
    assert_eq!(console.status().state, Phase::Waiting);
    let list = format!("{}/waiting-devices", desk.account);
    let waits = desk.ask("GET", &list, &json!(null));
    let device = console.status().device.to_string();
    assert_eq!((&waits["items"][0]["id"], &waits["items"][0]["name"]), (&json!(device), &json!("till 4")));
    let key = stage.seed.keys[0];
    desk.ask("POST", &format!("{list}/{device}/license"), &json!({"key": key}));
    assert_eq!(console.status().state, Phase::Waiting, "nobody has touched it");
    console.check().expect("a lease");
    assert_eq!((console.status().state, console.status().units.count("OBM")), (Phase::Licensed, 10));
    assert_eq!(desk.ask("GET", &list, &json!(null))["items"], json!([]));
    desk.ask("PUT", &format!("/api/v1/keys/{key}/quota"), &json!({"units": {"OBM": 4}}));
    console.check().expect("update now");
    assert_eq!(console.status().units.count("OBM"), 4);
    let path = format!("{}/devices/{device}/life", desk.account);
    let life = desk.ask("GET", &path, &json!(null));
    assert_eq!((&life["device"]["health"], &life["leases"][0]["units"]), (&json!("ok"), &json!({"OBM": 4})));
    let verbs: Vec<&str> =
        life["items"].as_array().expect("Events").iter().filter_map(|event| event["verb"].as_str()).collect();
    assert_eq!(verbs.last_chunk(), Some(&["activated", "device_licensed", "device_announced"]), "{verbs:?}");
}

#[test]
fn the_answer_to_one_who_waits_is_a_bare_202_that_says_when_to_come_again() {
    let stage = Stage::set();
    Desk::of(&stage).enrolment(CODE);
    let mut http = stage.http();
    let message = Device::new(CODE).message(Kind::Register);
    for _ in 0..2 {
        let reply = http.post("/v1/register", &message).expect("an answer");
        assert_eq!((reply.status, reply.body.len()), (202, 0), "{}", reply.text());
        let pause: u32 = reply.header("retry-after").and_then(|pause| pause.parse().ok()).expect("seconds");
        assert!((300..600).contains(&pause), "{pause}");
    }
    let get = http.get("/v1/register").expect("an answer");
    assert_eq!((get.status, get.header("allow")), (405, Some("POST")));
    assert_eq!(http.post("/v1/activate", &message).expect("an answer").status, 400, "it is no activation");
}

#[test]
fn who_guesses_enrolment_codes_cannot_tell_one_and_uses_up_a_strangers_budget() {
    let stage = Stage::set();
    Desk::of(&stage).enrolment(CODE);
    let mut http = stage.http();
    let mut known = Device::new(&stage.seed.pool[0]);
    known.takes(&mut http, &stage.keys, Kind::Activate);
    let (mut signed, mut bare) = (0, 0);
    while bare < 20 {
        // a key's code is no enrolment code, and is answered as none at all
        let code = if signed % 2 == 0 { stage.seed.lot.as_str() } else { "AAAA-BBBB-CCCC-2345" };
        match Device::new(code).say(&mut http, &stage.keys, Kind::Register).expect("an answer") {
            Heard::Refusal(no) => {
                assert_eq!((no.refused(), no.sub), (Some(Refused::EnrolmentInvalid), None));
                signed += 1;
                assert!(signed < 2000, "the budget never ends");
            }
            Heard::Problem(429) => bare += 1,
            other => panic!("{other:?}"),
        }
    }
    let waits = http.post("/v1/register", &Device::new(CODE).message(Kind::Register)).expect("an answer");
    assert_eq!(waits.status, 429, "and a good code is not told from the others then");
    known.takes(&mut http, &stage.keys, Kind::Check);
    println!("count enrolment codes guessed: {signed} signed no, {bare} bare 429, a known device served between them");
}
