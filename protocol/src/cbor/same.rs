//! Whether what is written is what was read, without keeping it.

use std::io;

/// Takes the bytes that are written, as long as they are those that are to come: compares without keeping them.
pub(super) struct Same<'a> {
    rest: &'a [u8],
}

impl<'a> Same<'a> {
    /// Nothing is written yet, and all of `bytes` is to come.
    pub(super) fn as_bytes(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// Bytes that have not been written again.
    pub(super) fn rest(&self) -> usize {
        self.rest.len()
    }
}

impl io::Write for Same<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_all(bytes).map(|()| bytes.len())
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        if let Some(rest) = self.rest.strip_prefix(bytes) {
            self.rest = rest;
            return Ok(());
        }
        let same = bytes.iter().zip(self.rest).take_while(|(a, b)| a == b).count();
        self.rest = &self.rest[same..];
        Err(io::ErrorKind::InvalidData.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
