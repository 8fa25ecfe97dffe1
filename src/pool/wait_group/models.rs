//! The wait group under the model checker. Versions that are wrong by a line are in `wrong`.
#![allow(unsafe_code, reason = "what a wait allows is to reach a cell")]

use super::{Member, WaitGroup};
use crate::ground::cell::UnsafeCell;
use crate::ground::sync::Arc;
use crate::ground::thread;
use crate::modelled::{holds, holds_for_reasons, needs_its_orderings, start};

mod wrong;

/// A wait group, or what somebody took for one. The counterpart of `enter` is `leave`.
trait Group: Send + Sync + 'static {
    fn new() -> Self;
    fn enter(&self);
    fn leave(&self);
    fn wait(&self);
}

impl Group for WaitGroup {
    fn new() -> Self {
        Self::new()
    }

    fn enter(&self) {
        self.shared.enter();
    }

    fn leave(&self) {
        self.shared.leave();
    }

    fn wait(&self) {
        self.wait();
    }
}

/// A group, and numbers that its members write.
struct Work<G> {
    group: G,
    numbers: [UnsafeCell<u32>; 2],
}

// SAFETY: none for a wrong `G`. The explorer is to find that out.
unsafe impl<G: Sync> Sync for Work<G> {}

impl<G: Group> Work<G> {
    fn new(members: usize) -> Arc<Self> {
        let group = G::new();
        (0..members).for_each(|_| group.enter());
        Arc::new(Self {
            group,
            numbers: [UnsafeCell::new(0), UnsafeCell::new(0)],
        })
    }

    /// What a member does.
    fn member(&self, number: usize) {
        // SAFETY: nobody else has this number, if the group is right.
        self.numbers[number].with_mut(|number| unsafe { *number += 1 });
        self.group.leave();
    }

    /// Waits, and looks at what a member has done.
    fn wait_for(&self, number: usize) {
        self.group.wait();
        // SAFETY: its member is done, if the group is right.
        self.numbers[number].with(|number| assert_eq!(unsafe { *number }, 1));
    }
}

/// A waiter and a member.
fn one_member<G: Group>() {
    let work = Work::<G>::new(1);
    let member = start(&work, |work| work.member(0));
    work.wait_for(0);
    member.join().unwrap();
}

/// What each of two members has done is seen, whoever is the last.
fn two_members<G: Group>() {
    let work = Work::<G>::new(2);
    let member = start(&work, |work| work.member(0));
    work.member(1);
    work.wait_for(0);
    member.join().unwrap();
}

/// Two that wait for the same member.
fn two_waiters<G: Group>() {
    let work = Work::<G>::new(1);
    let other = start(&work, |work| work.wait_for(0));
    let member = start(&work, |work| work.member(0));
    work.wait_for(0);
    other.join().unwrap();
    member.join().unwrap();
}

/// A second round begins, while the first one still ends: whoever waits then, waits for the
/// second one.
fn two_rounds<G: Group>() {
    let work = Work::<G>::new(1);
    let first = start(&work, |work| work.member(0));
    work.group.enter();
    let second = start(&work, |work| work.member(1));
    work.wait_for(1);
    first.join().unwrap();
    second.join().unwrap();
}

/// Somebody waits, and sees one round go by, or the next, or none.
fn rounds_go_by<G: Group>() {
    let work = Work::<G>::new(1);
    let waiter = start(&work, |work| work.group.wait());
    work.member(0);
    work.group.enter();
    work.member(1);
    waiter.join().unwrap();
}

#[test]
fn a_group_keeps_its_promises_in_every_order() {
    holds("a member", one_member::<WaitGroup>);
    holds("two members", two_members::<WaitGroup>);
    holds("rounds go by", rounds_go_by::<WaitGroup>);
    holds_for_reasons("two waiters", two_waiters::<WaitGroup>);
    holds_for_reasons("two rounds", two_rounds::<WaitGroup>);
}

#[test]
fn each_ordering_of_the_group_is_needed() {
    let models: [(_, fn()); 2] = [
        ("a member", one_member::<WaitGroup>),
        ("two members", two_members::<WaitGroup>),
    ];
    needs_its_orderings("wait_group", &models, &[]);
}

/// A job that panics drops its member, and a clone counts.
#[test]
fn a_member_leaves_when_it_is_dropped() {
    holds("members that are dropped", || {
        let group = WaitGroup::new();
        let member = group.add();
        assert_eq!(group.count(), 1);
        let panics = thread::spawn(move || {
            let _also: Member = member.clone();
            let _member = member;
            std::panic::resume_unwind(Box::new("planned"));
        });
        group.wait();
        assert_eq!(group.count(), 0);
        let _: Box<_> = panics.join().map(|(): ()| ()).unwrap_err();
    });
}

#[test]
fn an_empty_group_does_not_wait() {
    WaitGroup::new().wait();
    let text = format!("{:?}", (WaitGroup::new(), WaitGroup::new().add()));
    assert_eq!(text, "(WaitGroup { count: 0 }, Member { .. })");
}
