//! One source: how long a token is kept, and who waits for whom.

use std::collections::VecDeque;
use std::time::Duration;

use azure_core::credentials::Secret;
use chrono::{DateTime, TimeDelta};
use futures::FutureExt;

use super::super::source::{Fetch, Fetched};
use super::*;

/// Gives tokens that last so many minutes, or fails; each takes two seconds.
#[derive(Debug)]
struct Script {
    minutes: Mutex<VecDeque<Result<i64, &'static str>>>,
    fetches: Arc<Mutex<usize>>,
    clock: Clock,
    rests: Option<TimeDelta>,
}

impl Fetch for Script {
    fn fetch(&self) -> BoxFuture<'_, Result<Fetched, SignInError>> {
        async {
            tokio::time::sleep(Duration::from_secs(2)).await;
            *self.fetches.lock().unwrap() += 1;
            let next = self.minutes.lock().unwrap().pop_front().expect("asked too often");
            let minutes = next.map_err(|what| SignInError { what: what.to_owned(), help: None })?;
            let secret = Secret::new(format!("token {}", self.fetches.lock().unwrap()));
            Ok(Fetched { secret, expires: self.clock.now() + TimeDelta::minutes(minutes) })
        }
        .boxed()
    }

    fn rests(&self) -> Option<TimeDelta> {
        self.rests
    }
}

fn script(minutes: &[Result<i64, &'static str>], rests: Option<TimeDelta>) -> (Source, Arc<Mutex<usize>>) {
    let clock = Clock::new(DateTime::UNIX_EPOCH, Instant::now());
    let fetches = Arc::default();
    let script = Script {
        minutes: Mutex::new(minutes.iter().copied().collect()),
        fetches: Arc::clone(&fetches),
        clock,
        rests,
    };
    (Source::from(Box::new(script), clock), fetches)
}

async fn given(source: &Source, fresh: bool) -> String {
    match source.token(fresh).await {
        Ok(token) => token.secret.secret().to_owned(),
        Err(error) => error.what,
    }
}

#[tokio::test(start_paused = true)]
async fn many_ask_and_one_request_goes_out() {
    let (source, fetches) = script(&[Ok(60)], None);
    let all = futures::future::join_all((0..50).map(|_| given(&source, false))).await;
    assert!(all.iter().all(|token| token == "token 1"));
    assert_eq!(*fetches.lock().unwrap(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_token_is_replaced_before_it_expires() {
    let (source, _) = script(&[Ok(60), Ok(60)], None);
    assert_eq!(given(&source, false).await, "token 1");
    tokio::time::advance(Duration::from_secs(54 * 60)).await;
    assert_eq!(given(&source, false).await, "token 1");
    tokio::time::advance(Duration::from_secs(2 * 60)).await;
    assert_eq!(given(&source, false).await, "token 2");
}

#[tokio::test(start_paused = true)]
async fn a_refused_token_is_replaced_once_a_minute() {
    let (source, _) = script(&[Ok(60), Ok(60), Ok(60)], None);
    assert_eq!(given(&source, false).await, "token 1");
    let all = futures::future::join_all((0..50).map(|_| given(&source, true))).await;
    assert!(all.iter().all(|token| token == "token 2"));
    tokio::time::advance(Duration::from_secs(50)).await;
    assert_eq!(given(&source, true).await, "token 2");
    tokio::time::advance(Duration::from_secs(20)).await;
    assert_eq!(given(&source, true).await, "token 3");
}

#[tokio::test(start_paused = true)]
async fn a_short_lived_token_is_not_asked_for_with_every_request() {
    let (source, fetches) = script(&[Ok(4), Ok(4), Ok(4)], None);
    for _ in 0..10 {
        given(&source, false).await;
    }
    assert_eq!(*fetches.lock().unwrap(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_failure_is_shared_and_the_rest_of_a_token_used() {
    let (source, fetches) =
        script(&[Err("down"), Ok(60), Err("down again"), Ok(60)], Some(TimeDelta::seconds(10)));
    let all = futures::future::join_all((0..50).map(|_| given(&source, false))).await;
    assert!(all.iter().all(|what| what == "down"));
    assert_eq!(*fetches.lock().unwrap(), 1);
    tokio::time::advance(Duration::from_secs(11)).await;
    assert_eq!(given(&source, false).await, "token 2");
    tokio::time::advance(Duration::from_secs(56 * 60)).await;
    assert_eq!(given(&source, false).await, "token 2", "it is good for four minutes still");
    assert_eq!(given(&source, true).await, "down again");
    assert_eq!(*fetches.lock().unwrap(), 3);
    tokio::time::advance(Duration::from_secs(11)).await;
    assert_eq!(given(&source, false).await, "token 4");
}

#[tokio::test(start_paused = true)]
async fn a_person_is_not_asked_once_per_request() {
    let (source, fetches) = script(&[Err("nobody")], None);
    assert_eq!(given(&source, false).await, "nobody");
    tokio::time::advance(Duration::from_secs(3600)).await;
    assert_eq!(given(&source, true).await, "nobody");
    assert_eq!(*fetches.lock().unwrap(), 1);
}

#[tokio::test]
async fn a_ready_token_cannot_be_renewed() {
    let setting = setting("http://127.0.0.1:1");
    let of = |payload: Value| {
        let values = [("LEVELMARK_TOKEN", format!("Bearer {}", jwt(&payload)))];
        let environment = environment(&[(values[0].0, values[0].1.as_str())]);
        Source::new(choose(&Asked::default(), &environment).unwrap(), &setting).unwrap()
    };
    let soon = clock().now().timestamp() + 60;
    let source = of(json!({ "appid": CLIENT, "exp": soon }));
    assert_eq!(source.token(false).await.unwrap().claims.app.as_deref(), Some(CLIENT));
    assert!(shown(&source.token(true).await.unwrap_err()).contains("was refused"));
    assert!(source.token(false).await.is_ok());
    assert_quiet(&format!("{source:?}"));
    let expired = of(json!({ "exp": 1_700_000_000 })).token(false).await.unwrap_err();
    let text = shown(&expired);
    assert!(text.contains("expired at 2023-11-14 22:13 UTC") && text.contains("cannot be renewed"), "{text}");
}
