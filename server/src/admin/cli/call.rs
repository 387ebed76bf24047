//! One request to the server, and how its answer is to be shown.

use super::trouble::Trouble;
use crate::cli::failure::Failure;
use hyper::Method;
use serde_json::{Map, Value};
use std::path::PathBuf;

/// Stands in a path for the account of the caller itself.
pub const OWN_ACCOUNT: &str = "{own}";

/// A request.
#[derive(Debug)]
pub struct Call {
    /// The method.
    pub method: Method,
    /// The path behind `/api/v1`, [`OWN_ACCOUNT`] in it where the caller's own is meant.
    pub path: String,
    /// What is sent.
    pub body: Payload,
    /// What is done with the answer.
    pub show: Show,
}

/// A body.
#[derive(Debug)]
pub enum Payload {
    /// None.
    None,
    /// JSON.
    Json(Value),
    /// A file from a device.
    File(Vec<u8>),
    /// A table.
    Csv(Vec<u8>),
}

/// What is done with an answer.
#[derive(Debug)]
pub enum Show {
    /// Pages are followed up to so many items, shown in these columns.
    List(&'static [&'static str], usize),
    /// One record.
    Record,
    /// This is said; the answer is empty.
    Done(String),
    /// A letter: its words, with notes about it on standard error.
    Letter,
    /// The answer is written to a file; none for standard output.
    File(Option<PathBuf>),
}

impl Call {
    /// Reads a record.
    #[must_use]
    pub fn show(path: String) -> Self {
        Self { method: Method::GET, path, body: Payload::None, show: Show::Record }
    }

    /// Reads a list.
    #[must_use]
    pub fn list(path: String, columns: &'static [&'static str], limit: &Limit) -> Self {
        Self { show: Show::List(columns, limit.limit), ..Self::show(path) }
    }

    /// Sends JSON; the answer is a record.
    #[must_use]
    pub fn send(method: Method, path: String, body: Value) -> Self {
        Self { method, body: Payload::Json(body), ..Self::show(path) }
    }

    /// Sends nothing; the answer is a record.
    #[must_use]
    pub fn act(path: String) -> Self {
        Self { method: Method::POST, ..Self::show(path) }
    }

    /// Deletes something.
    #[must_use]
    pub fn delete(path: String, done: String) -> Self {
        Self { method: Method::DELETE, show: Show::Done(done), ..Self::show(path) }
    }

    /// Whatever is asked for; `path` may begin with `/api/v1`.
    ///
    /// # Errors
    /// [`Trouble`] for a method that is none.
    pub fn raw(method: &str, path: &str) -> Result<Self, Trouble> {
        let hint = "use GET, POST, PUT, PATCH or DELETE";
        let method = method.to_ascii_uppercase().parse();
        let method = method.map_err(|_| Failure::usage("this is no HTTP method", hint))?;
        let path = path.strip_prefix("/api/v1").unwrap_or(path);
        Ok(Self { method, ..Self::show(format!("/{}", path.trim_start_matches('/'))) })
    }
}

/// How much of a list.
#[derive(Debug, clap::Args)]
pub struct Limit {
    /// Items at most
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub limit: usize,
}

/// Whose.
#[derive(Debug, clap::Args)]
pub struct Whose {
    /// The account's id [default: the vendor]
    #[arg(long, value_name = "ID")]
    account: Option<String>,
}

impl Whose {
    /// The path of something of the account.
    #[must_use]
    pub fn path(&self, what: &str) -> String {
        format!("/accounts/{}{what}", self.account.as_deref().unwrap_or(OWN_ACCOUNT))
    }

    /// The account, or the caller's own.
    #[must_use]
    pub fn id(&self) -> String {
        self.account.clone().unwrap_or_else(|| OWN_ACCOUNT.to_owned())
    }
}

/// A kind of unit and a count, as `KIND=N`.
#[derive(Debug, Clone)]
pub struct KindCount(String, u32);

impl std::str::FromStr for KindCount {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (kind, count) = text.split_once('=').ok_or("give units as KIND=N, for example OBM=10")?;
        let count = count.parse().map_err(|_| format!("{count:?} is not a count of units"))?;
        Ok(Self(kind.to_owned(), count))
    }
}

/// Units as JSON.
#[must_use]
pub fn units(counts: &[KindCount]) -> Value {
    counts.iter().map(|KindCount(kind, count)| (kind.clone(), (*count).into())).collect::<Map<_, _>>().into()
}

/// An object of the fields that were given.
#[must_use]
pub fn fields<const N: usize>(fields: [(&str, Value); N]) -> Value {
    let given = fields.into_iter().filter(|(_, value)| !value.is_null());
    given.map(|(name, value)| (name.to_owned(), value)).collect::<Map<_, _>>().into()
}

/// A text as a part of a path (RFC 3986, 2.1).
#[must_use]
pub fn in_path(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}
