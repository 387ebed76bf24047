//! What a request may ask of a list, for the OpenAPI document: described by the list's fields.

use super::Listed;
use super::field::Kind;
use super::query::{CHOSEN_LEN_MAX, Listing, TEXT_LEN_MAX};
use crate::admin::page::PageQuery;
use utoipa::IntoParams;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, SchemaFormat, Type};
use utoipa::openapi::{RefOr, Required, Schema};

impl<L: Listed> IntoParams for Listing<L> {
    fn into_params(place: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let fields = L::fields();
        let mut params = PageQuery::into_params(place);
        let sorted = fields.iter().filter(|field| !matches!(field.kind, Kind::Switch(_) | Kind::Chosen));
        let ways = sorted.flat_map(|field| [field.name.to_owned(), format!("-{}", field.name)]);
        let about = "By which field; `-` in front of it for the last first. Without it the list has its own order. A list of \
                     more than 10000 rows is not sorted.";
        params.push(param("sort", about, words(ways)));
        let searched: Vec<&str> =
            fields.iter().filter(|field| field.kind == Kind::Text).map(|field| field.name).collect();
        let about = format!("Each of these words stands in one of: {}; case does not matter.", searched.join(", "));
        params.push(param("q", &about, text()));
        for field in &fields {
            let name = field.name;
            match &field.kind {
                Kind::Text => params.push(param(name, "Equal to this; case does not matter.", text())),
                Kind::Exact => params.push(param(name, "Equal to this.", text())),
                Kind::Word(all) => params.push(param(name, "Equal to this.", words(all.iter().cloned()))),
                Kind::Chosen => params.push(param(name, "One of these, separated by commas.", chosen())),
                Kind::Switch(about) => params.push(param(name, about, flag())),
                Kind::Time => {
                    params.push(param(&format!("{name}_from"), "At this moment or after it.", time()));
                    params.push(param(&format!("{name}_to"), "Before this moment.", time()));
                }
            }
        }
        params
    }
}

fn param(name: &str, about: &str, schema: impl Into<RefOr<Schema>>) -> Parameter {
    let param = ParameterBuilder::new().name(name).parameter_in(ParameterIn::Query).required(Required::False);
    param.description(Some(about)).schema(Some(schema)).build()
}

fn text() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String).max_length(Some(TEXT_LEN_MAX))
}

fn flag() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::Boolean)
}

fn chosen() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String).max_length(Some(CHOSEN_LEN_MAX))
}

fn words(words: impl Iterator<Item = String>) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(words.collect::<Vec<_>>()))
}

fn time() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String).format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
}
