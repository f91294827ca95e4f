//! What becomes of texts, by their shapes.

use super::super::{Key, Redactor, Terms};

fn redactor() -> Redactor {
    Redactor::new(Key::parse(b"0123456789abcdef0123456789abcdef").unwrap(), Terms::default())
}

fn made(text: &str) -> String {
    redactor().text(text)
}

/// Letters become `a`, digits `0`.
fn form(text: &str) -> String {
    let one = |letter: char| match letter {
        _ if letter.is_ascii_digit() => '0',
        _ if letter.is_alphabetic() => 'a',
        other => other,
    };
    text.chars().map(one).collect()
}

const WORD: &str = "a0a0a0a0a0a0a0";
const ID: &str = "2f8e465a-71de-5e00-9fcd-c9fdfaf0e8ff";

#[test]
fn what_tells_nothing_stays() {
    for text in [
        "",
        "  ",
        "-",
        "7",
        "/",
        "true",
        "All",
        "2026-11-02T05:30:00Z",
        "2026-11-02",
        "PT8H",
        "P30D",
        "08:00:00.0000000",
        "8:00",
        "ex1201001",
        "MC1234567",
        "EX226792",
        "#microsoft.graph.user",
        "Exchange Online",
        "62e90394-69f5-4237-9190-012177145e10",
        "00000003-0000-0000-c000-000000000000",
        "Policy.Read.All",
        "Guest",
        "Global Administrator",
        "graph.microsoft.com",
        "https://learn.microsoft.com/entra/identity/role-based",
        "127.0.0.1",
        "S-1-5-32-544",
    ] {
        assert_eq!(made(text), text);
    }
}

#[test]
fn pseudonyms_keep_the_shape() {
    for (text, expected) in [
        ("Contoso", WORD.to_owned()),
        ("Alex Miller", format!("aaaa {WORD}")),
        ("12.05.1980", "00.00.0000".to_owned()),
        ("alex@contoso.com", format!("{WORD}@{WORD}.aaaaaaa")),
        ("alex@contoso.onmicrosoft.com", format!("{WORD}@{WORD}.aaaaaaaaaaa.aaa")),
        ("alex@gmail.com", format!("{WORD}@aaaaa.aaa")),
        ("SMTP:alex@m.contoso.co.uk", format!("aaaa:{WORD}@{WORD}.{WORD}.aaaaaaa")),
        ("Alex Miller <alex@contoso.com>", format!("aaaa {WORD} <{WORD}@{WORD}.aaaaaaa>")),
        ("contoso-my.sharepoint.com", format!("{WORD}-aa.aaaaaaaaaa.aaa")),
        ("www.contoso.com", format!("aaa.{WORD}.aaaaaaa")),
        ("203.0.113.0/28", form(&made("203.0.113.0")) + "/00"),
        ("+1 425 555-0100", "+0 000 000-0000".to_owned()),
        ("https://contoso.com/a/b?c=d", format!("aaaaa://{WORD}.aaaaaaa/{WORD}/{WORD}?{WORD}={WORD}")),
        ("4711001", WORD.to_owned()),
        ("206.555.1212", "000.000.0000".to_owned()),
        ("01.23.45.67.89", "00.00.00.00.00".to_owned()),
        ("756.1234.5678.97", "000.0000.0000.00".to_owned()),
        ("4111.1111.1111.1111", "0000.0000.0000.0000".to_owned()),
        ("192.168.10", "000.000.00".to_owned()),
        ("203.0.113.007", "000.0.000.000".to_owned()),
        ("31.12.80", WORD.to_owned()),
        ("203.0.113.7:8443", form(&made("203.0.113.7")) + ":0000"),
    ] {
        assert_eq!(form(&made(text)), expected, "{text} {}", made(text));
    }
    assert!(crate::sections::normal::is_guid(&made(ID)));
}

