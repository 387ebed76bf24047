//! Writes `fixtures/vectors` anew: the same files every time, from the public test keys. A test compares them.

#![allow(dead_code, reason = "the modules are shared with the tests, which use more of them")]

#[path = "../tests/protocol/cases/mod.rs"]
mod cases;
#[path = "../tests/protocol/raw.rs"]
mod raw;
#[path = "../tests/protocol/samples/mod.rs"]
mod samples;

use std::{fs, io, path::Path};

fn main() -> io::Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/vectors");
    for entry in fs::read_dir(&folder)? {
        let entry = entry?;
        if entry.file_name() != "README.md" && entry.file_name() != ".gitattributes" {
            fs::remove_file(entry.path())?;
        }
    }
    let vectors = cases::all();
    for vector in &vectors {
        fs::write(folder.join(&vector.name), vector.file())?;
    }
    println!("{} vectors in {}", vectors.len(), folder.display());
    Ok(())
}
