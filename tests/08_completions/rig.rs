//! A loop whose callbacks write down what they were told, and the other ends of its
//! connections.

pub(crate) use crate::sockets::{listen, reset};
use crate::{own_process, sockets};
use std::collections::HashMap;
use std::io::{self, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::{LazyLock, Once};
use std::time::Duration;
use threadbare::completion::{
    Answer, Backend, Completion, Config, Descriptor, Finished, Loop, Next, Received,
    Run, is_cancelled,
};
use threadbare::testkit::within;

/// When a test counts as hung.
pub(crate) const LIMIT: Duration = Duration::from_secs(60);
/// Longer than any test.
pub(crate) const NEVER: Duration = Duration::from_secs(100_000);

/// Calls a property with a configuration of this backend; or says why it can't.
pub(crate) fn on(backend: Backend, property: fn(Config)) {
    let config = Config {
        backend,
        ..Config::default()
    };
    if let Err(error) = Loop::<()>::with_config(config.clone()) {
        assert_eq!(
            backend,
            Backend::Uring,
            "there is always readiness: {error}"
        );
        assert_eq!(error.kind(), io::ErrorKind::Unsupported, "{error}");
        static SAID: Once = Once::new();
        SAID.call_once(|| {
            // Not `eprintln!`: nobody sees what that says in a test that passes.
            let all = "SKIPPED, all tests of chapter 08 that are named `uring`";
            let _ = writeln!(io::stderr(), "{all}: {error}");
        });
        return;
    }
    within(LIMIT, || property(config));
}

/// Whether this is a process of its own for the property; otherwise starts one, and waits for
/// it.
pub(crate) fn alone(config: &Config, file: &str, property: &str) -> bool {
    let backend = match config.backend {
        Backend::Uring => "uring",
        _ => "readiness",
    };
    own_process::alone(&format!("{file}::{backend}::{property}"))
}

/// One call of a callback.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) completion: Completion,
    pub(crate) user: u64,
    /// How many bytes, where there are any.
    pub(crate) result: io::Result<usize>,
    pub(crate) buffer: Vec<u8>,
    pub(crate) descriptor: Option<Descriptor>,
    pub(crate) answer: Option<Answer>,
}

impl Told {
    pub(crate) fn is_cancelled(&self) -> bool {
        matches!(&self.result, Err(error) if is_cancelled(error))
    }

    pub(crate) fn count(&self) -> usize {
        match &self.result {
            Ok(count) => *count,
            Err(error) => panic!("{error} for {}", self.user),
        }
    }

    pub(crate) fn error(&self) -> &io::Error {
        self.result.as_ref().unwrap_err()
    }
}

/// What the callbacks have.
#[derive(Debug, Default)]
pub(crate) struct World {
    pub(crate) told: Vec<Told>,
    /// How often whoever has this user word is to be re-armed.
    pub(crate) again: HashMap<u64, u32>,
    /// All that was received with a user word.
    pub(crate) bytes: HashMap<u64, Vec<u8>>,
    /// What a callback of a test may need: operations and descriptors of others.
    pub(crate) others: Vec<Completion>,
    pub(crate) ours: Vec<Descriptor>,
    pub(crate) theirs: Vec<TcpStream>,
}

pub(crate) type TheLoop = Loop<World>;

impl World {
    fn next(&mut self, user: u64) -> Next {
        match self.again.get_mut(&user) {
            Some(times) if *times > 0 => {
                *times -= 1;
                Next::Rearm
            }
            _ => Next::Disarm,
        }
    }

    fn tell<T, B>(
        &mut self,
        it: &mut Finished<T, B>,
        result: io::Result<usize>,
    ) -> &mut Told {
        self.told.push(Told {
            completion: it.completion,
            user: it.user,
            result,
            buffer: Vec::new(),
            descriptor: None,
            answer: None,
        });
        self.told.last_mut().unwrap()
    }

    pub(crate) fn users(&self) -> Vec<u64> {
        self.told.iter().map(|told| told.user).collect()
    }
}

/// The error out of a result, which the loop does not need again.
pub(crate) fn taken<T: Default>(result: &mut io::Result<T>) -> io::Result<T> {
    std::mem::replace(result, Ok(T::default()))
}

/// Of a timer or a wake.
pub(crate) fn done(
    _: &mut TheLoop,
    world: &mut World,
    it: &mut Finished<()>,
) -> Next {
    let result = taken(&mut it.result).map(|()| 0);
    world.tell(it, result);
    world.next(it.user)
}

/// Of a read or a write. The buffer goes on with a re-armed one, and stays here otherwise.
pub(crate) fn moved(
    _: &mut TheLoop,
    world: &mut World,
    it: &mut Finished<usize, Vec<u8>>,
) -> Next {
    let next = world.next(it.user);
    let result = taken(&mut it.result);
    let buffer = match next {
        Next::Rearm if result.is_ok() => Vec::new(),
        _ => std::mem::take(&mut it.buffer),
    };
    world.tell(it, result).buffer = buffer;
    next
}

/// Of an accept or a connect.
pub(crate) fn opened(
    _: &mut TheLoop,
    world: &mut World,
    it: &mut Finished<Descriptor>,
) -> Next {
    let next = world.next(it.user);
    let (result, descriptor) = match &it.result {
        Ok(descriptor) => (Ok(0), Some(*descriptor)),
        Err(error) => (Err(again(error)), None),
    };
    world.tell(it, result).descriptor = descriptor;
    next
}

