//! What a stored record shows: whose session it is, by the marks that the provider puts into all
//! that it issues. The form of the record is the core's own matter and is not looked at, except for
//! its head, which is the interface of the store, and for where the session of another account begins.

use crate::provider::{AccessId, GrantId, RefreshId};

/// The session of the active account as it stands in a record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct View {
    pub(crate) grant: Option<GrantId>,
    pub(crate) refresh: Option<RefreshId>,
    pub(crate) access: Vec<AccessId>,
}

impl View {
    pub(crate) fn of(record: Option<&String>) -> Self {
        let record = record.map_or("", String::as_str);
        let record = record.split("&other=").next().unwrap_or_default();
        let refresh = RefreshId::in_text(record);
        Self {
            grant: numbers_after(record, "grant.").next(),
            refresh,
            access: numbers_after(record, "at.").collect(),
        }
    }
}

/// The sessions of all accounts, the active one first, if there is one.
pub(crate) fn views(record: Option<&String>) -> Vec<View> {
    let parts = record.map_or("", String::as_str).split("&other=");
    let views = parts.map(|part| View::of(Some(&part.into())));
    views.filter(|view| view.grant.is_some()).collect()
}

/// How a record begins, up to its first `&`.
pub(crate) fn head(record: &str) -> &str {
    record.split('&').next().unwrap_or_default()
}

pub(crate) fn numbers_after<'a>(text: &'a str, mark: &'a str) -> impl Iterator<Item = usize> {
    text.match_indices(mark).filter_map(move |(at, _)| {
        let rest = &text[at + mark.len()..];
        let end = rest.find(|c: char| !c.is_ascii_digit());
        rest[..end.unwrap_or(rest.len())].parse().ok()
    })
}
