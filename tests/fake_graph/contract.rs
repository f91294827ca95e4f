//! Graph's own contract, where its slice lies beside the working tree. Comes in: a path and an answer.
//! Goes out: what the contract says against it. Not here: the answers, the slice itself.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

/// The slice: `graph-slice.openapi.json`, OpenAPI 3.1, whose schemas are JSON Schema 2020-12.
#[derive(Debug)]
pub(crate) struct Contract {
    document: Value,
}

impl Contract {
    /// The slice, if it is here.
    pub(crate) fn here() -> Option<Self> {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/graph/graph-slice.openapi.json");
        let document = serde_json::from_slice(&fs::read(path).ok()?).ok()?;
        Some(Self { document })
    }

    /// All paths.
    pub(crate) fn paths(&self) -> Vec<String> {
        let paths = self.document.get("paths").and_then(Value::as_object);
        paths.into_iter().flatten().map(|(path, _)| path.clone()).collect()
    }

    /// Items of the examples of a path: Microsoft's own.
    pub(crate) fn examples(&self, path: &str) -> Vec<Value> {
        let examples =
            self.answers(path).and_then(|answers| answers.pointer("/200/content/application~1json/examples"));
        let bodies =
            examples.and_then(Value::as_object).into_iter().flatten().filter_map(|(_, one)| one.get("value"));
        bodies
            .flat_map(|body| match body.get("value") {
                Some(Value::Array(items)) => items.clone(),
                Some(item @ Value::Object(_)) => vec![item.clone()],
                _ => vec![body.clone()],
            })
            .collect()
    }

    fn answers(&self, path: &str) -> Option<&Value> {
        self.document.get("paths")?.get(path)?.pointer("/get/responses")
    }

    /// What is wrong with an answer; empty: nothing. Statuses above 299 are held against the error type.
    pub(crate) fn problems(&self, path: &str, status: u16, body: &Value) -> Vec<String> {
        let error = json!({ "$ref": "#/components/schemas/microsoft.graph.ODataErrors.ODataError" });
        let answers = self.answers(path);
        let schema = if status < 300 {
            answers.and_then(|answers| answers.pointer("/200/content/application~1json/schema")).cloned()
        } else {
            Some(error)
        };
        let Some(schema) = schema else { return vec![format!("{path} answers with no JSON")] };
        let root = json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "allOf": [schema],
            "components": self.document.get("components"),
        });
        match jsonschema::options().should_validate_formats(true).build(&root) {
            Ok(validator) => validator
                .iter_errors(body)
                .map(|error| format!("{path} {} {error}", error.instance_path()))
                .collect(),
            Err(error) => vec![format!("{path}: the contract itself: {error}")],
        }
    }
}
