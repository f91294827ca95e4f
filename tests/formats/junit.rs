//! JUnit against windyroad's schema (`JUnit.xsd`, github.com/windyroad/JUnit-Schema): its elements in their
//! order, their attributes and types, as a table.

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

/// Element, parent, required attributes, optional ones.
const TABLE: [(&str, &str, &[&str], &[&str]); 11] = [
    ("testsuites", "", &[], &[]),
    (
        "testsuite",
        "testsuites",
        &["name", "package", "id", "hostname", "timestamp", "tests", "failures", "errors", "time"],
        &["skipped"],
    ),
    ("properties", "testsuite", &[], &[]),
    ("property", "properties", &["name", "value"], &[]),
    ("testcase", "testsuite", &["classname", "name", "time"], &[]),
    ("skipped", "testcase", &[], &["message"]), // of any type
    ("error", "testcase", &["type"], &["message"]),
    ("failure", "testcase", &["type"], &["message"]),
    ("system-out", "testsuite", &[], &[]),
    ("system-err", "testsuite", &[], &[]),
    ("", "", &[], &[]),
];
/// The order of a suite's children.
const ORDER: [&str; 4] = ["properties", "testcase", "system-out", "system-err"];

struct Suite {
    expected: [usize; 4],
    found: [usize; 4],
    children: Vec<String>,
}

/// Panics where the text is not what the schema says, or counts wrongly.
pub(crate) fn check(text: &str, what: &str) {
    let mut reader = Reader::from_str(text);
    reader.config_mut().check_end_names = true;
    let mut open: Vec<String> = Vec::new();
    let mut suite: Option<Suite> = None;
    let mut suites = 0;
    loop {
        let (start, empty) = match reader.read_event().unwrap_or_else(|error| panic!("{what}: {error}")) {
            Event::Start(start) => (start, false),
            Event::Empty(start) => (start, true),
            Event::End(_) => {
                if open.pop().as_deref() == Some("testsuite") {
                    done(suite.take().unwrap(), what);
                }
                continue;
            }
            Event::Text(text) => {
                let blank = text.trim().is_empty();
                let holds = ["failure", "error", "system-out", "system-err"];
                assert!(blank || open.last().is_some_and(|name| holds.contains(&name.as_str())), "{what}");
                continue;
            }
            Event::Eof => break,
            _ => continue,
        };
        let name = start.name().as_ref().to_owned();
        let parent = open.last().cloned().unwrap_or_default();
        let attributes = element(&start, &name, &parent, what);
        let number = |name: &str| -> usize {
            let found = attributes.iter().find(|(attribute, _)| attribute == name);
            found.map_or(0, |(_, value)| value.parse().unwrap())
        };
        if name == "testsuite" {
            assert_eq!(number("id"), suites, "{what}");
            suites += 1;
            let expected = ["tests", "failures", "errors", "skipped"].map(number);
            suite = Some(Suite { expected, found: [0; 4], children: Vec::new() });
        }
        if let Some(suite) = &mut suite {
            if parent == "testsuite" {
                suite.children.push(name.clone());
            }
            let kinds = ["testcase", "failure", "error", "skipped"];
            if let Some(kind) = kinds.iter().position(|kind| *kind == name) {
                suite.found[kind] += 1;
            }
        }
        if !empty {
            open.push(name);
        }
    }
    assert!(open.is_empty(), "{what}");
}

fn done(suite: Suite, what: &str) {
    assert_eq!(suite.expected, suite.found, "{what}");
    let order: Vec<usize> =
        suite.children.iter().map(|name| ORDER.iter().position(|child| child == name).unwrap()).collect();
    assert!(order.is_sorted(), "{what}: {order:?}");
    for once in ["properties", "system-out", "system-err"] {
        assert_eq!(suite.children.iter().filter(|name| *name == once).count(), 1, "{what}: {once}");
    }
}

fn element(start: &BytesStart<'_>, name: &str, parent: &str, what: &str) -> Vec<(String, String)> {
    let (_, _, required, optional) = TABLE
        .iter()
        .find(|(element, below, ..)| *element == name && *below == parent)
        .unwrap_or_else(|| panic!("{what}: {name} in {parent}"));
    let attributes: Vec<(String, String)> = start
        .attributes()
        .map(|attribute| {
            let attribute = attribute.unwrap();
            let name = attribute.key.as_ref().to_owned();
            (name, attribute.normalized_value(XmlVersion::Implicit1_0).unwrap().into_owned())
        })
        .collect();
    for wanted in *required {
        assert!(attributes.iter().any(|(name, _)| name == wanted), "{what}: {name} lacks {wanted}");
    }
    for (attribute, value) in &attributes {
        let known = required.contains(&attribute.as_str()) || optional.contains(&attribute.as_str());
        assert!(known, "{what}: {name} has {attribute}");
        match attribute.as_str() {
            "timestamp" => {
                chrono::NaiveDateTime::parse_from_str(value, "%Y-%m-%dT%H:%M:%S").unwrap();
            }
            "time" => drop(value.parse::<f64>().unwrap()),
            "hostname" => assert!(!value.is_empty(), "{what}"),
            _ => {}
        }
    }
    attributes
}
