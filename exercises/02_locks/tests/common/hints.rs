//! Hints for panics of the answer itself. A grader's own assertions say what is wrong.

use std::panic::{self, AssertUnwindSafe};

use ::explorer::{Failure, Kind, Model};

/// Checks a model. If the answer itself panics, the report has a hint: `poisoned` if that
/// was on a lock that is poisoned, else `own`.
pub fn check(model: &Model, poisoned: &str, own: &str, root: fn()) {
    let checked = panic::catch_unwind(AssertUnwindSafe(|| model.check(root)));
    let Err(payload) = checked else {
        return;
    };
    match payload.downcast::<Failure>() {
        Ok(mut failure) => {
            if failure.kind == Kind::Assertion && failure.hint.is_none() {
                let hint = if failure.sentence.contains("PoisonError") {
                    Some(poisoned)
                } else {
                    is_own(&failure).then_some(own)
                };
                failure.hint = hint.map(str::to_owned);
            }
            panic::resume_unwind(failure)
        }
        Err(payload) => panic::resume_unwind(payload),
    }
}

/// Whether the line of the panic is the answer's, not a grader's.
fn is_own(failure: &Failure) -> bool {
    let at = failure.at.as_deref().unwrap_or_default();
    !at.replace('\\', "/").contains("/tests/e")
}
