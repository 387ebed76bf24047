//! The engine's operations, and how each may fail.

use std::io::{self, ErrorKind};

/// One operation of the engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    Len,
    Read,
    Write,
    SetLen,
    Sync,
}

/// How an operation fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// EIO; nothing is written.
    Device,
    /// ENOSPC; nothing is written.
    Full,
    /// ENOSPC after half of the bytes.
    Short,
}

impl Operation {
    /// The failures this operation can meet.
    pub fn failures(self) -> &'static [Failure] {
        match self {
            Operation::Len | Operation::Read => &[Failure::Device],
            Operation::SetLen | Operation::Sync => &[Failure::Device, Failure::Full],
            Operation::Write => &[Failure::Device, Failure::Full, Failure::Short],
        }
    }
}

pub fn failed(failure: Failure) -> io::Error {
    match failure {
        Failure::Device => io::Error::from_raw_os_error(5),
        Failure::Full | Failure::Short => io::Error::from(ErrorKind::StorageFull),
    }
}
