//! Seats of named users (G3, G12, G13, G27, G29, G30, G34).

use super::console::Console;
use super::sharing::{Club, FLOAT, NAMED, obm};
use super::world::{SKU, units};
use leasehold_ledger::Command;
use leasehold_ledger::actor::{Actor, Role};
use leasehold_ledger::command::people::People;
use leasehold_ledger::record::*;
use leasehold_ledger::rule::seat::{NewSeat, SEATS_MAX};
use leasehold_protocol::Refused;
use leasehold_protocol::time::DAY;

impl Club {
    fn disables(&mut self, user: UserId) {
        let disable = People::DisableMember { account: self.account, user };
        self.world.did(self.as_owner(), disable);
    }

    fn free(&self, lot: HoldingId) -> u32 {
        self.world.holding(lot).free().count("OBM")
    }
}

#[test]
fn g12_g13_a_seat_takes_one_unit_and_there_are_no_more_seats_than_units() {
    let mut club = Club::new();
    let lot = club.lot(NAMED, 2);
    let told = club.world.events().len();
    let seat = club.seat(lot, club.first);
    let told = club.world.events().split_off(told);
    assert_eq!((told[0].verb, told[0].moves.len(), told.len()), (Verb::SeatGranted, 1, 1));
    assert_eq!((seat.kind, seat.user, club.free(lot)), (KeyKind::Seat, Some(club.first), 1));
    club.seat(lot, club.second);
    let owner = club.owner;
    assert_eq!(club.try_seat(club.as_owner(), lot, owner).map(drop), Err(Refused::InsufficientUnits));
    club.take(seat.id).expect("it is hers");
    club.seat(lot, owner);
}

#[test]
fn g12_a_seat_is_good_for_one_device() {
    let mut club = Club::new();
    let lot = club.lot(NAMED, 5);
    let seat = club.seat(lot, club.first);
    let (mut one, mut two) = (Club::console(1, NAMED), Club::console(2, NAMED));
    assert_eq!(club.world.activate(&mut one, &seat.code).expect("a lease").grant.units, obm(1));
    assert_eq!(club.world.activate(&mut two, &seat.code), Err(Refused::KeyOnOtherDevice));
    club.world.release(&mut one).expect("a receipt");
    club.world.activate(&mut two, &seat.code).expect("the first let go");
}

#[test]
fn g12_a_seat_has_as_many_units_as_asked_for_and_one_of_each_kind_unless_said() {
    let mut club = Club::new();
    let line = club.world.line(NAMED, units(4, 4));
    let lot = club.world.mint_line(club.account, line).id;
    let seat = club.seat(lot, club.first);
    assert_eq!(club.world.holding(seat.holdings[0]).units, units(1, 1));
    let (key, allotment, code) = (KeyId(club.world.draw()), HoldingId(club.world.draw()), club.world.code());
    let new = NewSeat { key, allotment, from: lot, user: club.first, code, units: Some(obm(3)) };
    let more = NewSeat { units: Some(obm(4)), ..new.clone() };
    let none = NewSeat { units: Some(obm(0)), ..new.clone() };
    assert_eq!(club.world.run(club.as_owner(), Command::GrantSeat(more)), Err(Refused::InsufficientUnits));
    assert_eq!(club.world.run(club.as_owner(), Command::GrantSeat(none)), Err(Refused::BadQuantity));
    club.world.done(club.as_owner(), Command::GrantSeat(new));
    assert_eq!(club.world.holding(lot).free(), units(0, 3));
}

#[test]
fn g12_seats_come_out_of_pools_too_and_never_out_of_what_floats() {
    let mut club = Club::new();
    let lot = club.lot(NAMED, 3);
    let pool = club.world.convert(lot);
    let seat = club.seat(pool, club.first);
    assert_eq!(club.world.holding(pool).quota(), obm(3));
    club.take(seat.id).expect("it is hers");
    assert_eq!((club.free(pool), club.world.holding(pool).granted.clone()), (3, obm(0)));
    let float = club.lot(FLOAT, 3);
    let first = club.first;
    assert_eq!(club.try_seat(club.as_owner(), float, first).map(drop), Err(Refused::ProductNotAllowed));
    assert_eq!(club.try_seat(club.as_owner(), seat.holdings[0], first).map(drop), Err(Refused::OutOfReach));
}

