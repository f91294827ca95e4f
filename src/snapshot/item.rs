//! What an item is called: by its section's key, and by people. Comes in: an item. Goes out: text as
//! it stands in the evidence. Not here: cropping and escaping (whoever shows it).

use std::borrow::Cow;

use super::document::NodeRef;
use crate::sections;

/// Names that people know an item by, best first.
const NAMES: [&str; 9] = [
    "displayName",
    "userPrincipalName",
    "title",
    "name",
    "subject",
    "principal.displayName",
    "principalDisplayName",
    "admin.userPrincipalName",
    "id",
];

/// What stands at a dotted path in an item. Names of annotations have dots of their own.
pub fn at<'d>(item: NodeRef<'d>, path: &str) -> Option<NodeRef<'d>> {
    if path.starts_with('@') {
        return item.get(path);
    }
    path.split('.').try_fold(item, |node, name| node.get(name))
}

/// The parts of an item's key, joined with commas.
pub fn key(section: &str, item: NodeRef<'_>) -> Option<String> {
    let parts = sections::find(section)?.key.iter().map(|path| {
        let value = at(item, path)?;
        Some(value.as_str().map_or_else(|| value.raw().to_owned(), Cow::into_owned))
    });
    let parts = parts.collect::<Option<Vec<String>>>()?;
    (!parts.is_empty()).then(|| parts.join(","))
}

/// What people call an item.
pub fn name(item: NodeRef<'_>) -> Option<Cow<'_, str>> {
    NAMES.iter().find_map(|path| at(item, path)?.as_str().filter(|text| !text.is_empty()))
}
