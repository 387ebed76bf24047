//! The offline path: open a request, decide, sign, record, and only then let the signed file go.
//!
//! The record is a trait: a journal file for the program, rows of the store for the server. It holds what was signed before
//! anybody can have it, so a power cut loses no file that left, and the same request gives the same bytes, charged once:
//! [`Record::find`] -> [`Record::decide`] -> [`FileSigner::sign`] -> [`Record::keep`] -> [`Record::commit`] -> [`Answer`].

use crate::opening::{self, OpenError};
use crate::signer::{FileSigner, SignerError};
use leasehold_protocol::armour::{self, Label};
use leasehold_protocol::license::License;
use leasehold_protocol::request::Request;
use leasehold_protocol::surrender::Surrender;
use leasehold_protocol::{ActivationId, Cti, Digest, Refused, Time, Units};
use std::io;
use std::path::PathBuf;
use thiserror::Error;

/// Files per commit, at most.
pub const BATCH_MAX: usize = 256;

/// What the record itself failed with. What was written is unknown until it is opened again.
pub type RecordError = Box<dyn std::error::Error + Send + Sync>;

/// What is known of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Earlier {
    /// It was answered by these COSE bytes, which still stand.
    Signed(Vec<u8>),
    /// It was answered, and the answer was returned or replaced since.
    Ended,
}

/// No, by a rule.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{refused}: {detail}")]
pub struct No {
    /// The rule.
    pub refused: Refused,
    /// What it met here, in words.
    pub detail: String,
}

/// No decision, or a refusal.
#[derive(Debug, Error)]
pub enum Undecided {
    /// By a rule; nothing was changed.
    #[error(transparent)]
    No(#[from] No),
    /// The record could not be read.
    #[error(transparent)]
    Record(RecordError),
}

/// Where what was signed is kept.
pub trait Record {
    /// What is known of the request with this digest; within a batch, what was kept in it too.
    ///
    /// # Errors
    /// [`RecordError`].
    fn find(&mut self, request: Digest) -> Result<Option<Earlier>, RecordError>;

    /// The licence a new request gets. Changes nothing.
    ///
    /// # Errors
    /// [`Undecided`].
    fn decide(&mut self, request: &Request, digest: Digest, now: Time) -> Result<License, Undecided>;

    /// Charges the licence and keeps its signed bytes.
    ///
    /// # Errors
    /// [`RecordError`].
    fn keep(&mut self, license: &License, device_name: Option<&str>, signed: &[u8]) -> Result<(), RecordError>;

    /// Makes durable what was kept. After an error the record answers nothing more until it is opened again.
    ///
    /// # Errors
    /// [`RecordError`].
    fn commit(&mut self) -> Result<(), RecordError>;
}

/// Where returns are kept.
pub trait Returns {
    /// Ends the licence file given back, durably; the same message again is answered the same and changes nothing.
    ///
    /// # Errors
    /// [`Undecided`].
    fn take_back(&mut self, surrender: &Surrender, message: Digest, now: Time) -> Result<Returned, Undecided>;
}

/// A licence file was given back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Returned {
    /// The activation.
    pub sub: ActivationId,
    /// The file.
    pub held: Cti,
    /// The units that are free again.
    pub freed: Units,
    /// This very message had come before.
    pub repeated: bool,
}

/// A signed licence file that is durably recorded: it may leave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The request's digest.
    pub request: Digest,
    /// The COSE bytes.
    pub signed: Vec<u8>,
    /// The request had been answered before, by the same bytes.
    pub repeated: bool,
}

impl Answer {
    /// The text of the `.lic` file.
    #[must_use]
    pub fn file(&self) -> String {
        armour::wrap(Label::License, &self.signed)
    }
}

/// A file from a device was not answered.
#[derive(Debug, Error)]
pub enum AnswerError {
    /// It is not acceptable.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// A rule says no.
    #[error(transparent)]
    No(#[from] No),
    /// The key may not sign this.
    #[error(transparent)]
    Signer(#[from] SignerError),
    /// The licence is signed and recorded, but its file was not written.
    #[error("{}: {source}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// The file system's words.
        source: io::Error,
    },
    /// The record failed; nothing left.
    #[error(transparent)]
    Record(RecordError),
}

impl From<Undecided> for AnswerError {
    fn from(undecided: Undecided) -> Self {
        match undecided {
            Undecided::No(no) => AnswerError::No(no),
            Undecided::Record(error) => AnswerError::Record(error),
        }
    }
}

/// Answers one armoured request.
///
/// # Errors
/// [`AnswerError`].
pub fn answer(file: &[u8], record: &mut dyn Record, signer: &FileSigner, now: Time) -> Result<Answer, AnswerError> {
    let answer = answer_opened(opening::open::<Request>(Label::Request, file)?, record, signer, now)?;
    record.commit().map_err(AnswerError::Record)?;
    Ok(answer)
}

/// Answers armoured requests with one commit; for each, in order, its answer or its own error. A request that is
/// refused spoils no other.
///
/// # Errors
/// The record's, and then nothing leaves.
///
/// # Panics
/// With more than [`BATCH_MAX`] files.
pub fn answer_all(
    files: &[&[u8]],
    record: &mut dyn Record,
    signer: &FileSigner,
    now: Time,
) -> Result<Vec<Result<Answer, AnswerError>>, RecordError> {
    assert!(files.len() <= BATCH_MAX, "{} files are more than a batch of {BATCH_MAX}", files.len());
    // All are opened before any is answered: signatures are checked faster one after the other, and so they are made.
    let opened: Vec<Result<Opened, OpenError>> = files.iter().map(|file| opening::open(Label::Request, file)).collect();
    let mut answers = Vec::with_capacity(files.len());
    for opened in opened {
        let answered = opened.map_err(AnswerError::from);
        match answered.and_then(|opened| answer_opened(opened, record, signer, now)) {
            Err(AnswerError::Record(error)) => return Err(error),
            answer => answers.push(answer),
        }
    }
    record.commit()?;
    Ok(answers)
}

/// Takes one armoured return.
///
/// # Errors
/// [`AnswerError`].
pub fn take_return(file: &[u8], returns: &mut dyn Returns, now: Time) -> Result<Returned, AnswerError> {
    let (surrender, message) = opening::open::<Surrender>(Label::Return, file)?;
    Ok(returns.take_back(&surrender, message, now)?)
}

/// A request that its device signed, and its digest.
type Opened = (Request, Digest);

fn answer_opened(
    (request, digest): Opened,
    record: &mut dyn Record,
    signer: &FileSigner,
    now: Time,
) -> Result<Answer, AnswerError> {
    match record.find(digest).map_err(AnswerError::Record)? {
        Some(Earlier::Signed(signed)) => return Ok(Answer { request: digest, signed, repeated: true }),
        Some(Earlier::Ended) => {
            let detail = format!("request {digest} was answered by a file that was returned or replaced since");
            return Err(No { refused: Refused::RequestAnswered, detail }.into());
        }
        None => {}
    }
    let license = record.decide(&request, digest, now)?;
    let grant = &license.grant;
    let answers = (license.request, grant.device, grant.nonce, grant.iat);
    // A record that answers something else than it was asked would charge one device for another's file.
    assert_eq!(
        answers,
        (digest, request.sender.device, request.sender.nonce, now),
        "the decision is another request's"
    );
    let signed = signer.sign(&license)?;
    record.keep(&license, request.device_name.as_deref(), &signed).map_err(AnswerError::Record)?;
    Ok(Answer { request: digest, signed, repeated: false })
}
