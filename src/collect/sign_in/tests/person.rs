//! People sign in: by the browser, which a test plays, and by a code.

use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use url::Url;

use super::*;

/// What a person gets; `renewal` renews it.
fn signed_in(lasts: u64) -> Response<Body> {
    let renewal = SECRETS[3];
    let scope = "https://graph.microsoft.com/Policy.Read.All";
    reply(
        200,
        &json!({ "token_type": "Bearer", "scope": scope, "expires_in": lasts, "access_token": person_token(), "refresh_token": renewal }),
    )
}

fn told(setting: Setting) -> (Setting, Arc<Mutex<Vec<String>>>) {
    let lines: Arc<Mutex<Vec<String>>> = Arc::default();
    let to = Arc::clone(&lines);
    (Setting { say: Arc::new(move |line| to.lock().unwrap().push(line.to_owned())), ..setting }, lines)
}

fn device_code(interval: u64) -> Response<Body> {
    let code = json!({ "device_code": "d1", "user_code": "AB\u{1b}CD", "verification_uri": "https://microsoft.example/devicelogin",
        "expires_in": 900, "interval": interval, "message": "…" });
    reply(200, &code)
}

fn poll(error: &str) -> Response<Body> {
    reply(
        400,
        &json!({ "error": error, "error_description": format!("AADSTS70016: {error}"), "error_codes": [70016] }),
    )
}

#[tokio::test]
async fn with_a_device_code() {
    let login = Fake::new(|call, before| match (call.path.ends_with("/devicecode"), before) {
        (true, _) => device_code(0),
        (false, 1 | 2) => poll("authorization_pending"),
        (false, _) => signed_in(3600),
    })
    .await;
    let (setting, lines) = told(login.setting());
    let token = sign_in(&Asked { way: Way::Device, ..Asked::default() }, &[], &setting).await.unwrap();
    assert_eq!(token.claims.scopes, ["Policy.Read.All"]);
    assert_eq!(
        *lines.lock().unwrap(),
        ["to sign in, open https://microsoft.example/devicelogin in a browser and enter the code AB CD"]
    );
    let calls = login.calls();
    assert_eq!(calls[0].path, "/organizations/oauth2/v2.0/devicecode");
    assert_eq!(calls[0].form["scope"], "https://graph.microsoft.com/Policy.Read.All offline_access");
    assert_eq!(calls[0].form["client_id"], "14d82eec-204b-4c2f-b7e8-296a70dab67e");
    assert_eq!(calls[3].form["device_code"], "d1");
    assert_eq!(calls.len(), 4);
}

/// `slow_down` adds five seconds; they pass for real.
#[tokio::test]
async fn a_service_that_wants_it_slower_gets_it_slower() {
    let times: Arc<Mutex<Vec<Instant>>> = Arc::default();
    let noted = Arc::clone(&times);
    let login = Fake::new(move |_, before| {
        noted.lock().unwrap().push(Instant::now());
        match before {
            0 => device_code(0),
            1 => poll("slow_down"),
            _ => signed_in(3600),
        }
    })
    .await;
    sign_in(&asked(Way::Device), &[], &login.setting()).await.unwrap();
    let times = times.lock().unwrap();
    assert!(times[2].duration_since(times[1]).as_secs() >= 5);
}

#[tokio::test]
async fn a_device_code_that_comes_to_nothing_is_explained() {
    for (error, said) in [
        ("expired_token", "in time"),
        ("access_denied", "declined"),
        ("authorization_declined", "declined"),
        ("invalid_grant", "AADSTS70016: invalid_grant"),
    ] {
        let login = Fake::new(move |_, before| if before == 0 { device_code(0) } else { poll(error) }).await;
        let failed = sign_in(&asked(Way::Device), &[], &login.setting()).await.unwrap_err();
        assert!(shown(&failed).contains(said), "{failed}");
    }
    for (code, said) in
        [(53_003, "sign-in log"), (7_000_218, "public client"), (50_059, "--tenant"), (65_001, "consent")]
    {
        let login = Fake::new(move |_, _| refusal(code, "No.")).await;
        let failed = sign_in(&asked(Way::Device), &[], &login.setting()).await.unwrap_err();
        assert!(shown(&failed).contains(said), "{failed}");
    }
    let nobody = sign_in(&asked(Way::Device), &[], &setting("http://127.0.0.1:1")).await.unwrap_err();
    assert!(shown(&nobody).contains("cannot reach 127.0.0.1"), "{nobody}");
}

