//! What the OpenAPI document says beyond the routes themselves: errors, sign-in, and the words in front.

use super::problem::{MEDIA_TYPE, ProblemDetails};
use super::value::HexDigest;
use std::collections::BTreeMap;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{ContentBuilder, InfoBuilder, OpenApi, Ref, RefOr, Response, ResponseBuilder};
use utoipa::{IntoResponses, PartialSchema, ToSchema};

type Responses = BTreeMap<String, RefOr<Response>>;

/// The errors of every read.
pub struct Reads;
/// The errors of every write.
pub struct Writes;
/// The errors of writes that take a device's file.
pub struct Files;

/// Status and meaning. Codes stand in the `code` field of the problem.
const READS: &[(&str, &str)] = &[
    ("400", "The path or query is not understood: `path_invalid`, `query_invalid`."),
    (
        "401",
        "No token or session, or not a good one: `token_missing`, `token_invalid`, `session_invalid`; at sign-in \
         `sign_in_failed`, `second_factor_invalid`, `code_invalid`.",
    ),
    (
        "403",
        "The role does not allow it: `forbidden_role`, `admin_only`; the token is not for it: `scope_missing`, \
         `person_required`; the session is not: `account_needed`, `password_change_required`, `sign_in_again`, `password_wrong`.",
    ),
    ("404", "There is no such thing in the caller's reach: `out_of_reach`."),
    (
        "429",
        "Too many wrong tokens from this address, wrong passwords for this name, wrong permission keys, or users elsewhere \
         that imports named: `too_fast`.",
    ),
    ("500", "The server failed; its log says more: `failed`."),
];
const WRITES: &[(&str, &str)] = &[
    ("409", "A rule says no; `code` names the rule and `hint` says what to do."),
    ("413", "The body is longer than 64 KiB: `too_large`."),
    ("415", "The body has another media type: `media_type`."),
    ("422", "A field is not possible: `body_invalid`, `field_invalid`, `bad_quantity` and other rules' codes."),
    ("503", "Busy, stopping, or not able to sign: `busy`, `stopped`, `unsigned`, `quarantine`, `clock_untrusted`."),
];
const FILES: (&str, &str) = (
    "422",
    "The file is not acceptable: `not_armour`, `wrong_label`, `truncated`, `malformed`, `wrong_type`, `claim_invalid`, \
     `weak_key`, `signature_bad`; or a field of it is not possible.",
);

impl IntoResponses for Reads {
    fn responses() -> Responses {
        READS.iter().map(problem).collect()
    }
}

impl IntoResponses for Writes {
    fn responses() -> Responses {
        READS.iter().chain(WRITES).map(problem).collect()
    }
}

impl IntoResponses for Files {
    fn responses() -> Responses {
        READS.iter().chain(WRITES).chain([&FILES]).map(problem).collect()
    }
}

fn problem((status, meaning): &(&str, &str)) -> (String, RefOr<Response>) {
    let schema = Ref::from_schema_name(ProblemDetails::name());
    let content = ContentBuilder::new().schema(Some(schema)).build();
    let response = ResponseBuilder::new().description(*meaning).content(MEDIA_TYPE, content).build();
    ((*status).to_owned(), response.into())
}

const ABOUT: &str = "\
Accounts, people, products, orders, pools, keys, licence files, Events and tokens of one installation.

Programs send a token, `Authorization: Bearer lh_...`; people sign in with `POST /sessions` and send the session, `Bearer ls_...`, \
which speaks for the account in the header `Leasehold-Account`, or for their only one, or for their organisation. What lies outside the account spoken for and the accounts below it does not exist \
(404). Errors are problem details (RFC 9457): compare `code`, show `title`, `detail` and `hint`. Lists are pages: \
follow `next` until there is none. Times are ISO 8601 in UTC, units are counts by kind.";

/// The document with everything in it that the routes do not say.
#[must_use]
pub fn finished(mut document: OpenApi) -> OpenApi {
    let info = InfoBuilder::new().title("Leasehold").version(env!("CARGO_PKG_VERSION"));
    document.info = info.description(Some(ABOUT)).build();
    let components = document.components.get_or_insert_default();
    components.schemas.insert(ProblemDetails::name().into_owned(), ProblemDetails::schema());
    components.schemas.insert(HexDigest::name().into_owned(), HexDigest::schema()); // stands in a path alone
    let token = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("lh_ or ls_ and 43 letters").build();
    components.add_security_scheme("token", SecurityScheme::Http(token));
    super::conventions::describe(&mut document);
    document.security = Some(vec![utoipa::openapi::security::SecurityRequirement::new("token", Vec::<String>::new())]);
    document
}
