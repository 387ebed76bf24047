//! The offline path of Leasehold: key files, the key ceremony, and answering request files with signed licence files.

pub mod disk;
pub mod keyfile;
pub mod ceremony;
mod moment;
pub mod opening;
