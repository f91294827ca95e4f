//! What the analysis finds, on contracts of our own.

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::query::reads::WHOLE;
use crate::query::{Mode, compile, compile_condition, compile_relative};
use crate::sections::contract::Type;

struct Shelf(BTreeMap<String, Object>);

impl Catalogue for Shelf {
    fn contract(&self, section: &str) -> Option<&Object> {
        self.0.get(section)
    }
    fn sections(&self) -> Vec<&str> {
        self.0.keys().map(String::as_str).collect()
    }
    fn param(&self, name: &str) -> Option<ParamShape> {
        match name {
            "break_glass" => Some(ParamShape::List),
            "owner" => Some(ParamShape::Scalar),
            _ => None,
        }
    }
    fn params(&self) -> Vec<&str> {
        vec!["break_glass", "owner"]
    }
}

fn object(fields: Vec<(&str, Type)>, open: bool) -> Object {
    Object { fields: fields.into_iter().map(|(name, inner)| (name.to_owned(), inner)).collect(), open }
}

fn shelf() -> Shelf {
    let words = |words: &[&str]| Type::Enum(words.iter().map(|w| (*w).to_owned()).collect());
    let list = |inner| Type::Array(Box::new(inner));
    let user = object(
        vec![
            ("id", Type::Guid),
            ("displayName", Type::String),
            ("accountEnabled", Type::Boolean),
            ("age", Type::Integer),
            ("createdDateTime", Type::Timestamp),
            ("hired", Type::Date),
            ("sleep", Type::Duration),
            ("methods", list(words(&["fido2", "softwareOath"]))),
            ("devices", list(Type::Object(object(vec![("id", Type::Guid), ("os", Type::String)], false)))),
            ("extra", Type::Object(object(vec![("known", Type::String)], true))),
            ("raw", Type::Any),
        ],
        false,
    );
    let policy = object(
        vec![
            ("id", Type::Guid),
            ("state", words(&["enabled", "disabled", "enabledForReportingButNotEnforced"])),
            (
                "conditions",
                Type::Object(object(
                    vec![("users", Type::Object(object(vec![("includeUsers", list(Type::String))], false)))],
                    false,
                )),
            ),
        ],
        false,
    );
    Shelf(BTreeMap::from([
        ("users.all".to_owned(), user),
        ("users.guests".to_owned(), object(vec![("id", Type::Guid), ("invitedBy", Type::Guid)], false)),
        ("access.policies".to_owned(), policy),
    ]))
}

fn analysed(text: &str) -> Analysis {
    let query = compile(text, Mode::Snapshot).unwrap_or_else(|e| panic!("{text}: {e:?}"));
    analyse(&query, &shelf())
}

/// Place, message and help of the only mistake.
#[track_caller]
fn mistake(text: &str) -> (String, String, String) {
    let errors = analysed(text).errors;
    assert_eq!(errors.len(), 1, "{text}: {errors:?}");
    let error = errors.into_iter().next().unwrap();
    (text[error.at].to_owned(), error.message, error.help.unwrap_or_default())
}

#[test]
fn names_that_do_not_exist() {
    for (text, place, help) in [
        ("$.user.all", "user.all", "`$.users.all`"),
        ("$['user'] ['all']", "'user'] ['all'", "`$.users.all`"),
        ("$.users.al", "al", "`$.users.all`"),
        ("$.users.zzzzzz", "zzzzzz", "all, guests"),
        ("$.zzzzzz.all", "zzzzzz.all", "areas: access, users"),
        ("$.users['all','gests']", "'gests'", "guests"),
        ("$.users.all[*].displayname", "displayname", "`displayName`"),
        ("$.users.all[*]['displyName']", "'displyName'", "`displayName`"),
        ("$.users.all[*].zzzz", "zzzz", "fields: accountEnabled"),
        ("$.users.all[?@.devices[?@.oz == 'x']]", "oz", "`os`"),
        ("$.access.policies[?@.conditions.user]", "user", "`users`"),
        ("$.users.all.displayName", "displayName", "[*]"),
        ("$.users.all[*].methods.fido2", "fido2", "[*]"),
        ("$.users.all[*].displayName.length", "length", ""),
        ("$.users.all[?in(@.id, $.params.brek_glass)]", "brek_glass", "`break_glass`"),
        ("$.users.all[?in(@.id, $.users.gests[*].id)]", "gests", "guests"),
        ("$.users.all..osx", "osx", "`os`"),
        ("$.users.all[?@.accountEnabeld == true && @.age > 3]", "accountEnabeld", "`accountEnabled`"),
    ] {
        let (at, message, said) = mistake(text);
        assert_eq!(at, place, "{text}: {message}");
        assert!(said.contains(help), "{text}: {message}; {said}");
    }
}

