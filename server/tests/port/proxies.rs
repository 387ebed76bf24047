//! Behind a proxy every console keeps a budget of its own, and nobody can borrow another's name.

use crate::Stage;
use crate::common::device::Device;
use crate::common::http::{COSE, Http};
use leasehold_protocol::machine::Kind;

/// Failures an address has at once, before it gets one every tenth of a second.
const BUDGET: usize = 200;

/// The status of a message that is none, sent with these headers.
fn nonsense(http: &mut Http, header: (&str, &str)) -> u16 {
    let headers = [("content-type", COSE), header];
    http.ask("POST", "/v1/check", &headers, b"nonsense").expect("an answer").status
}

/// Uses up the budget of whoever is meant by `header`.
fn exhaust(http: &mut Http, header: (&str, &str)) {
    let limited = (0..10 * BUDGET).filter(|_| nonsense(http, header) == 429).take(20).count();
    assert_eq!(limited, 20, "the budget of {header:?} never ends");
}

#[test]
fn behind_a_trusted_proxy_an_attacker_uses_up_no_budget_but_its_own() {
    let forwarded = [
        ("x-forwarded-for", "198.51.100.1", "198.51.100.2", "203.0.113.9, 198.51.100.1"),
        ("forwarded", "for=198.51.100.1;proto=https", "for=\"198.51.100.2:9\"", "for=203.0.113.9, for=198.51.100.1"),
    ];
    for (name, attacker, honest, forged) in forwarded {
        let stage = Stage::plain(&format!("trusted_proxies = [\"127.0.0.1\"]\nproxy_header = \"{name}\"\n"));
        let mut http = stage.http();
        exhaust(&mut http, (name, attacker));
        assert_eq!(nonsense(&mut http, (name, forged)), 429, "an attacker that writes another name in front");
        assert_eq!(nonsense(&mut http, (name, honest)), 400, "a client behind the same proxy");
        assert_eq!(nonsense(&mut http, ("x-other", attacker)), 400, "the proxy itself");
        // A new console behind the attacker's own proxy is served too: the connection is the same.
        let message = Device::modest(&stage.seed.lot).message(Kind::Activate);
        let headers = [("content-type", COSE), (name, honest)];
        assert_eq!(http.ask("POST", "/v1/activate", &headers, &message).expect("an answer").status, 200);
    }
}

#[test]
fn a_header_of_somebody_who_is_not_trusted_is_not_read() {
    for settings in ["", "trusted_proxies = [\"192.0.2.0/24\", \"127.0.0.2\"]\n"] {
        let stage = Stage::plain(settings);
        let mut http = stage.http();
        exhaust(&mut http, ("x-forwarded-for", "198.51.100.1"));
        for name in ["x-forwarded-for", "forwarded", "x-real-ip"] {
            assert_eq!(nonsense(&mut http, (name, "198.51.100.2")), 429, "{name} bought a new budget");
        }
    }
}

#[test]
fn the_portal_takes_remote_clients_of_a_trusted_proxy_and_limits_each() {
    let stage = Stage::plain("trusted_proxies = [\"127.0.0.1\"]\n");
    let mut http = Http::connect(stage.server.portal()).expect("it listens");
    let mut wrong = |client: &str| {
        let headers = [("authorization", "Bearer lh_wrong"), ("x-forwarded-for", client)];
        http.ask("GET", "/api/v1/whoami", &headers, b"").expect("an answer").status
    };
    let limited = (0..10 * BUDGET).filter(|_| wrong("198.51.100.1") == 429).take(20).count();
    assert_eq!((limited, wrong("198.51.100.2"), wrong("2001:db8::1")), (20, 401, 401));
}
