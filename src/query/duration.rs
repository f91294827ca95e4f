//! ISO 8601 durations, `PnYnMnWnDTnHnMnS`, and how people say them. A year is 365 days and a
//! month 30: spans of policies, not of calendars. Fractions, signs and repeats are refused.

use chrono::TimeDelta;

/// Longest duration, in seconds: a thousand years. Evidence time plus or minus this is a date.
const LONGEST: i64 = 1000 * 365 * DAY;
const DAY: i64 = 86_400;

/// Designators in the order they may appear: letter, after the `T`, seconds.
const PARTS: [(u8, bool, i64); 7] = [
    (b'Y', false, 365 * DAY),
    (b'M', false, 30 * DAY),
    (b'W', false, 7 * DAY),
    (b'D', false, DAY),
    (b'H', true, 3600),
    (b'M', true, 60),
    (b'S', true, 1),
];

/// Parses `P90D`, `PT12H`, `P1Y6M`.
///
/// # Errors
/// A fragment that says what is wrong and how a duration is written.
pub fn parse(text: &str) -> Result<TimeDelta, String> {
    let wrong = |why: &str| Err(format!("`{text}` is not a duration: {why}, as in P90D, PT12H or P1Y6M"));
    let Some(rest) = text.strip_prefix('P') else {
        return wrong("it starts with a capital P");
    };
    let mut seconds: i64 = 0;
    let mut allowed = PARTS.as_slice();
    let mut number: Option<i64> = None;
    let mut time = false;
    let mut parts = 0;
    for byte in rest.bytes() {
        match byte {
            b'0'..=b'9' => {
                let digit = i64::from(byte - b'0');
                // Beyond LONGEST it is refused anyway; saturating keeps the arithmetic whole.
                number = Some(number.unwrap_or(0).saturating_mul(10).saturating_add(digit));
            }
            b'T' if !time && number.is_none() => {
                time = true;
                parts = 0;
            }
            _ => {
                let Some(count) = number.take() else {
                    return wrong("each letter follows a whole number");
                };
                let Some(place) = allowed.iter().position(|p| p.0 == byte && p.1 == time) else {
                    return wrong("its letters are Y, M, W, D and after a T H, M, S, in this order");
                };
                let unit = allowed.get(place).map_or(0, |p| p.2);
                allowed = allowed.get(place + 1..).unwrap_or_default();
                seconds = seconds.saturating_add(count.saturating_mul(unit));
                parts += 1;
            }
        }
    }
    if number.is_some() {
        return wrong("its last number lacks a letter");
    }
    if parts == 0 {
        return wrong(if time { "nothing follows the T" } else { "nothing follows the P" });
    }
    if seconds > LONGEST {
        return Err(format!("`{text}` is longer than a thousand years"));
    }
    Ok(TimeDelta::seconds(seconds))
}

/// As people say it: `90 days`, `1 day 12 hours`, `0 seconds`.
pub fn in_words(duration: TimeDelta) -> String {
    let total = duration.num_seconds().unsigned_abs();
    let day = DAY.unsigned_abs();
    let parts = [
        (total / day, "day"),
        (total % day / 3600, "hour"),
        (total % 3600 / 60, "minute"),
        (total % 60, "second"),
    ];
    let words: Vec<String> = parts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, unit)| format!("{count} {unit}{}", if *count == 1 { "" } else { "s" }))
        .collect();
    if words.is_empty() { "0 seconds".to_owned() } else { words.join(" ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_a_duration() {
        for (text, seconds, words) in [
            ("P90D", 90 * DAY, "90 days"),
            ("P1D", DAY, "1 day"),
            ("P1Y", 365 * DAY, "365 days"),
            ("P1Y6M", 545 * DAY, "545 days"),
            ("P2W", 14 * DAY, "14 days"),
            ("PT36H", 36 * 3600, "1 day 12 hours"),
            ("P1DT1H1M1S", DAY + 3661, "1 day 1 hour 1 minute 1 second"),
            ("PT5M", 300, "5 minutes"),
            ("P5M", 150 * DAY, "150 days"),
            ("P5MT5M", 150 * DAY + 300, "150 days 5 minutes"),
            ("PT0S", 0, "0 seconds"),
            ("P1000Y", LONGEST, "365000 days"),
        ] {
            let parsed = parse(text).unwrap();
            assert_eq!(parsed.num_seconds(), seconds, "{text}");
            assert_eq!(in_words(parsed), words, "{text}");
        }
    }

    #[test]
    fn what_is_none() {
        for text in [
            "",
            "P",
            "PT",
            "P1DT",
            "90D",
            "P90",
            "p90d",
            "P90d",
            "P-1D",
            "-P1D",
            "P1.5D",
            "P1D1Y",
            "P1H",
            "PT1D",
            "P1D ",
            "PD",
            "P1D2D",
            "PT1M1H",
            "P1TD",
            "P1DTT1S",
            "P1001Y",
            "P99999999999999999999Y",
            "P１D",
        ] {
            let error = parse(text).unwrap_err();
            assert!(error.starts_with(&format!("`{text}` is ")), "{error}");
        }
    }
}
