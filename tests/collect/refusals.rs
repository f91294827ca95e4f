//! Every way in which Graph refuses becomes the right state, and its checks are unknown and say what is
//! lacking: never a pass, never a fail.

use levelmark::snapshot::record::State;
use serde_json::Value;

use crate::asking::{Asking, open};
use crate::contoso::permitted;
use crate::fake_graph::FakeGraph;
use crate::fake_graph::faults::{After, Fault, Trouble};
use crate::fake_graph::refusals::Refusal;
use crate::fake_graph::tenant::Tenant;
use crate::program;

/// A shape, the state that it means, and a word of what is needed or happened.
fn shapes() -> Vec<(Refusal, State, &'static str)> {
    vec![
        (Refusal::RequestDenied, State::Denied, "Policy.Read.All"),
        (Refusal::PermissionMissing("Policy.Read.All".into()), State::Denied, "Policy.Read.All"),
        (Refusal::AccessDenied, State::Denied, "Policy.Read.All"),
        (Refusal::SharePointDenied, State::Denied, "Policy.Read.All"),
        (Refusal::EmptyCode, State::Denied, "Policy.Read.All"),
        (Refusal::Nested, State::Denied, "Policy.Read.All"),
        (Refusal::NonPremium, State::Unlicensed, "P1"),
        (Refusal::PremiumRequired, State::Unlicensed, "P1"),
        (Refusal::Unlicensed, State::Unlicensed, "P1"),
        (Refusal::IntuneAbsent, State::Unavailable, "not applicable"),
        (Refusal::IntuneForbidden, State::Unavailable, "not applicable"),
        (Refusal::NoSegment("x".into()), State::Unavailable, "segment"),
        (Refusal::NoSegment404("x".into()), State::Unavailable, "segment"),
        (Refusal::NotFound, State::Unavailable, "NotFound"),
        (Refusal::InvalidToken, State::Failed, "InvalidAuthenticationToken"),
        (Refusal::ClaimsChallenge, State::Failed, "InvalidAuthenticationToken"),
        (Refusal::TooMany, State::Failed, "throttled"),
        (Refusal::BadRequest("something odd".into()), State::Failed, "something odd"),
        (Refusal::NotImplemented, State::Failed, "NotImplemented"),
        (Refusal::Broken(500), State::Failed, "status 500"),
        (Refusal::Broken(503), State::Failed, "throttled"),
        (Refusal::Other(403, String::new(), String::new()), State::Denied, "Policy.Read.All"),
        (Refusal::Other(418, "Teapot".into(), "\u{1b}[31mshort and stout".into()), State::Failed, "Teapot"),
    ]
}

const SECTION: &str = "conditionalAccess.policies";

#[tokio::test(flavor = "multi_thread")]
async fn every_shape_is_a_state_and_an_unknown() {
    for (refusal, state, word) in shapes() {
        let tenant = Tenant::contoso().unwrap().refusing(SECTION, refusal.clone());
        let fake = FakeGraph::start(tenant, permitted()).await.unwrap();
        let asking = Asking::of(&fake).only(&[SECTION, "groups.members"]);
        asking.collect().await.unwrap();
        let snapshot = open(&asking.out());
        let record = snapshot.record(SECTION).unwrap();
        assert_eq!(record.state, state, "{refusal:?}: {record:?}");
        let told = format!("{record:?}");
        assert!(told.contains(word), "{refusal:?}: {told}");
        assert!(!told.contains('\u{1b}'), "{told}");
        // Which groups are referred to is not known any more: what depends on it is not whole either.
        let members = snapshot.record("groups.members").unwrap();
        assert_eq!(members.state, State::Partial, "{refusal:?}: {members:?}");
        if matches!(
            refusal,
            Refusal::RequestDenied | Refusal::NonPremium | Refusal::IntuneAbsent | Refusal::TooMany
        ) {
            all_unknown(&asking, word);
        }
        assert_eq!(fake.sums().leaks, 0);
    }
}

