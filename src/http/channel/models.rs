//! The channel under the model checker, and versions that are wrong by a line.
//!
//! The loop's inbox and waker are one [`WakeCell`]. All that is shared is under one lock, so
//! there is no ordering to weaken. That the handler's own thread never waits is not modelled:
//! here all threads are one for std.

use super::*;
use crate::ground::os::WakeCell;
use crate::modelled::{caught, holds, slips, start};

/// What a version does differently.
#[derive(Clone, Copy, PartialEq)]
enum Slip {
    /// Nothing: it is the right one.
    Right,
    /// Nothing, in the copies here.
    Copied,
    /// Adds the bytes, and tells nobody.
    TellsNobody,
    /// Tells the loop, and then adds the bytes.
    TellsFirst,
    /// Leaves the notice where it is.
    KeepsTheNotice,
    /// Ends, and tells nobody.
    EndsSilently,
    /// Leaves a notice, and does not look whether there is something.
    ListensBlindly,
    /// Looks, and takes the lock once more to leave the notice.
    LooksAndListens,
    /// Listens, and does not look whether it has ended meanwhile.
    ForgetsTheEnd,
    /// Takes the bytes, and tells nobody that there is room.
    NoWordOfRoom,
    /// Says that it is the end as soon as nobody sends any more.
    EndFirst,
    /// Does not look again after it was woken.
    IfForWhile,
    /// Leaves, and tells nobody.
    LeavesSilently,
    /// Leaves, and tells one of those who wait.
    TellsOne,
}

/// A thread's end, or what somebody took for one.
struct Sends {
    slip: Slip,
    right: Sender,
}

impl Sends {
    fn send(&self, bytes: &[u8]) -> Result<(), Closed> {
        let channel = &*self.right.channel;
        match self.slip {
            Slip::Right => return self.right.send(bytes),
            Slip::TellsFirst => {
                let notice = channel.lock().notice();
                notice.inspect(|wake| wake());
            }
            _ => {}
        }
        let mut inside = channel.lock();
        while !inside.gone && !inside.has_room(bytes.len(), channel.most) {
            inside = channel.room_or_end.wait(inside).unwrap();
            if self.slip == Slip::IfForWhile {
                break;
            }
        }
        if inside.gone {
            return Err(Closed);
        }
        match self.slip {
            Slip::TellsNobody | Slip::TellsFirst => {
                inside.bytes.extend_from_slice(bytes);
            }
            Slip::KeepsTheNotice => {
                inside.bytes.extend_from_slice(bytes);
                let notice = inside.wake.clone().filter(|_| inside.waits);
                drop(inside);
                notice.inspect(|wake| wake());
            }
            _ => put(inside, bytes),
        }
        let inside = channel.lock();
        assert!(
            inside.bytes.len() <= channel.most,
            "more than there is room for"
        );
        drop(inside);
        Ok(())
    }
}

impl Drop for Sends {
    fn drop(&mut self) {
        if self.slip == Slip::EndsSilently {
            let mut inside = self.right.channel.lock();
            inside.ended = true;
            inside.waits = false;
        }
    }
}

/// The loop's end, or what somebody took for one.
struct Fills {
    slip: Slip,
    right: Receiver,
}

impl Fills {
    fn fill(&self, out: &mut Vec<u8>) -> Filled {
        let channel = &*self.right.channel;
        match self.slip {
            Slip::EndFirst if channel.lock().ended => Filled::End,
            Slip::NoWordOfRoom => {
                let mut inside = channel.lock();
                out.append(&mut inside.bytes);
                match inside.ended {
                    true => Filled::End,
                    false => Filled::Nothing,
                }
            }
            _ => self.right.fill(out),
        }
    }

    fn listen(&self, wake: Wake) -> bool {
        let channel = &*self.right.channel;
        let is_there = |inside: &Inside| match self.slip {
            Slip::ListensBlindly => false,
            Slip::ForgetsTheEnd => !inside.bytes.is_empty(),
            _ => !inside.bytes.is_empty() || inside.ended,
        };
        if self.slip == Slip::Right {
            return self.right.listen(|| wake);
        }
        let mut inside = channel.lock();
        if is_there(&inside) {
            return false;
        }
        if self.slip == Slip::LooksAndListens {
            drop(inside);
            inside = channel.lock();
        }
        inside.waits = true;
        inside.wake.get_or_insert(wake);
        true
    }

    fn end(&self) {
        match self.slip {
            Slip::LeavesSilently => self.right.channel.lock().gone = true,
            Slip::TellsOne => {
                self.right.channel.lock().gone = true;
                self.right.channel.room_or_end.notify_one();
            }
            _ => self.right.end(),
        }
    }

