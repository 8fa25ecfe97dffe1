//! Turns a test that hangs into one that fails.
