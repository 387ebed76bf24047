//! Notices: what ends and who is silent is told once, to those who can do something about it.

use super::console::Console;
use super::tampering::{all, edit, set};
use super::world::{SKU, World, units};
use leasehold_ledger::Command;
use leasehold_ledger::actor::{Actor, Role};
use leasehold_ledger::draft::Draft;
use leasehold_ledger::record::*;
use leasehold_ledger::rule::lot::Line;
use leasehold_ledger::rule::notice::is_due;
use leasehold_ledger::store::{Store, Table, after};
use leasehold_protocol::time::DAY;
use leasehold_protocol::{Day, Time};

/// A customer with an administrator, and how many mails were posted of each kind.
struct Desk {
    world: World,
    account: AccountId,
    admin: UserId,
}

impl Desk {
    fn new() -> Self {
        let mut world = World::new();
        let account = world.customer("Customer");
        let admin = world.user(account, "ada", Role::Admin);
        world.user(account, "vera", Role::Viewer);
        world.user(account, "otto", Role::Operator);
        Self { world, account, admin }
    }

    fn lot(&mut self, expires: Option<Time>, upgrade_until: Option<Day>) -> HoldingId {
        let line = Line { expires, upgrade_until, ..self.world.line(SKU, units(3, 2)) };
        self.world.mint_line(self.account, line).id
    }

    fn subjects(&self, kind: NoticeKind) -> Vec<Vec<u8>> {
        let index = if kind == NoticeKind::Silent { Table::Devices } else { Table::AccountHoldings };
        let (from, view) = (self.account.bytes(), self.world.store.read().expect("memory"));
        let rows = view.scan(index, from, &after(from), 10_000).expect("memory");
        rows.into_iter().map(|(key, _)| key).collect()
    }

    /// Runs the command over everything the account has. The mails it posted.
    fn tell(&mut self, kind: NoticeKind) -> Vec<MailNotice> {
        let before = all::<MailNotice>(&self.world).len();
        let (account, subjects) = (self.account, self.subjects(kind));
        let told = self.world.events_of(|world| {
            world.done(Actor::system("job notices"), Command::TellNotice { account, kind, subjects });
        });
        let posted = all::<MailNotice>(&self.world).split_off(before);
        let verbs: Vec<Verb> = told.iter().map(|event| event.verb).collect();
        assert_eq!(verbs, if posted.is_empty() { vec![] } else { vec![Verb::NoticePosted] });
        posted
    }

    /// The days, counted from now, on which something is told, in so many days of a job that runs twice a day.
    fn days_told(&mut self, kind: NoticeKind, days: i64) -> Vec<i64> {
        let mut found = Vec::new();
        for day in 0..days {
            found.extend((!self.tell(kind).is_empty()).then_some(day));
            self.world.pass(3600);
            assert!(self.tell(kind).is_empty(), "again on day {day}");
            self.world.pass(DAY - 3600);
        }
        found
    }

    fn set(&mut self, name: &str, value: SettingValue) {
        let changes = vec![(name.to_owned(), Some(value))];
        self.world.done(self.world.root(), Command::ChangeSettings { scope: Scope::Account(self.account), changes });
    }
}

#[test]
fn the_end_of_a_licence_is_told_thirty_seven_and_one_days_before_and_once_each() {
    let mut desk = Desk::new();
    desk.lot(Some(desk.world.now.plus(40 * DAY)), None);
    desk.lot(None, None);
    assert_eq!(desk.days_told(NoticeKind::Ending, 45), [10, 33, 39]);
    let notices = all::<MailNotice>(&desk.world);
    let lines: Vec<&NoticeLine> = notices.iter().flat_map(|notice| &notice.lines).collect();
    assert!(lines.iter().all(|line| line.units == "2 ACB + 3 OBM" && line.products == [SKU]), "{lines:?}");
    assert_eq!(desk.world.mails(desk.admin).len(), 3, "to administrators, and to nobody else");
}

#[test]
fn whoever_is_late_hears_of_the_nearest_day_alone() {
    let mut desk = Desk::new();
    desk.lot(Some(desk.world.now.plus(5 * DAY)), None);
    assert_eq!(desk.days_told(NoticeKind::Ending, 8), [0, 4]);
}

#[test]
fn another_end_is_told_anew() {
    let mut desk = Desk::new();
    let lot = desk.lot(Some(desk.world.now.plus(6 * DAY)), None);
    assert_eq!(desk.tell(NoticeKind::Ending).len(), 1);
    let end = desk.world.now.plus(40 * DAY);
    edit(&desk.world, |one: &mut Holding| set(one.id == lot, &mut one.expires, Some(end)));
    assert_eq!(desk.days_told(NoticeKind::Ending, 45), [10, 33, 39]);
}

#[test]
fn the_end_of_free_upgrades_is_told_by_the_lot_or_by_what_it_was_added_to() {
    let mut desk = Desk::new();
    let lot = desk.lot(None, Some(desk.world.now.plus(40 * DAY).day()));
    assert_eq!(desk.days_told(NoticeKind::Ending, 2), [0; 0]);
    assert_eq!(desk.days_told(NoticeKind::Maintenance, 31), [9], "its last moment is the end of that day");
    desk.world.convert(lot);
    desk.world.pool(desk.account, "Pool", units(1, 1));
    assert_eq!(desk.days_told(NoticeKind::Maintenance, 12), [0, 1, 7], "the stock says it");
    assert!(all::<MailNotice>(&desk.world).iter().all(|notice| notice.lines.len() == 1), "and the pool does not");
}