    /// What a loop does: sends what there is, and waits when it has found nothing.
    fn read(&self) -> Vec<u8> {
        let bell = Arc::new(Bell {
            cell: WakeCell::new(),
            rings: Mutex::new(0),
        });
        let (mut out, mut listened) = (Vec::new(), 0);
        loop {
            match self.fill(&mut out) {
                Filled::End => break,
                Filled::Part => continue,
                Filled::Nothing => {}
            }
            let theirs = Arc::clone(&bell);
            if self.listen(std::sync::Arc::new(move || theirs.ring())) {
                listened += 1;
                bell.cell.wait();
            }
        }
        let rings = *bell.rings.lock().unwrap();
        assert!(
            rings <= listened,
            "told {rings} times, asked {listened} times"
        );
        out
    }
}

/// The loop's inbox and waker, which count.
struct Bell {
    cell: WakeCell,
    rings: Mutex<u32>,
}

impl Bell {
    fn ring(&self) {
        *self.rings.lock().unwrap() += 1;
        self.cell.wake();
    }
}

fn both(slip: Slip, most: usize) -> (Sends, Fills) {
    let (sender, receiver) = with_room_for(most, None);
    let sends = Sends {
        slip,
        right: sender,
    };
    let fills = Fills {
        slip,
        right: receiver,
    };
    (sends, fills)
}

// ANCHOR: models
/// Two messages and the end, while the loop reads, listens or sleeps.
fn two_messages(slip: Slip) {
    let (sends, fills) = both(slip, 9);
    let sender = crate::ground::thread::spawn(move || {
        assert_eq!(sends.send(b"a"), Ok(()));
        assert_eq!(sends.send(b"b"), Ok(()));
    });
    assert_eq!(fills.read(), b"ab", "all of it, in order");
    sender.join().unwrap();
}

/// Two senders, and room for one of the two messages at a time.
fn little_room(slip: Slip) {
    let (sends, fills) = both(slip, 2);
    let sends = Arc::new(sends);
    let senders = [b"aa", b"bb"].map(|message| {
        start(&sends, move |sends| {
            assert_eq!(sends.send(message), Ok(()));
        })
    });
    drop(sends);
    let read = fills.read();
    assert!(
        read == b"aabb" || read == b"bbaa",
        "each in one piece: {read:?}"
    );
    for sender in senders {
        sender.join().unwrap();
    }
}

/// There is no room, and nobody will read: the client has left, or the server stops.
fn nobody_reads(slip: Slip) {
    let (sends, fills) = both(slip, 2);
    let sends = Arc::new(sends);
    assert_eq!(sends.send(b"aa"), Ok(()));
    let senders = [b"b", b"c"].map(|it| start(&sends, |sends| sends.send(it)));
    fills.end();
    for sender in senders {
        assert_eq!(sender.join().unwrap(), Err(Closed));
    }
    drop(fills);
    assert_eq!(sends.send(b""), Err(Closed));
}

/// The same, and nothing is left of the loop's end.
fn nobody_is_there(slip: Slip) {
    let (sends, fills) = both(slip, 2);
    assert_eq!(sends.send(b"aa"), Ok(()));
    let sender = crate::ground::thread::spawn(move || sends.send(b"b"));
    drop(fills);
    assert_eq!(sender.join().unwrap(), Err(Closed));
}

const MODELS: [(&str, fn()); 4] = [
    ("two messages", || two_messages(Slip::Right)),
    ("little room", || little_room(Slip::Right)),
    ("nobody reads", || nobody_reads(Slip::Right)),
    ("nobody is there", || nobody_is_there(Slip::Right)),
];
// ANCHOR_END: models

#[test]
fn no_message_is_left_lying_and_nobody_waits_for_ever() {
    for (name, program) in MODELS {
        holds(name, program);
    }
    holds("the copy", || two_messages(Slip::Copied));
    holds("the copy", || little_room(Slip::Copied));
    holds("the copy", || nobody_reads(Slip::Copied));
}

#[test]
fn wrong_versions_are_caught() {
    use Slip::*;
    caught(
        "channel",
        // ANCHOR: caught
        &slips! {
            TellsNobody: two_messages, Deadlock;
            TellsFirst: two_messages, Deadlock;
            KeepsTheNotice: two_messages, Assertion;
            EndsSilently: two_messages, Deadlock;
            ListensBlindly: two_messages, Deadlock;
            LooksAndListens: two_messages, Deadlock;
            ForgetsTheEnd: two_messages, Deadlock;
            EndFirst: two_messages, Assertion;
            NoWordOfRoom: little_room, LostWakeUp;
            IfForWhile: little_room, Assertion;
            LeavesSilently: nobody_reads, LostWakeUp;
            TellsOne: nobody_reads, LostWakeUp;
        },
        // ANCHOR_END: caught
    );
}
