//! Eight bytes at a time, in one word.
