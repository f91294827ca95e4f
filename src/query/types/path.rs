//! Where a path leads, segment by segment, and which fields it touches on the way.

use super::place::{Place, Shape};
use super::{Analyser, Role};
use crate::query::error::QueryError;
use crate::query::ir::{Query, Root, Segment, Selector};
use crate::query::reads::WHOLE;
use crate::query::suggest;

/// Places that `..` is followed to; contracts are far smaller.
const MOST_PLACES: usize = 20_000;

impl<'c> Analyser<'c, '_, '_> {
    /// Where a query leads. `current` is where `@` stands.
    pub(super) fn path(&mut self, query: &Query, current: &[Place<'c>], role: Role) -> Vec<Place<'c>> {
        self.leaf();
        let mut places = match &query.root {
            Root::Current => current.to_vec(),
            Root::Document => vec![Place::unknown()],
            Root::Sections(ids) => {
                let area = self.leaf();
                ids.iter().map(|id| self.section(id, area, role)).collect()
            }
            Root::Param(name) => {
                self.leaf();
                vec![self.param(name)]
            }
        };
        if query.root == Root::Current && query.segments.is_empty() {
            self.touch_whole(&places);
        }
        for segment in &query.segments {
            places = self.segment(segment, places);
        }
        places
    }

    /// `first` is the token of the area's name.
    fn section(&mut self, id: &str, first: usize, role: Role) -> Place<'c> {
        let token = self.leaf();
        let Some(item) = self.catalogue.contract(id) else {
            let error = self.no_section(id, first, token);
            self.errors.push(error);
            return Place::unknown();
        };
        self.read(id, role);
        Place { from: Some((id.to_owned(), role)), names: Vec::new(), shape: Shape::Items(item) }
    }

    fn no_section(&self, id: &str, first: usize, token: usize) -> QueryError {
        let known = self.catalogue.sections();
        let area = id.split_once('.').map_or("", |(area, _)| area);
        let siblings = known.iter().filter_map(|k| k.strip_prefix(area)?.strip_prefix('.'));
        let known_area = siblings.clone().next().is_some();
        // Where the area is wrong, both names are.
        let from = if known_area { token } else { first };
        let help = match suggest::nearest(id, known.iter().copied()) {
            Some(near) => Some(format!("did you mean `$.{near}`?")),
            None if known_area => suggest::advice("", &format!("sections of {area}"), siblings),
            None => {
                let mut areas: Vec<&str> = known.iter().filter_map(|k| Some(k.split_once('.')?.0)).collect();
                areas.dedup();
                suggest::advice(area, "areas", areas.iter().copied())
            }
        };
        let at = self.layout.span(from, token + 1);
        QueryError::new(at, format!("there is no section `{id}`")).maybe_help(help)
    }

    fn param(&mut self, name: &str) -> Place<'c> {
        let token = self.leaf();
        self.reads.params.insert(name.to_owned());
        let Some(shape) = self.catalogue.param(name) else {
            let known = self.catalogue.params();
            let help = suggest::advice(name, "parameters", known.iter().copied())
                .unwrap_or_else(|| "declare it under `params`".to_owned());
            let message = format!("there is no parameter `{name}`");
            self.errors.push(QueryError::new(self.layout.at(token), message).help(help));
            return Place::unknown();
        };
        Place { shape: Shape::Param(shape), ..Place::unknown() }
    }

