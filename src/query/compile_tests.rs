//! What compiles, what does not, and what is said of it.

use super::*;
use crate::query::ir::{Argument, Literal, Operand, Pattern, Root, Segment, Selector};
use crate::snapshot::number::Number;

fn mistakes(
    result: Result<impl std::fmt::Debug, Vec<QueryError>>,
    text: &str,
) -> Vec<(String, String, String)> {
    match result {
        Ok(query) => panic!("{text} compiled: {query:?}"),
        Err(errors) => errors
            .into_iter()
            .map(|e| (text[e.at].to_owned(), e.message, e.help.unwrap_or_default()))
            .collect(),
    }
}

fn snapshot(text: &str) -> Query {
    compile(text, Mode::Snapshot).unwrap_or_else(|errors| panic!("{text}: {errors:?}"))
}

#[test]
fn ill_typed_queries_that_the_parser_lets_through() {
    for (text, place, help) in [
        ("$[?count(@..*)]", "count(@..*)", "> 0"),
        ("$[?length(@.a)]", "length(@.a)", "[?@.x]"),
        ("$[?value(@.a)]", "value(@.a)", "[?@.x]"),
        ("$[?@.b && !count(@.a)]", "count(@.a)", "> 0"),
        ("$[?length(@.*) < 3]", "@.*", "count"),
        ("$[?length(@['a','b']) < 3]", "@['a','b']", "count"),
        ("$[?length(@[1, 2]) < 3]", "@[1, 2]", "count"),
        ("$[?length(@.b) > 1 && length($..a) < 3]", "$..a", "count"),
        ("$[?match(@.*, 'a')]", "@.*", "[?match(@, …)]"),
        ("$[?search(@.a, $..b)]", "$..b", "search"),
        ("$[?length(match(@.a, 'b')) == 1]", "match(@.a, 'b')", ""),
        ("$[?in(length(@.a), @.b)]", "length(@.a)", ""),
        ("$[?any_of(match(@.a, 'x'), @.b)]", "match(@.a, 'x')", ""),
    ] {
        let errors = mistakes(compile(text, Mode::Raw), text);
        assert_eq!(errors.len(), 1, "{text}: {errors:?}");
        assert_eq!(errors[0].0, place, "{text}: {errors:?}");
        assert!(errors[0].2.contains(help), "{text}: {errors:?}");
    }
}

#[test]
fn what_the_parser_refuses_is_said_in_words() {
    for (text, place, message) in [
        ("$[?true]", "true", "`true` alone is no condition"),
        ("$[?@.a && 'x']", "'x'", "`'x'` alone is no condition"),
        ("$[?(1)]", "1", "`1` alone is no condition"),
        ("$[]", "]", "something is missing between `[` and `]`"),
        ("$[0,]", "]", "something is missing between `,` and `]`"),
        ("$[,0]", ",", "something is missing between `[` and `,`"),
        ("$[?]", "]", "something is missing between `?` and `]`"),
        ("$[?@.a &&]", "]", "something is missing between `&&` and `]`"),
        ("$[?@.a ==]", "]", "something is missing between `==` and `]`"),
        ("$[?@.a == 1 == 2]", "==", "`==` has nothing to compare here"),
        ("$[?== 2]", "==", "something is missing between `?` and `==`"),
        ("$.a.length()", "(", "`(` can't stand here"),
        ("$[1:2:3:4]", ":", "a slice has three parts at most: [start:end:step]"),
        ("$.a[?@.b]?", "?", "`?` can't follow `]` directly"),
        ("$ ", " ", "a path has no blanks behind it"),
        (" $", " ", "a path has no blanks before it"),
        ("'a'", "'a'", "a path starts with `$`"),
        ("", "", "the path is empty"),
        ("  ", "  ", "the path is empty"),
    ] {
        let errors = mistakes(compile(text, Mode::Raw), text);
        assert_eq!(errors.len(), 1, "{text}: {errors:?}");
        assert_eq!((errors[0].0.as_str(), errors[0].1.as_str()), (place, message), "{text}");
    }
}

