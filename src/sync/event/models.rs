//! The event under the model checker.
