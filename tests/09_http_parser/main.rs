//! Properties of the parser of chapter 09: one file for each kind. What must hold for any
//! bytes is in `checks.rs`, which the fuzz targets use as well.

mod checks;
mod samples;

mod corpus;
mod example;
mod random;
mod smuggling;
mod splits;
