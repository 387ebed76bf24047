//! Typed look-ups over any view.

use crate::draft::{Draft, Fault};
use crate::record::*;
use crate::renewal::Renewal;
use crate::row::{self, Record};
use crate::scan::Scan;
use crate::store::{Read, StoreError, Table, after};
use leasehold_protocol::{ActivationId, DeviceId, Digest, Refused};

/// The record at `key` of any view.
///
/// # Errors
/// [`StoreError`].
pub fn find<R: Record>(view: &dyn Read, key: &[u8]) -> Result<Option<R>, StoreError> {
    view.get(R::TABLE, key)?.map(|row| row::decode(key, &row)).transpose()
}

/// The records whose keys start with `prefix` and come after `after_key`, at most `limit`.
///
/// # Errors
/// [`StoreError`].
pub fn list<R: Record>(
    view: &dyn Read,
    prefix: &[u8],
    cursor: Option<&[u8]>,
    limit: usize,
) -> Result<Vec<R>, StoreError> {
    let from = cursor.map_or_else(|| prefix.to_vec(), |cursor| [cursor, &[0]].concat());
    let rows = view.scan(R::TABLE, &from, &after(prefix), limit)?;
    rows.iter().map(|(key, row)| row::decode(key, row)).collect()
}

/// The installation.
///
/// # Errors
/// [`StoreError`]; a store without one is damaged.
pub fn installation(view: &dyn Read) -> Result<Installation, StoreError> {
    let key = row::hex(Installation::KEY);
    let missing = || StoreError::Corrupt { table: "meta", key, problem: "the store was never set up" };
    find(view, Installation::KEY)?.ok_or_else(missing)
}

/// The slot of an activation.
///
/// # Errors
/// [`StoreError`].
pub fn renewal(view: &dyn Read, activation: ActivationId) -> Result<Option<Renewal>, StoreError> {
    let slot = view.get(Table::Renewals, &activation.0)?;
    slot.map(|slot| Renewal::decode(activation, &slot)).transpose()
}

/// What stands behind a prefix of 16 bytes in an index: the second ids, in order.
///
/// # Errors
/// [`StoreError`].
pub fn seconds(view: &dyn Read, table: Table, first: &[u8]) -> Result<Vec<[u8; 16]>, StoreError> {
    let second = |key: &[u8]| key.get(first.len()..).and_then(|rest| <[u8; 16]>::try_from(rest).ok());
    let (mut ids, mut scan) = (Vec::new(), Scan::behind(table, first));
    while let Some(rows) = scan.step(view)? {
        for (key, _) in &rows {
            let problem = "not a pair of ids";
            let damaged = || StoreError::Corrupt { table: table.name(), key: row::hex(key), problem };
            ids.push(second(key).ok_or_else(damaged)?);
        }
    }
    Ok(ids)
}

