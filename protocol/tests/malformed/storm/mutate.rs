//! Ways to spoil an input: blindly, along its CBOR items, and along its lines and words.

use super::nodes::{Node, head, longer_head, nodes};
use super::random::Random;

/// No parser takes more than 64 KiB; a little more is worth a try.
const LEN_MAX: usize = 70_000;

/// Integers at the borders of their encodings and of the protocol's own ranges.
const INTEGERS: [u64; 25] = [
    0,
    1,
    16,
    17,
    23,
    24,
    32,
    33,
    127,
    128,
    129,
    255,
    256,
    1024,
    8192,
    8193,
    65_535,
    65_536,
    70_000,
    1_000_000_001,
    0x7fff_ffff,
    0xffff_ffff,
    253_402_300_800,
    i64::MAX as u64,
    u64::MAX,
];

/// Words at which text formats differ.
const WORDS: [&str; 27] = [
    "-1",
    "0",
    "-0",
    "2147483647",
    "4294967295",
    "4294967296",
    "253402300799",
    "9223372036854775807",
    "9223372036854775808",
    "-9223372036854775808",
    "1e400",
    "0x7f",
    "nan",
    "null",
    "true",
    "\"\"",
    "[]",
    "{}",
    "\u{202e}",
    "\u{1b}[2J",
    "\u{0}",
    "9999-12-31T23:59:59Z",
    "-009999-01-01T00:00:00Z",
    "1969-12-31",
    "perpetual",
    "==",
    "\r",
];

/// One to four changes to one of the corpus, mostly to a good one, mostly few: what is far off is refused at the first look.
pub fn mutate(good: &[Vec<u8>], corpus: &[Vec<u8>], random: &mut Random) -> Vec<u8> {
    let from = if random.below(4) > 0 { good } else { corpus };
    let mut bytes = random.one(from).clone();
    for _ in 0..*random.one(&[1, 1, 1, 2, 3, 4]) {
        bytes = match random.below(10) {
            0..=2 => blindly(bytes, random),
            3..=6 => along_items(bytes, corpus, random),
            7..=8 => along_words(bytes, random),
            _ => spliced(bytes, corpus, random),
        };
        bytes.truncate(LEN_MAX);
    }
    bytes
}

fn range(len: usize, random: &mut Random) -> std::ops::Range<usize> {
    let start = random.below(len + 1);
    start..start + random.below((len - start).min(40) + 1)
}

fn blindly(mut bytes: Vec<u8>, random: &mut Random) -> Vec<u8> {
    let at = random.below(bytes.len());
    match random.below(7) {
        0 | 1 if !bytes.is_empty() => bytes[at] ^= 1 << random.below(8),
        2 if !bytes.is_empty() => bytes[at] = random.draw().to_be_bytes()[0],
        3 => bytes.truncate(at),
        4 => drop(bytes.drain(range(bytes.len(), random))),
        5 => {
            let again = bytes[range(bytes.len(), random)].to_vec();
            bytes.splice(at..at, again);
        }
        _ => {
            let (value, width) = (random.one(&INTEGERS).to_be_bytes(), 1 << random.below(4));
            let end = (at + width).min(bytes.len());
            bytes.splice(at..end, value[8 - width..].iter().copied());
        }
    }
    bytes
}

/// The head of this input and the tail of another.
fn spliced(bytes: Vec<u8>, corpus: &[Vec<u8>], random: &mut Random) -> Vec<u8> {
    let other = random.one(corpus);
    let (cut, other_cut) = (random.below(bytes.len() + 1), random.below(other.len() + 1));
    [&bytes[..cut], &other[other_cut..]].concat()
}

fn along_items(bytes: Vec<u8>, corpus: &[Vec<u8>], random: &mut Random) -> Vec<u8> {
    let all = nodes(&bytes);
    if all.is_empty() {
        return blindly(bytes, random);
    }
    let node = *random.one(&all);
    let whole = |node: &Node, bytes: &[u8]| bytes[node.start..node.end.max(node.inner)].to_vec();
    let put = |range: std::ops::Range<usize>, new: Vec<u8>, mut bytes: Vec<u8>| {
        bytes.splice(range, new);
        bytes
    };
    match random.below(8) {
        // The announced length or value alone...
        0 => {
            let near = [node.argument.wrapping_add(1), node.argument.wrapping_sub(1), *random.one(&INTEGERS)];
            put(node.start..node.inner, head(node.major, *random.one(&near)), bytes)
        }
        // ...the same in more bytes...
        1 => put(node.start..node.inner, longer_head(node.major, node.argument, random.below(5)), bytes),
        // ...a string with the right announcement...
        2 if matches!(node.major, 2 | 3) => {
            let len = *random.one(&[0, 1, 31, 32, 33, 64, 128, 129, 8192]);
            put(node.start..node.end, [head(node.major, len as u64), vec![b'a'; len]].concat(), bytes)
        }
        // ...another kind of item under the same head...
        3 => put(node.start..node.inner, head(random.below(8) as u8, node.argument), bytes),
        // ...an item twice, as a repeated key or a superfluous value...
        4 => put(node.start..node.start, whole(&node, &bytes), bytes),
        // ...or in another one's place, from here or from elsewhere.
        5 => put(node.start..node.end.max(node.inner), whole(random.one(&all), &bytes), bytes),
        6 => {
            let other = random.one(corpus);
            let theirs = nodes(other);
            let new = if theirs.is_empty() { vec![0xf6] } else { whole(random.one(&theirs), other) };
            put(node.start..node.end.max(node.inner), new, bytes)
        }
        // An integer at a border, well encoded.
        _ => put(node.start..node.end.max(node.inner), head(random.below(2) as u8, *random.one(&INTEGERS)), bytes),
    }
}

/// Borders of words: where a byte of a number or name meets another one.
fn words(bytes: &[u8]) -> Vec<std::ops::Range<usize>> {
    let inside = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-.:+".contains(byte);
    let mut words: Vec<std::ops::Range<usize>> = Vec::new();
    for (at, _) in bytes.iter().enumerate().filter(|(_, byte)| inside(byte)).take(4096) {
        match words.last_mut() {
            Some(word) if word.end == at => word.end = at + 1,
            _ => words.push(at..at + 1),
        }
    }
    words
}

fn along_words(mut bytes: Vec<u8>, random: &mut Random) -> Vec<u8> {
    let words = words(&bytes);
    if words.is_empty() {
        return blindly(bytes, random);
    }
    let word = random.one(&words).clone();
    match random.below(4) {
        0 | 1 => drop(bytes.splice(word, random.one(&WORDS).bytes())),
        2 => {
            let other = bytes[random.one(&words).clone()].to_vec();
            bytes.splice(word, other);
        }
        // A line once more: a repeated key in TOML and JSON, a repeated line of armour.
        _ => {
            let start = bytes[..word.start].iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
            let end =
                bytes[word.end..].iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |at| word.end + at + 1);
            let line = bytes[start..end].to_vec();
            bytes.splice(start..start, line);
        }
    }
    bytes
}
