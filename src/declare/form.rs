//! The questionnaires: what the admin centre shows, field by field, in its order. Comes in: nothing.
//! Goes out: constants. Not here: asking (`ask`), reading a table (`table`).

/// A questionnaire for one section.
#[derive(Debug)]
pub struct Form {
    /// The section that it fills.
    pub section: &'static str,
    /// What it is about.
    pub title: &'static str,
    /// Where in the admin centre it stands.
    pub place: &'static str,
    /// One item per administrator; otherwise one item for the tenant.
    pub per_administrator: bool,
    /// The questions in the order of the page.
    pub questions: &'static [Question],
}

/// One question.
#[derive(Debug)]
pub struct Question {
    /// Path of the answer in the item, dotted. It is also the header of the column in a table.
    pub path: &'static str,
    /// The question in one line.
    pub label: &'static str,
    /// What `?` shows: what is meant, where to look.
    pub help: &'static str,
    /// What an answer looks like.
    pub kind: Kind,
    /// Asked only if all of these earlier answers are so; otherwise the answer is no, none or empty.
    pub when: &'static [When],
}

/// A condition on an earlier answer: its path, and the answer as it is written.
pub type When = (&'static str, &'static str);

/// What an answer looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Yes or no.
    YesNo,
    /// A sign-in name, `name@domain`.
    SignInName,
    /// The object id of an account, a GUID.
    Guid,
    /// Any text.
    Text,
    /// Mail addresses, one to this many.
    Addresses(usize),
    /// Sign-in names, at least one.
    SignInNames,
    /// Names of services as the admin centre writes them, at least one.
    Services,
    /// One of these: the word that is stored, and what the admin centre calls it.
    Choice(&'static [(&'static str, &'static str)]),
}

impl Form {
    /// The questionnaire of a section.
    pub fn find(section: &str) -> Option<&'static Form> {
        FORMS.iter().find(|form| form.section == section)
    }
}

const NAME: Question = Question {
    path: "admin.userPrincipalName",
    label: "Sign-in name of the administrator",
    help: "These settings belong to one administrator's account each. Write the name that this person signs in with, e.g. alex@contoso.com.",
    kind: Kind::SignInName,
    when: &[],
};
const ID: Question = Question {
    path: "admin.id",
    label: "Object id of that account",
    help: "A GUID. Entra admin centre, Users, the account, Overview: Object ID. It stays the same when the name changes.",
    kind: Kind::Guid,
    when: &[],
};
const VIEW_ALL: Question = Question {
    path: "view.allServices",
    label: "Does the page show all services?",
    help: "In the preferences of the page: yes if no service is unticked, no if it shows a choice of services.",
    kind: Kind::YesNo,
    when: &[],
};
const VIEW_SERVICES: Question = Question {
    path: "view.services",
    label: "Services that the page shows",
    help: "The ticked services, as the admin centre writes them, e.g. Exchange Online; Microsoft Teams.",
    kind: Kind::Services,
    when: &[("view.allServices", "no")],
};
const MAIL_ALL: Question = Question {
    path: "email.allServices",
    label: "Are the mails about all services?",
    help: "Yes if no service is unticked on the mail tab.",
    kind: Kind::YesNo,
    when: &[("email.enabled", "yes")],
};
const MAIL_SERVICES: Question = Question {
    path: "email.services",
    label: "Services that the mails are about",
    help: "The services ticked on the mail tab, as the admin centre writes them.",
    kind: Kind::Services,
    when: &[("email.enabled", "yes"), ("email.allServices", "no")],
};

