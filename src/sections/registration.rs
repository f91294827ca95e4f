//! An application registered with the least permissions: as a piece of its manifest, as commands of
//! the Azure CLI, as a PowerShell script. Comes in: permissions. Goes out: text to paste or run.
//! Not here: running anything, secrets.

use serde::Serialize;

use super::least::Least;
use super::permission::GRAPH;

/// The name under which the application is registered.
const NAME: &str = "levelmark";

/// What an application asks for, in the manifest's words.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Access {
    resource_app_id: &'static str,
    resource_access: Vec<One>,
}

/// A permission in the manifest's words.
#[derive(Debug, Serialize)]
struct One {
    id: &'static str,
    #[serde(rename = "type")]
    kind: &'static str,
}

/// The value of `requiredResourceAccess` in an application manifest.
#[must_use]
pub fn manifest(least: &Least) -> Vec<Access> {
    let one = |id| One { id, kind: least.kind() };
    let ids = least.rows.iter().filter_map(|row| least.id(row));
    vec![Access { resource_app_id: GRAPH, resource_access: ids.map(one).collect() }]
}

/// Commands of the Azure CLI for bash or zsh. The JSON stands in single quotes, in which these
/// shells know no escape; it consists of ids and words alone.
#[must_use]
pub fn az(least: &Least) -> String {
    let json = serde_json::to_string(&manifest(least)).unwrap_or_default();
    let public = if least.person {
        "  --is-fallback-public-client true --public-client-redirect-uris http://localhost \\\n"
    } else {
        ""
    };
    let credential = if least.person {
        "# Then: levelmark collect --sign-in browser --client-id CLIENT_ID --tenant TENANT --out FOLDER\n"
    } else {
        "# Then give it a credential; a certificate rather than a secret:\n\
         #   az ad app credential reset --id \"$APP_ID\" --create-cert\n"
    };
    format!(
        "# Registers the application \"{NAME}\" with the permissions below and no other.\n\
         # For bash or zsh, after `az login`. Registering takes an Application Developer, the consent of the last\n\
         # step a Privileged Role Administrator or Global Administrator; the pause lets the directory catch up.\n\
         {}\
         APP_ID=$(az ad app create --display-name {NAME} --sign-in-audience AzureADMyOrg \\\n{public}  \
         --required-resource-accesses {} \\\n  --query appId --output tsv) &&\n\
         az ad sp create --id \"$APP_ID\" --query id --output tsv &&\n\
         sleep 30 &&\n\
         az ad app permission admin-consent --id \"$APP_ID\" &&\n\
         printf 'AZURE_CLIENT_ID=%s\\n' \"$APP_ID\"\n\
         {credential}",
        names(least),
        in_shell(&json),
    )
}

/// A PowerShell script with the Microsoft Graph module, in plain ASCII.
#[must_use]
pub fn powershell(least: &Least) -> String {
    let access: Vec<String> = least
        .rows
        .iter()
        .filter_map(|row| {
            let id = least.id(row)?;
            Some(format!(
                "        @{{ Id = {}; Type = {} }} # {}",
                quoted(id),
                quoted(least.kind()),
                row.name
            ))
        })
        .collect();
    let (scope, public, consent) = if least.person {
        let scopes: Vec<&str> =
            least.rows.iter().filter(|row| least.id(row).is_some()).map(|row| row.name).collect();
        (
            "DelegatedPermissionGrant.ReadWrite.All",
            " -IsFallbackPublicClient -PublicClient @{ RedirectUris = @('http://localhost') }",
            format!(
                "New-MgOauth2PermissionGrant -ClientId $own.Id -ConsentType 'AllPrincipals' -ResourceId $graph.Id \
                 -Scope {} | Out-Null\n",
                quoted(&scopes.join(" "))
            ),
        )
    } else {
        (
            "AppRoleAssignment.ReadWrite.All",
            "",
            "foreach ($role in $access.ResourceAccess) {\n    \
             New-MgServicePrincipalAppRoleAssignment -ServicePrincipalId $own.Id -PrincipalId $own.Id \
             -ResourceId $graph.Id -AppRoleId $role.Id | Out-Null\n}\n"
                .to_owned(),
        )
    };
    format!(
        "#Requires -Modules Microsoft.Graph.Applications, Microsoft.Graph.Identity.SignIns\n\
         # Registers the application \"{NAME}\" with the permissions below and no other, and consents to them.\n\
         # Consenting takes a Privileged Role Administrator or Global Administrator.\n\
         {}\
         $ErrorActionPreference = 'Stop'\n\
         Connect-MgGraph -NoWelcome -Scopes 'Application.ReadWrite.All', {}\n\
         $access = @{{\n    ResourceAppId = {}\n    ResourceAccess = @(\n{}\n    )\n}}\n\
         $app = New-MgApplication -DisplayName {} -SignInAudience 'AzureADMyOrg'{public} \
         -RequiredResourceAccess @($access)\n\
         $own = New-MgServicePrincipal -AppId $app.AppId\n\
         $graph = Get-MgServicePrincipal -Filter \"appId eq '{GRAPH}'\"\n\
         {consent}\
         \"AZURE_CLIENT_ID=$($app.AppId)\"\n",
        by_name(least),
        quoted(scope),
        quoted(GRAPH),
        access.join("\n"),
        quoted(NAME),
    )
}

