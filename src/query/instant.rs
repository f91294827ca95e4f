//! Points in time as they stand in evidence: RFC 3339 timestamps and plain dates (midnight UTC).
//! Comes in: text. Goes out: an instant, or nothing. Not here: clocks.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

/// A point in time, exact to the nanosecond.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Instant {
    /// Since 1970-01-01T00:00:00Z.
    seconds: i64,
    nanos: u32,
}

impl Instant {
    /// The same as chrono's.
    pub(super) fn of(time: DateTime<Utc>) -> Self {
        Self { seconds: time.timestamp(), nanos: time.timestamp_subsec_nanos() }
    }

    /// So much later, or earlier.
    pub(super) fn plus(self, delta: TimeDelta) -> Self {
        // Durations of queries are whole seconds.
        Self { seconds: self.seconds.saturating_add(delta.num_seconds()), nanos: self.nanos }
    }

    /// Reads a timestamp or a date. The common form `YYYY-MM-DDTHH:MM:SS[.fff]Z` is read by hand:
    /// it is compared once per item, and chrono's general parser costs several times as much.
    pub(super) fn parse(text: &str) -> Option<Self> {
        utc(text.as_bytes()).or_else(|| timestamp(text).map(Self::of))
    }
}

/// Reads an RFC 3339 timestamp, or a date as its midnight in UTC.
pub fn timestamp(text: &str) -> Option<DateTime<Utc>> {
    if text.len() == 10 {
        let midnight = text.parse::<NaiveDate>().ok()?.and_hms_opt(0, 0, 0)?;
        return Some(midnight.and_utc());
    }
    DateTime::parse_from_rfc3339(text).ok().map(|time| time.with_timezone(&Utc))
}

/// The common form, by hand; anything unusual (a leap second, an offset) is left to chrono.
fn utc(text: &[u8]) -> Option<Instant> {
    let (head, tail) = text.split_at_checked(19)?;
    let &[y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2, b'T', h1, h2, b':', n1, n2, b':', s1, s2] = head else {
        return None;
    };
    let two = |a: u8, b: u8| Some(i64::from(digit(a)?) * 10 + i64::from(digit(b)?));
    let year = two(y1, y2)? * 100 + two(y3, y4)?;
    let (month, day) = (two(m1, m2)?, two(d1, d2)?);
    let (hour, minute, second) = (two(h1, h2)?, two(n1, n2)?, two(s1, s2)?);
    let in_range = (1..=12).contains(&month) && (1..=days_in(year, month)).contains(&day);
    if !in_range || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let nanos = match tail {
        b"Z" => 0,
        [b'.', digits @ .., b'Z'] => fraction(digits)?,
        _ => return None,
    };
    Some(Instant { seconds: days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second, nanos })
}

fn digit(byte: u8) -> Option<u8> {
    byte.is_ascii_digit().then(|| byte - b'0')
}

/// Nanoseconds of at most nine digits; more are chrono's.
fn fraction(digits: &[u8]) -> Option<u32> {
    if digits.is_empty() || digits.len() > 9 {
        return None;
    }
    let mut nanos = 0;
    for place in 0..9 {
        nanos = nanos * 10 + u32::from(digit(digits.get(place).copied().unwrap_or(b'0'))?);
    }
    Some(nanos)
}

fn days_in(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970-01-01 of a date in the proleptic Gregorian calendar, counted in eras of 400
/// years that begin in March, so that the leap day comes last.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let era = year.div_euclid(400);
    let year = year.rem_euclid(400);
    let day_of_year = (153 * month + 2) / 5 + day - 1;
    era * 146_097 + year * 365 + year / 4 - year / 100 + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_hand_and_by_chrono_agree() {
        for text in [
            "1970-01-01T00:00:00Z",
            "2026-11-21T02:36:00Z",
            "2024-02-29T23:59:59.5Z",
            "2000-02-29T00:00:00Z",
            "1900-03-01T00:00:00Z",
            "0001-01-01T00:00:00Z",
            "0000-02-29T12:00:00Z",
            "9999-12-31T23:59:59.9999999Z",
            "2026-01-01T00:00:00.123456789Z",
        ] {
            let chrono = DateTime::parse_from_rfc3339(text).unwrap().with_timezone(&Utc);
            assert_eq!(utc(text.as_bytes()), Some(Instant::of(chrono)), "{text}");
        }
        let mut date = NaiveDate::from_ymd_opt(1995, 1, 1).unwrap();
        for _ in 0..4000 {
            let text = format!("{date}T01:02:03Z");
            assert_eq!(utc(text.as_bytes()).unwrap(), Instant::of(timestamp(&text).unwrap()), "{text}");
            date = date.succ_opt().unwrap();
        }
    }

    #[test]
    fn other_forms() {
        let noon = Instant::parse("2026-01-01T12:00:00Z").unwrap();
        assert_eq!(Instant::parse("2026-01-01T13:00:00+01:00"), Some(noon));
        assert_eq!(Instant::parse("2026-01-01t12:00:00z"), Some(noon));
        assert_eq!(Instant::parse("2026-01-01"), Instant::parse("2026-01-01T00:00:00Z"));
        assert!(Instant::parse("2026-01-01") < Some(noon));
        assert!(Instant::parse("2026-01-01T12:00:00.0000001Z") > Some(noon));
        // Chrono cuts what is finer than a nanosecond.
        assert_eq!(Instant::parse("2026-01-01T12:00:00.0000000001Z"), Some(noon));
        assert!(Instant::parse("2016-12-31T23:59:60Z") > Instant::parse("2016-12-31T23:59:59Z"));
    }

    #[test]
    fn no_time() {
        for text in [
            "",
            "now",
            "2026",
            "2026-13-01",
            "2026-02-30",
            "2023-02-29T00:00:00Z",
            "2026-01-01T24:00:00Z",
            "2026-01-01T00:60:00Z",
            "2026-01-01T00:00:00",
            "2026-01-01T00:00:00.Z",
            "2026-00-01T00:00:00Z",
            "2026-01-00T00:00:00Z",
            "2026-01-01T00:00:00.1aZ",
            "２026-01-01",
            "2026-1-1",
            "20260101T000000Z",
        ] {
            assert_eq!(Instant::parse(text), None, "{text}");
        }
    }
}
