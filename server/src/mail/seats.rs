//! Mails about seats (G12, G29): each says which there are by now, so none is wrong when it is read late.

use super::letter::{Block, one_line};
use super::words::Sheet;
use leasehold_ledger::record::{AccountId, Holding, Key, Product, UserId};
use leasehold_ledger::store::{Read, StoreError, Table};
use leasehold_ledger::view::{find, seconds};

/// A seat as its user is told of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seat {
    /// The product's name.
    pub product: String,
    /// What to type on the device.
    pub code: String,
}

/// The seats that a user has in an account now.
///
/// # Errors
/// [`StoreError`].
pub fn of(view: &dyn Read, user: UserId, account: Option<AccountId>) -> Result<Vec<Seat>, StoreError> {
    let mut seats = Vec::new();
    for key in seconds(view, Table::UserSeats, user.bytes())? {
        let Some(key) = find::<Key>(view, &key)?.filter(|key| Some(key.account) == account) else { continue };
        let Some(home) = key.holding() else { continue };
        let Some(home) = find::<Holding>(view, home.bytes())? else { continue };
        let name = find::<Product>(view, home.product.as_bytes())?.map(|product| product.name);
        seats.push(Seat { product: name.unwrap_or(home.product), code: key.code });
    }
    Ok(seats)
}

/// G12.
pub fn granted(sheet: &Sheet) -> Vec<Block> {
    told(sheet, "You were given a seat of a licence that your organisation shares.")
}

/// G29, G31, and where a seat alone is taken back.
pub fn taken_back(sheet: &Sheet) -> Vec<Block> {
    told(sheet, "A seat that you had was taken back. What runs on it now goes on for a while and is not renewed.")
}

fn told(sheet: &Sheet, what: &str) -> Vec<Block> {
    let mut blocks = vec![Block::Text(what.to_owned())];
    let account = sheet.account.as_ref().map(|name| ("Account", one_line(name)));
    blocks.extend(account.map(|account| Block::Facts(vec![account])));
    if sheet.seats.is_empty() {
        blocks.push(Block::Text("You have no seat there now.".to_owned()));
        return blocks;
    }
    blocks
        .push(Block::Text("Your seats there, each for one device at a time. Type the code on the device:".to_owned()));
    let lines = sheet.seats.iter().flat_map(|seat| [("Product", one_line(&seat.product)), ("Code", seat.code.clone())]);
    blocks.push(Block::Facts(lines.collect()));
    blocks.push(Block::Text(format!("You find them in the portal, too: {}", sheet.portal)));
    blocks
}
