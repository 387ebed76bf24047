//! R6: malformed input at every parser of the server, its ledger and the console: good input, and 40,000 changes to it.

mod api;
mod artefacts;
#[path = "../api/build.rs"]
mod build;
mod console;
#[allow(dead_code, reason = "shared with the tests of the API, which use more of it")]
#[path = "../api/device.rs"]
mod device;
#[path = "../api/licenses"]
mod licenses {
    pub mod seed;
}
mod people;
#[path = "../../../protocol/tests/malformed/storm/mod.rs"]
mod storm;
mod targets;
#[allow(dead_code, reason = "shared with the tests of the API, which use more of it")]
#[path = "../api/world.rs"]
mod world;

use leasehold::config::Config;
use leasehold_ledger::renewal::Renewal;
use leasehold_protocol::{ActivationId, Nonce, Time};
use storm::Course;

const MUTATIONS: usize = 40_000;

/// Version and body of the world's rows, behind the number of their record, a few of each.
async fn rows() -> Vec<Vec<u8>> {
    let world = world::World::new().await;
    let mut rows: Vec<Vec<u8>> = Vec::new();
    for (table, key, value) in world.store.rows() {
        let Some(kind) = targets::kind_of(table, &key) else { continue };
        if rows.iter().filter(|row| row[0] == kind).count() < 4 {
            rows.push([&[kind], &value[..value.len() - 4]].concat());
        }
    }
    rows.extend(people::rows());
    assert!((0..16).all(|kind| rows.iter().any(|row| row[0] == kind)), "the world lacks a record");
    rows
}

fn slot() -> Vec<u8> {
    let renewal = Renewal {
        nonce: Nonce([5; 16]),
        seq: 7,
        iat: Time(1_800_000_000),
        exp: Time::MAX,
        last_seen: 1_800_000_000,
        usage: [1, 2, 3, 4],
        flags: 1,
    };
    let mut slot = renewal.encode(ActivationId([7; 16]));
    slot.truncate(slot.len() - 4); // the target puts the checksum on
    slot
}

#[test]
fn r6_no_malformed_input_panics_or_fails_and_what_is_accepted_reads_back() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let rows = runtime.block_on(rows());
    let config = toml::to_string(&Config::default()).expect("settings are always encodable");
    let times = ["\"2027-01-31T12:00:00Z\"", "\"2027-01-31T12:00:00.5+02:00\"", "\"2027-01-31\""];
    let names = ["ABCD-EFGH-JKLM-NPQR", " Café Ⅻ ", "CSV-PS_1", "İstanbul ß"];
    let root = ["f786ec10adcb89db5dd1cf1ce4f973e31784b7ab1d646671900da62e63f085c3\n"];
    let course = |name, target: storm::Target, corpus| Course { name, target, corpus };
    let texts = |texts: &[&str]| texts.iter().map(|text| text.as_bytes().to_vec()).collect::<Vec<_>>();
    let courses = [
        course("config", targets::config, texts(&[&config, "[listen]\ndevice = \"[::1]:0\"\n"])),
        course("query", targets::query, texts(&["limit=500&cursor=AZCk_-8", "cursor=", "limit=+1", ""])),
        course("cursor", targets::cursor, texts(&["AZCkAZCkAZCkAZCkAZCkAQ", "", "AA"])),
        course("json_times", targets::json_times, texts(&times)),
        course("typed", targets::typed, texts(&names)),
        course("root_key", targets::root_key, texts(&root)),
        course("row", targets::row, rows),
        course("renewal", targets::renewal, vec![slot()]),
        course("console_state", console::console_state, vec![console::state()]),
        course("api", api::api, api::requests()),
    ];
    storm::rage("server", &courses, MUTATIONS);
}
