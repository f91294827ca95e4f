//! Policies through the whole way from text to set. One good policy, changed in one place each
//! time: what comes out is compared with message and place.

mod bad;
mod good;
mod outside;

use super::compiled::PolicySet;
use crate::yaml::{Mistake, Mistakes};

/// A model small enough to see all of it.
pub(super) const MODEL: &str = "\
levels:
  100: { name: Initial }
  200: { name: Managed }
  300: { name: Defined }
  400: { name: Predictable }
documents:
  - { id: d, title: The document, edition: draft, url: 'https://example.com/d' }
competencies:
  - id: infrastructure
    name: Infrastructure
    prefix: INF
    document: d
    levels: [100, 200, 300, 400]
    criteria:
      - { id: INF-200-G1, claims: [INF-200-GRC-01] }
      - { id: INF-300-G1, claims: [INF-300-GRC-01] }
      - { id: INF-300-G2, claims: [INF-300-GRC-02, INF-300-GRC-03] }
      - { id: INF-400-G1, claims: [INF-400-GRC-01] }
      - { id: INF-0-1, claims: [INF-000-GEN-01], gates: false }
  - id: continuity
    name: Continuity
    prefix: BCR
    document: d
    levels: []
    criteria:
      - { id: BCR-4, claims: [BCR-25] }
";

/// Shared parameters.
pub(super) const PARAMS: &str = "\
params:
  watchlist: { about: Services, type: strings, required: true }
  tolerance: { about: Share that may fail, type: share, default: 0.05 }
";

/// The good policy.
pub(super) const POLICY: &str = "\
id: INF-300-G2
title: Everyone is covered
competency: infrastructure
level: 300
dimension: governance
topics: [conditional-access]
claims: [INF-300-GRC-02]
about: What it means.
why: Why it matters.
fix: What to do.
references: [{ title: Docs, url: https://learn.microsoft.com/entra }]
params:
  exempt: { about: Accounts left out, type: ids, required: true }
  rate: { about: Least share, type: share, default: 0.9 }
checks:
  - id: first
    title: Nothing stands open
    forbid: $.conditionalAccess.policies[?in(@.id, $.params.exempt)]
    empty: pass
  - id: second
    title: Most are enabled
    share: { among: '$.users.accounts[*]', where: '@.accountEnabled == true', min: '${params.rate}' }
    empty: not-applicable
  - id: third
    title: Somebody says so
    attest: Is it so?
    valid_for: P90D
";

/// Loads the good policy after a change of one text.
pub(super) fn changed(from: &str, to: &str) -> Result<PolicySet, Mistakes> {
    assert!(POLICY.contains(from), "the good policy has no {from}");
    load(&POLICY.replacen(from, to, 1))
}

/// Loads one policy as `INF-300-G2.yaml`.
pub(super) fn load(text: &str) -> Result<PolicySet, Mistakes> {
    PolicySet::from_texts(&[("model.yaml", MODEL), ("params.yaml", PARAMS), ("p/INF-300-G2.yaml", text)])
}

/// Message and underlined text of each mistake.
pub(super) fn seen(mistakes: &[Mistake]) -> Vec<(String, String)> {
    mistakes
        .iter()
        .map(|mistake| {
            let text = mistake.place.as_ref().map(|place| {
                let text = place.source.text.get(place.at.clone()).unwrap_or("(outside)");
                text.lines().next().unwrap_or_default().to_owned()
            });
            (mistake.message.clone(), text.unwrap_or_default())
        })
        .collect()
}
