//! What queries select: a table of our own beside the compliance suite, above all where evaluators
//! go wrong in silence.

use std::sync::Arc;

use super::*;
use crate::query::{Mode, compile, compile_condition, compile_relative};
use crate::snapshot::document::{Document, Text};

#[path = "evaluate_cost_tests.rs"]
mod cost;
#[path = "evaluate_random_tests.rs"]
mod random;

/// Sections, parameters, or one document.
#[derive(Default)]
struct Evidence {
    sections: Vec<(&'static str, Document)>,
    params: Option<Document>,
    document: Option<Document>,
}

impl<'d> Source<'d> for &'d Evidence {
    fn section(&self, id: &str) -> Option<NodeRef<'d>> {
        self.sections.iter().find(|(known, _)| *known == id).map(|(_, document)| document.root())
    }
    fn param(&self, name: &str) -> Option<NodeRef<'d>> {
        self.params.as_ref()?.root().get(name)
    }
    fn document(&self) -> Option<NodeRef<'d>> {
        self.document.as_ref().map(Document::root)
    }
}

fn json(text: &str) -> Document {
    Document::parse(Arc::new(Text::new("test", text.to_owned()))).unwrap()
}

fn raw(text: &str) -> Evidence {
    Evidence { document: Some(json(text)), ..Evidence::default() }
}

fn now() -> DateTime<Utc> {
    "2026-11-21T00:00:00Z".parse().unwrap()
}

/// What a query selects, as JSON; walked shared and alone, with the same result.
fn selected(evidence: &Evidence, query: &Query) -> String {
    let ask = |queries: &[&Query]| {
        let evaluator = Evaluator::new(evidence, now(), queries.iter().copied());
        let nodes = evaluator.select(query, &mut Budget::default()).unwrap();
        assert_eq!(evaluator.any(query, &mut Budget::default()).unwrap(), !nodes.is_empty());
        nodes.iter().map(|node| node.raw()).collect::<Vec<_>>().join(" ")
    };
    let (shared, alone) = (ask(&[query]), ask(&[]));
    assert_eq!(shared, alone, "{}", query.text);
    shared
}

fn check(text: &str, document: &str, expected: &str) {
    let query = compile(text, Mode::Raw).unwrap_or_else(|e| panic!("{text}: {e:?}"));
    assert_eq!(selected(&raw(document), &query), expected, "{text} on {document}");
}

