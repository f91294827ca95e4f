//! The job that took a snapshot: of which tenant, when, of what, and whether it got everything. Comes
//! in: Graph's answer on the job. Goes out: those facts. Not here: the snapshot.

use chrono::{DateTime, Datelike, Utc};
use serde_json::Value;

use crate::import::ImportError;
use crate::import::kind::{Kind, kind_of};
use crate::import::text::parse;
use crate::import::values::time;

/// A job.
#[derive(Debug)]
pub(super) struct Job {
    /// Directory id.
    pub(super) tenant: Option<String>,
    /// When it was done, else when it was started.
    pub(super) at: Option<DateTime<Utc>>,
    /// Resource types asked for, lower case.
    pub(super) asked: Vec<String>,
    /// It succeeded, and not merely in part.
    pub(super) whole: bool,
}

impl Job {
    /// Reads a job, which must be that of the snapshot `id` where both say which one they mean.
    pub(super) fn read(bytes: &[u8], name: &str, id: &str) -> Result<Self, ImportError> {
        let value = parse(bytes, name)?;
        let kind = kind_of(&value);
        if kind != Kind::UtcmJob {
            return Err(kind.refused(name, "a snapshot job of Tenant Configuration Management"));
        }
        let text = |member: &str| value.get(member).and_then(Value::as_str).filter(|text| !text.is_empty());
        let location = text("resourceLocation").map(str::to_ascii_lowercase);
        if location.is_some_and(|location| !id.is_empty() && !location.contains(id)) {
            return Err(ImportError::Kind {
                name: name.into(),
                what: format!("this is the job of another snapshot than {id}"),
                help: Some("give the job whose `resourceLocation` the snapshot was downloaded from".into()),
            });
        }
        // A job that is not done says so with the first moment of the year 1.
        let when = |member: &str| text(member).and_then(time).filter(|at| at.year() > 1);
        let asked = value.get("resources").and_then(Value::as_array).into_iter().flatten();
        let errors = value.get("errorDetails").and_then(Value::as_array).is_some_and(|all| !all.is_empty());
        Ok(Self {
            tenant: text("tenantId").map(str::to_owned),
            at: when("completedDateTime").or_else(|| when("createdDateTime")),
            asked: asked.filter_map(Value::as_str).map(str::to_ascii_lowercase).collect(),
            whole: text("status").is_some_and(|status| status.eq_ignore_ascii_case("succeeded")) && !errors,
        })
    }
}
