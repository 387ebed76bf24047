//! Seats of named users (G12, G13), and seats that float (G6, G7).

pub mod own;

use super::auth::Caller;
use super::docs::{Reads, Writes};
use super::extract::{Body, Created, Path};
use super::holdings::{Counts, second};
use super::keys::{KeyView, shown};
use super::list::field::{Field, Value};
use super::list::{Listed, Listing, indexed, list};
use super::page::Page;
use super::problem::Problem;
use super::sight::Sight;
use super::value::{Id, Quantity, When};
use super::words::KeyStateWord;
use axum::Json;
use axum::http::StatusCode;
use leasehold_ledger::Command;
use leasehold_ledger::people;
use leasehold_ledger::record::*;
use leasehold_ledger::rule::flex::NewFlex;
use leasehold_ledger::rule::seat::NewSeat;
use leasehold_ledger::store::Table;
use leasehold_protocol::Units;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A named user's seat.
#[derive(Debug, Serialize, ToSchema)]
pub struct SeatView {
    /// Its key.
    #[schema(value_type = Id)]
    pub id: KeyId,
    /// What the user's device sends, XXXX-XXXX-XXXX-XXXX; good for one device at a time.
    pub code: String,
    /// Whose it is.
    #[schema(value_type = Id)]
    pub user: UserId,
    /// The user's username, or else the email.
    pub user_name: String,
    /// Whether its device is renewed.
    #[schema(value_type = KeyStateWord)]
    pub state: KeyState,
    /// The account whose licence it is.
    #[schema(value_type = Id)]
    pub account: AccountId,
    /// The lot or pool it was granted from.
    #[schema(value_type = Option<Id>)]
    pub holding: Option<HoldingId>,
    /// The product's sku.
    pub product: String,
    /// Its units.
    #[serde(flatten)]
    pub counts: Counts,
    /// Good until; null for ever.
    pub expires: Option<When>,
    /// A device runs on it.
    pub in_use: bool,
    /// Granted at.
    pub created: When,
}

/// A seat to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SeatDraft {
    /// An active member of the account.
    #[schema(value_type = Id)]
    pub user: UserId,
    /// How many units; one of each kind unless said otherwise.
    #[schema(value_type = Option<Quantity>)]
    pub units: Option<Units>,
}

/// Floating seats to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FlexDraft {
    /// How many; all that are free unless said otherwise.
    #[schema(value_type = Option<Quantity>)]
    pub units: Option<Units>,
}

/// A seat, and whose it is.
pub struct Seat {
    key: Key,
    user: User,
}

/// Seats.
pub struct SeatList;

impl Listed for SeatList {
    type Row = Seat;

    fn fields() -> Vec<Field<Seat>> {
        vec![
            Field::text("user_name", |row| Value::text(Some(row.user.name()))),
            Field::exact("user", |row| Value::text(Some(&row.user.id.to_string()))),
            Field::text("code", |row| Value::text(Some(&row.key.code))),
            Field::word("state", KeyStateWord::all(), |row| Value::word(row.key.state)),
            Field::time("created", |row| Value::At(row.key.created)),
        ]
    }
}

/// The seats granted from a lot or pool, oldest first to the second.
#[utoipa::path(get, path = "/holdings/{holding}/seats", tag = "seats",
    params(("holding" = Id, Path, description = "The lot or pool."), Listing<SeatList>),
    responses((status = 200, description = "A page of seats.", body = Page<SeatView>), Reads))]
pub async fn list_seats(
    caller: Caller,
    Path(id): Path<HoldingId>,
    listing: Listing<SeatList>,
) -> Result<Json<Page<SeatView>>, Problem> {
    caller.look(|sight| {
        let from = sight.holding(id)?;
        let read = |sight: &mut Sight<'_>, last: Option<&[u8]>, most| {
            let row = |sight: &mut Sight<'_>, id: &[u8], _: &[u8]| {
                let allotment = sight.draft.holding(second(id)?)?;
                allotment.key.map_or(Ok(None), |key| seat(sight, sight.draft.key(key)?))
            };
            indexed(sight, (Table::PoolAllotments, from.id.bytes()), (last, most), row)
        };
        Ok(Json(list(sight, &listing, read, view)?))
    })
}

/// Grants an active member a seat, which the member is told by mail.
#[utoipa::path(post, path = "/holdings/{holding}/seats", tag = "seats", request_body = SeatDraft,
    params(("holding" = Id, Path, description = "The lot or pool it is granted from.")),
    responses((status = 201, description = "The seat.", body = SeatView), Writes))]
pub async fn grant_seat(
    caller: Caller,
    Path(from): Path<HoldingId>,
    Body(draft): Body<SeatDraft>,
) -> Result<Created<SeatView>, Problem> {
    let (key, allotment, code) = (KeyId(caller.id()), HoldingId(caller.id()), caller.key_code());
    let new = NewSeat { key, allotment, from, user: draft.user, code, units: draft.units };
    caller.send(Command::GrantSeat(new)).await?;
    let record = caller.look(|sight| {
        let granted = seat(sight, sight.key(key)?)?.ok_or_else(Problem::out_of_reach)?;
        view(sight, granted)
    })?;
    Ok(Created { at: format!("/keys/{key}"), record })
}

/// Takes a seat back: its device is renewed no more, and its units arrive when the lease in hand has ended.
#[utoipa::path(delete, path = "/seats/{seat}", tag = "seats",
    params(("seat" = Id, Path, description = "The seat's key.")),
    responses((status = 204, description = "It is nobody's."), Writes))]
pub async fn take_seat_back(caller: Caller, Path(key): Path<KeyId>) -> Result<StatusCode, Problem> {
    caller.send(Command::TakeSeat { key }).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Opens seats that float: any number of devices with one code, each with one unit of each kind, as far as there are any. For the
/// account's owner alone.
#[utoipa::path(post, path = "/holdings/{holding}/flex", tag = "seats", request_body = FlexDraft,
    params(("holding" = Id, Path, description = "The lot or pool they come from.")),
    responses((status = 201, description = "Their key.", body = KeyView), Writes))]
pub async fn open_flex(
    caller: Caller,
    Path(from): Path<HoldingId>,
    Body(draft): Body<FlexDraft>,
) -> Result<Created<KeyView>, Problem> {
    let (key, allotment, code) = (KeyId(caller.id()), HoldingId(caller.id()), caller.key_code());
    caller.send(Command::OpenFlex(NewFlex { key, allotment, from, code, units: draft.units })).await?;
    Ok(Created { at: format!("/keys/{key}"), record: shown(&caller, key)? })
}

/// A key that is somebody's seat.
fn seat(sight: &Sight<'_>, key: Key) -> Result<Option<Seat>, Problem> {
    let Some(user) = key.user else { return Ok(None) };
    Ok(people::user(&sight.draft, user)?.map(|user| Seat { key, user }))
}

fn view(sight: &mut Sight<'_>, row: Seat) -> Result<SeatView, Problem> {
    let Seat { key, user } = row;
    let allotment = sight.holding_now(key.holding().ok_or_else(Problem::out_of_reach)?)?;
    Ok(SeatView {
        id: key.id,
        code: key.code,
        user: user.id,
        user_name: user.name().to_owned(),
        state: key.state,
        account: key.account,
        holding: allotment.parent,
        counts: Counts::of(&allotment),
        expires: allotment.until().map(When),
        in_use: super::activations::last_end(sight, allotment.id)?.is_some(),
        product: allotment.product,
        created: key.created.into(),
    })
}
