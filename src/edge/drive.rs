//! Runs flows in a Rust program.

use std::collections::HashSet;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::core::error::{AuthError, ErrorCode};
use crate::core::flow::{Command, Flow, Input, Notice, Step};
use crate::core::time::UnixTime;

/// A program's side of a flow: it sends requests, keeps records and holds locks.
///
/// [`drive`] itself draws random numbers from the operating system.
pub trait Host: Sync {
    /// Carries out a command. Return [`Input::Failed`] for one that the program has no use for.
    fn carry_out(&self, command: Command) -> impl Future<Output = Input> + Send;

    /// Handles a notice. There may be one more [`Notice::Unlock`] than there were locks.
    fn take_notice(&self, notice: Notice) {
        let _ = notice;
    }

    /// Runs a flow to its end without anybody waiting for it: a task that [drives](drive) it. Keys
    /// are renewed so; if this does nothing, they are used for a day, and requests wait for new ones
    /// then.
    fn spawn(&self, flow: Flow<()>) {
        drop(flow);
    }

    /// The time: the system's clock, unless a test has its own.
    fn now(&self) -> UnixTime {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        let seconds = since.map_or(0.0, |since| since.as_secs_f64());
        UnixTime::from_seconds(seconds).unwrap_or(UnixTime::EPOCH)
    }
}

/// Runs a flow to its end. If the future is dropped before, the flow was cancelled, and its locks
/// are released.
///
/// ```
/// use countersign::verifier::VerifierConfig;
/// use countersign::{Command, ErrorCode, HttpResponse, Input, edge};
///
/// struct Offline;
///
/// impl edge::Host for Offline {
///     async fn carry_out(&self, command: Command) -> Input {
///         match command {
///             Command::Send(_) => Input::response(HttpResponse::new(503, "")),
///             _ => Input::Failed(ErrorCode::StorageUnavailable.into()),
///         }
///     }
/// }
///
/// # async fn example() -> Result<(), countersign::AuthError> {
/// let verifier = edge::verifier(VerifierConfig::new("https://login.example", "https://api.example")?)?;
/// let refused = edge::drive(verifier.fetch_keys(0), &Offline).await.unwrap_err();
/// assert_eq!(refused.code(), ErrorCode::KeysUnavailable);
/// # Ok(())
/// # }
/// ```
pub async fn drive<T>(flow: Flow<T>, host: &impl Host) -> Result<T, AuthError> {
    let mut flow = flow;
    let mut locks = Locks {
        host,
        held: HashSet::new(),
    };
    let mut input = Input::Start;
    loop {
        let step = flow.resume(host.now(), input);
        for notice in flow.notices() {
            if let Notice::Unlock(name) = &notice {
                locks.held.remove(name);
            }
            host.take_notice(notice);
        }
        input = match step {
            Step::Ended(result) => return result,
            Step::Command(Command::Random(length)) => random(length),
            Step::Command(command) => {
                let lock = match &command {
                    Command::Lock(name) => Some(name.clone()),
                    _ => None,
                };
                let input = host.carry_out(command).await;
                if let (Some(name), Input::Done) = (lock, &input) {
                    locks.held.insert(name);
                }
                input
            }
        };
    }
}

/// The locks of a flow, released with it.
struct Locks<'a, H: Host> {
    host: &'a H,
    held: HashSet<String>,
}

impl<H: Host> Drop for Locks<'_, H> {
    fn drop(&mut self) {
        for name in self.held.drain() {
            self.host.take_notice(Notice::Unlock(name));
        }
    }
}

fn random(length: usize) -> Input {
    let mut bytes = vec![0; length];
    match getrandom::fill(&mut bytes) {
        Ok(()) => Input::Bytes(bytes),
        Err(_) => Input::Failed(ErrorCode::Internal.into()),
    }
}