#[test]
fn where_everything_was_handed_on_those_who_have_it_say_when_it_ends() {
    let mut desk = Desk::new();
    let lot = desk.lot(None, Some(desk.world.now.plus(6 * DAY).day()));
    desk.world.convert(lot);
    let pool = desk.world.pool(desk.account, "Pool", units(3, 2));
    desk.world.pool_key(pool, "Key", units(3, 2));
    let told = desk.tell(NoticeKind::Maintenance);
    assert_eq!(told.iter().map(|notice| notice.lines.len()).collect::<Vec<_>>(), [1]);
}

#[test]
fn a_silent_console_is_told_once_until_it_was_heard_again() {
    let mut desk = Desk::new();
    let pooled = desk.world.pooled(desk.account, units(5, 5));
    assert_eq!(desk.world.holding(pooled).role, HoldingRole::Stock);
    let pool = desk.world.pool(desk.account, "Pool", units(5, 5));
    let key = desk.world.pool_key(pool, "Key", units(5, 5));
    let mut console = Console::new(1);
    desk.world.activate(&mut console, &key.code).expect("a lease");
    assert_eq!(desk.days_told(NoticeKind::Silent, 10), [7]);
    desk.world.check_in(&mut console).expect("a lease");
    desk.set("silent_days", SettingValue::Number(3));
    assert_eq!(desk.days_told(NoticeKind::Silent, 40), [3]);
    desk.world.check_in(&mut console).expect("a lease again");
    desk.world.release(&mut console).expect("a receipt");
    desk.set("silent_days", SettingValue::Number(1));
    assert_eq!(desk.days_told(NoticeKind::Silent, 10), [0; 0], "what gave everything back is not missed");
}

#[test]
fn who_wants_none_gets_none_and_who_was_not_there_is_told_later() {
    let mut desk = Desk::new();
    desk.lot(Some(desk.world.now.plus(6 * DAY)), None);
    desk.set("notices", SettingValue::Word("off".into()));
    assert!(desk.tell(NoticeKind::Ending).is_empty());
    desk.set("notices", SettingValue::Word("on".into()));
    let users = vec![desk.admin];
    let account = desk.account;
    desk.world.did(desk.world.root(), leasehold_ledger::command::people::People::RemoveMembers { account, users });
    assert!(desk.tell(NoticeKind::Ending).is_empty(), "nobody is there to read it");
    desk.world.user(account, "bela", Role::Admin);
    assert_eq!(desk.tell(NoticeKind::Ending).len(), 1);
}

#[test]
fn an_account_gets_one_mail_of_a_kind_a_day() {
    let mut desk = Desk::new();
    let end = |desk: &Desk| Some(desk.world.now.plus(6 * DAY));
    desk.lot(end(&desk), None);
    assert_eq!(desk.tell(NoticeKind::Ending).len(), 1);
    desk.lot(end(&desk), Some(desk.world.now.plus(6 * DAY).day()));
    assert!(desk.tell(NoticeKind::Ending).is_empty(), "it waits for the next day");
    assert_eq!(desk.tell(NoticeKind::Maintenance).len(), 1, "which is another kind");
    desk.world.days(1);
    assert_eq!(desk.tell(NoticeKind::Ending).iter().map(|notice| notice.lines.len()).sum::<usize>(), 1);
}

#[test]
fn lines_and_readers_of_a_notice_are_bounded() {
    let mut desk = Desk::new();
    let end = Some(desk.world.now.plus(6 * DAY));
    for number in 0..23 {
        desk.lot(end, None);
        desk.world.user(desk.account, &format!("admin{number}"), Role::Admin);
    }
    let told = desk.tell(NoticeKind::Ending);
    assert_eq!(told.len(), 20, "twenty of twenty-four administrators");
    assert!(told.iter().all(|notice| (notice.lines.len(), notice.more) == (20, 3)));
    assert_eq!(desk.days_told(NoticeKind::Ending, 4), [0; 0], "those that were only counted were told too");
}

#[test]
fn whoever_leaves_an_account_gets_no_notice_that_still_waits() {
    let mut desk = Desk::new();
    desk.lot(Some(desk.world.now.plus(6 * DAY)), None);
    desk.tell(NoticeKind::Ending);
    assert_eq!(desk.world.mails(desk.admin).len(), 1);
    let (account, users) = (desk.account, vec![desk.admin]);
    desk.world.did(desk.world.root(), leasehold_ledger::command::people::People::RemoveMembers { account, users });
    assert!(desk.world.mails(desk.admin).is_empty());
}

#[test]
fn nothing_is_told_of_what_is_another_accounts() {
    let mut desk = Desk::new();
    let lot = desk.lot(Some(desk.world.now.plus(6 * DAY)), None);
    let (other, kind) = (desk.world.customer("Other"), NoticeKind::Ending);
    desk.world.user(other, "nosy", Role::Admin);
    let foreign = vec![[*other.bytes(), *lot.bytes()].concat(), desk.subjects(kind).remove(0)];
    let command = Command::TellNotice { account: other, kind, subjects: foreign.clone() };
    desk.world.done(Actor::system("job notices"), command);
    assert!(all::<MailNotice>(&desk.world).is_empty());
    let view = desk.world.store.read().expect("memory");
    let draft = Draft::new(view.as_ref());
    assert_eq!(is_due(&draft, kind, &foreign[0], desk.world.now), Ok(false));
    assert_eq!(is_due(&draft, kind, &foreign[1], desk.world.now), Ok(true));
}
