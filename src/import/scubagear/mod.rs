//! ScubaGear's `ProviderSettingsExport.json`, old and new format. Comes in: the file. Goes out: a
//! draft of the sections that it holds. Not here: ScubaGear's verdicts, Exchange, Teams, Defender and
//! Power Platform settings (no section holds them).
//!
//! Its lists tell which commands worked, in `*_successful_commands` and `*_unsuccessful_commands`: a
//! command that failed leaves an empty list behind, which must not look like an empty tenant.

mod export;
mod policies;
mod roles;
mod sharepoint;
mod tenant;
mod when;

#[cfg(test)]
mod real_tests;
#[cfg(test)]
mod tests;

use serde_json::{Map, Value};

use self::export::Export;
use super::harvest::Harvest;
use super::kind::{Kind, kind_of};
use super::text::parse;
use super::{ImportError, Imported, Options};
use crate::sections::Via;

/// Imports a ScubaGear export.
///
/// `name` is what messages and sources show. The tenant and the time come from the export; `options`
/// supplies what it lacks.
///
/// # Errors
/// Unreadable, not JSON, another kind of file, another tenant than `options` names, no tenant, no time.
pub fn scubagear(bytes: &[u8], name: &str, options: &Options) -> Result<Imported, ImportError> {
    let export = Export::new(fields(parse(bytes, name)?, name)?, name);
    let found = tenant::details(&export);
    let tenant = tenant::tenant(&export, &found, options, name)?;
    let at = when::taken_at(export.fields(), options, name)?;

    let mut harvest = Harvest::new(Via::Export);
    tenant::sections(&export, found, &mut harvest);
    policies::sections(&export, &mut harvest);
    roles::roles(&export, &mut harvest);
    roles::users(&export, &mut harvest);
    sharepoint::section(&export, &mut harvest);
    if options.at.is_some_and(|given| given != at) {
        harvest.notes.push(format!(
            "the time given is not used: the export itself says {}",
            super::values::rfc3339(at)
        ));
    }
    if harvest.is_empty() {
        return Err(ImportError::Kind {
            name: name.into(),
            what: "the export holds none of the settings that Levelmark looks at".into(),
            help: Some("run ScubaGear with at least the product `aad`".into()),
        });
    }
    Ok(harvest.finish(tenant, at))
}

/// The members of the export: of the file, or of `Raw` in a combined result.
fn fields(value: Value, name: &str) -> Result<Map<String, Value>, ImportError> {
    let kind = kind_of(&value);
    match (kind, value) {
        (Kind::ScubaGear, Value::Object(mut members)) => match members.remove("Raw") {
            Some(Value::Object(raw)) if !members.contains_key("tenant_details") => Ok(raw),
            _ => Ok(members),
        },
        (kind, _) => Err(kind.refused(name, "a ScubaGear settings export")),
    }
}
