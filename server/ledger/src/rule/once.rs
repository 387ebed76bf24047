//! At most once: commands of a request that named an idempotency key. What a command changes and the note that it was carried
//! out are one transaction, so that a crash between them, or 64 senders at once, cannot do it twice.

use crate::apply::{Context, Outcome, dispatch};
use crate::command::Command;
use crate::draft::{Draft, Fault, ensure};
use crate::record::remembered::{IdempotencyKey, KeptAnswer, Remembered};
use crate::store::{Read, StoreError, Table};
use crate::view::find;
use leasehold_protocol::{Refused, Time};
use std::collections::BTreeMap;

/// Requests remembered of one caller.
pub const REMEMBERED_MAX: u32 = 20_000;
/// Requests forgotten by one command.
pub const FORGOTTEN_MAX: usize = 500;

/// Which request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// Whose, under which key.
    pub place: IdempotencyKey,
    /// A keyed hash of what is asked.
    pub request: [u8; 32],
    /// What its ids are drawn from.
    pub seed: [u8; 32],
    /// First asked at.
    pub at: Time,
}

/// The request remembered at a place, unless that is too long ago.
///
/// # Errors
/// [`StoreError`].
pub fn recall(view: &dyn Read, place: &IdempotencyKey, now: Time) -> Result<Option<Remembered>, StoreError> {
    Ok(find::<Remembered>(view, &place.bytes())?.filter(|known| !known.is_over(now)))
}

/// Carries out command `number` of a request, unless that was done.
///
/// # Errors
/// The command's, or `field_invalid` where the caller has too many keys.
pub fn run(
    draft: &mut Draft<'_>,
    context: &Context<'_>,
    asked: &Asked,
    number: u32,
    command: &Command,
) -> Result<Outcome, Fault> {
    let known = recall(draft, &asked.place, context.now)?;
    if let Some(known) = &known {
        if !is_same(known, asked) {
            return Ok(Outcome::Raced);
        }
        if let Some(file) = known.done.get(&number) {
            return Ok(Outcome::Repeated(file.clone()));
        }
    }
    let outcome = dispatch(draft, context, command)?;
    let file = match &outcome {
        Outcome::File(bytes) => Some(bytes.clone()),
        _ => None,
    };
    let mut known = known.map_or_else(|| begin(draft, asked), Ok)?;
    known.done.insert(number, file);
    draft.put(&known);
    Ok(outcome)
}

/// Keeps the answer of a request. The first one counts.
///
/// # Errors
/// `field_invalid` where the caller has too many keys, or [`Fault::Store`].
pub fn remember(
    draft: &mut Draft<'_>,
    context: &Context<'_>,
    asked: &Asked,
    answer: &KeptAnswer,
) -> Result<Outcome, Fault> {
    let known = recall(draft, &asked.place, context.now)?;
    let mut known = known.map_or_else(|| begin(draft, asked), Ok)?;
    if !is_same(&known, asked) || known.answer.is_some() {
        return Ok(Outcome::Raced);
    }
    known.answer = Some(answer.clone());
    draft.put(&known);
    Ok(Outcome::Done)
}

/// Forgets requests that are too old, some of them: [`FORGOTTEN_MAX`] a command.
///
/// # Errors
/// [`Fault::Store`].
pub fn forget(draft: &mut Draft<'_>, context: &Context<'_>) -> Result<Outcome, Fault> {
    for place in over(draft, context.now)? {
        if let Some(known) = find::<Remembered>(draft, &place)? {
            drop_one(draft, &known)?;
        }
    }
    Ok(Outcome::Done)
}

/// Places of requests that are too old, the oldest first.
///
/// # Errors
/// [`StoreError`].
pub fn over(view: &dyn Read, now: Time) -> Result<Vec<Vec<u8>>, StoreError> {
    let end = now.0.saturating_sub(crate::record::remembered::REMEMBERED_FOR).saturating_add(1).max(0);
    let rows = view.scan(Table::RememberedAges, &[], &end.to_be_bytes(), FORGOTTEN_MAX)?;
    Ok(rows.into_iter().filter_map(|(key, _)| key.get(size_of::<i64>()..).map(<[u8]>::to_vec)).collect())
}

/// Another request, or another run of the same: its ids differ.
fn is_same(known: &Remembered, asked: &Asked) -> bool {
    (known.request, known.seed) == (asked.request, asked.seed)
}

fn begin(draft: &mut Draft<'_>, asked: &Asked) -> Result<Remembered, Fault> {
    if let Some(old) = find::<Remembered>(draft, &asked.place.bytes())? {
        drop_one(draft, &old)?;
    }
    let count = count(draft, &asked.place)?;
    ensure(count < REMEMBERED_MAX, Refused::FieldInvalid, || {
        format!("Idempotency-Key: {REMEMBERED_MAX} keys were used within 24 hours")
    })?;
    draft.put_raw(Table::RememberedCounts, asked.place.caller.to_vec(), (count + 1).to_be_bytes().to_vec());
    let Asked { place, request, seed, at } = asked.clone();
    let known = Remembered { place, request, seed, at, done: BTreeMap::new(), answer: None };
    draft.put_raw(Table::RememberedAges, known.age_key(), vec![]);
    Ok(known)
}

fn drop_one(draft: &mut Draft<'_>, known: &Remembered) -> Result<(), StoreError> {
    draft.delete(Table::Remembered, known.place.bytes());
    draft.delete(Table::RememberedAges, known.age_key());
    let caller = known.place.caller.to_vec();
    match count(draft, &known.place)?.saturating_sub(1) {
        0 => draft.delete(Table::RememberedCounts, caller),
        left => draft.put_raw(Table::RememberedCounts, caller, left.to_be_bytes().to_vec()),
    }
    Ok(())
}

fn count(view: &dyn Read, place: &IdempotencyKey) -> Result<u32, StoreError> {
    let row = view.get(Table::RememberedCounts, &place.caller)?;
    Ok(row.and_then(|row| row.try_into().ok()).map_or(0, u32::from_be_bytes))
}