/// Comment lines: the names, since the ids say nothing to people.
fn names(least: &Least) -> String {
    let mut out = String::new();
    for row in least.rows.iter().filter(|row| least.id(row).is_some()) {
        out.push_str(&format!("#   {}\n", row.name));
    }
    out + &by_name(least)
}

fn by_name(least: &Least) -> String {
    least
        .by_name()
        .map(|row| format!("# Add by name in the portal, its id is not known here: {}\n", row.name))
        .collect()
}

/// A word for a POSIX shell: in single quotes nothing is special but the quote itself, which is
/// put outside (POSIX 2.2.2).
fn in_shell(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// A literal for PowerShell: in single quotes only the doubled quote is an escape
/// (about_Quoting_Rules).
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::super::least::least;
    use super::super::{Section, all};
    use super::*;

    fn everything(person: bool) -> Least {
        let sections: Vec<&'static Section> = all().collect();
        least(&sections, person)
    }

    #[test]
    fn the_manifest_of_all_sections_is_json_with_unique_ids() {
        for person in [false, true] {
            let least = everything(person);
            let text = serde_json::to_string(&manifest(&least)).unwrap();
            let value: Value = serde_json::from_str(&text).unwrap();
            assert_eq!(value[0]["resourceAppId"], GRAPH);
            let entries = value[0]["resourceAccess"].as_array().unwrap();
            let ids: BTreeSet<&str> = entries.iter().map(|entry| entry["id"].as_str().unwrap()).collect();
            assert_eq!(ids.len(), entries.len());
            assert!(ids.iter().all(|id| crate::sections::normal::is_guid(id)));
            assert!(entries.iter().all(|entry| entry["type"] == least.kind()));
            assert_eq!(entries.len() + least.by_name().count(), least.rows.len());
        }
    }

    #[test]
    fn the_az_command_hands_over_the_manifest_as_one_word() {
        for person in [false, true] {
            let least = everything(person);
            let text = az(&least);
            let start = text.find("--required-resource-accesses '").unwrap() + 30;
            let word = &text[start..start + text[start..].find('\'').unwrap()];
            let value: Value = serde_json::from_str(word).unwrap();
            assert_eq!(value, serde_json::to_value(manifest(&least)).unwrap());
            assert_eq!(text.contains("--is-fallback-public-client"), person);
        }
    }

    #[test]
    fn the_script_is_ascii_and_its_quotes_are_closed() {
        for person in [false, true] {
            let text = powershell(&everything(person));
            assert!(text.is_ascii());
            for line in text.lines().filter(|line| !line.starts_with('#')) {
                assert_eq!(line.matches('\'').count() % 2, 0, "{line}");
            }
            assert_eq!(text.contains("New-MgOauth2PermissionGrant"), person);
            assert_eq!(text.contains("New-MgServicePrincipalAppRoleAssignment"), !person);
        }
    }

    #[test]
    fn quotes() {
        assert_eq!(in_shell("it's $(x)"), r"'it'\''s $(x)'");
        assert_eq!(quoted("it's $x"), "'it''s $x'");
    }
}
