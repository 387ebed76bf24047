//! An organisation below the target reseller, as a person makes one with a permission key, and the people in it.

use super::stage::{PASSWORD, text};
use crate::world::{Answer, Relation, SKU, World};
use axum::http::Method;
use leasehold_ledger::record::{AccountId, UserId};
use serde_json::{Value, json};
use std::sync::Arc;

pub const KEY: &str = "PERM-PERM-PERM-3333";

/// An organisation that Anna made.
pub struct Firm {
    pub world: Arc<World>,
    pub account: AccountId,
    pub anna: UserId,
    /// Anna's session.
    pub owner: String,
}

impl Firm {
    pub async fn new() -> Self {
        let world = Arc::new(World::new().await);
        world.sells(world.ids.account(Relation::Own), KEY, "permission_key").await;
        let owner = world.private("anna").await;
        let made = world.founds(&owner, KEY).await;
        assert_eq!(made.status, 201, "{:?}", made.bytes);
        let account = text(&made, "account").parse().expect("an id");
        let anna = text(&world.get(&owner, "/profile").await, "id").parse().expect("an id");
        Self { world, account, anna, owner }
    }

    /// The path of something of the organisation's.
    pub fn at(&self, rest: &str) -> String {
        format!("/accounts/{}{rest}", self.account)
    }

    pub async fn invites(&self, emails: &str, role: &str) -> Answer {
        self.invites_as(&self.owner, emails, role).await
    }

    pub async fn invites_as(&self, session: &str, emails: &str, role: &str) -> Answer {
        let body = json!({"emails": emails, "role": role});
        self.world.posts(session, &self.at("/invitations"), body).await
    }

    /// Somebody who was invited, `NAME@mail.example`, and joined with [`PASSWORD`].
    pub async fn joins(&self, name: &str, role: &str) -> UserId {
        let email = format!("{name}@mail.example");
        self.invites(&email, role).await;
        let claim = json!({"link": self.world.link(&email).await, "username": name, "password": PASSWORD});
        let joined = self.world.calls("/invitations/confirm", claim).await;
        assert_eq!(joined.status, 200, "{:?}", joined.bytes);
        text(&joined, "user").parse().expect("an id")
    }

    /// Does something to a member: `disable`, `enable`, `remove`.
    pub async fn acts(&self, session: &str, user: UserId, what: &str) -> Answer {
        self.world.posts(session, &self.at(&format!("/members/{user}/{what}")), json!(null)).await
    }

    pub async fn names(&self, session: &str, user: UserId, replace: bool) -> Answer {
        let body = json!({"user": user, "replace": replace});
        self.world.send(session, Method::PUT, &self.at("/co-admin"), body).await
    }

    pub async fn hands(&self, session: &str, user: UserId) -> Answer {
        self.world.posts(session, &self.at("/hand-over"), json!({"user": user})).await
    }

    /// A field of every member, by the email's name, as the reseller above sees them.
    pub async fn members(&self, field: &str) -> Vec<(String, Value)> {
        let list = self.world.get(&self.world.admin(), &self.at("/members")).await.json();
        let line = |one: &Value| {
            let email = one["user"]["email"].as_str().expect("an email");
            (email.trim_end_matches("@mail.example").to_owned(), one[field].clone())
        };
        let mut members: Vec<_> = list["items"].as_array().expect("members").iter().map(line).collect();
        members.sort_by(|one, other| one.0.cmp(&other.0)); // ids count to a thousand within a second, and begin again
        members
    }

    /// A field of one of them.
    pub async fn member(&self, name: &str, field: &str) -> Value {
        let all = self.members(field).await;
        all.into_iter().find(|(one, _)| one == name).expect("on the list").1
    }

    /// Those with this value in a field, by name: ids made within a second come in no order that a test could rely on.
    pub async fn those(&self, field: &str, value: &str) -> Vec<String> {
        let mut all = self.members(field).await;
        all.sort_by(|(one, _), (other, _)| one.cmp(other));
        all.into_iter().filter(|(_, one)| one == value).map(|(name, _)| name).collect()
    }
}

impl World {
    /// An order of one line, with this code and kind of key; returns the lot.
    pub async fn sells(&self, account: AccountId, code: &str, kind: &str) -> Value {
        let line = json!({"product": SKU, "units": {"OBM": 1}, "activation_id": code, "key_kind": kind});
        let order = json!({"entitlement": format!("SO {code}"), "lines": [line]});
        let made = self.posts(&self.vendor(), &format!("/accounts/{account}/orders"), order).await;
        assert_eq!(made.status, 201, "{:?}", made.bytes);
        made.json()["lots"][0].clone()
    }

    /// A session of somebody new, `NAME@mail.example`, with a personal account below the vendor.
    pub async fn private(&self, name: &str) -> String {
        let email = format!("{name}@mail.example");
        let own = format!("{name}'s own");
        let body = json!({"username": name, "email": email, "role": "viewer", "personal_account": own});
        let made = self.posts(&self.vendor(), "/users", body).await;
        assert_eq!(made.status, 201, "{:?}", made.bytes);
        let set = json!({"link": self.link(&email).await, "password": PASSWORD});
        text(&self.calls("/password/set", set).await, "session")
    }

    /// Makes an organisation with a key.
    pub async fn founds(&self, session: &str, key: &str) -> Answer {
        self.posts(session, "/organisations", json!({"name": format!("Company of {key}"), "permission_key": key})).await
    }
}
