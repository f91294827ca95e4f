//! Queries and documents by chance: sharing walks changes nothing, no text makes the compiler panic.

use proptest::prelude::*;

use super::*;

fn documents() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        any::<bool>().prop_map(|b| b.to_string()),
        (-2..3_i32).prop_map(|n| n.to_string()),
        "[abAB]{0,2}".prop_map(|s| format!("\"{s}\"")),
    ];
    leaf.prop_recursive(4, 40, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(|v| format!("[{}]", v.join(","))),
            prop::collection::btree_map("[abc]", inner, 0..4).prop_map(|members| {
                let members: Vec<String> = members.iter().map(|(k, v)| format!("\"{k}\":{v}")).collect();
                format!("{{{}}}", members.join(","))
            }),
        ]
    })
}

fn selectors() -> impl Strategy<Value = String> {
    let steps = || {
        prop::collection::vec(
            prop_oneof![Just(".a"), Just(".b"), Just("[*]"), Just("[0]"), Just("[-1:]")],
            0..3,
        )
        .prop_map(|steps| steps.concat())
    };
    let rooted = prop_oneof![steps().prop_map(|s| format!("${s}")), steps().prop_map(|s| format!("@{s}"))];
    let singular = prop_oneof![
        Just("@".to_owned()),
        Just("@.a".to_owned()),
        Just("$.a".to_owned()),
        Just("$[0].b".to_owned()),
        Just("1".to_owned()),
        Just("'a'".to_owned())
    ];
    let operator = prop_oneof![Just("=="), Just("!="), Just("<"), Just("<="), Just(">"), Just(">=")];
    let function = prop_oneof![Just("in"), Just("none_of"), Just("any_of"), Just("subset_of")];
    let condition = prop_oneof![
        rooted.clone(),
        (singular.clone(), operator.clone(), singular).prop_map(|(a, o, b)| format!("{a} {o} {b}")),
        (rooted.clone(), operator).prop_map(|(a, o)| format!("count({a}) {o} 1")),
        (function, rooted.clone(), rooted.clone()).prop_map(|(f, a, b)| format!("{f}({a}, {b})")),
    ];
    let condition = condition.prop_recursive(3, 8, 2, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} || {b})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("{a} && !({b})")),
            inner.clone().prop_map(|c| format!("@[?{c}]")),
            inner.clone().prop_map(|c| format!("$.a[?{c}].b")),
            inner.prop_map(|c| format!("any_of(@, $..[?{c}])")),
        ]
    });
    (steps(), prop_oneof![Just(""), Just("..")], condition, steps())
        .prop_map(|(a, deep, c, b)| format!("${a}{deep}[?{c}]{b}"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    /// Sharing walks changes nothing but the time: same nodes, in the same order.
    #[test]
    fn shared_walks_select_the_same(document in documents(), text in selectors()) {
        let query = compile(&text, Mode::Raw).map_err(|e| TestCaseError::fail(format!("{text}: {e:?}")))?;
        let evidence = raw(&document);
        let indexes = |queries: &[&Query]| {
            let evaluator = Evaluator::new(&evidence, now(), queries.iter().copied());
            let nodes = evaluator.select(&query, &mut Budget::default()).unwrap();
            nodes.iter().map(|node| node.index()).collect::<Vec<_>>()
        };
        prop_assert_eq!(indexes(&[&query]), indexes(&[]));
    }

    /// No text makes the compiler panic.
    #[test]
    fn no_text_is_too_odd(text in "[$@.\\[\\]()?*'\"!&|=<>,: a-c0-9\\\\u\u{e9}-]{0,40}") {
        for mode in [Mode::Raw, Mode::Snapshot] {
            if let Err(errors) = compile(&text, mode) {
                prop_assert!(!errors.is_empty());
                for error in errors {
                    prop_assert!(text.get(error.at.clone()).is_some(), "{:?} of {:?}", error, text);
                }
            }
        }
        let _ = compile_condition(&text);
        let _ = compile_relative(&text);
    }
}