#[test]
fn a_seat_taken_back_runs_to_its_lease_s_end_and_its_unit_arrives_then() {
    let mut club = Club::new();
    let lot = club.lot(NAMED, 1);
    let seat = club.seat(lot, club.first);
    let mut console = Club::console(1, NAMED);
    club.world.activate(&mut console, &seat.code).expect("a lease");
    club.take(seat.id).expect("it is hers");
    assert_eq!(club.world.key(seat.id).state, KeyState::Stopped, "a lease lives");
    assert_eq!((club.free(lot), club.world.holding(lot).encumbered.clone()), (0, obm(1)));
    assert_eq!(club.world.check_in(&mut console), Err(Refused::KeyStopped));
    let resume = Command::ResumeKey { key: seat.id };
    assert_eq!(club.world.run(club.as_owner(), resume), Err(Refused::Irreversible));
    assert_eq!(club.take(seat.id), Err(Refused::OutOfReach), "it is nobody's");
    let again = club.seat(lot, club.second);
    let mut other = Club::console(2, NAMED);
    assert_eq!(club.world.activate(&mut other, &again.code), Err(Refused::InsufficientUnits), "it arrives");
    club.world.days(14);
    club.world.activate(&mut other, &again.code).expect("the first lease has ended");
    club.world.done(Actor::system("job lapse"), Command::Lapse { activation: console.sub() });
    assert_eq!(club.world.key(seat.id).state, KeyState::Deleted);
    assert_eq!(club.world.check_in(&mut console), Err(Refused::KeyInvalid));
}

#[test]
fn a_seat_taken_back_is_deleted_when_its_console_lets_go() {
    let mut club = Club::new();
    let lot = club.lot(NAMED, 1);
    let (seat, idle) = (club.seat(lot, club.first), club.lot(NAMED, 1));
    let mut console = Club::console(1, NAMED);
    club.world.activate(&mut console, &seat.code).expect("a lease");
    club.take(seat.id).expect("it is hers");
    club.world.release(&mut console).expect("a receipt");
    assert_eq!((club.world.key(seat.id).state, club.free(lot)), (KeyState::Deleted, 1));
    let unused = club.seat(idle, club.first);
    club.take(unused.id).expect("it is hers");
    assert_eq!((club.world.key(unused.id).state, club.free(idle)), (KeyState::Deleted, 1), "at once");
}

#[test]
fn g27_g34_only_active_members_of_the_account_are_granted_seats() {
    let mut club = Club::new();
    let lot = club.lot(NAMED, 5);
    let invited = club.world.invited(club.account, "invited@example.com");
    let (elsewhere, _) = club.world.personal("eve");
    let (first, second) = (club.first, club.second);
    club.disables(first);
    let lock = People::SetUserState { user: second, state: UserState::Locked };
    club.world.did(club.world.root(), lock);
    for user in [invited, elsewhere, first, second, UserId(uuid::Uuid::from_u128(9999))] {
        assert_eq!(club.try_seat(club.as_owner(), lot, user).map(drop), Err(Refused::NotParticipant));
    }
    assert_eq!(club.free(lot), 5);
}

#[test]
fn seats_are_an_operator_s_to_grant_and_take_back() {
    let mut club = Club::new();
    let lot = club.lot(NAMED, 2);
    let first = club.first;
    let (low, mid) = (club.world.person(first, club.account), club.world.person(club.second, club.account));
    assert_eq!(club.try_seat(low.clone(), lot, first).map(drop), Err(Refused::ForbiddenRole));
    let stranger = club.world.customer("Stranger");
    let stranger = club.world.member(stranger, Role::Admin);
    assert_eq!(club.try_seat(stranger.clone(), lot, first).map(drop), Err(Refused::OutOfReach));
    let key = club.try_seat(mid.clone(), lot, first).expect("an operator").id;
    assert_eq!(club.world.run(low, Command::TakeSeat { key }), Err(Refused::ForbiddenRole));
    assert_eq!(club.world.run(stranger, Command::TakeSeat { key }), Err(Refused::OutOfReach));
    club.world.set_status(club.account, AccountStatus::Inactive);
    assert_eq!(club.try_seat(mid.clone(), lot, first).map(drop), Err(Refused::AccountInactive));
    club.world.done(mid, Command::TakeSeat { key });
}

