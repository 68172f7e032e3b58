//! The tokens of a service: whatever happens to the provider and to the store that its instances
//! share, nobody is handed another's token or an expired one, and one request does where one is
//! enough.

mod limits;
mod provider;
mod store;
mod world;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

use self::provider::Fault;
use self::store::StoreFault;
use self::world::World;
use super::holds_in;

/// How many sequences run. A build without optimisation, as of plain `cargo test`, runs fewer.
const SEQUENCES: u32 = if cfg!(debug_assertions) { 512 } else { 100_000 };

const CLIENT: &str = "11111111-aaaa-4bbb-8ccc-000000000001";
const TENANTS: [&str; 2] = [
    "5c0e1a8e-6f0b-4a3c-9d57-0a6f2b1c4d10",
    "a7d3b2f4-91ce-4e5a-8b60-3c9e7d2f5a21",
];

/// Instances of the service, which share a store; the last one has another secret.
const INSTANCES: usize = 3;

/// Something that happens.
#[derive(Clone, Debug)]
enum Event {
    /// Calls at the same time.
    Calls(Vec<Call>),
    Pass(u16),
    /// Time passes until a second before a moment in the life of one of the tokens, the moment
    /// itself, or a second after it.
    PassTo(Index, Moment, i8),
    Provider(Fault),
    /// The provider takes so many seconds for its next response.
    Slow(u8),
    Store(StoreFault),
}

#[derive(Clone, Copy, Debug)]
enum Moment {
    Renewal,
    LastSeconds,
    Expiry,
}

/// A call of one instance for a token.
#[derive(Clone, Debug)]
struct Call {
    instance: usize,
    owner: Owner,
    /// The tenant that the call names.
    tenant: Option<usize>,
    target: usize,
    claims: Option<usize>,
    force_refresh: bool,
    is_renewed_by_host: bool,
}

/// Whose token is wanted.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Owner {
    Service,
    /// The user whose access token the service was called with.
    User(User),
    /// The same, beginning a long-running session.
    Begins(User),
    /// The user of a session, without an access token of theirs.
    Session(User),
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct User {
    number: usize,
    tenant: usize,
}

impl Call {
    fn secret(&self) -> &'static str {
        if self.instance < INSTANCES - 1 {
            "ours"
        } else {
            "another"
        }
    }

    /// The tenant of the token.
    fn token_tenant(&self) -> usize {
        let own = self.owner.user().map(|user| user.tenant);
        self.tenant
            .or(own)
            .expect("a service's call names a tenant")
    }

    /// Calls with the same key may be handed the same token.
    fn key(&self) -> String {
        let (kind, user) = match self.owner {
            Owner::Service => ("service", None),
            Owner::User(user) => ("user", Some(user)),
            Owner::Begins(user) | Owner::Session(user) => ("session", Some(user)),
        };
        let (secret, tenant, target) = (self.secret(), self.tenant, self.target);
        format!("{secret} {kind} {user:?} {tenant:?} {target}")
    }
}

impl Owner {
    fn user(self) -> Option<User> {
        match self {
            Self::Service => None,
            Self::User(user) | Self::Begins(user) | Self::Session(user) => Some(user),
        }
    }

    /// The name of the token's owner, as the provider writes it.
    fn name(self) -> String {
        self.user().map_or("service".into(), User::name)
    }
}

impl User {
    fn name(self) -> String {
        format!("user{}@{}", self.number, self.tenant)
    }
}

fn event() -> impl Strategy<Value = Event> {
    let moment = prop_oneof![
        Just(Moment::Renewal),
        Just(Moment::LastSeconds),
        Just(Moment::Expiry)
    ];
    let pass_to = (any::<Index>(), moment, -1..=1_i8);
    prop_oneof![
        8 => vec(call(), 1..3).prop_map(Event::Calls),
        // The same from two instances at once, and twice from one.
        3 => (call(), 0..INSTANCES).prop_map(|(call, instance)| {
            let other = Call { instance, ..call.clone() };
            Event::Calls(vec![call, other])
        }),
        2 => (1..2000_u16).prop_map(Event::Pass),
        3 => pass_to.prop_map(|(token, moment, offset)| Event::PassTo(token, moment, offset)),
        1 => Fault::any().prop_map(Event::Provider),
        1 => (1..10_u8).prop_map(Event::Slow),
        1 => StoreFault::any().prop_map(Event::Store),
    ]
}

fn call() -> impl Strategy<Value = Call> {
    let claims = prop_oneof![4 => Just(None), 1 => (0..2_usize).prop_map(Some)];
    let tenant = proptest::option::of(0..TENANTS.len());
    let call = (
        0..INSTANCES,
        owner(),
        tenant,
        0..2_usize,
        claims,
        prop::bool::weighted(0.1),
        any::<bool>(),
    );
    call.prop_map(
        |(instance, owner, tenant, target, claims, force_refresh, is_renewed_by_host)| {
            let named = match owner {
                // Whose tenant it is would otherwise be the authority's, or the one that the
                // session was begun with.
                Owner::Service | Owner::Session(_) => Some(tenant.unwrap_or_default()),
                _ => tenant,
            };
            Call {
                instance,
                owner,
                tenant: named,
                target,
                claims,
                force_refresh,
                is_renewed_by_host,
            }
        },
    )
}

fn owner() -> impl Strategy<Value = Owner> {
    let user =
        || (0..2_usize, 0..TENANTS.len()).prop_map(|(number, tenant)| User { number, tenant });
    prop_oneof![
        3 => Just(Owner::Service),
        5 => user().prop_map(Owner::User),
        1 => user().prop_map(Owner::Begins),
        1 => user().prop_map(Owner::Session),
    ]
}

#[test]
fn nobody_is_handed_another_s_token_or_an_expired_one_and_one_request_is_enough() {
    let sequence = || (any::<bool>(), vec(event(), 1..20));
    holds_in(SEQUENCES, sequence, |(has_shared_lock, events)| {
        let mut world = World::new(has_shared_lock);
        events.into_iter().try_for_each(|event| world.happen(event))
    });
}
