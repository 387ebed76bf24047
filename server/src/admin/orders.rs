//! Orders: bought units come in. Only the vendor records them.

use super::auth::Caller;
use super::docs::Writes;
use super::extract::{Body, Created, Path};
use super::lots::LotView;
use super::order_keys::Keys;
use super::order_lines::order;
use super::problem::Problem;
use super::value::{Id, OnDay, Quantity, When};
use super::words::{FreeOnWord, KeyKindWord};
use leasehold_ledger::Command;
use leasehold_ledger::record::*;
use leasehold_ledger::rule::code;
use leasehold_ledger::rule::lot::{Line, Purchase};
use leasehold_protocol::Units;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An order.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OrderDraft {
    /// The entitlement's number, unique in the installation.
    pub entitlement: String,
    /// The buyer's purchase number.
    pub reference: Option<String>,
    /// What was bought, 1 to 100 lines.
    pub lines: Vec<LineDraft>,
}

/// A line of an order; it becomes a lot with an Activation ID.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LineDraft {
    /// The product's sku.
    pub product: String,
    /// How many, at least one.
    #[schema(value_type = Quantity)]
    pub units: Units,
    /// Good until; null for ever.
    pub expires: Option<When>,
    /// Upgrades are free up to and including this day.
    pub free_upgrade_until: Option<OnDay>,
    /// When units whose lease was shrunk are free for others; `fetch` unless said otherwise.
    #[serde(default)]
    #[schema(value_type = FreeOnWord)]
    pub free_on: FreeOn,
    /// The Activation ID, XXXX-XXXX-XXXX-XXXX; drawn at random unless given.
    pub activation_id: Option<String>,
    /// What the line's key is: `activation_id` unless said otherwise, or `permission_key`, which somebody redeems.
    #[serde(default = "activation_id")]
    #[schema(value_type = KeyKindWord)]
    pub key_kind: KeyKind,
    /// Lines with a permission key that name the same group share one key, which opens all of them together; so do lines that
    /// name the same `activation_id`.
    pub key_group: Option<String>,
}

fn activation_id() -> KeyKind {
    KeyKind::ActivationId
}

/// An order as it was recorded.
#[derive(Debug, Serialize, ToSchema)]
pub struct OrderView {
    /// The entitlement's number.
    pub entitlement: String,
    /// The buyer's purchase number.
    pub reference: Option<String>,
    /// Recorded at.
    pub created: When,
    /// One lot a line, in the lines' order to the second.
    pub lots: Vec<LotView>,
}

/// Records an order of an account: for the vendor's administrators.
#[utoipa::path(post, path = "/accounts/{account}/orders", tag = "orders", request_body = OrderDraft,
    params(("account" = Id, Path, description = "The account that bought.")),
    responses((status = 201, description = "The order and its lots.", body = OrderView), Writes))]
pub async fn create_order(
    caller: Caller,
    Path(account): Path<AccountId>,
    Body(draft): Body<OrderDraft>,
) -> Result<Created<OrderView>, Problem> {
    let mut keys = Keys::default();
    let line = |line: LineDraft| {
        let (lot, (key, code)) = (HoldingId(caller.id()), keys.of(&caller, &line));
        Line {
            lot,
            key,
            code,
            kind: line.key_kind,
            sku: line.product,
            units: line.units,
            expires: line.expires.map(|end| end.0),
            upgrade_until: line.free_upgrade_until.map(|day| day.0),
            free_on: line.free_on,
        }
    };
    let purchase = Purchase {
        account,
        entitlement: draft.entitlement,
        reference: draft.reference,
        lines: draft.lines.into_iter().map(line).collect(),
    };
    let made: Vec<HoldingId> = purchase.lines.iter().map(|line| line.lot).collect();
    let entitlement = code::name(&purchase.entitlement).unwrap_or_default(); // a name that will not do is the rule's to refuse
    caller.send(Command::Mint(purchase)).await?;
    let mut record = caller.look(|sight| order(sight, &entitlement))?;
    record.lots.sort_by_key(|lot| made.iter().position(|one| *one == lot.id));
    Ok(Created { at: format!("/accounts/{account}/lots"), record })
}
