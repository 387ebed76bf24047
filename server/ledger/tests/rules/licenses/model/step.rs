//! What somebody does with licences, drawn.

use super::{DEVICES, SKUS};
use proptest::prelude::*;

/// What somebody does; a licence is named by its place among those that were ever made.
#[derive(Debug, Clone)]
pub enum Step {
    Buy(usize, u32),
    Make(usize, u32),
    Resize(usize, u32),
    Exchange(usize, usize, u32),
    Extend(usize),
    Delete(usize),
    Activate(u8, usize),
    /// A check of a device for a product; its answer may be lost.
    Check(u8, usize, bool),
    Release(u8, usize),
    Days(i64),
}

pub fn step() -> impl Strategy<Value = Step> {
    let sku = 0..SKUS.len();
    let license = 0..8_usize;
    prop_oneof![
        1 => (sku.clone(), 1..4_u32).prop_map(|(sku, count)| Step::Buy(sku, count)),
        5 => (sku.clone(), 1..8_u32).prop_map(|(sku, count)| Step::Make(sku, count)),
        4 => (license.clone(), 0..9_u32).prop_map(|(license, count)| Step::Resize(license, count)),
        4 => (license.clone(), sku.clone(), 1..6_u32).prop_map(|(one, sku, count)| Step::Exchange(one, sku, count)),
        3 => license.clone().prop_map(Step::Extend),
        3 => license.prop_map(Step::Delete),
        6 => (0..DEVICES, sku.clone()).prop_map(|(device, sku)| Step::Activate(device, sku)),
        8 => (0..DEVICES, sku.clone(), prop::bool::weighted(0.3)).prop_map(|(one, sku, lost)| Step::Check(one, sku, lost)),
        2 => (0..DEVICES, sku).prop_map(|(device, sku)| Step::Release(device, sku)),
        4 => (1..9_i64).prop_map(Step::Days),
        1 => (100..400_i64).prop_map(Step::Days),
    ]
}