impl Draft<'_> {
    /// The installation.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn installation(&self) -> Result<Installation, StoreError> {
        installation(self)
    }

    /// An account.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn account(&self, id: AccountId) -> Result<Option<Account>, StoreError> {
        self.record(id.bytes())
    }

    /// An account and all above it, from the account up to the vendor.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn path(&self, account: &Account) -> Result<Vec<Account>, StoreError> {
        let mut path = vec![account.clone()];
        while let Some(parent) = path.last().and_then(|last| last.parent) {
            let parent = self.account(parent)?;
            let step = parent.filter(|_| path.len() < account::DEPTH_MAX);
            let problem = "its path does not end at the vendor";
            let endless = || StoreError::Corrupt { table: "accounts", key: account.id.to_string(), problem };
            path.push(step.ok_or_else(endless)?);
        }
        Ok(path)
    }

    /// A product, or the refusal that it is not there.
    ///
    /// # Errors
    /// `out_of_reach`, or [`StoreError`].
    pub fn product(&self, sku: &str) -> Result<Product, Fault> {
        let missing = || Fault::refused(Refused::OutOfReach, format!("no product {sku:?}"));
        self.record(sku.as_bytes())?.ok_or_else(missing)
    }

    /// A holding, or the refusal that it is not there.
    ///
    /// # Errors
    /// `out_of_reach`, or [`StoreError`].
    pub fn holding(&self, id: HoldingId) -> Result<Holding, Fault> {
        self.record(id.bytes())?.ok_or_else(|| Fault::refused(Refused::OutOfReach, format!("no holding {id}")))
    }

    /// A key, or the refusal that it is not there.
    ///
    /// # Errors
    /// `out_of_reach`, or [`StoreError`].
    pub fn key(&self, id: KeyId) -> Result<Key, Fault> {
        self.record(id.bytes())?.ok_or_else(|| Fault::refused(Refused::OutOfReach, format!("no key {id}")))
    }

    /// The key with this code.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn key_by_code(&self, code: &str) -> Result<Option<Key>, StoreError> {
        match self.get(Table::KeyCodes, code.as_bytes())? {
            Some(id) => self.record(&id),
            None => Ok(None),
        }
    }

    /// An activation with its slot.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn activation(&self, id: ActivationId) -> Result<Option<(Activation, Renewal)>, StoreError> {
        let Some(activation) = self.record::<Activation>(&id.0)? else { return Ok(None) };
        let slot = renewal(self, id)?;
        let missing = || StoreError::Corrupt { table: "renewals", key: id.to_string(), problem: "the row is missing" };
        Ok(Some((activation, slot.ok_or_else(missing)?)))
    }

    /// An activation that an index names, so that it must be there.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn indexed(&self, id: [u8; 16]) -> Result<(Activation, Renewal), StoreError> {
        let missing =
            || StoreError::Corrupt { table: "activations", key: row::hex(&id), problem: "the row is missing" };
        self.activation(ActivationId(id))?.ok_or_else(missing)
    }

    /// The activation of (key, product, device).
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn activation_of(
        &self,
        key: KeyId,
        product: &str,
        device: DeviceId,
    ) -> Result<Option<(Activation, Renewal)>, StoreError> {
        let place = triple(key, product, device);
        let Some(id) = self.get(Table::ActivationOf, &place)? else { return Ok(None) };
        let problem = "not an activation's id";
        let damaged = StoreError::Corrupt { table: "activation_of", key: row::hex(&place), problem };
        self.indexed(id.try_into().map_err(|_| damaged)?).map(Some)
    }

    /// The licence file that answered a request.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn file(&self, account: AccountId, request: Digest) -> Result<Option<LicenseFile>, StoreError> {
        self.record(&LicenseFile::key_of(account, request))
    }

    /// Writes an activation's slot.
    pub fn put_renewal(&mut self, activation: ActivationId, renewal: &Renewal) {
        self.put_raw(Table::Renewals, activation.0.to_vec(), renewal.encode(activation));
    }
}

/// The key of `activation_of`: fixed parts first, so that the sku needs no end mark.
#[must_use]
pub fn triple(key: KeyId, product: &str, device: DeviceId) -> Vec<u8> {
    [&key.bytes()[..], &device.0, product.as_bytes()].concat()
}

/// The licence files of an activation, oldest first.
///
/// # Errors
/// [`StoreError`].
pub fn files_of(view: &dyn Read, account: AccountId, activation: ActivationId) -> Result<Vec<LicenseFile>, StoreError> {
    let (mut files, mut scan) = (Vec::new(), Scan::behind(Table::ActivationFiles, &activation.0));
    while let Some(requests) = scan.step(view)? {
        for (key, request) in &requests {
            let problem = "names no file";
            let wrong = || StoreError::Corrupt { table: "activation_files", key: row::hex(key), problem };
            let request = Digest(request.as_slice().try_into().map_err(|_| wrong())?);
            files.push(find(view, &LicenseFile::key_of(account, request))?.ok_or_else(wrong)?);
        }
    }
    Ok(files)
}

/// The holdings of an account, in the order they were made.
///
/// # Errors
/// [`StoreError`].
pub fn holdings_of(view: &dyn Read, account: AccountId) -> Result<Vec<Holding>, StoreError> {
    let ids = seconds(view, Table::AccountHoldings, account.bytes())?.into_iter();
    let found = ids.map(|id| {
        let missing = || StoreError::Corrupt { table: "holdings", key: row::hex(&id), problem: "the row is missing" };
        find::<Holding>(view, &id)?.ok_or_else(missing)
    });
    found.collect()
}

/// A token by its id.
///
/// # Errors
/// [`StoreError`].
pub fn token(view: &dyn Read, id: TokenId) -> Result<Option<Token>, StoreError> {
    match view.get(Table::TokenIds, id.bytes())? {
        Some(hash) => find(view, &hash),
        None => Ok(None),
    }
}