/// All questionnaires.
pub const FORMS: &[Form] = &[
    Form {
        section: "messageCenter.preferences",
        title: "Message Center preferences of an administrator",
        place: "Microsoft 365 admin centre, Health, Message center, Preferences",
        per_administrator: true,
        questions: &[
            NAME,
            ID,
            VIEW_ALL,
            VIEW_SERVICES,
            Question {
                path: "email.enabled",
                label: "Does Message Center send mail to this administrator?",
                help: "The box at the top of the mail tab.",
                kind: Kind::YesNo,
                when: &[],
            },
            Question {
                path: "email.addresses",
                label: "Addresses that get the mail",
                help: "The administrator's own address, if ticked, and up to two others.",
                kind: Kind::Addresses(3),
                when: &[("email.enabled", "yes")],
            },
            Question {
                path: "email.majorUpdates",
                label: "Mail about major updates?",
                help: "A mail for each post that is marked as a major update.",
                kind: Kind::YesNo,
                when: &[("email.enabled", "yes")],
            },
            Question {
                path: "email.dataPrivacy",
                label: "Mail about data privacy?",
                help: "A mail for each data privacy post. Only some roles see these posts and this box; answer no without it.",
                kind: Kind::YesNo,
                when: &[("email.enabled", "yes")],
            },
            Question {
                path: "email.weeklyDigest",
                label: "Weekly digest?",
                help: "One mail a week that sums up the posts.",
                kind: Kind::YesNo,
                when: &[("email.enabled", "yes")],
            },
            MAIL_ALL,
            MAIL_SERVICES,
        ],
    },
    Form {
        section: "messageCenter.plannerSync",
        title: "Message Center posts as tasks in Planner",
        place: "Microsoft 365 admin centre, Health, Message center, Planner syncing",
        per_administrator: false,
        questions: &[
            Question {
                path: "configured",
                label: "Is the sync with Planner set up?",
                help: "Yes if the page shows a plan. No if it offers to set one up.",
                kind: Kind::YesNo,
                when: &[],
            },
            Question {
                path: "planId",
                label: "Id of the plan",
                help: "Open the plan in Planner: the id stands in the address, after `plan/` or `planId=`.",
                kind: Kind::Text,
                when: &[("configured", "yes")],
            },
            Question {
                path: "bucket",
                label: "Bucket that new tasks go to",
                help: "The name of the bucket as the plan shows it.",
                kind: Kind::Text,
                when: &[("configured", "yes")],
            },
            Question {
                path: "allServices",
                label: "Are posts about all services synced?",
                help: "No if the sync is limited to some services.",
                kind: Kind::YesNo,
                when: &[("configured", "yes")],
            },
            Question {
                path: "services",
                label: "Services whose posts are synced",
                help: "As the admin centre writes them.",
                kind: Kind::Services,
                when: &[("configured", "yes"), ("allServices", "no")],
            },
            Question {
                path: "recurring",
                label: "Does it sync by itself, again and again?",
                help: "Yes if a flow in Power Automate runs the sync at intervals. No if somebody presses the button.",
                kind: Kind::YesNo,
                when: &[("configured", "yes")],
            },
        ],
    },
    Form {
        section: "serviceHealth.notifications",
        title: "Service health notifications of an administrator",
        place: "Microsoft 365 admin centre, Health, Service health, Customize",
        per_administrator: true,
        questions: &[
            NAME,
            ID,
            VIEW_ALL,
            VIEW_SERVICES,
            Question {
                path: "email.enabled",
                label: "Does service health send mail to this administrator?",
                help: "The box at the top of the mail tab.",
                kind: Kind::YesNo,
                when: &[],
            },
            Question {
                path: "email.addresses",
                label: "Addresses that get the mail",
                help: "One or two addresses; a shared mailbox or a ticket system counts.",
                kind: Kind::Addresses(2),
                when: &[("email.enabled", "yes")],
            },
            Question {
                path: "email.incidents",
                label: "Mail about incidents?",
                help: "Incidents are serious: a service is down or badly degraded.",
                kind: Kind::YesNo,
                when: &[("email.enabled", "yes")],
            },
            Question {
                path: "email.advisories",
                label: "Mail about advisories?",
                help: "Advisories are less serious: few people, or a way around.",
                kind: Kind::YesNo,
                when: &[("email.enabled", "yes")],
            },
            MAIL_ALL,
            MAIL_SERVICES,
        ],
    },
    Form {
        section: "tenant.releasePreferences",
        title: "Release preferences of the organisation",
        place: "Microsoft 365 admin centre, Settings, Org settings, Organization profile, Release preferences",
        per_administrator: false,
        questions: &[
            Question {
                path: "track",
                label: "Who gets new features early?",
                help: "Standard: nobody, features come with the general release. Targeted: everyone, or the people that you chose.",
                kind: Kind::Choice(&[
                    ("standard", "Standard release for everyone"),
                    ("targetedEveryone", "Targeted release for everyone"),
                    ("targetedSelected", "Targeted release for select users"),
                ]),
                when: &[],
            },
            Question {
                path: "users",
                label: "Sign-in names of the chosen people",
                help: "All that the page lists.",
                kind: Kind::SignInNames,
                when: &[("track", "targetedSelected")],
            },
        ],
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sections::contract::{Resolved, Type};
    use crate::sections::{Via, all, find};

    #[test]
    fn every_declared_section_has_a_form_and_every_question_a_field() {
        let mut declared: Vec<&str> =
            all().filter(|section| section.via.contains(&Via::Declared)).map(|section| section.id).collect();
        let mut forms: Vec<&str> = FORMS.iter().map(|form| form.section).collect();
        forms.sort_unstable();
        declared.sort_unstable();
        assert_eq!(forms, declared);
        for form in FORMS {
            let contract = find(form.section).unwrap().contract();
            for question in form.questions {
                let steps: Vec<&str> = question.path.split('.').collect();
                let Resolved::Known(field) = contract.resolve(&steps) else {
                    panic!("{}: {} is no field", form.section, question.path)
                };
                let fits = match question.kind {
                    Kind::YesNo => *field == Type::Boolean,
                    Kind::SignInName | Kind::Text => *field == Type::String,
                    Kind::Guid => *field == Type::Guid,
                    Kind::Addresses(_) | Kind::SignInNames | Kind::Services => {
                        matches!(field, Type::Array(_))
                    }
                    Kind::Choice(words) => {
                        *field == Type::Enum(words.iter().map(|(word, _)| (*word).to_string()).collect())
                    }
                };
                assert!(fits, "{}: {} is {field}", form.section, question.path);
            }
        }
    }

    #[test]
    fn conditions_look_back_and_name_an_answer() {
        for form in FORMS {
            for (at, question) in form.questions.iter().enumerate() {
                for (path, answer) in question.when {
                    let earlier = form.questions[..at].iter().find(|earlier| earlier.path == *path).unwrap();
                    match earlier.kind {
                        Kind::YesNo => assert!(["yes", "no"].contains(answer)),
                        Kind::Choice(words) => assert!(words.iter().any(|(word, _)| word == answer)),
                        _ => panic!("{} depends on free text", question.path),
                    }
                }
            }
        }
    }
}
