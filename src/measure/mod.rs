//! Chapter 00.
