use super::*;
use std::net::IpAddr;

fn prefix(text: &str) -> Prefix {
    text.parse::<IpAddr>().expect("an address").into()
}

/// A room with visitors whose tasks can be looked at.
struct Guests {
    room: Rc<Room>,
    most: usize,
}

struct Guest {
    place: Option<Place>,
    task: tokio::task::JoinHandle<()>,
}

impl Guests {
    fn of(places: usize, most: usize) -> Self {
        Self { room: Room::new(places), most }
    }

    fn come(&self, from: &str) -> Option<Guest> {
        let place = match self.room.enter(prefix(from), self.most) {
            Entry::Free(place) | Entry::Instead(place) => place,
            Entry::Full => return None,
        };
        let task = tokio::spawn(std::future::pending());
        place.visitor().runs_in(task.abort_handle());
        Some(Guest { place: Some(place), task })
    }

    fn inside(&self) -> usize {
        let inside = self.room.inside.borrow();
        assert_eq!(inside.counts.values().sum::<usize>(), inside.visitors.len());
        inside.visitors.len()
    }
}

impl Guest {
    fn place(&self) -> &Place {
        self.place.as_ref().expect("it is inside")
    }

    /// As if nothing had been completed for this long.
    fn still_for(&self, time: Duration) {
        self.visitor().busy.set(clock::instant().checked_sub(time));
    }

    fn visitor(&self) -> Rc<Visitor> {
        self.place().visitor()
    }

    async fn is_closed(&mut self) -> bool {
        tokio::task::yield_now().await;
        self.task.is_finished()
    }
}

#[tokio::test]
async fn while_there_is_room_nobody_makes_way() {
    let guests = Guests::of(3, 3);
    let mut all: Vec<Guest> = (0..3).map(|_| guests.come("192.0.2.1").expect("room")).collect();
    for guest in &mut all {
        guest.place().idle();
        assert!(!guest.is_closed().await);
    }
    all.remove(0).place = None;
    assert_eq!(guests.inside(), 2);
}

#[tokio::test]
async fn a_newcomer_takes_the_place_of_an_idle_connection_and_never_of_a_busy_one() {
    let guests = Guests::of(3, 3);
    let mut all: Vec<Guest> =
        ["192.0.2.1", "192.0.2.2", "192.0.2.3"].map(|from| guests.come(from).expect("room")).into();
    assert!(guests.come("192.0.2.9").is_none(), "everybody is being worked for");
    all[1].place().idle();
    let newcomer = guests.come("192.0.2.9").expect("somebody was idle");
    assert_eq!((guests.inside(), all[1].is_closed().await), (3, true));
    assert!(!all[0].is_closed().await && !all[2].is_closed().await);
    all[1].place = None;
    assert_eq!(guests.inside(), 3, "a place is given back once");
    drop(newcomer);
    assert_eq!(guests.inside(), 2);
}

#[tokio::test]
async fn what_completes_nothing_for_two_seconds_makes_way() {
    let guests = Guests::of(2, 2);
    let (mut slow, mut honest) = (guests.come("192.0.2.1").expect("room"), guests.come("192.0.2.2").expect("room"));
    slow.still_for(Duration::from_millis(1900));
    assert!(guests.come("192.0.2.9").is_none());
    slow.still_for(STILL);
    assert!(guests.come("192.0.2.9").is_some());
    assert!(slow.is_closed().await && !honest.is_closed().await);
}

#[tokio::test]
async fn an_address_at_its_share_makes_room_among_its_own_and_others_come_in_freely() {
    let guests = Guests::of(10, 4);
    let mut other = guests.come("192.0.2.200").expect("room");
    other.place().idle();
    let mut greedy: Vec<Guest> = (0..4).map(|_| guests.come("192.0.2.1").expect("room")).collect();
    assert!(guests.come("192.0.2.1").is_none(), "all four are busy");
    greedy[2].place().idle();
    assert!(guests.come("192.0.2.1").is_some(), "who shares the address gets in");
    assert!(greedy[2].is_closed().await && !other.is_closed().await);
    assert!(guests.come("2001:db8::1").is_some());
}

#[tokio::test]
async fn somebody_among_many_busy_ones_is_found_after_a_few_looks() {
    let guests = Guests::of(10 * LOOK, 10 * LOOK);
    let all: Vec<Guest> =
        (0..10 * LOOK).map(|n| guests.come(&format!("10.{}.{}.1", n / 250, n % 250)).expect("room")).collect();
    all[7 * LOOK].place().idle();
    let found = (0..11).find_map(|_| guests.come("192.0.2.1"));
    assert!(found.is_some(), "the look goes round");
    let again: Vec<_> = (0..11).filter_map(|_| guests.come("192.0.2.1")).collect();
    assert!(again.is_empty(), "there was one");
}
