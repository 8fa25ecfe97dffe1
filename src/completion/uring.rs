//! The loop's kernel on Linux since 6.1: io_uring(7). A stand-in.

use std::io;
use std::time::Duration;

use super::config::Config;
use super::core::Core;
use crate::event::Key;

#[derive(Debug)]
pub(super) struct Driver(());

#[derive(Clone, Debug)]
pub(super) struct Waker(());

#[derive(Debug)]
pub(super) struct Lent(());

impl Waker {
    pub(super) fn wake(&self) -> io::Result<()> {
        unreachable!()
    }
}

impl Lent {
    pub(super) fn bytes(&self) -> &[u8] {
        unreachable!()
    }
}

impl Driver {
    pub(super) fn new(_config: &Config) -> io::Result<Self> {
        Err(io::Error::new(io::ErrorKind::Unsupported, "not yet"))
    }
    pub(super) fn start(&mut self, _core: &mut Core, _key: Key) {
        unreachable!()
    }
    pub(super) fn cancel(&mut self, _core: &mut Core, _key: Key) {
        unreachable!()
    }
    pub(super) fn abandon(&mut self, _core: &mut Core, _descriptor: Key) {
        unreachable!()
    }
    pub(super) fn forget(&mut self, _: &mut Core, _: Key) -> io::Result<()> {
        unreachable!()
    }
    pub(super) fn wait(
        &mut self,
        _core: &mut Core,
        _limit: Option<Duration>,
    ) -> io::Result<()> {
        unreachable!()
    }
    pub(super) fn step(&mut self, _core: &mut Core) -> bool {
        unreachable!()
    }
    pub(super) fn lend(&mut self, _core: &mut Core, _key: Key) -> Lent {
        unreachable!()
    }
    pub(super) fn give_back(&mut self, _lent: Lent) {
        unreachable!()
    }
    pub(super) fn waker(&self) -> Waker {
        unreachable!()
    }
    pub(super) fn shutdown(&mut self, _core: &mut Core) {
        unreachable!()
    }
}
