//! Graders of 07.1: what the kernel is asked for, and what is made of its answers. A plain
//! account of what must be there is kept beside the table, and compared after each step.

use std::collections::BTreeMap;

use super::on_real::answer::given::{Errno, Interest, Kernel, Op, Ready};
use super::on_real::answer::{Direction, Error, Event, Table};
use Direction::{Read, Write};

grading::graders![
    one_direction,
    two_directions,
    each_has_its_word,
    twice_is_refused,
    the_kernel_refuses,
    the_kernel_refuses_the_second,
    closed_before_deleted,
    broken_is_told_to_all,
    only_who_is_armed_is_told,
    any_number_is_a_descriptor,
    two_descriptors_with_one_word,
    many_steps,
];

/// Those that are open: the lowest one there is, and some that are alike in their last bits.
const OPEN: [i32; 8] = [0, 3, 5, 6, 7, 261, 65_541, 70_000];

const ALL: Interest = Interest {
    read: true,
    write: true,
};

/// A table, the kernel below it, and what must be in it.
struct Checked {
    kernel: Kernel,
    table: Table,
    users: BTreeMap<(i32, Direction), u64>,
}

impl Checked {
    fn new() -> Self {
        let kernel = Kernel::default();
        for fd in OPEN {
            kernel.set(fd, Interest::default(), false);
        }
        Self {
            table: Table::new(kernel.clone()),
            kernel,
            users: BTreeMap::new(),
        }
    }

    fn interest(&self, fd: i32) -> Interest {
        Interest {
            read: self.users.contains_key(&(fd, Read)),
            write: self.users.contains_key(&(fd, Write)),
        }
    }

    /// The call that leads from `before` to what is there now.
    fn call(&self, fd: i32, before: Interest) -> Vec<(Op, i32, Interest)> {
        let none = Interest::default();
        let after = self.interest(fd);
        let op = match (before == none, after == none) {
            (true, _) => Op::Add,
            (_, true) => Op::Delete,
            _ => Op::Modify,
        };
        vec![(op, fd, after)]
    }

    fn add(&mut self, fd: i32, direction: Direction, user: u64) {
        let what = format!("add({direction:?}) with {user}");
        let before = self.interest(fd);
        let got = self.table.add(fd, direction, user);
        if self.users.contains_key(&(fd, direction)) {
            return self.refused(fd, before, &what, got, Error::AlreadyExists);
        }
        self.users.insert((fd, direction), user);
        self.done(fd, before, &what, got);
    }

    fn del(&mut self, fd: i32, direction: Direction) {
        let what = format!("del({direction:?})");
        let before = self.interest(fd);
        let got = self.table.del(fd, direction);
        if self.users.remove(&(fd, direction)).is_none() {
            return self.refused(fd, before, &what, got, Error::NotFound);
        }
        self.done(fd, before, &what, got);
    }

    fn done(&self, fd: i32, before: Interest, what: &str, got: Result<(), Error>) {
        let there = there(fd, before);
        let calls = self.kernel.calls();
        let want = self.call(fd, before);
        // Interest of a deletion is ignored.
        let same = |a: &(Op, i32, Interest), b: &(Op, i32, Interest)| {
            (a.0, a.1) == (b.0, b.1) && (a.0 == Op::Delete || a.2 == b.2)
        };
        let right = calls.len() == 1 && same(&calls[0], &want[0]);
        assert!(
            right,
            "{there} {what} asked the kernel for {}, and {} is right",
            shown(&calls),
            shown(&want)
        );
        assert!(
            got.is_ok(),
            "{there} {what} made the right call, and returned {got:?}: Ok is right"
        );
    }

    fn refused(
        &self,
        fd: i32,
        before: Interest,
        what: &str,
        got: Result<(), Error>,
        want: Error,
    ) {
        let there = there(fd, before);
        assert!(
            got == Err(want),
            "{there} {what} returned {got:?}, and that is Err({want:?})"
        );
        let calls = self.kernel.calls();
        assert!(
            calls.is_empty(),
            "{there} {what} asked the kernel for {}, and needs no call to know that it \
             can't be done",
            shown(&calls)
        );
    }

    /// What is made of what the kernel says now, of each descriptor.
    fn look(&self) {
        for (fd, ready) in self.kernel.wait() {
            self.look_at(fd, ready);
        }
    }

