//! What the tenant holds. Comes in: a snapshot, or sizes. Goes out: the items behind a section, whole
//! or of one object. Not here: how they are asked for and cut into pages.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fs, io};

use levelmark::sections::{Each, Section, Shape, Via, all, find};
use serde_json::{Value, json};

use super::refusals::Refusal;
use super::synthetic::Synthetic;

/// A tenant.
#[derive(Debug, Clone)]
pub(crate) struct Tenant {
    /// Directory id.
    pub(crate) id: String,
    pub(crate) domain: String,
    /// The application that asks.
    pub(crate) app: String,
    /// Its permissions.
    pub(crate) permissions: Vec<String>,
    shelves: BTreeMap<String, Shelf>,
    pub(crate) synthetic: Option<Synthetic>,
}

/// What stands where a section is looked for.
#[derive(Debug, Clone)]
enum Shelf {
    Items(Vec<Value>),
    Refused(Refusal),
}

/// Items, of which each is made when it is wanted.
#[derive(Debug)]
pub(crate) enum Items<'t> {
    Some(Vec<Value>),
    All(&'t [Value]),
    Made(&'t Synthetic, usize, fn(&Synthetic, usize) -> Value),
}

impl Items<'_> {
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Some(items) => items.len(),
            Self::All(items) => items.len(),
            Self::Made(_, count, _) => *count,
        }
    }

    pub(crate) fn get(&self, index: usize) -> Option<Value> {
        match self {
            Self::Some(items) => items.get(index).cloned(),
            Self::All(items) => items.get(index).cloned(),
            Self::Made(synthetic, count, make) => (index < *count).then(|| make(synthetic, index)),
        }
    }
}

impl Tenant {
    /// The tenant of the fixtures, as it was recorded: refused sections are refused again, sections
    /// that are not listed are denied.
    ///
    /// # Errors
    /// The fixture cannot be read.
    pub(crate) fn contoso() -> io::Result<Self> {
        Self::recorded(&fixtures()?.join("tenants/contoso/snapshot"))
    }

    /// A tenant from a snapshot's folder.
    ///
    /// # Errors
    /// It cannot be read.
    pub(crate) fn recorded(folder: &Path) -> io::Result<Self> {
        let manifest = json_file(&folder.join("manifest.json"))?;
        let text =
            |pointer: &str| manifest.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
        let permissions = manifest.pointer("/taken/as/permissions").and_then(Value::as_array);
        let mut tenant = Self {
            id: text("/tenant/id"),
            domain: text("/tenant/defaultDomain"),
            app: text("/taken/as/app"),
            permissions: permissions
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .map(str::to_owned)
                .collect(),
            shelves: BTreeMap::new(),
            synthetic: None,
        };
        for section in all().filter(|section| section.via.contains(&Via::Graph)) {
            let record = manifest.get("sections").and_then(|sections| sections.get(section.id));
            let word = |name: &str| {
                record.and_then(|record| record.get(name)).and_then(Value::as_str).unwrap_or_default()
            };
            let shelf = match word("state") {
                "read" | "partial" => match json_file(&folder.join(format!("{}.json", section.id)))? {
                    Value::Array(items) => Shelf::Items(items),
                    _ => return Err(io::Error::other(format!("{} is no list", section.id))),
                },
                "" | "not-asked" => Shelf::Refused(Refusal::RequestDenied),
                state => Shelf::Refused(Refusal::recorded(state, word("code"), word("needs"))),
            };
            tenant.shelves.insert(section.id.to_owned(), shelf);
        }
        Ok(tenant)
    }

    /// A tenant in which every list is empty. Its single objects are those of the fixtures: a tenant
    /// always has them.
    ///
    /// # Errors
    /// The fixture cannot be read.
    pub(crate) fn empty() -> io::Result<Self> {
        let mut tenant = Self::contoso()?;
        for section in all().filter(|section| section.shape == Shape::List) {
            tenant.shelves.insert(section.id.to_owned(), Shelf::Items(Vec::new()));
        }
        Ok(tenant)
    }

    /// A big tenant, of which nothing is stored: objects are made from their number. What has no size
    /// here is the fixtures'.
    ///
    /// # Errors
    /// The fixture cannot be read.
    pub(crate) fn synthetic(
        users: usize,
        service_principals: usize,
        groups: usize,
        applications: usize,
    ) -> io::Result<Self> {
        let synthetic = Synthetic { users, service_principals, groups, applications };
        Ok(Self { synthetic: Some(synthetic), ..Self::contoso()? })
    }

    /// Replaces a section's items, in the form that a snapshot has them in.
    pub(crate) fn with(mut self, section: &str, items: Vec<Value>) -> Self {
        self.shelves.insert(section.to_owned(), Shelf::Items(items));
        self
    }

    /// Refuses a section.
    pub(crate) fn refusing(mut self, section: &str, refusal: Refusal) -> Self {
        self.shelves.insert(section.to_owned(), Shelf::Refused(refusal));
        self
    }

    /// How many users it has, which decides on its quotas.
    pub(crate) fn users(&self) -> usize {
        self.synthetic
            .as_ref()
            .map_or_else(|| self.shelf("users.accounts").map_or(0, <[Value]>::len), |big| big.users)
    }

