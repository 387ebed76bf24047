//! Seats as those see them who have them (G12).

use crate::admin::docs::Reads;
use crate::admin::person::Person;
use crate::admin::problem::Problem;
use crate::admin::value::{Id, Quantity, When};
use axum::Json;
use leasehold_ledger::record::*;
use leasehold_ledger::store::Table;
use leasehold_ledger::view::{find, seconds};
use leasehold_protocol::Units;
use serde::Serialize;
use utoipa::ToSchema;

/// The caller's own seats.
#[derive(Debug, Serialize, ToSchema)]
pub struct OwnSeats {
    /// In the order they were granted.
    pub items: Vec<OwnSeat>,
}

/// One of the caller's own seats.
#[derive(Debug, Serialize, ToSchema)]
pub struct OwnSeat {
    /// Its key.
    #[schema(value_type = Id)]
    pub id: KeyId,
    /// What to type on the device, XXXX-XXXX-XXXX-XXXX; good for one device at a time.
    pub code: String,
    /// The account whose licence it is.
    #[schema(value_type = Id)]
    pub account: AccountId,
    /// The account's name.
    pub account_name: String,
    /// The product's sku.
    pub product: String,
    /// What people call the product.
    pub product_name: String,
    /// How many units.
    #[schema(value_type = Quantity)]
    pub units: Units,
    /// Good until; null for ever.
    pub expires: Option<When>,
    /// Granted at.
    pub created: When,
}

/// The caller's own seats, with the codes for its devices.
#[utoipa::path(get, path = "/profile/seats", tag = "profile",
    responses((status = 200, description = "The caller's seats.", body = OwnSeats), Reads))]
pub async fn list_own_seats(person: Person) -> Result<Json<OwnSeats>, Problem> {
    let view = person.app.view()?;
    let mut items = Vec::new();
    for key in seconds(view.as_ref(), Table::UserSeats, person.user.id.bytes())? {
        let Some(key) = find::<Key>(view.as_ref(), &key)? else { continue };
        let Some(allotment) = key.holding() else { continue };
        let allotment = find::<Holding>(view.as_ref(), allotment.bytes())?.ok_or_else(Problem::out_of_reach)?;
        let product = find::<Product>(view.as_ref(), allotment.product.as_bytes())?;
        let account = find::<Account>(view.as_ref(), key.account.bytes())?.ok_or_else(Problem::out_of_reach)?;
        items.push(OwnSeat {
            id: key.id,
            code: key.code,
            account: account.id,
            account_name: account.profile.name,
            product_name: product.map(|product| product.name).unwrap_or_default(),
            expires: allotment.until().map(When),
            product: allotment.product,
            units: allotment.units,
            created: key.created.into(),
        });
    }
    Ok(Json(OwnSeats { items }))
}
