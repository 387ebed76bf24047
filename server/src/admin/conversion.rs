//! What adding a lot to the pool would do, told before it is done (H3-H7, H21, H23).

use super::auth::Caller;
use super::docs::Reads;
use super::extract::Path;
use super::holdings::Arrival;
use super::problem::Problem;
use super::value::{Id, OnDay, Quantity, When};
use axum::Json;
use leasehold_ledger::record::HoldingId;
use leasehold_ledger::rule::conversion::preview;
use leasehold_protocol::Units;
use serde::Serialize;
use utoipa::ToSchema;

/// What adding a lot to the pool would do now.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConversionView {
    /// The lot.
    #[schema(value_type = Id)]
    pub lot: HoldingId,
    /// The type whose pool it would be added to.
    pub compat: String,
    /// Units that would arrive at once.
    #[schema(value_type = Quantity)]
    pub at_once: Units,
    /// Units in use, by the time they would arrive: their devices get one last lease, to 14 days after the conversion.
    pub in_use: Vec<Arrival>,
    /// Devices that would need a pool key.
    pub devices: usize,
    /// The day until which upgrades of the type are free now; null where nothing says so.
    pub free_upgrade_until: Option<OnDay>,
    /// What that day would be then: no pool key is renewed after it.
    pub free_upgrade_until_after: Option<OnDay>,
    /// What stands against it, first what speaks first. Empty where nothing does.
    pub against: Vec<ObstacleView>,
}

/// Something that stands against a conversion.
#[derive(Debug, Serialize, ToSchema)]
pub struct ObstacleView {
    /// The code it would be refused with.
    pub code: &'static str,
    /// What that means, for people.
    pub text: &'static str,
    /// It is done nevertheless where `force` is set.
    pub can_be_forced: bool,
}

/// What adding a lot to the pool would do now: the consequence of a step that is never undone.
#[utoipa::path(get, path = "/lots/{lot}/conversion", tag = "lots",
    params(("lot" = Id, Path, description = "The lot.")),
    responses((status = 200, description = "What it would do.", body = ConversionView), Reads))]
pub async fn preview_conversion(caller: Caller, Path(id): Path<HoldingId>) -> Result<Json<ConversionView>, Problem> {
    caller.look(|sight| {
        super::lots::lot(sight, id)?;
        let told = preview(&sight.draft, id, sight.now)?;
        let arrival = |(end, units)| Arrival { units, at_latest: When::end(end) };
        Ok(Json(ConversionView {
            lot: id,
            compat: told.compat,
            at_once: told.at_once,
            in_use: told.in_use.into_iter().map(arrival).collect(),
            devices: told.devices,
            free_upgrade_until: told.until.map(OnDay),
            free_upgrade_until_after: told.until_after.map(OnDay),
            against: told
                .against
                .into_iter()
                .map(|one| ObstacleView { code: one.refused.code(), text: one.why, can_be_forced: one.can_be_forced })
                .collect(),
        }))
    })
}
