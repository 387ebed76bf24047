//! Which columns a list has: the fields of its items, read from the OpenAPI document, which has them from the code.

use super::cell;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::LazyLock;
use utoipa::openapi::schema::Schema;
use utoipa::openapi::{OpenApi, RefOr};

/// Where the document keeps schemas.
const SCHEMAS: &str = "#/components/schemas/";

/// The columns of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Columns(Vec<String>);

impl Columns {
    /// Their names.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.0
    }

    /// The line with the names.
    #[must_use]
    pub fn head(&self) -> Vec<u8> {
        written([self.0.clone()])
    }

    /// A line for each item.
    #[must_use]
    pub fn lines(&self, items: &[Value]) -> Vec<u8> {
        written(items.iter().map(|item| self.0.iter().map(|name| cell::write(&item[name])).collect()))
    }
}

fn written(lines: impl IntoIterator<Item = Vec<String>>) -> Vec<u8> {
    // All cells are quoted: where `;` or a tab separates, what stands behind one would be a cell of its own, and may be a formula.
    let mut builder = csv::WriterBuilder::new();
    let builder = builder.terminator(csv::Terminator::CRLF).quote_style(csv::QuoteStyle::Always);
    let mut writer = builder.from_writer(Vec::new());
    for line in lines {
        writer.write_record(line).expect("every line has all columns, and memory takes them");
    }
    writer.into_inner().expect("memory takes everything")
}

/// The columns of the list at a route, by its template; none for what is no list.
#[must_use]
pub fn of_list(path: &str) -> Option<&'static Columns> {
    static LISTS: LazyLock<BTreeMap<String, Columns>> = LazyLock::new(|| lists(&crate::admin::document()));
    LISTS.get(path)
}

/// Every list of a document: a GET that answers with a page of something.
#[must_use]
pub fn lists(document: &OpenApi) -> BTreeMap<String, Columns> {
    let of = |path: &String| {
        let get = document.paths.paths.get(path)?.get.as_ref()?;
        let RefOr::T(response) = get.responses.responses.get("200")? else { return None };
        let RefOr::T(content) = response.content.get("application/json")? else { return None };
        let page = content.schema.as_ref()?;
        let page = fields(document, page);
        let part = |wanted: &str| page.iter().find(|(name, _)| *name == wanted).map(|(_, schema)| *schema);
        let (items, _) = part("items").zip(part("next"))?;
        let RefOr::T(Schema::Array(array)) = items else { return None };
        let utoipa::openapi::schema::ArrayItems::RefOrSchema(item) = &array.items else { return None };
        let names: Vec<String> = fields(document, item).into_iter().map(|(name, _)| name.clone()).collect();
        (!names.is_empty()).then_some(Columns(names))
    };
    document.paths.paths.keys().filter_map(|path| Some((path.clone(), of(path)?))).collect()
}

/// The fields of a schema in their order, those of its parts included.
fn fields<'a>(document: &'a OpenApi, schema: &'a RefOr<Schema>) -> Vec<(&'a String, &'a RefOr<Schema>)> {
    match schema {
        RefOr::Ref(reference) => {
            let named = reference.ref_location.strip_prefix(SCHEMAS);
            let schemas = document.components.as_ref().map(|components| &components.schemas);
            let found = named.and_then(|name| schemas?.get(name));
            found.map(|schema| fields(document, schema)).unwrap_or_default()
        }
        RefOr::T(Schema::Object(object)) => object.properties.iter().collect(),
        RefOr::T(Schema::AllOf(parts)) => parts.items.iter().flat_map(|part| fields(document, part)).collect(),
        RefOr::T(_) => Vec::new(),
    }
}
