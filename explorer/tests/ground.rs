//! One program, compiled over three grounds: std's own, the real one, and the modelled one,
//! outside a model and inside.

#![allow(missing_docs, reason = "a test")]
#![allow(
    unsafe_code,
    reason = "the sample has a lock of its own, and a raw Arc"
)]

use explorer::Model;

#[path = "ground"]
mod on_std {
    /// What std has, by the names of the ground.
    pub(crate) mod ground {
        pub(crate) use std::sync::atomic;
        pub(crate) use std::{hint, sync, thread, thread_local, time};
    }
    #[path = "sample.rs"]
    pub(crate) mod sample;
}

#[path = "ground"]
mod on_real {
    pub(crate) use threadbare::ground;

    #[path = "own.rs"]
    pub(crate) mod own;
    #[allow(clippy::duplicate_mod, reason = "that is what this test is about")]
    #[path = "sample.rs"]
    pub(crate) mod sample;
}

#[path = "ground"]
mod on_model {
    pub(crate) use explorer::ground;

    #[allow(clippy::duplicate_mod, reason = "that is what this test is about")]
    #[path = "own.rs"]
    pub(crate) mod own;
    #[allow(clippy::duplicate_mod, reason = "that is what this test is about")]
    #[path = "sample.rs"]
    pub(crate) mod sample;
}

#[test]
fn over_std() {
    on_std::sample::all();
}

#[test]
fn over_the_real_ground() {
    on_real::sample::all();
    on_real::own::all();
}

#[test]
fn over_the_modelled_ground_outside_a_model() {
    on_model::sample::all();
    on_model::own::all();
}

#[test]
fn over_the_modelled_ground_inside_a_model() {
    let parts = on_model::sample::PARTS;
    for (number, part) in parts.into_iter().chain(on_model::own::PARTS).enumerate() {
        let result = Model::new(format!("part {number}")).explore(part);
        match result {
            Ok(stats) => {
                println!(
                    "part {number}: {} executions, {} states, {:?}",
                    stats.executions, stats.states, stats.time
                );
                assert!(stats.complete, "part {number} is too large");
            }
            Err(failure) => panic!("{failure}"),
        }
    }
}
