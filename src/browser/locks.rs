//! Web Locks: exclusive among all tabs of the origin, and released when a tab dies.

use js_sys::futures::JsFuture;
use js_sys::{Function, Promise};
use wasm_bindgen::prelude::{Closure, wasm_bindgen};
use wasm_bindgen::{JsCast, JsValue};

use crate::core::error::{AuthError, ErrorCode};

// web-sys has LockManager behind a compiler switch for unstable interfaces; the platform's is not.
#[wasm_bindgen]
extern "C" {
    type LockManager;

    #[wasm_bindgen(js_namespace = navigator, js_name = locks, thread_local_v2)]
    static LOCKS: Option<LockManager>;

    #[wasm_bindgen(method)]
    fn request(this: &LockManager, name: &str, callback: &Function) -> Promise;
}

/// The locks that a flow holds. Dropping them releases them.
#[derive(Default)]
pub(super) struct HeldLocks(Vec<HeldLock>);

struct HeldLock {
    name: String,
    release: Fulfil,
}

impl HeldLocks {
    /// Waits for the lock.
    pub(super) async fn acquire(&mut self, name: String) -> Result<(), AuthError> {
        // The platform holds the lock until `held` settles, and calls back when it has it.
        let (held, release) = promise();
        let (acquired, has_acquired) = promise();
        let callback = Closure::once_into_js(move || {
            has_acquired.call();
            held
        });
        let request = LOCKS.with(|locks| {
            let locks = locks.as_ref()?;
            Some(locks.request(&name, callback.unchecked_ref()))
        });
        let request = request.ok_or(ErrorCode::InsecureContext)?;
        // Either the lock comes, or the request fails; the request itself settles at the release.
        let first = Promise::race(&js_sys::Array::of2(&acquired, &request));
        let lock = HeldLock { name, release };
        JsFuture::from(first)
            .await
            .map_err(|_| ErrorCode::InsecureContext)?;
        self.0.push(lock);
        Ok(())
    }

    /// Releases the lock.
    pub(super) fn release(&mut self, name: &str) {
        self.0.retain(|lock| lock.name != name);
    }
}

impl Drop for HeldLock {
    fn drop(&mut self) {
        self.release.call();
    }
}

/// Fulfils a promise.
struct Fulfil(Option<Function>);

impl Fulfil {
    fn call(&self) {
        if let Some(fulfil) = &self.0 {
            // A promise's own function does not throw.
            let _ = fulfil.call0(&JsValue::UNDEFINED);
        }
    }
}

fn promise() -> (Promise, Fulfil) {
    let mut fulfil = None;
    let promise = Promise::new(&mut |resolve, _| fulfil = Some(resolve));
    (promise, Fulfil(fulfil))
}
