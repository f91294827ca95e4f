//! The posts of all tenants, each once. Comes in: tenants with their posts. Goes out: `Messages`.
//!
//! The same post has the same id everywhere. An export may write an id of another kind; then the same title
//! and the same moment of publication tell, where one post alone has them.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::{FORMAT, Format, Held, Messages, OfTenant, Post};
use crate::derive;

/// Puts them together.
#[must_use]
pub fn merge(tenants: Vec<OfTenant>, today: DateTime<Utc>) -> Messages {
    let mut posts: Vec<Post> = Vec::new();
    let mut by_id: BTreeMap<String, usize> = BTreeMap::new();
    let mut names = Vec::with_capacity(tenants.len());
    for OfTenant { tenant, posts: own } in tenants {
        names.push(tenant);
        for post in own {
            let id = post.id.to_ascii_uppercase();
            // Without an id nothing says that two are one.
            match by_id.get(&id).filter(|_| !id.is_empty()).and_then(|index| posts.get_mut(*index)) {
                Some(known) => join(known, post),
                None => {
                    by_id.insert(id, posts.len());
                    posts.push(post);
                }
            }
        }
    }
    let (usual, strangers): (Vec<Post>, Vec<Post>) = posts.into_iter().partition(|post| is_usual(&post.id));
    let mut posts = adopt(strangers, usual);
    let order: BTreeMap<&str, usize> =
        names.iter().enumerate().map(|(index, tenant)| (tenant.name.as_str(), index)).collect();
    for post in &mut posts {
        post.tenants.sort_by_key(|held| order.get(held.tenant.as_str()));
        // The day itself is not too late.
        post.overdue = post.act_by.is_some_and(|by| by.date_naive() < today.date_naive()) && post.is_open();
    }
    posts.sort_by_cached_key(|post| {
        let due = post.act_by.filter(|_| post.is_open());
        let modified = post.modified.or(post.published);
        let unread = post.act_by_unread.is_some();
        (!post.is_open(), !post.overdue, due.is_none(), due, !unread, Reverse(modified), post.id.clone())
    });
    Messages { levelmark: Format { messages: FORMAT }, today, tenants: names, posts }
}

/// `MC` and digits.
fn is_usual(id: &str) -> bool {
    let digits = id.strip_prefix("MC").or_else(|| id.strip_prefix("mc")).unwrap_or_default();
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// A post with an id of another kind joins the one post that looks the same.
fn adopt(strangers: Vec<Post>, mut posts: Vec<Post>) -> Vec<Post> {
    let mut by_look: BTreeMap<(String, DateTime<Utc>), Option<usize>> = BTreeMap::new();
    for (index, post) in posts.iter().enumerate() {
        if let Some(look) = look(post) {
            by_look.entry(look).and_modify(|of| *of = None).or_insert(Some(index));
        }
    }
    for post in strangers {
        let known = look(&post).and_then(|look| by_look.get(&look).copied().flatten());
        // Two posts of one tenant are two.
        let same = |held: &Held| post.tenants.iter().any(|own| own.tenant == held.tenant);
        match known.and_then(|index| posts.get_mut(index)).filter(|known| !known.tenants.iter().any(same)) {
            Some(known) => join(known, post),
            None => posts.push(post),
        }
    }
    posts
}

fn look(post: &Post) -> Option<(String, DateTime<Utc>)> {
    Some((derive::title(post.title.as_deref()?), post.published?))
}

/// The latest edition says what a post says; what it leaves open, an earlier one may know.
fn join(known: &mut Post, other: Post) {
    let newer = other.modified > known.modified;
    let (latest, earlier) = if newer { (other, known.clone()) } else { (known.clone(), other) };
    let mut tenants = known.tenants.clone();
    let own = if newer { &latest.tenants } else { &earlier.tenants };
    // A tenant that holds it twice, e.g. with its id in small letters, holds it.
    let holds = |tenant: &str| known.tenants.iter().any(|held| held.tenant == tenant);
    tenants.extend(own.iter().filter(|held| !holds(&held.tenant)).cloned());
    // A day that was withdrawn is none.
    let dated = if latest.says_act_by { &latest } else { &earlier };
    let (act_by, act_by_unread, says_act_by) = (dated.act_by, dated.act_by_unread.clone(), dated.says_act_by);
    *known = Post {
        id: if is_usual(&latest.id) { latest.id } else { known.id.clone() },
        title: latest.title.or(earlier.title),
        services: if latest.services.is_empty() { earlier.services } else { latest.services },
        category: latest.category.or(earlier.category),
        severity: latest.severity.or(earlier.severity),
        is_major_change: latest.is_major_change.or(earlier.is_major_change),
        published: latest.published.or(earlier.published),
        modified: latest.modified.or(earlier.modified),
        act_by,
        act_by_unread,
        says_act_by,
        ends: latest.ends.or(earlier.ends),
        overdue: false,
        tenants,
    };
}
