//! Our parser against serde_json: what one accepts the other accepts, with the same value, and every
//! node's span parses to that node. Duplicate names and byte order marks are the only differences.

use std::sync::Arc;

use proptest::prelude::*;
use serde_json::Value;

use super::document::{Document, JsonError, Kind, NodeRef, Text, What};

fn ours(bytes: &[u8]) -> Result<Document, Option<JsonError>> {
    let text = std::str::from_utf8(bytes).map_err(|_| None)?;
    Document::parse(Arc::new(Text::new("t.json", text.to_owned()))).map_err(Some)
}

/// serde_json rounds doubles to within a unit or two in the last place, we round exactly.
fn same(ours: &Value, theirs: &Value) -> bool {
    match (ours, theirs) {
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(name, a)| b.get(name).is_some_and(|b| same(a, b)))
        }
        (Value::Number(a), Value::Number(b)) if a.is_f64() && b.is_f64() => {
            let (a, b) = (a.as_f64().unwrap(), b.as_f64().unwrap());
            a == b || (a - b).abs() <= a.abs() * 1e-15 || (a - b).abs() < 1e-320
        }
        _ => ours == theirs,
    }
}

fn spans_hold(node: NodeRef<'_>) {
    let alone = Document::parse(Arc::new(Text::new("n.json", node.raw().to_owned()))).unwrap();
    assert_eq!(alone.root().to_value(), node.to_value());
    let doc = node.document();
    assert_eq!(doc.text().slice(node.span()), node.raw());
    assert!(doc.node(node.index()) == node);
    assert_eq!(node.elements().count() + node.members().count(), node.len());
    for (at, element) in node.elements().enumerate() {
        assert!(node.at(at) == Some(element));
        spans_hold(element);
    }
    for (name, span, value) in node.members() {
        assert_eq!(serde_json::from_str::<String>(doc.text().slice(span)).unwrap(), name);
        assert!(node.get(&name) == Some(value));
        spans_hold(value);
    }
}

#[track_caller]
fn agree(bytes: &[u8]) {
    let theirs = serde_json::from_slice::<Value>(bytes);
    match (ours(bytes), theirs) {
        (Ok(ours), Ok(theirs)) => {
            let value = ours.root().to_value();
            assert!(same(&value, &theirs), "{value} and {theirs}");
            spans_hold(ours.root());
        }
        (Err(_), Err(_)) => {}
        (Err(Some(JsonError { what: What::Duplicate, span, other, message })), Ok(_)) => {
            let text = std::str::from_utf8(bytes).unwrap();
            let name =
                |span: super::document::Span| serde_json::from_str::<String>(&text[span.range()]).unwrap();
            let first = other.unwrap();
            assert!(first.end <= span.start, "{message}");
            assert_eq!(name(first), name(span));
        }
        (Ok(_), Err(error)) if bytes.starts_with(b"\xEF\xBB\xBF") => drop(error),
        (ours, theirs) => panic!("{:?}: ours {ours:?}, theirs {theirs:?}", String::from_utf8_lossy(bytes)),
    }
}

#[test]
fn corner_cases() {
    let cases = r#"
        |  |null|nul|nulll|true|tru|truefalse|false|NaN|Infinity|-Infinity|'a'|undefined
        0|-0|-|00|01|-01|+1|1.|.5|-.5|1.0|1e|1e+|1e5|1E5|1e-5|1e+05|1.e5|0e0|0.0e-0|1_0|0x10|1e5.0|--1
        9007199254740993|9223372036854775807|9223372036854775808|-9223372036854775808|-9223372036854775809
        18446744073709551615|18446744073709551616|1e308|1e309|-1e309|1e999999999999999999999|0e999999999999999999
        1e-999999999999999999999|1.7976931348623157e308|5e-324|1e-324|123456789012345678901234567890e-10
        1.7976931348623158e308|1.7976931348623159e308|1.797693134862315807e308|179769313486231580793e289|17976931348623157081e289
        "a"|"a|a"|"\"|"\\"|"\/"|"\b\f\n\r\t"|"\a"|"\u"|"\u12"|"\u12g4"|"\u0000"|"\u+123"|"\U0041"|"é😀"
        "\ud83d\ude00"|"\ud83d"|"\ude00"|"\ud83d\u0041"|"\ud83dx"|"\ud83d\n"|"\ud83d\ud83d\ude00"|"\uDBFF\uDFFF"|"\uD800\uDC00"
        []|[ ]|[1]|[1,]|[,1]|[,]|[1,,2]|[1 2]|[1|1]|[1]]|[[]|[}|{]|{}|{ }|{"a"}|{"a":}|{"a":1,}|{,}|{"a" 1}|{1:2}|{a:1}
        {"a":1 "b":2}|{"a":1,"b"}|{"a":1}}|{"a":1}x|{"a":1}{}|{"":0}|{"a\"b":[{"c":{}}]}|{"a":1,"a":2}|{"\u0061":1,"a":2}
        // x|/* x */1|[1]#|[1]//
    "#;
    for case in cases.lines().flat_map(|line| line.split('|')) {
        agree(case.as_bytes());
        agree(case.trim().as_bytes());
        agree(format!("[{case}]").as_bytes());
        agree(format!("{{\"k\": {case} }}").as_bytes());
    }
    for byte in 0..=255u8 {
        agree(&[byte]);
        agree(&[b'"', byte, b'"']);
        agree(&[b'"', b'\\', byte, b'"']);
        agree(&[b'1', byte]);
        agree(&[b'[', byte, b'1', byte, b']']);
        agree(&[b'"', b'a', b'b', b'c', b'd', b'e', b'f', byte, b'h', b'"']);
    }
}