#[test]
fn a_snapshot_path_starts_with_a_section_or_a_parameter() {
    for (text, root, rest) in [
        ("$.users.all", Root::Sections(vec!["users.all".into()]), 0),
        ("$['users'][\"all\"][*].id", Root::Sections(vec!["users.all".into()]), 2),
        ("$.a['b','c','b'][0]", Root::Sections(vec!["a.b".into(), "a.c".into(), "a.b".into()]), 1),
        ("$.derived.roleHolders[*]", Root::Sections(vec!["derived.roleHolders".into()]), 1),
        ("$.params.break_glass", Root::Param("break_glass".into()), 0),
        ("$.params.break_glass[*]", Root::Param("break_glass".into()), 1),
    ] {
        let query = snapshot(text);
        assert_eq!(query.root, root, "{text}");
        assert_eq!(query.segments.len(), rest, "{text}");
        assert_eq!(query.text, text);
    }
    for (text, place) in [
        ("$", "$"),
        ("$.*", ".*"),
        ("$[*]", "[*]"),
        ("$..id", "..id"),
        ("$[0]", "[0]"),
        ("$[?@.a]", "[?@.a]"),
        ("$['a','b'].c", "['a','b']"),
        ("$.users", ".users"),
        ("$.users[*]", "[*]"),
        ("$.users[?@.a == 1]", "[?@.a == 1]"),
        ("$.users..id", "..id"),
        ("$.users['all', 0]", "['all', 0]"),
        ("$.params", ".params"),
        ("$.params[*]", "[*]"),
        ("$.params['a','b']", "['a','b']"),
        ("$.users.all[?@.id == $.params]", ".params"),
        ("$.users.all[?in(@.id, $..id)]", "..id"),
        ("$.users.all[?$]", "$"),
    ] {
        let errors = mistakes(compile(text, Mode::Snapshot), text);
        assert_eq!(errors.len(), 1, "{text}: {errors:?}");
        assert_eq!(errors[0].0, place, "{text}: {errors:?}");
        assert!(errors[0].2.contains("$.conditionalAccess.policies"), "{text}");
    }
}

#[test]
fn all_mistakes_of_a_query_at_once() {
    let text = "$.a.b[?match(@.x, '\\bc') || @.d < '${ago:5}' || count(@.e) || $..f]";
    let errors = mistakes(compile(text, Mode::Snapshot), text);
    let places: Vec<&str> = errors.iter().map(|e| e.0.as_str()).collect();
    assert_eq!(places, ["'\\bc'", "'${ago:5}'", "count(@.e)", "..f"], "{errors:?}");
}