/// Checks that read the section are unknown, and say why.
fn all_unknown(asking: &Asking, word: &str) {
    let folder = asking.folder.path();
    let run = program::run(folder, &["check", "snapshot", "--format", "json", "--policy", "INF-400-G2"], b"");
    let report: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|_| panic!("{}", run.stderr));
    let findings = report["findings"].as_array().unwrap();
    assert!(findings.len() > 2);
    for finding in findings {
        assert_eq!(finding["outcome"], "unknown", "{finding}");
    }
    assert!(
        findings.iter().any(|finding| finding["reason"].to_string().contains(word)),
        "{word}: {findings:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_only_for_a_while_is_waited_for() {
    let faults = vec![
        Fault::on("/domains", Trouble::Throttle(After::Seconds(3))).times(3),
        Fault::on("/organization", Trouble::Throttle(After::Unsaid)).times(5),
        Fault::on("/subscribedSkus", Trouble::Throttle(After::Seconds(0))).times(2),
        Fault::on("/groupSettings", Trouble::Status(503)).times(4),
        Fault::on("/groupLifecyclePolicies", Trouble::Status(504)).times(2),
        Fault::on("/policies/authorizationPolicy", Trouble::Status(500)).times(2),
        Fault::on("/policies/adminConsentRequestPolicy", Trouble::Status(502)).times(2),
        Fault::on("/admin/sharepoint/settings", Trouble::Reset).times(2),
        Fault::on("/users", Trouble::Cut).times(2),
        Fault::on("/identity/conditionalAccess/policies", Trouble::Silent).times(1),
    ];
    let settings = crate::fake_graph::settings::Settings { faults, ..permitted() };
    let fake = FakeGraph::start(Tenant::contoso().unwrap(), settings).await.unwrap();
    let mut asking = Asking::of(&fake);
    asking.order.setup.silence = std::time::Duration::from_secs(1);
    let collected = asking.collect().await.unwrap();
    for id in [
        "tenant.domains",
        "tenant.organization",
        "tenant.licences",
        "groups.settings",
        "groups.lifecycle",
        "identity.authorization",
        "identity.adminConsent",
        "content.sharepoint",
        "users.accounts",
        "conditionalAccess.policies",
    ] {
        let record = &collected.manifest.sections[id];
        assert_eq!(record.state, State::Read, "{id}: {record:?}");
    }
    let throttled: u64 = collected.counts.values().map(|count| count.throttled).sum();
    assert!(throttled >= 10, "{throttled}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_revoked_is_renewed_once() {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    use levelmark::collect::sign_in::{Claims, SignInError, Token, TokenSource};

    /// Gives a second token after the first was refused.
    #[derive(Debug)]
    struct Two {
        first: String,
        fake: Arc<FakeGraph>,
        renewed: AtomicU32,
    }
    impl TokenSource for Two {
        fn token(&self, fresh: bool) -> futures::future::BoxFuture<'_, Result<Arc<Token>, SignInError>> {
            let text = if fresh || self.renewed.load(Ordering::Relaxed) > 0 {
                self.renewed.fetch_add(1, Ordering::Relaxed);
                self.fake.token()
            } else {
                self.first.clone()
            };
            let claims = Claims::of(&text);
            Box::pin(async move { Ok(Arc::new(Token { secret: text.into(), claims })) })
        }
    }
    let fake = Arc::new(FakeGraph::start(Tenant::contoso().unwrap(), permitted()).await.unwrap());
    let mut asking = Asking::of(&fake).only(&["tenant.domains"]);
    let two = Two { first: fake.token(), fake: fake.clone(), renewed: AtomicU32::new(0) };
    fake.revoke();
    asking.order.setup.tokens = Arc::new(two);
    let collected = asking.collect().await.unwrap();
    assert_eq!(collected.manifest.sections["tenant.domains"].state, State::Read);
}
