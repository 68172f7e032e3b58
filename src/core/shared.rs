//! Shared ownership: natively between threads, in WebAssembly within the one that there is.
//!
//! Natively, under the feature `edge`, a server holds its verifier and its clients in many threads
//! at once, so they are `Send` and `Sync`. In WebAssembly the same names cost nothing.

#[cfg(all(feature = "edge", not(target_arch = "wasm32")))]
mod threads {
    use std::sync::{Arc, Mutex, PoisonError};

    /// Shared ownership: `Arc`, and `Rc` in WebAssembly.
    pub type Shared<T> = Arc<T>;
    pub(crate) type Anything = dyn std::any::Any + Send + Sync;

    /// What a flow is made of can move to another thread between its steps.
    pub(crate) trait MaySend: Send {}
    impl<T: Send> MaySend for T {}

    /// What a flow keeps can be seen from other threads.
    pub(crate) trait MayShare: Send + Sync {}
    impl<T: Send + Sync> MayShare for T {}

    /// A value that changes behind a shared reference.
    #[derive(Default)]
    pub(crate) struct Guarded<T>(Mutex<T>);

    impl<T> Guarded<T> {
        pub(crate) fn new(value: T) -> Self {
            Self(Mutex::new(value))
        }

        /// Looks at the value or changes it. `look` must not come back here.
        pub(crate) fn with<R>(&self, look: impl FnOnce(&mut T) -> R) -> R {
            // No panic happens in `look`, and the value of a poisoned lock is whole.
            look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
        }
    }
}

#[cfg(not(all(feature = "edge", not(target_arch = "wasm32"))))]
mod threads {
    use alloc::rc::Rc;
    use core::cell::Cell;

    /// Shared ownership: `Rc`, and natively under the feature `edge` `Arc`.
    pub type Shared<T> = Rc<T>;
    pub(crate) type Anything = dyn core::any::Any;

    pub(crate) trait MaySend {}
    impl<T> MaySend for T {}

    pub(crate) trait MayShare {}
    impl<T> MayShare for T {}

    // A cell and no `RefCell`: a page would pay for its panics.
    #[derive(Default)]
    pub(crate) struct Guarded<T>(Cell<T>);

    impl<T: Default> Guarded<T> {
        pub(crate) fn new(value: T) -> Self {
            Self(Cell::new(value))
        }

        /// Looks at the value or changes it. `look` must not come back here.
        pub(crate) fn with<R>(&self, look: impl FnOnce(&mut T) -> R) -> R {
            let mut value = self.take();
            let found = look(&mut value);
            self.put_back(value);
            found
        }

        // Compiled once, and not again for each look.
        #[inline(never)]
        fn take(&self) -> T {
            self.0.take()
        }

        #[inline(never)]
        fn put_back(&self, value: T) {
            // What stands there meanwhile owns nothing; to drop it would be code.
            core::mem::forget(self.0.replace(value));
        }
    }
}

pub use threads::Shared;
pub(crate) use threads::{Anything, Guarded, MaySend, MayShare};
