//! The barrier under the model checker.
