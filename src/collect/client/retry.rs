//! Whether to ask again, and when. Comes in: a status, what the server says of waiting, how often it
//! was tried. Goes out: a wait, or the end. Not here: waiting.

use std::time::Duration;

use chrono::{DateTime, Utc};

/// Attempts at a request that is throttled or whose service is busy.
pub(super) const PATIENT: u32 = 8;
/// Attempts at a request whose connection broke or whose service failed.
pub(super) const HURRIED: u32 = 4;
/// The longest wait that is granted to a server.
pub(super) const LONGEST: Duration = Duration::from_secs(15 * 60);
/// More than this is all the same: nobody waits for so long.
const PATIENCE: Duration = Duration::from_secs(24 * 60 * 60);
/// The longest wait that we choose ourselves.
const GROWN: Duration = Duration::from_secs(60);

/// What a server says of waiting: seconds, or a date (RFC 9110, 10.2.3).
pub(super) fn retry_after(value: &str, now: DateTime<Utc>) -> Option<Duration> {
    let value = value.trim();
    if let Ok(seconds) = value.parse::<u64>() {
        return Some(Duration::from_secs(seconds).min(PATIENCE));
    }
    let until = DateTime::parse_from_rfc2822(value).ok()?;
    Some((until.with_timezone(&Utc) - now).to_std().unwrap_or(Duration::ZERO).min(PATIENCE))
}

/// The time of an answer by the server's own clock (RFC 9110, 6.6.1): ours may be wrong.
pub(super) fn date(value: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc2822(value.trim()).ok().map(|date| date.with_timezone(&Utc))
}

/// How long to wait before the next attempt. Without a word of the server's the wait doubles; a part of
/// it is chance, so that many that were refused together do not come back together. With a word only a
/// little is added.
pub(super) fn wait(attempt: u32, told: Option<Duration>, chance: f64) -> Duration {
    let spread = |time: Duration, part: f64| time.mul_f64(part * chance.clamp(0.0, 1.0));
    match told {
        // No time at all is no word.
        Some(told) if !told.is_zero() => told + spread(Duration::from_millis(500), 1.0),
        Some(_) | None => {
            let grown = Duration::from_secs(1 << attempt.min(10)).min(GROWN);
            grown / 2 + spread(grown, 0.5)
        }
    }
}

/// Chance, from 0 to 1.
pub(super) fn chance() -> f64 {
    let mut bytes = [0; 4];
    // Without any, everybody waits for the same time: slower, not wrong.
    let _ = getrandom::fill(&mut bytes);
    f64::from(u32::from_le_bytes(bytes)) / f64::from(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_servers_say_of_waiting() {
        let now = "2026-11-02T05:30:00Z".parse().unwrap();
        for (value, expected) in [
            ("10", Some(10)),
            (" 0 ", Some(0)),
            ("Mon, 02 Nov 2026 05:30:45 GMT", Some(45)),
            ("Mon, 02 Nov 2026 05:29:00 GMT", Some(0)),
            ("-1", None),
            ("1.5", None),
            ("soon", None),
            ("", None),
            ("99999999999999999999", None),
            ("18446744073709551615", Some(24 * 60 * 60)),
            ("Mon, 02 Nov 2099 05:30:45 GMT", Some(24 * 60 * 60)),
        ] {
            assert_eq!(retry_after(value, now), expected.map(Duration::from_secs), "{value}");
        }
    }

    #[test]
    fn waits_grow_and_differ() {
        let seconds = |attempt, chance| wait(attempt, None, chance).as_secs_f64();
        assert_eq!(
            [seconds(0, 0.0), seconds(1, 0.0), seconds(2, 0.0), seconds(99, 0.0)],
            [0.5, 1.0, 2.0, 30.0]
        );
        assert_eq!([seconds(0, 1.0), seconds(3, 1.0), seconds(99, 1.0)], [1.0, 8.0, 60.0]);
        assert_eq!(wait(5, Some(Duration::from_secs(3)), 0.0), Duration::from_secs(3));
        assert_eq!(wait(2, Some(Duration::ZERO), 0.0), wait(2, None, 0.0));
        assert!((0.0..=1.0).contains(&chance()));
    }
}
