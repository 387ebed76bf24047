//! Devices that announce themselves and are licensed from the account's side (A5).

mod licensed;

use super::console::Console;
use super::world::{SKU, World, product, units};
use leasehold_ledger::actor::{Actor, Role};
use leasehold_ledger::record::waiting::{FORGOTTEN_AFTER, WAITING_MAX};
use leasehold_ledger::record::*;
use leasehold_ledger::row;
use leasehold_ledger::store::{Store, Table};
use leasehold_ledger::{Command, Outcome, view};
use leasehold_protocol::register::Register;
use leasehold_protocol::{ActivationId, PublicKey, Refused, Units};

const CODE: &str = "ENRO-LMEN-TCOD-0001";

/// A customer with an enrolment code and a pool.
struct Stage {
    world: World,
    account: AccountId,
    pool: HoldingId,
}

impl Stage {
    fn set() -> Self {
        let mut world = World::new();
        let (account, pool) = world.customer_with_pool(units(20, 0));
        let mut stage = Self { world, account, pool };
        stage.enrolment(Some(CODE));
        stage
    }

    fn enrolment(&mut self, code: Option<&str>) {
        let command = Command::SetEnrolmentCode { account: self.account, code: code.map(str::to_owned) };
        self.world.done(self.world.root(), command);
    }

    fn message(&self, console: &mut Console) -> Register {
        Register {
            iss: super::world::ISS.into(),
            code: CODE.into(),
            device_name: Some("till".into()),
            keyset_version: 1,
            sender: console.sender(&self.world),
            host: console.host.clone(),
            proof: console.proof(),
        }
    }

    fn send(&mut self, message: &Register) -> Outcome {
        let id = ActivationId(*self.world.draw().as_bytes());
        let command = Command::Register { message: Box::new(message.clone()), id, held: None };
        self.world.run(Actor::system("device"), command).expect("a device is answered with an outcome")
    }

    /// The console asks, with a message of its own.
    fn asks(&mut self, console: &mut Console) -> Outcome {
        let message = self.message(console);
        self.send(&message)
    }

    fn waits(&mut self, console: &mut Console) {
        assert_eq!(self.asks(console), Outcome::Waiting);
    }

    fn refused(&mut self, console: &mut Console) -> Option<Refused> {
        match self.asks(console) {
            Outcome::Refusal(refusal) => refusal.refused(),
            other => panic!("{other:?}"),
        }
    }

    fn license(&mut self, console: &Console, key: KeyId, units: Option<Units>) -> Result<(), Refused> {
        let (account, device) = (self.account, console.device.device_id());
        let operator = self.world.member(account, Role::Operator);
        self.world.run(operator, Command::LicenseWaiting { account, device, key, units }).map(drop)
    }

    fn turn_away(&mut self, console: &Console) {
        let (account, device) = (self.account, console.device.device_id());
        self.world.done(self.world.member(account, Role::Operator), Command::TurnAway { account, device });
    }

    fn row(&self, console: &Console) -> Option<Waiting> {
        let view = self.world.store.read().expect("memory");
        view::find(view.as_ref(), &Waiting::key_of(self.account, console.device.device_id())).expect("sound")
    }
}

#[test]
fn i13_the_first_announcement_is_an_event_and_those_after_it_are_none() {
    let (mut stage, mut console) = (Stage::set(), Console::new(1));
    let before = stage.world.events().len();
    stage.waits(&mut console);
    let rows = stage.world.rows();
    stage.waits(&mut console);
    assert!(stage.world.rows() == rows, "heard again within the hour: nothing is written");
    stage.world.pass(3600);
    stage.waits(&mut console);
    let row = stage.row(&console).expect("it waits");
    assert_eq!((row.heard, row.announced.plus(3600), row.name.as_deref()), (stage.world.now, row.heard, Some("till")));
    console.host.version = "9.2".into();
    stage.waits(&mut console);
    assert_eq!(stage.row(&console).map(|row| row.version), Some("9.2".to_owned()));
    let events = stage.world.events().split_off(before);
    assert_eq!(events.iter().map(|event| event.verb).collect::<Vec<_>>(), [Verb::DeviceAnnounced]);
    assert_eq!(events[0].fact("product"), Some(SKU));
}

#[test]
fn nobody_waits_under_a_code_that_is_not_an_accounts_or_in_an_account_where_nothing_begins() {
    let (mut stage, mut console) = (Stage::set(), Console::new(1));
    for code in ["AAAA-AAAA-AAAA-AAAA", "no code"] {
        let message = Register { code: code.into(), ..stage.message(&mut console) };
        let Outcome::Stranger(no) = stage.send(&message) else { panic!("a stranger") };
        assert_eq!(no.refused(), Some(Refused::EnrolmentInvalid));
    }
    let mut other = Console { sku: "NONE".into(), ..Console::new(2) };
    assert_eq!(stage.refused(&mut other), Some(Refused::ProductNotAllowed), "not in the catalogue");
    let status = |status| Command::SetAccountStatus { account: stage.account, status };
    let (rests, goes_on) = (status(AccountStatus::Inactive), status(AccountStatus::Active));
    stage.world.done(stage.world.root(), rests);
    assert_eq!(stage.refused(&mut console), Some(Refused::AccountInactive));
    assert_eq!(stage.row(&console), None);
    stage.world.done(stage.world.root(), goes_on);
    stage.waits(&mut console);
    stage.world.done(stage.world.root(), Command::CreateProduct(product("OTHER", "OTHER")));
    let mut same = Console { sku: "OTHER".into(), ..console.clone() };
    assert_eq!(stage.refused(&mut same), Some(Refused::ProductNotAllowed), "it waits for one product");
}

