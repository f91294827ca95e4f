//! Usage reports: a redirect to a file that was signed for us. Comes in: a request. Goes out: rows of
//! the CSV as items. The token stays with Graph: the address of the file opens it by itself. Not here:
//! which reports there are.

use serde_json::{Map, Value};
use url::Url;

use super::send::{Ask, Client};
use super::{Failure, page::Page};
use crate::collect::{cloud, http};
use crate::sections::Section;
use crate::sections::normal::from_text;
use crate::yaml::suggest::shown;

/// Further redirects of the file's own host.
const HOPS: usize = 3;

impl Client {
    /// The rows of a report.
    ///
    /// # Errors
    /// Why there are none.
    pub async fn report(&self, ask: &Ask, section: &Section) -> Result<Page, Failure> {
        let answer = self.get(ask).await?;
        let body = if answer.elsewhere { self.download(&answer.body).await? } else { answer.body };
        let items = rows(&body, section)?;
        Ok(Page::alone(items, answer.request))
    }

    /// Fetches the file without a word of who we are.
    async fn download(&self, address: &[u8]) -> Result<Vec<u8>, Failure> {
        let elsewhere = |why: &str| Failure::Elsewhere(format!("the report {why}"));
        let local = cloud::here(&self.setup.endpoints.graph);
        let http = if local { http::direct()? } else { http::client()? };
        let mut address = String::from_utf8_lossy(address).into_owned();
        for _ in 0..=HOPS {
            let url = Url::parse(&address).map_err(|_| elsewhere("has no readable address"))?;
            // Plain http only where Graph itself is on this machine.
            if url.scheme() != "https" && !(url.scheme() == "http" && local && cloud::here(&url)) {
                return Err(elsewhere(&format!("is to be fetched over {}", shown(url.scheme()))));
            }
            let response = http.get(url.clone()).send().await?;
            if response.status().is_redirection() {
                let next = response.headers().get("location").and_then(|value| value.to_str().ok());
                let next = next.and_then(|next| url.join(next).ok());
                address = next.ok_or_else(|| elsewhere("leads nowhere"))?.to_string();
                continue;
            }
            if !response.status().is_success() {
                return Err(Failure::Network(format!(
                    "the report's file: status {}",
                    response.status().as_u16()
                )));
            }
            return Ok(self.whole(response).await?.0);
        }
        Err(elsewhere("is handed on too often"))
    }
}

/// The rows by the names of the section's contract: `Report Refresh Date` is `reportRefreshDate`.
fn rows(body: &[u8], section: &Section) -> Result<Vec<Map<String, Value>>, Failure> {
    let unusable = |why: String| Failure::Answer(shown(&why));
    let body = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body);
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(body);
    let header = reader.headers().map_err(|error| unusable(error.to_string()))?.clone();
    let contract = section.contract();
    let names: Vec<Option<(String, &crate::sections::contract::Type)>> = header
        .iter()
        .map(|title| {
            let name = named(title);
            let kept = section.fields.is_none_or(|fields| fields.contains(&name.as_str()));
            contract.field(&name).filter(|_| kept).map(|field| (name, field))
        })
        .collect();
    let keyed = section.key.iter().all(|key| names.iter().flatten().any(|(name, _)| name == key));
    if !keyed {
        return Err(unusable(format!("the report has no column for {}", section.key.join(", "))));
    }
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| unusable(error.to_string()))?;
        let mut row = Map::new();
        for (cell, named) in record.iter().zip(&names) {
            let Some((name, field)) = named else { continue };
            let value =
                from_text(cell, field).map_err(|why| unusable(format!("in {name}, a value {why}")))?;
            row.insert(name.clone(), value);
        }
        rows.push(row);
    }
    Ok(rows)
}

/// A column's title as Graph's JSON names the same property.
fn named(title: &str) -> String {
    if title.eq_ignore_ascii_case("Storage Used (Byte)") {
        return "storageUsedInBytes".to_owned();
    }
    if title.eq_ignore_ascii_case("Office 365") {
        return "office365".to_owned();
    }
    let words = title.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let mut name = String::new();
    for (at, word) in words.enumerate() {
        let mut letters = word.chars();
        let first = letters.next().into_iter();
        if at == 0 {
            name.extend(first.flat_map(char::to_lowercase));
        } else {
            name.extend(first.flat_map(char::to_uppercase));
        }
        name.push_str(letters.as_str());
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sections::find;

    #[test]
    fn rows_of_a_report() {
        let storage = find("content.storageUsage").unwrap();
        let body = "\u{feff}Report Refresh Date,Site Type,Storage Used (Byte),Report Date,Report Period\r\n\
                    2026-11-01,All,123456789012,2026-10-31,90\r\n2026-11-01,All,,2026-10-30,90\r\n";
        let found = rows(body.as_bytes(), storage).unwrap();
        assert_eq!(
            serde_json::to_value(&found).unwrap(),
            serde_json::json!([
                {"reportRefreshDate": "2026-11-01", "siteType": "All", "storageUsedInBytes": 123_456_789_012_u64, "reportDate": "2026-10-31"},
                {"reportRefreshDate": "2026-11-01", "siteType": "All", "storageUsedInBytes": null, "reportDate": "2026-10-30"},
            ])
        );
        for bad in ["", "<html>", "Report Date\n\"x", "Report Date,Storage Used (Byte)\n2026-10-30,many\n"] {
            assert!(rows(bad.as_bytes(), storage).is_err(), "{bad}");
        }
    }

    #[test]
    fn titles_become_names() {
        let titles = ["Report Refresh Date", "Office 365", "OneDrive", "SharePoint", "Windows"];
        assert_eq!(
            titles.map(named),
            ["reportRefreshDate", "office365", "oneDrive", "sharePoint", "windows"]
        );
    }
}