    fn look_at(&self, fd: i32, ready: Ready) {
        let mut got = parts(&self.table.events(ready));
        got.sort();
        let mut want = vec![];
        for (direction, is_ready) in
            [(Read, ready.readable), (Write, ready.writable)]
        {
            if let Some(user) = self.users.get(&(fd, direction))
                && (is_ready || ready.broken)
            {
                want.push((*user, direction, ready.broken));
            }
        }
        want.sort();
        let there = there(fd, self.interest(fd));
        let said = said(ready);
        assert!(
            got == want,
            "{there} the kernel says {said}, and that became {}: {} is right",
            told(&got),
            told(&want)
        );
    }
}

/// An event for both directions is two for one each.
fn parts(events: &[Event]) -> Vec<(u64, Direction, bool)> {
    let mut parts = vec![];
    for event in events {
        assert!(
            event.readable || event.writable,
            "there is an event for {} that is neither readable nor writable",
            event.user
        );
        for (direction, is) in [(Read, event.readable), (Write, event.writable)] {
            if is {
                parts.push((event.user, direction, event.broken));
            }
        }
    }
    parts
}

fn there(fd: i32, before: Interest) -> String {
    let what = match (before.read, before.write) {
        (false, false) => "with nothing there,",
        (true, false) => "with Read there,",
        (false, true) => "with Write there,",
        (true, true) => "with Read and Write there,",
    };
    format!("fd {fd}: {what}")
}

fn shown(calls: &[(Op, i32, Interest)]) -> String {
    if calls.is_empty() {
        return "nothing".to_owned();
    }
    let shown = calls.iter().map(|(op, fd, interest)| {
        let read = if interest.read { " Read" } else { "" };
        let write = if interest.write { " Write" } else { "" };
        match op {
            Op::Delete => format!("{op:?} {fd}"),
            _ if *interest == Interest::default() => format!("{op:?} {fd} nothing"),
            _ => format!("{op:?} {fd}{read}{write}"),
        }
    });
    shown.collect::<Vec<_>>().join(", ")
}

fn said(ready: Ready) -> String {
    let flags = [
        (ready.readable, "readable"),
        (ready.writable, "writable"),
        (ready.broken, "broken"),
    ];
    let flags = flags.iter().filter(|(is, _)| *is).map(|(_, name)| *name);
    flags.collect::<Vec<_>>().join(" and ")
}

fn told(parts: &[(u64, Direction, bool)]) -> String {
    if parts.is_empty() {
        return "no event".to_owned();
    }
    let told = parts.iter().map(|(user, direction, broken)| {
        let broken = if *broken { ", broken" } else { "" };
        format!("{direction:?} for {user}{broken}")
    });
    told.collect::<Vec<_>>().join(" + ")
}

fn one_direction() {
    for direction in [Read, Write] {
        let mut at = Checked::new();
        at.add(5, direction, 70);
        at.look();
        at.kernel.set(5, ALL, false);
        at.look();
        at.del(5, direction);
        assert!(
            at.kernel.wait().is_empty(),
            "nothing is there, and the kernel says something"
        );
    }
}

fn two_directions() {
    for (first, second) in [(Read, Write), (Write, Read)] {
        for (third, fourth) in [(Read, Write), (Write, Read)] {
            let mut at = Checked::new();
            at.kernel.set(5, ALL, false);
            at.kernel.set(6, ALL, false);
            at.add(6, Read, 80);
            at.add(5, first, 70);
            at.add(5, second, 70);
            at.look();
            at.del(5, third);
            at.look();
            at.del(5, fourth);
            at.look();
            at.add(5, third, 70);
            at.look();
        }
    }
}

fn each_has_its_word() {
    let mut at = Checked::new();
    at.kernel.set(5, ALL, false);
    at.add(5, Read, 70);
    at.add(5, Write, u64::MAX);
    at.look();
    at.del(5, Read);
    at.add(5, Read, 0);
    at.look();
}

fn twice_is_refused() {
    let mut at = Checked::new();
    at.kernel.set(5, ALL, false);
    at.del(5, Read);
    at.add(5, Read, 70);
    at.add(5, Read, 71);
    at.look();
    at.del(5, Write);
    at.add(5, Write, 72);
    at.add(5, Write, 72);
    at.look();
    at.del(5, Read);
    at.del(5, Read);
    at.look();
}