#[test]
fn numbers_at_the_edge_of_a_double() {
    // Around f64::MAX, where rounding decides whether a number is accepted.
    for digits in 17976931348623150..=17976931348623170u64 {
        for tail in ["", "0", "5", "78", "9", "99999"] {
            let exponent = 292 - tail.len();
            agree(format!("{digits}{tail}e{exponent}").as_bytes());
            agree(format!("{}.{}{tail}e308", digits / 10u64.pow(16), digits % 10u64.pow(16)).as_bytes());
        }
    }
    for zeros in [290, 300, 307, 308, 309, 310, 400, 5000] {
        for first in ["1", "17976931348623157", "18", "99", "0."] {
            agree(format!("{first}{}", "0".repeat(zeros)).as_bytes());
            agree(format!("{first}{}1e-{zeros}", "0".repeat(zeros)).as_bytes());
            agree(format!("0.{}{first}e{zeros}", "0".repeat(zeros)).as_bytes());
        }
    }
}

#[test]
fn depth_is_limited_as_in_serde_json() {
    for depth in [1, 126, 127, 128, 129, 100_000] {
        agree(("[".repeat(depth) + &"]".repeat(depth)).as_bytes());
        agree(("{\"a\":".repeat(depth) + "1" + &"}".repeat(depth)).as_bytes());
        agree("[".repeat(depth).as_bytes());
        agree("{\"a\":".repeat(depth).as_bytes());
    }
    let deep = ours("[".repeat(100_000).as_bytes()).unwrap_err().unwrap();
    assert_eq!((deep.what, deep.span.start), (What::Depth, 127));
}

#[test]
fn long_arrays_that_are_parsed_in_runs() {
    let item = r#"{"id": "x\n", "n": [1, 2.5, {}], "s": "[,]{}"}"#;
    let whole = |items: &[&str]| format!(" [{}] ", items.join(" , "));
    let mut items = vec![item; 20_000];
    let text = whole(&items);
    assert!(text.len() > 512 * 1024);
    agree(text.as_bytes());
    for wrong in ["", "1 2", "[1,", "{\"a\": tru}", "\"", "]", r#"{"a":1,"a":2}"#] {
        for place in [0, 10_000, items.len() - 1] {
            items[place] = wrong;
            let text = whole(&items);
            agree(text.as_bytes());
            assert!(ours(text.as_bytes()).is_err(), "{wrong} at {place}");
            items[place] = item;
        }
    }
    agree((text.clone() + "x").as_bytes());
    agree(text.replace("] \u{0}", "]").as_bytes());
}

#[test]
fn duplicate_names_near_and_far() {
    let members = |count: usize| (0..count).map(|n| format!("\"member number {n}\":{n}")).collect::<Vec<_>>();
    for count in [2, 30, 47, 48, 49, 50, 500, 20_000] {
        let mut names = members(count);
        assert!(ours(format!("{{{}}}", names.join(",")).as_bytes()).is_ok(), "{count} different names");
        for (first, second) in [(0, count - 1), (count - 2, count - 1), (0, 1)] {
            let kept = names[second].clone();
            // The same name, written with an escape.
            names[second] = names[first].replacen("\"m", "\"\\u006d", 1);
            let text = format!("{{{}}}", names.join(","));
            let error = ours(text.as_bytes()).unwrap_err().unwrap();
            assert_eq!(error.what, What::Duplicate, "{count}: {first} and {second}");
            let place = |span: super::document::Span| text[span.range()].replace("\\u006d", "m");
            assert_eq!(place(error.span), place(error.other.unwrap()));
            names[second] = kept;
        }
    }
    // Names of equal first, middle and last bytes have equal hashes; that may cost, but not a lot.
    let alike: Vec<String> = (0..50_000)
        .map(|n| format!("\"aaaaaaaa{n:06}{}bbbbbbbb{n:06}cccccccc\":0", "z".repeat(22)))
        .collect();
    assert!(ours(format!("{{{}}}", alike.join(",")).as_bytes()).is_ok());
}

#[test]
fn a_mark_before_the_text_is_skipped_and_no_other() {
    assert_eq!(ours("\u{feff} [1]".as_bytes()).unwrap().root().span().start, 4);
    assert!(ours("\u{feff}\u{feff}[1]".as_bytes()).is_err());
    assert!(ours("[1]\u{feff}".as_bytes()).is_err());
}

