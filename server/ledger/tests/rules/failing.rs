//! A store that fails at any of its operations leaves nothing half-applied.

use super::console::Console;
use super::staff::phc;
use super::world::{World, units};
use leasehold_ledger::actor::{Actor, Role};
use leasehold_ledger::command::people::*;
use leasehold_ledger::draft::Fault;
use leasehold_ledger::record::*;
use leasehold_ledger::rule::key::NewKey;
use leasehold_ledger::{Command, Outcome};
use leasehold_protocol::ActivationId;

/// Runs a command with the store failing at its first, second, third ... operation until one run gets through.
fn fail_everywhere(world: &mut World, actor: &Actor, command: &Command) -> Outcome {
    let before = world.rows();
    for operation in 1..10_000 {
        world.store.fail_at(operation);
        let result = world.attempt(actor.clone(), command);
        world.store.fail_at(0);
        match result {
            Err(Fault::Store(_)) => {
                assert_eq!(world.rows(), before, "operation {operation} of {command:?} left something");
            }
            Err(refused) => panic!("{refused} by {command:?}"),
            Ok(outcome) => {
                assert!(operation > 3, "a command reads and writes");
                world.check("a command that got through");
                return outcome;
            }
        }
    }
    panic!("{command:?} never got through")
}

#[test]
fn i2_a_failing_store_applies_a_command_whole_or_not_at_all() {
    let mut world = World::new();
    let customer = world.customer("Customer");
    let lot = world.mint(customer, units(10, 10));
    let mut console = Console::new(1);
    let operator = world.member(customer, Role::Operator);
    let device = Actor::system("device");
    let activate = |world: &mut World, console: &mut Console, code: &str, replaces: bool| {
        let mut message = Box::new(console.activate(world, code));
        message.replaces = console.held.as_ref().filter(|_| replaces).map(|lease| lease.grant.cti);
        let activate = Command::Activate { message, id: ActivationId(*world.draw().as_bytes()), held: None };
        let outcome = fail_everywhere(world, &device, &activate);
        let Outcome::Lease(lease) = outcome else { panic!("refused: {outcome:?}") };
        console.held = Some(*lease);
    };
    activate(&mut world, &mut console, &lot.code, false);
    let stock = HoldingId(world.draw());
    fail_everywhere(&mut world, &operator, &Command::Convert { lot: lot.id, stock, force: false });
    let new = NewKey {
        id: KeyId(world.draw()),
        allotment: HoldingId(world.draw()),
        pool: stock,
        code: world.code(),
        name: "Key".into(),
        quota: units(7, 7),
    };
    fail_everywhere(&mut world, &operator, &Command::CreatePoolKey(new.clone()));
    activate(&mut world, &mut console, &new.code, true);
    fail_everywhere(&mut world, &operator, &Command::SetKeyQuota { key: new.id, quota: units(3, 8) });
    for _ in 0..2 {
        let message = Box::new(console.check(&world));
        let outcome = fail_everywhere(&mut world, &device, &Command::Check { message, held: None });
        let Outcome::Lease(lease) = outcome else { panic!("refused: {outcome:?}") };
        console.held = Some(*lease);
    }
    let message = Box::new(console.release(&world));
    fail_everywhere(&mut world, &device, &Command::Release { message, held: None });
    fail_everywhere(&mut world, &operator, &Command::DeleteKey { key: new.id });
    assert_eq!(world.holding(stock).free(), units(10, 10));
}

#[test]
fn i2_a_failing_store_applies_what_people_do_whole_or_not_at_all() {
    let mut world = World::new();
    let account = world.customer("Customer");
    let user = world.owner(account, "ada");
    let (root, nobody, own) = (world.root(), Actor::system("sign-in"), world.alone(user));
    let run = |world: &mut World, actor: &Actor, command: People| {
        fail_everywhere(world, actor, &Command::People(Box::new(command)));
    };
    let id = UserId(world.draw());
    let invite = People::InviteUser { account, email: "b@example.com".into(), role: Role::Viewer, user: id };
    run(&mut world, &root, invite);
    let (secret, link) = (SecretId(world.draw()), world.hash());
    let mail = world.mail(id, MailKind::Invitation).id;
    run(&mut world, &nobody, People::IssueLink { mail, id: secret, hash: link, password: None });
    let claim = Claim { username: Some("b".into()), person: Person::default(), password: phc("b") };
    run(&mut world, &nobody, People::ConfirmInvitation { link, claim: Some(claim) });
    run(&mut world, &root, People::NameCoAdmin { account, user: id, replace: false });
    run(&mut world, &root, People::HandOver { account, user: id });
    let basis = Basis::Password { verified: phc("first") };
    let session = world.new_secret();
    run(&mut world, &own, People::OpenSession { user, secret: session.clone(), basis });
    let hash = world.reset_link(user);
    run(&mut world, &nobody, People::SetPassword { authority: Authority::Link { hash }, password: phc("second") });
    run(&mut world, &own, People::RequestEmail { to: "new@example.com".into() });
    let link = world.link(user, MailKind::ChangeEmail);
    run(&mut world, &nobody, People::ConfirmEmail { link });
    run(&mut world, &root, People::RemoveMembers { account, users: vec![user] });
    fail_everywhere(&mut world, &root, &Command::DeleteAccount { account });
}
