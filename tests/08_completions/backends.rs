//! Property: which backend runs is chosen when the loop is made, and can be asked for; where
//! the kernel has no io_uring, a loop says why, or takes the other one.

use crate::rig::{Rig, done, on};
use std::time::Duration;
use threadbare::completion::{Backend, Config, Loop};

fn with(backend: Backend) -> std::io::Result<Loop<()>> {
    Loop::with_config(Config {
        backend,
        ..Config::default()
    })
}

#[test]
fn readiness_is_always_there() {
    on(Backend::Readiness, |config| {
        let mut rig = Rig::new(config);
        assert_eq!(rig.the_loop.backend(), Backend::Readiness);
        let name = rig.the_loop.backend().to_string();
        assert_eq!(name, threadbare::event::BACKEND);
        rig.the_loop.timer(Duration::ZERO, 0, done);
        assert_eq!(rig.finish(), 1);
    });
}

#[test]
fn automatic_takes_the_ring_if_there_is_one() {
    let automatic = Loop::<()>::new().unwrap();
    let expected = match with(Backend::Uring) {
        Ok(ring) => ring.backend(),
        Err(_) => Backend::Readiness,
    };
    assert_eq!(automatic.backend(), expected);
    assert_ne!(automatic.backend(), Backend::Auto, "it says what it became");
    let config = Config::default();
    assert_eq!(config.backend, Backend::Auto);
    assert_eq!(format!("{}", Backend::Uring), "io_uring");
}

/// All tests of the ring are left out where it is refused: so it is not the library alone
/// that says whether it is.
#[cfg(target_os = "linux")]
#[test]
fn a_ring_is_there_if_the_kernel_gives_one() {
    use threadbare::completion::uring;
    let ours = with(Backend::Uring);
    match (asked(), uring::support()) {
        (Ok(()), Ok(support)) => {
            assert!(ours.is_ok());
            assert!(!support.to_string().is_empty());
        }
        (Err(code), Err(unsupported)) => {
            let error = ours.unwrap_err();
            assert_eq!(error.kind(), std::io::ErrorKind::Unsupported);
            // A sentence: what, and what to do.
            let said = unsupported.to_string();
            println!("{said}");
            assert!(said.len() > 20 && said.contains(' '), "{said} ({code})");
        }
        (kernel, support) => panic!("the kernel: {kernel:?}, we: {support:?}"),
    }
}

/// Whether the kernel makes a ring with all that is needed: asked without the library.
#[cfg(target_os = "linux")]
#[allow(unsafe_code, reason = "std has no such call")]
fn asked() -> Result<(), i32> {
    use std::os::fd::FromRawFd as _;
    /// `IORING_SETUP_CQSIZE`, `..SUBMIT_ALL`, `..SINGLE_ISSUER`, `..DEFER_TASKRUN`.
    const FLAGS: u32 = 1 << 3 | 1 << 7 | 1 << 12 | 1 << 13;
    // `struct io_uring_params`: 120 bytes; the third word is the flags, and the second the
    // number of completions.
    let mut params = [0_u32; 30];
    params[1] = 16;
    params[2] = FLAGS;
    // SAFETY: the kernel reads and writes 120 bytes, which outlive the call.
    let ring =
        unsafe { libc::syscall(libc::SYS_io_uring_setup, 8, params.as_mut_ptr()) };
    if ring < 0 {
        return Err(std::io::Error::last_os_error().raw_os_error().unwrap());
    }
    // SAFETY: it was opened for us just now, and nobody else has it.
    drop(unsafe { std::os::fd::OwnedFd::from_raw_fd(ring as i32) });
    Ok(())
}

#[test]
fn more_entries_than_anybody_has() {
    for backend in [Backend::Readiness, Backend::Uring] {
        on(backend, |config| {
            for entries in [0, u32::MAX] {
                let mut rig = Rig::new(Config {
                    entries,
                    ..config.clone()
                });
                rig.the_loop.timer(Duration::ZERO, 0, done);
                assert_eq!(rig.finish(), 1);
            }
        });
    }
}