#[test]
fn silent_wrong_answers_of_others() {
    // The count of nothing is 0, and 0 is a number.
    check("$[?count(@.x) == 0]", r#"[{"y":1},{"x":[]}]"#, r#"{"y":1}"#);
    check("$[?count(@.x[*]) == 0]", r#"[{"y":1},{"x":[]},{"x":[1]}]"#, r#"{"y":1} {"x":[]}"#);
    check(
        "$[?count(@.m[*]) < 2]",
        r#"[{"m":[1,2]},{"m":[1]},{"m":[]},{"m":null},{}]"#,
        r#"{"m":[1]} {"m":[]} {"m":null} {}"#,
    );
    check("$[?!(count(@.x[*]) > 0)]", r#"[{"x":[1]},{}]"#, "{}");
    // A filter on `@` itself tests the children of the candidate.
    check("$[?@[?@ > 1]]", "[[0,1],[1,2],3,[]]", "[1,2]");
    check(
        "$[?@[?@.a == 'x']]",
        r#"[[{"a":"x"}],{"k":{"a":"x"}},{"a":"x"}]"#,
        r#"[{"a":"x"}] {"k":{"a":"x"}}"#,
    );
    // Numbers have no epsilon and no 53 bits.
    check("$[?@ == 0]", "[1e-17, 0, 0.0, -0.0, -0, 5e-324]", "0 0.0 -0.0 -0");
    check("$[?@ == 9007199254740992]", "[9007199254740992, 9007199254740993]", "9007199254740992");
    check(
        "$[?@ == 9007199254740993]",
        "[9007199254740992, 9007199254740993, 9007199254740993.0]",
        "9007199254740993",
    );
    check(
        "$[?@ > 9007199254740992]",
        "[9007199254740992, 9007199254740993, 18446744073709551615]",
        "9007199254740993 18446744073709551615",
    );
    check("$[?@ == 1]", "[1, 1.0, 1e0, 10e-1, \"1\", true]", "1 1.0 1e0 10e-1");
    // Only numbers and strings have an order; equal values are also `<=`.
    check("$[?@.a >= @.b]", r#"[{"a":{"p":1},"b":{"q":2}},{"a":[1],"b":[2]},{"a":true,"b":false}]"#, "");
    check(
        "$[?@.a >= @.b]",
        r#"[{"a":{"p":1},"b":{"p":1}},{"a":[1],"b":[1]},{"a":true,"b":true},{"a":null,"b":null}]"#,
        r#"{"a":{"p":1},"b":{"p":1}} {"a":[1],"b":[1]} {"a":true,"b":true} {"a":null,"b":null}"#,
    );
    check(
        "$[?@.a < @.b || @.a > @.b]",
        r#"[{"a":{"p":1},"b":{"q":2}},{"a":null,"b":1},{"a":"1","b":2},{"a":1}]"#,
        "",
    );
    // Names in the order of the selectors, node by node; duplicates stay.
    check("$..['a','d']", r#"[{"d":1,"a":2},{"a":3,"d":[{"d":4}]}]"#, r#"2 1 3 [{"d":4}] 4"#);
    check("$['a','a'][0,0]", r#"{"a":[7]}"#, "7 7 7 7");
}

#[test]
fn nothing_null_and_empty() {
    let four = r#"[{"n":1},{"n":2,"a":null},{"n":3,"a":""},{"n":4,"a":[]}]"#;
    for (condition, matched) in [
        ("@.a", "2 3 4"),
        ("!@.a", "1"),
        ("@.a == null", "2"),
        ("@.a != null", "1 3 4"),
        ("@.a == ''", "3"),
        ("@.a == @.b", "1"),
        ("@.a <= @.b", "1"),
        ("@.a < @.b", ""),
        ("@.a != @.b", "2 3 4"),
        ("length(@.a) == 0", "3 4"),
        ("length(@.a) != 0", "1 2"),
        ("length(@.a) == length(@.b)", "1 2"),
        ("count(@.a) == 0", "1"),
        ("count(@.a[*]) == 0", "1 2 3 4"),
        ("value(@.a) == null", "2"),
        ("value(@[*]) == 1", "1"),
        ("match(@.a, '.*')", "3"),
        ("!match(@.a, '.*')", "1 2 4"),
        ("in(@.a, @.a)", ""),
        ("none_of(@.a, @.a)", "1 2 3 4"),
        ("subset_of(@.a, @.a)", "1 2 3 4"),
        ("@.a < 'x' || @.a >= 'x'", "3"),
    ] {
        check(&format!("$[?{condition}].n"), four, matched);
    }
}

#[test]
fn strings_and_lengths_are_counted_in_characters() {
    check(
        "$[?length(@) == 2]",
        r#"["éé", "😀😀", "a", [1,2], {"a":1,"b":2}, 12, "\ud83d\ude00x"]"#,
        r#""éé" "😀😀" [1,2] {"a":1,"b":2} "\ud83d\ude00x""#,
    );
    // By scalar value, where UTF-16 would say otherwise.
    check("$[?@ < '\u{1F600}']", r#"["\uffff", "😁", "A"]"#, r#""\uffff" "A""#);
    check("$[?@ == 'a/b']", r#"["a\/b", "a\u002fb"]"#, r#""a\/b" "a\u002fb""#);
    check("$[?@['k\"ey'] == 1]", r#"[{"k\"ey":1},{"k\u0022ey":1}]"#, r#"{"k\"ey":1} {"k\u0022ey":1}"#);
}

#[test]
fn trees_are_equal_whatever_the_order_of_members() {
    let wide = |last: u32| {
        let members: Vec<String> = (0..40).map(|n| format!("\"m{n}\":{n}")).collect();
        format!("{{{},\"last\":{last}}}", members.join(","))
    };
    let mut reversed: Vec<String> = (0..40).map(|n| format!("\"m{n}\":{n}.0")).collect();
    reversed.reverse();
    let same = format!("{{\"last\":1,{}}}", reversed.join(","));
    let document = format!("[{{\"a\":{},\"b\":{same}}},{{\"a\":{},\"b\":{same}}}]", wide(1), wide(2));
    let query = compile("$[?@.a == @.b].a.last", Mode::Raw).unwrap();
    assert_eq!(selected(&raw(&document), &query), "1");
    check(
        "$[?@.a == @.b].n",
        r#"[{"n":1,"a":{"x":[1,{}],"y":null},"b":{"y":null,"x":[1,{}]}},
        {"n":2,"a":{"x":1},"b":{"y":1}},{"n":3,"a":[1,2],"b":[2,1]},{"n":4,"a":[],"b":{}}]"#,
        "1",
    );
}

#[test]
fn indexes_and_slices() {
    for (selector, selected) in [
        ("-1", "4"),
        ("-5", "0"),
        ("-6", ""),
        ("5", ""),
        ("1:3", "1 2"),
        ("3:", "3 4"),
        (":-3", "0 1"),
        ("::2", "0 2 4"),
        ("::-2", "4 2 0"),
        ("3:0:-1", "3 2 1"),
        ("-1:-4:-1", "4 3 2"),
        (":0:-1", "4 3 2 1"),
        ("::0", ""),
        ("10::-3", "4 1"),
        ("-9:9:9", "0"),
        ("2:2", ""),
        ("3:1", ""),
        ("1:3:-1", ""),
        ("::9007199254740991", "0"),
        ("0:9007199254740991:-9007199254740991", ""),
        ("0, 0, -5", "0 0 0"),
    ] {
        check(&format!("$[{selector}]"), "[0,1,2,3,4]", selected);
    }
    check("$[0, -1, ::-1]", r#"{"0":1}"#, "");
    check("$[::-1]", "[]", "");
}

/// Users, groups and parameters of a small tenant.
fn tenant() -> Evidence {
    Evidence {
        sections: vec![
            (
                "users.all",
                json(
                    r#"[
                    {"id":"a1","name":"Ada","age":36,"tags":["x","Y"],"left":"2026-01-01T00:00:00Z"},
                    {"id":"B2","name":"Bob","age":36.0,"tags":[],"left":null},
                    {"id":"c3","name":"Cy","tags":["",null,{"x":1},["x"]],"left":"2026-11-20T23:59:59.999Z"},
                    {"id":"d4","name":"Di","tags":"y","left":"2026-11-21T01:00:00+01:00"},
                    {"id":"e5","name":"Eve","left":"2026-11-22"},
                    {"id":"f6","name":"Fay","left":"soon"}]"#,
                ),
            ),
            (
                "groups.all",
                json(
                    r#"[{"id":"g1","owners":["A1","b2"],"n":1},{"id":"g2","owners":["zz"],"n":2},{"id":"g3","owners":[],"n":3}]"#,
                ),
            ),
        ],
        params: Some(json(
            r#"{"people":["a1","b2","c3"],"nobody":[],"age":36,"pattern":"[AB].*","broken":"("}"#,
        )),
        document: None,
    }
}

fn names(condition: &str) -> String {
    let query = compile(&format!("$.users.all[?{condition}].name"), Mode::Snapshot)
        .unwrap_or_else(|e| panic!("{condition}: {e:?}"));
    selected(&tenant(), &query).replace('"', "")
}

#[test]
fn set_functions() {
    for (condition, found) in [
        // Literals on either side, ASCII case ignored.
        ("in('X', @.tags)", "Ada"),
        ("any_of(@.tags, 'y')", "Ada Di"),
        ("in(@.id, 'b2')", "Bob"),
        ("none_of(@.tags, 'y')", "Bob Cy Eve Fay"),
        // A selected array gives its elements, and so does a path to them.
        ("any_of(@.tags[*], 'x')", "Ada Cy"),
        ("subset_of(@.tags[*], $.params.people)", "Bob Di Eve Fay"),
        ("subset_of(@.tags, @.tags)", "Ada Bob Cy Di Eve Fay"),
        // Null, "", objects and arrays in arrays are no members: Cy has none at all.
        ("any_of(@.tags, @.tags)", "Ada Di"),
        ("in(@.tags, @.tags)", "Ada Di"),
        ("in(@.left, @.left)", "Ada Cy Di Eve Fay"),
        // Other sections and parameters.
        ("in(@.id, $.params.people)", "Ada Bob Cy"),
        ("in(@.id, $.params.people[0,1])", "Ada Bob"),
        ("in(@.id, $.groups.all[*].owners)", "Ada Bob"),
        ("in(@.id, $.groups.all[?@.n == 1].owners[*])", "Ada Bob"),
        ("none_of(@.id, $.groups.all[?count(@.owners[*]) > 0].owners)", "Cy Di Eve Fay"),
        ("in(@.id, $.params.nobody)", ""),
        ("subset_of(@.id, $.params.nobody)", ""),
        ("subset_of($.params.nobody, @.id)", "Ada Bob Cy Di Eve Fay"),
        ("any_of($.params.people, @.id)", "Ada Bob Cy"),
        ("in(@.id, $.groups.none[*])", ""),
        ("in(@.id, $.params.undeclared)", ""),
        // Numbers by value, and never as text.
        ("in(@.age, $.params.age)", "Ada Bob"),
        ("in(36.0, @.age)", "Ada Bob"),
        ("in(@.age, '36')", ""),
    ] {
        assert_eq!(names(condition), found, "{condition}");
    }
}

#[test]
fn a_large_first_argument_is_looked_up_in_a_table() {
    let numbers = |from: u32, to: u32| (from..to).map(|n| format!("\"V{n}\"")).collect::<Vec<_>>().join(",");
    let lower = numbers(0, 300).to_lowercase();
    let document = format!(
        "[{{\"n\":1,\"a\":[{}],\"b\":[{lower}]}},{{\"n\":2,\"a\":[{}],\"b\":[{lower}]}}]",
        numbers(0, 200),
        numbers(200, 301)
    );
    let query = compile("$[?subset_of(@.a, @.b)].n", Mode::Raw).unwrap();
    assert_eq!(selected(&raw(&document), &query), "1");
}

#[test]
fn times_are_compared_as_instants() {
    for (condition, found) in [
        ("@.left < '${now}'", "Ada Cy"),
        ("@.left <= '${now}'", "Ada Cy Di"),
        ("@.left == '${now}'", "Di"),
        ("@.left > '${now}'", "Eve"),
        ("@.left < '${ago:P30D}'", "Ada"),
        ("'${ago:P30D}' < @.left && @.left < '${ahead:P1D}'", "Cy Di"),
        ("@.left >= '${ahead:P1D}'", "Eve"),
        // What is no time is neither earlier nor later, and not equal.
        ("@.left != '${now}'", "Ada Bob Cy Eve Fay"),
        ("@.age < '${now}' || @.age >= '${now}'", ""),
        ("'${ago:P1D}' < '${now}'", "Ada Bob Cy Di Eve Fay"),
    ] {
        assert_eq!(names(condition), found, "{condition}");
    }
}

#[test]
fn patterns_from_the_data() {
    assert_eq!(names("match(@.name, $.params.pattern)"), "Ada Bob");
    assert_eq!(names("search(@.name, $.params.broken)"), "");
    assert_eq!(names("match(@.name, $.params.undeclared)"), "");
    assert_eq!(names("match(@.age, '36')"), "");
    assert_eq!(names("match(@.name, 'A|Ada')"), "Ada");
    assert_eq!(names("search(@.name, 'D|d')"), "Ada Di");
}

#[test]
fn several_sections_of_one_area_in_the_order_of_the_path() {
    let evidence =
        Evidence { sections: vec![("a.x", json("[1,2]")), ("a.y", json("[3]"))], ..Evidence::default() };
    let all = |text: &str| selected(&evidence, &compile(text, Mode::Snapshot).unwrap());
    assert_eq!(all("$.a['y','x'][*]"), "3 1 2");
    assert_eq!(all("$.a['x','none','x'][0]"), "1 1");
    assert_eq!(all("$.a.y"), "[3]");
    assert_eq!(all("$.a.x[?@ == $.a.y[0]]"), "");
    assert_eq!(all("$.a.x[?@ < $.a.y[0]]"), "1 2");
}

#[test]
fn conditions_and_fields_of_one_item() {
    let evidence = tenant();
    let condition = compile_condition("in(@.id, $.params.people) && @.age").unwrap();
    let evaluator = Evaluator::new(&evidence, now(), []).with_conditions([&condition]);
    let field = compile_relative("tags[0]").unwrap();
    let users = (&evidence).section("users.all").unwrap();
    let budget = &mut Budget::default();
    let held: Vec<bool> =
        users.elements().map(|user| evaluator.holds(&condition, user, budget).unwrap()).collect();
    assert_eq!(held, [true, true, false, false, false, false]);
    let first = |i: usize, budget: &mut Budget| {
        evaluator.first(&field, users.at(i).unwrap(), budget).unwrap().map(|node| node.raw().to_owned())
    };
    assert_eq!(first(0, budget).as_deref(), Some("\"x\""));
    assert_eq!(first(1, budget), None);
    assert!(evaluator.any_from(&field, users.at(2).unwrap(), budget).unwrap());
    let all = compile_condition("@.tags[*]").unwrap();
    let Condition::Exists(all) = all else { panic!() };
    assert_eq!(evaluator.select_from(&all, users.at(0).unwrap(), budget).unwrap().len(), 2);
}