#[test]
fn what_needs_a_list() {
    for (text, place) in [
        ("$.access.policies[?@.conditions[?@.users]]", "conditions"),
        ("$.users.all[*].displayName[*]", "displayName"),
        ("$.users.all[?@.age[0]]", "age"),
        ("$.users.all[*].extra[0]", "extra"),
    ] {
        let (at, message, _) = mistake(text);
        assert_eq!(at, place, "{text}: {message}");
        assert!(message.contains("a list"), "{message}");
    }
}

#[test]
fn comparisons_that_never_hold() {
    for (condition, place, says) in [
        ("@.state == 'Enabled'", "'Enabled'", "did you mean `enabled`"),
        ("'enabld' != @.state", "'enabld'", "did you mean `enabled`"),
        ("@.state == 'zzz'", "'zzz'", "its words: disabled"),
        ("@.state >= 'enabled'", "'enabled'", "alphabet"),
        ("@.conditions.users.includeUsers == 'All'", "'All'", "in('x', @.list)"),
        ("@.conditions == 'All'", "'All'", "fields"),
        ("@ == 'x'", "'x'", "fields"),
        ("@.state < true", "true", "no order"),
        ("@.state <= null", "null", "no order"),
        (
            "@.id == 'AAAAAAAA-0000-0000-0000-000000000000'",
            "'AAAAAAAA-0000-0000-0000-000000000000'",
            "aaaaaaaa-0000",
        ),
        ("@.state == 5", "5", "a number"),
        ("@.state == '${now}'", "'${now}'", ""),
        ("@.state == '${now}' && @.id", "'${now}'", ""),
        ("count(@.state) == '1'", "'1'", "a number is compared"),
        ("count(@.state) < '${now}'", "'${now}'", "a number is compared"),
        ("count(@.conditions.users.includeUsers) > 1", "@.conditions.users.includeUsers", "never above 1"),
        ("length(@.conditions) > 1", "@.conditions", "an object"),
        (
            "search(@.conditions.users.includeUsers, 'x')",
            "@.conditions.users.includeUsers",
            "[?search(@, …)]",
        ),
        ("match(@.conditions, 'x')", "@.conditions", "an object"),
        ("in(@.conditions, 'x')", "@.conditions", "objects"),
        ("in('enabeld', @.state)", "'enabeld'", "`enabled`"),
        ("in(5, @.state)", "5", "looked for"),
        ("in(@.id, $.users.all)", "$.users.all", "objects"),
        ("in(@.id, $.users.all[*].age)", "@.id, $.users.all[*].age", "another type"),
        ("@.id == $.params.break_glass", "@.id == $.params.break_glass", "in(@.id, $.params.break_glass)"),
        (
            "@.conditions.users.includeUsers == $.params.owner",
            "@.conditions.users.includeUsers == $.params.owner",
            "in($.params.owner",
        ),
        ("@.conditions == @.state && @.id", "@.conditions == @.state", "an object"),
    ] {
        let text = format!("$.access.policies[?{condition}]");
        let (at, message, help) = mistake(&text);
        assert_eq!(at, place, "{condition}: {message}");
        assert!(format!("{message} {help}").contains(says), "{condition}: {message}; {help}");
    }
    for (condition, place, says) in [
        ("@.createdDateTime < 'yesterday'", "'yesterday'", "'${now}'"),
        ("@.hired == 'P1D'", "'P1D'", "date"),
        ("@.displayName < '${now}'", "'${now}'", "free text"),
        ("@.accountEnabled == 'true'", "'true'", "without quotes: true"),
        ("@.age == '5'", "'5'", "without quotes: 5"),
        ("@.accountEnabled == 1", "1", "true or false"),
        ("@.accountEnabled < @.displayName", "@.accountEnabled < @.displayName", "no order"),
        ("@.age == @.displayName && @.age", "@.age == @.displayName", "a number"),
        ("@.sleep < 'P10D'", "'P10D'", "as text"),
        (
            "@.methods == @.displayName && @.methods",
            "@.methods == @.displayName",
            "in(@.displayName, @.methods)",
        ),
        ("length(@.age) > 1", "@.age", "a number"),
        ("any_of(@.methods, 'FIDO3')", "'FIDO3'", "`fido2`"),
        ("any_of(@.devices, 'x')", "@.devices", "objects"),
        ("@.methods[?@ == 'fido']", "'fido'", "`fido2`"),
        ("@.devices[?@.id == true]", "true", "an id"),
    ] {
        let text = format!("$.users.all[?{condition}]");
        let (at, message, help) = mistake(&text);
        assert_eq!(at, place, "{condition}: {message}");
        assert!(format!("{message} {help}").contains(says), "{condition}: {message}; {help}");
    }
}

