use super::*;
use std::net::Ipv4Addr;

fn address(last: u8) -> IpAddr {
    Ipv4Addr::new(192, 0, 2, last).into()
}

async fn tries(delays: &Delays, last: u8, name: &str, times: usize) -> usize {
    let mut begun = 0;
    for _ in 0..times {
        begun += usize::from(delays.password(address(last), name).await.is_ok());
    }
    begun
}

#[tokio::test(start_paused = true)]
async fn one_address_has_five_tries_at_a_name_and_then_one_a_minute() {
    let delays = Delays::new();
    assert_eq!(tries(&delays, 1, "anna", 9).await, 5);
    let wait = delays.password(address(1), "anna").await.err().expect("too fast");
    assert_eq!(wait, TooFast(Duration::from_secs(60)));
    tokio::time::advance(wait.0).await;
    assert_eq!(tries(&delays, 1, "anna", 9).await, 1);
    assert_eq!(tries(&delays, 1, "bela", 9).await, 5, "another name");
    assert_eq!(tries(&delays, 2, "anna", 9).await, 5, "another address");
}

#[tokio::test(start_paused = true)]
async fn one_address_has_fifty_tries_at_any_names() {
    let delays = Delays::new();
    let mut begun = 0;
    for number in 0..80 {
        begun += tries(&delays, 1, &format!("user {number}"), 1).await;
    }
    assert_eq!(begun, 50);
    assert_eq!(tries(&delays, 2, "user 60", 1).await, 1, "another address");
}

#[tokio::test(start_paused = true)]
async fn a_name_guessed_at_from_everywhere_is_slow_and_never_shut() {
    let delays = Delays::new();
    for last in 0..200 {
        assert_eq!(tries(&delays, last, "anna", 1).await, 1);
    }
    let begun = tokio::time::Instant::now();
    assert_eq!(tries(&delays, 201, "anna", 1).await, 1);
    let held = begun.elapsed();
    assert!(held > Duration::from_millis(400) && held <= HOLD_MAX + Duration::from_millis(1), "{held:?}");
    tokio::time::advance(Duration::from_secs(600)).await;
    let begun = tokio::time::Instant::now();
    assert_eq!(tries(&delays, 202, "anna", 1).await, 1);
    assert_eq!(begun.elapsed(), Duration::ZERO, "it is forgotten");
}

#[tokio::test(start_paused = true)]
async fn a_right_password_costs_nothing() {
    let delays = Delays::new();
    for _ in 0..500 {
        delays.password(address(1), "anna").await.expect("there is a budget").right();
    }
    assert_eq!(tries(&delays, 1, "anna", 9).await, 5);
}

#[tokio::test(start_paused = true)]
async fn a_try_refused_for_its_address_does_not_count_against_the_name() {
    let delays = Delays::new();
    for number in 0..50 {
        tries(&delays, 1, &format!("user {number}"), 1).await;
    }
    assert_eq!(tries(&delays, 1, "anna", 20).await, 0);
    tokio::time::advance(Duration::from_secs(600)).await;
    assert_eq!(tries(&delays, 1, "anna", 9).await, 5);
}

#[tokio::test(start_paused = true)]
async fn a_mailbox_gets_three_mails_that_strangers_ask_for_and_then_one_in_ten_minutes() {
    let delays = Delays::new();
    let mails = || (0..9).filter(|_| delays.mail(b"anna@mail.example").is_ok()).count();
    assert_eq!(mails(), 3);
    tokio::time::advance(Duration::from_secs(600)).await;
    assert_eq!(mails(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_address_gets_three_invitations_and_then_one_in_ten_minutes_whoever_invites() {
    let delays = Delays::new();
    let invited = |times: u8| (0..times).filter(|by| delays.invitation(&[*by], b"anna@mail.example").is_ok()).count();
    assert_eq!(invited(9), 3);
    assert_eq!(delays.invitation(b"a", b"anna@mail.example").err(), Some(TooFast(Duration::from_secs(600))));
    tokio::time::advance(Duration::from_secs(600)).await;
    assert_eq!(invited(9), 1);
    for _ in 0..20 {
        delays.invitation(b"a", b"bela@mail.example").expect("what was not mailed costs nothing").right();
    }
}

#[tokio::test(start_paused = true)]
async fn an_account_invites_two_hundred_and_then_one_in_ten_seconds() {
    let delays = Delays::new();
    let invited = |by: &[u8]| (0..300_u32).filter(|to| delays.invitation(by, &to.to_be_bytes()).is_ok()).count();
    assert_eq!(invited(b"a"), 200);
    tokio::time::advance(Duration::from_secs(10)).await;
    assert_eq!(invited(b"a"), 1);
    assert!(delays.invitation(b"b", b"somebody else").is_ok());
    let to = 299_u32.to_be_bytes();
    assert!(delays.invitation(b"b", &to).is_ok(), "refused for the account, it cost the address nothing");
}

#[tokio::test(start_paused = true)]
async fn an_accounts_imports_meet_a_hundred_users_of_others_in_an_hour() {
    let delays = Delays::new();
    let met = |by: &[u8]| (0..300).filter(|_| delays.met(by).is_ok()).count();
    assert_eq!((met(b"a"), met(b"b")), (100, 100));
    tokio::time::advance(Duration::from_secs(3600)).await;
    assert_eq!(met(b"a"), 100);
}

#[tokio::test(start_paused = true)]
async fn codes_of_one_user_have_one_budget_for_all_addresses() {
    let delays = Delays::new();
    assert_eq!((0..30).filter(|_| delays.code(b"anna").is_ok()).count(), 10);
    assert!(delays.code(b"bela").is_ok());
}
