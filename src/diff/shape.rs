//! What a value is meant to be: the contract's type, walked along with the data. Comes in: contracts.
//! Goes out: types of members and elements, and which lists have an order. Not here: the values
//! themselves (`normal`).

use crate::sections::Section;
use crate::sections::contract::{Object, Resolved, Type};

use super::normal::Form;

/// The type of a value as far as a contract knows it.
#[derive(Debug, Clone, Copy)]
pub(super) enum Shape {
    /// Nothing is known.
    Open,
    /// An item.
    Item(&'static Object),
    /// A property.
    Of(&'static Type),
}

impl Shape {
    /// The type of a member; open where the contract does not know the name.
    pub fn member(self, name: &str) -> Self {
        match self {
            Self::Item(object) | Self::Of(Type::Object(object)) => {
                object.field(name).map_or(Self::Open, Self::Of)
            }
            Self::Of(_) | Self::Open => Self::Open,
        }
    }

    /// The type of an element; open where the contract knows of no list.
    pub fn element(self) -> Self {
        match self {
            Self::Of(Type::Array(element)) => Self::Of(element),
            Self::Of(_) | Self::Item(_) | Self::Open => Self::Open,
        }
    }

    /// The normal form of a scalar.
    pub fn form(self) -> Form {
        match self {
            Self::Open | Self::Of(Type::Any) => Form::Guess,
            Self::Of(Type::Timestamp) => Form::Time,
            Self::Of(Type::Date) => Form::Date,
            Self::Of(Type::Guid) => Form::Guid,
            Self::Item(_)
            | Self::Of(
                Type::String
                | Type::Boolean
                | Type::Integer
                | Type::Number
                | Type::Duration
                | Type::Enum(_)
                | Type::Array(_)
                | Type::Object(_),
            ) => Form::Exact,
        }
    }
}

/// A list whose order means something. All others are sets.
#[derive(Debug, Clone, Copy)]
pub struct Ordered {
    /// The section.
    pub section: &'static str,
    /// Names that lead to the list.
    pub path: &'static [&'static str],
    /// What its order means.
    pub reason: &'static str,
}

const SCREEN: &str = "the layout of a screen";
const STAGES: &str = "approvals come one after the other";

/// All lists with an order.
pub const ORDERED: &[Ordered] = &[
    Ordered {
        section: "devices.configurations",
        path: &["edgeHomepageUrls"],
        reason: "the pages open in this order",
    },
    Ordered { section: "devices.configurations", path: &["homeScreenDockIcons"], reason: SCREEN },
    Ordered { section: "devices.configurations", path: &["homeScreenDockIcons", "pages"], reason: SCREEN },
    Ordered {
        section: "devices.configurations",
        path: &["homeScreenDockIcons", "pages", "apps"],
        reason: SCREEN,
    },
    Ordered { section: "devices.configurations", path: &["homeScreenPages"], reason: SCREEN },
    Ordered { section: "devices.configurations", path: &["homeScreenPages", "icons"], reason: SCREEN },
    Ordered {
        section: "devices.configurations",
        path: &["homeScreenPages", "icons", "pages"],
        reason: SCREEN,
    },
    Ordered {
        section: "devices.configurations",
        path: &["homeScreenPages", "icons", "pages", "apps"],
        reason: SCREEN,
    },
    Ordered {
        section: "governance.accessReviews",
        path: &["stageSettings"],
        reason: "stages of a review come one after the other",
    },
    Ordered {
        section: "governance.assignmentPolicies",
        path: &["requestApprovalSettings", "stages"],
        reason: STAGES,
    },
    Ordered {
        section: "identity.crossTenantDefault",
        path: &[
            "invitationRedemptionIdentityProviderConfiguration",
            "primaryIdentityProviderPrecedenceOrder",
        ],
        reason: "the first identity provider that knows the guest is taken",
    },
    Ordered {
        section: "roles.policies",
        path: &["policy", "rules", "setting", "approvalStages"],
        reason: STAGES,
    },
];

/// The lists of a section that have an order, as types of its contract: each property of a contract has a
/// type of its own, so that a type is known by its address.
#[derive(Debug)]
pub(super) struct Orders(Vec<&'static Type>);

impl Orders {
    pub fn of(section: &Section) -> Self {
        let contract = section.contract();
        let own = ORDERED.iter().filter(|ordered| ordered.section == section.id);
        let types = own.filter_map(|ordered| match contract.resolve(ordered.path) {
            Resolved::Known(kind) => Some(kind),
            Resolved::Open | Resolved::Unknown { .. } => None,
        });
        Self(types.collect())
    }

    /// Whether a list has an order.
    pub fn has(&self, shape: Shape) -> bool {
        match shape {
            Shape::Of(kind) => self.0.iter().any(|ordered| std::ptr::eq(*ordered, kind)),
            Shape::Item(_) | Shape::Open => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sections;

    #[test]
    fn every_list_with_an_order_is_in_its_contract() {
        for ordered in ORDERED {
            let section = sections::find(ordered.section).unwrap();
            let found = section.contract().resolve(ordered.path);
            assert!(matches!(found, Resolved::Known(Type::Array(_))), "{ordered:?}");
            assert!(!ordered.reason.is_empty());
        }
    }

    #[test]
    fn types_are_walked_along() {
        let section = sections::find("roles.policies").unwrap();
        let orders = Orders::of(section);
        let item = Shape::Item(section.contract());
        let rules = item.member("policy").member("rules");
        let stages = rules.element().member("setting").member("approvalStages");
        assert!(orders.has(stages) && !orders.has(rules) && !orders.has(stages.element()));
        assert!(matches!(item.member("nonsense").element(), Shape::Open));
        assert_eq!(item.member("policy").member("lastModifiedDateTime").form(), Form::Time);
    }
}