#[test]
fn templates_are_for_snapshots() {
    let time = |query: &Query| match &query.segments[0] {
        Segment::Child(selectors) => match &selectors[0] {
            Selector::Filter(Condition::Compare(_, _, Operand::Literal(literal))) => literal.clone(),
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    };
    let text = "$.a.b[?@.at < '${ago:P90D}']";
    assert!(matches!(time(&snapshot(text)), Literal::Time(d) if d.num_days() == -90));
    let raw = compile("$[?@.at < '${ago:P90D}']", Mode::Raw).unwrap();
    assert!(matches!(time(&raw), Literal::String(s) if s == "${ago:P90D}"));
    for text in ["$.a.b[?in(@.c, '${now}')]", "$.a.b[?match(@.c, '${now}')]", "$.a.b[?length('${now}') == 1]"]
    {
        let errors = mistakes(compile(text, Mode::Snapshot), text);
        assert_eq!((errors.len(), errors[0].0.as_str()), (1, "'${now}'"), "{text}: {errors:?}");
    }
}

#[test]
fn integers_beyond_doubles_are_read_exactly() {
    let query = compile("$[?@ == 9007199254740993 && 9007199254740994 != @.a]", Mode::Raw).unwrap();
    let text = format!("{query:?}");
    assert!(text.contains("Int(9007199254740993)") && text.contains("Int(9007199254740994)"), "{text}");
    assert!(compile("$[?@ == 1e999]", Mode::Raw).is_err());
}

#[test]
fn nested_paths_keep_their_text_and_order() {
    let text = "$.a.b[?in(@.id, $.c.d[?@.e == $.params.f].id) && any_of('x', @['g', 'g'])]";
    let query = snapshot(text);
    let Segment::Child(selectors) = &query.segments[0] else { panic!() };
    let [Selector::Filter(Condition::And(parts))] = selectors.as_slice() else { panic!() };
    let Condition::Set(_, Argument::Query(id), Argument::Query(of)) = &parts[0] else { panic!() };
    assert_eq!((id.text.as_str(), of.text.as_str()), ("@.id", "$.c.d[?@.e == $.params.f].id"));
    let Condition::Set(_, _, Argument::Query(twice)) = &parts[1] else { panic!() };
    assert!(matches!(&twice.segments[0], Segment::Child(s) if s.len() == 2), "duplicates are kept");
}

#[test]
fn conditions_that_stand_alone() {
    assert!(matches!(compile_condition("@.x == 1 && !(@.y)"), Ok(Condition::And(_))));
    assert!(matches!(compile_condition(" match(@.x, 'a') "), Ok(Condition::Regex { .. })));
    for (text, place) in [
        ("", ""),
        ("@.x = 1", "="),
        ("name == 1", "name"),
        ("@.x] [?@.y", "]"),
        ("@.x]", "]"),
        ("@.x, ?@.y", "@.x, ?@.y"),
        ("@.x, 'y'", "@.x, 'y'"),
        ("@.x == 1 &&", ""),
        ("count(@.x)", "count(@.x)"),
        ("@.x == $.params", ".params"),
        ("(@.x", "("),
    ] {
        let errors = mistakes(compile_condition(text), text);
        assert_eq!(errors[0].0, place, "{text}: {errors:?}");
    }
}

#[test]
fn fields_of_an_item() {
    for (field, text) in [
        ("start.dateTime", "@.start.dateTime"),
        ("@.id", "@.id"),
        ("['odd name'].x", "@['odd name'].x"),
        ("a[0]", "@.a[0]"),
        ("@", "@"),
    ] {
        let query = compile_relative(field).unwrap_or_else(|e| panic!("{field}: {e:?}"));
        assert_eq!((query.root, query.text.as_str()), (Root::Current, text));
    }
    for field in ["$.a", "", "a[*]", "a..b", "a == 1", "a b", "!a", "a && b", "a,b", "*"] {
        let errors = mistakes(compile_relative(field), field);
        assert!(!errors.is_empty(), "{field}");
    }
}

#[test]
fn texts_and_nesting_are_bounded() {
    let long = format!("$['{}']", "x".repeat(LONGEST));
    assert!(compile(&long, Mode::Raw).unwrap_err()[0].message.contains("bytes long"));
    let deep = |n: usize| format!("$[?{}@.a{}]", "(".repeat(n), ")".repeat(n));
    assert!(compile(&deep(DEEPEST - 1), Mode::Raw).is_ok());
    assert!(compile(&deep(DEEPEST), Mode::Raw).unwrap_err()[0].message.contains("brackets are open"));
    assert!(compile(&deep(4000), Mode::Raw).is_err());
    let parts = |n: usize| format!("${}", ".a".repeat(n));
    assert!(compile(&parts(64), Mode::Raw).is_ok());
    assert!(compile(&parts(65), Mode::Raw).unwrap_err()[0].message.contains("64 parts"));
}

/// The parser tries a call again for each way to read it; five calls deep must stay quick, and the
/// deepest brackets must fit the stack of a worker thread.
#[test]
fn the_deepest_queries_are_parsed_quickly_on_a_small_stack() {
    let calls = format!("$[?{}@.a{}]", "match(@[?".repeat(5), "], 'x')".repeat(5));
    let broken = format!("$[?{}@.a(!{} == 1]", "length(".repeat(5), ")".repeat(6));
    let nested = format!("$[?{}@.a{}]", "@[?".repeat(DEEPEST - 1), "]".repeat(DEEPEST - 1));
    let mixed = format!("$[?{}@.a{}]", "(@[?".repeat(DEEPEST / 2 - 1), "])".repeat(DEEPEST / 2 - 1));
    let small = std::thread::Builder::new().stack_size(2 << 20);
    let handle = small.spawn(move || {
        for text in [&calls, &broken, &nested, &mixed] {
            let started = std::time::Instant::now();
            let compiled = compile(text, Mode::Raw);
            assert!(started.elapsed().as_secs() < 5, "{text}: {:?}", started.elapsed());
            drop(compiled);
        }
        compile(&nested, Mode::Raw).is_ok()
    });
    assert!(handle.unwrap().join().unwrap());
}

#[test]
fn constant_patterns_are_built_once() {
    let query = compile("$[?match(@, 'a.c')]", Mode::Raw).unwrap();
    let Segment::Child(selectors) = &query.segments[0] else { panic!() };
    let [Selector::Filter(Condition::Regex { pattern: Pattern::Constant(regex), whole: true, .. })] =
        selectors.as_slice()
    else {
        panic!()
    };
    assert!(regex.is_match("abc") && !regex.is_match("xabc"));
    assert!(matches!(Number::Int(1).compare(Number::Int(1)), std::cmp::Ordering::Equal));
}