/// Of a receive.
pub(crate) fn came(
    _: &mut TheLoop,
    world: &mut World,
    it: &mut Received<'_>,
) -> Next {
    let (result, buffer) = match &it.result {
        Ok(bytes) => (Ok(bytes.len()), bytes.to_vec()),
        Err(error) => (Err(again(error)), Vec::new()),
    };
    world.bytes.entry(it.user).or_default().extend(&buffer);
    world.told.push(Told {
        completion: it.completion,
        user: it.user,
        result,
        buffer,
        descriptor: None,
        answer: None,
    });
    world.next(it.user)
}

/// Of a cancel.
pub(crate) fn answered(
    _: &mut TheLoop,
    world: &mut World,
    it: &mut Finished<Answer>,
) -> Next {
    let next = world.next(it.user);
    let (result, answer) = match &it.result {
        Ok(answer) => (Ok(0), Some(*answer)),
        Err(error) => (Err(again(error)), None),
    };
    world.tell(it, result).answer = answer;
    next
}

/// The same error once more.
fn again(error: &io::Error) -> io::Error {
    match error.raw_os_error() {
        Some(code) => io::Error::from_raw_os_error(code),
        None => io::Error::new(error.kind(), error.to_string()),
    }
}

/// A loop and its world.
pub(crate) struct Rig {
    pub(crate) the_loop: TheLoop,
    pub(crate) world: World,
}

impl Rig {
    pub(crate) fn new(config: Config) -> Self {
        let wanted = config.backend;
        let the_loop = Loop::with_config(config).unwrap();
        assert_eq!(the_loop.backend(), wanted, "no other one in its place");
        Self {
            the_loop,
            world: World::default(),
        }
    }

    /// Waits until something has been called.
    pub(crate) fn once(&mut self) -> usize {
        self.the_loop.run(&mut self.world, Run::Once).unwrap()
    }

    /// Calls what can be called now.
    pub(crate) fn look(&mut self) -> usize {
        self.the_loop.run(&mut self.world, Run::NoWait).unwrap()
    }

    /// Does so some times.
    pub(crate) fn looks(&mut self, times: usize) {
        for _ in 0..times {
            self.look();
        }
    }

    /// Runs until nothing is left.
    pub(crate) fn finish(&mut self) -> usize {
        self.the_loop.run(&mut self.world, Run::UntilDone).unwrap()
    }

    /// Runs until the world is as asked for.
    pub(crate) fn until(&mut self, is_it: impl Fn(&World) -> bool) {
        while !is_it(&self.world) {
            assert_ne!(self.the_loop.active(), 0, "nothing left: {:?}", self.world);
            self.once();
        }
    }

    /// What this one was told, taken out of the world as soon as it is there.
    pub(crate) fn end_of(&mut self, completion: Completion) -> Told {
        self.until(|world| world.told.iter().any(|it| it.completion == completion));
        let told = &mut self.world.told;
        let index = told.iter().position(|it| it.completion == completion);
        told.remove(index.unwrap())
    }

    /// A listener of the loop.
    pub(crate) fn listen(&mut self) -> (Descriptor, SocketAddr) {
        let (listener, address) = listen();
        (self.the_loop.adopt(listener).unwrap(), address)
    }

    /// The two ends of a connection: the loop has the first, and the second blocks.
    pub(crate) fn pair(&mut self) -> (Descriptor, TcpStream) {
        let (ours, theirs) = pair();
        (self.the_loop.adopt(ours).unwrap(), theirs)
    }

    /// Hands over what was submitted, so that others than the loop have it.
    pub(crate) fn hand_over(&mut self) {
        assert_eq!(self.look(), 0, "{:?}", self.world.told);
    }
}

/// A buffer with room.
pub(crate) fn room(bytes: usize) -> Vec<u8> {
    Vec::with_capacity(bytes)
}

/// The two ends of a connection, each of which sends at once. The first does not block, the
/// second does.
pub(crate) fn pair() -> (TcpStream, TcpStream) {
    let (ours, theirs) = sockets::pair();
    theirs.set_nodelay(true).unwrap();
    (ours, theirs)
}

/// A file with these bytes, which has no name any more.
pub(crate) fn file(bytes: &[u8]) -> std::fs::File {
    use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
    static NUMBER: AtomicUsize = AtomicUsize::new(0);
    // ORDERING: Relaxed. Only that no number comes twice matters.
    let number = NUMBER.fetch_add(1, Relaxed);
    let name = format!("threadbare-08-{}-{number}", std::process::id());
    let path = std::env::temp_dir().join(name);
    let mut file = std::fs::File::create_new(&path).unwrap();
    file.write_all(bytes).unwrap();
    drop(file);
    let both = std::fs::File::options().read(true).write(true).open(&path);
    std::fs::remove_file(&path).unwrap();
    both.unwrap()
}

/// Bytes that tell where they belong. (A million of them are made once, since a debug build
/// takes its time for each.)
pub(crate) fn pattern(bytes: usize) -> Vec<u8> {
    static BLOCK: LazyLock<Vec<u8>> = LazyLock::new(|| {
        (0..1 << 16).map(|at| (at * 31 + at / 251) as u8).collect()
    });
    let mut pattern = Vec::with_capacity(bytes);
    for block in 0_u32.. {
        let rest = bytes - pattern.len();
        if rest == 0 {
            break;
        }
        let begin = pattern.len();
        pattern.extend_from_slice(&BLOCK[..rest.min(BLOCK.len())]);
        let number = block.to_le_bytes();
        let end = pattern.len().min(begin + number.len());
        pattern[begin..end].copy_from_slice(&number[..end - begin]);
    }
    pattern
}
