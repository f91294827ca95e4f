//! Sign-in services that refuse, fail, redirect, flood or sleep.

use std::time::Duration;

use super::application::SECRET;
use super::*;

async fn secret(login: &Fake) -> String {
    shown(&sign_in(&asked(Way::Secret), &SECRET, &login.setting()).await.unwrap_err())
}

#[tokio::test]
async fn a_refusal_is_explained_and_not_repeated() {
    for (code, said) in
        [(7_000_215, "not its id"), (7_000_222, "expired"), (700_016, CLIENT), (90_002, TENANT)]
    {
        let login =
            Fake::new(move |_, _| refusal(code, "It's wrong:\r\n hush~Secret-1 is no \u{1b}[31msecret."))
                .await;
        let text = secret(&login).await;
        assert!(text.contains(said) && text.contains("Correlation ID: c0"), "{text}");
        assert!(!text.contains('\u{1b}') && !text.contains('\r'));
        assert_eq!(login.calls().len(), 1);
    }
}

#[tokio::test]
async fn a_redirect_gets_nothing() {
    let other = Fake::generous().await;
    let to = format!("{}/{TENANT}/oauth2/v2.0/token", other.url);
    let login = Fake::new(move |_, _| {
        let mut response = reply(307, &json!({}));
        response.headers_mut().insert("location", to.parse().unwrap());
        response
    })
    .await;
    assert!(secret(&login).await.contains("redirects to 127.0.0.1"));
    let device = sign_in(&asked(Way::Device), &[], &login.setting()).await.unwrap_err();
    assert!(shown(&device).contains("redirects to"));
    assert!(other.calls().is_empty());
}

#[tokio::test]
async fn a_service_that_recovers_is_asked_again() {
    let login = Fake::new(|_, before| {
        if before == 0 {
            reply(503, &json!({ "error": "temporarily_unavailable" }))
        } else {
            granted(&app_token())
        }
    })
    .await;
    sign_in(&asked(Way::Secret), &SECRET, &login.setting()).await.unwrap();
    assert_eq!(login.calls().len(), 2);
}

#[tokio::test]
async fn what_is_no_answer_is_said() {
    let html = |status: u16| {
        Fake::new(move |_, _| Response::builder().status(status).body(Body::from("<html>eyJ")).unwrap())
    };
    assert!(secret(&html(407).await).await.contains("answered 407 with something that is not JSON"));
    assert!(secret(&html(200).await).await.contains("answered 200 with something that is not JSON"));
    let nothing = Fake::new(|_, _| reply(200, &json!({}))).await;
    assert!(secret(&nothing).await.contains("no token"));
    let huge = Fake::new(|_, _| granted(&"a".repeat(2 << 20))).await;
    assert!(secret(&huge).await.contains("larger than 1 MiB"));
}

#[tokio::test]
async fn nobody_at_the_address_is_said() {
    let error = sign_in(&asked(Way::Secret), &SECRET, &setting("http://127.0.0.1:1")).await.unwrap_err();
    let text = shown(&error);
    assert!(
        text.contains("cannot reach 127.0.0.1") && text.contains("refused") && text.contains("HTTPS_PROXY"),
        "{text}"
    );
}

/// The clock of the runtime is stopped: it jumps to the next deadline when nothing else can go on.
#[tokio::test]
async fn a_service_that_sleeps_is_left() {
    let login = Fake::new(|_, _| {
        let drops = futures::stream::unfold((), |()| async {
            tokio::time::sleep(Duration::from_secs(30)).await;
            Some((Ok::<_, std::io::Error>(" "), ()))
        });
        Response::new(Body::from_stream(drops))
    })
    .await;
    let setting = login.setting();
    tokio::time::pause();
    let error = sign_in(&asked(Way::Secret), &SECRET, &setting).await.unwrap_err();
    assert!(shown(&error).contains("in time"), "{error}");
}
