//! A script: what people, programs and devices do, one after the other, as TOML, and what must come of it.
//!
//! Calls go to the portal's port as anybody's would, devices are reference consoles on the device port: a script proves that a
//! vendor's, a reseller's and a customer's day works through the public API alone. Text in braces, `{pool}`, stands for what an
//! earlier step kept under that name; `{vendor}` is the vendor's account.

mod device;
mod play;
mod values;
mod web;

pub use play::{Stage, play};

use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// The scripts that come with the program, by name.
pub const BUILT_IN: [(&str, &str); 4] = [
    ("reseller-tree", include_str!("../../../fixtures/scenarios/reseller-tree.toml")),
    ("credits", include_str!("../../../fixtures/scenarios/credits.toml")),
    ("partial-transfer", include_str!("../../../fixtures/scenarios/partial-transfer.toml")),
    ("organisation", include_str!("../../../fixtures/scenarios/organisation.toml")),
];

/// A script.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Script {
    /// One line for people.
    pub about: String,
    /// What is done, in order.
    #[serde(rename = "step")]
    pub steps: Vec<Step>,
}

/// One thing that is done: a call of the API, or something that happens at a device.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// What is told before it: a chapter begins.
    pub say: Option<String>,
    /// A call: method and path behind `/api/v1`; `MAIL` and an address reads the last mail to it, as an operator does.
    pub call: Option<String>,
    /// Whose token or session the call bears, by the name it was kept under; the vendor's administrator's unless said otherwise.
    #[serde(rename = "as")]
    pub bearer: Option<String>,
    /// The account a session speaks for.
    pub account: Option<String>,
    /// The call's body.
    pub send: Option<Value>,
    /// A kept file that is the call's body, or what a device imports.
    pub file: Option<String>,
    /// A device, by the name of its folder.
    pub device: Option<String>,
    /// What happens there.
    pub does: Option<Deed>,
    /// The device's product, said the first time.
    pub product: Option<String>,
    /// The key that is typed in.
    pub code: Option<String>,
    /// Units asked for; none for all the key gives.
    pub wanted: Option<BTreeMap<String, u32>>,
    /// What is kept, by name: a JSON pointer into the answer (RFC 6901), `link` for what a mail's link carries, `file` for a file.
    #[serde(default)]
    pub keep: BTreeMap<String, String>,
    /// What must be in the answer, by JSON pointer.
    #[serde(default)]
    pub expect: Map<String, Value>,
    /// What must not be in the answer, or be null there, by JSON pointer: TOML has no word for nothing.
    #[serde(default)]
    pub hides: Vec<String>,
    /// The code of the refusal that must come instead.
    pub refused: Option<String>,
    /// What is proved by it.
    pub proves: Option<String>,
}

/// What happens at a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Deed {
    /// A key is typed in.
    Activate,
    /// A key is typed in, in the place of what the device has.
    Replace,
    /// It checks.
    Check,
    /// It is deactivated.
    Release,
    /// It writes a request file.
    Request,
    /// It reads a licence file.
    Import,
    /// It writes a return file.
    Surrender,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_script_reads_and_proves_something() {
        for (name, text) in BUILT_IN {
            let script: Script = toml::from_str(text).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert!(script.steps.iter().any(|step| step.proves.is_some()), "{name} proves nothing");
            assert!(script.steps[0].say.is_some(), "{name} begins without a word");
            for step in script.steps {
                assert!(step.call.is_some() != step.does.is_some(), "{name}: a call or a deed: {step:?}");
                assert!(step.does.is_some() == step.device.is_some(), "{name}: a deed has its device: {step:?}");
            }
        }
    }
}
