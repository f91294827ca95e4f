//! When a ScubaGear export was made. Comes in: its fields. Goes out: a time in UTC. Not here: a guess;
//! a zone that we don't know is an error with a way out.

use chrono::{DateTime, NaiveDateTime, Utc};
use serde_json::{Map, Value};

use crate::import::values::time;
use crate::import::{ImportError, Options};

/// Names that Windows (and .NET elsewhere) gives to time zones in English, with their offset from UTC
/// in minutes. Windows names daylight time apart, so the offset is certain.
const ZONES: &[(&str, i64)] = &[
    ("UTC", 0),
    ("Coordinated Universal Time", 0),
    ("Eastern Standard Time", -300),
    ("Eastern Daylight Time", -240),
    ("US Eastern Standard Time", -300),
    ("US Eastern Daylight Time", -240),
    ("Central Standard Time", -360),
    ("Central Daylight Time", -300),
    ("Mountain Standard Time", -420),
    ("Mountain Daylight Time", -360),
    ("US Mountain Standard Time", -420),
    ("Pacific Standard Time", -480),
    ("Pacific Daylight Time", -420),
    ("Alaskan Standard Time", -540),
    ("Alaskan Daylight Time", -480),
    ("Hawaiian Standard Time", -600),
    ("Aleutian Standard Time", -600),
    ("Aleutian Daylight Time", -540),
    ("Atlantic Standard Time", -240),
    ("Atlantic Daylight Time", -180),
    ("GMT Standard Time", 0),
    ("GMT Daylight Time", 60),
    ("Greenwich Mean Time", 0),
    ("British Summer Time", 60),
    ("W. Europe Standard Time", 60),
    ("W. Europe Daylight Time", 120),
    ("Romance Standard Time", 60),
    ("Romance Daylight Time", 120),
    ("Central Europe Standard Time", 60),
    ("Central Europe Daylight Time", 120),
    ("Central European Standard Time", 60),
    ("Central European Daylight Time", 120),
    ("Central European Summer Time", 120),
    ("FLE Standard Time", 120),
    ("FLE Daylight Time", 180),
    ("India Standard Time", 330),
    ("Singapore Standard Time", 480),
    ("China Standard Time", 480),
    ("Tokyo Standard Time", 540),
    ("AUS Eastern Standard Time", 600),
    ("AUS Eastern Daylight Time", 660),
    ("New Zealand Standard Time", 720),
    ("New Zealand Daylight Time", 780),
];

/// The export's own time (`timestamp_zulu` of newer formats, else `date`), else the user's.
pub(super) fn taken_at(
    fields: &Map<String, Value>,
    options: &Options,
    name: &str,
) -> Result<DateTime<Utc>, ImportError> {
    let text = |key: &str| fields.get(key).and_then(Value::as_str);
    let stated = text("timestamp_zulu").and_then(time).or_else(|| text("date").and_then(dated));
    stated.or(options.at).ok_or_else(|| ImportError::NoTime {
        name: name.into(),
        why: text("date").map_or_else(String::new, |date| format!(", or in a way we can't read: `{date}`")),
    })
}

/// `08/23/2023 12:23:24 Eastern Daylight Time`: PowerShell's invariant date and the zone's own name.
fn dated(text: &str) -> Option<DateTime<Utc>> {
    if let Some(at) = time(text) {
        return Some(at);
    }
    let mut parts = text.trim().splitn(3, ' ');
    let (day, clock, zone) = (parts.next()?, parts.next()?, parts.next()?);
    let local = NaiveDateTime::parse_from_str(&format!("{day} {clock}"), "%m/%d/%Y %H:%M:%S").ok()?;
    let (_, minutes) = ZONES.iter().find(|(name, _)| name.eq_ignore_ascii_case(zone.trim()))?;
    local.checked_sub_signed(chrono::TimeDelta::minutes(*minutes)).map(|utc| utc.and_utc())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::import::values::rfc3339;

    fn at(fields: Value, given: Option<&str>) -> Result<String, String> {
        let options = Options { at: given.and_then(time), ..Options::default() };
        let Value::Object(fields) = fields else { panic!("an object") };
        taken_at(&fields, &options, "f").map(rfc3339).map_err(|error| error.to_string())
    }

    #[test]
    fn zones_named_by_windows_are_understood() {
        for (date, expected) in [
            ("08/23/2023 12:23:24 Eastern Daylight Time", "2023-08-23T16:23:24Z"),
            ("12/09/2022 22:26:11 Pacific Standard Time", "2022-12-10T06:26:11Z"),
            ("01/31/2026 08:00:00 india standard time", "2026-01-31T02:30:00Z"),
            ("2026-01-31T08:00:00+01:00", "2026-01-31T07:00:00Z"),
        ] {
            assert_eq!(at(json!({"date": date}), None).as_deref(), Ok(expected), "{date}");
        }
    }

    #[test]
    fn the_exports_own_time_wins_over_the_users() {
        let both = json!({"date": "08/24/2023 12:23:24 UTC", "timestamp_zulu": "2023-08-23T16:23:24.500Z"});
        assert_eq!(at(both, Some("2020-01-01T00:00:00Z")).as_deref(), Ok("2023-08-23T16:23:24Z"));
        assert_eq!(at(json!({}), Some("2020-01-01T00:00:00Z")).as_deref(), Ok("2020-01-01T00:00:00Z"));
    }

    #[test]
    fn an_unknown_zone_is_asked_for() {
        let local = json!({"date": "08/23/2023 12:23:24 Hora de verano romance"});
        let error = at(local.clone(), None).unwrap_err();
        assert!(error.contains("Hora de verano romance"), "{error}");
        assert_eq!(at(local, Some("2023-08-23T10:23:24Z")).as_deref(), Ok("2023-08-23T10:23:24Z"));
        assert_eq!(at(json!({}), None), Err("f: it does not say when it was taken".into()));
        assert!(at(json!({"date": "23/08/2023 12:23:24 UTC"}), None).is_err());
    }
}