#[test]
fn what_belongs_together_stays_together() {
    let id = made(ID);
    assert_eq!(made(&format!("DirectoryRole_{ID}_{ID}")), format!("DirectoryRole_{id}_{id}"));
    assert_eq!(
        made(&format!("https://graph.microsoft.com/v1.0/groups/{ID}")),
        format!("https://graph.microsoft.com/v1.0/groups/{id}")
    );
    assert_eq!(made(&format!("/administrativeUnits/{ID}")), format!("/administrativeUnits/{id}"));
    let mail = made("alex@contoso.com");
    assert!(
        made(&format!("ask alex@contoso.com about {ID} and MC1234567"))
            .ends_with(&format!(" {mail} {id} MC1234567"))
    );
    assert!(made("Alex <alex@contoso.com>").ends_with(&format!(" <{mail}>")));
    let (user, domain) = mail.split_once('@').unwrap();
    assert_eq!(made("contoso.com"), domain);
    let home = made("fabrikam.onmicrosoft.com");
    assert_eq!(
        made("alex_contoso.com#EXT#@fabrikam.onmicrosoft.com"),
        format!("{user}_{domain}#EXT#@{home}")
    );
    let (contoso, _) =
        made("contoso.onmicrosoft.com").split_once('.').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
    assert_eq!(made("contoso-my.sharepoint.com"), format!("{contoso}-my.sharepoint.com"));
}

#[test]
fn numbers_that_people_have_are_no_versions_and_no_clocks() {
    for text in [
        "206.555.1212",
        "01.23.45.67.89",
        "756.1234.5678.97",
        "203.0.113.007",
        "192.168.10",
        "31.12.80",
        "4111.1111.1111.1111",
        "12:34:56:78:90:12",
        "1:203.0.113.7",
        "203.0.113.7:443",
        "10.0.26100.4061",
    ] {
        assert_ne!(made(text), text);
    }
    assert!(made("1:203.0.113.7").starts_with("1:24") && made("203.0.113.7:443").ends_with(":443"));
}

#[test]
fn hosts_at_microsoft_lose_the_name_of_the_tenant() {
    for text in [
        "contoso-com.mail.protection.outlook.com",
        "contoso.blob.core.windows.net",
        "contoso.file.core.windows.net",
        "contosohr.vault.azure.net",
        "contoso.database.windows.net",
        "contoso.westeurope.cloudapp.azure.com",
        "contoso.unknown.azure.com",
        "contoso.microsoft.com",
        "mail.onmicrosoft.com",
        "www.sharepoint.com",
        "contoso.mail.onmicrosoft.com",
        "autodiscover.contoso.onmicrosoft.com",
        "contoso-admin.sharepoint.com",
        "contoso-my.azurewebsites.net",
        "alexmiller.me.com",
        "contoso.gmail.com",
        "Contoso.SharePoint.com",
    ] {
        for made in [made(text), made(&format!("https://{text}/signin")), made(&format!("kim@{text}"))] {
            let lower = made.to_lowercase();
            for name in ["contoso", "alexmiller", "kim"] {
                assert!(!lower.contains(name), "{text}: {made}");
            }
            let label = text.split('.').next().unwrap_or_default();
            let own = lower.split(['/', '@', '.']).any(|part| part == label) && label != "autodiscover";
            assert!(!own, "{text}: {made}");
        }
        let end = text.split('.').skip(2).collect::<Vec<_>>().join(".").to_lowercase();
        assert!(made(text).to_lowercase().ends_with(&end), "{text}: {}", made(text));
    }
    for text in ["microsoft.com", "portal.azure.com", "login.microsoftonline.com", "gmail.com", "me.com"] {
        assert_eq!(made(text), text);
    }
    let home = made("contoso.onmicrosoft.com").replace(".onmicrosoft.com", "");
    assert_eq!(made("contoso.mail.onmicrosoft.com"), format!("{home}.mail.onmicrosoft.com"));
    assert_eq!(made("contoso-admin.sharepoint.com"), format!("{home}-admin.sharepoint.com"));
}

