//! The locker under the model checker, and versions that are wrong by a line.

use explorer::Kind;

use super::Locker;
use crate::ground::on_std::sync::{Arc, Mutex, PoisonError};
use crate::modelled::{caught, holds, start};

/// What is behind the handle: something that is used in two steps.
#[derive(Clone, Default)]
struct Client {
    requests: u32,
    answers: u32,
    is_down: bool,
}

impl Client {
    fn call(&mut self) {
        assert!(!self.is_down, "used after it was closed");
        assert_eq!(
            self.requests, self.answers,
            "used in the middle of a change"
        );
        self.requests += 1;
        self.answers += 1;
    }

    /// Panics half-way.
    fn break_off(&mut self) {
        self.requests += 1;
        std::panic::resume_unwind(Box::new("planned"));
    }

    fn take_down(mut self) {
        self.is_down = true;
    }
}

/// A handle, or what somebody took for one.
trait Handle: Send + Sync + 'static {
    fn new(client: Client) -> Self;
    fn with(&self, work: fn(&mut Client)) -> bool;
    fn close(&self) -> Option<Client>;
}

impl Handle for Locker<Client> {
    fn new(client: Client) -> Self {
        Self::new(client)
    }

    fn with(&self, work: fn(&mut Client)) -> bool {
        self.with(work).is_ok()
    }

    fn close(&self) -> Option<Client> {
        self.close().ok()
    }
}

/// What the wrong versions are made of.
struct Parts {
    client: Mutex<Option<Client>>,
    closed: Mutex<bool>,
}

impl Parts {
    /// What a right version does.
    fn withs(&self, work: fn(&mut Client)) -> bool {
        let Ok(mut client) = self.client.lock() else {
            return false;
        };
        client.as_mut().map(work).is_some()
    }

    /// What a right version does.
    fn closes(&self) -> Option<Client> {
        let client = self.client.lock();
        client.unwrap_or_else(PoisonError::into_inner).take()
    }
}

macro_rules! wrong {
    ($Name:ident, $story:literal $(, with: $with:expr)? $(, close: $close:expr)?) => {
        #[doc = $story]
        struct $Name(Parts);

        #[allow(unused_assignments, unused_mut, reason = "one of them is replaced")]
        impl Handle for $Name {
            fn new(client: Client) -> Self {
                Self(Parts {
                    client: Mutex::new(Some(client)),
                    closed: Mutex::new(false),
                })
            }

            fn with(&self, work: fn(&mut Client)) -> bool {
                let mut with: fn(&Parts, fn(&mut Client)) -> bool = Parts::withs;
                $(with = $with;)?
                with(&self.0, work)
            }

            fn close(&self) -> Option<Client> {
                let mut close: fn(&Parts) -> Option<Client> = Parts::closes;
                $(close = $close;)?
                close(&self.0)
            }
        }
    };
}

wrong!(
    LooksFirst,
    "Asks whether it is closed, and then uses what it finds.",
    with: |parts, work| {
        if *parts.closed.lock().unwrap() {
            return false;
        }
        parts.client.lock().unwrap().as_mut().map(work);
        true
    },
    close: |parts| {
        let client = parts.client.lock().unwrap().take();
        *parts.closed.lock().unwrap() = true;
        client
    }
);

wrong!(
    UsesAfterClose,
    "Marks it as closed, and leaves it there.",
    close: |parts| {
        let mut closed = parts.closed.lock().unwrap();
        if *closed {
            return None;
        }
        *closed = true;
        let mut client = parts.client.lock().unwrap();
        let client = client.as_mut().expect("nobody takes it out");
        client.is_down = true;
        Some(client.clone())
    }
);

wrong!(
    ClosesTwice,
    "Looks whether it is closed, lets go, and closes.",
    close: |parts| {
        if *parts.closed.lock().unwrap() {
            return None;
        }
        *parts.closed.lock().unwrap() = true;
        parts.client.lock().unwrap().clone()
    }
);

wrong!(
    SpreadsThePanic,
    "Unwraps by habit: one panic inside, and everybody who comes later panics.",
    with: |parts, work| parts.client.lock().unwrap().as_mut().map(work).is_some()
);

wrong!(
    IgnoresThePanic,
    "Goes on with what a panic has left half-changed.",
    with: |parts, work| {
        let client = parts.client.lock();
        let mut client = client.unwrap_or_else(PoisonError::into_inner);
        client.as_mut().map(work).is_some()
    }
);

wrong!(
    NeverTakenDown,
    "After a panic refuses to close as well: what must be taken down is not.",
    close: |parts| parts.client.lock().ok()?.take()
);

/// One uses the handle while another closes it. Refused, or finished before the close.
fn used_or_refused<H: Handle>() {
    let handle = Arc::new(H::new(Client::default()));
    let user = start(&handle, |handle| u32::from(handle.with(Client::call)));
    let client = handle.close().expect("nobody else closes it");
    assert_eq!(
        client.answers,
        user.join().unwrap(),
        "a call was lost, or came after the close"
    );
    client.take_down();
    assert!(!handle.with(Client::call), "used after it was closed");
}

/// Two close. One of them has the value.
fn closed_once<H: Handle>() {
    let handle = Arc::new(H::new(Client::default()));
    let other = start(&handle, |handle| handle.close().is_some());
    let mine = handle.close().is_some();
    assert!(mine ^ other.join().unwrap(), "closed twice, or not at all");
}

/// One panics half-way. Nobody sees that, and it can still be taken down, once.
fn refused_after_a_panic<H: Handle>() {
    let handle = Arc::new(H::new(Client::default()));
    let breaker = start(&handle, |handle| handle.with(Client::break_off));
    handle.with(Client::call);
    let _: Box<_> = breaker.join().unwrap_err();
    assert!(!handle.with(Client::call), "half-changed, and not refused");
    let client = handle.close().expect("it must still be taken down");
    client.take_down();
    assert!(handle.close().is_none(), "closed twice");
}

#[test]
fn the_locker_keeps_its_promises_in_every_order() {
    holds("used or refused", used_or_refused::<Locker<Client>>);
    holds("closed once", closed_once::<Locker<Client>>);
    holds("after a panic", refused_after_a_panic::<Locker<Client>>);
}

#[test]
fn versions_that_are_wrong_by_one_line_are_caught() {
    caught(
        "locker",
        &[
            ("LooksFirst", used_or_refused::<LooksFirst>, Kind::Assertion),
            (
                "UsesAfterClose",
                used_or_refused::<UsesAfterClose>,
                Kind::Assertion,
            ),
            ("ClosesTwice", closed_once::<ClosesTwice>, Kind::Assertion),
            (
                "SpreadsThePanic",
                refused_after_a_panic::<SpreadsThePanic>,
                Kind::Assertion,
            ),
            (
                "IgnoresThePanic",
                refused_after_a_panic::<IgnoresThePanic>,
                Kind::Assertion,
            ),
            (
                "NeverTakenDown",
                refused_after_a_panic::<NeverTakenDown>,
                Kind::Assertion,
            ),
        ],
    );
}