#[test]
fn nothing_is_said_of_what_is_right() {
    for text in [
        "$.access.policies[?@.state == 'enabled' && @.conditions.users.includeUsers[?@ == 'All']]",
        "$.access.policies[?in('ENABLED', @.state) && any_of(@.conditions.users.includeUsers, 'All')]",
        "$.access.policies[?subset_of($.params.break_glass, @.conditions.users.includeUsers)]",
        "$.users.all[?@.createdDateTime < '${ago:P90D}' && @.hired >= '2020-01-01']",
        "$.users.all[?@.displayName == null || @.methods == null || @.extra != null]",
        "$.users.all[?count(@.methods[*]) == 0 || length(@.methods) == 0 || count(@.devices[?@.os == 'x']) > 1]",
        "$.users.all[?length(@.displayName) > 3 && match(@.displayName, 'A.*') && @.raw.x[0] < 5]",
        "$.users.all[?@.id == $.params.owner || in(@.id, $.users.guests[*].invitedBy)]",
        "$.users['all','guests'][?@.invitedBy != 'x' && @.displayName == 'y']",
        "$.users.all[?@.extra.anything == 'x' && @.extra.known == 'y']",
        "$.users.all[?@.id == $.users.guests[0].id && @.id]",
        "$.users.all..id",
        "$.users.all[*].*",
        "$.users.all..[?@.os == 'x']",
        "$.params.break_glass[*]",
    ] {
        let analysis = analysed(text);
        assert_eq!((analysis.errors, analysis.warnings), (vec![], vec![]), "{text}");
    }
}

fn fields(sections: &BTreeMap<String, BTreeSet<String>>) -> String {
    let each = sections.iter().map(|(id, fields)| {
        format!("{id}({})", fields.iter().map(String::as_str).collect::<Vec<_>>().join(" "))
    });
    each.collect::<Vec<_>>().join(" ")
}

#[test]
fn what_is_read() {
    for (text, population, arguments, params) in [
        ("$.users.all", "users.all()", "", ""),
        ("$.users.all[*]", "users.all()", "", ""),
        ("$.users.all[?@.age > 3].devices[*].id", "users.all(age devices)", "", ""),
        ("$.users.all[?@.devices[?@.os == 'x']]", "users.all(devices)", "", ""),
        ("$.users.all[?@]", "users.all(*)", "", ""),
        ("$.users.all[*].*", "users.all(*)", "", ""),
        ("$.users.all..id", "users.all(* id)", "", ""),
        (
            "$.users.all[?in(@.id, $.users.guests[?@.invitedBy == $.params.owner].id)]",
            "users.all(id)",
            "users.guests(id invitedBy)",
            "owner",
        ),
        ("$.users.all[?in(@.id, $.users.all[?@.age > 1].id)]", "users.all(id)", "users.all(age id)", ""),
        ("$.users['all','guests'][*].id", "users.all(id) users.guests(id)", "", ""),
        ("$.params.break_glass", "", "", "break_glass"),
    ] {
        let reads = analysed(text).reads;
        assert_eq!(fields(&reads.population), population, "{text}");
        assert_eq!(fields(&reads.arguments), arguments, "{text}");
        assert_eq!(reads.params.into_iter().collect::<Vec<_>>().join(" "), params, "{text}");
    }
    assert_eq!(WHOLE, "*");
}

