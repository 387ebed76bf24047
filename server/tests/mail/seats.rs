//! Mails about seats (G12, G29): what their user reads, as text and as HTML.

use crate::facts::Desk;
use serde_json::{Value, json};

fn id(value: &Value) -> String {
    value["id"].as_str().unwrap_or_else(|| panic!("an id in {value}")).to_owned()
}

#[test]
fn g12_g29_who_is_granted_a_seat_is_mailed_its_code_and_told_when_it_is_taken_back() {
    let mut desk = Desk::new();
    desk.does(
        "/products",
        &json!({"sku": "NAMED", "name": "Named <b>Example</b>", "kinds": ["SEAT"], "compat": "n", "used_by": "user"}),
    );
    let order = json!({"entitlement": "SO-7", "lines": [{"product": "NAMED", "units": {"SEAT": 3}}]});
    let lot = id(&desk.does(&format!("/accounts/{}/orders", desk.vendor), &order)["lots"][0]);
    let ann = id(&desk.user("ann", "nothing"));
    let seats = format!("/holdings/{lot}/seats");
    let first = desk.does(&seats, &json!({"user": ann}));
    let code = first["code"].as_str().expect("a code").to_owned();
    let told = desk.mail_to("ann@l.example");
    assert_eq!(told.header("Subject"), "Your seat at Example Software");
    for line in ["Account: Example Software\n", "Product: Named <b>Example</b>\n", &format!("Code: {code}\n")] {
        assert!(told.text().contains(line), "{line}{}", told.text());
    }
    assert!(
        told.html().contains("Named &#60;b&#62;Example&#60;/b&#62;") && told.html().contains(&code),
        "{}",
        told.html()
    );
    let second = desk.does(&seats, &json!({"user": ann}));
    let both = desk.mail_to("ann@l.example");
    assert!(both.text().contains(&code) && both.text().contains(second["code"].as_str().expect("a code")));
    desk.deletes(&format!("/seats/{}", id(&first)));
    let less = desk.mail_to("ann@l.example");
    assert_eq!(less.header("Subject"), "Your seat at Example Software was taken back");
    assert!(!less.text().contains(&code) && less.text().contains(second["code"].as_str().expect("a code")));
    desk.does(&format!("/accounts/{}/members/{ann}/disable", desk.vendor), &json!(null));
    let none = desk.mail_to("ann@l.example");
    assert!(none.text().contains("You have no seat there now."), "{}", none.text());
}
