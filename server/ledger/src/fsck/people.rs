//! People: memberships name who is there, one owner and one co-administrator an account, one organisation a user (I11, I12),
//! and the indexes of all of it.

use super::Report;
use super::index::{Expected, pairs, unique};
use super::rows::Rows;
use crate::record::*;
use crate::rule::code;
use crate::store::Table;
use std::collections::BTreeMap;

pub fn check(rows: &Rows, report: &mut Report) {
    let (mut held, mut joined) = (BTreeMap::new(), BTreeMap::new());
    let mut alone: BTreeMap<AccountId, UserId> = BTreeMap::new();
    for one in &rows.memberships {
        let (subject, user) = (format!("member {} of {}", one.user, one.account), one.user);
        report.ensure(rows.users.contains_key(&user), "row", &subject, || "the user is missing".to_owned());
        let Some(account) = rows.accounts.get(&one.account) else {
            report.find("row", subject, "the account is missing");
            continue;
        };
        let gone = account.deleted.is_some() && one.state != MembershipState::Removed;
        report.ensure(!gone, "row", &subject, || "the account was deleted".to_owned());
        let active = one.state == MembershipState::Active;
        report.ensure(active || one.standing == Standing::None, "I12", &subject, || {
            format!("{:?} without taking part", one.standing)
        });
        let other = (one.standing != Standing::None).then(|| held.insert((account.id, one.standing as u8), user));
        report.ensure(other.flatten().is_none(), "I12", &subject, || format!("a second {:?}", one.standing));
        let other = (active && account.organisation).then(|| joined.insert(user, account.id));
        report.ensure(other.flatten().is_none(), "I12", &subject, || "the user is in another organisation".to_owned());
        let listed = one.state != MembershipState::Removed && !account.organisation;
        let other = listed.then(|| alone.insert(account.id, user));
        report
            .ensure(other.flatten().is_none(), "I12", &subject, || "a second member of a personal account".to_owned());
    }
    for secret in rows.secrets.values() {
        let known = rows.users.contains_key(&secret.user);
        report.ensure(known, "row", format!("secret {}", secret.id), || format!("user {} is missing", secret.user));
    }
    let (last, found) = (rows.mail_head.last, rows.mails.len() as u64);
    report.ensure(found == last.0, "row", "outbox", || format!("{found} mails, and {last} were posted"));
    for mail in rows.mails.values() {
        let subject = format!("mail {}", mail.id);
        let known = rows.users.contains_key(&mail.user);
        report.ensure(known, "row", &subject, || format!("user {} is missing", mail.user));
        report.ensure(mail.id <= last, "row", &subject, || format!("numbered above the last, {last}"));
    }
}

pub fn indexes(rows: &Rows, report: &mut Report) -> [(Table, Expected); 6] {
    let own = |mail: &Mail| [&mail.user.bytes()[..], &mail.id.0.to_be_bytes()].concat();
    let mails = |holds: fn(&Mail) -> bool| rows.mails.values().filter(move |mail| holds(mail));
    [
        (Table::UserNames, user_names(rows, report)),
        (Table::UserAccounts, pairs(rows.memberships.iter().map(|one| [*one.user.bytes(), *one.account.bytes()]))),
        (Table::UserSecrets, rows.secrets.values().map(|one| (secret_key(one), one.hash.to_vec())).collect()),
        (Table::OutboxDue, mails(Mail::is_waiting).map(|mail| (mail.due_key(), vec![])).collect()),
        (Table::UserMails, mails(Mail::is_open).map(|mail| (own(mail), vec![])).collect()),
        (Table::EnrolmentCodes, enrolment_codes(rows, report)),
    ]
}

fn secret_key(secret: &Secret) -> Vec<u8> {
    [*secret.user.bytes(), *secret.id.bytes()].concat()
}

fn user_names(rows: &Rows, report: &mut Report) -> Expected {
    let mut expected = Expected::new();
    for user in rows.users.values() {
        for name in [Some(&user.email), user.username.as_ref()].into_iter().flatten() {
            unique(&mut expected, code::fold(name).into_bytes(), user.id.bytes().to_vec(), "the name or email", report);
        }
    }
    expected
}

fn enrolment_codes(rows: &Rows, report: &mut Report) -> Expected {
    let mut expected = Expected::new();
    for account in rows.accounts.values() {
        let Some(code) = &account.enrolment else { continue };
        unique(&mut expected, code.clone().into_bytes(), account.id.bytes().to_vec(), "the enrolment code", report);
    }
    expected
}
