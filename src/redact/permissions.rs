//! Permissions: Microsoft's stay, those of an organisation's own services name it. Comes in: a list of them as a grant
//! has it. Goes out: the same list. Not here: which properties hold one (`sections::personal`).

use super::Redactor;
use crate::sections::permission;

/// Scopes of every service.
const EVERYBODYS: [&str; 6] =
    [".default", "email", "offline_access", "openid", "profile", "user_impersonation"];

/// What permissions of Microsoft Graph are about, beside those that we know.
const ABOUT: [&str; 20] = [
    "BookingsAppointment",
    "Calendars",
    "ChannelMessage",
    "Chat",
    "ChatMessage",
    "Contacts",
    "Directory",
    "EAS",
    "EWS",
    "Files",
    "Group",
    "IMAP",
    "Mail",
    "MailboxSettings",
    "Notes",
    "People",
    "SMTP",
    "Sites",
    "Tasks",
    "User",
];
/// What they allow.
const ALLOWING: [&str; 17] = [
    "AccessAsUser",
    "All",
    "AppFolder",
    "AsUser",
    "Basic",
    "Create",
    "FullControl",
    "Invite",
    "Manage",
    "Read",
    "ReadBasic",
    "ReadWrite",
    "Selected",
    "Send",
    "SendAsApp",
    "Shared",
    "Write",
];

/// A permission of Microsoft Graph: one that we know, or of its form.
fn is_permission(word: &str) -> bool {
    let formed = word.split_once('.').is_some_and(|(about, allowing)| {
        ABOUT.contains(&about) && allowing.split('.').all(|part| ALLOWING.contains(&part))
    });
    formed || permission::all().any(|(name, _)| name == word)
}

impl Redactor {
    /// Permissions, one by one.
    pub(super) fn scopes(&self, text: &str) -> String {
        let one = |word: &str| match word.is_empty() || EVERYBODYS.contains(&word) || is_permission(word) {
            true => word.to_owned(),
            false => self.text(word),
        };
        text.split(' ').map(one).collect::<Vec<_>>().join(" ")
    }
}