    fn segment(&mut self, segment: &Segment, places: Vec<Place<'c>>) -> Vec<Place<'c>> {
        let (selectors, deep) = match segment {
            Segment::Child(selectors) => (selectors, false),
            Segment::Descendant(selectors) => (selectors, true),
        };
        let places = if deep { self.below(places) } else { places };
        let mut selected = Vec::new();
        for selector in selectors {
            selected.extend(match selector {
                Selector::Name(name) => self.member(name, &places, deep),
                Selector::Wildcard => self.children(&places, deep),
                Selector::Index(_) | Selector::Slice { .. } => self.elements(&places, deep, "elements"),
                Selector::Filter(condition) => {
                    let candidates = if deep {
                        self.children(&places, true)
                    } else {
                        self.elements(&places, false, "a filter")
                    };
                    let outer = std::mem::take(&mut self.present);
                    self.condition(condition, &candidates);
                    self.present = outer;
                    candidates
                }
            });
        }
        selected
    }

    /// Members of a name. What one of several places has is no mistake.
    fn member(&mut self, name: &str, places: &[Place<'c>], deep: bool) -> Vec<Place<'c>> {
        let token = self.leaf();
        let (mut known, mut open) = (Vec::new(), Vec::new());
        for place in places {
            match place.shape {
                Shape::Object(object) => match object.fields.get(name) {
                    Some(inner) => known.push(place.member(name, Shape::of(inner))),
                    None if object.open => open.push(place.member(name, Shape::Any)),
                    None => {}
                },
                Shape::Any => open.push(place.member(name, Shape::Any)),
                Shape::Items(_) | Shape::List(_) | Shape::Scalar(_) | Shape::Param(_) => {}
            }
        }
        // Below `..` an open type is no excuse: nothing could be checked against the data.
        if known.is_empty() && (open.is_empty() || (deep && open.iter().any(|place| place.from.is_some()))) {
            let error = self.no_member(name, token, places, deep);
            self.errors.push(error);
            return vec![Place::unknown()];
        }
        if known.is_empty() && !deep {
            for place in &open {
                let Some((section, _)) = &place.from else { continue };
                let access = (section.clone(), place.names.clone());
                if !self.reads.open.contains(&access) {
                    self.reads.open.push(access);
                }
            }
        }
        known.extend(open);
        for place in &known {
            if let (Some((section, role)), [first]) = (&place.from, place.names.as_slice()) {
                self.touch(section, *role, first);
            }
        }
        known
    }

    fn no_member(&self, name: &str, token: usize, places: &[Place<'c>], deep: bool) -> QueryError {
        let at = self.layout.at(token);
        let mut names: Vec<&str> = places
            .iter()
            .filter_map(|place| match place.shape {
                Shape::Object(object) => Some(object.fields.keys().map(String::as_str)),
                _ => None,
            })
            .flatten()
            .collect();
        names.sort_unstable();
        names.dedup();
        if names.is_empty() && !deep {
            let shape = places.first().map_or(Shape::Any, |place| place.shape);
            let error =
                QueryError::new(at, format!("`{name}` is sought in {}, which has no members", shape.words()));
            return match shape {
                Shape::Items(_) | Shape::List(_) => {
                    error.help(format!("its elements have: put [*] or a filter before `{name}`"))
                }
                _ => error,
            };
        }
        let place = match places {
            [Place { names, from: Some((section, _)), .. }] if !deep => match names.last() {
                Some(parent) => format!("`{parent}` has"),
                None => format!("an item of {section} has"),
            },
            _ => "nothing here has".to_owned(),
        };
        let no = if place.starts_with("nothing") { "a" } else { "no" };
        QueryError::new(at, format!("{place} {no} field `{name}`")).maybe_help(suggest::advice(
            name,
            "fields",
            names.iter().copied(),
        ))
    }

    /// Elements of lists; a filter or an index on anything else is a mistake.
    fn elements(&mut self, places: &[Place<'c>], deep: bool, what: &str) -> Vec<Place<'c>> {
        let elements: Vec<Place<'c>> = places.iter().filter_map(Place::elements).collect();
        if !elements.is_empty() || deep {
            return elements;
        }
        let Some(place) = places.first() else { return vec![Place::unknown()] };
        let message =
            format!("`{}` is {}, and {what} need a list", self.layout.slice(self.last), place.shape.words());
        let message = message.replace("a filter need ", "a filter needs ");
        let error = QueryError::new(self.layout.at(self.last), message);
        let name = self.layout.slice(self.last);
        self.errors.push(match place.shape {
            Shape::Object(_) => error.help(format!(
                "here it would test each member of the object by itself; test its fields one step earlier: [?@.{name}.… == …]"
            )),
            _ => error,
        });
        vec![Place::unknown()]
    }

    /// Elements and members.
    fn children(&mut self, places: &[Place<'c>], deep: bool) -> Vec<Place<'c>> {
        let objects: Vec<Place<'c>> =
            places.iter().filter(|p| matches!(p.shape, Shape::Object(_))).cloned().collect();
        self.touch_whole(&objects);
        let children: Vec<Place<'c>> = places.iter().flat_map(Place::children).collect();
        if children.is_empty() && !deep {
            // Says the same as of an index.
            return self.elements(places, false, "elements");
        }
        children
    }

    /// The places and all below them.
    fn below(&mut self, places: Vec<Place<'c>>) -> Vec<Place<'c>> {
        let mut all = places;
        let mut next = 0;
        while let Some(place) = all.get(next).cloned() {
            next += 1;
            self.touch_whole(std::slice::from_ref(&place));
            // What is not described would lead to itself.
            if all.len() < MOST_PLACES && !matches!(place.shape, Shape::Any) {
                all.extend(place.children());
            }
        }
        all
    }

    /// Notes that items are taken whole, where these places are items.
    pub(super) fn touch_whole(&mut self, places: &[Place<'c>]) {
        for place in places {
            if let (Some((section, role)), true, Shape::Object(_)) =
                (&place.from, place.names.is_empty(), place.shape)
            {
                self.touch(section, *role, WHOLE);
            }
        }
    }

    fn touch(&mut self, section: &str, role: Role, field: &str) {
        self.read(section, role).insert(field.to_owned());
    }

    fn read(&mut self, section: &str, role: Role) -> &mut std::collections::BTreeSet<String> {
        let sections = match role {
            Role::Population => &mut self.reads.population,
            Role::Argument => &mut self.reads.arguments,
        };
        sections.entry(section.to_owned()).or_default()
    }
}
