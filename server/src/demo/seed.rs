//! Carries a scenario out: the same commands that portal and API send.

use super::scenario::{Expect, Order, Pool, Scenario};
use crate::app::App;
use crate::cli::failure::Failure;
use crate::random;
use leasehold_ledger::Command;
use leasehold_ledger::actor::{Actor, Role};
use leasehold_ledger::record::{AccountId, FreeOn, Holding, HoldingId, Installation, KeyId, KeyKind};
use leasehold_ledger::rule::account::{NewAccount, Profile};
use leasehold_ledger::rule::key::NewKey;
use leasehold_ledger::rule::lot::{Line, Purchase};
use leasehold_ledger::rule::pool::stock_name;
use leasehold_ledger::view;
use leasehold_protocol::Units;
use std::collections::BTreeMap;

/// What a scenario made, by the names it gave.
#[derive(Debug, Default)]
pub struct Seeded {
    /// Accounts.
    pub accounts: BTreeMap<String, AccountId>,
    /// Pools.
    pub pools: BTreeMap<String, HoldingId>,
    /// Pool keys, with their codes.
    pub keys: BTreeMap<String, (KeyId, String)>,
    /// Activation IDs of the lines that were not pooled, by sku.
    pub activation_ids: BTreeMap<String, String>,
}

/// The operator, as the demonstration speaks.
///
/// # Errors
/// [`Failure`].
pub fn operator(app: &App) -> Result<Actor, Failure> {
    let installation = view::find::<Installation>(app.view()?.as_ref(), Installation::KEY)?;
    let vendor =
        installation.ok_or_else(|| Failure::failed("the store was never set up", "start over with --fresh"))?.vendor;
    Ok(Actor::member("operator", vendor, Role::Admin))
}

/// Carries out everything a scenario says.
///
/// # Errors
/// [`Failure`] with the step that was refused.
pub async fn seed(app: &App, scenario: &Scenario) -> Result<Seeded, Failure> {
    let actor = operator(app)?;
    let (vendor, _) = actor.member.ok_or_else(|| Failure::failed("the operator is nobody", "report this"))?;
    let mut seeded = Seeded::default();
    let send = |command| send(app, actor.clone(), command);
    for product in &scenario.products {
        send(Command::CreateProduct(product.record())).await?;
    }
    for account in &scenario.accounts {
        let id = AccountId(random::id(app.clock.now()));
        let profile = Profile {
            name: account.name.clone(),
            key_prefix: account.key_prefix.clone(),
            may_create_customers: true,
            ..Profile::default()
        };
        send(Command::CreateAccount(NewAccount { id, parent: vendor, kind: account.kind, profile })).await?;
        seeded.accounts.insert(account.name.clone(), id);
    }
    for order in &scenario.orders {
        buy(app, &actor, order, &mut seeded).await?;
    }
    for pool in &scenario.pools {
        fill(app, &actor, pool, &mut seeded).await?;
    }
    scenario.expects.iter().try_for_each(|expect| check(app, expect, &seeded))?;
    Ok(seeded)
}

async fn buy(app: &App, actor: &Actor, order: &Order, seeded: &mut Seeded) -> Result<(), Failure> {
    let now = app.clock.now();
    let mut lines = Vec::new();
    for line in &order.lines {
        let until = line.free_upgrade_until.as_ref().map(|when| when.day(now)).transpose();
        lines.push(Line {
            lot: HoldingId(random::id(now)),
            key: KeyId(random::id(now)),
            code: random::key_code(),
            sku: line.sku.clone(),
            units: line.units.clone(),
            expires: None,
            upgrade_until: until.map_err(|error| Failure::usage(error, "mend the scenario"))?,
            kind: KeyKind::ActivationId,
            free_on: FreeOn::Fetch,
        });
    }
    let made: Vec<_> = lines.iter().map(|line| (line.lot, line.code.clone())).collect();
    let account = account(seeded, &order.account)?;
    let purchase = Purchase { account, entitlement: order.entitlement.clone(), reference: None, lines };
    send(app, actor.clone(), Command::Mint(purchase)).await?;
    for (line, (lot, code)) in order.lines.iter().zip(made) {
        if line.pooled {
            let stock = HoldingId(random::id(now));
            send(app, actor.clone(), Command::Convert { lot, stock, force: true }).await?;
        } else {
            seeded.activation_ids.insert(line.sku.clone(), code);
        }
    }
    Ok(())
}

