//! One schedule: everything that happens in it follows from its seed.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::log::Log;
use crate::random::Random;
use crate::run::Call;
use crate::world::{Event, START, World};

/// A schedule that takes longer is ended early.
const MAX_STEPS: usize = 1500;

/// What became of a schedule.
pub(crate) struct Report {
    /// The rule that was violated, if one was.
    pub(crate) violation: Option<String>,
    pub(crate) steps: usize,
    pub(crate) log: Vec<String>,
}

pub(crate) fn run(seed: u64, keeps_log: bool) -> Report {
    let mut world = World::new(Random::new(seed), Log::new(keeps_log));
    let ran = catch_unwind(AssertUnwindSafe(|| play(&mut world)));
    let panicked = ran.is_err().then(|| String::from("something panicked"));
    Report {
        violation: world.judge.violation().cloned().or(panicked),
        steps: world.steps,
        log: world.log.into_lines(),
    }
}

fn play(world: &mut World) {
    let plan = format!("{:?}", world.plan);
    world.note(format_args!("{plan}"));
    for _ in 0..world.random.weighted(&[(2, 1), (3, 2), (1, 3)]) {
        world.open_tab();
    }
    let call = Call::SignIn { app_state: 1 };
    let first = Event::Call {
        page: 0,
        client: 0,
        call,
    };
    world.after(600, first);
    // The first sign-in is not disturbed, so that there is a session to lose.
    while world.step(START + 4_900) {}
    world.prepare();
    world.after(100, Event::Act);
    while world.acts > 0 && world.steps < MAX_STEPS {
        if !world.step(u64::MAX) {
            break;
        }
    }
    let later = world.now + world.random.between(0, 5_000);
    while world.step(later) {}
    world.end();
}
