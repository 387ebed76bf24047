//! What several people share, on the wire: seats that float between real consoles (G6, G11), and seats of named users (G12, G29).

use crate::club::{Club, Console, text};
use crate::{DAY, MINUTE};
use serde_json::json;

fn no(code: &str) -> Result<(), String> {
    Err(code.to_owned())
}

/// How many of them run; never more than there are seats.
fn running(consoles: &[&Console<'_>], seats: usize) -> usize {
    let running = consoles.iter().filter(|console| console.runs()).count();
    assert!(running <= seats, "{running} run on {seats} seats");
    running
}

#[test]
fn g6_seats_float_between_consoles_and_never_more_are_out_than_were_bought() {
    let club = Club::new();
    let lot = club.has("FLOAT", "flex", 10 * MINUTE, 2);
    let flex = club.owns("POST", &format!("/holdings/{lot}/flex"), &json!({}));
    let (key, code) = (text(&flex, "id"), text(&flex, "code"));
    let [a, b, c, d] = ["a", "b", "c", "d"].map(|name| club.console(name, "FLOAT"));
    let all = [&a, &b, &c, &d];
    assert_eq!((a.activates(&code), b.activates(&code)), (Ok(()), Ok(())));
    assert_eq!(c.activates(&code), no("insufficient_units"));
    assert_eq!((running(&all, 2), club.charged(&key)), (2, 2));
    assert_eq!((a.releases(), c.activates(&code)), (Ok(()), Ok(())), "a seat that is let go is free at once");
    assert_eq!((running(&all, 2), club.charged(&key)), (2, 2));
    assert_eq!(d.activates(&code), no("insufficient_units"));
    club.clock.set(6 * MINUTE);
    assert_eq!(c.checks(), Ok(()), "renewed after half of its term");
    club.clock.set(11 * MINUTE);
    assert_eq!((running(&all, 2), c.runs(), b.runs()), (1, true, false), "the one that was silent has run out");
    assert_eq!(d.activates(&code), Ok(()), "its seat is free");
    assert_eq!(b.checks(), no("licence_lapsed"));
    assert_eq!((running(&all, 2), club.charged(&key)), (2, 2));
    let watched = club.owns("GET", &format!("/keys/{key}/activations"), &json!(null));
    assert_eq!(watched["items"].as_array().map(Vec::len), Some(4), "g11: all that ever ran, and when: {watched}");
    club.clock.set(40 * MINUTE);
    assert_eq!(running(&all, 2), 0);
    assert_eq!((a.activates(&code), b.activates(&code)), (Ok(()), Ok(())), "who was here before comes back");
    assert_eq!((running(&all, 2), c.checks()), (2, no("licence_lapsed")));
}

#[test]
fn g12_g29_a_seats_code_activates_one_device_and_ends_with_its_users_membership() {
    let club = Club::new();
    let lot = club.has("NAMED", "user", 14 * DAY, 1);
    let (bela, cyra) = (club.member("bela", "viewer"), club.member("cyra", "viewer"));
    let seats = format!("/holdings/{lot}/seats");
    club.owns("POST", &seats, &json!({"user": bela}));
    let mine = club.asks("GET", "/profile/seats", &club.session("bela"), &json!(null));
    let code = text(&mine["items"][0], "code");
    let [one, two, three] = ["one", "two", "three"].map(|name| club.console(name, "NAMED"));
    assert_eq!(one.activates(&code), Ok(()), "with the code that the user sees");
    assert_eq!(two.activates(&code), no("key_on_other_device"));
    assert_eq!((one.releases(), two.activates(&code)), (Ok(()), Ok(())), "one device at a time");
    club.acts(&bela, "disable");
    club.clock.set(DAY);
    assert_eq!((two.checks(), two.runs()), (no("key_stopped"), true), "nothing is renewed; what is out runs on");
    let again = text(&club.owns("POST", &seats, &json!({"user": cyra})), "code");
    assert_eq!(three.activates(&again), no("insufficient_units"), "the only seat is still out");
    club.clock.set(15 * DAY);
    assert!(!two.runs(), "until its end");
    assert_eq!(three.activates(&again), Ok(()));
    club.acts(&bela, "enable");
    assert_eq!(two.checks(), no("key_stopped"), "and is not given back");
}
