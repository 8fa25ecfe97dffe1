//! Threads with numbered names and chosen stacks, whose handles cannot be forgotten.
//!
//! Dropping std's `JoinHandle` detaches the thread: it runs on, nobody learns how it ended,
//! and the end of `main` cuts it off in mid-sentence. A [`Worker`] turns the default round.
//! Dropping it waits; letting go is a call with a name, [`Worker::detach`].

use std::io;
use std::num::NonZero;

use super::Panicked;
use crate::ground::thread::{self, JoinHandle, Scope, ScopedJoinHandle};

/// Returns how many threads can run at the same time, 1 if the system does not say.
///
/// This is [`std::thread::available_parallelism`], which on Linux takes the affinity mask
/// and the cgroup's CPU quota into account: in a container it may be less than the number
/// of cores. It is a hint taken at one moment, and costs several system calls and file
/// reads there: ask once, at the start.
#[must_use]
pub fn parallelism() -> NonZero<usize> {
    thread::available_parallelism().unwrap_or(NonZero::<usize>::MIN)
}

/// Makes threads named `NAME-0`, `NAME-1`, ..., all with the same stack size.
///
/// # Example
/// ```
/// use threadbare::thread::{Workers, join_all};
///
/// let mut workers = Workers::named("square").stack_size(64 * 1024);
/// let running = (1..=3)
///     .map(|n| workers.spawn(move || n * n))
///     .collect::<Result<Vec<_>, _>>()?;
/// assert_eq!(join_all(running), [Ok(1), Ok(4), Ok(9)]);
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Workers {
    name: String,
    stack_size: Option<usize>,
    /// The number that the next thread gets. It moves on only when a thread was made, so
    /// that the numbers have no gaps.
    next: usize,
}

impl Workers {
    /// Starts numbering at `NAME-0`, with std's default stack (2 MiB, or `RUST_MIN_STACK`).
    ///
    /// Keep `name` short: Linux shows the first 15 bytes of a thread's name in `top`,
    /// `perf` and `/proc`, so with a prefix of 13 or more the number is cut off there.
    /// [`Panicked`] and `thread::current().name()` always have the whole name.
    ///
    /// # Panics
    /// If `name` contains a NUL byte, which no system takes in a thread's name.
    #[must_use]
    pub fn named(name: impl Into<String>) -> Self {
        let name = name.into();
        assert!(
            !name.contains('\0'),
            "a thread's name cannot contain a NUL byte: {name:?}"
        );
        Self {
            name,
            stack_size: None,
            next: 0,
        }
    }

    /// Sets the stack of the threads made from now on, in bytes.
    ///
    /// The size is reserved address space, not memory: a page is taken from the machine
    /// when it is first touched. It is rounded up to whole pages, and to the least that
    /// the system allows. It never grows; a thread that needs more is killed, and the
    /// process with it.
    #[must_use]
    pub fn stack_size(mut self, bytes: usize) -> Self {
        self.stack_size = Some(bytes);
        self
    }

