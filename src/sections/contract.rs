//! What the items of a section look like: names, types and enums, as facts from Graph's metadata
//! and from our own shapes.

use std::collections::BTreeMap;

/// The type of a value in a section. Every value may also be null or absent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Type {
    /// Free text.
    String,
    /// `true` or `false`.
    Boolean,
    /// A whole number.
    Integer,
    /// Any number.
    Number,
    /// RFC 3339 in UTC with `Z`.
    Timestamp,
    /// A calendar date, `YYYY-MM-DD`.
    Date,
    /// ISO 8601 duration.
    Duration,
    /// A GUID in lower case.
    Guid,
    /// One of these words in Graph's camelCase. Other members may appear as the service evolves.
    Enum(Vec<String>),
    /// An array of one type.
    Array(Box<Type>),
    /// An object with these members.
    Object(Object),
    /// Not described: anything goes, names are checked against the data.
    Any,
}

/// The members of an object type.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Object {
    /// Known members.
    pub fields: BTreeMap<String, Type>,
    /// True where the service adds members of its own (an open type): other names are checked
    /// against the data, not refused.
    pub open: bool,
}