#[test]
fn all_posts_and_issues_that_a_text_names_are_said() {
    let posts: Vec<String> = (0..3_000).map(|n| format!("MC{}", 1_000_000 + n)).collect();
    let people: Vec<String> = (0..60).map(|n| format!("kim{n}@contoso.com")).collect();
    let made = made(&format!("{} {} MC999999", posts.join(" "), people.join(" ")));
    assert!(posts.iter().all(|post| made.contains(post)) && made.ends_with("MC999999"));
    assert_eq!(made.matches('@').count(), 50);
}

#[test]
fn titles_meet_as_before() {
    let post = made("(Updated) New feature: Loop for all");
    let task = made("[Exchange Online] New  feature: loop for ALL");
    let words = post.strip_prefix("(Updated) ").unwrap().to_lowercase();
    assert_eq!(task.to_lowercase(), format!("[exchange online] {words}"));
    assert_eq!(made("[Microsoft Teams] Loop"), format!("[Microsoft Teams] {}", made("Loop")));
    assert_eq!(made("(Updated) (updated) Loop"), format!("(Updated) (updated) {}", made("Loop")));
    assert!(made("[Payroll] Close the books").starts_with('['));
    assert!(!made("[Payroll] Close the books").contains("Payroll"));
}

#[test]
fn texts_that_differ_still_differ() {
    let texts = [
        "alex",
        "Alex",
        "ALEX",
        "alex ",
        " alex",
        "alex miller",
        "Alex Miller",
        "alex@contoso.com",
        "Alex@contoso.com",
    ];
    for (at, one) in texts.iter().enumerate() {
        for other in texts.iter().skip(at + 1) {
            assert_ne!(made(one), made(other), "{one:?} {other:?}");
        }
    }
    let other = Redactor::new(Key::parse(b"fedcba9876543210fedcba9876543210").unwrap(), Terms::default());
    for text in ["Alex Miller", ID, "alex@contoso.com", "203.0.113.7", "https://contoso.com/a"] {
        assert_ne!(other.text(text), made(text), "{text}");
    }
}

#[test]
fn any_text_can_be_redacted() {
    for text in [
        "@",
        "://",
        "a://",
        "#EXT#@",
        "_#EXT#@x",
        "[]",
        "[a]",
        "(Updated)",
        "(updated) ",
        "é@ü.de",
        "\u{202e}x\u{0}",
        "%%%",
        "http://[::1]:80/x",
        "[2a01::1]",
    ] {
        let _ = made(text);
    }
    // Nothing recurses with the length of a text.
    for piece in ["[a]", "(updated)", "x <a@b.cc> ", "https://a/", "_a.b#EXT#@", "a_", "/", "é"] {
        let _ = made(&piece.repeat(20_000));
        let _ = made(&piece.repeat(900 / piece.len()));
    }
}

#[test]
fn schemes_of_everybody_stay_and_those_of_an_application_go() {
    for own in
        ["msauth.com.contoso.payroll://auth", "contoso-payroll://callback", "kim.okafor://x", "Contoso://x"]
    {
        let made = made(own).to_lowercase();
        assert!(
            !made.contains("contoso") && !made.contains("okafor") && made.contains("://"),
            "{own}: {made}"
        );
    }
    assert!(made("msauth.com.contoso.payroll://auth").starts_with("msauth."));
    assert!(made("https://app.contoso.com/x").starts_with("https://"));
    assert!(made("api://contoso.com/x").starts_with("api://"));
}

#[test]
fn pages_of_people_on_published_hosts_go() {
    for page in [
        "https://learn.microsoft.com/en-us/users/kimokafor/",
        "https://www.microsoft.com/customers/story/contoso-okafor",
        "https://learn.microsoft.com/#kim-okafor",
    ] {
        assert!(!made(page).contains("okafor"), "{page}: {}", made(page));
    }
    let page = "https://learn.microsoft.com/en-us/entra/fundamentals/";
    assert_eq!(made(page), page);
}
