//! I1 through HTTP: whatever is called in whatever order, by whoever, minted less retired is what is held. Histories of random
//! calls of the API by a vendor, resellers, customers, people of an organisation and strangers, with consoles at the device port
//! and devices without a network; amounts are good, at the edge of what there is, or nonsense. Now and then two calls about one
//! thing are sent at once. All the while `store fsck` finds nothing, the API's own answers add up, and every no is a known one.
//!
//! `LEASEHOLD_SOAK` multiplies the histories; `LEASEHOLD_SEED` draws others, or first the one that a failure
//! names: the same but for ids, and for who comes first of two that are sent at once.

mod books;
mod call;
mod consoles;
mod devices;
mod history;
mod licenses;
mod lots;
mod play;
mod pools;
mod seen;
mod shares;
mod stage;
mod sum;
mod tally;

use books::{Account, Books};
use history::{History, names};
use serde_json::{Value, json};
use stage::Stage;
use tally::Tally;

const SEED: u64 = 20_270_115;
/// Histories, times `LEASEHOLD_SOAK`.
const HISTORIES: u64 = 24;
/// Steps of a history.
const STEPS: u64 = 240;
/// Steps between two checks of the store, and of all that the API shows.
const CHECKED: u64 = 10;
const AUDITED: u64 = 60;

fn from_env(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(default)
}

/// One history. Where it fails, the harness shows its seed.
async fn history(seed: u64) -> Tally {
    println!("seed of churn: LEASEHOLD_SEED={seed}");
    let mut history = History::new(seed).await;
    for step in 1..=STEPS {
        history.step().await;
        if step % CHECKED == 0 {
            history.check();
        }
        if step % AUDITED == 0 {
            history.audit().await;
        }
    }
    history.tally
}

#[tokio::test]
async fn i1_every_balance_holds_after_any_sequence_of_calls_of_the_api() {
    let (seed, histories) = (from_env("LEASEHOLD_SEED", SEED), HISTORIES * from_env("LEASEHOLD_SOAK", 1));
    let mut tally = Tally::default();
    for number in 0..histories {
        tally.add(history(seed.wrapping_add(number)).await);
    }
    let Tally { calls, refused, races, checks, accepted, codes } = tally;
    println!(
        "count churn: {calls} calls in {histories} histories, {races} pairs of them at once, {refused} refused, {} kinds accepted; \
         fsck clean, {checks} times",
        accepted.len(),
    );
    let told = |of: Vec<String>| of.join(", ");
    println!("churn accepted: {}", told(accepted.iter().map(|(deed, count)| format!("{count} {deed}")).collect()));
    println!("churn refused: {}", told(codes.iter().map(|(code, count)| format!("{count} {code}")).collect()));
    let never: Vec<&str> = names().filter(|deed| !accepted.contains_key(deed)).collect();
    assert!(never.is_empty(), "never done: {never:?}");
}

/// One of an account's lists.
type List = fn(&mut Account) -> &mut Vec<Value>;

#[tokio::test]
async fn i1_a_unit_too_many_in_any_answer_is_found() {
    let books = Books::read(&Stage::new().await.world).await;
    assert_eq!(books.problems(), Vec::<String>::new());
    let lists: [(List, &[&str]); 5] = [
        (|account| &mut account.lots, &["units", "free", "charged", "minted", "retired"]),
        (|account| &mut account.pools, &["units", "free", "granted"]),
        (|account| &mut account.keys, &["units", "free"]),
        (|account| &mut account.licenses, &["units", "free"]),
        (|account| &mut account.activations, &["charged"]),
    ];
    for (list, fields) in lists {
        for field in fields {
            let mut books = books.clone();
            let one = books.accounts.iter_mut().find_map(|account| list(account).first_mut()).expect("there is one");
            one[*field]["OBM"] = json!(one[*field]["OBM"].as_u64().unwrap_or(0) + 1);
            let told = one.to_string();
            assert!(!books.problems().is_empty(), "{field} of {told}");
        }
    }
}
