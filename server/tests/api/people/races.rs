//! Two things at once of which one may happen: again and again, each time in a world of its own, on several threads.

use super::firm::Firm;
use super::stage::{OTHER, PASSWORD, no, said, text};
use crate::world::{Answer, Relation, World};
use axum::http::Method;
use leasehold_ledger::actor::Role;
use serde_json::{Value, json};
use std::pin::Pin;
use std::sync::Arc;
use tokio::runtime::Builder;
use tokio::sync::Barrier;

/// Runs of each race, times `LEASEHOLD_SOAK`.
const RUNS: usize = 10;

pub type Call = Pin<Box<dyn Future<Output = Answer> + Send>>;

/// Runs a race, and says in `what` who won.
pub fn race(what: &str, run: impl AsyncFn(usize)) {
    let soak = std::env::var("LEASEHOLD_SOAK").ok().and_then(|times| times.parse::<usize>().ok()).unwrap_or(1);
    let runs = RUNS * soak;
    let threads = Builder::new_multi_thread().worker_threads(4).enable_all().build().expect("threads");
    threads.block_on(async {
        for number in 0..runs {
            run(number).await;
        }
    });
    println!("count races: {runs} runs, {what}");
}

/// A call of somebody with this token or session, or, where it is empty, of nobody.
pub fn call(world: &Arc<World>, token: &str, method: Method, path: &str, body: Value) -> Call {
    let (world, token, path) = (world.clone(), token.to_owned(), path.to_owned());
    Box::pin(async move {
        match token.as_str() {
            "" => world.calls(&path, body).await,
            token => world.send(token, method, &path, body).await,
        }
    })
}

/// What each call is told, all of them begun together.
pub async fn at_once(calls: Vec<Call>) -> Vec<(u16, String)> {
    let start = Arc::new(Barrier::new(calls.len()));
    let begun = calls.into_iter().map(|call| {
        let start = start.clone();
        tokio::spawn(async move {
            start.wait().await;
            call.await
        })
    });
    let mut told = Vec::new();
    for task in begun.collect::<Vec<_>>() {
        told.push(said(&task.await.expect("it answers")));
    }
    told
}

/// One was done; what every other was told.
pub fn losers(told: &[(u16, String)]) -> Vec<(u16, String)> {
    let (won, lost): (Vec<_>, Vec<_>) = told.iter().cloned().partition(|(status, _)| *status < 300);
    assert_eq!(won.len(), 1, "{told:?}");
    lost
}

#[test]
fn g25_one_invitation_confirmed_twice_at_once_is_confirmed_once() {
    race("one of 2 confirmations of one invitation wins", async |_| {
        let world = Arc::new(World::new().await);
        let body = json!({"emails": "b@mail.example", "role": "viewer"});
        world.posts(&world.admin(), "/accounts/{account}/invitations", body).await;
        let link = world.link("b@mail.example").await;
        let confirm = |password: &str| {
            let body = json!({"link": link, "password": password});
            call(&world, "", Method::POST, "/invitations/confirm", body)
        };
        let told = at_once(vec![confirm(PASSWORD), confirm(OTHER)]).await;
        assert_eq!(losers(&told), [no(409, "link_invalid")]);
        let winner = if told[0].0 == 200 { PASSWORD } else { OTHER };
        assert_eq!(world.sign_in("b@mail.example", winner).await.status, 201);
    });
}

#[test]
fn g27_an_account_made_for_somebody_during_its_confirmation_leads_nobody_else_in() {
    race("one of a confirmation and an account made meanwhile wins", async |_| {
        let world = Arc::new(World::new().await);
        let body = json!({"emails": "b@mail.example", "role": "admin"});
        world.posts(&world.admin(), "/accounts/{account}/invitations", body).await;
        let link = world.link("b@mail.example").await;
        let confirm = json!({"link": link, "password": PASSWORD});
        let mine = json!({"email": "b@mail.example", "role": "viewer", "password": OTHER, "welcome": "nothing",
            "personal_account": "Theirs"});
        let stranger = world.ids.token(Relation::Far, Role::Admin).to_owned();
        let told = at_once(vec![
            call(&world, "", Method::POST, "/invitations/confirm", confirm),
            call(&world, &stranger, Method::POST, "/users", mine),
        ])
        .await;
        let members = world.get(&world.admin(), "/accounts/{account}/members").await.json();
        let members = members["items"].as_array().expect("members").clone();
        let state =
            members.iter().find(|one| one["user"]["email"] == "b@mail.example").expect("listed")["state"].clone();
        if told[0].0 == 200 {
            assert_eq!((losers(&told), state), (vec![no(409, "name_taken")], json!("active")));
        } else {
            assert_eq!((losers(&told), state), (vec![no(403, "forbidden_role")], json!("pending")));
        }
    });
}

