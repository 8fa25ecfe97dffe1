//! The panics of a model's threads: kept off the terminal, and remembered for the report.

use std::any::Any;
use std::cell::RefCell;
use std::panic;
use std::sync::Once;

use crate::execution::{Execution, Thread, is_active, with};
use crate::failure::{Found, Kind};

thread_local! {
    /// What the panic hook heard last of each thread: several may unwind at a time.
    static HEARD: RefCell<Vec<(usize, Found)>> = const { RefCell::new(Vec::new()) };
    /// The threads that have panicked, in order.
    static ORDER: RefCell<Vec<usize>> = const { RefCell::new(Vec::new()) };
}

/// Begins a run in which nobody has panicked yet.
pub(crate) fn forget() {
    HEARD.take();
    ORDER.take();
}

/// Keeps the panics of models off the terminal, and remembers what they say.
pub(crate) fn listen() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !is_active() {
                return before(info);
            }
            let at = info.location();
            let found = Found {
                kind: Kind::Assertion,
                sentence: text_of(info.payload()),
                at: at.map(|at| format!("{}:{}", at.file(), at.line())),
            };
            let me = with(|execution| {
                execution.this().panicking = true;
                execution.me()
            });
            put_in_order(me);
            HEARD.with_borrow_mut(|heard| {
                heard.retain(|(thread, _)| *thread != me);
                heard.push((me, found));
            });
        }));
    });
}

/// The thread that runs has ended by a panic, and its payload is kept for who joins it.
pub(crate) fn set_panicked() {
    let found = heard(&());
    with(|execution| execution.this().panic = Some(found));
}

/// What the panic that was just caught said.
pub(crate) fn heard(payload: &(dyn Any + Send)) -> Found {
    let me = with(|execution| execution.me());
    put_in_order(me);
    let mine = HEARD.with_borrow_mut(|heard| {
        let at = heard.iter().position(|(thread, _)| *thread == me)?;
        Some(heard.swap_remove(at).1)
    });
    mine.unwrap_or_else(|| {
        // By `resume_unwind`, which calls no hook.
        Found::new(Kind::Assertion, text_of(payload), None)
    })
}

/// Where threads panic one after the other, the first is the reason: the others have met
/// what it left behind.
fn put_in_order(thread: usize) {
    ORDER.with_borrow_mut(|order| {
        if !order.contains(&thread) {
            order.push(thread);
        }
    });
}

/// The first panic that nobody has asked for.
pub(crate) fn first(threads: &mut [Thread]) -> Option<Found> {
    first_of(threads, |thread| thread.panic.take())
}

/// The root has panicked. If it has only unwrapped the end of another thread, that one's
/// words say more; and if these are about poison, those of whoever left it.
pub(crate) fn of_root(threads: &mut [Thread]) -> Option<Found> {
    let mut told = threads[0].panic.take()?;
    // How `unwrap` reads after a `join`, and after a `lock`.
    if told.sentence.contains(": Any { .. }") {
        let joined = first_of(threads, |it| it.joined_panic.clone());
        told = joined.unwrap_or(told);
    }
    if told.sentence.contains("PoisonError") {
        let either = |it: &mut Thread| it.joined_panic.clone().or(it.panic.clone());
        // One without a place was planned: see below.
        let first = first_of(threads, either).filter(|it| it.at.is_some());
        told = first.unwrap_or(told);
    }
    Some(told)
}

/// The first in time. One by `resume_unwind`, which calls no hook and so has no place, was
/// most likely planned: it is told only if there is no other.
fn first_of(
    threads: &mut [Thread],
    found: impl Fn(&mut Thread) -> Option<Found>,
) -> Option<Found> {
    let when = |thread: usize| {
        ORDER.with_borrow(|order| order.iter().position(|&it| it == thread))
    };
    let all = threads.iter_mut().enumerate();
    let mut all: Vec<_> = all
        .filter_map(|(number, thread)| Some((when(number), found(thread)?)))
        .collect();
    all.sort_by_key(|(when, found)| {
        (found.at.is_none(), when.unwrap_or(usize::MAX))
    });
    Some(all.into_iter().next()?.1)
}

fn text_of(payload: &(dyn Any + Send)) -> String {
    let text = payload
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned());
    text.or_else(|| payload.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "a panic whose payload is no text".to_owned())
}

/// Whether the thread that runs is unwinding.
pub(crate) fn is_panicking() -> bool {
    with(|execution| {
        remember(execution);
        execution.this().panicking
    })
}

/// Finds out whether the thread that runs is unwinding, before another one runs.
///
/// std knows it of the real thread, so of any of the model's threads that share it. What
/// has changed while one of them ran, that one did. (Only this is missed: a thread that
/// begins to unwind by `resume_unwind`, which calls no hook, while another one unwinds.)
pub(crate) fn remember(execution: &mut Execution) {
    let any = std::thread::panicking();
    let known = execution.threads.iter().any(|thread| thread.panicking);
    if any && !known {
        // By `resume_unwind`, which calls no hook.
        execution.this().panicking = true;
    } else if known && !any {
        for thread in &mut execution.threads {
            thread.panicking = false;
        }
    }
}

/// Calls `run` where nobody unwinds.
///
/// A run that fails leaves its threads where they are. If one of them was unwinding, the
/// real thread counts as unwinding for ever, and a later run would be told so. Then it
/// takes another real thread.
pub(crate) fn elsewhere_if_unwinding<R>(run: impl FnOnce() -> R) -> R {
    if !std::thread::panicking() {
        return run();
    }
    let run = Lent(run);
    let result = std::thread::scope(|scope| {
        let thread = scope.spawn(move || {
            let run = run;
            Lent((run.0)())
        });
        thread.join()
    });
    match result {
        Ok(result) => result.0,
        Err(payload) => panic::resume_unwind(payload),
    }
}

/// What another thread has while its owner waits for that thread.
struct Lent<T>(T);

// SAFETY: the owner does nothing until the other thread has ended, so there is never more
// than one thread that has it.
#[allow(unsafe_code, reason = "lends a closure to another thread")]
unsafe impl<T> Send for Lent<T> {}
