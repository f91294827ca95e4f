//! Which sections a collection takes, and about whom. Comes in: arguments. Goes out: sections and
//! parameters. Not here: the rule (`sections::choose`).

use std::collections::{BTreeMap, BTreeSet};

use miette::miette;
use serde_json::{Map, Value};

use crate::cli::Collect;
use crate::commands::{configuration, inputs, permissions};
use crate::config::{self, Config, Given};
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
        let choice = Choice::of(args)?;
        let config = match (&args.config, super::home(args)) {
            (Some(path), _) => configuration::read(path)?,
            (None, Some(home)) => configuration::read(&home.join(configuration::NAME))?,
            (None, None) => configuration::upward()?,
        };
        not_redacted(&config)?;
        choice.wanted(&config, &[])
    }
}

/// Graph knows nothing by a pseudonym.
pub(super) fn not_redacted(config: &Config) -> Result<()> {
    let name = config.source.as_ref().map_or("the configuration", |source| source.name.as_str());
    match config.marks.iter().flatten().next() {
        None => Ok(()),
        Some(mark) => Err(miette!(
            code = "levelmark::collect::redacted",
            help =
                "name the original with --config; with --redact, what is collected is redacted all the same",
            "{name} is redacted (key {}), and Graph knows none of the ids in it",
            mark.key
        )),
    }
}

/// What the command line says of it, for any tenant.
#[derive(Debug)]
pub(super) struct Choice {
    set: PolicySet,
    read: BTreeSet<String>,
    all: bool,
    include: Vec<&'static Section>,
    only: Vec<&'static Section>,
    params: BTreeMap<String, Given>,
}

impl Choice {
    pub(super) fn of(args: &Collect) -> Result<Self> {
        let set = PolicySet::load(&inputs::load_options(&args.policies))?;
        let served =
            |ids: &[String]| ids.iter().map(|id| permissions::served(id)).collect::<Result<Vec<_>>>();
        let params = args.params.iter().map(|flag| config::from_flag(&set, flag));
        Ok(Self {
            read: inputs::wanted(&set, None),
            all: args.all,
            include: served(&args.include)?,
            only: served(&args.sections)?,
            params: params.collect::<std::result::Result<_, _>>()?,
            set,
        })
    }

    /// What it takes of a tenant with this configuration; `include`: what is taken of it on request.
    pub(super) fn wanted(&self, config: &Config, include: &[&'static Section]) -> Result<Wanted> {
        let mut given = config.params.clone();
        given.extend(self.params.clone());
        let params = config::resolve_params(&self.set, &given)?.values.into_iter().collect();
        let include = [self.include.as_slice(), include].concat();
        let wish = Wish {
            read: &self.read,
            all: self.all,
            include: &include,
            plans_declared: plans_declared(&params),
        };
        let asked_for_all = |section: &&Section| section.graph.is_some_and(|graph| graph.declared.is_some());
        let declared_only = !include.iter().chain(&self.only).any(asked_for_all);
        if self.only.is_empty() {
            let chosen = choose(&wish);
            let (sections, left_out) = (chosen.sections, chosen.left_out);
            return Ok(Wanted { sections, left_out, params, declared_only });
        }
        let sections = with_parents_of(&self.only);
        Ok(Wanted { sections, left_out: Vec::new(), params, declared_only })
    }
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
