//! The completion loop: each operation and its cancel, one property a file, each of them on
//! both backends.
#![cfg(any(
    target_os = "linux",
    target_os = "macos",
    target_os = "ios",
    target_os = "freebsd"
))]
/// Makes of each of these functions a test for either backend. It is handed the
/// configuration of its loops.
macro_rules! of_both {
    ($($property:ident)*) => {
        mod readiness {
            $(#[test]
            fn $property() {
                let backend = threadbare::completion::Backend::Readiness;
                crate::rig::on(backend, super::$property);
            })*
        }

        mod uring {
            $(#[test]
            fn $property() {
                let backend = threadbare::completion::Backend::Uring;
                crate::rig::on(backend, super::$property);
            })*
        }
    };
}

mod accepting;
mod allocations;
mod backends;
mod bugs;
mod cancelling;
mod closing;
mod connecting;
mod crowd;
mod dropping;
mod example;
mod files;
mod handing;
mod idle;
mod kinds;
mod letting_go;
mod life;
mod messages;
#[path = "../common/own_process.rs"]
mod own_process;
mod places;
#[path = "../common/processor_time.rs"]
mod processor_time;
mod queues;
mod random;
mod reading;
mod receiving;
mod rig;
mod running;
mod scarce;
#[path = "../common/sockets.rs"]
mod sockets;
mod stale;
mod swapped;
mod timers;
mod waking;
mod withdrawn;
mod writing;
