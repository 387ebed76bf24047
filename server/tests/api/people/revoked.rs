//! Tokens and sessions that are taken back while they are in use: nothing more is done with them once that was answered.

use super::races::race;
use super::stage::{no, said, text};
use crate::world::{Answer, World};
use axum::body::{Body, Bytes};
use axum::http::Method;
use axum::http::header::CONTENT_TYPE;
use futures_util::stream;
use serde_json::{Value, json};
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;
use tokio::sync::oneshot;

/// Programs that use one token at once.
const PROGRAMS: usize = 32;

/// A token of the target account's, and its id.
async fn token(world: &World) -> (String, String) {
    let body = json!({"name": "ci", "role": "admin"});
    let made = world.posts(&world.admin(), "/accounts/{account}/tokens", body).await;
    (text(&made, "secret"), text(&made, "id"))
}

/// What somebody is told whose request arrives whole only after `meanwhile`.
async fn slowly(
    world: &World,
    bearer: &str,
    path: &str,
    body: &Value,
    meanwhile: impl Future<Output = Answer>,
) -> Answer {
    let (go, wait) = oneshot::channel::<()>();
    let text = Bytes::from(body.to_string());
    let body = stream::once(async move {
        wait.await.ok();
        Ok::<_, Infallible>(text)
    });
    let request = world.request(bearer, Method::POST, path).header(CONTENT_TYPE, "application/json");
    let request = request.body(Body::from_stream(body)).expect("a request");
    let (answer, ()) = tokio::join!(world.raw(request), async {
        let done = meanwhile.await;
        assert!(done.status.is_success(), "{:?}", done.bytes);
        go.send(()).expect("it is waited for");
    });
    answer
}

fn user() -> Value {
    json!({"email": "new@mail.example", "role": "admin"})
}

#[tokio::test]
async fn a_token_revoked_before_its_request_has_arrived_whole_does_nothing() {
    let world = World::new().await;
    let (secret, id) = token(&world).await;
    let (admin, path) = (world.admin(), format!("/tokens/{id}"));
    let told = slowly(&world, &secret, "/users", &user(), world.deletes(&admin, &path)).await;
    assert_eq!(said(&told), no(403, "forbidden_role"));
    assert!(world.mails().is_empty(), "nobody was made");
}

#[tokio::test]
async fn a_person_removed_or_lowered_before_its_request_has_arrived_whole_does_nothing() {
    for (method, rest, body) in [
        (Method::POST, "/remove", json!(null)),
        (Method::POST, "/disable", json!(null)),
        (Method::PATCH, "", json!({"role": "operator"})),
    ] {
        let world = World::new().await;
        let anna = world.person("anna", "admin").await;
        let mails = world.mails().len();
        let session = world.session("anna").await;
        let (admin, path) = (world.admin(), format!("/accounts/{{account}}/members/{anna}{rest}"));
        let told = slowly(&world, &session, "/users", &user(), world.send(&admin, method, &path, body)).await;
        assert_eq!(said(&told), no(403, "forbidden_role"), "{rest}");
        assert_eq!(world.mails().len(), mails, "{rest}");
    }
}

/// Who did what in the target account, newest first.
async fn done(world: &World) -> Vec<(String, String)> {
    let events = world.get(&world.vendor(), "/accounts/{account}/events?limit=500").await.json();
    let events = events["items"].as_array().expect("Events").clone();
    events.iter().map(|one| (one["actor"].to_string(), one["verb"].to_string())).collect()
}

#[test]
fn a_token_revoked_under_the_hands_of_many_programs_does_nothing_after_that_was_answered() {
    race("0 of 32 programs did anything with a token after it was revoked", async |_| {
        let world = Arc::new(World::new().await);
        let (secret, id) = token(&world).await;
        let (revoked, writes) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let program = |number: usize| {
            let (world, secret, revoked, writes) = (world.clone(), secret.clone(), revoked.clone(), writes.clone());
            tokio::spawn(async move {
                loop {
                    let late = revoked.load(Ordering::SeqCst);
                    let told = match number % 3 {
                        0 => world.get(&secret, "/whoami").await,
                        1 => world.posts(&secret, "/keys/{key}/stop", json!(null)).await,
                        _ => world.posts(&secret, "/keys/{key}/resume", json!(null)).await,
                    };
                    if !told.status.is_success() {
                        return said(&told);
                    }
                    assert!(!late, "it was revoked before this call began");
                    writes.fetch_add((number % 3).min(1), Ordering::SeqCst);
                    tokio::task::yield_now().await; // a read never waits, and would keep its thread
                }
            })
        };
        let programs: Vec<_> = (0..PROGRAMS).map(program).collect();
        while writes.load(Ordering::SeqCst) < 2 * PROGRAMS {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        assert_eq!(world.deletes(&world.admin(), &format!("/tokens/{id}")).await.status, 204);
        revoked.store(true, Ordering::SeqCst);
        for program in programs {
            let told = program.await.expect("it ends");
            assert!([no(401, "token_invalid"), no(403, "forbidden_role")].contains(&told), "{told:?}");
        }
        let done = done(&world).await;
        let revoked = done.iter().position(|(_, verb)| verb.contains("token_revoked"));
        let last = done.iter().position(|(actor, _)| actor.contains("token ci"));
        assert!(last.is_some() && revoked.is_some(), "it was used, and revoked: {done:?}");
        assert!(revoked < last, "{revoked:?} {last:?}: the token did something after it was revoked");
    });
}