/// As many as there is room for; and one that is not open.
fn the_kernel_refuses() {
    let mut at = Checked::new();
    at.kernel.set(5, ALL, false);
    at.kernel.set_full(true);
    let refused = at.table.add(5, Read, 70);
    let want = Err(Error::Kernel(Errno::NoSpace));
    assert!(
        refused == want,
        "the kernel refused add(Read) with NoSpace, and it returned {refused:?}"
    );
    at.kernel.calls();
    let deleted = at.table.del(5, Read);
    assert!(
        deleted == Err(Error::NotFound),
        "the kernel refused add(Read), and a del(Read) after that returned {deleted:?}: \
         Err(NotFound) is right, since nothing is there"
    );
    at.kernel.calls();
    at.kernel.set_full(false);
    at.add(5, Read, 71);
    at.look();
    let closed = at.table.add(99, Write, 72);
    assert!(
        closed == Err(Error::Kernel(Errno::BadFd)),
        "fd 99 is not open, and add(Write) returned {closed:?}"
    );
}

/// The first direction is there, and the descriptor was closed, against the rules.
fn the_kernel_refuses_the_second() {
    for (first, second) in [(Read, Write), (Write, Read)] {
        let mut at = Checked::new();
        at.add(5, first, 70);
        at.kernel.close(5);
        let refused = at.table.add(5, second, 71);
        assert!(
            refused == Err(Error::Kernel(Errno::BadFd)),
            "fd 5 is closed, with {first:?} there, and add({second:?}) returned {refused:?}"
        );
        let deleted = at.table.del(5, second);
        assert!(
            deleted == Err(Error::NotFound),
            "with {first:?} there, the kernel refused add({second:?}), and a \
             del({second:?}) after that returned {deleted:?}: Err(NotFound) is right, since \
             it is not there"
        );
    }
}

fn closed_before_deleted() {
    for is_open_again in [false, true] {
        let mut at = Checked::new();
        at.add(5, Read, 70);
        at.add(5, Write, 71);
        at.kernel.close(5);
        if is_open_again {
            at.kernel.set(5, ALL, false);
        }
        for direction in [Read, Write] {
            let got = at.table.del(5, direction);
            let by = at.kernel.calls();
            // With the first refusal one may drop both.
            let is_dropped = direction == Write && got == Err(Error::NotFound);
            assert!(
                got == Ok(()) || is_dropped,
                "fd 5 was closed before del({direction:?}), the kernel refused {}, and del \
                 returned {got:?}: Ok is right, for it is gone",
                shown(&by)
            );
        }
        at.users.clear();
        at.kernel.set(5, ALL, false);
        at.add(5, Read, 72);
        at.look();
    }
}

fn broken_is_told_to_all() {
    for can in [Interest::default(), ALL] {
        let mut at = Checked::new();
        at.kernel.set(5, can, true);
        at.add(5, Write, 70);
        at.look();
        at.add(5, Read, 71);
        at.look();
        at.del(5, Write);
        at.look();
    }
}

/// What the kernel has said before a deletion is dropped.
fn only_who_is_armed_is_told() {
    let mut at = Checked::new();
    at.kernel.set(5, ALL, false);
    at.add(5, Read, 70);
    at.add(5, Write, 71);
    let batch = at.kernel.wait();
    at.del(5, Write);
    for (_, ready) in &batch {
        at.look_at(5, *ready);
    }
    at.del(5, Read);
    for (_, ready) in &batch {
        at.look_at(5, *ready);
    }
}

/// The first one that a process opens itself is 3; but it may close the others, and then gets
/// those.
fn any_number_is_a_descriptor() {
    let mut at = Checked::new();
    for (fd, user) in OPEN.into_iter().zip(70..) {
        at.kernel.set(fd, ALL, false);
        at.add(fd, if user % 2 == 0 { Read } else { Write }, user);
        at.look();
    }
}

fn two_descriptors_with_one_word() {
    let mut at = Checked::new();
    at.kernel.set(5, ALL, false);
    at.kernel.set(6, ALL, false);
    at.add(5, Read, 70);
    at.add(6, Write, 70);
    at.look();
    at.add(6, Read, 71);
    at.look();
}

fn many_steps() {
    let mut at = Checked::new();
    let mut random = 0x9E37_79B9_7F4A_7C15_u64;
    for _ in 0..3_000 {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        let bits = random >> 16;
        let fd = OPEN[(bits % 8) as usize];
        let direction = if bits & 64 == 0 { Read } else { Write };
        match bits >> 8 & 3 {
            // Now and then two have the same word.
            0 => at.add(fd, direction, random),
            1 => at.add(fd, direction, bits >> 20 & 3),
            2 => at.del(fd, direction),
            _ => {
                let can = Interest {
                    read: bits & 128 == 0,
                    write: bits & 1024 == 0,
                };
                at.kernel.set(fd, can, bits >> 12 & 7 == 0);
                at.look();
            }
        }
    }
}
