//! The programs behind the steppers in the book, one file each.
//!
//! A chapter includes the lines between `ANCHOR: model` and `ANCHOR_END: model`, and the
//! figure that `tests/steppers.rs` makes of the same file: see *What a stepper touches* in
//! `CONTRIBUTING.md`.

use explorer::Model;

mod lost_update;
mod lost_wake_up;
mod message_passing_acquire;
mod message_passing_relaxed;
mod store_buffering;
mod two_locks;

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
    "04_explorer" lost_update: usual,
    "04_explorer" lost_wake_up: usual,
    "04_explorer" message_passing_acquire: usual,
    "04_explorer" message_passing_relaxed: usual,
    "04_explorer" store_buffering: usual,
    "04_explorer" two_locks: usual,
}
