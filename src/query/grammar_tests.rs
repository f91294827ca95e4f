//! Mistakes in the tokens: each at its place, with its way out.

use super::*;

fn found(text: &str) -> Vec<(String, String, String)> {
    let mut errors = Vec::new();
    let layout = Layout::new(text, 32, &mut errors);
    check(&layout, &mut errors);
    errors.into_iter().map(|e| (text[e.at].to_owned(), e.message, e.help.unwrap_or_default())).collect()
}

#[test]
fn each_mistake_at_its_place_with_its_way_out() {
    for (text, place, help) in [
        ("$.a b", "b", "['a b']"),
        ("$.a-1", "-1", "['a -1']"),
        ("$users", "users", "$.users"),
        ("users.all", "users", "$.users"),
        ("@.a", "@", "$.area.name"),
        ("$. a", ". a", ""),
        ("$[?@. a == 1]", ". a", ""),
        ("$.. a", ".. a", ""),
        ("$.", ".", ""),
        ("$..", "..", ""),
        ("$.1", ".", "[0]"),
        ("$.[0]", ".", "no dot"),
        ("$.'a'", ".", "['name']"),
        ("$[a]", "a", "['a']"),
        ("$[true]", "true", "['true']"),
        ("$[?name == 'x']", "name", "@.name"),
        ("$[?@.a == True]", "True", "true"),
        ("$[?@.a == enabled]", "enabled", "'enabled'"),
        ("$[?@.a and @.b]", "and", "&&"),
        ("$[?@.a OR @.b]", "OR", "||"),
        ("$[?not @.b]", "not", "!"),
        ("$[?cuont(@.a) > 1]", "cuont", "`count`"),
        ("$[?nin(@.a, 'b')]", "nin", "none_of"),
        ("$[?contains(@.a, 'b')]", "contains", "any_of"),
        ("$[?frobnicate(@.a)]", "frobnicate", "functions: any_of, count"),
        ("$[?count (@.a) > 1]", "count (", ""),
        ("$[?count(@.a, @.b) > 1]", "count(@.a, @.b)", ""),
        ("$[?count() > 1]", "count()", ""),
        ("$[?count(1) > 1]", "1", ""),
        ("$[?value('a') > 1]", "'a'", ""),
        ("$[?in(@.a)]", "in(@.a)", ""),
        ("$[?match(@.a, 'b') == true]", "match(@.a, 'b')", "!match"),
        ("$[?true == search(@.a, 'b')]", "search(@.a, 'b')", "!search"),
        ("$.a.length()", "", ""),
        ("$[?@.a[*] == 1]", "[*]", "any_of"),
        ("$[?1 == @..a]", "..a", "any_of"),
        ("$[?@['a','b'] == 1]", "['a','b']", "count"),
        ("$[?@.a[0:1] == 1]", "[0:1]", "count"),
        ("$[?@.a[?@.b] == 1]", "[?@.b]", "count"),
        ("$[@.a]", "@", "[?@.x]"),
        ("$[?!@.a == 1]", "!@.a ==", "!="),
        ("$[1:2:3:4]", ":", "[start:end:step]"),
        ("$[?(@.a:1)]", ":", "slice"),
        ("$[-0]", "-0", ""),
        ("$[1.0]", "1.0", ""),
        ("$[9007199254740992]", "9007199254740992", ""),
        ("$[:-9007199254740992]", "-9007199254740992", ""),
    ] {
        let errors = found(text);
        if text == "$.a.length()" {
            // Left to the parser: a member may well be called `length`.
            assert!(errors.is_empty(), "{errors:?}");
            continue;
        }
        assert_eq!(errors.len(), 1, "{text}: {errors:?}");
        assert_eq!(errors[0].0, place, "{text}");
        assert!(errors[0].2.contains(help) || errors[0].1.contains(help), "{text}: {errors:?}");
    }
}

#[test]
fn several_at_once() {
    let errors = found("$[?nin(@.a) && lenght(@.b) == True || name]");
    let places: Vec<&str> = errors.iter().map(|e| e.0.as_str()).collect();
    assert_eq!(places, ["nin", "lenght", "True", "name"], "{errors:?}");
}

#[test]
fn nothing_is_said_of_what_is_right() {
    for text in [
        "$",
        "$ .a ['b c'] [ 1 , -1 ]",
        "$..*",
        "$..[?@.a]",
        "$.a[?!(@.b == null) && in(@.c, $.params.d)]",
        "$[?9007199254740993 == @.a]",
        "$[?count(@.a[?match(@.b, 'c')]) == 1, 'd', ::2]",
        "$[?@ == $ || @]",
        "$.true.null.in.count",
    ] {
        assert_eq!(found(text), [], "{text}");
    }
}

#[test]
fn calls_in_calls_are_bounded() {
    let text = format!("$[?{}@.a{} == 1]", "length(value(".repeat(8), "))".repeat(8));
    let deep = found(&text).into_iter().filter(|e| e.1.contains("5 deep")).count();
    assert_eq!(deep, 1);
}