    /// The recorded items of a section.
    pub(crate) fn shelf(&self, section: &str) -> Result<&[Value], Refusal> {
        match self.shelves.get(section) {
            Some(Shelf::Items(items)) => Ok(items),
            Some(Shelf::Refused(refusal)) => Err(refusal.clone()),
            None => Err(Refusal::RequestDenied),
        }
    }

    /// All items of a section.
    pub(crate) fn items(&self, section: &Section) -> Result<Items<'_>, Refusal> {
        let recorded = self.shelf(section.id);
        if let (Ok(_), Some(made)) = (&recorded, self.synthetic.as_ref().and_then(|big| big.list(section.id)))
        {
            return Ok(made);
        }
        recorded.map(Items::All)
    }

    /// The items of one object: what was joined into them is taken off again.
    pub(crate) fn items_of(&self, section: &Section, object: &str) -> Result<Items<'_>, Refusal> {
        if let Some(parent) = parent(section) {
            self.exists(parent, object)?;
        }
        let recorded = self.shelf(section.id)?;
        if let Some(made) = self.synthetic.as_ref().and_then(|big| big.list_of(section.id, object)) {
            return Ok(Items::Some(made));
        }
        let (name, joined) = owner_of(section);
        let wanted = if section.id == "roles.members" { other_id(object) } else { object.to_owned() };
        let matching = |item: &&Value| {
            item.get(name).and_then(Value::as_str).is_some_and(|owner| owner.eq_ignore_ascii_case(&wanted))
        };
        let mut items: Vec<Value> = recorded.iter().filter(matching).cloned().collect();
        for members in items.iter_mut().filter_map(Value::as_object_mut).filter(|_| joined) {
            members.remove(name);
        }
        Ok(Items::Some(items))
    }

    /// One object of a list.
    pub(crate) fn object(&self, section: &Section, id: &str) -> Result<Value, Refusal> {
        if let Some(made) = self.synthetic.as_ref().and_then(|big| big.object(section.id, id)) {
            return Ok(made);
        }
        let same = |item: &&Value| {
            let of_item = item.get("id").and_then(Value::as_str);
            of_item.is_some_and(|known| known.eq_ignore_ascii_case(id))
        };
        self.shelf(section.id)?.iter().find(same).cloned().ok_or_else(|| Refusal::NoObject(id.to_owned()))
    }

    /// Directory roles in use, as `/directoryRoles` serves them.
    pub(crate) fn directory_roles(&self) -> Result<Items<'_>, Refusal> {
        let mut templates: Vec<&str> = Vec::new();
        for item in self.shelf("roles.members")? {
            let template = item.get("roleTemplateId").and_then(Value::as_str).unwrap_or_default();
            if !templates.contains(&template) {
                templates.push(template);
            }
        }
        let role = |template: &&str| json!({ "id": other_id(template), "roleTemplateId": template, "displayName": "A role", "description": "A role in use" });
        Ok(Items::Some(templates.iter().map(role).collect()))
    }

    /// Objects below something that does not exist are not found. Where the parents themselves are not
    /// shown, nobody can tell.
    fn exists(&self, parent: &str, object: &str) -> Result<(), Refusal> {
        let Some(section) = find(parent) else { return Ok(()) };
        if self.shelf(parent).is_err() {
            return Ok(());
        }
        self.object(section, object).map(drop)
    }
}

/// The section whose objects the path of another one goes through.
fn parent(section: &Section) -> Option<&'static str> {
    let path = section.graph?.path;
    let of = [
        ("/groups/{", "groups.groups"),
        ("/servicePrincipals/{", "applications.servicePrincipals"),
        ("/planner/plans/{", "planner.plans"),
        ("/identityGovernance/accessReviews/definitions/{", "governance.accessReviews"),
        ("/identityGovernance/lifecycleWorkflows/workflows/{", "governance.lifecycleWorkflows"),
    ];
    of.iter().find(|(start, _)| path.starts_with(start)).map(|(_, parent)| *parent)
}

/// The property that names the object an item was read for, and whether it was joined.
fn owner_of(section: &Section) -> (&'static str, bool) {
    match section.id {
        "planner.plans" => ("owner", false),
        "planner.tasks" | "planner.buckets" => ("planId", false),
        _ => {
            let over = section.graph.and_then(|graph| graph.over);
            debug_assert!(
                over.is_none_or(|over| !matches!(over.each, Each::At(_)) || section.id == "roles.members")
            );
            (over.and_then(|over| over.joins.first()).map_or("", |(_, name)| *name), true)
        }
    }
}

/// A role in use and its template have different ids; ours are each other's mirror.
fn other_id(id: &str) -> String {
    let mut digits: Vec<char> = id.chars().rev().filter(|letter| *letter != '-').collect();
    for at in [8, 13, 18, 23] {
        if at <= digits.len() {
            digits.insert(at, '-');
        }
    }
    digits.into_iter().collect()
}

/// The fixtures of the package that includes this file, or of the one around it (the benches').
fn fixtures() -> io::Result<PathBuf> {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder =
        package.ancestors().take(2).map(|folder| folder.join("fixtures")).find(|folder| folder.is_dir());
    folder.ok_or_else(|| io::Error::other(format!("no fixtures near {}", package.display())))
}

fn json_file(path: &Path) -> io::Result<Value> {
    serde_json::from_slice(&fs::read(path)?)
        .map_err(|error| io::Error::other(format!("{}: {error}", path.display())))
}
