//! The metrics page of a live server.

use crate::Stage;
use crate::common::device::Device;
use crate::common::http::Http;
use crate::common::program::promtool;
use crate::common::seed::{ACCOUNT, PRODUCT};
use crate::common::wait_for;
use leasehold_protocol::machine::Kind;
use std::collections::BTreeMap;
use std::io::Write;
use std::process::Stdio;
use std::time::Duration;

fn page(stage: &Stage) -> String {
    let reply = Http::connect(stage.server.operator()).and_then(|mut http| http.get("/metrics")).expect("an answer");
    assert_eq!(reply.status, 200);
    assert!(reply.header("content-type").is_some_and(|given| given.starts_with("text/plain; version=0.0.4")));
    reply.text()
}

/// Value by series, labels included.
fn series(page: &str) -> BTreeMap<&str, f64> {
    let lines = page.lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| line.rsplit_once(' ').expect("name and value"))
        .map(|(name, value)| (name, value.parse().expect("a number")))
        .collect()
}

/// A server after some of everything.
fn used() -> (Stage, Vec<Device>) {
    let stage = Stage::set();
    let mut http = stage.http();
    let mut devices: Vec<_> = stage.seed.pool.iter().map(|code| Device::new(code)).collect();
    for device in &mut devices {
        for kind in [Kind::Activate, Kind::Check, Kind::Check] {
            device.takes(&mut http, &stage.keys, kind);
        }
    }
    devices[1].say(&mut http, &stage.keys, Kind::Release).expect("an answer");
    let second = Device::new(&stage.seed.pool[0]).message(Kind::Activate);
    assert_eq!(http.post("/v1/activate", &second).expect("an answer").status, 409);
    assert_eq!(http.post("/v1/check", b"nonsense").expect("an answer").status, 400);
    (stage, devices)
}

#[test]
fn promtool_finds_nothing_to_say_and_every_series_has_help() {
    let (stage, _) = used();
    let page = page(&stage);
    let mut tool = promtool()
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("promtool starts");
    tool.stdin.take().expect("piped").write_all(page.as_bytes()).expect("it reads");
    let output = tool.wait_with_output().expect("it ends");
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && said.is_empty(), "promtool: {said}");
    let mut families = 0;
    for line in page.lines().filter_map(|line| line.strip_prefix("# TYPE ")) {
        let name = line.split(' ').next().expect("a name");
        let help = page.lines().find_map(|line| line.strip_prefix(&format!("# HELP {name} ")));
        assert!(help.is_some_and(|help| help.len() > 10), "{name} has no help");
        assert!(name.starts_with("leasehold_"), "{name}");
        families += 1;
    }
    println!("count promtool: {families} families, {} series, 0 complaints", series(&page).len());
}

#[test]
fn counters_say_what_happened() {
    let (stage, _) = used();
    let jobs = ["lapse", "renewals", "forget", "notices"]
        .map(|job| format!("leasehold_job_last_success_timestamp_seconds{{job=\"{job}\"}}"));
    // What is due at the start may still be running.
    let page = wait_for(Duration::from_secs(10), || {
        let page = page(&stage);
        jobs.iter().all(|job| series(&page).get(job.as_str()).is_some_and(|at| *at > 1.7e9)).then_some(page)
    });
    let page = page.expect("all jobs have run");
    let series = series(&page);
    let expected = [
        ("leasehold_answers_total{call=\"activate\",result=\"lease\"}", 2.0),
        ("leasehold_answers_total{call=\"activate\",result=\"key_on_other_device\"}", 1.0),
        ("leasehold_answers_total{call=\"check\",result=\"lease\"}", 4.0),
        ("leasehold_answers_total{call=\"check\",result=\"malformed\"}", 1.0),
        ("leasehold_answers_total{call=\"release\",result=\"receipt\"}", 1.0),
        ("leasehold_answer_duration_seconds_count{call=\"check\"}", 5.0),
        ("leasehold_leases_live", 1.0),
        ("leasehold_queue_commands", 0.0),
        ("leasehold_shed_total", 0.0),
        ("leasehold_limited_total", 0.0),
        ("leasehold_ready", 1.0),
    ];
    for (name, value) in expected {
        assert_eq!(series.get(name), Some(&value), "{name}\n{page}");
    }
    assert!(series["leasehold_batch_commands_sum"] >= 8.0 && series["leasehold_commit_duration_seconds_count"] >= 8.0);
    let store = leasehold::store::open::bytes_on_disk(&stage.server.data());
    assert!(store > 0 && series["leasehold_store_bytes"] > 0.0);
    let two_years = crate::common::now().plus(730 * 86_400).0;
    let expiry = series["leasehold_key_expiry_timestamp_seconds"];
    #[allow(clippy::cast_precision_loss, reason = "far below 2^53")]
    let off = (expiry - two_years as f64).abs();
    assert!(off < 3600.0, "{expiry}");
    let version = format!("leasehold_build_info{{version=\"{}\"}}", env!("CARGO_PKG_VERSION"));
    assert_eq!(series.get(version.as_str()), Some(&1.0));
}

#[test]
fn no_customer_key_or_device_is_on_the_page() {
    let (stage, devices) = used();
    let page = page(&stage);
    let mut private =
        vec![ACCOUNT.to_owned(), PRODUCT.to_owned(), "Quietdevice".into(), "Server-0".into(), "SO-1".into()];
    private.push(stage.seed.account.to_string());
    private.extend(stage.seed.pool.iter().chain([&stage.seed.lot]).cloned());
    private.extend(devices.iter().map(|device| device.public().device_id().to_string()));
    private.extend(devices.iter().filter_map(|device| device.lease.as_ref()).map(|lease| lease.grant.sub.to_string()));
    for name in private {
        assert!(!page.contains(&name), "{name} is on the page");
    }
}
