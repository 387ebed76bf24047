//! What an account has and uses, now or at a moment in the past.

use super::past;
use crate::admin::auth::Caller;
use crate::admin::docs::Reads;
use crate::admin::extract::{Path, Query};
use crate::admin::holdings::second;
use crate::admin::page::{Chunk, Page, PageQuery, in_order, invalid};
use crate::admin::problem::Problem;
use crate::admin::sight::Sight;
use crate::admin::tree;
use crate::admin::value::{Id, When};
use axum::Json;
use axum::http::StatusCode;
use leasehold_ledger::record::{Account, AccountId, HoldingId, HoldingRole};
use leasehold_ledger::scan::Scan;
use leasehold_ledger::store::Table;
use leasehold_protocol::Time;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use tokio::sync::Semaphore;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Rows looked at for one account: holdings, activations, Events.
pub const ROWS_MAX: usize = 100_000;
/// Rows looked at for a page after which no other account is begun.
const PAGE_ROWS_MAX: usize = 20_000;
/// Reports that are worked on at once, in threads of their own: others wait.
static AT_ONCE: Semaphore = Semaphore::const_new(1);

/// When, and of what.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct UsageQuery {
    /// As it was at this moment; as it is now unless said otherwise.
    #[param(value_type = Option<String>, format = DateTime)]
    pub at: Option<When>,
    /// Of each account below it too.
    pub subtree: Option<bool>,
    /// Items on a page at most, 1 to 500; 100 unless said otherwise.
    #[param(minimum = 1, maximum = 500)]
    pub limit: Option<usize>,
    /// The `next` of the page before.
    pub cursor: Option<String>,
}

/// Units of one kind of one product in one account.
#[derive(Debug, Serialize, ToSchema)]
pub struct UsageView {
    /// The account.
    #[schema(value_type = Id)]
    pub account: AccountId,
    /// What it is called.
    pub account_name: String,
    /// The product's sku.
    pub product: String,
    /// The kind of unit.
    pub kind: String,
    /// Units it has, whose end has not come.
    pub owned: u64,
    /// Units in living leases and licence files.
    pub in_use: u64,
    /// Units that are available.
    pub free: u64,
    /// When that was so.
    pub at: When,
}

/// Units of one kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count {
    /// There are.
    pub owned: u64,
    /// Of these, in use.
    pub in_use: u64,
    /// Of these, available.
    pub free: u64,
}

/// By product and kind.
pub type Counts = BTreeMap<(String, String), Count>;

/// Rows looked at, up to [`ROWS_MAX`] for an account.
#[derive(Debug, Default)]
pub struct Looked(usize);

impl Looked {
    /// Counts one more.
    ///
    /// # Errors
    /// `report_too_long`.
    pub fn at_one(&mut self) -> Result<(), Problem> {
        self.0 += 1;
        if self.0 <= ROWS_MAX { Ok(()) } else { Err(too_long()) }
    }
}

fn too_long() -> Problem {
    let detail = format!("an account has more than {ROWS_MAX} holdings, activations and Events since then");
    Problem::new(StatusCode::BAD_REQUEST, "report_too_long", "The report would be too long", detail)
        .hint("Ask for a later moment; without `at` only holdings are looked at.")
}

