//! The pool under the model checker, and versions that are wrong by a line.

use explorer::Kind;

use super::ConnectionPool;
use crate::ground::atomic::{AtomicUsize, Ordering::Relaxed};
use crate::ground::on_std::sync::{Arc, Barrier, Mutex, PoisonError};
use crate::locks::Semaphore;
use crate::modelled::{caught, holds, start};

/// The other end: counts the connections that are open, and refuses the first so many, or
/// panics.
#[derive(Default)]
struct Server {
    open: AtomicUsize,
    refusals: AtomicUsize,
    panics: AtomicUsize,
}

const LIMIT: usize = 1;

impl Server {
    fn refusing(refusals: usize) -> Arc<Self> {
        Arc::new(Self {
            refusals: AtomicUsize::new(refusals),
            ..Self::default()
        })
    }

    fn panicking(panics: usize) -> Arc<Self> {
        Arc::new(Self {
            panics: AtomicUsize::new(panics),
            ..Self::default()
        })
    }
}

fn connect(server: &Arc<Server>) -> Result<Connection, Refused> {
    // ORDERING: Relaxed, here and below: only the counts matter.
    let before = server.open.fetch_add(1, Relaxed);
    assert!(before < LIMIT, "more connections are open than allowed");
    let connection = Connection {
        server: Arc::clone(server),
        broken: false,
    };
    for (left, unwinds) in [(&server.refusals, false), (&server.panics, true)] {
        // ORDERING: as above.
        if left.load(Relaxed) > 0 {
            // ORDERING: as above.
            left.fetch_sub(1, Relaxed);
            if unwinds {
                std::panic::resume_unwind(Box::new("planned"));
            }
            return Err(Refused);
        }
    }
    Ok(connection)
}

#[derive(Debug)]
struct Refused;

struct Connection {
    server: Arc<Server>,
    /// In the middle of a message.
    broken: bool,
}

impl Drop for Connection {
    fn drop(&mut self) {
        // ORDERING: Relaxed, as in `connect`.
        self.server.open.fetch_sub(1, Relaxed);
    }
}

/// A pool, or what somebody took for one. `talk` gets a connection and gives it back.
trait Pool: Send + Sync + Sized + 'static {
    fn new(limit: usize, connect: Connect) -> Self;
    fn talk(&self, talk: impl FnOnce(&mut Connection)) -> Result<(), Refused>;
}

type Connect = Box<dyn Fn() -> Result<Connection, Refused> + Send + Sync>;

impl Pool for ConnectionPool<Connection, Refused> {
    fn new(limit: usize, connect: Connect) -> Self {
        Self::new(limit, connect)
    }

    fn talk(&self, talk: impl FnOnce(&mut Connection)) -> Result<(), Refused> {
        talk(&mut *self.get()?);
        Ok(())
    }
}

/// What the wrong versions are made of. They use the semaphore without its guard.
struct Parts {
    permits: Semaphore,
    idle: Mutex<Vec<Connection>>,
    connect: Connect,
}

impl Parts {
    fn acquires(&self) {
        self.permits.acquire().forget();
    }

    fn takes(&self) -> Option<Connection> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.pop()
    }

    fn gives(&self, connection: Connection) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.push(connection);
    }

    fn releases(&self) {
        self.permits.add_permits(1);
    }
}

macro_rules! wrong {
    ($Name:ident, $story:literal, |$parts:ident, $talk:ident| $body:expr) => {
        #[doc = $story]
        struct $Name(Parts);

        impl Pool for $Name {
            fn new(limit: usize, connect: Connect) -> Self {
                Self(Parts {
                    permits: Semaphore::new(limit),
                    idle: Mutex::default(),
                    connect,
                })
            }

            fn talk(
                &self,
                $talk: impl FnOnce(&mut Connection),
            ) -> Result<(), Refused> {
                let $parts = &self.0;
                $body
            }
        }
    };
}

wrong!(
    PermitFirst,
    "Gives the permit back before the connection.",
    |parts, talk| {
        let permit = parts.permits.acquire();
        let idle = parts.takes();
        let mut connection = idle.map_or_else(&parts.connect, Ok)?;
        talk(&mut connection);
        drop(permit);
        parts.gives(connection);
        Ok(())
    }
);

wrong!(
    LosesPermitOnError,
    "Takes the permit by hand, and returns early.",
    |parts, talk| {
        parts.acquires();
        let idle = parts.takes();
        let mut connection = idle.map_or_else(&parts.connect, Ok)?;
        talk(&mut connection);
        parts.gives(connection);
        parts.releases();
        Ok(())
    }
);

wrong!(
    LosesPermitOnPanic,
    "Gives the permit back after an error, but not in a panic.",
    |parts, talk| {
        parts.acquires();
        let idle = parts.takes();
        let result = idle.map_or_else(&parts.connect, Ok).map(|mut connection| {
            talk(&mut connection);
            parts.gives(connection);
        });
        parts.releases();
        result
    }
);

wrong!(
    ConnectsUnderTheLock,
    "Holds the list while it connects: who wants to give back waits for who connects.",
    |parts, talk| {
        let _permit = parts.permits.acquire();
        let mut list = parts.idle.lock().unwrap();
        let idle = list.pop();
        let mut connection = idle.map_or_else(&parts.connect, Ok)?;
        drop(list);
        talk(&mut connection);
        parts.gives(connection);
        Ok(())
    }
);

wrong!(
    KeepsTheBroken,
    "Gives a connection back although its holder has panicked.",
    |parts, talk| {
        struct GivesBack<'a>(&'a Parts, Option<Connection>);
        impl Drop for GivesBack<'_> {
            fn drop(&mut self) {
                self.1.take().into_iter().for_each(|it| self.0.gives(it));
            }
        }
        let _permit = parts.permits.acquire();
        let idle = parts.takes();
        let connection = idle.map_or_else(&parts.connect, Ok)?;
        talk(GivesBack(parts, Some(connection)).1.as_mut().unwrap());
        Ok(())
    }
);

