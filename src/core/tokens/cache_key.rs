//! The key of a kept token: one type for every kind of client, so that no client or user ever gets
//! the token of another.

use crate::core::oauth::target::Target;
use crate::core::wire::form::Form;
use alloc::string::String;

/// Whose tokens they are.
#[derive(Clone, Copy)]
pub(crate) enum Owner<'a> {
    /// A signed-in user, by `sub`.
    Account(&'a str),
    /// The client itself.
    Client,
    /// The client in the name of this agent identity of its own (`fmi_path`).
    Agent(&'a str),
    /// The one whose token was exchanged, by the digest of all that identifies the exchange.
    Assertion(&'a str),
    /// The one who began a long-running session: its key, and the digest of the assertion.
    Session(&'a str, &'a str),
}

/// All tokens of one client that belong to one owner.
pub(crate) struct Partition(Form);

/// The key of one token. Two tokens have the same key only if each may be returned for the other.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct CacheKey {
    // Compared first: the texts of one session's keys begin alike, and to compare them takes long.
    hash: u32,
    text: String,
}

impl CacheKey {
    /// Text that differs for different keys.
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }
}

impl Partition {
    /// `issuer` is the provider, or of Entra the cloud, in which tenants are told apart by
    /// `tenant`.
    pub(crate) fn new(
        issuer: &str,
        tenant: Option<&str>,
        client_id: &str,
        owner: Owner<'_>,
    ) -> Self {
        let mut key = Form::default();
        key.set("issuer", issuer)
            .set_some("tenant", tenant)
            .set("client", client_id);
        match owner {
            Owner::Account(subject) => key.set("account", subject),
            Owner::Client => &mut key,
            Owner::Agent(path) => key.set("agent", path),
            Owner::Assertion(digest) => key.set("assertion", digest),
            Owner::Session(name, digest) => key.set("session", name).set("assertion", digest),
        };
        Self(key)
    }

    /// The key of the token for this target. `claims` is what every token of the client asks for,
    /// not the response to one challenge; `proof_key` is the thumbprint of the key that the token
    /// is bound to.
    pub(crate) fn key(
        &self,
        target: &Target,
        claims: Option<&str>,
        proof_key: Option<&str>,
    ) -> CacheKey {
        let target = target.key();
        let mut key = self.0.clone();
        key.set("target", &target)
            .set_some("claims", claims)
            .set_some("proof_key", proof_key);
        CacheKey {
            hash: hash(&target),
            text: key.into_string(),
        }
    }
}

/// FNV-1a.
fn hash(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_makes_another_key() {
        let target = Target::new(Some("a b"), None);
        let key = |issuer, tenant, client, subject, claims, proof| {
            Partition::new(issuer, tenant, client, Owner::Account(subject))
                .key(&target, claims, proof)
        };
        let keys = [
            key("i", None, "c", "s", None, None),
            key("i2", None, "c", "s", None, None),
            key("i", Some("t"), "c", "s", None, None),
            key("i", None, "c2", "s", None, None),
            key("i", None, "c", "s2", None, None),
            key("i", None, "c", "s", Some("{}"), None),
            key("i", None, "c", "s", None, Some("{}")),
            // Parts cannot flow into each other.
            key("i&tenant=t", None, "c", "s", None, None),
            key("i", None, "c&account=s", "", None, None),
        ];
        for (place, one) in keys.iter().enumerate() {
            assert!(!keys[..place].contains(one), "{one:?}");
        }
        let own = Partition::new("i", None, "c", Owner::Client).key(&target, None, None);
        assert!(!keys.contains(&own));
        for owner in [
            Owner::Agent("s"),
            Owner::Assertion("s"),
            Owner::Assertion("t"),
            Owner::Session("s", "t"),
            Owner::Session("t", "s"),
        ] {
            let key = Partition::new("i", None, "c", owner).key(&target, None, None);
            assert!(!keys.contains(&key) && key != own);
        }
        let turned = Target::new(Some("b a"), None);
        let partition = Partition::new("i", None, "c", Owner::Account("s"));
        assert_eq!(partition.key(&turned, None, None), keys[0]);
    }
}