#[test]
fn a_value_within_a_larger_text() {
    let text = Arc::new(Text::new("t.json", r#"{"a": [1, {"b": "c"}] , "x": tru}"#.to_owned()));
    let within = |start, end| Document::parse_within(text.clone(), super::document::Span { start, end });
    let found = within(5, 22).unwrap();
    assert_eq!(found.root().get("b"), None);
    assert_eq!(found.root().at(1).unwrap().get("b").unwrap().span().start, 16);
    assert_eq!(found.root().span().range(), 6..21);
    for (start, end) in [(5, 20), (5, 24), (5, 5), (28, 33), (90, 99), (30, 3)] {
        assert!(within(start, end).is_err(), "{start}..{end}");
    }
}

#[test]
fn a_long_string_and_odd_lengths() {
    agree(format!("[\"{}\"]", "x".repeat(10_000_000)).as_bytes());
    for length in 0..40 {
        for odd in ["", "\\n", "\\u00e4", "é", "\u{1}", "\u{7f}"] {
            agree(format!("\"{}{odd}{}\"", "y".repeat(length), "z".repeat(length % 9)).as_bytes());
        }
    }
}

fn json() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        "[ -~]{0,30}".prop_map(Value::from),
    ];
    scalar.prop_recursive(5, 60, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(Value::from),
            prop::collection::btree_map(any::<String>(), inner, 0..8)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn random_values(value in json(), pretty in any::<bool>()) {
        let text = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) };
        let document = ours(text.unwrap().as_bytes()).unwrap();
        prop_assert_eq!(document.root().to_value(), value);
        spans_hold(document.root());
    }

    #[test]
    fn random_values_with_random_bytes(
        value in json(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), 0..3, any::<u8>(), 0..24usize), 1..4),
    ) {
        let mut bytes = serde_json::to_vec(&value).unwrap();
        for (index, how, byte, token) in changes {
            let tokens = br#"{}[],:"\0-1.eE+ tfn/u"#;
            let byte = tokens.get(token).copied().unwrap_or(byte);
            let at = index.index(bytes.len() + 1).min(bytes.len().saturating_sub(1));
            match how {
                0 if !bytes.is_empty() => drop(bytes.remove(at)),
                1 => bytes.insert(at, byte),
                _ => if let Some(place) = bytes.get_mut(at) { *place = byte },
            }
        }
        agree(&bytes);
    }

    #[test]
    fn random_tokens(tokens in prop::collection::vec(prop::sample::select(vec![
        "{", "}", "[", "]", ",", ":", " ", "\n", "1", "-0.5e3", "\"a\"", "\"b\"", "true", "null", "\"\\u0061\"", "[]", "{\"c\":1}",
    ]), 0..14)) {
        agree(tokens.concat().as_bytes());
    }

    #[test]
    fn random_numbers(number in "-?[0-9]{0,22}(\\.[0-9]{0,20})?([eE][-+]?[0-9]{0,3})?") {
        agree(number.as_bytes());
    }

    #[test]
    fn random_escapes(parts in prop::collection::vec(prop::sample::select(vec![
        "\\ud83d", "\\ude00", "\\uDBFF", "\\udc00", "\\u0041", "\\u00", "\\", "\\n", "\\\"", "u", "x", "\u{e9}", "\u{1F600}",
    ]), 0..8)) {
        agree(format!("\"{}\"", parts.concat()).as_bytes());
    }

    #[test]
    fn random_bytes(bytes in prop::collection::vec(any::<u8>(), 0..24)) {
        agree(&bytes);
        agree(&[b"\"", &bytes[..], b"\""].concat());
    }

    #[test]
    fn a_text_cut_anywhere(value in json(), at in any::<prop::sample::Index>()) {
        let bytes = serde_json::to_vec(&serde_json::json!([value])).unwrap();
        let cut = &bytes[..at.index(bytes.len())];
        agree(cut);
        prop_assert!(ours(cut).is_err());
    }

    #[test]
    fn every_node_knows_its_way(value in json()) {
        let text = serde_json::to_string(&serde_json::json!([0, value])).unwrap();
        let document = ours(text.as_bytes()).unwrap();
        fn walk<'d>(node: NodeRef<'d>, way: &mut Vec<super::document::Step<'d>>) {
            use super::document::Step;
            assert!(node.document().path_of(node).iter().eq(way.iter()));
            let item = way.first().map(|step| match step { Step::Index(at) => *at, Step::Name(_) => unreachable!() });
            assert_eq!(node.document().item_of(node), item);
            for (at, element) in node.elements().enumerate() {
                way.push(Step::Index(at));
                walk(element, way);
                way.pop();
            }
            for (name, _, value) in node.members() {
                way.push(Step::Name(name));
                walk(value, way);
                way.pop();
            }
        }
        walk(document.root(), &mut Vec::new());
        prop_assert_eq!(document.root().kind(), Kind::Array);
    }
}
