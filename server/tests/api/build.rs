//! Building the world: once, by commands, as the operator would.

use super::device::{Device, ENROLMENT, FILE_DEVICE, LEASE_DEVICE, LOT_CODE, WAITING_DEVICE};
use super::world::{IDLE_KEY_CODE, Ids, KEY_CODE, NOW, ROLES, Relation, SKU, app, units};
use leasehold::admin::auth::Secret;
use leasehold::random;
use leasehold_ledger::actor::{Actor, Role};
use leasehold_ledger::command::people::{NewUser, People, Place, Welcome};
use leasehold_ledger::memory::MemoryStore;
use leasehold_ledger::record::*;
use leasehold_ledger::rule::account::{NewAccount, Profile};
use leasehold_ledger::rule::key::NewKey;
use leasehold_ledger::rule::lot::{Line, Purchase};
use leasehold_ledger::{Command, Outcome};
use leasehold_protocol::Digest;
use leasehold_protocol::message::DeviceMessage;
use std::sync::Arc;

fn id() -> uuid::Uuid {
    random::id(NOW)
}

pub async fn build() -> (Arc<MemoryStore>, Ids) {
    let store = Arc::new(MemoryStore::new());
    let app = app(store.clone(), NOW);
    let vendor = AccountId(id());
    let installation = Installation { iss: "vendor.test".into(), vendor, epoch: 1, created: NOW };
    let set_up = Command::SetUp { installation, vendor: "Vendor".into() };
    app.send(Actor::system("operator"), set_up).await.expect("set up");
    let operator = Actor::member("operator", vendor, Role::Admin);
    let send = async |command| app.send(operator.clone(), command).await.expect("allowed");
    let account = async |name: &str, parent, kind| {
        let id = AccountId(id());
        let may = kind == AccountKind::Reseller;
        let profile = Profile {
            name: name.into(),
            notes: "pays late".into(),
            may_create_customers: may,
            may_create_resellers: may,
            ..Profile::default()
        };
        send(Command::CreateAccount(NewAccount { id, parent, kind, profile })).await;
        id
    };
    let above = account("Parent", vendor, AccountKind::Reseller).await;
    let own = account("Target", above, AccountKind::Reseller).await;
    let below = account("Child", own, AccountKind::EndCustomer).await;
    let beside = account("Sibling", above, AccountKind::Reseller).await;
    let far = account("Stranger", vendor, AccountKind::Reseller).await;
    let accounts = vec![
        (Relation::Top, vendor),
        (Relation::Above, above),
        (Relation::Own, own),
        (Relation::Below, below),
        (Relation::Beside, beside),
        (Relation::Far, far),
    ];
    send(Command::CreateProduct(product())).await;
    let token = async |name: &str, account, role| {
        let (secret, id) = (Secret::draw(), TokenId(id()));
        let token = Token {
            id,
            hash: secret.hash,
            name: name.into(),
            account,
            role,
            created: NOW,
            expires: None,
            scopes: None,
            last_used: Some(NOW),
        };
        send(Command::CreateToken(token)).await;
        (secret.text, id)
    };
    let mut tokens = Vec::new();
    for (relation, account) in &accounts {
        for role in ROLES {
            tokens.push((*relation, role, token(&format!("{relation:?} {role:?}"), *account, role).await.0));
        }
    }
    let victim = token("victim", own, Role::Viewer).await.1;
    let [pooled, lot, file_lot] = [HoldingId(id()), HoldingId(id()), HoldingId(id())];
    let line = |lot, code: &str, count| Line {
        lot,
        key: KeyId(id()),
        code: code.into(),
        sku: SKU.into(),
        units: units(count),
        expires: None,
        upgrade_until: None,
        kind: KeyKind::ActivationId,
        free_on: FreeOn::Fetch,
    };
    let lines = vec![
        line(pooled, "AAAA-BBBB-CCCC-0000", 100),
        line(lot, "AAAA-BBBB-CCCC-1111", 20),
        line(file_lot, LOT_CODE, 10),
    ];
    send(Command::Mint(Purchase { account: own, entitlement: "SO-1".into(), reference: None, lines })).await;
    let [stock, pool] = [HoldingId(id()), HoldingId(id())];
    send(Command::Convert { lot: pooled, stock, force: false }).await;
    let new_pool =
        |id| Command::CreatePool { id, account: own, name: "P".into(), sku: SKU.into(), free_on: FreeOn::Fetch };
    send(new_pool(pool)).await;
    send(Command::SetPoolQuota { pool, quota: units(40) }).await;
    let key = async |code: &str, name: &str, count| {
        let (id, allotment) = (KeyId(id()), HoldingId(id()));
        let quota = units(count);
        send(Command::CreatePoolKey(NewKey { id, allotment, pool, code: code.into(), name: name.into(), quota })).await;
        id
    };
    let used = key(KEY_CODE, "server-2", 10).await;
    let idle_key = key(IDLE_KEY_CODE, "idle", 5).await;
    let activation = random::activation();
    let message = Box::new(Device::new(LEASE_DEVICE).activates(KEY_CODE));
    let device = Actor::system("activate");
    app.send(device, Command::Activate { message, id: activation, held: None }).await.expect("a lease");
    let request = Device::new(FILE_DEVICE).request(1, 4);
    let digest = Digest::of(&request.sign(&Device::new(FILE_DEVICE).0));
    let file = random::activation();
    let answered = send(Command::AnswerRequest { account: own, request: Box::new(request), digest, id: file }).await;
    assert!(matches!(answered, Outcome::File(_)));
    let user = async |name: &str| {
        let (id, place) = (UserId(id()), Place::Member { account: own, role: Role::Viewer });
        let (username, email) = (Some(name.to_owned()), format!("{name}@mail.example"));
        let person = Person::default();
        let new = NewUser { id, username, email, person, password: None, place, welcome: Welcome::Nothing };
        send(Command::People(Box::new(People::CreateUser(new)))).await;
        id
    };
    let (member, disabled) = (user("member").await, user("disabled").await);
    send(Command::People(Box::new(People::DisableMember { account: own, user: disabled }))).await;
    let [credits, license] = [HoldingId(id()), HoldingId(id())];
    let named = KeyId(id());
    for command in super::licenses::seed::commands(own, (credits, named, license), id) {
        send(command).await;
    }
    send(Command::SetEnrolmentCode { account: own, code: Some(ENROLMENT.into()) }).await;
    let message = Box::new(Device::new(WAITING_DEVICE).registers(ENROLMENT));
    let device = Actor::system("register");
    let waits = app.send(device, Command::Register { message, id: random::activation(), held: None }).await;
    assert!(matches!(waits, Ok(Outcome::Waiting)), "{waits:?}");
    let ids = Ids {
        accounts,
        tokens,
        lot,
        file_lot,
        pool,
        key: used,
        idle_key,
        token: victim,
        member,
        disabled,
        activation,
        request: digest,
        file,
        seat: KeyId(id()), // nobody has one
        credits,
        named,
        license,
    };
    (store, ids)
}

pub fn product() -> Product {
    Product {
        features: vec!["failover".into()],
        offline: true,
        ..Product::plain(SKU, "Backup Standard", "standard", &["OBM", "VM"])
    }
}
