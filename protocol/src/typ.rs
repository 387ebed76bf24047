//! The purpose of a signed message: its `typ` header (RFC 9596), so that none can pass for another (I15).

use crate::error::FormatError;
use std::fmt;

macro_rules! typs {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)*) => {
        /// What a signed message is for.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Typ { $($(#[$doc])* $variant,)* }

        impl Typ {
            /// Every type there is.
            pub const ALL: &'static [Typ] = &[$(Typ::$variant,)*];

            /// The header's text.
            #[must_use]
            pub const fn media_type(self) -> &'static str {
                match self { $(Typ::$variant => concat!("application/vnd.leasehold.v1.", $name),)* }
            }

            /// The short name people see.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Typ::$variant => $name,)* }
            }
        }
    };
}

typs! {
    /// Console to server: announce this device, to be licensed from the portal.
    Register = "register",
    /// Console to server: bind a key to this device.
    Activate = "activate",
    /// Console to server: the daily check.
    Check = "check",
    /// Console to server: give the units back.
    Release = "release",
    /// Server to console: what may run until when.
    Lease = "lease",
    /// Server to console: no, and why.
    Refusal = "refusal",
    /// Server to console: the units are free.
    Receipt = "receipt",
    /// Offline console to portal or signer: ask for a licence file.
    Request = "request",
    /// Offline console to portal or signer: give a licence file back.
    Return = "return",
    /// Portal or signer to offline console: the licence file.
    License = "license",
    /// Root to everybody: the keys that may sign.
    Keyset = "keyset",
}

impl Typ {
    /// Reads the header's text.
    ///
    /// # Errors
    /// [`FormatError::UnknownTyp`] for any other text.
    pub fn parse(text: &str) -> Result<Self, FormatError> {
        let known = Self::ALL.iter().find(|typ| typ.media_type() == text);
        known.copied().ok_or_else(|| FormatError::UnknownTyp(text.chars().take(64).collect()))
    }
}

impl fmt::Display for Typ {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}
