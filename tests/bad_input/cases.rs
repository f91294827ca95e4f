//! The cases: what is wrong, and what is said of it.

pub(crate) const TENANT: &str = "00000000-0000-4000-8000-000000000001";

/// A small good snapshot.
pub(crate) fn snapshot() -> String {
    format!(
        r#"{{
  "levelmark": {{ "snapshot": 1 }},
  "tenant": {{ "id": "{TENANT}" }},
  "taken": {{ "at": "2026-06-30T00:00:00Z", "by": "test" }},
  "sections": {{ "identity.securityDefaults": {{ "state": "read" }} }},
  "data": {{ "identity": {{ "securityDefaults": [{{ "id": "x", "isEnabled": true }}] }} }}
}}
"#
    )
}

/// A small good policy.
pub(crate) const POLICY: &str = "\
id: INF-400-G2
title: Security defaults are on
competency: infrastructure
level: 400
dimension: governance
claims: [INF-400-GRC-04]
about: It is.
why: Because.
fix: Do.
checks:
  - id: defaults-on
    title: They are on
    require: $.identity.securityDefaults[?@.isEnabled == true]
";

/// A case: what lies in the folder beside the good files `s.json` and `p/INF-400-G2.yaml`, the
/// command, and what its message names.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) files: Vec<(&'static str, Vec<u8>)>,
    pub(crate) command: Vec<&'static str>,
    pub(crate) says: &'static [&'static str],
}