/// The holdings of an account.
///
/// # Errors
/// [`Problem`].
pub fn each_holding(
    sight: &mut Sight<'_>,
    account: AccountId,
    looked: &mut Looked,
    mut visit: impl FnMut(&mut Sight<'_>, HoldingId, &mut Looked) -> Result<(), Problem>,
) -> Result<(), Problem> {
    let mut scan = Scan::behind(Table::AccountHoldings, account.bytes());
    while let Some(rows) = scan.step(&sight.draft)? {
        for (key, _) in rows {
            looked.at_one()?;
            visit(sight, second(&key[16..])?, looked)?;
        }
    }
    Ok(())
}

/// As it is now.
fn now(sight: &mut Sight<'_>, account: AccountId, looked: &mut Looked) -> Result<Counts, Problem> {
    let mut counts = Counts::new();
    each_holding(sight, account, looked, |sight, id, _| {
        let holding = sight.holding_now(id)?;
        let is_over = holding.expires.is_some_and(|end| end <= sight.now);
        if is_over || holding.role == HoldingRole::Reserve {
            return Ok(());
        }
        let free = holding.free();
        for (kind, owned) in holding.units.iter() {
            let count = counts.entry((holding.product.clone(), kind.to_owned())).or_default();
            count.owned += u64::from(owned);
            count.free += u64::from(free.count(kind));
            count.in_use += u64::from(owned - free.count(kind));
        }
        Ok(())
    })?;
    Ok(counts)
}

/// A page's way through accounts. A cursor is the account, then product and kind of the last line.
struct Way {
    root: AccountId,
    is_tree: bool,
    at: Option<Time>,
    looked: usize,
}

impl Way {
    fn read(&mut self, sight: &mut Sight<'_>, last: Option<&[u8]>, most: usize) -> Result<Chunk<UsageView>, Problem> {
        let (mut account, mut behind) = match last {
            None => (sight.account(self.root)?, None),
            Some(last) => {
                let id = last.get(..16).and_then(|id| Uuid::from_slice(id).ok());
                let id = id.ok_or_else(|| invalid("cursor: not one of this list"))?;
                (sight.account(AccountId(id))?, Some(last.to_vec()))
            }
        };
        let mut rows = Vec::new();
        while rows.len() < most && self.looked < PAGE_ROWS_MAX {
            let mut looked = Looked(1);
            let counts = match self.at {
                None => now(sight, account.id, &mut looked)?,
                Some(at) => past::counts(sight, account.id, at, &mut looked)?,
            };
            self.looked += looked.0;
            let moment = self.at.unwrap_or(sight.now);
            let lines = counts.into_iter().filter(|(_, count)| *count != Count::default());
            let keyed = lines.map(|(of, count)| (key(&account, &of), Some(view(&account, of, count, moment))));
            let fresh = keyed.filter(|(key, _)| behind.as_ref().is_none_or(|behind| key > behind));
            let before = rows.len();
            rows.extend(fresh.take(most - before));
            if rows.len() == before && behind.is_none() {
                rows.push((account.id.bytes().to_vec(), None));
            }
            if rows.len() == most {
                break;
            }
            behind = None;
            let next = if self.is_tree { tree::successor(sight, self.root, account)? } else { None };
            let Some(next) = next else { return Ok(Chunk { rows, is_end: true }) };
            account = next;
        }
        Ok(Chunk { rows, is_end: false })
    }
}

fn key(account: &Account, (product, kind): &(String, String)) -> Vec<u8> {
    [account.id.bytes(), product.as_bytes(), &[0], kind.as_bytes()].concat()
}

fn view(account: &Account, (product, kind): (String, String), count: Count, at: Time) -> UsageView {
    let Count { owned, in_use, free } = count;
    let account_name = account.name().to_owned();
    UsageView { account: account.id, account_name, product, kind, owned, in_use, free, at: at.into() }
}

/// What an account has and uses, by product and kind of unit: what it owns, what of that is in use and what is free. What was so in the
/// past follows from the Events since then: what was in use to within the run of the job that records lapsed leases. It is
/// `report_too_long` where an account has more than 100000 holdings, activations and Events since then.
#[utoipa::path(get, path = "/accounts/{account}/reports/usage", tag = "reports",
    params(("account" = Id, Path, description = "The account."), UsageQuery),
    responses((status = 200, description = "A page of products and kinds.", body = Page<UsageView>), Reads))]
pub async fn report_usage(
    caller: Caller,
    Path(account): Path<AccountId>,
    Query(query): Query<UsageQuery>,
) -> Result<Json<Page<UsageView>>, Problem> {
    let paging = PageQuery { limit: query.limit, cursor: query.cursor }.paging()?;
    if query.at.is_some_and(|at| at.0 > caller.now()) {
        return Err(invalid("at: this moment has not come yet"));
    }
    let mut way = Way { root: account, is_tree: query.subtree == Some(true), at: query.at.map(|at| at.0), looked: 0 };
    let _turn = AT_ONCE.acquire().await.map_err(Problem::failed)?;
    let made = tokio::task::spawn_blocking(move || {
        caller.look(|sight| {
            let step = paging.limit + 1;
            let read = |sight: &mut Sight<'_>, last: Option<&[u8]>, most| way.read(sight, last, most);
            let (items, next) = in_order(sight, (&paging, step), read, |_, row| Ok(Some(row)))?;
            Ok(Page::new(items, next.as_deref()))
        })
    });
    Ok(Json(made.await.map_err(Problem::failed)??))
}
