//! The keys the server signs with: which there are, which are in use, and changing that while it runs. For the vendor's
//! administrators. No private key goes through here: they are made on the server's machine by `leasehold key rotate`, certified
//! offline by the root key, and taken up by these calls.
//!
//! A change is carried through even where whoever asked for it has gone, in the order of [`crate::signing`].

mod refusal;
mod view;

use super::auth::Caller;
use super::docs::{Reads, Writes};
use super::extract::{File, Path, Query};
use super::problem::Problem;
use crate::keyring::vault::{Chosen, Vault};
use crate::keyring::{Keyring, KeyringError};
use crate::signing;
use axum::Json;
use leasehold_ledger::Command;
use leasehold_protocol::Kid;
use refusal::refused;
use serde::Deserialize;
use std::path::PathBuf;
use std::sync::Arc;
use utoipa::IntoParams;
use view::view;
pub use view::{SigningKeyView, SigningUse, SigningView};

/// Which keys sign from now on; those in use unless said otherwise.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct KeysQuery {
    /// The id of the key that signs leases.
    #[param(value_type = Option<String>, pattern = "^[0-9a-f]{16}$")]
    pub lease: Option<Kid>,
    /// The id of the key that signs licence files.
    #[param(value_type = Option<String>, pattern = "^[0-9a-f]{16}$")]
    pub file: Option<Kid>,
}

/// The keyset in force and its keys: for the vendor's administrators.
#[utoipa::path(get, path = "/signing-keys", tag = "signing",
    responses((status = 200, description = "What the server signs with.", body = SigningView), Reads))]
pub async fn show_signing_keys(caller: Caller) -> Result<Json<SigningView>, Problem> {
    admitted(&caller)?;
    Ok(Json(view(&caller)))
}

/// Signs with another certified key of the keyset from the next signature on: for the vendor's administrators. Its private half must
/// be on the server's machine. What the key before has signed stays good.
#[utoipa::path(post, path = "/signing-keys/{kid}/use", tag = "signing",
    params(("kid" = String, Path, description = "The key's id.")),
    responses((status = 200, description = "What the server signs with now.", body = SigningView), Writes))]
pub async fn use_signing_key(caller: Caller, Path(kid): Path<String>) -> Result<Json<SigningView>, Problem> {
    admitted(&caller)?;
    let kid = kid.parse::<Kid>().map_err(|_| Problem::out_of_reach())?;
    let (now, in_use) = (caller.now(), caller.app.keyring.load().in_use());
    if [in_use.0, in_use.1].contains(&kid) {
        return Ok(Json(view(&caller))); // it is so already
    }
    changed(caller, None, move |current| signing::rotated(current, kid, now)?.ok_or(Refusal::Unknown)).await
}

/// Puts a keyset in force that the root key signed: for the vendor's administrators. Its version is above that of the one before. Leases
/// name it from then on, and consoles fetch it at their next check. The keys in use go on, or others are named in the query.
#[utoipa::path(put, path = "/keyset", tag = "signing", params(KeysQuery),
    request_body(content_type = "text/plain", content = String, description = "The armoured keyset, a .lks file."),
    responses((status = 200, description = "What the server signs with now.", body = SigningView), Writes))]
pub async fn import_keyset(
    caller: Caller,
    Query(query): Query<KeysQuery>,
    File(file): File,
) -> Result<Json<SigningView>, Problem> {
    admitted(&caller)?;
    let (chosen, now) = (Chosen { lease: query.lease, file: query.file }, caller.now());
    let text = file.to_vec();
    changed(caller, Some(text.clone()), move |current| Ok(signing::imported(current, &text, chosen, now)?)).await
}

fn admitted(caller: &Caller) -> Result<(), Problem> {
    caller.look(|sight| Ok(sight.draft.vendor_admin(&caller.actor).map(drop)?))
}

/// Why there is no next keyring.
enum Refusal {
    Unknown,
    Keys(KeyringError),
}

impl From<KeyringError> for Refusal {
    fn from(error: KeyringError) -> Self {
        Refusal::Keys(error)
    }
}

/// Makes the keyring that comes next, and puts it in force. `text` is the keyset's file where that is a new one.
async fn changed(
    caller: Caller,
    text: Option<Vec<u8>>,
    next: impl FnOnce(&Keyring) -> Result<Keyring, Refusal> + Send + 'static,
) -> Result<Json<SigningView>, Problem> {
    let work = async move {
        let vault = caller.app.keyring.load().vault().clone();
        let _turn = vault.turn.lock().await;
        if caller.has_done_next() {
            return Ok(Json(view(&caller))); // this request put it in force, before somebody ended the server
        }
        let current = caller.app.keyring.load_full();
        let before = signing::of(&current);
        let made = blocking(move || next(&current)).await?;
        let next = made.map_err(|refusal| match refusal {
            Refusal::Unknown => Problem::out_of_reach(),
            Refusal::Keys(error) => refused(&error),
        })?;
        let staged = match text {
            Some(text) => Some(stage(&vault, text).await?),
            None => None,
        };
        let command = Command::ChangeSigning { before: Some(Box::new(before)), after: Box::new(signing::of(&next)) };
        if let Err(problem) = caller.send(command).await {
            staged.iter().for_each(|staged| vault.drop_staged(staged));
            return Err(problem);
        }
        caller.app.keyring.store(Arc::new(next));
        if let Some(staged) = staged {
            name(&vault, staged).await?;
        }
        Ok(Json(view(&caller)))
    };
    tokio::spawn(work).await.map_err(Problem::failed)?
}

async fn stage(vault: &Arc<Vault>, text: Vec<u8>) -> Result<PathBuf, Problem> {
    let vault = vault.clone();
    blocking(move || vault.stage(&text)).await?.map_err(Problem::failed)
}

/// Gives the keyset's file its name. The store has it: a file that cannot be written now is written at the next start.
async fn name(vault: &Arc<Vault>, staged: PathBuf) -> Result<(), Problem> {
    let vault = vault.clone();
    if let Err(error) = blocking(move || vault.put(&staged)).await? {
        tracing::error!(%error, "the keyset is in force, and its file was not written; the next start writes it");
    }
    Ok(())
}

/// Opening a sealed key takes long, and so may a disk.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Problem> {
    tokio::task::spawn_blocking(work).await.map_err(Problem::failed)
}
