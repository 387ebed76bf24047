//! Walking an account's activations, holding by holding. A cursor is (holding, activation) of the last row.

use crate::admin::holdings::second;
use crate::admin::list::Chunk;
use crate::admin::page::invalid;
use crate::admin::problem::Problem;
use crate::admin::sight::Sight;
use leasehold_ledger::record::{AccountId, Activation, Key};
use leasehold_ledger::store::{Read as _, Table, after};

/// Stands in the place of an activation where a holding has none.
const NONE: [u8; 16] = [0; 16];

/// At most `most` of an account's activations after the (holding, activation) that is `last`. A holding without any is a row that shows
/// nothing: looking at it is work like any other, and an account may have very many of them.
///
/// # Errors
/// [`Problem`].
pub fn of_account(
    sight: &Sight<'_>,
    account: AccountId,
    last: Option<&[u8]>,
    most: usize,
) -> Result<Chunk<Activation>, Problem> {
    let (mut holding, mut behind) = match last.map(<[u8; 32]>::try_from) {
        None => (account.bytes().to_vec(), Vec::new()),
        Some(Ok(last)) => ([account.bytes(), &last[..16]].concat(), last[16..].to_vec()),
        Some(Err(_)) => return Err(invalid("cursor: not one of this list")),
    };
    let mut rows = Vec::new();
    loop {
        let homes = sight.draft.scan(Table::AccountHoldings, &holding, &after(account.bytes()), most)?;
        let is_end = homes.len() < most;
        for (home, _) in homes {
            let home_id = second(&home[16..])?;
            let begun = std::mem::take(&mut behind);
            let from =
                if begun.is_empty() { home_id.bytes().to_vec() } else { [home_id.bytes(), &begun[..], &[0]].concat() };
            let found =
                sight.draft.scan(Table::HoldingActivations, &from, &after(home_id.bytes()), most - rows.len())?;
            if found.is_empty() && begun.is_empty() {
                rows.push(([*home_id.bytes(), NONE].concat(), None));
            }
            for (key, _) in found {
                let one = row(sight, key.get(16..).unwrap_or_default())?;
                rows.push((key, one));
            }
            if rows.len() == most {
                return Ok(Chunk { rows, is_end: false });
            }
            holding = [&home[..], &[0]].concat();
        }
        if is_end {
            return Ok(Chunk { rows, is_end });
        }
    }
}

/// At most `most` of the activations that draw on a key's holdings, a bounded number, after the (holding, activation)
/// that is `last`.
///
/// # Errors
/// [`Problem`].
pub fn of_key(sight: &Sight<'_>, key: &Key, last: Option<&[u8]>, most: usize) -> Result<Chunk<Activation>, Problem> {
    let mut rows = Vec::new();
    let begun = last.and_then(|last| key.holdings.iter().position(|home| last.starts_with(home.bytes())));
    for (at, home) in key.holdings.iter().enumerate().skip(begun.unwrap_or_default()) {
        let from = last.filter(|_| begun == Some(at));
        let from = from.map_or_else(|| home.bytes().to_vec(), |last| [last, &[0]].concat());
        for (index, _) in sight.draft.scan(Table::HoldingActivations, &from, &after(home.bytes()), most - rows.len())? {
            let one = row(sight, index.get(16..).unwrap_or_default())?;
            rows.push((index, one));
        }
    }
    let is_end = rows.len() < most;
    Ok(Chunk { rows, is_end })
}

/// The activation an index row ends in.
///
/// # Errors
/// [`Problem`].
fn row(sight: &Sight<'_>, id: &[u8]) -> Result<Option<Activation>, Problem> {
    let id = id.try_into().map_err(|_| Problem::failed("an index row does not end in an id"))?;
    Ok(Some(sight.draft.indexed(id)?.0))
}
