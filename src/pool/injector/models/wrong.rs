//! Injectors that are wrong by a line.

use std::ptr;

use explorer::Kind::{self, Assertion, DataRace};

use super::*;
use crate::ground::atomic::{
    AtomicBool, AtomicPtr,
    Ordering::{AcqRel, Acquire, Relaxed, Release},
};
use crate::modelled::caught;

/// What a wrong version does differently.
#[derive(Clone, Copy, PartialEq)]
enum Slip {
    /// Nothing.
    None,
    /// What is refused comes back with what it had been linked to.
    KeepsItsLink,
    /// The chain is handed out as it is, the newest first.
    NotTurned,
    /// Looks what has arrived, and then makes it nothing.
    LoadsAndStores,
    /// Looks whether it is closed, and then adds.
    LooksThenAdds,
    /// Who takes the chain takes the mark with it.
    TakesTheMark,
}
use Slip::{
    KeepsItsLink, LoadsAndStores, LooksThenAdds, None as Right, NotTurned,
    TakesTheMark,
};

/// The mark of one that is closed.
const CLOSED: usize = 1;

struct Wrong<const SLIP: u8> {
    arrived: AtomicPtr<Header>,
    closed: AtomicBool,
}

impl<const SLIP: u8> Wrong<SLIP> {
    fn slips(slip: Slip) -> bool {
        SLIP == slip as u8
    }

    fn add(&self, jobs: List, inside: bool) -> Result<(), List> {
        let chain = jobs.into_chain().expect("there are some");
        let apart = Self::slips(LooksThenAdds);
        // ORDERING: Acquire pairs with the Release in `close`.
        let closed_before = apart && self.closed.load(Acquire);
        // ORDERING: Relaxed, as in `Injector::add`.
        let mut head = self.arrived.load(Relaxed);
        loop {
            let closed = closed_before || head.addr() & CLOSED != 0;
            if closed && !inside {
                if !Self::slips(KeepsItsLink) {
                    chain.link(None);
                }
                return Err(List::from_chain(Some(chain.newest)));
            }
            let older = head.map_addr(|address| address & !CLOSED);
            chain.link(NonNull::new(older));
            let mark = head.addr() & CLOSED;
            let to = chain.newest.as_ptr().map_addr(|address| address | mark);
            // ORDERING: Release, as in `Injector::add`.
            match self.arrived.compare_exchange(head, to, Release, Relaxed) {
                Ok(_) => return Ok(()),
                Err(now) => head = now,
            }
        }
    }
}

impl<const SLIP: u8> Queue for Wrong<SLIP> {
    fn new() -> Self {
        Self {
            arrived: AtomicPtr::new(ptr::null_mut()),
            closed: AtomicBool::new(false),
        }
    }

    fn push(&self, jobs: List) -> Result<(), List> {
        self.add(jobs, false)
    }

    fn push_inside(&self, jobs: List) {
        assert!(self.add(jobs, true).is_ok());
    }

    fn take(&self) -> List {
        self.take_all()
    }

    fn take_all(&self) -> List {
        // ORDERING: Acquire pairs with the Release in `add`.
        let mut head = self.arrived.load(Acquire);
        loop {
            let mark = if Self::slips(TakesTheMark) { 0 } else { CLOSED };
            let to = ptr::without_provenance_mut(head.addr() & mark);
            if Self::slips(LoadsAndStores) {
                // ORDERING: Release pairs with the Acquire in `take_all`.
                self.arrived.store(to, Release);
                break;
            }
            // ORDERING: Acquire, both: pairs with the Release in `add`.
            match self.arrived.compare_exchange(head, to, Acquire, Acquire) {
                Ok(_) => break,
                Err(now) => head = now,
            }
        }
        let chain = NonNull::new(head.map_addr(|address| address & !CLOSED));
        let list = List::from_chain(chain);
        if Self::slips(NotTurned) {
            return list.reversed();
        }
        list
    }

    fn close(&self) {
        if Self::slips(LooksThenAdds) {
            // ORDERING: Release pairs with the Acquire in `add`.
            self.closed.store(true, Release);
            return;
        }
        // ORDERING: Relaxed. The exchange looks again.
        let mut head = self.arrived.load(Relaxed);
        loop {
            let to = head.map_addr(|address| address | CLOSED);
            // ORDERING: AcqRel. More than `Injector::change` needs.
            match self.arrived.compare_exchange(head, to, AcqRel, Relaxed) {
                Ok(_) => return,
                Err(now) => head = now,
            }
        }
    }
}

#[test]
fn injectors_that_are_wrong_by_a_line_are_caught() {
    // With nothing wrong, it holds.
    holds("as it is", closed_and_looked::<Wrong<{ Right as u8 }>>);
    // ANCHOR: caught
    let wrong: [(_, fn(), Kind); 5] = [
        (
            "what is refused brings others with it",
            closed_meanwhile::<Wrong<{ KeepsItsLink as u8 }>>,
            DataRace,
        ),
        (
            "the newest first",
            two_bring::<Wrong<{ NotTurned as u8 }>>,
            Assertion,
        ),
        (
            "a load and a store in place of an exchange",
            two_bring::<Wrong<{ LoadsAndStores as u8 }>>,
            Assertion,
        ),
        (
            "it looks whether it is closed, and then adds",
            closed_and_looked::<Wrong<{ LooksThenAdds as u8 }>>,
            Assertion,
        ),
        (
            "the mark goes with the chain",
            closed_meanwhile::<Wrong<{ TakesTheMark as u8 }>>,
            Assertion,
        ),
    ];
    // ANCHOR_END: caught
    caught("injector", &wrong);
}
