//! Rows that every check needs and hardly any command changes: read and decoded once a batch.

use crate::draft::{Changes, Fault};
use crate::record::{Installation, Product, Quarantine};
use crate::rule::quarantine::known;
use crate::store::{Read, StoreError, Table};
use crate::view;
use leasehold_protocol::Refused;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

/// The installation, its quarantine if there is one, and the products met so far. Made for one transaction.
#[derive(Debug, Default)]
pub struct Shelf {
    installation: RefCell<Option<Rc<Installation>>>,
    quarantine: RefCell<Option<Option<Quarantine>>>,
    products: RefCell<BTreeMap<String, Rc<Product>>>,
}

impl Shelf {
    /// The installation.
    ///
    /// # Errors
    /// [`StoreError`]; a store without one is damaged.
    pub fn installation(&self, view: &dyn Read) -> Result<Rc<Installation>, StoreError> {
        if let Some(known) = &*self.installation.borrow() {
            return Ok(known.clone());
        }
        let read = Rc::new(view::installation(view)?);
        *self.installation.borrow_mut() = Some(read.clone());
        Ok(read)
    }

    /// The quarantine that the store knows of, running or over.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn quarantine(&self, view: &dyn Read) -> Result<Option<Quarantine>, StoreError> {
        if let Some(quarantine) = &*self.quarantine.borrow() {
            return Ok(quarantine.clone());
        }
        let read = known(view)?;
        *self.quarantine.borrow_mut() = Some(read.clone());
        Ok(read)
    }

    /// A product.
    ///
    /// # Errors
    /// `out_of_reach`, or [`StoreError`].
    pub fn product(&self, view: &dyn Read, sku: &str) -> Result<Rc<Product>, Fault> {
        if let Some(known) = self.products.borrow().get(sku) {
            return Ok(known.clone());
        }
        let missing = || Fault::refused(Refused::OutOfReach, format!("no product {sku:?}"));
        let read = Rc::new(view::find::<Product>(view, sku.as_bytes())?.ok_or_else(missing)?);
        self.products.borrow_mut().insert(sku.to_owned(), read.clone());
        Ok(read)
    }

    /// Forgets what `changes` may have made old. To be called with everything that is written.
    pub fn follow(&self, changes: &Changes) {
        if changes.tables().any(|table| matches!(table, Table::Meta | Table::Products)) {
            self.installation.borrow_mut().take();
            self.quarantine.borrow_mut().take();
            self.products.borrow_mut().clear();
        }
    }
}
