//! `schema`: the JSON Schema of a file format, for editors.

use crate::cli::{Schema, SchemaOf};
use crate::exit;
use crate::run::{Result, Terminal};

/// Prints it.
///
/// # Errors
/// The pipe is closed.
pub fn run(args: &Schema, terminal: &Terminal) -> Result<u8> {
    match args.what {
        SchemaOf::Policy => terminal.print_json(&crate::policy::raw::schema())?,
        SchemaOf::Config => terminal.print_json(&crate::config::config_schema())?,
        SchemaOf::Report => terminal.print_json(&crate::report::schema::report())?,
        SchemaOf::Trend => terminal.print_json(&crate::report::schema::trend())?,
        SchemaOf::Attestations => terminal.print_json(&crate::config::attestations_schema())?,
        SchemaOf::Approvals => terminal.print_json(&crate::config::approvals::schema())?,
        #[cfg(feature = "collect")]
        SchemaOf::Tenants => {
            let schema = crate::collect::tenants::schema();
            terminal.print_json(&crate::policy::raw::plain(schema, "Tenants of a Levelmark collection"))?;
        }
    }
    Ok(exit::MET)
}
