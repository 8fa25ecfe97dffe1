//! What the loop of chapter 08 calls when something has been done.
//!
//! Each is a function, and captures nothing: what all of them know is the [`Story`], and which
//! of several conversations is meant is said by the user word.

use std::io;
use std::mem;

use threadbare::completion::{
    Answer, Completion, Descriptor, Finished, Loop, Next, Run, is_cancelled,
};
use threadbare::event::{Key, Slab};

use super::super::CHUNK;
use super::say::say;

/// What the callbacks share.
#[derive(Default)]
pub(crate) struct Story {
    pub(crate) beats: u32,
    /// Who is connected.
    talks: Slab<Descriptor>,
    /// The last read that was begun.
    pub(crate) reading: Option<Completion>,
    pub(crate) echoed: usize,
    pub(crate) copy: Option<Copying>,
    pub(crate) woken: bool,
    pub(crate) answers: Vec<Answer>,
    failed: Option<String>,
}

/// A copy, and how far it has got.
pub(crate) struct Copying {
    pub(crate) from: Descriptor,
    pub(crate) to: Descriptor,
    pub(crate) offset: u64,
    pub(crate) parts: u32,
}

impl Story {
    // ANCHOR: until
    /// Lets the loop have its turns until this is so.
    pub(crate) fn until(
        &mut self,
        turns: &mut Loop<Self>,
        is_so: impl Fn(&Self) -> bool,
    ) -> io::Result<()> {
        while !is_so(self) {
            turns.run(self, Run::Once)?;
            if let Some(failed) = self.failed.take() {
                return Err(io::Error::other(failed));
            }
        }
        Ok(())
    }
    // ANCHOR_END: until

    fn fails(&mut self, error: &io::Error) -> Next {
        self.failed = Some(error.to_string());
        Next::Disarm
    }

    fn says(&mut self, line: &str) {
        if let Err(error) = say!("   {line}") {
            self.fails(&error);
        }
    }

    /// The end of the file: both are closed.
    fn has_copied(&mut self, turns: &mut Loop<Self>) -> Next {
        let Some(copy) = self.copy.take() else {
            return Next::Disarm;
        };
        self.says(&format!(
            "copy     {} bytes in {} parts",
            copy.offset, copy.parts
        ));
        for file in [copy.from, copy.to] {
            if let Err(error) = turns.close(file) {
                self.fails(&error);
            }
        }
        Next::Disarm
    }

    /// Says goodbye to a client.
    fn close(&mut self, turns: &mut Loop<Self>, key: Key) -> Next {
        if let Some(stream) = self.talks.remove(key)
            && let Err(error) = turns.close(stream)
        {
            self.fails(&error);
        }
        self.talks.retire();
        Next::Disarm
    }
}

// ANCHOR: beat
pub(crate) fn beat(
    _: &mut Loop<Story>,
    story: &mut Story,
    _: &mut Finished<()>,
) -> Next {
    story.beats += 1;
    Next::Rearm
}
// ANCHOR_END: beat

// ANCHOR: accepted
pub(crate) fn accepted(
    turns: &mut Loop<Story>,
    story: &mut Story,
    done: &mut Finished<Descriptor>,
) -> Next {
    let stream = match &done.result {
        Ok(stream) => *stream,
        Err(error) if is_cancelled(error) => return Next::Disarm,
        Err(error) => return story.fails(error),
    };
    story.says("accept   a client, and goes on");
    let key = story.talks.insert(stream);
    let buffer = Vec::with_capacity(CHUNK);
    let reading = turns.read(stream, buffer, key.to_user(), heard);
    // `buffer` has gone. The kernel may write into it at any time, so nobody can look at it
    // or free it, or have had it on a stack: E0382. It comes back with the result.
    story.reading = Some(reading);
    Next::Rearm
}
// ANCHOR_END: accepted

// ANCHOR: echo
/// What was read goes back, and the buffer goes with it.
fn heard(
    turns: &mut Loop<Story>,
    story: &mut Story,
    done: &mut Finished<usize, Vec<u8>>,
) -> Next {
    let key = Key::from_user(done.user);
    match (story.talks.get(key), &done.result) {
        (Some(&stream), Ok(1..)) => {
            let buffer = mem::take(&mut done.buffer);
            turns.write(stream, buffer, done.user, said);
            Next::Disarm
        }
        (_, Err(error)) if is_cancelled(error) => {
            let bytes = done.buffer.capacity();
            story.says(&format!(
                "read     is cancelled: {bytes} bytes are ours again"
            ));
            story.close(turns, key)
        }
        // The client has ended, or its connection has. Or we have closed it.
        _ => story.close(turns, key),
    }
}

/// All of it has been written. The same buffer is for what comes next.
fn said(
    turns: &mut Loop<Story>,
    story: &mut Story,
    done: &mut Finished<usize, Vec<u8>>,
) -> Next {
    let key = Key::from_user(done.user);
    let (Some(&stream), &Ok(count)) = (story.talks.get(key), &done.result) else {
        return story.close(turns, key);
    };
    story.says(&format!("echo     {count} bytes"));
    story.echoed += count;
    let mut buffer = mem::take(&mut done.buffer);
    buffer.clear();
    story.reading = Some(turns.read(stream, buffer, done.user, heard));
    Next::Disarm
}
// ANCHOR_END: echo

// ANCHOR: copy
/// A part of the file has been read. It is written, and the buffer goes with it.
pub(crate) fn filled(
    turns: &mut Loop<Story>,
    story: &mut Story,
    done: &mut Finished<usize, Vec<u8>>,
) -> Next {
    match (&story.copy, &done.result) {
        (Some(copy), Ok(1..)) => {
            let buffer = mem::take(&mut done.buffer);
            turns.write_at(copy.to, copy.offset, buffer, 0, emptied);
            Next::Disarm
        }
        (_, Err(error)) => story.fails(error),
        _ => story.has_copied(turns),
    }
}

/// It has been written. Is there more?
fn emptied(
    turns: &mut Loop<Story>,
    story: &mut Story,
    done: &mut Finished<usize, Vec<u8>>,
) -> Next {
    let count = match &done.result {
        Ok(count) => *count,
        Err(error) => return story.fails(error),
    };
    if let Some(copy) = &mut story.copy {
        copy.offset += count as u64;
        copy.parts += 1;
        let mut buffer = mem::take(&mut done.buffer);
        buffer.clear();
        turns.read_at(copy.from, copy.offset, buffer, 0, filled);
    }
    Next::Disarm
}
// ANCHOR_END: copy

// ANCHOR: woken
pub(crate) fn woken(
    _: &mut Loop<Story>,
    story: &mut Story,
    done: &mut Finished<()>,
) -> Next {
    if let Err(error) = &done.result {
        return story.fails(error);
    }
    story.says("woken    by a thread that has the notifier, and not the loop");
    story.woken = true;
    Next::Disarm
}
// ANCHOR_END: woken

// ANCHOR: answered
/// The answer to a cancel. What it was about has come back before.
pub(crate) fn answered(
    _: &mut Loop<Story>,
    story: &mut Story,
    done: &mut Finished<Answer>,
) -> Next {
    match &done.result {
        Ok(answer) => {
            story.says(&format!("cancel   {answer:?}"));
            story.answers.push(*answer);
            Next::Disarm
        }
        Err(error) => story.fails(error),
    }
}
// ANCHOR_END: answered
