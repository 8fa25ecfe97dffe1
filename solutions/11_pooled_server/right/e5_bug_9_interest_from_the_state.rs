//! What is wanted follows from what the connection does, and is compared with what is
//! armed.

#[path = "../../../exercises/11_pooled_server/given/level.rs"]
pub mod given;

use given::{Event, Kernel, Recv};

// --- edit from here ---

use std::collections::BTreeMap;

#[derive(Clone, Copy, Debug, Default, PartialEq)]
enum State {
    #[default]
    Reading,
    Running,
    Paused,
}

#[derive(Debug, Default)]
pub struct Server {
    states: BTreeMap<u32, State>,
}

impl Server {
    pub fn turn(&mut self, kernel: &mut Kernel) {
        for event in kernel.wait() {
            let (id, next) = match event {
                Event::Connected(id) => {
                    self.states.insert(id, State::Reading);
                    continue;
                }
                Event::Readable(id) => (id, self.readable(kernel, id)),
                Event::Broken(id) => (id, None),
                Event::Answered(id) => {
                    if self.states.contains_key(&id) {
                        kernel.send(id);
                    }
                    (id, Some(State::Reading))
                }
            };
            let Some(before) = self.states.get(&id).copied() else {
                continue;
            };
            match next {
                Some(next) => {
                    let (was, is) = (before != State::Paused, next != State::Paused);
                    if was != is {
                        kernel.set_read(id, is);
                    }
                    self.states.insert(id, next);
                }
                None => {
                    self.states.remove(&id);
                    kernel.close(id);
                }
            }
        }
    }

    fn readable(&mut self, kernel: &mut Kernel, id: u32) -> Option<State> {
        match self.states.get(&id)? {
            State::Running | State::Paused => Some(State::Paused),
            State::Reading => match kernel.recv(id) {
                Recv::Request(ms) => {
                    kernel.hand_over(id, ms);
                    Some(State::Running)
                }
                Recv::Nothing => Some(State::Reading),
                Recv::End | Recv::Broken => None,
            },
        }
    }
}
// --- to here ---
