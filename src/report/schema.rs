//! The JSON Schemas of what machines read: made from the types, published, compared by a test.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::Value;

use super::model::Report;
use super::trend::Trend;

/// Of a result, `docs/report.schema.json`.
#[must_use]
pub fn report() -> Value {
    of::<Report>("Levelmark result, version 1")
}

/// Of a trend.
#[must_use]
pub fn trend() -> Value {
    of::<Trend>("Levelmark trend, version 1")
}

/// As it is written: what is always there is required, null included.
fn of<T: JsonSchema>(title: &str) -> Value {
    let schema = SchemaSettings::draft2020_12().for_serialize().into_generator().into_root_schema_for::<T>();
    let mut schema = schema.to_value();
    if let Some(root) = schema.as_object_mut() {
        root.insert("title".into(), title.into());
    }
    schema
}
