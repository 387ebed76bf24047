//! Licence files (H19, I14): the same request gets the same bytes and is charged once; returns.

use super::console::{Console, leased};
use super::world::{ISS, SKU, World, product, units};
use leasehold_ledger::actor::Role;
use leasehold_ledger::record::*;
use leasehold_ledger::rule::lot::Line;
use leasehold_ledger::{Command, Outcome};
use leasehold_protocol::request::Request;
use leasehold_protocol::surrender::Surrender;
use leasehold_protocol::time::DAY;
use leasehold_protocol::{ActivationId, Cti, Digest, Refused, Units};

impl Console {
    pub fn request(&mut self, world: &World, code: &str) -> Request {
        Request {
            iss: Some(ISS.into()),
            code: code.into(),
            device_name: None,
            wanted: None,
            replaces: None,
            sender: self.sender(world),
            host: self.host.clone(),
        }
    }
}

impl World {
    /// A viewer of the account uploads a request.
    pub fn answer(&mut self, account: AccountId, request: &Request) -> Result<Vec<u8>, Refused> {
        let digest = Digest::of(format!("{request:?}").as_bytes());
        let id = ActivationId(*self.draw().as_bytes());
        let request = Box::new(request.clone());
        let viewer = self.member(account, Role::Viewer);
        match self.run(viewer, Command::AnswerRequest { account, request, digest, id })? {
            Outcome::File(bytes) => Ok(bytes),
            other => panic!("no file: {other:?}"),
        }
    }

    /// The only activation with licence files.
    pub fn filed(&self) -> (Activation, leasehold_ledger::renewal::Renewal) {
        let file = self.files().into_iter().next().expect("one was signed");
        self.activation(file.activation)
    }

    pub fn files(&self) -> Vec<LicenseFile> {
        use leasehold_ledger::store::Store;
        let view = self.store.read().expect("memory");
        leasehold_ledger::view::list(view.as_ref(), &[], None, usize::MAX).expect("sound")
    }

    /// The device gives back its file number `seq`.
    pub fn give_back(&mut self, console: &mut Console, account: AccountId, seq: u32) -> Result<(), Refused> {
        let sub = self.filed().0.id;
        let message = surrender(console, self, sub, seq);
        let viewer = self.member(account, Role::Viewer);
        self.run(viewer, Command::TakeReturn { account, message: Box::new(message) }).map(drop)
    }
}

fn surrender(console: &mut Console, world: &World, sub: ActivationId, seq: u32) -> Surrender {
    Surrender { iss: ISS.into(), sub, held: Cti::derive(sub, seq), sender: console.sender(world) }
}

/// A customer with a lot of 10 + 10.
fn customer() -> (World, AccountId, super::world::Lot) {
    let mut world = World::new();
    let customer = world.customer("Customer");
    let lot = world.mint(customer, units(10, 10));
    (world, customer, lot)
}

#[test]
fn the_same_request_gets_the_same_bytes_and_is_charged_once() {
    let (mut world, customer, lot) = customer();
    let request = Request { wanted: Some(units(3, 2)), ..Console::new(1).request(&world, &lot.code) };
    let told = world.events_of(|world| {
        let bytes = world.answer(customer, &request).expect("a file");
        world.days(400);
        assert_eq!(world.answer(customer, &request).expect("the same file"), bytes);
    });
    assert_eq!(told.iter().map(|event| event.verb).collect::<Vec<_>>(), [Verb::FileIssued]);
    assert_eq!(world.holding(lot.id).charged, units(3, 2));
}

#[test]
fn a20_a_download_goes_on_in_an_inactive_account_and_nothing_new_is_signed() {
    let (mut world, customer, lot) = customer();
    let request = Request { wanted: Some(units(1, 1)), ..Console::new(1).request(&world, &lot.code) };
    world.answer(customer, &request).expect("a file");
    world.set_status(customer, AccountStatus::Inactive);
    world.answer(customer, &request).expect("the same file");
    let other = Console::new(2).request(&world, &lot.code);
    assert_eq!(world.answer(customer, &other), Err(Refused::AccountInactive));
}

