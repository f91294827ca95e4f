//! STUB, to be replaced as a whole by the HTML report (another branch): a minimal valid page.

use super::detail::Detail;
use super::model::Report;

/// Renders the page.
#[must_use]
pub fn render(_report: &Report, _detail: Detail) -> String {
    "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>Levelmark</title></html>\n".to_owned()
}