/// A changed snapshot.
fn bad_snapshot(name: &'static str, content: impl Into<Vec<u8>>, says: &'static [&'static str]) -> Case {
    Case { name, files: vec![("bad.json", content.into())], command: vec!["check", "bad.json"], says }
}

/// A changed policy.
fn bad_policy(name: &'static str, from: &str, to: &str, says: &'static [&'static str]) -> Case {
    assert!(POLICY.contains(from), "{name}");
    let command = vec!["check", "s.json", "--no-builtin", "--policies", "p"];
    Case {
        name,
        files: vec![("p/INF-400-G2.yaml", POLICY.replacen(from, to, 1).into_bytes())],
        command,
        says,
    }
}

fn bad_config(name: &'static str, content: &str, says: &'static [&'static str]) -> Case {
    let command = vec!["check", "s.json", "--config", "c.yaml"];
    Case { name, files: vec![("c.yaml", content.as_bytes().to_vec())], command, says }
}

fn usage(name: &'static str, command: &[&'static str], says: &'static [&'static str]) -> Case {
    Case { name, files: Vec::new(), command: command.to_vec(), says }
}

fn utf16(text: &str) -> Vec<u8> {
    [0xFF, 0xFE].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect()
}

fn laughs(name: &str) -> String {
    let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for n in 1..12 {
        let references = vec![format!("*a{}", n - 1); 9].join(", ");
        text += &format!("a{n}: &a{n} [{references}]\n");
    }
    format!("{text}{name}: *a11\n")
}

pub(crate) fn of_snapshots() -> Vec<Case> {
    let good = snapshot();
    let swap = |from: &str, to: &str| {
        assert!(good.contains(from), "{from}");
        good.replacen(from, to, 1)
    };
    let deep = format!("{}1{}", "[".repeat(200), "]".repeat(200));
    vec![
        usage("a missing file", &["check", "nowhere.json"], &["nowhere.json", "No such file"]),
        Case {
            name: "an empty folder",
            files: vec![("folder/readme.txt", b"x".to_vec())],
            command: vec!["check", "folder"],
            says: &["folder holds no snapshot", "manifest.json"],
        },
        bad_snapshot("an empty file", "", &["bad.json:1:1", "the text is empty"]),
        bad_snapshot("half a file", &good.as_bytes()[..good.len() / 2], &["bad.json:4:", "cut off"]),
        bad_snapshot("an array", "[1]", &["bad.json:1:1", "expected an object"]),
        bad_snapshot("a text", "\"x\"", &["bad.json:1:1", "expected an object"]),
        bad_snapshot(
            "some other object",
            "{\"a\": 1}",
            &["bad.json is JSON, but not a snapshot", "levelmark import"],
        ),
        bad_snapshot("not JSON", "tenant: x\n", &["bad.json:1:1"]),
        bad_snapshot("UTF-16", utf16(&good), &["bad.json is UTF-16"]),
        bad_snapshot("not UTF-8", [good.as_bytes(), b"\xC3\x28"].concat(), &["bad.json", "UTF-8"]),
        bad_snapshot("something behind it", format!("{good}}}"), &["bad.json:8:1"]),
        bad_snapshot("deep nesting", swap("true", &deep), &["bad.json:6:", "nested too deeply"]),
        bad_snapshot(
            "a name twice",
            swap("\"id\": \"x\"", "\"id\": \"x\", \"id\": \"y\""),
            &["bad.json:6:", "\"id\" stands twice"],
        ),
        bad_snapshot(
            "an unknown section",
            swap("\"identity.securityDefaults\"", "\"identity.securityDefault\""),
            &["bad.json:5:", "identity.securityDefault"],
        ),
        bad_snapshot("an unknown state", swap("\"read\"", "\"red\""), &["bad.json:5:", "red"]),
        bad_snapshot(
            "an unknown field",
            swap("\"state\": \"read\"", "\"state\": \"read\", \"stat\": 1"),
            &["bad.json:5:", "stat"],
        ),
        bad_snapshot(
            "a section that is no array",
            swap("[{ \"id\": \"x\", \"isEnabled\": true }]", "{}"),
            &["bad.json:6:", "array"],
        ),
        bad_snapshot(
            "data that was denied",
            swap("\"read\"", "\"denied\""),
            &["identity.securityDefaults", "denied"],
        ),
        bad_snapshot(
            "no data where it was read",
            swap("{ \"securityDefaults\": [{ \"id\": \"x\", \"isEnabled\": true }] }", "{}"),
            &["identity.securityDefaults", "read"],
        ),
        bad_snapshot("another version", swap("\"snapshot\": 1", "\"snapshot\": 2"), &["bad.json:2:", "2"]),
        bad_snapshot("a wrong time", swap("2026-06-30T00:00:00Z", "yesterday"), &["bad.json:4:"]),
        bad_snapshot(
            "a wrong digest",
            swap("\"state\": \"read\"", "\"state\": \"read\", \"sha256\": \"00\""),
            &["identity.securityDefaults", "its digest differs"],
        ),
    ]
}

pub(crate) fn of_policies() -> Vec<Case> {
    vec![
        bad_policy(
            "an unknown key",
            "about:",
            "abuot:",
            &["p/INF-400-G2.yaml:7:1", "abuot", "did you mean `about`?"],
        ),
        bad_policy(
            "no for a text",
            "title: Security defaults are on",
            "title: no",
            &["p/INF-400-G2.yaml:2:8", "expected a text"],
        ),
        bad_policy(
            "a switch that is a text",
            "    title: They",
            "    informs: yes please\n    title: They",
            &["p/INF-400-G2.yaml:12:14"],
        ),
        bad_policy(
            "a typo in a section",
            "$.identity.securityDefaults[",
            "$.identity.securityDefault[",
            &["p/INF-400-G2.yaml:13:", "did you mean"],
        ),
        bad_policy(
            "a typo in a field",
            "@.isEnabled",
            "@.isEnable",
            &["p/INF-400-G2.yaml:13:", "did you mean"],
        ),
        bad_policy(
            "a broken path",
            "[?@.isEnabled == true]",
            "[?@.isEnabled ==]",
            &["p/INF-400-G2.yaml:13:"],
        ),
        bad_policy("a broken regex", "@.isEnabled == true", "search(@.id, '(a')", &["p/INF-400-G2.yaml:13:"]),
        bad_policy(
            "an ill-typed query",
            "@.isEnabled == true",
            "length(@.id)",
            &["p/INF-400-G2.yaml:13:", "true or false"],
        ),
        bad_policy(
            "everything at once",
            "$.identity.securityDefaults[?@.isEnabled == true]",
            "$..id",
            &["p/INF-400-G2.yaml:13:"],
        ),
        bad_policy(
            "a forgotten meaning of nothing",
            "require:",
            "forbid:",
            &["p/INF-400-G2.yaml:11:", "`empty` is missing"],
        ),
        bad_policy(
            "a parameter nobody declared",
            "@.isEnabled == true",
            "in(@.id, $.params.nobody)",
            &["p/INF-400-G2.yaml:13:", "nobody"],
        ),
        bad_policy(
            "another id than the file's name",
            "id: INF-400-G2",
            "id: INF-400-G3",
            &["p/INF-400-G2.yaml:1:5"],
        ),
        bad_policy(
            "an unknown competency",
            "competency: infrastructure",
            "competency: infrastucture",
            &["p/INF-400-G2.yaml:3:", "did you mean `infrastructure`?"],
        ),
        bad_policy("a key twice", "level: 400", "level: 400\nlevel: 300", &["p/INF-400-G2.yaml:5:"]),
        bad_policy("an anchor", "about: It is.", "about: &x It is.", &["p/INF-400-G2.yaml:7:"]),
        bad_policy("a tag", "about: It is.", "about: !!binary It is.", &["p/INF-400-G2.yaml:7:"]),
        bad_policy("tabs", "    title: They", "\ttitle: They", &["p/INF-400-G2.yaml:12:"]),
        bad_policy("a billion laughs", "about: It is.\n", &laughs("about"), &["p/INF-400-G2.yaml:7:"]),
        bad_policy(
            "deep nesting",
            "about: It is.",
            &format!("about: {}{}", "[".repeat(2000), "]".repeat(2000)),
            &["p/INF-400-G2.yaml:7:"],
        ),
        bad_policy("an empty file", POLICY, "", &["p/INF-400-G2.yaml"]),
        bad_policy("a list", POLICY, "- 1\n- 2\n", &["p/INF-400-G2.yaml:1:"]),
        bad_policy(
            "two mistakes",
            "about: It is.\nwhy: Because.",
            "abuot: It is.\nwyh: Because.",
            &["abuot", "wyh"],
        ),
        usage("a missing folder", &["check", "s.json", "--policies", "nowhere"], &["nowhere"]),
        usage("a built-in id", &["check", "s.json", "--policies", "p"], &["INF-400-G2", "--allow-override"]),
    ]
}

pub(crate) fn of_configuration() -> Vec<Case> {
    let attestations = |tenant: &str, of: &str| format!("tenant: {tenant}\nanswers:{of}").into_bytes();
    let answers = |name, tenant: &str, of: &str, says| Case {
        name,
        files: vec![("a.yaml", attestations(tenant, of))],
        command: vec!["check", "s.json", "--answers", "a.yaml"],
        says,
    };
    let yes =
        "\n  - { check: INF-400-G2/rehearsed, answer: yes, on: 2026-01-01, by: \"Ada <ada@contoso.com>\" }\n";
    vec![
        bad_config("an unknown key", "prams: {}\n", &["c.yaml:1:1", "did you mean `params`?"]),
        bad_config(
            "an unknown parameter",
            "params: { break_glas: [] }\n",
            &["c.yaml:1:", "did you mean `break_glass`?"],
        ),
        bad_config(
            "a parameter of another type",
            "params: { break_glass: x }\n",
            &["c.yaml:1:", "list of object ids"],
        ),
        bad_config(
            "an unknown competency",
            "targets: { infrastucture: 300 }\n",
            &["c.yaml:1:", "infrastucture"],
        ),
        bad_config("an unknown level", "targets: { infrastructure: 350 }\n", &["c.yaml:1:", "no level 350"]),
        bad_config(
            "a waiver without end",
            "waivers: [{ check: INF-400-G2/rehearsed }]\n",
            &["c.yaml:1:", "expires"],
        ),
        bad_config(
            "a path that leaves",
            "answers: ../../etc/passwd\n",
            &["c.yaml:1:", "leaves the directory"],
        ),
        bad_config("a billion laughs", &laughs("params"), &["c.yaml:1:"]),
        bad_config("tabs", "params:\n\tbreak_glass: []\n", &["c.yaml:2:"]),
        usage("a missing configuration", &["check", "s.json", "--config", "nowhere.yaml"], &["nowhere.yaml"]),
        answers(
            "answers of another tenant",
            "00000000-0000-4000-8000-000000000002",
            " []\n",
            &["tenant 00000000-0000-4000-8000-000000000002", TENANT],
        ),
        answers("a yes without proof", TENANT, yes, &["a.yaml:3:", "evidence"]),
        answers("a tenant that is none", "contoso.com", " []\n", &["a.yaml:1:9", "not a directory id"]),
        usage(
            "an unknown policy",
            &["check", "s.json", "--policy", "INF-400-G22"],
            &["INF-400-G22", "did you mean"],
        ),
        usage(
            "a parameter without value",
            &["check", "s.json", "--param", "break_glass"],
            &["--param NAME=VALUE"],
        ),
        usage(
            "an unknown parameter of the line",
            &["check", "s.json", "--param", "break_glas=x"],
            &["did you mean `break_glass`?"],
        ),
        usage(
            "a wrong value of the line",
            &["check", "s.json", "--param", "break_glass=x"],
            &["break_glass", "object id"],
        ),
        usage(
            "a target that is none",
            &["check", "s.json", "--target", "infrastructure"],
            &["--target COMPETENCY=LEVEL"],
        ),
        usage(
            "an unknown competency of the line",
            &["check", "s.json", "--target", "infrastucture=300"],
            &["did you mean `infrastructure`?"],
        ),
        usage(
            "a baseline that is none",
            &["check", "s.json", "--baseline", "s.json"],
            &["s.json is not a result"],
        ),
        usage("a day that is none", &["check", "s.json", "--today", "soon"], &["2026-11-02"]),
        usage("an age that is none", &["check", "s.json", "--max-age", "30 days"], &["P"]),
    ]
}

pub(crate) fn of_other_commands() -> Vec<Case> {
    vec![
        usage("an unknown section", &["sections", "identity.securityDefault"], &["identity.securityDefault"]),
        usage(
            "an ill-typed query",
            &["query", "s.json", "$.identity.securityDefaults[?length(@.id)]"],
            &["query:1:", "true or false"],
        ),
        usage(
            "a snapshot for an export",
            &["import", "scubagear", "s.json", "--out", "new"],
            &["s.json", "looks like a Levelmark snapshot"],
        ),
        usage(
            "a snapshot for saved responses",
            &["import", "portal", "s.json", "--out", "new", "--tenant", TENANT],
            &["s.json"],
        ),
        usage(
            "an unknown section to import",
            &["import", "graph", "s.json", "--section", "foo.bar", "--out", "new"],
            &["foo.bar"],
        ),
        usage("no place to import to", &["import", "scubagear", "s.json"], &["--into"]),
        Case {
            name: "half an export",
            files: vec![("half.json", br#"{ "tenant_details": [ { "#.to_vec())],
            command: vec!["import", "scubagear", "half.json", "--out", "new"],
            says: &["half.json"],
        },
        Case {
            name: "a table without rows",
            files: vec![("t.csv", b"nothing,of,this\n1,2,3\n".to_vec())],
            command: vec![
                "declare",
                "s.json",
                "messageCenter.preferences",
                "--from",
                "t.csv",
                "--by",
                "Ada <ada@contoso.com>",
            ],
            says: &["t.csv"],
        },
        usage(
            "a section that nobody declares",
            &["declare", "s.json", "users.accounts", "--by", "Ada <ada@contoso.com>"],
            &["users.accounts"],
        ),
    ]
}