wrong!(
    ClosesAfterThePermit,
    "Closes a connection when somebody else may already open the next.",
    |parts, talk| {
        let permit = parts.permits.acquire();
        let mut connection = (parts.connect)()?;
        talk(&mut connection);
        drop(permit);
        drop(connection);
        Ok(())
    }
);

/// A pool that connects to `server`.
fn pool<P: Pool>(server: &Arc<Server>) -> Arc<P> {
    let server = Arc::clone(server);
    Arc::new(P::new(LIMIT, Box::new(move || connect(&server))))
}

/// Two threads and one connection. The server counts.
fn never_more_than_allowed<P: Pool>() {
    let server = Server::refusing(0);
    let pool = pool::<P>(&server);
    let other = start(&pool, |pool| pool.talk(|_| ()).unwrap());
    pool.talk(|_| ()).unwrap();
    other.join().unwrap();
    drop(pool);
    // ORDERING: Relaxed, as in `connect`.
    assert_eq!(
        server.open.load(Relaxed),
        0,
        "a connection was never closed"
    );
}

/// The first that connects is refused; the other waits for its permit.
fn a_refusal_gives_the_permit_back<P: Pool>() {
    let pool = pool::<P>(&Server::refusing(1));
    let other = start(&pool, |pool| pool.talk(|_| ()).is_ok());
    let mine = pool.talk(|_| ()).is_ok();
    assert!(mine ^ other.join().unwrap(), "one was refused, one was not");
}

/// The first that connects panics; the other waits for its permit.
fn a_panic_gives_the_permit_back<P: Pool>() {
    let pool = pool::<P>(&Server::panicking(1));
    let talk = |pool: &P| pool.talk(|_| ()).unwrap();
    let others = [(); 2].map(|()| start(&pool, talk));
    let ends = others.map(|other| other.join().is_ok());
    assert!(ends[0] ^ ends[1], "one panicked, one did not");
}

/// A holder panics in the middle of a message. Nobody else gets that connection.
fn nobody_gets_a_broken_one<P: Pool>() {
    let pool = pool::<P>(&Server::refusing(0));
    let holder = start(&pool, |pool| {
        pool.talk(|connection| {
            connection.broken = true;
            std::panic::resume_unwind(Box::new("planned"));
        })
    });
    let look = pool.talk(|connection| {
        assert!(!connection.broken, "in the middle of another's message");
    });
    look.unwrap();
    assert!(holder.join().is_err());
}

/// Two connections are made at the same time: each waits for the other to have begun.
fn two_connect_at_once<P: Pool>() {
    let meet = Barrier::new(2);
    let server = Arc::new(Server::default());
    let pool: Arc<P> = Arc::new(P::new(
        2,
        Box::new(move || {
            meet.wait();
            Ok(Connection {
                server: Arc::clone(&server),
                broken: false,
            })
        }),
    ));
    let both = Arc::new(Barrier::new(2));
    let theirs = Arc::clone(&both);
    let other = start(&pool, move |pool| {
        let talk = |_: &mut _| {
            theirs.wait();
        };
        pool.talk(talk).unwrap();
    });
    let talk = |_: &mut _| {
        both.wait();
    };
    pool.talk(talk).unwrap();
    other.join().unwrap();
}

type Right = ConnectionPool<Connection, Refused>;

#[test]
fn the_pool_keeps_its_promises_in_every_order() {
    holds("never more than allowed", never_more_than_allowed::<Right>);
    holds("a refusal", a_refusal_gives_the_permit_back::<Right>);
    holds("a panic in connect", a_panic_gives_the_permit_back::<Right>);
    holds("a panic of a holder", nobody_gets_a_broken_one::<Right>);
    holds("two connect at once", two_connect_at_once::<Right>);
}

#[test]
fn versions_that_are_wrong_by_one_line_are_caught() {
    caught(
        "connection pool",
        &[
            (
                "PermitFirst",
                never_more_than_allowed::<PermitFirst>,
                Kind::Assertion,
            ),
            (
                "LosesPermitOnError",
                a_refusal_gives_the_permit_back::<LosesPermitOnError>,
                Kind::LostWakeUp,
            ),
            (
                "LosesPermitOnPanic",
                a_panic_gives_the_permit_back::<LosesPermitOnPanic>,
                Kind::LostWakeUp,
            ),
            (
                "ConnectsUnderTheLock",
                two_connect_at_once::<ConnectsUnderTheLock>,
                Kind::Deadlock,
            ),
            (
                "KeepsTheBroken",
                nobody_gets_a_broken_one::<KeepsTheBroken>,
                Kind::Assertion,
            ),
            (
                "ClosesAfterThePermit",
                never_more_than_allowed::<ClosesAfterThePermit>,
                Kind::Assertion,
            ),
        ],
    );
}

#[test]
fn counts_follow_what_happens_to_connections() {
    let pool = ConnectionPool::<u8, Refused>::new(2, || Ok(7));
    let counts = || (pool.open(), pool.idle());
    assert_eq!(counts(), (0, 0));
    let first = pool.get().unwrap();
    let second = pool.get().unwrap();
    assert_eq!(counts(), (2, 0));
    assert!(pool.try_get().unwrap().is_none());
    drop(first);
    assert_eq!(counts(), (2, 1));
    second.discard();
    assert_eq!(counts(), (1, 1));
    assert_eq!(*pool.try_get().unwrap().expect("one is idle"), 7);
}