#[test]
fn who_is_turned_away_hears_it_may_be_licensed_still_and_is_forgotten_after_thirty_days() {
    let (mut stage, mut console) = (Stage::set(), Console::new(1));
    let key = stage.world.pool_key(stage.pool, "Key", units(6, 0));
    stage.waits(&mut console);
    let events = stage.world.events().len();
    stage.turn_away(&console);
    stage.turn_away(&console);
    let away = stage.world.events().split_off(events);
    assert_eq!(away.iter().map(|event| event.verb).collect::<Vec<_>>(), [Verb::DeviceTurnedAway]);
    assert_eq!(stage.refused(&mut console), Some(Refused::EnrolmentInvalid));
    stage.world.pass(FORGOTTEN_AFTER - 1);
    assert_eq!(stage.refused(&mut console), Some(Refused::EnrolmentInvalid), "it is not heard again");
    stage.license(&console, key.id, None).expect("people may think better of it");
    stage.turn_away(&console);
    stage.world.pass(FORGOTTEN_AFTER);
    assert_eq!(stage.license(&console, key.id, None), Err(Refused::OutOfReach), "it is forgotten");
    stage.waits(&mut console);
}

#[test]
fn another_enrolment_code_dismisses_who_waits_under_the_old_one() {
    let (mut stage, mut console) = (Stage::set(), Console::new(1));
    stage.waits(&mut console);
    stage.enrolment(Some("ENRO-LMEN-TCOD-0002"));
    assert_eq!(stage.row(&console), None);
    assert!(matches!(stage.asks(&mut console), Outcome::Stranger(_)));
    stage.enrolment(Some(CODE));
    stage.waits(&mut console);
    stage.enrolment(None);
    assert_eq!(stage.row(&console), None, "nor without one");
}

#[test]
fn an_account_lets_a_thousand_devices_wait_and_forgets_those_not_heard_for_a_month_for_others() {
    let (mut stage, mut console) = (Stage::set(), Console::new(1));
    stage.waits(&mut console);
    let like = stage.row(&console).expect("it waits");
    let heard = stage.world.now;
    let rows: Vec<Waiting> = (1..WAITING_MAX)
        .map(|number| {
            let mut key = [7; 32];
            key[..8].copy_from_slice(&(number as u64).to_be_bytes());
            let public = PublicKey(key);
            Waiting { public, device: public.device_id(), ..like.clone() }
        })
        .collect();
    let put = stage.world.store.write(&mut |tx| {
        rows.iter().try_for_each(|one| tx.put(Table::WaitingDevices, &row::Record::key(one), &row::encode(one)))
    });
    put.expect("memory");
    let mut late = Console::new(2);
    let before = stage.world.rows();
    assert_eq!(stage.asks(&mut late), Outcome::Full);
    assert!(stage.world.rows() == before, "nothing is recorded of it");
    stage.world.pass(FORGOTTEN_AFTER - 1);
    stage.waits(&mut console);
    assert_eq!(stage.asks(&mut late), Outcome::Full);
    stage.world.pass(1);
    assert!(stage.world.now == heard.plus(FORGOTTEN_AFTER));
    stage.waits(&mut late);
    let view = stage.world.store.read().expect("memory");
    let left = view::list::<Waiting>(view.as_ref(), &[], None, usize::MAX).expect("sound");
    assert_eq!(left.len(), 2, "those that were heard stay");
}

#[test]
fn a_device_is_renamed_by_an_operator_and_nobody_hears_of_a_name_it_has() {
    let mut stage = Stage::set();
    let mut console = Console::new(1);
    let account = stage.account;
    let lot = stage.world.mint(account, units(3, 0));
    stage.world.activate(&mut console, &lot.code).expect("a lease");
    let device = console.device.device_id();
    let rename = |name: &str| Command::RenameDevice { account, device, name: Some(name.into()) };
    let operator = || Actor::member("somebody", account, Role::Operator);
    let events = stage.world.events().len();
    for _ in 0..2 {
        stage.world.done(operator(), rename(" Till 4 "));
    }
    let told = stage.world.events().split_off(events);
    assert_eq!((told.len(), told[0].verb, told[0].fact("name")), (1, Verb::DeviceRenamed, Some("Till 4")));
    assert_eq!(stage.world.run(operator(), rename("a\u{0}b")).map(drop), Err(Refused::FieldInvalid));
    let viewer = stage.world.member(account, Role::Viewer);
    assert_eq!(stage.world.run(viewer, rename("x")).map(drop), Err(Refused::ForbiddenRole));
    let other = stage.world.customer("Other");
    let elsewhere = Command::RenameDevice { account: other, device, name: None };
    assert_eq!(stage.world.run(stage.world.root(), elsewhere).map(drop), Err(Refused::OutOfReach));
    stage.world.check_in(&mut console).expect("its renewals go on");
}
