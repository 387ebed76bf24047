//! Lines of orders, what becomes of devices that are elsewhere, and the way into the pool. Facts A39, A40, A54, A55, H, V3, V26-V41.

mod conversion;
mod facts;
mod list;
mod portal;
mod precedence;
mod races;
mod rehost;
pub mod rows;
mod transfers;