#[test]
fn names_below_open_types() {
    let open =
        analysed("$.users.all[?@.extra.foo == 'x' && @.extra.known == 'y' && @.raw.a[0].b]").reads.open;
    let found: Vec<String> =
        open.iter().map(|(section, names)| format!("{section}:{}", names.join("."))).collect();
    assert_eq!(found, ["users.all:extra.foo", "users.all:raw.a", "users.all:raw.a.b"]);
}

#[test]
fn what_is_selected() {
    for (text, class) in [
        ("$.users.all", Class::List),
        ("$.users.all[*]", Class::Object),
        ("$.users.all[*].createdDateTime", Class::Time),
        ("$.users.all[?@.age].age", Class::Number),
        ("$.users.all[*].raw", Class::Any),
        ("$.users.all[*].methods[*]", Class::Text),
    ] {
        assert_eq!(analysed(text).selects, BTreeSet::from([class]), "{text}");
    }
}

#[test]
fn comparisons_that_hold_where_nothing_is_there() {
    for (condition, warned) in [
        ("@.hired <= @.createdDateTime", true),
        ("@.hired == @.createdDateTime", true),
        ("!(@.hired >= @.createdDateTime)", true),
        ("@.hired < @.createdDateTime", false),
        ("@.hired != @.createdDateTime", false),
        ("@.hired && @.hired <= @.createdDateTime", false),
        ("@.hired <= @.createdDateTime && @.createdDateTime > '${ago:P1D}'", false),
        ("@.createdDateTime != null && @.hired <= @.createdDateTime", true),
        ("@.hired || @.hired <= @.createdDateTime", true),
        ("@.age && (@.id || @.age == @.raw.x)", false),
        ("@.id == $.params.owner", false),
        ("@.extra.a == @.extra.b", true),
        ("@.extra.a.c && @.extra.a == @.extra.b", false),
        ("@.devices[?@.id == @.os]", true),
        ("@.id && @.devices[?@.id == @.os]", true),
    ] {
        let text = format!("$.users.all[?{condition}]");
        let analysis = analysed(&text);
        assert_eq!(analysis.errors, [], "{condition}");
        assert_eq!(!analysis.warnings.is_empty(), warned, "{condition}: {:?}", analysis.warnings);
    }
}

#[test]
fn conditions_and_fields_of_a_population() {
    let shelf = shelf();
    let among = compile("$.users.all[?@.accountEnabled == true].devices[*]", Mode::Snapshot).unwrap();
    let text = "@.os == 'x' && @.oz == 5 && in(@.id, $.users.guests[*].id)";
    let analysis = analyse_condition(&compile_condition(text).unwrap(), text, &among, &shelf);
    assert_eq!(analysis.errors.len(), 1);
    assert_eq!(&text[analysis.errors[0].at.clone()], "oz");
    // The population's own reads are its own analysis's.
    assert_eq!(fields(&analysis.reads.population), "");
    assert_eq!(fields(&analysis.reads.arguments), "users.guests(id)");

    let users = compile("$.users.all[*]", Mode::Snapshot).unwrap();
    let text = "@.age > 'x'";
    let analysis = analyse_condition(&compile_condition(text).unwrap(), text, &users, &shelf);
    assert_eq!(&text[analysis.errors[0].at.clone()], "'x'");
    assert_eq!(fields(&analysis.reads.population), "users.all(age)");

    let field = |text: &str| analyse_relative(&compile_relative(text).unwrap(), text, &users, &shelf);
    assert_eq!(field("createdDateTime").selects, BTreeSet::from([Class::Time]));
    assert_eq!(fields(&field("extra.x").reads.population), "users.all(extra)");
    for (text, place) in
        [("extra.known.x", "x"), ("@.agee", "agee"), ("['agee']", "'agee'"), ("agee", "agee")]
    {
        let errors = field(text).errors;
        assert_eq!(errors.len(), 1, "{text}: {errors:?}");
        assert_eq!(&text[errors[0].at.clone()], place, "{text}");
    }
}

#[test]
fn all_mistakes_at_once() {
    let text = "$.users.all[?@.agee > 3 && @.accountEnabled == 'true' || in(@.id, $.params.x) && @.methods == 'fido2']";
    let places: Vec<&str> = analysed(text).errors.iter().map(|e| &text[e.at.clone()]).collect();
    assert_eq!(places, ["agee", "'true'", "x", "'fido2'"]);
}
