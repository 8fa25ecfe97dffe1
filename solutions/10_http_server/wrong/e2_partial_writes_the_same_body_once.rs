//! must say: pending() is 10, and it has to be 22
//!
//! The same body twice in a row is put in once.

pub use std::rc::Rc;

#[path = "../../../exercises/10_http_server/given/out.rs"]
pub mod given;

pub use given::{PIECES, Socket, WriteError};

/// How far [`Output::write`] has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// All has gone out.
    Done,
    /// There is no room for the rest.
    Blocked,
}

// --- edit from here ---

/// What is to go out: bytes of our own, and bytes that are shared.
#[derive(Debug)]
enum Piece {
    Head(Vec<u8>),
    Body(Rc<[u8]>),
}

impl Piece {
    fn bytes(&self) -> &[u8] {
        match self {
            Self::Head(bytes) => bytes,
            Self::Body(bytes) => bytes,
        }
    }
}

/// What goes out on a connection.
#[derive(Debug)]
pub struct Output {
    pieces: std::collections::VecDeque<Piece>,
    /// How much of the first piece has gone already.
    gone: usize,
}

impl Output {
    /// Nothing is pending.
    pub fn new() -> Self {
        Self {
            pieces: Default::default(),
            gone: 0,
        }
    }
    /// Puts a copy of these bytes at the end.
    pub fn head(&mut self, bytes: &[u8]) {
        if !bytes.is_empty() {
            self.pieces.push_back(Piece::Head(bytes.to_vec()));
        }
    }
    /// Puts these bytes at the end, without a copy.
    pub fn body(&mut self, body: Rc<[u8]>) {
        if !body.is_empty()
            && !self
                .pieces
                .iter()
                .any(|p| matches!(p, Piece::Body(b) if Rc::ptr_eq(b, &body)))
        {
            self.pieces.push_back(Piece::Body(body));
        }
    }
    /// How many bytes are pending.
    pub fn pending(&self) -> usize {
        let all = self.pieces.iter().map(|piece| piece.bytes().len());
        all.sum::<usize>() - self.gone
    }
    /// Writes what is pending.
    pub fn write(&mut self, socket: &Socket) -> Result<Progress, WriteError> {
        while !self.pieces.is_empty() {
            let list: Vec<&[u8]> = self
                .pieces
                .iter()
                .take(PIECES)
                .enumerate()
                .map(|(i, p)| {
                    if i == 0 {
                        &p.bytes()[self.gone..]
                    } else {
                        p.bytes()
                    }
                })
                .collect();
            let given: usize = list.iter().map(|p| p.len()).sum();
            let n = match socket.write_vectored(&list) {
                Ok(n) => n,
                Err(WriteError::Interrupted) => continue,
                Err(WriteError::WouldBlock) => return Ok(Progress::Blocked),
                Err(e) => return Err(e),
            };
            self.gone += n;
            while let Some(first) = self.pieces.front()
                && self.gone >= first.bytes().len()
            {
                self.gone -= first.bytes().len();
                self.pieces.pop_front();
            }
            if n < given {
                return Ok(Progress::Blocked);
            }
        }
        Ok(Progress::Done)
    }
}

// --- to here ---
