//! The server of two pools, put to all cases of `tests/conformance`, and to those that only
//! several threads can fail.
#![cfg(any(
    target_os = "linux",
    target_os = "macos",
    target_os = "ios",
    target_os = "freebsd"
))]

#[path = "../conformance/mod.rs"]
mod conformance;
mod example;

use conformance::conforms;
use conformance::serve::Serve;
use conformance::servers::{started, ticked};
use std::sync::Arc;
use threadbare::http::{Config, Handler};

/// Starts a server with so many handler threads and loops.
fn pooled<const HANDLERS: usize, const LOOPS: usize>(
    config: Config,
    handler: Arc<dyn Handler>,
) -> Box<dyn Serve> {
    let config = Config {
        handler_threads: HANDLERS,
        loops: LOOPS,
        ..config
    };
    started(config, handler)
}

mod files;

mod handlers_0_loops_1 {
    crate::conforms!(crate::pooled::<0, 1>: if asked);
}

/// What can be seen only if each turn is asked for.
mod turn_by_turn {
    crate::conforms! { crate::ticked:
        room {
            the_door_opens_by_itself
        }
    }
}