#[tokio::test]
async fn a_sign_in_is_renewed_without_asking_again() {
    let login = Fake::new(|call, before| match (call.path.ends_with("/devicecode"), before) {
        (true, _) => device_code(0),
        (false, 3) => refusal(700_082, "The refresh token has expired."),
        (false, _) => signed_in(60),
    })
    .await;
    let (setting, lines) = told(login.setting());
    let source = Source::new(choose(&asked(Way::Device), &environment(&[])).unwrap(), &setting).unwrap();
    source.token(false).await.unwrap();
    source.token(false).await.unwrap(); // good for a minute only: renewed
    let call = login.calls()[2].clone();
    assert_eq!(
        (call.form["grant_type"].as_str(), call.form["refresh_token"].as_str()),
        ("refresh_token", SECRETS[3])
    );
    assert_eq!(lines.lock().unwrap().len(), 1);
    assert_quiet(&format!("{source:?}"));

    tokio::time::pause();
    tokio::time::advance(std::time::Duration::from_secs(61)).await;
    tokio::time::resume();
    source.token(false).await.unwrap(); // the renewal is refused: asked again
    let lines = lines.lock().unwrap();
    assert!(lines[1].contains("sign in again") && lines[2].starts_with("to sign in, open"), "{lines:?}");
    assert_eq!(login.calls().len(), 6);
}

type Noted<T> = Arc<Mutex<Vec<T>>>;

/// A browser that answers the sign-in page's redirect with `query` (`STATE` is replaced), after strangers.
fn browser(query: &'static str) -> (Open, Noted<Url>, Noted<String>) {
    let (urls, pages): (Noted<Url>, Noted<String>) = Default::default();
    let (noted, shown) = (Arc::clone(&urls), Arc::clone(&pages));
    let open = Open::by(move |url| {
        noted.lock().unwrap().push(url.clone());
        let value = |wanted: &str| url.query_pairs().find(|(name, _)| name == wanted).unwrap().1.into_owned();
        let (back, state) = (value("redirect_uri"), value("state"));
        let (query, shown) = (query.replace("STATE", &state), Arc::clone(&shown));
        tokio::spawn(async move {
            let _idle = tokio::net::TcpStream::connect(back.trim_start_matches("http://")).await.unwrap();
            let client = reqwest::Client::builder().no_proxy().build().unwrap();
            for path in ["/favicon.ico", "/?code=evil&state=guessed", &query] {
                let text = client.get(format!("{back}{path}")).send().await.unwrap().text().await.unwrap();
                shown.lock().unwrap().push(text);
            }
        });
    });
    (open, urls, pages)
}

#[tokio::test]
async fn in_the_browser() {
    let login = Fake::new(|_, _| signed_in(3600)).await;
    let (open, urls, pages) = browser("/?code=c0de&state=STATE&session_state=x");
    let (setting, lines) = told(login.setting().opened_by(open));
    let token = sign_in(&asked(Way::Browser), &[], &setting).await.unwrap();
    assert!(token.claims.person);

    let url = urls.lock().unwrap()[0].clone();
    let query: BTreeMap<String, String> = url.query_pairs().into_owned().collect();
    assert_eq!(url.path(), format!("/{TENANT}/oauth2/v2.0/authorize"));
    assert_eq!((query["response_type"].as_str(), query["code_challenge_method"].as_str()), ("code", "S256"));
    assert_eq!(query["scope"], "https://graph.microsoft.com/Policy.Read.All offline_access");
    assert!(query["redirect_uri"].starts_with("http://localhost:") && !query["redirect_uri"].ends_with('/'));
    assert!(lines.lock().unwrap()[0].contains(url.as_str()), "the address is told, too");

    let calls = login.calls();
    assert_eq!(calls.len(), 1);
    assert_eq!(
        (calls[0].form["code"].as_str(), &calls[0].form["redirect_uri"]),
        ("c0de", &query["redirect_uri"])
    );
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(&calls[0].form["code_verifier"]));
    assert_eq!(challenge, query["code_challenge"]);
    for _ in 0..100 {
        if pages.lock().unwrap().len() == 3 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    assert!(pages.lock().unwrap()[2].contains("can be closed"));
}

#[tokio::test]
async fn a_refusal_in_the_browser_is_explained() {
    let login = Fake::new(|_, _| signed_in(3600)).await;
    let (open, ..) =
        browser("/?error=access_denied&error_description=AADSTS65004%3a+%3Cb%3Edeclined&state=STATE");
    let error = sign_in(&asked(Way::Browser), &[], &login.setting().opened_by(open)).await.unwrap_err();
    assert!(shown(&error).contains("not been granted"), "{error}");
    assert!(login.calls().is_empty());
}

#[tokio::test(start_paused = true)]
async fn nobody_comes_back() {
    let error = sign_in(&asked(Way::Browser), &[], &setting("http://127.0.0.1:1")).await.unwrap_err();
    assert!(shown(&error).contains("within 5 minutes"), "{error}");
}
