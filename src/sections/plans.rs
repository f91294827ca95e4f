//! Service plans: what a tenant must have licensed, in the names of `subscribedSkus`
//! (`servicePlans[].servicePlanName`). Comes in: names and states of plans. Goes out: whether they
//! open a section. Not here: the words for people (`Section::licence`).
//!
//! A section is gated only where it is certain that nothing is there without a plan: where Graph
//! refuses, or answers with an empty list that would look like a choice. All else is asked for.

use std::collections::BTreeSet;

/// Entra ID P1, and P2 which contains it.
pub const P1: &[&str] = &["AAD_PREMIUM", "AAD_PREMIUM_P2"];
/// Entra ID P2, or Entra ID Governance, which brings the same features.
pub const P2: &[&str] = &["AAD_PREMIUM_P2", "Entra_Identity_Governance"];
/// Entra ID Governance, also part of the Entra Suite.
pub const GOVERNANCE: &[&str] = &["Entra_Identity_Governance"];
/// Intune in its editions. Not `INTUNE_O365`, Basic Mobility and Security, which comes with every
/// Office plan and answers none of the requests.
pub const INTUNE: &[&str] = &[
    "INTUNE_A",
    "INTUNE_A_D",
    "INTUNE_A_D_GOV",
    "INTUNE_A_GOV",
    "INTUNE_A_VL",
    "INTUNE_EDU",
    "INTUNE_SMBIZ",
    "Intune_Defender",
];
/// Defender for Office 365 Plan 2, with attack simulation.
pub const DEFENDER_P2: &[&str] = &["THREAT_INTELLIGENCE", "THREAT_INTELLIGENCE_GOV"];

/// Whether a plan in this `provisioningStatus` may be used: it is there, or is being set up.
#[must_use]
pub fn counts(provisioning_status: &str) -> bool {
    let usable = ["Success", "PendingInput", "PendingActivation", "PendingProvisioning"];
    usable.iter().any(|usable| usable.eq_ignore_ascii_case(provisioning_status))
}

/// Whether any of the plans is live, or none is needed. `live` is in capital letters.
#[must_use]
pub fn any(plans: &[&str], live: &BTreeSet<String>) -> bool {
    plans.is_empty() || plans.iter().any(|plan| live.contains(&plan.to_ascii_uppercase()))
}

#[cfg(test)]
mod tests {
    use super::super::{all, find};
    use super::*;

    fn live(names: &str) -> BTreeSet<String> {
        names.split_whitespace().map(str::to_ascii_uppercase).collect()
    }

    #[test]
    fn gates() {
        let cases = [
            ("tenant.domains", "", true),
            ("conditionalAccess.policies", "", false),
            ("conditionalAccess.policies", "EXCHANGE_S_STANDARD AAD_PREMIUM", true),
            ("conditionalAccess.policies", "AAD_PREMIUM_P2", true),
            ("roles.eligibilities", "AAD_PREMIUM", false),
            ("roles.eligibilities", "AAD_PREMIUM_P2", true),
            ("roles.eligibilities", "Entra_Identity_Governance", true),
            ("governance.lifecycleWorkflows", "AAD_PREMIUM_P2", false),
            ("governance.lifecycleWorkflows", "Entra_Identity_Governance", true),
            ("devices.managed", "INTUNE_O365", false),
            ("devices.managed", "INTUNE_EDU", true),
            ("training.simulations", "ATP_ENTERPRISE", false),
            ("training.simulations", "THREAT_INTELLIGENCE", true),
            // Ask and see.
            ("backup.status", "", true),
            ("community.communities", "", true),
            ("logs.directoryAudits", "", true),
            ("users.accounts", "", true),
            ("registers.triage", "", true),
        ];
        for (id, names, expected) in cases {
            assert_eq!(find(id).unwrap().licensed(&live(names)), expected, "{id} with {names}");
        }
    }

    #[test]
    fn a_gate_has_words_for_people() {
        for section in all().filter(|section| !section.plans.is_empty()) {
            assert!(!section.licence.is_empty(), "{}", section.id);
        }
    }

    #[test]
    fn states_of_plans() {
        for state in ["Success", "PendingInput", "PendingActivation", "PendingProvisioning", "success"] {
            assert!(counts(state), "{state}");
        }
        for state in ["Disabled", "Error", "", "unknownFutureValue"] {
            assert!(!counts(state), "{state}");
        }
    }
}
