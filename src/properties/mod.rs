//! Properties of the parsers: what holds for every input. They run on generated input, and compare
//! a parser with another implementation of its standard if there is a good one.
//!
//! `cargo test` runs each property on the same few hundred cases every time.
//! `COUNTERSIGN_MINUTES=30 cargo test --lib properties` runs them on new cases for 30 minutes
//! altogether and prints how many there were. A case that breaks a property is made as small as
//! possible and printed, with the command that repeats it.

mod input;
mod long_run;

mod access_token;
mod base64url;
mod challenge;
mod form;
mod id_token;
mod json;
mod jwk_set;
mod jws;
mod mutation;
mod record;
mod service_cache;
mod token_response;
mod url;

use std::any::type_name_of_val;
use std::fmt::Debug;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use proptest::strategy::Strategy;
use proptest::test_runner::{Config, RngSeed, TestCaseResult, TestRunner};

/// How many cases a run of a property has, from one seed.
const CASES: u32 = 512;

/// Checks that a property holds for whatever the strategy generates. The property fails by an error
/// or by a panic.
///
/// It must be called by a test in this module, with a closure: the test's name is taken from it.
fn holds<S>(strategy: S, property: impl Fn(S::Value) -> TestCaseResult)
where
    S: Strategy<Value: Debug>,
{
    let name = name_of(&property);
    let run = |seed| run(name, seed, &strategy, &property);
    match (given_seed(), long_run::minutes()) {
        (None, Some(minutes)) => long_run::repeat(name, minutes, run),
        (seed, _) => run(seed.unwrap_or_default()),
    }
}

/// Checks a property on this many cases, on all processors, from one seed for each [`CASES`] of them.
fn holds_in<S>(
    cases: u32,
    strategy: impl Fn() -> S + Sync,
    property: impl Fn(S::Value) -> TestCaseResult + Sync,
) where
    S: Strategy<Value: Debug>,
{
    let name = name_of(&property);
    let run = |seed| run(name, seed, &strategy(), &property);
    match (given_seed(), long_run::minutes()) {
        (None, Some(minutes)) => long_run::repeat(name, minutes, run),
        (Some(seed), _) => run(seed),
        (None, None) => {
            let next = AtomicU64::new(0);
            let work = || {
                while let seed = next.fetch_add(1, Ordering::Relaxed)
                    && seed < u64::from(cases.div_ceil(CASES))
                {
                    run(seed);
                }
            };
            let threads = thread::available_parallelism().map_or(1, usize::from);
            thread::scope(|scope| {
                for _ in 0..threads {
                    scope.spawn(work);
                }
            });
        }
    }
}

/// Checks a property on [`CASES`] cases that follow from the seed.
fn run<S>(name: &str, seed: u64, strategy: &S, property: impl Fn(S::Value) -> TestCaseResult)
where
    S: Strategy<Value: Debug>,
{
    let config = Config {
        cases: CASES,
        rng_seed: RngSeed::Fixed(seed),
        failure_persistence: None,
        ..Config::default()
    };
    if let Err(failure) = TestRunner::new(config).run(strategy, property) {
        panic!("{failure}\nRepeat: PROPTEST_RNG_SEED={seed} cargo test --lib {name}");
    }
}

/// `PROPTEST_RNG_SEED`.
fn given_seed() -> Option<u64> {
    match Config::default().rng_seed {
        RngSeed::Fixed(seed) => Some(seed),
        RngSeed::Random => None,
    }
}

/// The name of the test that the property was written in: `properties::url::…`.
fn name_of<P>(property: &P) -> &'static str {
    let path = type_name_of_val(property);
    let path = path.split("::{{closure}}").next().unwrap_or(path);
    path.split_once("::").map_or(path, |(_, name)| name)
}
