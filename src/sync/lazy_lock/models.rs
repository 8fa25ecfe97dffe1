//! The lazy lock under the model checker.
