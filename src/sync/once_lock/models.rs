//! The once lock under the model checker.
