//! Which way is taken, and what is said where none can be.

use super::*;

const OIDC: [(&str, &str); 2] = [
    ("ACTIONS_ID_TOKEN_REQUEST_URL", "https://actions.example/token?api-version=2.0"),
    ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "job-Request-Token-2"),
];
const PIPELINES: [(&str, &str); 2] = [
    ("SYSTEM_ACCESSTOKEN", "job-Request-Token-2"),
    ("SYSTEM_OIDCREQUESTURI", "https://dev.azure.example/oidc"),
];
const MANAGED: [(&str, &str); 2] =
    [("IDENTITY_ENDPOINT", "http://169.254.129.3:8081/msi/token"), ("IDENTITY_HEADER", "id-Header-3")];

fn name(method: &Method) -> &'static str {
    match method {
        Method::Secret { .. } => "secret",
        Method::Certificate { .. } => "certificate",
        Method::Github { .. } => "github",
        Method::Workload { .. } => "workload",
        Method::Pipelines { .. } => "pipelines",
        Method::Managed { .. } => "managed",
        Method::Cli { .. } => "cli",
        Method::Browser { .. } => "browser",
        Method::Device { .. } => "device",
        Method::Token { .. } => "token",
    }
}

#[test]
fn auto_takes_the_first_that_the_environment_offers() {
    let folder = tempfile::tempdir().unwrap();
    let path = written(&folder, &format!("{}{}", PAIR.key.serialize_pem(), PAIR.certificate.pem()));
    let path = path.to_str().unwrap();
    let mut offers: Vec<(&str, Vec<(&str, &str)>)> = vec![
        ("token", vec![("LEVELMARK_TOKEN", "eyJ.a.b")]),
        ("secret", vec![("AZURE_CLIENT_SECRET", "hush~Secret-1")]),
        ("certificate", vec![("AZURE_CLIENT_CERTIFICATE_PATH", path)]),
        ("workload", vec![("AZURE_FEDERATED_TOKEN_FILE", path)]),
        ("github", OIDC.to_vec()),
        ("pipelines", [PIPELINES.as_slice(), &[("AZURESUBSCRIPTION_SERVICE_CONNECTION_ID", "s1")]].concat()),
        ("managed", MANAGED.to_vec()),
        ("browser", vec![("HOME", "/")]),
    ];
    let asked = Asked { terminal: true, ..asked(Way::Auto) };
    while let Some((first, _)) = offers.first() {
        let all: Vec<_> = offers.iter().flat_map(|(_, values)| values.clone()).collect();
        let method = choose(&asked, &environment(&all)).unwrap();
        assert_eq!(name(&method), *first);
        let endpoints = Endpoints::of(Cloud::Usgov, None, None).unwrap();
        let line = method.describe(&endpoints);
        assert_quiet(&format!("{line} {method:?}"));
        assert!(line.contains("GCC High") && !line.contains('\n'), "{line}");
        offers.remove(0);
    }
}

#[test]
fn what_is_typed_goes_before_the_environment() {
    let folder = tempfile::tempdir().unwrap();
    let file = written(&folder, "hush~Secret-1\r\n");
    let typed = Asked { secret_file: Some(file.clone()), ..asked(Way::Auto) };
    let Method::Secret { secret, app, .. } =
        choose(&typed, &environment(&[("LEVELMARK_TOKEN", "a.b.c"), ("AZURE_TENANT_ID", "other.example")]))
            .unwrap()
    else {
        panic!("no secret")
    };
    assert_eq!((secret.secret(), app.tenant.as_str()), ("hush~Secret-1", TENANT));
    let both = Asked { certificate: Some(file), ..typed };
    assert!(shown(&choose(&both, &environment(&[])).unwrap_err()).contains("both"));
}

#[test]
fn a_person_has_a_client_of_microsofts() {
    let method = choose(&Asked { way: Way::Device, ..Asked::default() }, &environment(&[])).unwrap();
    let line = method.describe(&Endpoints::of(Cloud::Global, None, None).unwrap());
    assert!(method.is_interactive());
    assert_eq!(
        line,
        "a person with a device code, through application 14d82eec-204b-4c2f-b7e8-296a70dab67e in their own tenant, \
         at login.microsoftonline.com (global cloud)"
    );
}