    /// Starts a thread that runs `job`.
    ///
    /// # Errors
    /// What the system said when it refused another thread: no memory for a stack, or a
    /// limit on threads reached. `job` is dropped without having run; workers that were
    /// started before are not affected.
    /// # Memory ordering
    /// Everything before the call happens-before the first line of `job`.
    /// # Cost
    /// System calls to map and guard a stack and to create the thread, and three
    /// allocations: tens of microseconds. `cargo bench --bench 01_threads -- spawn`.
    pub fn spawn<F, T>(&mut self, job: F) -> io::Result<Worker<T>>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        let handle = self.builder().spawn(job)?;
        self.next += 1;
        Ok(Worker {
            handle: Some(handle),
        })
    }

    /// Starts a thread that may borrow whatever outlives `scope`.
    ///
    /// The scope waits for it; [`ScopedWorker::join`] is needed only for the result, and
    /// to receive its panic as an error. A panic that nobody received is thrown again at
    /// the end of the scope.
    ///
    /// # Errors
    /// As [`spawn`](Self::spawn).
    /// # Memory ordering
    /// As [`spawn`](Self::spawn).
    /// # Example
    /// ```
    /// use threadbare::ground::thread;
    /// use threadbare::thread::Workers;
    ///
    /// let words = vec!["warp", "weft"];
    /// let letters = thread::scope(|scope| {
    ///     let mut workers = Workers::named("count");
    ///     let first = workers.spawn_scoped(scope, || words[0].len())?;
    ///     let second = workers.spawn_scoped(scope, || words[1].len())?;
    ///     Ok::<_, Box<dyn std::error::Error>>(first.join()? + second.join()?)
    /// })?;
    /// assert_eq!(letters, 8);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn spawn_scoped<'scope, F, T>(
        &mut self,
        scope: &'scope Scope<'scope, '_>,
        job: F,
    ) -> io::Result<ScopedWorker<'scope, T>>
    where
        F: FnOnce() -> T + Send + 'scope,
        T: Send + 'scope,
    {
        let handle = self.builder().spawn_scoped(scope, job)?;
        self.next += 1;
        Ok(ScopedWorker { handle })
    }

    fn builder(&self) -> thread::Builder {
        let builder =
            thread::Builder::new().name(format!("{}-{}", self.name, self.next));
        match self.stack_size {
            Some(bytes) => builder.stack_size(bytes),
            None => builder,
        }
    }
}

/// A running thread, waited for when it is dropped.
///
/// The default that C++ reached with `std::jthread`, after `std::thread` had ended the
/// process on a forgotten handle. The price: a drop can block. Make sure that whatever
/// tells the thread to stop (a channel's sender, a flag) is dropped or set *before* the
/// worker, or the drop waits for ever.
///
/// If several workers are collected in a `Vec` and making the next one fails, `?` drops the
/// vector, and so waits for those that already run. Nothing is lost on the way out.
#[must_use = "dropping a worker waits for it and throws its result away; call `join`"]
#[derive(Debug)]
pub struct Worker<T> {
    /// `None` only between `take` in `join` or `detach` and the drop that follows.
    handle: Option<JoinHandle<T>>,
}

impl<T> Worker<T> {
    /// Waits for the thread to end and returns what its job returned.
    ///
    /// # Errors
    /// [`Panicked`] if the job panicked. The thread has ended in that case too.
    /// # Panics
    /// If a thread joins itself.
    /// # Blocking
    /// Until the thread has ended, its thread-locals' destructors included.
    /// # Memory ordering
    /// Everything the thread did happens-before this call's return.
    pub fn join(mut self) -> Result<T, Panicked> {
        let handle = self
            .handle
            .take()
            .expect("join and detach take the worker itself");
        let thread = handle.thread().clone();
        handle
            .join()
            .map_err(|payload| Panicked::new(thread.name(), payload))
    }

    /// Lets the thread run on by itself. Nobody will learn how it ended, and it is cut off
    /// wherever it stands when `main` returns.
    pub fn detach(mut self) {
        drop(self.handle.take());
    }

    /// The thread itself: its name, its id, and [`unpark`](thread::Thread::unpark).
    #[must_use]
    pub fn thread(&self) -> &thread::Thread {
        self.handle
            .as_ref()
            .expect("join and detach take the worker itself")
            .thread()
    }

    /// Whether the job has returned or panicked, without waiting.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.handle.as_ref().is_some_and(JoinHandle::is_finished)
    }
}

impl<T> Drop for Worker<T> {
    /// Waits for the thread; its result, or its panic, is thrown away. The panic hook has
    /// already written the panic's message to standard error.
    fn drop(&mut self) {
        let Some(handle) = self.handle.take() else {
            return;
        };
        // A handle can end up inside the very thread that it stands for, through a channel
        // for example. Waiting for oneself never ends: detach.
        if handle.thread().id() != thread::current().id() {
            drop(handle.join());
        }
    }
}

/// A running thread that the end of its scope waits for.
#[derive(Debug)]
pub struct ScopedWorker<'scope, T> {
    handle: ScopedJoinHandle<'scope, T>,
}

