//! Models are on their way.
