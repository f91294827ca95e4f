//! What stands at a place that a path leads to: its type, the section it lies in, the names on the
//! way from the item.

use super::{ParamShape, Role};
use crate::sections::contract::{Object, Type};

/// Where a path can lead.
#[derive(Debug, Clone)]
pub(super) struct Place<'c> {
    /// Section and role of the path that leads here; none for parameters and after mistakes.
    pub(super) from: Option<(String, Role)>,
    /// Names from the section's item.
    pub(super) names: Vec<String>,
    /// What stands there.
    pub(super) shape: Shape<'c>,
}

/// What stands at a place.
#[derive(Debug, Clone, Copy)]
pub(super) enum Shape<'c> {
    /// The array of a section.
    Items(&'c Object),
    /// An array.
    List(&'c Type),
    /// An object; without names on the way an item.
    Object(&'c Object),
    /// A string, number or boolean.
    Scalar(&'c Type),
    /// A parameter's value.
    Param(ParamShape),
    /// Not described.
    Any,
}

/// Classes of values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Strings of any sort that are no times.
    Text,
    /// Timestamps and dates.
    Time,
    /// Numbers.
    Number,
    /// Booleans.
    Boolean,
    /// Arrays.
    List,
    /// Objects.
    Object,
    /// Not described.
    Any,
}

impl<'c> Place<'c> {
    /// A place of which nothing is said, so that one mistake gives one message.
    pub(super) fn unknown() -> Self {
        Self { from: None, names: Vec::new(), shape: Shape::Any }
    }

    /// A member of this place.
    pub(super) fn member(&self, name: &str, shape: Shape<'c>) -> Self {
        let mut names = self.names.clone();
        names.push(name.to_owned());
        Self { from: self.from.clone(), names, shape }
    }

    /// The same place with another shape: an element of a list has its list's names.
    pub(super) fn with(&self, shape: Shape<'c>) -> Self {
        Self { shape, ..self.clone() }
    }

    /// Elements of a list, or of what may be one.
    pub(super) fn elements(&self) -> Option<Self> {
        Some(self.with(match self.shape {
            Shape::Items(item) => Shape::Object(item),
            Shape::List(element) => Shape::of(element),
            Shape::Param(ParamShape::List) => Shape::Param(ParamShape::Scalar),
            Shape::Any => Shape::Any,
            Shape::Object(_) | Shape::Scalar(_) | Shape::Param(ParamShape::Scalar) => return None,
        }))
    }

    /// Elements or members.
    pub(super) fn children(&self) -> Vec<Self> {
        let Shape::Object(object) = self.shape else { return self.elements().into_iter().collect() };
        let mut children: Vec<Self> =
            object.fields.iter().map(|(name, inner)| self.member(name, Shape::of(inner))).collect();
        if object.open {
            children.push(self.member("*", Shape::Any));
        }
        children
    }
}

impl<'c> Shape<'c> {
    pub(super) fn of(inner: &'c Type) -> Self {
        match inner {
            Type::Array(element) => Shape::List(element),
            Type::Object(object) => Shape::Object(object),
            Type::Any => Shape::Any,
            Type::String
            | Type::Boolean
            | Type::Integer
            | Type::Number
            | Type::Timestamp
            | Type::Date
            | Type::Duration
            | Type::Guid
            | Type::Enum(_) => Shape::Scalar(inner),
        }
    }

    pub(super) fn class(self) -> Class {
        match self {
            Shape::Items(_) | Shape::List(_) | Shape::Param(ParamShape::List) => Class::List,
            Shape::Object(_) => Class::Object,
            Shape::Param(ParamShape::Scalar) | Shape::Any => Class::Any,
            Shape::Scalar(inner) => match inner {
                Type::Boolean => Class::Boolean,
                Type::Integer | Type::Number => Class::Number,
                Type::Timestamp | Type::Date => Class::Time,
                Type::String | Type::Duration | Type::Guid | Type::Enum(_) => Class::Text,
                Type::Array(_) | Type::Object(_) | Type::Any => Class::Any,
            },
        }
    }

    /// In words, after "is".
    pub(super) fn words(self) -> &'static str {
        match self {
            Shape::Items(_) => "the list of all items",
            Shape::List(_) | Shape::Param(ParamShape::List) => "a list",
            Shape::Object(_) => "an object",
            Shape::Param(ParamShape::Scalar) | Shape::Any => "any value",
            Shape::Scalar(inner) => match inner {
                Type::Boolean => "true or false",
                Type::Integer | Type::Number => "a number",
                Type::Timestamp => "a time",
                Type::Date => "a date",
                Type::Duration => "a duration",
                Type::Guid => "an id",
                Type::Enum(_) => "one of a few words",
                Type::String | Type::Array(_) | Type::Object(_) | Type::Any => "text",
            },
        }
    }
}
