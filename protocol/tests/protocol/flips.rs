//! R6: every single-bit flip of every good vector is refused, message or file, in whatever part it lies.

use crate::vectors::{Headers, content, files, judge_message};
use std::thread;

/// A flip that was let through: the vector, and the bit.
type Missed = (String, usize);

fn flipped(bytes: &[u8]) -> impl Iterator<Item = (usize, Vec<u8>)> + '_ {
    (0..bytes.len() * 8).map(|bit| {
        let mut flipped = bytes.to_vec();
        flipped[bit / 8] ^= 1 << (bit % 8);
        (bit, flipped)
    })
}

/// Bits of a vector, and those that could be flipped unnoticed.
fn flip_all(name: &str, file: &[u8]) -> (usize, Vec<Missed>) {
    let (headers, body) = Headers::split(file).expect("a vector");
    let is_file = headers.value("label").is_ok();
    let whole = if is_file { body.to_vec() } else { content(&headers, body).expect("hex").expect("no armour") };
    let accepts = |bytes: &[u8]| {
        let message = if is_file { content(&headers, bytes).expect("a label") } else { Ok(bytes.to_vec()) };
        let verdict = message.map(|message| judge_message(&headers, &message).expect("a vector's headers"));
        verdict.unwrap_or_else(|verdict| verdict).0 == "accepted"
    };
    assert!(accepts(&whole), "{name} as it is");
    let missed = flipped(&whole).filter(|(_, bytes)| accepts(bytes)).map(|(bit, _)| (name.to_owned(), bit));
    (whole.len() * 8, missed.collect())
}

#[test]
fn r6_every_flipped_bit_of_every_good_vector_is_refused() {
    let all = files();
    let good = all.iter().filter(|(_, file)| file.starts_with(b"expect: accepted\n")).collect::<Vec<_>>();
    assert!(good.len() >= 35, "only {} good vectors", good.len());
    // The long ones are not all in one half.
    let halves = [0, 1].map(|half| good.iter().skip(half).step_by(2).copied().collect::<Vec<_>>());
    let results: Vec<(usize, Vec<Missed>)> = thread::scope(|scope| {
        let work = halves.map(|half| {
            scope.spawn(move || half.into_iter().map(|(name, file)| flip_all(name, file)).collect::<Vec<_>>())
        });
        work.into_iter().flat_map(|one| one.join().expect("no panic")).collect()
    });
    let missed: Vec<Missed> = results.iter().flat_map(|(_, missed)| missed.clone()).collect();
    assert!(missed.is_empty(), "accepted in spite of a flipped bit: {missed:?}");
    let bits: usize = results.iter().map(|(bits, _)| bits).sum();
    println!("count flipped bits: {bits} in {} signed vectors, 0 accepted", good.len());
}
