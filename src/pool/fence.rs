//! A barrier of which one side is free.
//!
//! Whoever brings a job writes it down and then looks whether anybody sleeps. Whoever goes to
//! sleep says so and then looks for jobs. Each writes one thing and reads the other, so
//! between the two there must be a full barrier, *on both sides*: without it both may read
//! what was there before, and the job waits beside a sleeper (chapter 03, store buffering).
//!
//! But jobs are brought all the time, and threads go to sleep rarely. So the sleeper pays for
//! both: [`heavy`] lets the kernel run a full barrier on every core that runs a thread of
//! this process, and then [`light`] has only to keep the compiler from reordering.
//!
//! | | Linux with `membarrier` | anywhere else |
//! |---|---|---|
//! | [`light`] | nothing, for the processor | `fence(SeqCst)` |
//! | [`heavy`] | one system call | `fence(SeqCst)` |
//!
//! **What is promised**, on every system: a `light` in one thread and a `heavy` in another are
//! ordered with each other as two `fence(SeqCst)` are. So what one thread has written before
//! its fence is seen by what the other reads after its own, or the other way round, or both.
//! Two `light` promise nothing about each other. That is the contract of the *asymmetric
//! fences* in C++'s Concurrency TS 2 (P1202), of folly's `asymmetricThreadFenceHeavy`, and of
//! `membarrier(2)` itself. Under the model checker both *are* `fence(SeqCst)`.

#![allow(
    unsafe_code,
    reason = "one system call, which takes three numbers; nothing else here is unsafe"
)]

/// The side that is executed often: after a job is written down, before the look at who
/// sleeps.
///
/// # Cost
/// Nothing but one relaxed load where the kernel has `membarrier`; a full fence elsewhere.
#[inline]
pub(super) fn light() {
    sides::light();
}

/// The side that is executed rarely: after a sleep is announced, before the last look.
///
/// # Cost
/// Where the kernel has `membarrier`: a system call, and an interrupt for each other core
/// that runs a thread of this process; some microseconds. A full fence elsewhere.
pub(super) fn heavy() {
    sides::heavy();
}

#[cfg(all(target_os = "linux", not(test)))]
mod sides {
    use crate::ground::atomic::{
        AtomicBool, Ordering::Relaxed, Ordering::SeqCst, compiler_fence, fence,
    };
    use crate::ground::sync::OnceLock;

    /// Whether the kernel does our part of the barrier. Set once, and never taken back.
    static REGISTERED: AtomicBool = AtomicBool::new(false);

    // ANCHOR: light
    #[inline]
    pub(super) fn light() {
        // ORDERING: Relaxed. Who still reads `false` runs a fence that was not
        // needed. Who reads `true` relies on `heavy`, which asks the kernel from
        // then on.
        if REGISTERED.load(Relaxed) {
            // ORDERING: SeqCst, for the compiler. The processor's part is done for
            // this thread by the interrupt that `heavy` sends it; the pair is store
            // buffering: not both, the pusher that sees no sleeper and the sleeper
            // that sees no job.
            compiler_fence(SeqCst);
        } else {
            // ORDERING: SeqCst. Pairs with the fence in `heavy`.
            fence(SeqCst);
        }
    }
    // ANCHOR_END: light

    // ANCHOR: heavy
    pub(super) fn heavy() {
        // ORDERING: SeqCst. Pairs with the fence in `light` of whoever has not read
        // yet that the kernel helps.
        fence(SeqCst);
        if registered() {
            membarrier(libc::MEMBARRIER_CMD_PRIVATE_EXPEDITED);
        }
    }
    // ANCHOR_END: heavy

    /// Asks the kernel for its help, once. An old kernel, or a sandbox, may refuse.
    fn registered() -> bool {
        static ANSWER: OnceLock<bool> = OnceLock::new();
        *ANSWER.get_or_init(|| {
            let register = libc::MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED;
            // Both may be refused. The second is tried, too, so that `heavy` can rely on it.
            let granted = membarrier(register)
                && membarrier(libc::MEMBARRIER_CMD_PRIVATE_EXPEDITED);
            // ORDERING: Relaxed. `light` may learn it late, see there. Not too early: the
            // process is registered by now, and each `heavy` finds it so in `ANSWER`.
            REGISTERED.store(granted, Relaxed);
            granted
        })
    }

    fn membarrier(command: libc::membarrier_cmd) -> bool {
        let (flags, cpu) = (0_u32, 0_i32);
        // SAFETY: three numbers go in, one comes out; the kernel touches no memory of ours.
        let result =
            unsafe { libc::syscall(libc::SYS_membarrier, command, flags, cpu) };
        result == 0
    }
}

#[cfg(any(not(target_os = "linux"), test))]
mod sides {
    use crate::ground::atomic::{Ordering::SeqCst, fence};

    #[inline]
    pub(super) fn light() {
        // ORDERING: SeqCst. Pairs with the fence in `heavy`: not both, the pusher that sees
        // no sleeper and the sleeper that sees no job.
        fence(SeqCst);
    }

    pub(super) fn heavy() {
        // ORDERING: SeqCst. Pairs with the fence in `light`.
        fence(SeqCst);
    }
}