#[test]
fn of_a_ready_token_is_told_whose_it_is() {
    let token = person_token();
    let method = choose(&Asked::default(), &environment(&[("LEVELMARK_TOKEN", &token)])).unwrap();
    let line = method.describe(&Endpoints::of(Cloud::Global, None, None).unwrap());
    assert!(line.ends_with(&format!("adele@contoso.example in tenant {TENANT} (global cloud)")), "{line}");
}

#[test]
fn what_is_missing_is_named_with_its_place() {
    let empty = Asked::default();
    let way = |way| Asked { way, ..Asked::default() };
    let of = |way| asked(way);
    for (asked, values, said) in [
        (empty.clone(), vec![], "--sign-in device"),
        (way(Way::Secret), vec![], "AZURE_CLIENT_SECRET, which is not set"),
        (of(Way::Secret), vec![("AZURE_CLIENT_SECRET", "")], "which is empty"),
        (way(Way::Secret), vec![("AZURE_CLIENT_SECRET", "hush~Secret-1")], "AZURE_TENANT_ID"),
        (
            empty,
            vec![("AZURE_CLIENT_SECRET", "hush~Secret-1"), ("AZURE_TENANT_ID", "")],
            "AZURE_TENANT_ID is empty",
        ),
        (
            way(Way::Secret),
            vec![
                ("AZURE_CLIENT_SECRET", "hush~Secret-1"),
                ("AZURE_TENANT_ID", "common"),
                ("AZURE_CLIENT_ID", "a"),
            ],
            "one tenant, not to `common`",
        ),
        (
            way(Way::Secret),
            vec![("AZURE_CLIENT_SECRET", "hush~Secret-1"), ("AZURE_TENANT_ID", "a.b")],
            "--client-id",
        ),
        (of(Way::Secret), vec![("AZURE_CLIENT_SECRET", "a\nhush~Secret-1")], "more than one line"),
        (of(Way::Certificate), vec![], "--client-certificate"),
        (of(Way::Certificate), vec![("AZURE_CLIENT_CERTIFICATE_PATH", "/none.pem")], "/none.pem"),
        (of(Way::Workload), vec![], "AZURE_FEDERATED_TOKEN_FILE"),
        (of(Way::Github), vec![], "in GitHub Actions alone"),
        (of(Way::Github), vec![("GITHUB_ACTIONS", "true")], "id-token: write"),
        (of(Way::Github), vec![("ACTIONS_ID_TOKEN_REQUEST_URL", "http://a.example"), OIDC[1]], "not https"),
        (
            of(Way::Github),
            vec![("ACTIONS_ID_TOKEN_REQUEST_URL", "https://a:b@a.example"), OIDC[1]],
            "a password",
        ),
        (of(Way::Github), vec![("ACTIONS_ID_TOKEN_REQUEST_URL", "here"), OIDC[1]], "no address"),
        (of(Way::Pipelines), vec![], "SYSTEM_OIDCREQUESTURI"),
        (of(Way::Pipelines), vec![PIPELINES[1]], "$(System.AccessToken)"),
        (of(Way::Pipelines), PIPELINES.to_vec(), "--service-connection"),
        (of(Way::Managed), vec![("MSI_ENDPOINT", "http://127.0.0.1")], "Cloud Shell"),
        (of(Way::Managed), vec![("IDENTITY_ENDPOINT", "http://127.0.0.1")], "Azure Arc"),
        (of(Way::Managed), vec![("IDENTITY_ENDPOINT", "http://10.0.0.1"), MANAGED[1]], "not https"),
        (way(Way::Token), vec![], "LEVELMARK_TOKEN, which is not set"),
        (way(Way::Token), vec![("LEVELMARK_TOKEN", "hush~Secret-1 \u{1b}")], "no token"),
        (
            Asked { tenant: Some("a b;hush~Secret-1".to_owned()), ..way(Way::Cli) },
            vec![],
            "the command line names is no tenant",
        ),
        (
            way(Way::Browser),
            vec![("AZURE_CLIENT_ID", "hush~Secret-1")],
            "AZURE_CLIENT_ID names is no application",
        ),
    ] {
        let error = choose(&asked, &environment(&values)).unwrap_err();
        assert!(shown(&error).contains(said), "{said}: {}", shown(&error));
    }
}
