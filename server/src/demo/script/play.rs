//! Playing a script: step by step, each answer held against what it must be.

use super::device::{Devices, Done};
use super::values::Kept;
use super::web::{self, Answer, Call};
use super::{Deed, Script, Step};
use crate::cli::failure::Failure;
use crate::demo::tell::Teller;
use leasehold_protocol::PublicKey;
use serde_json::Value;
use std::net::SocketAddr;
use std::path::PathBuf;
use tokio::runtime::Runtime;

/// The method that reads a mail.
const MAIL: &str = "MAIL";

/// Where a script is played.
pub struct Stage<'a> {
    /// The portal's port.
    pub portal: SocketAddr,
    /// The Unix socket of the operator.
    pub socket: PathBuf,
    /// Where devices call.
    pub devices: String,
    /// Where devices live.
    pub folder: PathBuf,
    /// What devices trust.
    pub root: PublicKey,
    /// The vendor's administrator's token.
    pub token: &'a str,
    /// Runs the calls.
    pub runtime: &'a Runtime,
}

/// Plays a script.
///
/// # Errors
/// [`Failure`] with the first step that did not go as it must.
pub fn play(stage: &Stage<'_>, script: &Script, teller: &mut Teller) -> Result<(), Failure> {
    let mut devices = Devices::new(stage.folder.clone(), stage.root, stage.devices.clone());
    let mut kept = Kept::default();
    kept.text("token", stage.token);
    let whoami = stage.call(&kept, "GET", "/whoami", &Step { bearer: Some("token".into()), ..Step::default() })?.json();
    kept.text("vendor", whoami["account"].as_str().unwrap_or_default());
    for (at, step) in script.steps.iter().enumerate() {
        if let Some(title) = &step.say {
            teller.step(title);
        }
        let place = |failure: Failure| failure.at(&format!("step {} of the scenario", at + 1));
        let proved = match (&step.call, step.does) {
            (Some(call), _) => asked(stage, &mut kept, call, step),
            (None, Some(deed)) => done(&mut devices, &mut kept, deed, step),
            (None, None) => Err(Failure::usage("neither a call nor a deed", "mend the scenario")),
        };
        let told = proved.map_err(place)?;
        match (&step.proves, told) {
            (Some(claim), None) => teller.proved(true, &kept.fill(claim)?)?,
            (None, None) => {}
            (claim, Some(wrong)) => {
                teller.line(&wrong);
                let claim = claim.clone().unwrap_or_else(|| format!("step {} goes as it must", at + 1));
                teller.proved(false, &claim)?;
            }
        }
    }
    Ok(())
}

impl Stage<'_> {
    fn call(&self, kept: &Kept, method: &str, path: &str, step: &Step) -> Result<Answer, Failure> {
        let bearer = kept.fill(&format!("{{{}}}", step.bearer.as_deref().unwrap_or("token")))?;
        let account = step.account.as_deref().map(|account| kept.fill(account)).transpose()?;
        let body = match (&step.send, &step.file) {
            (Some(value), _) => Some(("application/json", kept.filled(value)?.to_string().into_bytes())),
            (None, Some(name)) => Some(("text/plain", kept.bytes(name)?.to_vec())),
            (None, None) => None,
        };
        let call = Call { method, path, bearer: Some(&bearer), account: account.as_deref(), body };
        self.runtime.block_on(web::call(self.portal, call))
    }

    /// The words of the last mail to an address, read as its operator reads it.
    fn mail(&self, address: &str) -> Result<Value, Failure> {
        let ask = |method, path: &str| {
            let call = Call { method, path, bearer: None, account: None, body: None };
            self.runtime.block_on(web::call_socket(&self.socket, call))
        };
        let mails = ask("GET", "/local/mails?limit=500")?.json();
        let mails = mails["items"].as_array().cloned().unwrap_or_default();
        let last = mails.iter().rev().find(|mail| mail["to"] == address);
        let last = last.ok_or_else(|| Failure::failed(format!("no mail to {address}"), "mend the scenario"))?;
        Ok(ask("POST", &format!("/local/mails/{}/show", last["id"].to_string().trim_matches('"')))?.json())
    }
}

/// Makes a call; what is wrong with its answer, if anything.
fn asked(stage: &Stage<'_>, kept: &mut Kept, call: &str, step: &Step) -> Result<Option<String>, Failure> {
    let (method, path) = call.split_once(' ').unwrap_or((call, ""));
    let path = kept.fill(path)?;
    if method == MAIL {
        let mail = stage.mail(&path)?;
        let text = mail["text"].as_str().unwrap_or_default();
        let link = text.split_once("?link=").map(|(_, rest)| rest.split_whitespace().next().unwrap_or_default());
        return hold(kept, step, &mail, None, link);
    }
    let answer = stage.call(kept, method, &path, step)?;
    let json = answer.json();
    let code = json["code"].as_str().filter(|_| !answer.status.is_success());
    if let Some(wrong) = refusal(step, code, &json) {
        return Ok(Some(wrong));
    }
    hold(kept, step, &json, Some(&answer.bytes), None)
}

/// Lets something happen at a device; what is wrong with what came of it, if anything.
fn done(devices: &mut Devices, kept: &mut Kept, deed: Deed, step: &Step) -> Result<Option<String>, Failure> {
    let name = step.device.as_deref().unwrap_or_default();
    let code = step.code.as_deref().map(|code| kept.fill(code)).transpose()?;
    let file = step.file.as_deref().map(|name| kept.bytes(name)).transpose()?;
    match devices.act(deed, name, step, code.as_deref(), file)? {
        Done::Refused(code) => Ok(refusal(step, Some(&code), &Value::Null)),
        Done::File(bytes) => hold(kept, step, &Value::Null, Some(&bytes), None),
        Done::Holds(json) => match refusal(step, None, &json) {
            Some(wrong) => Ok(Some(wrong)),
            None => hold(kept, step, &json, None, None),
        },
    }
}

/// What is wrong with a refusal that came, or did not.
fn refusal(step: &Step, code: Option<&str>, json: &Value) -> Option<String> {
    (code != step.refused.as_deref()).then(|| match code {
        Some(code) => format!("refused: {code}: {}", json["detail"].as_str().unwrap_or_default()),
        None => "it was not refused".to_owned(),
    })
}

/// Holds an answer against what must be in it, and keeps what is to be kept.
fn hold(
    kept: &mut Kept,
    step: &Step,
    json: &Value,
    bytes: Option<&[u8]>,
    link: Option<&str>,
) -> Result<Option<String>, Failure> {
    for (pointer, wanted) in &step.expect {
        let (pointer, wanted) = (kept.fill(pointer)?, kept.filled(wanted)?);
        let found = json.pointer(&pointer).unwrap_or(&Value::Null);
        if *found != wanted {
            return Ok(Some(format!("{pointer} is {found}, not {wanted}")));
        }
    }
    if let Some(shown) = step.hides.iter().find(|pointer| json.pointer(pointer).is_some_and(|value| !value.is_null())) {
        return Ok(Some(format!("{shown} is shown")));
    }
    for (name, from) in &step.keep {
        let found = match (from.as_str(), bytes, link) {
            ("file", Some(bytes), _) => {
                kept.file(name, bytes.to_vec());
                continue;
            }
            ("link", _, link) => link,
            (pointer, ..) => json.pointer(pointer).and_then(Value::as_str),
        };
        let Some(found) = found else { return Ok(Some(format!("there is no {from} to keep as {name} in {json}"))) };
        kept.text(name, found);
    }
    Ok(None)
}
