//! `attestations.yaml`: dated answers of people to questions that no API answers. Comes in: a
//! file's name and bytes. Goes out: answers in file order. Not here: which of them counts.

use std::sync::Arc;

use crate::policy::answer::{Answer, RawAttestation, check_ref};
use crate::policy::params::is_guid;
use crate::record;
use crate::snapshot::record::Redaction;
use crate::yaml::decode::Listed;
use crate::yaml::suggest::shown;
use crate::yaml::{Cx, Decode, Mistakes, Need, Source, Text, file, tree};

use super::redacted::{self, RawMark};

record! {
    /// The answers that people of one tenant gave.
    pub struct RawAttestations {
        /// With what `levelmark redact` redacted this file. Nobody writes it by hand.
        redacted: Option<RawMark>,
        /// Directory id of the tenant that they are about.
        tenant: Need<Text>,
        /// The answers. New ones are appended; the latest one of a check counts.
        answers: Listed<RawAttestation>,
    }
}

/// The answers of a tenant.
#[derive(Debug, Clone)]
pub struct Attestations {
    /// Set where names are pseudonyms.
    pub redacted: Option<Redaction>,
    /// Directory id of the tenant, a GUID in lower case.
    pub tenant: String,
    /// Where the tenant is named, for a mistake when it is another's.
    pub tenant_at: std::ops::Range<usize>,
    /// In file order.
    pub answers: Vec<Answer>,
    /// The file, to which `at` of the answers refers.
    pub source: Arc<Source>,
}

impl Attestations {
    /// Reads the file.
    ///
    /// # Errors
    /// All mistakes in it.
    pub fn read(name: &str, bytes: &[u8]) -> Result<Self, Mistakes> {
        let source = file::source(name, bytes).map_err(|mistake| Mistakes(vec![mistake]))?;
        let mut mistakes = Vec::new();
        let node = tree::parse(&source, 0..source.text.len(), &mut mistakes);
        let mut cx = Cx { source: source.clone(), mistakes: &mut mistakes };
        let raw = node.and_then(|node| RawAttestations::decode(&node, &mut cx));
        let tenant = raw.as_ref().and_then(|raw| guid(raw.tenant.get()?, &mut cx));
        let redacted = raw.as_ref().and_then(|raw| redacted::mark(raw.redacted.as_ref()?, &mut cx));
        let answers = raw.iter().flat_map(|raw| raw.answers.iter()).filter_map(|raw| {
            let check = raw.check.get().and_then(|text| check_ref(text, &mut cx));
            raw.parts().answer(check, true, &mut cx)
        });
        let answers = answers.collect();
        Mistakes::check(mistakes)?;
        let (Some(tenant), Some(raw)) = (tenant, raw) else { return Err(Mistakes::default()) };
        let tenant_at = raw.tenant.get().map(|text| text.at.clone()).unwrap_or_default();
        Ok(Self { redacted, tenant, tenant_at, answers, source })
    }
}

/// A directory id, in lower case.
pub(super) fn guid(text: &Text, cx: &mut Cx<'_>) -> Option<String> {
    if !is_guid(&text.value) {
        let message = format!("`{}` is not a directory id (a GUID)", shown(&text.value));
        cx.mistake("config::tenant", message, &text.at).help =
            Some("the Entra admin centre shows it as the tenant id".to_owned());
        return None;
    }
    Some(text.value.to_ascii_lowercase())
}

/// The JSON Schema of `attestations.yaml`.
pub fn schema() -> serde_json::Value {
    crate::policy::raw::plain(schemars::schema_for!(RawAttestations), "Levelmark attestations")
}
