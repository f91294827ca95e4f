//! A tenant of any size, of which nothing is stored. Comes in: a number. Goes out: the object of that
//! number, always the same, about as long as a real one. Not here: anything that is written down
//! (`tenant`).

use serde_json::{Value, json};

use super::tenant::Items;

/// How many there are of each.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Synthetic {
    pub(crate) users: usize,
    pub(crate) service_principals: usize,
    pub(crate) groups: usize,
    pub(crate) applications: usize,
}

const USER: u64 = 1;
const PRINCIPAL: u64 = 2;
const GROUP: u64 = 3;
const APPLICATION: u64 = 4;
const OTHER: u64 = 5;

/// Numbers are multiplied by this, modulo 2^48, so that ids come in no order.
const ODD: u64 = 0x5DEE_CE66_D1A3;
const LOW: u64 = (1 << 48) - 1;

const DEPARTMENTS: [&str; 6] = ["Sales", "Finance", "Human Resources", "Production", "IT", "Research"];
const LICENCES: [&str; 2] = ["05e9a617-0261-4cee-bb44-138d3ef5d965", "06ebc4ee-1bb5-47dd-8120-11324bc54e06"];

impl Synthetic {
    /// A whole list.
    pub(crate) fn list(&self, section: &str) -> Option<Items<'_>> {
        let (count, make): (usize, fn(&Self, usize) -> Value) = match section {
            "users.accounts" => (self.users, Self::user),
            "users.registration" => (self.users, Self::registration),
            "applications.servicePrincipals" => (self.service_principals, Self::principal),
            "applications.registrations" => (self.applications, Self::application),
            "groups.groups" => (self.groups, Self::group),
            _ => return None,
        };
        Some(Items::Made(self, count, make))
    }

    /// The list of one object; `None`: the object is none of ours.
    pub(crate) fn list_of(&self, section: &str, object: &str) -> Option<Vec<Value>> {
        let group = index(GROUP, object).filter(|index| *index < self.groups);
        match section {
            "groups.members" => group.map(|group| self.some_users(group, 40)),
            "planner.plans" => group.map(|group| self.plans(group)),
            "applications.provisioningJobs" => {
                let principal = index(PRINCIPAL, object).filter(|index| *index < self.service_principals)?;
                Some(if every(50, principal) { vec![job(object)] } else { Vec::new() })
            }
            _ => None,
        }
    }

    /// One object of a list.
    pub(crate) fn object(&self, section: &str, id: &str) -> Option<Value> {
        let kind = match section {
            "users.accounts" | "users.registration" => USER,
            "applications.servicePrincipals" => PRINCIPAL,
            "applications.registrations" => APPLICATION,
            "groups.groups" => GROUP,
            _ => return None,
        };
        self.list(section)?.get(index(kind, id)?)
    }

    fn user(&self, at: usize) -> Value {
        let department = DEPARTMENTS.get(at % DEPARTMENTS.len()).copied().unwrap_or_default();
        let guest = at % 17 == 3;
        let name = format!("user{at:06}@contoso.com");
        let seen = format!("2026-{:02}-{:02}T{:02}:56:00Z", 1 + at % 10, 1 + at % 28, at % 24);
        json!({
            "id": guid(USER, at),
            "displayName": format!("Person number {at} of {department}"),
            "userPrincipalName": name,
            "mail": name,
            "userType": if guest { "Guest" } else { "Member" },
            "accountEnabled": at % 23 != 5,
            "createdDateTime": date(at),
            "department": department,
            "jobTitle": format!("{department} specialist, grade {}", at % 9),
            "assignedLicenses": LICENCES.map(|sku| json!({ "disabledPlans": [], "skuId": sku })),
            "onPremisesSyncEnabled": if guest { Value::Null } else { json!(true) },
            "externalUserState": if guest { json!("Accepted") } else { Value::Null },
            "employeeType": if every(5, at) { json!("Contractor") } else { json!("Employee") },
            "signInActivity": {
                "lastNonInteractiveSignInDateTime": seen, "lastSignInDateTime": seen,
                "lastSuccessfulSignInDateTime": seen,
                "lastSignInRequestId": guid(OTHER, at), "lastSuccessfulSignInRequestId": guid(OTHER, at + 1),
            },
            "manager": { "@odata.type": "#microsoft.graph.user", "id": guid(USER, at / 10) },
        })
    }

    fn registration(&self, at: usize) -> Value {
        json!({
            "id": guid(USER, at),
            "userPrincipalName": format!("user{at:06}@contoso.com"),
            "userDisplayName": format!("Person number {at}"),
            "userType": if at % 17 == 3 { "guest" } else { "member" },
            "isAdmin": at % 500 == 1, "isMfaRegistered": !every(11, at), "isMfaCapable": !every(11, at),
            "isPasswordlessCapable": every(3, at),
            "isSsprCapable": true, "isSsprEnabled": true, "isSsprRegistered": !every(11, at),
            "isSystemPreferredAuthenticationMethodEnabled": true,
            "methodsRegistered": ["microsoftAuthenticatorPush", "mobilePhone"],
            "lastUpdatedDateTime": "2026-11-01T22:00:00Z",
        })
    }

    fn principal(&self, at: usize) -> Value {
        json!({
            "id": guid(PRINCIPAL, at),
            "appId": guid(OTHER, at),
            "displayName": format!("Service {at}"),
            "servicePrincipalType": if every(4, at) { "ManagedIdentity" } else { "Application" },
            "appOwnerOrganizationId": "f8cdef31-a31e-4b4a-93e4-5f571e91255a",
            "accountEnabled": true,
            "passwordCredentials": credentials(at, every(9, at)),
            "keyCredentials": [],
        })
    }

    fn application(&self, at: usize) -> Value {
        let subject = format!("repo:contoso/service-{at}:ref:refs/heads/main");
        let federated = json!([{
            "id": guid(OTHER, at), "name": "main", "description": "", "subject": subject,
            "issuer": "https://token.actions.githubusercontent.com", "audiences": ["api://AzureADTokenExchange"],
        }]);
        json!({
            "id": guid(APPLICATION, at),
            "appId": guid(OTHER, at),
            "displayName": format!("Application {at}"),
            "signInAudience": "AzureADMyOrg",
            "createdDateTime": date(at),
            "passwordCredentials": credentials(at, every(2, at)),
            "keyCredentials": [],
            "requiredResourceAccess": [{
                "resourceAppId": "00000003-0000-0000-c000-000000000000",
                "resourceAccess": [{ "id": "e1fe6dd8-ba31-4d61-89e7-88639da4683d", "type": "Scope" }],
            }],
            "federatedIdentityCredentials": if every(3, at) { federated } else { json!([]) },
        })
    }

    fn group(&self, at: usize) -> Value {
        let unified = unified(at);
        json!({
            "id": guid(GROUP, at),
            "displayName": format!("Group {at}"),
            "groupTypes": if unified { json!(["Unified"]) } else { json!([]) },
            "membershipRule": null, "membershipRuleProcessingState": null,
            "securityEnabled": !unified, "mailEnabled": unified,
            "isAssignableToRole": null,
            "createdDateTime": date(at),
            "expirationDateTime": null,
            "renewedDateTime": date(at),
            "visibility": if unified { json!("Private") } else { Value::Null },
            "assignedLabels": [],
            "resourceProvisioningOptions": if unified { json!(["Team"]) } else { json!([]) },
            "owners": self.some_users(at, at % 4).iter().map(owner).collect::<Vec<_>>(),
        })
    }

    /// A group's people.
    fn some_users(&self, group: usize, count: usize) -> Vec<Value> {
        let user = |at: usize| {
            let index = (group * 7 + at * 13) % self.users.max(1);
            json!({ "@odata.type": "#microsoft.graph.user", "id": guid(USER, index), "accountEnabled": index % 23 != 5 })
        };
        (0..count.min(self.users)).map(user).collect()
    }

    fn plans(&self, group: usize) -> Vec<Value> {
        let owner = guid(GROUP, group);
        let plan = json!({
            "id": format!("plan-{group:022}"), "title": "Work", "owner": owner, "createdDateTime": date(group),
            "container": { "containerId": owner, "type": "group", "url": format!("https://graph.microsoft.com/v1.0/groups/{owner}") },
        });
        if unified(group) && every(20, group) { vec![plan] } else { Vec::new() }
    }
}