#[test]
fn g28_one_person_who_follows_two_organisations_links_at_once_is_in_one_of_them() {
    race("one of 2 organisations has the person", async |_| {
        let firm = Firm::new().await;
        let session = firm.world.private("bela").await;
        firm.invites("bela@mail.example", "viewer").await;
        let mine = firm.world.link("bela@mail.example").await;
        let body = json!({"emails": "bela@mail.example", "role": "viewer"});
        firm.world.posts(&firm.world.admin(), "/accounts/{account}/invitations", body).await;
        let theirs = firm.world.link("bela@mail.example").await;
        let confirm =
            |link: &str| call(&firm.world, &session, Method::POST, "/invitations/confirm", json!({"link": link}));
        let told = at_once(vec![confirm(&mine), confirm(&theirs)]).await;
        assert_eq!(losers(&told), [no(409, "user_in_other_org")]);
        let places = firm.world.get(&session, "/profile").await.json()["accounts"].clone();
        let is_in = |one: &&Value| one["state"] == "active" && one["organisation"] == true;
        assert_eq!(places.as_array().expect("places").iter().filter(is_in).count(), 1, "{places}");
    });
}

#[test]
fn g33_two_administrators_who_name_two_co_administrators_at_once_have_one() {
    race("one of 2 co-administrators is named", async |number| {
        let firm = Firm::new().await;
        let heirs = [firm.joins("bela", "viewer").await, firm.joins("cyra", "viewer").await];
        let replace = number % 2 == 1;
        let name = |by: &str, user| {
            let body = json!({"user": user, "replace": replace});
            call(&firm.world, by, Method::PUT, &firm.at("/co-admin"), body)
        };
        let told = at_once(vec![name(&firm.owner, heirs[0]), name(&firm.world.admin(), heirs[1])]).await;
        if replace {
            assert_eq!(told, [no(200, ""), no(200, "")], "one after the other");
        } else {
            assert_eq!(losers(&told), [no(409, "co_admin_exists")]);
        }
        assert_eq!(firm.those("standing", "co_admin").await.len(), 1);
    });
}

#[test]
fn g35_an_ownership_handed_to_who_is_removed_meanwhile_has_one_owner_who_takes_part() {
    race("one of a hand-over and its heir's removal happens", async |_| {
        let firm = Firm::new().await;
        let bela = firm.joins("bela", "viewer").await;
        let hand = call(&firm.world, &firm.owner, Method::POST, &firm.at("/hand-over"), json!({"user": bela}));
        let path = firm.at(&format!("/members/{bela}/remove"));
        let remove = call(&firm.world, &firm.world.admin(), Method::POST, &path, json!(null));
        let told = at_once(vec![hand, remove]).await;
        let (lost, owner) = match told[0].0 {
            200 => ("owner_protected", "bela"),
            _ => ("not_participant", "anna"),
        };
        assert_eq!(losers(&told), [no(409, lost)]);
        assert_eq!(firm.those("standing", "owner").await, [owner]);
        assert_eq!(firm.member(owner, "state").await, "active");
    });
}

#[test]
fn g35_an_ownership_handed_to_two_at_once_has_one_of_them() {
    race("one of 2 heirs is the owner", async |_| {
        let firm = Firm::new().await;
        let heirs = [firm.joins("bela", "viewer").await, firm.joins("cyra", "viewer").await];
        let hand = |user| call(&firm.world, &firm.owner, Method::POST, &firm.at("/hand-over"), json!({"user": user}));
        let told = at_once(heirs.into_iter().map(hand).collect()).await;
        assert_eq!(losers(&told), [no(403, "admin_only")]);
        assert_eq!(firm.those("standing", "owner").await, [if told[0].0 == 200 { "bela" } else { "cyra" }]);
    });
}

#[test]
fn a6_a_link_that_sixteen_follow_at_once_works_once() {
    race("one of 16 uses of one link works", async |_| {
        let world = Arc::new(World::new().await);
        world.user("anna", "viewer").await;
        let link = world.link("anna@mail.example").await;
        let password = |number: usize| format!("{OTHER} {number}");
        let set = |number| {
            let body = json!({"link": link, "password": password(number)});
            call(&world, "", Method::POST, "/password/set", body)
        };
        let told = at_once((0..16).map(set).collect()).await;
        assert_eq!(losers(&told), vec![no(409, "link_invalid"); 15]);
        let winner = told.iter().position(|(status, _)| *status == 201).expect("one");
        let session = text(&world.sign_in("anna", &password(winner)).await, "session");
        let open = world.get(&session, "/sessions").await.json()["items"].clone();
        assert_eq!(open.as_array().expect("sessions").len(), 2, "the winner's and this one: {open}");
    });
}
