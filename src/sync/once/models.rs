//! The once under the model checker.
