//! CBOR items inside bytes, found by their heads alone, so that changes can keep to their borders. Written apart from the
//! codec under test; what is no CBOR has few nodes or none.

/// One item: a head and what belongs to it.
#[derive(Debug, Clone, Copy)]
pub struct Node {
    pub start: usize,
    /// Behind the head.
    pub inner: usize,
    /// Behind the whole item.
    pub end: usize,
    pub major: u8,
    pub argument: u64,
}

/// Items looked at in one input: enough for any message.
const NODES_MAX: usize = 600;

/// The items that begin at the front, nested ones too, outer before inner.
pub fn nodes(bytes: &[u8]) -> Vec<Node> {
    let mut found = Vec::new();
    walk(bytes, 0, 0, &mut found);
    found
}

/// Adds the item at `start` and those in it, and says where it ends.
fn walk(bytes: &[u8], start: usize, depth: u8, found: &mut Vec<Node>) -> Option<usize> {
    let first = *bytes.get(start)?;
    let (major, low) = (first >> 5, first & 0x1f);
    let len = match low {
        0..=23 => 0,
        24..=27 => 1 << (low - 24),
        _ => return None,
    };
    let inner = start + 1 + len;
    let argument = match len {
        0 => u64::from(low),
        _ => bytes.get(start + 1..inner)?.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte)),
    };
    if depth > 12 || found.len() >= NODES_MAX {
        return None;
    }
    let at = found.len();
    found.push(Node { start, inner, end: inner, major, argument });
    let mut end = inner;
    match major {
        2 | 3 => end = inner.checked_add(usize::try_from(argument).ok()?).filter(|end| *end <= bytes.len())?,
        4..=6 => {
            let items = if major == 6 { 1 } else { argument.checked_mul(u64::from(major - 3))? };
            for _ in 0..items {
                end = walk(bytes, end, depth + 1, found)?;
            }
        }
        _ => {}
    }
    found[at].end = end;
    Some(end)
}

/// A head in the shortest form.
pub fn head(major: u8, argument: u64) -> Vec<u8> {
    let be = argument.to_be_bytes();
    let (low, tail) = match argument {
        0..=23 => return vec![major << 5 | be[7]],
        24..=0xff => (24, &be[7..]),
        0x100..=0xffff => (25, &be[6..]),
        0x1_0000..=0xffff_ffff => (26, &be[4..]),
        _ => (27, &be[..]),
    };
    [&[major << 5 | low], tail].concat()
}

/// The same head in a longer form, or one of indefinite length.
pub fn longer_head(major: u8, argument: u64, form: usize) -> Vec<u8> {
    let be = argument.to_be_bytes();
    let (low, tail) = match form % 5 {
        0 => (24, &be[7..]),
        1 => (25, &be[6..]),
        2 => (26, &be[4..]),
        3 => (27, &be[..]),
        _ => (31, &be[8..]),
    };
    [&[major << 5 | low], tail].concat()
}
