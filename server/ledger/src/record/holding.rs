//! Holdings: the one kind of container for units. Lots, pools and allotments differ in role only.

use crate::record::id::{AccountId, HoldingId, KeyId};
use crate::record::product::Product;
use crate::row::Record;
use crate::store::Table;
use leasehold_protocol::{Day, Time, Units};
use serde::{Deserialize, Serialize};

/// What a holding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HoldingRole {
    /// Units as they were bought (H1, V3).
    Lot,
    /// The account's converted units of one compat: the type total of H8, less what named pools hold.
    Stock,
    /// A named pool (H10, A54).
    Pool,
    /// What a key may use (H14, T9, G12).
    Allotment,
    /// What keeps an account's devices going while a dead one's artefact runs out.
    Reserve,
}

/// When units whose lease was shrunk are free for others (H37).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FreeOn {
    /// When the device has proved that it fetched the smaller lease, or the old one has run out.
    #[default]
    Fetch,
    /// Only when the old lease has run out: a device may keep every lease it ever got.
    Expiry,
    /// At once, by the portals' letter: may over-issue for one term, and the excess is shown.
    AtOnce,
}

/// A container of units of one compat and one end date. Of its units some are charged (in a living artefact issued from
/// here), some encumbered (moved here while an artefact issued elsewhere still carries them), the rest are free;
/// `charged + encumbered <= units` always (I17).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holding {
    /// Its id.
    pub id: HoldingId,
    /// Whose it is.
    pub account: AccountId,
    /// The product's sku.
    pub product: String,
    /// The product's no-mixing label.
    pub compat: String,
    /// What it is.
    pub role: HoldingRole,
    /// What people call it; unique among an account's pools (I11).
    pub name: String,
    /// The key that gives its units.
    pub key: Option<KeyId>,
    /// The order it was bought by.
    pub order: Option<String>,
    /// The pool an allotment, or the stock a named pool, was filled from.
    pub parent: Option<HoldingId>,
    /// Units here.
    pub units: Units,
    /// Of these, in living artefacts issued from here.
    pub charged: Units,
    /// Of these, carried by living artefacts issued elsewhere.
    pub encumbered: Units,
    /// Units its children hold, and their children: with `units`, the quota of a pool.
    pub granted: Units,
    /// Units that came in here: what was bought, into a lot.
    pub minted: Units,
    /// Units that left the books from here.
    pub retired: Units,
    /// Good from.
    pub starts: Time,
    /// Good until; none for ever. Only undated units are poolable (I3).
    pub expires: Option<Time>,
    /// The lots its units stem from; travels with moves.
    pub backing: Vec<HoldingId>,
    /// The earliest day among the backing lots until which upgrades are free (I7, H21): computed, never typed but on a lot.
    pub upgrade_until: Option<Day>,
    /// A lot: the day that was bought with it.
    pub bought_until: Option<Day>,
    /// Nothing is issued from here after this. Unlike `expires` it is no matter of the units: they go back where they came from.
    pub ends: Option<Time>,
    /// Whom the licence is for, for people (T12, T16).
    pub email: String,
    /// For people (T12, T16).
    pub comment: String,
    /// A lot: when it was added to the pool (H3), never back (H4).
    pub converted: Option<Time>,
    /// When shrunk leases free units.
    pub free_on: FreeOn,
    /// Made at.
    pub created: Time,
}

impl Holding {
    /// A holding of `product` with nothing in it, good for ever from `now` on.
    #[must_use]
    pub fn empty(id: HoldingId, account: AccountId, product: &Product, role: HoldingRole, now: Time) -> Self {
        Self::of_compat(id, account, (product.sku.clone(), product.compat.clone()), role, now)
    }

    fn of_compat(
        id: HoldingId,
        account: AccountId,
        (product, compat): (String, String),
        role: HoldingRole,
        now: Time,
    ) -> Self {
        Self {
            id,
            account,
            product,
            compat,
            role,
            name: String::new(),
            key: None,
            order: None,
            parent: None,
            units: Units::default(),
            charged: Units::default(),
            encumbered: Units::default(),
            granted: Units::default(),
            minted: Units::default(),
            retired: Units::default(),
            starts: now,
            expires: None,
            backing: vec![],
            upgrade_until: None,
            bought_until: None,
            ends: None,
            email: String::new(),
            comment: String::new(),
            converted: None,
            free_on: FreeOn::default(),
            created: now,
        }
    }

    /// A holding with nothing in it that units of this one may go to: of its account, product, compat and end date, and
    /// freeing as this one does. Nothing else is taken over: neither bookings nor what stands on its books.
    #[must_use]
    pub fn empty_beside(&self, id: HoldingId, role: HoldingRole, now: Time) -> Self {
        let product = (self.product.clone(), self.compat.clone());
        let empty = Self::of_compat(id, self.account, product, role, now);
        Self { expires: self.expires, free_on: self.free_on, ..empty }
    }

    /// When nothing is issued from it any more.
    #[must_use]
    pub fn until(&self) -> Option<Time> {
        [self.expires, self.ends].into_iter().flatten().min()
    }

    /// Something may be issued from it at `now`, by its dates.
    #[must_use]
    pub fn is_good(&self, now: Time) -> bool {
        self.until().is_none_or(|end| end > now)
    }

    /// Units neither charged nor encumbered.
    #[must_use]
    pub fn free(&self) -> Units {
        self.units.saturating_sub(&self.charged).saturating_sub(&self.encumbered)
    }

    /// It is a lot that was added to the pool, then.
    #[must_use]
    pub fn pooled_at(&self) -> Option<Time> {
        self.converted.filter(|_| self.role == HoldingRole::Lot)
    }

    /// Everything ever put at this pool's disposal: its own units and its children's.
    #[must_use]
    pub fn quota(&self) -> Units {
        self.units.checked_add(&self.granted).unwrap_or_else(|| self.units.clone())
    }
}

impl Record for Holding {
    const TABLE: Table = Table::Holdings;
    fn key(&self) -> Vec<u8> {
        self.id.bytes().to_vec()
    }
}
