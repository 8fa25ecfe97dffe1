//! Jobs that borrow from the stack.

use std::marker::PhantomData;

use super::thread_pool::ThreadPool;

/// Where jobs are spawned that end before it does.
#[derive(Debug)]
pub struct Scope<'scope, 'env: 'scope> {
    scope: PhantomData<&'scope mut &'scope ()>,
    env: PhantomData<&'env mut &'env ()>,
}

impl<'scope> Scope<'scope, '_> {
    /// Hands a job to the pool.
    pub fn spawn(&'scope self, run: impl FnOnce() + Send + 'scope) {
        run();
    }
}

/// Calls `body`, and waits for all that it has spawned.
pub fn scope<'env, R>(
    body: impl for<'scope> FnOnce(&'scope Scope<'scope, 'env>) -> R,
) -> R {
    body(&Scope {
        scope: PhantomData,
        env: PhantomData,
    })
}

impl<const TRACED: bool> ThreadPool<TRACED> {
    /// Calls `body`, and waits for all that it has spawned.
    pub fn scope<'env, R>(
        &self,
        body: impl for<'scope> FnOnce(&'scope Scope<'scope, 'env>) -> R,
    ) -> R {
        scope(body)
    }
}
