//! Spans of time that a log is asked for. Comes in: how far back, how long a span may be. Goes out:
//! spans, the oldest first, without a gap. Not here: how a service filters.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};

use crate::sections::Graph;

/// How far inside of a service's limit a request begins.
const MARGIN: TimeDelta = TimeDelta::hours(1);

/// A span; None where the request names none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Window {
    pub from: DateTime<Utc>,
    pub to: DateTime<Utc>,
}

impl Window {
    /// Fills `{from}` and `{to}` in.
    pub(super) fn fill(&self, query: &str) -> String {
        let text = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Secs, true);
        query.replace("{from}", &text(self.from)).replace("{to}", &text(self.to))
    }
}

/// The spans of a section's requests, at most `reach` days back (0 = no limit): one that is never filled in where the request has no time.
pub(super) fn windows(graph: &Graph, now: DateTime<Utc>, days: u32, reach: u32) -> Vec<Window> {
    let mut first = now - TimeDelta::days(days.into());
    if reach > 0 {
        // What a service keeps for so long is asked for to the day; where it refuses what lies beyond, the
        // limit has moved on when the request arrives.
        let margin = if graph.window > 0 { MARGIN } else { TimeDelta::zero() };
        first = first.max(now - TimeDelta::days(reach.into()) + margin);
    }
    if !graph.query.contains("{to}") || graph.window == 0 {
        return vec![Window { from: first, to: now }];
    }
    let length = TimeDelta::days(graph.window.into());
    let mut windows = Vec::new();
    let mut from = first;
    while from < now {
        let to = (from + length).min(now);
        windows.push(Window { from, to });
        from = to;
    }
    windows
}

/// Whether a request names a time.
pub(super) fn is_timed(graph: &Graph) -> bool {
    graph.query.contains("{from}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sections::find;

    #[test]
    fn spans_touch_and_end_now() {
        let now: DateTime<Utc> = "2026-11-02T05:30:00Z".parse().unwrap();
        let of = |id: &str, days| {
            let graph = find(id).unwrap().graph.unwrap();
            windows(&graph, now, days, graph.reach)
        };
        let traces = of("logs.messageTraces", 400);
        assert_eq!(traces.len(), 9);
        assert!(traces.windows(2).all(|two| two[0].to == two[1].from));
        assert_eq!(traces.first().unwrap().from, now - TimeDelta::days(90) + MARGIN);
        assert_eq!(traces.last().unwrap().to, now);
        assert_eq!(of("logs.messageTraces", 15).len(), 2);
        let messages = of("messageCenter.messages", 400);
        assert_eq!(messages.len(), 1);
        assert_eq!(
            messages[0].fill("$filter=lastModifiedDateTime ge {from}"),
            "$filter=lastModifiedDateTime ge 2025-09-28T05:30:00Z"
        );
    }
}
