//! A storm of malformed input: every item of a corpus as it is, then changed from a seed, thrown at plain functions.
//!
//! A [`Target`] must not panic, and asserts by itself what else must hold of what it accepts. A panic is reported with the
//! input in hex and the seed. `LEASEHOLD_SOAK=n` throws n times as many, `LEASEHOLD_SEED=s` throws others.

mod mutate;
mod nodes;
mod random;

use mutate::mutate;
use random::Random;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

/// What became of an input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Met {
    /// It was taken, and is what it claims to be.
    Accepted,
    /// It was refused, in words.
    Refused,
}

impl<T, E> From<Result<T, E>> for Met {
    fn from(result: Result<T, E>) -> Self {
        if result.is_ok() { Met::Accepted } else { Met::Refused }
    }
}

/// A parser of outside bytes, as a plain function.
pub type Target = fn(&[u8]) -> Met;

/// A target, what it is called, and what it is fed with.
pub struct Course {
    /// The name; also that of its file for cargo-fuzz.
    pub name: &'static str,
    /// The function.
    pub target: Target,
    /// Inputs to begin with.
    pub corpus: Vec<Vec<u8>>,
}

const SEED: u64 = 0x1ea5_e401;

fn from_env(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(default)
}

/// Throws `mutations` at the courses, evenly, and fails on a panic, and where a course accepted none of its corpus.
pub fn rage(what: &str, courses: &[Course], mutations: usize) {
    let seed = from_env("LEASEHOLD_SEED", SEED);
    let soak = usize::try_from(from_env("LEASEHOLD_SOAK", 1)).expect("a factor");
    courses.iter().for_each(|course| is_known_to_cargo_fuzz(course.name));
    let each = (mutations * soak).div_ceil(courses.len());
    println!("seed of the {what}: LEASEHOLD_SEED={seed}");
    let (mut given, mut accepted) = (0, 0);
    for (number, course) in courses.iter().enumerate() {
        let throw = |input: &[u8]| {
            catch_unwind(AssertUnwindSafe(|| (course.target)(input))).unwrap_or_else(|_| {
                panic!("{} does not hold with LEASEHOLD_SEED={seed} for {}", course.name, hex(input))
            })
        };
        let good: Vec<Vec<u8>> = course.corpus.iter().filter(|input| throw(input) == Met::Accepted).cloned().collect();
        assert!(!good.is_empty(), "{}: nothing of its corpus is good, so its changes prove little", course.name);
        let mut random = Random::new(seed ^ ((number as u64) << 32));
        let taken = (0..each).filter(|_| throw(&mutate(&good, &course.corpus, &mut random)) == Met::Accepted).count();
        let (all, good) = (course.corpus.len(), good.len());
        println!("{}: corpus {all} ({good} good), changed {each} ({taken} good)", course.name);
        (given, accepted) = (given + course.corpus.len(), accepted + taken);
    }
    let thrown = each * courses.len();
    println!(
        "count malformed input: {what}: {thrown} mutations of {given} inputs at {} parsers, 0 panics; the {accepted} accepted ones hold",
        courses.len()
    );
}

/// Each parser has its file in `protocol/fuzz`, so that the two ways of fuzzing never differ in what they reach.
fn is_known_to_cargo_fuzz(name: &str) {
    let folders = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().map(|folder| folder.join("protocol/fuzz"));
    let fuzz = folders.into_iter().find(|folder| folder.is_dir()).expect("the fuzz crate");
    let file = fs::read_to_string(fuzz.join(format!("fuzz_targets/{name}.rs"))).unwrap_or_default();
    assert!(file.contains(&format!("::{name}(bytes)")), "{name} has no file in protocol/fuzz/fuzz_targets");
    let manifest = fs::read_to_string(fuzz.join("Cargo.toml")).expect("the fuzz crate's manifest");
    assert!(manifest.contains(&format!("\nname = \"{name}\"\n")), "{name} is not in protocol/fuzz/Cargo.toml");
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
