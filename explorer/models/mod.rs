//! The programs behind the steppers in the book, one file each.
//!
//! A chapter includes the lines between `ANCHOR: model` and `ANCHOR_END: model`, and the
//! figure that `tests/steppers.rs` makes of the same file: see *What a stepper touches* in
//! `CONTRIBUTING.md`.

use explorer::Model;

mod aba;
mod barrier_reused;
mod check_then_act;
mod closed_on_a_worker;
mod early_return;
mod flag_cleared_after_the_queue;
mod if_for_while;
mod jobs_that_wait;
mod last_job_two_takers;
mod late_answer;
mod lazy_twice;
mod look_then_announce;
mod look_then_sleep;
mod lost_update;
mod lost_wake_up;
mod marks_too_late;
mod message_passing_acquire;
mod message_passing_relaxed;
mod missed_notify;
mod no_mark;
mod nobody_is_waiting;
mod one_set_two_waiters;
mod one_wake_for_a_batch;
mod opposite_order;
mod publish_relaxed;
mod publish_release;
mod push_then_look;
mod rearm_too_early;
mod relaxed_unlock;
mod relay;
mod skip_by_a_load;
mod sleep_without_a_second_look;
mod stale_event;
mod starved_writer;
mod store_buffer;
mod store_buffering;
mod tail_before_entry;
mod takes_one;
mod top_compared_too_late;
mod torn_read;
mod two_locks;
mod two_step_counter;
mod two_upgrades;
mod withdrawn_and_run;
mod wrong_one_woken;

/// A model, and what its figure says.
pub struct Stepper {
    pub name: &'static str,
    /// The chapter that shows it: the figure is in its folder `steppers`.
    pub chapter: &'static str,
    pub title: &'static str,
    pub source: &'static str,
    /// Returns how it has ended.
    pub model: fn() -> String,
    /// Which of these endings are bad; a failure always is.
    pub is_bad: fn(&str) -> bool,
    /// The limits of the search.
    pub limits: fn(Model) -> Model,
}

/// A wake-up for no reason can happen anywhere, and would only hide what the figure shows.
fn usual(model: Model) -> Model {
    model.spurious(false)
}

macro_rules! steppers {
    ($($chapter:literal $name:ident: $limits:expr,)*) => {
        /// All steppers.
        pub const ALL: &[Stepper] = &[$(Stepper {
            name: stringify!($name),
            chapter: $chapter,
            title: $name::TITLE,
            source: include_str!(concat!(stringify!($name), ".rs")),
            model: $name::model,
            is_bad: $name::is_bad,
            limits: $limits,
        }),*];
    };
}

steppers! {
    "02_locks" check_then_act: usual,
    "02_locks" if_for_while: usual,
    "02_locks" opposite_order: usual,
    "02_locks" two_upgrades: usual,
    "02_locks" wrong_one_woken: usual,
    "03_atomics" aba: usual,
    "03_atomics" early_return: usual,
    "03_atomics" lazy_twice: usual,
    "03_atomics" publish_relaxed: usual,
    "03_atomics" publish_release: usual,
    "03_atomics" relaxed_unlock: usual,
    "03_atomics" relay: usual,
    "03_atomics" store_buffer: usual,
    "03_atomics" torn_read: usual,
    "03_atomics" two_step_counter: usual,
    "04_explorer" lost_update: usual,
    "04_explorer" lost_wake_up: usual,
    "04_explorer" message_passing_acquire: usual,
    "04_explorer" message_passing_relaxed: usual,
    "04_explorer" store_buffering: usual,
    "04_explorer" two_locks: usual,
    "05_futex_locks" barrier_reused: usual,
    "05_futex_locks" look_then_sleep: usual,
    "05_futex_locks" marks_too_late: usual,
    "05_futex_locks" missed_notify: usual,
    "05_futex_locks" no_mark: usual,
    "05_futex_locks" one_set_two_waiters: usual,
    "05_futex_locks" starved_writer: usual,
    "06_work_stealing" jobs_that_wait: usual,
    "06_work_stealing" last_job_two_takers: usual,
    "06_work_stealing" one_wake_for_a_batch: usual,
    "06_work_stealing" push_then_look: usual,
    "06_work_stealing" sleep_without_a_second_look: usual,
    "06_work_stealing" top_compared_too_late: usual,
    "07_event_loop" closed_on_a_worker: usual,
    "07_event_loop" flag_cleared_after_the_queue: usual,
    "07_event_loop" look_then_announce: usual,
    "07_event_loop" rearm_too_early: usual,
    "07_event_loop" skip_by_a_load: usual,
    "07_event_loop" stale_event: usual,
    "08_completions" nobody_is_waiting: usual,
    "08_completions" tail_before_entry: usual,
    "08_completions" withdrawn_and_run: usual,
    "11_pooled_server" late_answer: usual,
    "11_pooled_server" takes_one: usual,
}
