//! Each obvious wrong rule, swapped in, is caught: a simulator that would not notice proves nothing.

use super::fleet::Fleet;
use super::ledger::Ink;
use super::mutant::Wrong;
use crate::{DAYS, POOLS, SEED, from_env};
use leasehold_ledger::record::FreeOn;

/// Worlds looked at before a wrong rule counts as not noticed.
const WORLDS: u64 = 40;

fn caught(wrong: Wrong, free_on: FreeOn) {
    let seed = from_env("LEASEHOLD_SEED", SEED);
    for number in 0..WORLDS {
        let mut fleet = Fleet::new(seed.wrapping_add(number), free_on, Some(wrong), Ink::Sampled);
        fleet.live(DAYS);
        if fleet.tally.oversold > 0 {
            let (n, tally) = ((number + 1) * u64::from(DAYS * POOLS), &fleet.tally);
            println!(
                "count wrong rule {wrong:?} under {free_on:?}: caught within {n} pool-days, seed {seed}: oversold at {} of {} instants of the last world",
                tally.oversold, tally.instants
            );
            return;
        }
    }
    panic!("{wrong:?} under {free_on:?}: the simulator would not notice, seed {seed}");
}

#[test]
fn the_obvious_rule_is_caught() {
    caught(Wrong::QuotasOnly, FreeOn::Fetch);
    caught(Wrong::QuotasOnly, FreeOn::Expiry);
}

#[test]
fn sending_taken_for_fetching_is_caught() {
    caught(Wrong::SendingIsFetching, FreeOn::Fetch);
    caught(Wrong::SendingIsFetching, FreeOn::Expiry);
}

#[test]
fn encumbrance_forgotten_on_moves_is_caught() {
    caught(Wrong::MovesForget, FreeOn::Fetch);
    caught(Wrong::MovesForget, FreeOn::Expiry);
}

#[test]
fn a_sum_per_pool_is_caught() {
    caught(Wrong::PerPool, FreeOn::Fetch);
    caught(Wrong::PerPool, FreeOn::Expiry);
}

#[test]
fn a_stop_in_the_portal_that_frees_at_once_is_caught() {
    caught(Wrong::StopFrees, FreeOn::Fetch);
    caught(Wrong::StopFrees, FreeOn::Expiry);
}

#[test]
fn a_key_deleted_under_its_lease_is_caught() {
    caught(Wrong::DeletionFrees, FreeOn::Fetch);
    caught(Wrong::DeletionFrees, FreeOn::Expiry);
}

#[test]
fn a_converted_lot_that_frees_at_once_is_caught() {
    caught(Wrong::ConversionFrees, FreeOn::Fetch);
    caught(Wrong::ConversionFrees, FreeOn::Expiry);
}

#[test]
fn units_retired_while_in_use_are_caught() {
    caught(Wrong::RetiredInUse, FreeOn::Fetch);
    caught(Wrong::RetiredInUse, FreeOn::Expiry);
}

#[test]
fn a_return_that_frees_where_devices_keep_everything_is_caught() {
    caught(Wrong::ReturnFrees, FreeOn::Expiry);
}

#[test]
fn a_lease_that_outlives_its_units_is_caught() {
    caught(Wrong::EndForgotten, FreeOn::Fetch);
    caught(Wrong::EndForgotten, FreeOn::Expiry);
}

#[test]
fn an_end_of_renewal_that_frees_at_once_is_caught() {
    caught(Wrong::RenewalEndFrees, FreeOn::Fetch);
    caught(Wrong::RenewalEndFrees, FreeOn::Expiry);
}

#[test]
fn a_rehost_without_a_reserve_is_caught() {
    caught(Wrong::RehostFrees, FreeOn::Fetch);
    caught(Wrong::RehostFrees, FreeOn::Expiry);
}

#[test]
fn a_clock_that_runs_ahead_and_is_believed_is_caught() {
    caught(Wrong::ClockAhead, FreeOn::Fetch);
    caught(Wrong::ClockAhead, FreeOn::Expiry);
}

#[test]
fn an_exchange_that_frees_the_old_units_at_once_is_caught() {
    caught(Wrong::ExchangeFrees, FreeOn::Fetch);
    caught(Wrong::ExchangeFrees, FreeOn::Expiry);
}

#[test]
fn an_extension_that_burns_nothing_is_caught() {
    caught(Wrong::ExtensionIsFree, FreeOn::Fetch);
    caught(Wrong::ExtensionIsFree, FreeOn::Expiry);
}

#[test]
fn a_permission_key_that_gives_its_units_twice_is_caught() {
    caught(Wrong::RedeemedTwice, FreeOn::Fetch);
    caught(Wrong::RedeemedTwice, FreeOn::Expiry);
}

#[test]
fn a_seat_taken_back_that_frees_at_once_is_caught() {
    caught(Wrong::SeatFrees, FreeOn::Fetch);
    caught(Wrong::SeatFrees, FreeOn::Expiry);
}

#[test]
fn floating_devices_counted_in_place_of_seats_are_caught() {
    caught(Wrong::DevicesCounted, FreeOn::Fetch);
    caught(Wrong::DevicesCounted, FreeOn::Expiry);
}

#[test]
fn a_floating_seat_freed_by_silence_before_its_lease_ends_is_caught() {
    caught(Wrong::SilenceFrees, FreeOn::Fetch);
    caught(Wrong::SilenceFrees, FreeOn::Expiry);
}

#[test]
fn a_backup_without_a_quarantine_is_caught() {
    caught(Wrong::NoQuarantine, FreeOn::Fetch);
    caught(Wrong::NoQuarantine, FreeOn::Expiry);
}
