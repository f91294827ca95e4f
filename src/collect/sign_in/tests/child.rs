//! What `azure_identity` reads from the environment of its process by itself: these tests start this
//! very program again with one of their own.

use std::process::Stdio;

use super::*;

/// Runs `in_the_child` with these variables; gives its last line.
async fn child(login: &str, way: &str, values: &[(&str, &str)]) -> String {
    let mut command = tokio::process::Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "collect::sign_in::tests::child::in_the_child", "--ignored", "--nocapture"]);
    for name in NAMES.into_iter().chain(["NO_PROXY", "no_proxy"]) {
        command.env_remove(name);
    }
    command.envs(values.iter().copied());
    // Nobody is there: what goes to this machine must not go through a proxy.
    command.env("HTTP_PROXY", "http://127.0.0.1:1").env("http_proxy", "http://127.0.0.1:1");
    command.env("LEVELMARK_TEST_LOGIN", login).env("LEVELMARK_TEST_WAY", way);
    let output = command.stdin(Stdio::null()).output().await.unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}\n{}", String::from_utf8_lossy(&output.stderr));
    let (_, said) = text.split_once("said: ").unwrap_or_else(|| panic!("{text}"));
    said.lines().next().unwrap().to_owned()
}

#[expect(clippy::disallowed_methods, reason = "plays the program")]
#[tokio::test]
#[ignore = "started by the others with an environment of its own"]
async fn in_the_child() {
    let value = |name: &str| std::env::var(name).ok();
    let way = clap::ValueEnum::from_str(&value("LEVELMARK_TEST_WAY").unwrap(), false).unwrap();
    let method = choose(&asked(way), &Environment::of(value)).unwrap();
    let source = Source::new(method, &setting(&value("LEVELMARK_TEST_LOGIN").unwrap())).unwrap();
    match source.token(false).await {
        Ok(token) => println!("said: {:?}", token.claims.app),
        Err(error) => println!("said: {}", shown(&error).replace('\n', " ")),
    }
}

#[tokio::test]
async fn with_a_managed_identity_of_app_service() {
    let expires = clock().now().timestamp() + 3600;
    let service = Fake::new(move |_, _| {
        reply(200, &json!({ "access_token": app_token(), "expires_on": expires.to_string(), "resource": "r", "token_type": "Bearer" }))
    })
    .await;
    let endpoint = format!("{}/msi/token", service.url);
    let values = [("IDENTITY_ENDPOINT", endpoint.as_str()), ("IDENTITY_HEADER", SECRETS[2])];
    let said = child("https://login.example", "managed", &values).await;
    assert_eq!(said, format!("Some({CLIENT:?})"));
    let call = &service.calls()[0];
    assert_eq!((call.path.as_str(), call.header("x-identity-header")), ("/msi/token", SECRETS[2]));
    assert_eq!(call.query["resource"], "https://graph.microsoft.com");
    assert_eq!(call.query["client_id"], CLIENT);
}

#[tokio::test]
async fn a_managed_identity_that_is_not_assigned_is_said() {
    let service = Fake::new(|_, _| {
        reply(400, &json!({ "statusCode": 400, "message": "No User Assigned Identity found" }))
    })
    .await;
    let endpoint = format!("{}/msi/token", service.url);
    let values = [("IDENTITY_ENDPOINT", endpoint.as_str()), ("IDENTITY_HEADER", SECRETS[2])];
    let said = child("https://login.example", "managed", &values).await;
    assert!(said.contains("No User Assigned Identity found") && said.contains("--client-id"), "{said}");
}

#[tokio::test]
async fn from_azure_pipelines() {
    let login = Fake::generous().await;
    let devops = Fake::new(|_, _| reply(200, &json!({ "oidcToken": "eyJ.of.pipeline" }))).await;
    let uri = format!("{}/oidctoken", devops.url);
    let values = [
        ("SYSTEM_OIDCREQUESTURI", uri.as_str()),
        ("SYSTEM_ACCESSTOKEN", SECRETS[1]),
        ("AZURESUBSCRIPTION_SERVICE_CONNECTION_ID", "5e4c"),
    ];
    assert_eq!(child(&login.url, "pipelines", &values).await, format!("Some({CLIENT:?})"));
    let call = &devops.calls()[0];
    assert_eq!(
        (&call.verb, call.header("authorization")),
        (&Verb::POST, format!("Bearer {}", SECRETS[1]).as_str())
    );
    assert_eq!(call.query["serviceConnectionId"], "5e4c");
    assert_eq!(login.calls()[0].form["client_assertion"], "eyJ.of.pipeline");
}

#[tokio::test]
async fn azure_pipelines_that_gives_no_token_is_named() {
    let devops = Fake::new(|_, _| reply(403, &json!({ "message": "no such service connection" }))).await;
    let values = [
        ("SYSTEM_OIDCREQUESTURI", devops.url.as_str()),
        ("SYSTEM_ACCESSTOKEN", SECRETS[1]),
        ("AZURESUBSCRIPTION_SERVICE_CONNECTION_ID", "5e4c"),
    ];
    let said = child("http://127.0.0.1:1", "pipelines", &values).await;
    assert!(said.contains("no such service connection") && said.contains("--service-connection"), "{said}");
}