#[test]
fn i5_a_renewed_file_in_an_inactive_account_carries_no_more_than_the_last() {
    // a living file is renewed without asking for an active account, so its units must not rise
    let (mut world, customer, lot) = customer();
    let mut console = Console::new(1);
    let request = Request { wanted: Some(units(1, 1)), ..console.request(&world, &lot.code) };
    world.answer(customer, &request).expect("a file");
    world.set_status(customer, AccountStatus::Inactive);
    let more = Request { wanted: Some(units(5, 5)), ..console.request(&world, &lot.code) };
    assert_eq!(world.answer(customer, &more), Err(Refused::AccountInactive));
}

#[test]
fn h19_i14_a_pool_key_never_gets_a_file() {
    let mut world = World::new();
    let (customer, pool) = world.customer_with_pool(units(10, 10));
    let key = world.pool_key(pool, "Key", units(4, 4));
    let request = Console::new(1).request(&world, &key.code);
    assert_eq!(world.answer(customer, &request), Err(Refused::OnlineOnly));
}

#[test]
fn a_request_is_answered_in_the_key_s_own_account_and_installation_only() {
    let (mut world, customer, lot) = customer();
    let other = world.customer("Other");
    let request = Console::new(1).request(&world, &lot.code);
    assert_eq!(world.answer(other, &request), Err(Refused::KeyInvalid));
    let elsewhere = Request { iss: Some("other.example".into()), ..request.clone() };
    assert_eq!(world.answer(customer, &elsewhere), Err(Refused::KeyInvalid));
    let unknown = Request { code: "AAAA-AAAA-AAAA-AAAA".into(), ..request };
    assert_eq!(world.answer(customer, &unknown), Err(Refused::KeyInvalid));
}

#[test]
fn a_returned_file_frees_its_units_and_its_request_is_not_answered_again() {
    let (mut world, customer, lot) = customer();
    let mut console = Console::new(1);
    let request = console.request(&world, &lot.code);
    world.answer(customer, &request).expect("a file");
    assert_eq!(world.holding(lot.id).free(), Units::default());
    let sub = world.filed().0.id;
    let back = Command::TakeReturn { account: customer, message: Box::new(surrender(&mut console, &world, sub, 1)) };
    let viewer = world.member(customer, Role::Viewer);
    let told = world.events_of(|world| {
        world.done(viewer.clone(), back.clone());
        world.done(viewer, back);
    });
    assert_eq!(told.iter().map(|event| event.verb).collect::<Vec<_>>(), [Verb::FileReturned]);
    assert_eq!(world.holding(lot.id).free(), units(10, 10));
    assert_eq!(world.answer(customer, &request), Err(Refused::RequestAnswered));
    let anew = console.request(&world, &lot.code);
    world.answer(customer, &anew).expect("a new request gets a new file");
}

#[test]
fn only_the_last_file_of_this_device_is_taken_back() {
    let (mut world, customer, lot) = customer();
    let mut console = Console::new(1);
    let request = console.request(&world, &lot.code);
    world.answer(customer, &request).expect("a file");
    assert_eq!(world.give_back(&mut console, customer, 7), Err(Refused::RequestAnswered));
    let mut thief = Console::new(2);
    assert_eq!(world.give_back(&mut thief, customer, 1), Err(Refused::OutOfReach));
    let other = world.customer("Other");
    assert_eq!(world.give_back(&mut console, other, 1), Err(Refused::OutOfReach));
}

