//! What each chapter costs.