async fn fill(app: &App, actor: &Actor, pool: &Pool, seeded: &mut Seeded) -> Result<(), Failure> {
    let now = app.clock.now();
    let id = HoldingId(random::id(now));
    let account = account(seeded, &pool.account)?;
    let (name, sku) = (pool.name.clone(), pool.sku.clone());
    send(app, actor.clone(), Command::CreatePool { id, account, name, sku, free_on: pool.free_on }).await?;
    send(app, actor.clone(), Command::SetPoolQuota { pool: id, quota: pool.quota.clone() }).await?;
    seeded.pools.insert(pool.name.clone(), id);
    for key in &pool.keys {
        let (key_id, code) = (KeyId(random::id(now)), random::key_code());
        let new = NewKey {
            id: key_id,
            allotment: HoldingId(random::id(now)),
            pool: id,
            code: code.clone(),
            name: key.name.clone(),
            quota: key.quota.clone(),
        };
        send(app, actor.clone(), Command::CreatePoolKey(new)).await?;
        seeded.keys.insert(key.name.clone(), (key_id, code));
    }
    Ok(())
}

/// The stock holds what the scenario says, and its date is the one computed.
fn check(app: &App, expect: &Expect, seeded: &Seeded) -> Result<(), Failure> {
    let stock = stock(app, account(seeded, &expect.account)?, &expect.compat)?;
    let wrong = |what: String| Failure::failed(format!("{} {}: {what}", expect.account, expect.compat), "report this");
    if stock.free() != expect.left {
        return Err(wrong(format!("{} are left, not {}", stock.free(), expect.left)));
    }
    let day =
        expect.free_upgrade_until.day(app.clock.now()).map_err(|error| Failure::usage(error, "mend the scenario"))?;
    if stock.upgrade_until != Some(day) {
        return Err(wrong(format!("upgrades are free until {:?}, not {day}", stock.upgrade_until)));
    }
    Ok(())
}

/// The upgrade date of each type, computed by the ledger; [`seed`] has compared it with the scenario's.
///
/// # Errors
/// [`Failure`].
pub fn dates(app: &App, scenario: &Scenario, seeded: &Seeded) -> Result<Vec<(String, String)>, Failure> {
    let date = |expect: &Expect| {
        let stock = stock(app, account(seeded, &expect.account)?, &expect.compat)?;
        Ok((expect.compat.clone(), stock.upgrade_until.map(|day| day.to_string()).unwrap_or_default()))
    };
    scenario.expects.iter().map(date).collect()
}

/// An account's stock of a type.
///
/// # Errors
/// [`Failure`] if nothing was converted.
pub fn stock(app: &App, account: AccountId, compat: &str) -> Result<Holding, Failure> {
    let view = app.view()?;
    let name = stock_name(compat);
    let holdings = view::holdings_of(view.as_ref(), account)?;
    let stock = holdings.into_iter().find(|holding| holding.name == name.trim() && holding.parent.is_none());
    stock.ok_or_else(|| Failure::failed(format!("nothing of type {compat} was pooled"), "start over with --fresh"))
}

/// A holding as it is now.
///
/// # Errors
/// [`Failure`].
pub fn holding(app: &App, id: HoldingId) -> Result<Holding, Failure> {
    let holding = view::find::<Holding>(app.view()?.as_ref(), id.bytes())?;
    holding.ok_or_else(|| Failure::failed(format!("holding {id} is gone"), "start over with --fresh"))
}

/// Sends a command as `actor`.
///
/// # Errors
/// [`Failure`] with the refusal's code and detail.
pub async fn send(app: &App, actor: Actor, command: Command) -> Result<leasehold_ledger::Outcome, Failure> {
    app.send(actor, command).await.map_err(|error| Failure::failed(error, "the demonstration cannot go on"))
}

fn account(seeded: &Seeded, name: &str) -> Result<AccountId, Failure> {
    let found = seeded.accounts.get(name).copied();
    found.ok_or_else(|| Failure::usage(format!("the scenario has no account {name:?}"), "mend the scenario"))
}

/// Units of a holding in one line.
#[must_use]
pub fn units_line(holding: &Holding) -> String {
    let free = holding.free();
    let mut line = format!("{free} free");
    let parts: [(&Units, &str); 3] =
        [(&holding.charged, "in use"), (&holding.encumbered, "arriving"), (&holding.granted, "in its keys and pools")];
    for (units, what) in parts {
        if !units.is_none() {
            line.push_str(&format!(", {units} {what}"));
        }
    }
    line
}
