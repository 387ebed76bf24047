//! The offline path: a device's request file comes in, its licence file goes out; a return file gives it back.

use super::activations::{ActivationView, shown};
use super::auth::Caller;
use super::docs::{Files, Reads, Writes};
use super::extract::{File, Path};
use super::list::rows::Requests;
use super::list::{Listing, indexed, list};
use super::page::Page;
use super::problem::Problem;
use super::sight::Sight;
use super::value::{HexDigest, HexId, Id, When};
use axum::Json;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_LOCATION, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Response};
use leasehold_ledger::record::*;
use leasehold_ledger::row::decode;
use leasehold_ledger::store::Table;
use leasehold_ledger::{Command, Outcome};
use leasehold_protocol::armour::{self, Label};
use leasehold_protocol::request::Request;
use leasehold_protocol::surrender::Surrender;
use leasehold_protocol::{ActivationId, Digest, Refused};
use leasehold_signer::opening;
use serde::Serialize;
use utoipa::ToSchema;

/// The media type of a licence file.
pub const LICENSE_TYPE: &str = "application/x-leasehold-license";

/// An answered request.
#[derive(Debug, Serialize, ToSchema)]
pub struct RequestView {
    /// SHA-256 of the request's COSE bytes, 64 hexadecimal digits: its name.
    #[schema(value_type = String, pattern = "^[0-9a-f]{64}$")]
    pub request: Digest,
    /// The activation it made or changed.
    #[schema(value_type = HexId)]
    pub activation: ActivationId,
    /// The licence file's sequence number there.
    pub seq: u32,
    /// Signed at.
    pub issued: When,
    /// Returned or replaced at: the file is given out no more.
    pub ended: Option<When>,
}

/// Answers a request file with a licence file. The same request again gets the same file and is charged once.
#[utoipa::path(post, path = "/accounts/{account}/requests", tag = "requests",
    params(("account" = Id, Path, description = "The account whose key the request names.")),
    request_body(content_type = "text/plain", content = String, description = "The armoured request, a .lreq file."),
    responses((status = 200, description = "The armoured licence, a .lic file.", body = String,
        content_type = "application/x-leasehold-license"), Files))]
pub async fn answer_request(
    caller: Caller,
    Path(account): Path<AccountId>,
    File(file): File,
) -> Result<Response, Problem> {
    caller.look(|sight| sight.account(account))?; // nobody learns what is wrong with a file for somebody else
    let (request, digest) = opening::open::<Request>(Label::Request, &file)?;
    let (request, id) = (Box::new(request), caller.activation_id());
    match caller.send(Command::AnswerRequest { account, request, digest, id }).await? {
        Outcome::File(bytes) => Ok(license(account, digest, &bytes)),
        _ => Err(Problem::failed("a request was answered without a licence file")),
    }
}

/// The requests of an account that were answered, in no order that means anything.
#[utoipa::path(get, path = "/accounts/{account}/requests", tag = "requests",
    params(("account" = Id, Path, description = "The account."), Listing<Requests>),
    responses((status = 200, description = "A page of answered requests.", body = Page<RequestView>), Reads))]
pub async fn list_requests(
    caller: Caller,
    Path(account): Path<AccountId>,
    listing: Listing<Requests>,
) -> Result<Json<Page<RequestView>>, Problem> {
    caller.look(|sight| {
        sight.account(account)?;
        let read = |sight: &mut Sight<'_>, last: Option<&[u8]>, most| {
            let row =
                |_: &mut Sight<'_>, id: &[u8], row: &[u8]| Ok(Some(decode(&[account.bytes(), id].concat(), row)?));
            indexed(sight, (Table::Files, account.bytes()), (last, most), row)
        };
        let view = |_: &mut Sight<'_>, file: LicenseFile| {
            Ok(RequestView {
                request: file.request,
                activation: file.activation,
                seq: file.seq,
                issued: file.at.into(),
                ended: file.ended.map(When),
            })
        };
        Ok(Json(list(sight, &listing, read, view)?))
    })
}

/// The licence file that answered an earlier request, for as long as it stands.
#[utoipa::path(get, path = "/accounts/{account}/requests/{request}", tag = "requests",
    params(("account" = Id, Path, description = "The account."),
        ("request" = HexDigest, Path, description = "SHA-256 of the request's COSE bytes.")),
    responses((status = 200, description = "The armoured licence, a .lic file.", body = String,
        content_type = "application/x-leasehold-license"), Writes))]
pub async fn download_license(
    caller: Caller,
    Path((account, request)): Path<(AccountId, Digest)>,
) -> Result<Response, Problem> {
    caller.look(|sight| {
        sight.account(account)?;
        let file = sight.draft.file(account, request)?.ok_or_else(Problem::out_of_reach)?;
        match file.ended {
            None => Ok(license(account, request, &file.bytes)),
            Some(at) => Err(Problem::refused(Refused::RequestAnswered, format!("the licence file ended at {at}"))),
        }
    })
}

/// Takes a return file: the device has given its licence file back. The same file again changes nothing.
#[utoipa::path(post, path = "/accounts/{account}/returns", tag = "requests",
    params(("account" = Id, Path, description = "The account whose licence file is given back.")),
    request_body(content_type = "text/plain", content = String, description = "The armoured return, a .lret file."),
    responses((status = 200, description = "The activation as it is now.", body = ActivationView), Files))]
pub async fn take_return(
    caller: Caller,
    Path(account): Path<AccountId>,
    File(file): File,
) -> Result<Json<ActivationView>, Problem> {
    caller.look(|sight| sight.account(account))?;
    let (message, _) = opening::open::<Surrender>(Label::Return, &file)?;
    let activation = message.sub;
    caller.send(Command::TakeReturn { account, message: Box::new(message) }).await?;
    caller.look(|sight| Ok(Json(shown(sight, activation)?)))
}

fn license(account: AccountId, request: Digest, bytes: &[u8]) -> Response {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(LICENSE_TYPE));
    let name = request.to_string();
    let disposition = format!("attachment; filename=\"{}.{}\"", &name[..16], Label::License.extension());
    let location = format!("/api/v1/accounts/{account}/requests/{name}");
    for (header, value) in [(CONTENT_DISPOSITION, disposition), (CONTENT_LOCATION, location)] {
        headers.extend(HeaderValue::try_from(value).ok().map(|value| (header, value)));
    }
    (headers, armour::wrap(Label::License, bytes)).into_response()
}