#[test]
fn g29_g30_a_disabled_member_loses_its_seats_and_an_enabled_one_has_none_again() {
    let mut club = Club::new();
    let lot = club.lot(NAMED, 3);
    let (first, kept) = (club.first, club.seat(lot, club.second));
    let (seat, idle) = (club.seat(lot, first), club.seat(lot, first));
    let mut console = Club::console(1, NAMED);
    club.world.activate(&mut console, &seat.code).expect("a lease");
    let told = club.world.events().len();
    club.disables(first);
    let told = club.world.events().split_off(told);
    assert_eq!((told.len(), told[0].verb, told[0].moves.len()), (1, Verb::MemberDisabled, 2));
    assert_eq!(told[0].fact("seats_taken_back"), Some("2"));
    assert_eq!(club.world.mail(first, MailKind::SeatTakenBack).account, Some(club.account));
    assert_eq!(club.world.check_in(&mut console), Err(Refused::KeyStopped));
    assert_eq!((club.world.key(idle.id).state, club.free(lot)), (KeyState::Deleted, 1));
    assert_eq!(club.world.key(kept.id).state, KeyState::Open, "the other member's");
    let enable = People::EnableMember { account: club.account, user: first };
    club.world.did(club.as_owner(), enable);
    assert_eq!(club.world.check_in(&mut console), Err(Refused::KeyStopped));
    let again = club.seat(lot, first);
    club.world.activate(&mut Club::console(2, NAMED), &again.code).expect("granted again");
}

#[test]
fn a_removed_member_leaves_its_seats_behind() {
    let mut club = Club::new();
    let lot = club.lot(NAMED, 2);
    let users = vec![club.first, club.second];
    let seats = [club.seat(lot, users[0]), club.seat(lot, users[1])];
    let remove = People::RemoveMembers { account: club.account, users };
    club.world.did(club.as_owner(), remove);
    assert_eq!(club.free(lot), 2);
    assert!(seats.iter().all(|seat| club.world.key(seat.id).state == KeyState::Deleted));
}

#[test]
fn what_devices_run_on_is_not_granted_away() {
    let mut club = Club::new();
    let lot = club.world.mint(club.account, obm(3));
    let mut console = Console::new(1);
    club.wants(&mut console, &lot.code, 2).expect("two");
    let (first, second) = (club.first, club.second);
    club.seat(lot.id, first);
    assert_eq!(club.try_seat(club.as_owner(), lot.id, second).map(drop), Err(Refused::InsufficientUnits));
    assert_eq!(club.world.check_in(&mut console).expect("both still").grant.units, obm(2));
}

#[test]
fn a_lot_with_seats_out_is_not_added_to_the_pool() {
    let mut club = Club::new();
    let lot = club.world.mint(club.account, obm(3)).id;
    let seat = club.seat(lot, club.first);
    assert_eq!(club.world.try_convert(lot, false), Err(Refused::QuotaBelowChildren));
    club.take(seat.id).expect("it is hers");
    club.world.convert(lot);
    assert_eq!(club.world.stock(club.account, "OEM").free(), obm(3), "of {SKU}");
}

#[test]
fn seats_end_with_what_they_are_made_of() {
    let mut club = Club::new();
    let end = club.world.now.plus(20 * DAY);
    let line = leasehold_ledger::rule::lot::Line { expires: Some(end), ..club.world.line(NAMED, obm(2)) };
    let lot = club.world.mint_line(club.account, line).id;
    let seat = club.seat(lot, club.first);
    let mut console = Club::console(1, NAMED);
    club.world.activate(&mut console, &seat.code).expect("a lease");
    club.world.days(10);
    assert_eq!(club.world.check_in(&mut console).expect("a shorter one").exp, end);
    club.world.days(10);
    assert_eq!(club.world.check_in(&mut console), Err(Refused::LicenceLapsed));
    let second = club.second;
    assert_eq!(club.try_seat(club.as_owner(), lot, second).map(drop), Err(Refused::LicenceLapsed));
}

#[test]
fn a_user_has_a_bounded_number_of_seats() {
    let mut club = Club::new();
    let lot = club.lot(NAMED, 200);
    let first = club.first;
    for _ in 0..SEATS_MAX {
        let (key, allotment, code) = (KeyId(club.world.draw()), HoldingId(club.world.draw()), club.world.code());
        let new = NewSeat { key, allotment, from: lot, user: first, code, units: None };
        club.world.attempt(club.as_owner(), &Command::GrantSeat(new)).expect("there is room");
    }
    assert_eq!(club.try_seat(club.as_owner(), lot, first).map(drop), Err(Refused::FieldInvalid));
}
