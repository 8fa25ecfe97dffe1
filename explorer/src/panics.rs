//! The panics of a model's threads: kept off the terminal, and remembered for the report.

use std::any::Any;
use std::cell::RefCell;
use std::panic;
use std::sync::Once;

use crate::execution::{is_active, with};
use crate::failure::{Found, Kind};

thread_local! {
    /// What the panic hook heard last.
    static HEARD: RefCell<Option<Found>> = const { RefCell::new(None) };
}

/// Begins a run in which nobody has panicked yet.
pub(crate) fn forget() {
    HEARD.set(None);
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
            HEARD.set(Some(found));
            with(|execution| execution.this().panicking = true);
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
    HEARD.take().unwrap_or_else(|| {
        // By `resume_unwind`, which calls no hook.
        Found::new(Kind::Assertion, text_of(payload), None)
    })
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
    // Of the real thread, so of any of the model's threads that share it.
    let any = std::thread::panicking();
    with(|execution| {
        if !any {
            for thread in &mut execution.threads {
                thread.panicking = false;
            }
        } else if !execution.threads.iter().any(|thread| thread.panicking) {
            // It unwinds without having called the hook.
            execution.this().panicking = true;
        }
        execution.this().panicking
    })
}
