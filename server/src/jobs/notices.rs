//! Once a day: what ends in 30, 7 and 1 days, and which consoles are silent, is told by mail to each account's administrators. What was
//! told already the rule knows ([`leasehold_ledger::rule::notice`]); here is only looked for what may be due.

use crate::app::App;
use crate::writer::NotWritten;
use leasehold_ledger::actor::Actor;
use leasehold_ledger::draft::Draft;
use leasehold_ledger::record::{Account, AccountId, NoticeKind};
use leasehold_ledger::rule::notice::{SUBJECTS_MAX, is_due};
use leasehold_ledger::rule::setting;
use leasehold_ledger::store::{Read, StoreError, Table, after};
use leasehold_ledger::{Command, Fault, row};
use leasehold_protocol::Time;

/// Accounts, or holdings or devices of one, looked at in one snapshot.
const STEP: usize = 256;

/// Goes through all accounts. Returns how many notices it sent for.
///
/// # Errors
/// [`NotWritten`] when the store or the writer fails; the next run goes on.
pub async fn run(app: &App) -> Result<u64, NotWritten> {
    let (mut from, mut done) = (Vec::new(), 0);
    loop {
        let (accounts, next) = accounts(app.view().map_err(Fault::from)?.as_ref(), &from).map_err(Fault::from)?;
        for account in accounts {
            for kind in NoticeKind::ALL {
                done += one(app, account, kind).await?;
            }
            tokio::task::yield_now().await;
        }
        match next {
            Some(next) => from = next,
            None => return Ok(done),
        }
    }
}

/// Looks at one account for one kind of notice. What cannot be read is logged and left behind.
async fn one(app: &App, account: AccountId, kind: NoticeKind) -> Result<u64, NotWritten> {
    let told = match due(app, account, kind).await {
        Ok(subjects) if subjects.is_empty() => return Ok(0),
        Ok(subjects) => {
            app.send(Actor::system("job notices"), Command::TellNotice { account, kind, subjects }).await.map(|_| 1)
        }
        Err(fault) => Err(NotWritten::Fault(fault)),
    };
    match told {
        Err(NotWritten::Fault(error)) => {
            tracing::error!(%account, %error, "an account got no notice");
            Ok(0)
        }
        told => told,
    }
}

/// Active accounts, and where to go on.
fn accounts(view: &dyn Read, from: &[u8]) -> Result<(Vec<AccountId>, Option<Vec<u8>>), StoreError> {
    let rows = view.scan(Table::Accounts, from, &[0xff; 17], STEP)?;
    let next = rows.last().filter(|_| rows.len() == STEP).map(|(key, _)| [key, &[0][..]].concat());
    let mut found = Vec::new();
    for (key, value) in rows {
        let account: Account = row::decode(&key, &value)?;
        if account.deleted.is_none() && setting::notices(view, account.id)? {
            found.push(account.id);
        }
    }
    Ok((found, next))
}

/// The holdings or devices of an account of which something may be told now.
async fn due(app: &App, account: AccountId, kind: NoticeKind) -> Result<Vec<Vec<u8>>, Fault> {
    let index = if kind == NoticeKind::Silent { Table::Devices } else { Table::AccountHoldings };
    let (mut from, end, mut found) = (account.bytes().to_vec(), after(account.bytes()), Vec::new());
    loop {
        let next = step(app.view()?.as_ref(), (index, kind), (&from, &end), app.clock.now(), &mut found)?;
        match next.filter(|_| found.len() < SUBJECTS_MAX) {
            Some(next) => from = next,
            None => return Ok(found),
        }
        tokio::task::yield_now().await;
    }
}

fn step(
    view: &dyn Read,
    (index, kind): (Table, NoticeKind),
    (from, end): (&[u8], &[u8]),
    now: Time,
    found: &mut Vec<Vec<u8>>,
) -> Result<Option<Vec<u8>>, Fault> {
    let rows = view.scan(index, from, end, STEP)?;
    let draft = Draft::new(view);
    for (key, _) in &rows {
        if is_due(&draft, kind, key, now)? {
            found.push(key.clone());
        }
    }
    Ok(rows.last().filter(|_| rows.len() == STEP).map(|(key, _)| [key, &[0][..]].concat()))
}