#[test]
fn a_product_may_take_nothing_back() {
    let mut world = World::new();
    world.done(world.root(), Command::CreateProduct(Product { returns: Returns::Never, ..product("NEVER", "Never") }));
    let customer = world.customer("Customer");
    let line = world.line("NEVER", units(1, 1));
    let lot = world.mint_line(customer, line);
    let mut console = Console { sku: "NEVER".into(), ..Console::new(1) };
    let request = console.request(&world, &lot.code);
    world.answer(customer, &request).expect("a file");
    assert_eq!(world.give_back(&mut console, customer, 1), Err(Refused::Irreversible));
}

#[test]
fn a_smaller_file_frees_the_difference_when_the_device_shows_that_it_has_it() {
    let (mut world, customer, lot) = customer();
    let mut console = Console::new(1);
    let mut ask = |world: &mut World, count: u32, replaces: Option<u32>| {
        let sub = world.files().first().map(|file| file.activation);
        let replaces = replaces.zip(sub).map(|(seq, sub)| Cti::derive(sub, seq));
        let wanted = Some(units(count, count));
        let request = Request { wanted, replaces, ..console.request(world, &lot.code) };
        world.answer(customer, &request).map(drop)
    };
    ask(&mut world, 10, None).expect("a file");
    ask(&mut world, 4, Some(1)).expect("a smaller one");
    assert_eq!(world.holding(lot.id).charged, units(10, 10), "the larger one may be what it runs on");
    ask(&mut world, 3, Some(2)).expect("it names the smaller one");
    assert_eq!(world.holding(lot.id).charged, units(4, 4));
    ask(&mut world, 10, None).expect("its own units are there for it");
    assert_eq!(world.holding(lot.id).charged, units(10, 10));
    ask(&mut world, 11, None).expect_err("more than there are");
}

#[test]
fn a_replaced_file_is_not_given_out_again() {
    let (mut world, customer, lot) = customer();
    let mut console = Console::new(1);
    let (first, second) = (console.request(&world, &lot.code), console.request(&world, &lot.code));
    world.answer(customer, &first).expect("a file");
    world.answer(customer, &second).expect("another");
    assert_eq!(world.answer(customer, &first), Err(Refused::RequestAnswered));
    world.answer(customer, &second).expect("the last one is");
}

#[test]
fn under_expiry_only_a_file_with_an_end_is_signed() {
    let mut world = World::with(FreeOn::Expiry);
    let customer = world.customer("Customer");
    let endless = world.mint(customer, units(1, 1));
    let request = Console::new(1).request(&world, &endless.code);
    assert_eq!(world.answer(customer, &request), Err(Refused::DurationRequired));
    let line = Line { expires: Some(world.now.plus(30 * DAY)), ..world.line(SKU, units(1, 1)) };
    let dated = world.mint_line(customer, line);
    let mut console = Console::new(2);
    let request = console.request(&world, &dated.code);
    world.answer(customer, &request).expect("a file with an end");
    world.give_back(&mut console, customer, 1).expect("it is taken back");
    assert_eq!(world.holding(dated.id).free(), Units::default(), "which proves nothing");
    world.days(30);
    world.done(world.root(), Command::Retire { lot: dated.id, units: units(1, 1) });
}

#[test]
fn a_device_runs_on_a_key_by_lease_or_by_file_not_both() {
    let (mut world, customer, lot) = customer();
    let mut console = Console::new(1);
    let request = Request { wanted: Some(units(1, 1)), ..console.request(&world, &lot.code) };
    world.answer(customer, &request).expect("a file");
    let activate = console.activate(&world, &lot.code);
    let mut proved = activate.clone();
    proved.proof = console.proved(&world, world.filed().0.id);
    assert_eq!(leased(world.send_activate(&proved, None)).err(), Some(Refused::KeyInUse));
    let mut other = Console::new(2);
    world.activate(&mut other, &lot.code).expect("another device");
    let request = Request { wanted: Some(units(1, 1)), ..other.request(&world, &lot.code) };
    assert_eq!(world.answer(customer, &request), Err(Refused::KeyInUse));
}
