//! Where several rules refuse a call, the one that stands first in the list of codes speaks: every combination of the reasons
//! that people can meet is sent.

use super::world::{Relation, SKU, World};
use axum::body::Body;
use axum::http::{Method, Request};
use leasehold_ledger::Command;
use leasehold_ledger::actor::{Actor, Role};
use leasehold_ledger::record::Doubt;
use leasehold_protocol::Refused::{self, *};
use serde_json::{Value, json};

/// Reasons that stand against a call.
pub struct Against<'a>(pub &'a [Refused]);

impl Against<'_> {
    pub fn has(&self, reason: Refused) -> bool {
        self.0.contains(&reason)
    }

    pub fn pick<T>(&self, reason: Refused, yes: T, no: T) -> T {
        if self.has(reason) { yes } else { no }
    }

    /// Who calls: somebody far away, or of the target with too small a role.
    pub fn caller(&self, world: &World) -> String {
        let relation = self.pick(OutOfReach, Relation::Far, Relation::Above);
        let role = if self.has(ForbiddenRole) {
            Role::Viewer
        } else if self.has(AdminOnly) {
            Role::Operator
        } else {
            Role::Admin
        };
        world.ids.token(relation, role).to_owned()
    }

    /// Units as they are wanted, with those that stand against it.
    pub fn units(&self, good: u32) -> Value {
        let mut units = json!({"OBM": self.pick(InsufficientUnits, 1000, good)});
        if self.has(BadQuantity) {
            units["CPU"] = 1.into();
        }
        units
    }
}

pub async fn change(world: &World, path: &str, body: Value) {
    let done = world.patch(&world.vendor(), path, body).await;
    assert!(done.status.is_success(), "{path}: {:?}", done.bytes);
}

pub async fn made(world: &World, path: &str, body: Value) -> Value {
    let done = world.post(&world.vendor(), path, body).await;
    assert!(done.status.is_success(), "{path}: {:?}", done.bytes);
    done.json()
}

/// What stands against anything in the target account.
pub async fn bar(world: &World, against: &Against<'_>, product_of: &str) {
    if against.has(ProductNotAllowed) {
        change(world, product_of, json!({"products": []})).await;
    }
    if against.has(NotReseller) {
        change(world, "/accounts/{account}", json!({"may_create_customers": false})).await;
    }
    if against.has(KeyStopped) {
        let lot = world.get(&world.vendor(), &format!("/lots/{}", world.ids.file_lot)).await.json();
        made(world, &format!("/keys/{}/stop", lot["key"].as_str().expect("a key")), json!(null)).await;
    }
    if against.has(AccountInactive) {
        made(world, "/accounts/{account}/deactivate", json!(null)).await;
    }
    if against.has(Quarantine) {
        let doubt = Command::Doubt { doubt: Doubt::Behind, epoch: 7 };
        world.app.send(Actor::system("start"), doubt).await.expect("it begins");
    }
}

pub fn sent(world: &World, token: &str, (method, path): (Method, &str), body: &Value) -> Request<Body> {
    let request = world.request(token, method, path).header("content-type", "application/json");
    request.body(world.path(&body.to_string()).into()).expect("a request")
}

/// Sends a call under every combination of reasons.
pub async fn walk(name: &str, reasons: &[Refused], call: impl AsyncFn(&World, &Against<'_>) -> Request<Body>) {
    let all = World::sharing().await;
    for bits in 0..1_u32 << reasons.len() {
        let some: Vec<_> = (0..reasons.len()).filter(|at| bits >> at & 1 == 1).map(|at| reasons[at]).collect();
        let world = all.fork();
        let request = call(&world, &Against(&some)).await;
        let answer = world.raw(request).await;
        match some.iter().min() {
            None => assert!(answer.status.is_success(), "{name}: {:?}", answer.bytes),
            Some(first) => {
                let found = (answer.status.as_u16(), answer.code());
                assert_eq!(found, (first.status(), first.code().to_owned()), "{name}: {some:?}: {:?}", answer.bytes);
            }
        }
    }
    println!("count precedence: {name}: {} combinations of {} reasons", 1 << reasons.len(), reasons.len());
}

#[tokio::test]
async fn a_new_account_is_refused_for_the_first_reason_in_the_list() {
    let reasons = [OutOfReach, AdminOnly, AccountInactive, NotReseller, NameTaken, LicenseeName, FieldInvalid];
    walk("create_account", &reasons, async |world, against| {
        bar(world, against, "").await;
        let body = json!({
            "parent": "{account}", "kind": "end_customer", "name": against.pick(NameTaken, "child", "New"),
            "key_prefix": against.pick(LicenseeName, "no spaces", "LABS"),
            "notes": against.pick(FieldInvalid, "x".repeat(5000), String::new()),
        });
        sent(world, &against.caller(world), (Method::POST, "/accounts"), &body)
    })
    .await;
}

#[tokio::test]
async fn a_changed_account_is_refused_for_the_first_reason_in_the_list() {
    let reasons = [OutOfReach, AdminOnly, NotReseller, NameTaken, LicenseeName, FieldInvalid];
    walk("update_account", &reasons, async |world, against| {
        let above = format!("/accounts/{}", world.ids.account(Relation::Above));
        change(world, "/accounts/{account}", json!({"may_create_resellers": false})).await;
        change(world, &above, json!({"may_create_resellers": !against.has(NotReseller)})).await;
        let body = json!({
            "name": against.pick(NameTaken, "sibling", "New"), "may_create_resellers": true,
            "key_prefix": against.pick(LicenseeName, "no spaces", "LABS"),
            "notes": against.pick(FieldInvalid, "x".repeat(5000), String::new()),
        });
        sent(world, &against.caller(world), (Method::PATCH, "/accounts/{account}"), &body)
    })
    .await;
}

#[tokio::test]
async fn a_new_pool_is_refused_for_the_first_reason_in_the_list() {
    for last in [NameTaken, FieldInvalid] {
        let reasons = [OutOfReach, ForbiddenRole, ProductNotAllowed, AccountInactive, last];
        walk("create_pool", &reasons, async |world, against| {
            bar(world, against, "/accounts/{account}").await;
            let name = against.pick(NameTaken, "p", against.pick(FieldInvalid, " ", "New"));
            let body = json!({"name": name, "product": SKU});
            sent(world, &against.caller(world), (Method::POST, "/accounts/{account}/pools"), &body)
        })
        .await;
    }
}

#[tokio::test]
async fn a_new_token_is_refused_for_the_first_reason_in_the_list() {
    let reasons = [OutOfReach, AdminOnly, AccountInactive, FieldInvalid];
    walk("create_token", &reasons, async |world, against| {
        bar(world, against, "").await;
        let body = json!({"name": against.pick(FieldInvalid, " ", "new"), "role": "viewer"});
        sent(world, &against.caller(world), (Method::POST, "/accounts/{account}/tokens"), &body)
    })
    .await;
}
