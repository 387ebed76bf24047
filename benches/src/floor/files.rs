//! The floor of a licence file: one create, write and rename of the same bytes.

use crate::Done;
use crate::proc::own_cpu_us;
use std::fs;
use std::path::Path;

/// Microseconds of CPU a file.
///
/// # Errors
/// The file system's.
pub fn measure(folder: &Path, bytes: usize, count: u32) -> Done<[f64; 1]> {
    let content = vec![b'A'; bytes];
    let before = own_cpu_us();
    for number in 0..count {
        let path = folder.join(format!("{number}.lic"));
        let begun = path.with_extension("new");
        fs::write(&begun, &content)?;
        fs::rename(&begun, &path)?;
    }
    Ok([(own_cpu_us() - before) / f64::from(count)])
}
