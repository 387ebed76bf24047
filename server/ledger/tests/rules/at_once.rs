//! By the portals' letter units are free at once, and may be out twice for a term (H37). A key outlives its leases all the same.

use super::console::Console;
use super::world::{World, units};
use leasehold_ledger::record::*;
use leasehold_protocol::Refused;

#[test]
fn i8_a_key_that_gave_everything_away_outlives_the_lease_of_a_stopped_device() {
    // what was stopped and had nothing booked any more was forgotten, and its key deleted under a living lease
    let mut world = World::with(FreeOn::AtOnce);
    let (_, pool) = world.customer_with_pool(units(10, 0));
    let key = world.pool_key(pool, "Key", units(10, 0));
    let mut console = Console::new(1);
    world.activate(&mut console, &key.code).expect("a lease");
    world.key_quota(key.id, units(0, 0));
    world.stop_renewal(console.sub()).expect("it may");
    assert_eq!(world.delete_key(key.id), Err(Refused::KeyInUse));
    world.days(14);
    assert_eq!(world.delete_key(key.id), Ok(()));
}
