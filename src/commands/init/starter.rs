//! The starter configuration: comments alone, with every parameter that a policy reads. Not here: writing it.

use crate::policy::compiled::{Param, ParamKind, PolicySet};

/// The text of the file.
pub fn starter(set: &PolicySet) -> String {
    let mut text = String::from(
        "# What this organisation declares, aims at and accepts. `levelmark schema config` describes every key.\n\n\
         # Levels aimed at, by competency; with a date a target only warns before that day.\ntargets: {}\n",
    );
    for competency in set.model.competencies.iter().filter(|competency| !competency.levels.is_empty()) {
        text.push_str(&format!("#  {}: 300\n", competency.id));
    }
    text.push_str("\n# Facts about the organisation. Without a required one the checks that use it stay unknown.\nparams: {}\n");
    for (name, param) in set.params.iter().filter(|(_, param)| param.required) {
        text.push_str(&format!("#  {name}: {}\n#    # {}\n", sample(param), param.about.trim()));
    }
    text.push_str("\n# Thresholds and lists that have a default; declare them only to change it.\n");
    for (name, param) in set.params.iter().filter(|(_, param)| !param.required) {
        let default =
            param.default.as_ref().map_or_else(|| sample(param).to_owned(), serde_json::Value::to_string);
        text.push_str(&format!("#  {name}: {default}\n"));
    }
    text.push_str(
        "\n# Who answers for what: a competency, a dimension or a topic.\nowners: {}\n\
         #  service-health-management: [\"Alex Miller <alex@contoso.com>\"]\n\
         \n# Accepted deviations, a year at most. Each pins what it accepts; anything beyond still fails.\nwaivers: []\n\
         #  - check: INF-400-G2/no-stale-report-only\n#    kind: accepted-risk\n#    accepts: { count: 1 }\n\
         #    reason: why this is acceptable\n#    owner: Alex Miller\n#    approved_by: Kim Okafor <kim@contoso.com>\n\
         #    on: 2026-01-01\n#    expires: 2026-12-31\n\
         \n# What `levelmark diff` leaves out here, beside what is built in (`levelmark diff --rules`).\ndrift: {}\n\
         #  ignore:\n#    - { section: users.accounts, path: /jobTitle, reason: comes from HR every night }\n\
         \n# Human answers, from the folder of this file.\n#answers: attestations.yaml\n\
         \n# Shared files that this one builds on.\n#extends: [../shared/levelmark.yaml]\n",
    );
    text
}

fn sample(param: &Param) -> &'static str {
    match param.kind {
        ParamKind::Ids => "[00000000-0000-4000-8000-000000000000]",
        ParamKind::Strings => "[first, second]",
        ParamKind::String => "text",
        ParamKind::Integer => "10",
        ParamKind::Share => "0.9",
        ParamKind::Duration => "P30D",
        ParamKind::Boolean => "true",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::configuration::NAME;
    use crate::config::Config;
    use crate::policy::load::LoadOptions;

    #[test]
    fn the_starter_is_a_valid_configuration_as_it_stands() {
        let set = PolicySet::load(&LoadOptions::default()).unwrap();
        let config = Config::read(NAME, starter(&set).as_bytes()).unwrap();
        assert!(config.params.is_empty() && config.targets.is_empty() && config.waivers.is_empty());
    }
}