fn unified(at: usize) -> bool {
    every(10, at)
}

fn every(count: usize, at: usize) -> bool {
    at.is_multiple_of(count)
}

fn owner(user: &Value) -> Value {
    json!({ "@odata.type": "#microsoft.graph.user", "id": user.get("id") })
}

fn job(principal: &str) -> Value {
    json!({
        "id": format!("scim.{principal}"), "templateId": "scim",
        "schedule": { "expiration": null, "interval": "PT40M", "state": "Active" },
        "status": { "code": "Active", "countSuccessiveCompleteFailures": 0, "escrowsPruned": false },
        "synchronizationJobSettings": [],
    })
}

fn credentials(at: usize, some: bool) -> Value {
    if !some {
        return json!([]);
    }
    json!([{
        "keyId": guid(OTHER, at + 7), "displayName": "deploy",
        "startDateTime": "2026-05-01T08:00:00Z", "endDateTime": format!("2026-{:02}-15T08:00:00Z", 1 + at % 12),
    }])
}

fn date(at: usize) -> String {
    format!("20{:02}-{:02}-{:02}T08:00:00Z", 18 + at % 8, 1 + at % 12, 1 + at % 28)
}

/// The id of an object: its number can be read out of it again.
fn guid(kind: u64, at: usize) -> String {
    let mixed = mix(at as u64 ^ (kind << 56));
    format!(
        "{:08x}-{kind:04x}-4{:03x}-a{:03x}-{:012x}",
        mixed >> 32,
        mixed & 0xfff,
        (mixed >> 12) & 0xfff,
        (at as u64).wrapping_mul(ODD) & LOW
    )
}

/// The number of an object, if the id is of that kind.
fn index(kind: u64, id: &str) -> Option<usize> {
    let last = u64::from_str_radix(id.rsplit('-').next()?, 16).ok()?;
    // Newton's method doubles the number of right bits each time.
    let inverse =
        (0..6).fold(ODD, |inverse, _| inverse.wrapping_mul(2_u64.wrapping_sub(ODD.wrapping_mul(inverse))));
    let at = usize::try_from(last.wrapping_mul(inverse) & LOW).ok()?;
    guid(kind, at).eq_ignore_ascii_case(id).then_some(at)
}

/// SplitMix64: <https://prng.di.unimi.it/splitmix64.c>
pub(crate) fn mix(seed: u64) -> u64 {
    let mut mixed = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}
