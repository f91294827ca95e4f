//! Which sections a collection takes, and about whom. Comes in: arguments. Goes out: sections and
//! parameters. Not here: the rule (`sections::choose`).

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use crate::cli::Collect;
use crate::commands::{configuration, inputs, permissions};
use crate::config::{self, Given};
use crate::policy::compiled::PolicySet;
use crate::run::Result;
use crate::sections::choose::{Why, Wish, choose, with_parents_of};
use crate::sections::{Section, all};

/// What a collection takes.
#[derive(Debug)]
pub(super) struct Wanted {
    /// In order of ids.
    pub sections: Vec<&'static Section>,
    /// What it leaves out.
    pub left_out: Vec<(&'static Section, Why)>,
    /// Parameters of the tenant, defaults included.
    pub params: Map<String, Value>,
    /// Only objects that parameters name, where parameters may name them.
    pub declared_only: bool,
}

impl Wanted {
    pub(super) fn of(args: &Collect) -> Result<Self> {
        let set = PolicySet::load(&inputs::load_options(&args.policies))?;
        let params = params(args, &set)?;
        let include = args.include.iter().map(|id| permissions::served(id)).collect::<Result<Vec<_>>>()?;
        let only = args.sections.iter().map(|id| permissions::served(id)).collect::<Result<Vec<_>>>()?;
        let wish = Wish {
            read: &inputs::wanted(&set, None),
            all: args.all,
            include: &include,
            plans_declared: plans_declared(&params),
        };
        let asked_for_all = |section: &&Section| section.graph.is_some_and(|graph| graph.declared.is_some());
        let declared_only = !include.iter().chain(&only).any(asked_for_all);
        if only.is_empty() {
            let chosen = choose(&wish);
            return Ok(Self { sections: chosen.sections, left_out: chosen.left_out, params, declared_only });
        }
        Ok(Self { sections: with_parents_of(&only), left_out: Vec::new(), params, declared_only })
    }
}

/// The parameters of the configuration and of the command line.
fn params(args: &Collect, set: &PolicySet) -> Result<Map<String, Value>> {
    let config = match (&args.config, super::home(args)) {
        (Some(path), _) => configuration::read(path)?,
        (None, Some(home)) => configuration::read(&home.join(configuration::NAME))?,
        (None, None) => configuration::upward()?,
    };
    let mut given: BTreeMap<String, Given> = config.params.clone();
    for flag in &args.params {
        let (name, value) = config::from_flag(set, flag)?;
        given.insert(name, value);
    }
    Ok(config::resolve_params(set, &given)?.values.into_iter().collect())
}

/// Whether a parameter names plans.
fn plans_declared(params: &Map<String, Value>) -> bool {
    let declared: BTreeSet<_> =
        all().filter_map(|section| section.graph?.declared).map(|d| d.param).collect();
    let fits = |name: &str| {
        all().filter_map(|section| section.graph?.declared).any(|declared| declared.matches(name))
    };
    let named = |value: &Value| value.as_array().is_some_and(|values| !values.is_empty());
    !declared.is_empty() && params.iter().any(|(name, value)| fits(name) && named(value))
}
