//! What an access token is for.

use crate::core::wire::record::record;
use crate::core::wire::text::split_once;
use alloc::string::String;
use alloc::vec::Vec;

record! {
    /// The requested `scope` and, for providers that take one, the `resource` (RFC 8707; Entra v1.0).
    #[derive(Clone, Debug)]
    pub struct Target {
        /// `scope`, as it is sent.
        pub scope: Option<String>,
        /// `resource`.
        pub resource: Option<String>,
        /// Entra: the tenant that issues the token, if it is not that of the sign-in.
        pub tenant: Option<String>,
    }
}

impl Target {
    /// The target of these parameters.
    pub fn new(scope: Option<&str>, resource: Option<&str>) -> Self {
        let some = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(String::from);
        Self {
            scope: some(scope),
            resource: some(resource),
            tenant: None,
        }
    }

    /// The same in this tenant of Entra.
    pub(crate) fn in_tenant(mut self, tenant: Option<&str>) -> Self {
        self.tenant = tenant.map(String::from);
        self
    }

    /// Text that is equal for equal targets: the order of a scope's words means nothing (RFC 6749
    /// section 3.3), nor does it to say one twice.
    pub(crate) fn key(&self) -> String {
        let scope = self.scope.as_deref().unwrap_or_default();
        let mut words: Vec<&str> = Vec::new();
        let mut rest = scope;
        while !rest.is_empty() {
            let (word, after) = split_once(rest, b' ').unwrap_or((rest, ""));
            rest = after;
            let place = words.iter().take_while(|known| **known < word).count();
            if words.get(place) != Some(&word) {
                words.insert(place, word);
            }
        }
        let mut key = String::new();
        for word in words {
            key.push_str(word);
            key.push(' ');
        }
        key.push('\n');
        key.push_str(self.resource.as_deref().unwrap_or_default());
        if let Some(tenant) = &self.tenant {
            key.push('\n');
            key.push_str(tenant);
        }
        key
    }
}

impl PartialEq for Target {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc_6749_3_3_the_order_of_the_words_means_nothing() {
        let target = |scope| Target::new(Some(scope), None);
        assert_eq!(target("a b"), target("b a b"));
        assert_ne!(target("a"), target("a b"));
        assert_ne!(target("a"), Target::new(Some("a"), Some("r")));
        assert_ne!(target("a b"), target("ab"));
        assert_ne!(Target::new(None, Some("a")), target("a"));
    }
}