impl<T> ScopedWorker<'_, T> {
    /// Waits for the thread to end and returns what its job returned.
    ///
    /// # Errors
    /// [`Panicked`] if the job panicked; the scope then counts the panic as received.
    /// # Blocking
    /// Until the thread has ended, its thread-locals' destructors included. (The end of the
    /// scope by itself waits for the jobs, not for those destructors.)
    /// # Memory ordering
    /// Everything the thread did happens-before this call's return.
    pub fn join(self) -> Result<T, Panicked> {
        let thread = self.handle.thread().clone();
        self.handle
            .join()
            .map_err(|payload| Panicked::new(thread.name(), payload))
    }

    /// The thread itself.
    #[must_use]
    pub fn thread(&self) -> &thread::Thread {
        self.handle.thread()
    }

    /// Whether the job has returned or panicked, without waiting.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.handle.is_finished()
    }
}

/// Waits for every worker and returns their outcomes in the order given.
///
/// A panic in one does not keep the others from being waited for: each has its place in the
/// result. To stop at the first error *after* all have ended, collect the outcome:
///
/// ```
/// use threadbare::thread::{Workers, join_all};
///
/// let mut workers = Workers::named("half");
/// let running = [8, 7, 6].map(|n| {
///     workers.spawn(move || {
///         assert!(n % 2 == 0, "{n} is odd");
///         n / 2
///     })
/// });
/// let running = running.into_iter().collect::<Result<Vec<_>, _>>()?;
/// let outcomes = join_all(running);
/// assert_eq!(outcomes[2], Ok(3));
///
/// let all = outcomes.into_iter().collect::<Result<Vec<_>, _>>();
/// assert_eq!(all.unwrap_err().message(), "7 is odd");
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Blocking
/// Until the last of them has ended.
/// # Memory ordering
/// Everything that all of them did happens-before this call's return.
pub fn join_all<T>(
    workers: impl IntoIterator<Item = Worker<T>>,
) -> Vec<Result<T, Panicked>> {
    workers.into_iter().map(Worker::join).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ground::on_std::sync::mpsc;

    #[test]
    fn threads_are_numbered_from_zero() {
        let mut workers = Workers::named("n");
        let own_name = || thread::current().name().map(str::to_owned);
        for number in 0..3 {
            let name = workers.spawn(own_name).unwrap().join().unwrap();
            assert_eq!(name.as_deref(), Some(format!("n-{number}").as_str()));
        }
    }

    #[test]
    fn a_stack_that_nobody_can_give_is_an_error_and_uses_no_number() {
        let mut workers = Workers::named("n").stack_size(usize::MAX / 2);
        assert!(workers.spawn(|| ()).is_err());
        let name = |worker: Worker<()>| worker.thread().name().map(str::to_owned);
        let worker = workers.stack_size(64 * 1024).spawn(|| ()).unwrap();
        assert_eq!(name(worker).as_deref(), Some("n-0"));
    }

    #[test]
    #[should_panic(expected = "NUL")]
    fn a_name_with_a_nul_is_refused_where_it_is_given() {
        let _ = Workers::named("a\0b");
    }

    #[test]
    fn a_worker_dropped_on_its_own_thread_does_not_wait_for_itself() {
        let (give, take) = mpsc::channel::<Worker<()>>();
        let (done, is_done) = mpsc::channel();
        let worker = Workers::named("self")
            .spawn(move || {
                drop(take.recv());
                done.send(()).unwrap();
            })
            .unwrap();
        give.send(worker).unwrap();
        is_done
            .recv()
            .expect("the worker got past the drop of its own handle");
    }

    #[test]
    fn is_finished_becomes_true_and_the_result_is_still_there() {
        let worker = Workers::named("w").spawn(|| 7).unwrap();
        while !worker.is_finished() {
            thread::yield_now();
        }
        assert_eq!(worker.join(), Ok(7));
    }

    #[test]
    fn a_panic_that_was_received_does_not_reach_the_end_of_the_scope() {
        let outcome = thread::scope(|scope| {
            let worker = Workers::named("s")
                .spawn_scoped(scope, || -> () { panic!("planned") })
                .unwrap();
            worker.join()
        });
        assert_eq!(
            outcome.unwrap_err().to_string(),
            "thread 's-0' panicked: planned"
        );
    }
}
