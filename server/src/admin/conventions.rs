//! What holds for every list and every write, written into the OpenAPI document once.

use super::csv::column;
use super::idempotency;
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{ContentBuilder, OpenApi, RefOr, Required};

/// Adds it.
pub fn describe(document: &mut OpenApi) {
    let lists = column::lists(document);
    for (path, item) in &mut document.paths.paths {
        if let (Some(get), Some(columns)) = (&mut item.get, lists.get(path)) {
            describe_list(get, columns.names());
        }
        let writes = [&mut item.post, &mut item.put, &mut item.patch, &mut item.delete];
        if !idempotency::is_own(path) {
            writes.into_iter().flatten().for_each(describe_write);
        }
    }
}

fn describe_list(list: &mut Operation, columns: &[String]) {
    let words = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(["json", "csv"]));
    let about = "`csv`, or `Accept: text/csv`: the whole list as CSV (RFC 4180, UTF-8), without `limit` and `cursor`.";
    let format = ParameterBuilder::new().name("format").parameter_in(ParameterIn::Query).required(Required::False);
    let format = format.description(Some(about)).schema(Some(words)).build();
    list.parameters.get_or_insert_default().push(RefOr::T(format));
    if let Some(RefOr::T(response)) = list.responses.responses.get_mut("200") {
        let about = format!(
            "Columns: {}. Counts by kind as `KIND=N;KIND=N`, texts of a list with `;` between them. A text that a \
             spreadsheet could take for a formula, or that begins with `'`, has `'` in front of it.",
            columns.join(", ")
        );
        let text = ObjectBuilder::new().schema_type(Type::String).description(Some(about));
        response.content.insert("text/csv".to_owned(), ContentBuilder::new().schema(Some(text)).build().into());
    }
}

fn describe_write(write: &mut Operation) {
    write.parameters.get_or_insert_default().push(RefOr::T(key()));
    let statuses = write.responses.responses.iter_mut().filter(|(status, _)| status.starts_with('2'));
    for (_, response) in statuses {
        let RefOr::T(response) = response else { continue };
        let text = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(["true"]));
        let about = "The answer was given before, to the same request with the same Idempotency-Key.";
        let header = HeaderBuilder::new().schema(Some(text)).description(Some(about)).build();
        response.headers.insert(idempotency::REPLAYED.to_string(), header.into());
    }
}

fn key() -> Parameter {
    let about = "A text in double quotes, new for each new request, such as a random UUID. The same request with the same key \
                 within 24 hours is done once and answered the same; another request is refused with \
                 `idempotency_key_reused`, one whose first is still being answered with `idempotency_in_flight`, and one whose \
                 answer held a secret with `idempotent_secret`.";
    let text = ObjectBuilder::new().schema_type(Type::String).max_length(Some(257));
    let key = ParameterBuilder::new().name("Idempotency-Key").parameter_in(ParameterIn::Header);
    key.required(Required::False).description(Some(about)).schema(Some(text)).build()
}
