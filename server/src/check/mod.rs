//! The device port, in the order things happen: [`handle`] reads top to bottom, [`overload`] sends away, [`authenticate`] says who speaks,
//! [`reply`] signs the answer.

pub mod authenticate;
pub mod handle;
pub mod overload;
pub mod problem;
pub mod reply;
