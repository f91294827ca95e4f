//! How an entry of the catalogue is written: a constructor per kind of section, then what differs
//! from the usual. Comes in: words. Goes out: `Section` constants. Not here: the entries.

use super::{Answer, Child, Declared, Each, FieldNeed, Graph, Kind, Over, Section, Shape, Via};

/// Clouds as named in Graph's own schema files.
pub(super) const GLOBAL: &[&str] = &["global"];
/// Worldwide and US government.
pub(super) const GLOBAL_US: &[&str] = &["global", "usgov"];
const EVERYWHERE: &[&str] = &["global", "usgov", "china"];

const fn blank(id: &'static str, kind: Kind, about: &'static str) -> Section {
    Section {
        id,
        about,
        shape: Shape::List,
        key: &["id"],
        kind,
        via: &[],
        graph: None,
        licence: "",
        plans: &[],
        sensitive: "",
        fields: None,
        inputs: &[],
    }
}

/// Configuration from Graph, a collection of objects with an `id`, taken whole.
pub(super) const fn settings(id: &'static str, about: &'static str) -> Section {
    Section { via: &[Via::Graph], ..blank(id, Kind::Settings, about) }
}

/// Many objects from Graph, of which these fields are kept.
pub(super) const fn bulk(id: &'static str, fields: &'static [&'static str], about: &'static str) -> Section {
    Section { fields: Some(fields), via: &[Via::Graph], ..blank(id, Kind::Bulk, about) }
}

/// Events from Graph, of which these fields are kept.
pub(super) const fn log(id: &'static str, fields: &'static [&'static str], about: &'static str) -> Section {
    Section { fields: Some(fields), via: &[Via::Graph], ..blank(id, Kind::Log, about) }
}

/// A register that the organisation keeps elsewhere and imports.
pub(super) const fn register(id: &'static str, kind: Kind, about: &'static str) -> Section {
    Section { via: &[Via::Import], ..blank(id, kind, about) }
}

/// What only an admin centre shows.
pub(super) const fn declared(id: &'static str, about: &'static str) -> Section {
    Section { via: &[Via::Declared, Via::Portal], ..blank(id, Kind::Settings, about) }
}

/// What is computed from these sections when evaluated.
pub(super) const fn derived(
    id: &'static str,
    inputs: &'static [&'static str],
    about: &'static str,
) -> Section {
    Section { inputs, key: &[], ..blank(id, Kind::Derived, about) }
}

/// A request per object of `each`, whose `id` goes into the path or the query.
pub(super) const fn per(each: Each, joins: &'static [(&'static str, &'static str)]) -> Over {
    Over { each, by: "id", joins }
}

impl Section {
    /// The path in Graph v1.0, and the permission that suffices for an application and for a
    /// signed-in user alike.
    pub(super) const fn get(mut self, path: &'static str, permission: &'static str) -> Self {
        self.graph = Some(Graph {
            path,
            version: "v1.0",
            query: "",
            select: false,
            application: permission,
            delegated: permission,
            clouds: EVERYWHERE,
            over: None,
            declared: None,
            children: &[],
            person_only: &[],
            field_needs: &[],
            window: 0,
            reach: 0,
            reach_free: 0,
            every: 0,
            answer: Answer::Json,
        });
        self
    }

    /// One object instead of a collection.
    pub(super) const fn singleton(mut self) -> Self {
        self.shape = Shape::Singleton;
        self.key = &[];
        self
    }

    /// Another key than `id`.
    pub(super) const fn key(mut self, key: &'static [&'static str]) -> Self {
        self.key = key;
        self
    }

    /// What must be licensed.
    pub(super) const fn licence(mut self, licence: &'static str) -> Self {
        self.licence = licence;
        self
    }

    /// Service plans any one of which suffices: only where it is certain that nothing is there without.
    pub(super) const fn plans(mut self, plans: &'static [&'static str]) -> Self {
        self.plans = plans;
        self
    }

    /// Collected only on request, for this reason.
    pub(super) const fn sensitive(mut self, why: &'static str) -> Self {
        self.sensitive = why;
        self
    }

    /// Further ways into a snapshot.
    pub(super) const fn via(mut self, via: &'static [Via]) -> Self {
        self.via = via;
        self
    }

    const fn with(mut self, graph: Graph) -> Self {
        self.graph = Some(graph);
        self
    }

    /// The query string.
    pub(super) const fn query_is(self, query: &'static str) -> Self {
        match self.graph {
            Some(graph) => self.with(Graph { query, ..graph }),
            None => self,
        }
    }

    /// The request names the fields in a `$select`.
    pub(super) const fn selected(self) -> Self {
        match self.graph {
            Some(graph) => self.with(Graph { select: true, ..graph }),
            None => self,
        }
    }

    /// A settings section of which only these fields are asked for.
    pub(super) const fn only(mut self, fields: &'static [&'static str]) -> Self {
        self.fields = Some(fields);
        self.selected()
    }

    /// Served by the beta endpoint alone.
    pub(super) const fn beta(self) -> Self {
        match self.graph {
            Some(graph) => self.with(Graph { version: "beta", ..graph }),
            None => self,
        }
    }

    /// A signed-in user needs another permission than an application.
    pub(super) const fn delegated(self, delegated: &'static str) -> Self {
        match self.graph {
            Some(graph) => self.with(Graph { delegated, ..graph }),
            None => self,
        }
    }

    /// No application permission exists.
    pub(super) const fn delegated_only(self) -> Self {
        match self.graph {
            Some(graph) => self.with(Graph { application: "", ..graph }),
            None => self,
        }
    }

    /// Not in every cloud.
    pub(super) const fn clouds(self, clouds: &'static [&'static str]) -> Self {
        match self.graph {
            Some(graph) => self.with(Graph { clouds, ..graph }),
            None => self,
        }
    }

    /// A request per object.
    pub(super) const fn over(self, over: Over) -> Self {
        match self.graph {
            Some(graph) => self.with(Graph { over: Some(over), ..graph }),
            None => self,
        }
    }

    /// Objects that parameters name are asked for alone, at this path.
    pub(super) const fn declared_by(self, param: &'static str, path: &'static str) -> Self {
        match self.graph {
            Some(graph) => self.with(Graph { declared: Some(Declared { param, path }), ..graph }),
            None => self,
        }
    }

    /// Properties that only a signed-in person is told.
    pub(super) const fn person_only(self, person_only: &'static [&'static str]) -> Self {
        match self.graph {
            Some(graph) => self.with(Graph { person_only, ..graph }),
            None => self,
        }
    }

    /// Objects joined into the items.
    pub(super) const fn children(self, children: &'static [Child]) -> Self {
        match self.graph {
            Some(graph) => self.with(Graph { children, ..graph }),
            None => self,
        }
    }

    /// Fields that need more than the others.
    pub(super) const fn field_needs(self, field_needs: &'static [FieldNeed]) -> Self {
        match self.graph {
            Some(graph) => self.with(Graph { field_needs, ..graph }),
            None => self,
        }
    }

    /// The longest window of one request, and how far back it may lie, both in days.
    pub(super) const fn window(self, window: u32, reach: u32) -> Self {
        match self.graph {
            Some(graph) => self.with(Graph { window, reach, ..graph }),
            None => self,
        }
    }

    /// How many days back the service answers, with Entra ID P1 and without.
    pub(super) const fn keeps(self, reach: u32, reach_free: u32) -> Self {
        match self.graph {
            Some(graph) => self.with(Graph { reach, reach_free, ..graph }),
            None => self,
        }
    }

    /// An entry comes at least once in so many days.
    pub(super) const fn comes_every(self, every: u32) -> Self {
        match self.graph {
            Some(graph) => self.with(Graph { every, ..graph }),
            None => self,
        }
    }

    /// A usage report: CSV by redirect.
    pub(super) const fn report(self) -> Self {
        match self.graph {
            Some(graph) => self.with(Graph { answer: Answer::Csv, ..graph }),
            None => self,
        }
    }
}
