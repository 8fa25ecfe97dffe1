//! Given for 07.8: a kernel with its clients, and the slots of a server.
//!
//! The kernel keeps to its rules, and stops the program when somebody else does not. Its
//! clock moves only while somebody waits, and while a request is served.

use std::collections::BTreeMap;

/// A descriptor: the lowest number that is free.
pub type Fd = usize;

/// The user word of the socket on which clients arrive.
pub const LISTENER: usize = usize::MAX;

/// After so many milliseconds without a request, a connection is closed.
pub const KEEP_MS: u64 = 100;

/// What the kernel reports of a descriptor. Of one that has been hung up it reports two
/// events at once: there is something to read, be it the end, and nothing more will come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// There is something to read, or the end of it.
    Readable,
    /// The client sends nothing more. What it sent before may still be unread, and it waits
    /// for the answers.
    HungUp,
}

/// What `wait` returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    /// The word under which the descriptor is registered.
    pub user: usize,
    /// What there is to report.
    pub what: What,
}

/// What there was to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Served {
    /// A request, which is answered now.
    Answered,
    /// Nothing as yet.
    Nothing,
    /// The client has hung up, and all that it sent before is answered.
    End,
}

/// What a client does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Does {
    /// It asks for a connection.
    Connects,
    /// To serve this one takes so many milliseconds.
    Asks(u64),
    /// It sends nothing more.
    HangsUp,
}

/// A client, and what has become of it.
#[derive(Clone, Debug, Default)]
pub struct Client {
    /// The server's end, as long as it is open.
    fd: Option<Fd>,
    requests: Vec<u64>,
    hung_up: bool,
    /// How many requests were answered.
    pub answers: usize,
    /// Whether the server has registered the connection.
    pub registered: bool,
    /// When the server closed the connection.
    pub closed_at: Option<u64>,
}

/// The kernel, its clock, and the world outside.
#[derive(Debug)]
pub struct Kernel {
    now: u64,
    plan: Vec<(u64, &'static str, Does)>,
    clients: BTreeMap<&'static str, Client>,
    /// Clients that nobody has accepted.
    backlog: Vec<&'static str>,
    /// Whose each number is. Those of the program itself have no entry here.
    files: [Option<&'static str>; 16],
    registered: BTreeMap<Fd, usize>,
    calls_in_vain: u32,
    log: Vec<String>,
}

/// The numbers below it are those of the program itself.
const FIRST: Fd = 5;

impl Kernel {
    /// What will happen, with the millisecond in which it does.
    pub fn new(plan: &[(u64, &'static str, Does)]) -> Self {
        Self {
            now: 0,
            plan: plan.to_vec(),
            clients: BTreeMap::new(),
            backlog: Vec::new(),
            files: [None; 16],
            registered: BTreeMap::new(),
            calls_in_vain: 0,
            log: Vec::new(),
        }
    }

    /// What time it is, in milliseconds.
    pub fn now(&self) -> u64 {
        self.now
    }

    /// The program does something else until then.
    pub fn pass_until(&mut self, when: u64) {
        self.log(format!("the program is busy elsewhere until {when} ms"));
        self.go_on_until(when);
    }

    /// What has become of a client.
    pub fn client(&self, name: &str) -> Client {
        self.clients.get(name).cloned().unwrap_or_default()
    }

    /// How many connections are open, and how many of them are registered.
    pub fn open(&self) -> (usize, usize) {
        let open = self.files.iter().flatten().count();
        (open, self.registered.len())
    }

    /// Waits for events, at most so many milliseconds.
    pub fn wait(&mut self, timeout_ms: u64) -> Vec<Event> {
        self.log(format!("wait({timeout_ms})"));
        let end = self.now.saturating_add(timeout_ms);
        let mut events = self.ready();
        while events.is_empty() {
            let next = self.plan.iter().map(|(when, ..)| *when).min();
            match next {
                Some(next) if next <= end => self.go_on_until(next),
                _ => {
                    self.go_on_until(end);
                    break;
                }
            }
            events = self.ready();
        }
        let list = events.iter().map(|event| match event.user {
            LISTENER => "somebody connects".to_owned(),
            user => format!("user {user}: {:?}", event.what),
        });
        let list = Vec::from_iter(list).join(", ");
        self.log(format!("  -> [{list}]"));
        self.in_vain(events.is_empty(), "wait()");
        events
    }

    /// The connection of the next client, if there is one.
    pub fn accept(&mut self) -> Option<Fd> {
        if self.backlog.is_empty() {
            self.in_vain(true, "accept()");
            return None;
        }
        let name = self.backlog.remove(0);
        let free = self.files.iter().position(Option::is_none);
        let Some(place) = free else {
            self.fault(
                "accept(): no descriptor is left; who closes those of old ones?",
            );
        };
        let fd = FIRST + place;
        self.files[place] = Some(name);
        self.client_mut(name).fd = Some(fd);
        self.log(format!("accept() -> {fd}, which is {name}"));
        Some(fd)
    }

    /// Puts a descriptor on the kernel's list, with the user word of its events.
    pub fn register(&mut self, fd: Fd, user: usize) {
        let name = self.name("register", fd);
        self.log(format!("register({fd}, {user}), which is {name}"));
        if self.registered.insert(fd, user).is_some() {
            self.fault(&format!("register({fd}): {fd} is registered already"));
        }
        self.client_mut(name).registered = true;
    }

    /// Takes a descriptor off the kernel's list.
    pub fn deregister(&mut self, fd: Fd) {
        let name = self.name("deregister", fd);
        self.log(format!("deregister({fd}), which is {name}"));
        if self.registered.remove(&fd).is_none() {
            self.fault(&format!("deregister({fd}): {fd} is not registered"));
        }
    }

    /// Closes a descriptor. From now on whoever opens anything may get its number.
    pub fn close(&mut self, fd: Fd) {
        let name = self.name("close", fd);
        self.log(format!("close({fd}), which is {name}"));
        if self.registered.contains_key(&fd) {
            self.fault(&format!(
                "close({fd}), and {fd} is still registered: another thread may open a file \
                 now and get that number. Deregister first"
            ));
        }
        self.files[fd - FIRST] = None;
        let now = self.now;
        let client = self.client_mut(name);
        client.fd = None;
        client.closed_at = Some(now);
    }

    /// Reads a request and answers it, if there is one.
    pub fn serve(&mut self, fd: Fd) -> Served {
        let name = self.name("serve", fd);
        let client = self.client_mut(name);
        let served = if !client.requests.is_empty() {
            let takes = client.requests.remove(0);
            client.answers += 1;
            self.go_on_until(self.now + takes);
            Served::Answered
        } else if client.hung_up {
            Served::End
        } else {
            Served::Nothing
        };
        self.log(format!("serve({fd}), which is {name} -> {served:?}"));
        self.in_vain(served == Served::Nothing, "serve()");
        served
    }

    /// All that was done, as a list.
    pub fn print(&self) {
        for line in &self.log {
            println!("{line}");
        }
    }

    /// Registered descriptors of which there is something to report: those that can be read,
    /// in order, the listener, and those that are hung up.
    fn ready(&self) -> Vec<Event> {
        let of = |what: What| {
            self.registered.iter().filter_map(move |(fd, user)| {
                let client = self.client(self.files[*fd - FIRST]?);
                let ready = match what {
                    What::Readable => !client.requests.is_empty() || client.hung_up,
                    What::HungUp => client.hung_up,
                };
                ready.then_some(Event { user: *user, what })
            })
        };
        let listener = Event {
            user: LISTENER,
            what: What::Readable,
        };
        let listener = (!self.backlog.is_empty()).then_some(listener);
        let events = of(What::Readable).chain(listener);
        events.chain(of(What::HungUp)).collect()
    }

    fn go_on_until(&mut self, when: u64) {
        self.now = self.now.max(when);
        let now = self.now;
        let (due, later) = self.plan.drain(..).partition(|(when, ..)| *when <= now);
        self.plan = later;
        let mut due: Vec<(u64, &'static str, Does)> = due;
        due.sort_by_key(|(when, ..)| *when);
        for (when, name, does) in due {
            self.log
                .push(format!("{when:>5} ms  ({name} {does:?})").to_lowercase());
            let client = self.client_mut(name);
            match does {
                Does::Connects => self.backlog.push(name),
                Does::Asks(takes) => client.requests.push(takes),
                Does::HangsUp => client.hung_up = true,
            }
        }
    }

    fn client_mut(&mut self, name: &'static str) -> &mut Client {
        self.clients.entry(name).or_default()
    }

    /// Whose connection a descriptor is.
    fn name(&self, call: &str, fd: Fd) -> &'static str {
        let place = fd.checked_sub(FIRST);
        let name = place.and_then(|place| self.files.get(place).copied().flatten());
        name.unwrap_or_else(|| {
            self.fault(&format!(
                "{call}({fd}): {fd} is not open, it may be anybody's"
            ))
        })
    }

    fn in_vain(&mut self, in_vain: bool, call: &str) {
        self.calls_in_vain = if in_vain { self.calls_in_vain + 1 } else { 0 };
        if self.calls_in_vain > 200 {
            self.log.truncate(40);
            self.fault(&format!(
                "{call} in vain, 200 times: somebody waits here for what comes from \
                 somewhere else"
            ));
        }
    }

    fn log(&mut self, what: String) {
        let now = self.now;
        self.log.push(format!("{now:>5} ms  {what}"));
    }

    fn fault(&self, what: &str) -> ! {
        self.print();
        panic!("{what}")
    }
}

/// So many slots. Who is in which is known by the number alone.
#[derive(Debug)]
pub struct Slots<T> {
    slots: Vec<Slot<T>>,
}

#[derive(Debug)]
enum Slot<T> {
    Free,
    /// Emptied, and not to be used before `retire`.
    Rests,
    Taken(T),
}

impl<T> Slots<T> {
    /// All free.
    pub fn new(slots: usize) -> Self {
        let slots = (0..slots).map(|_| Slot::Free).collect();
        Self { slots }
    }

    /// The number of the slot, the lowest that is free.
    pub fn insert(&mut self, value: T) -> Option<usize> {
        let free = |slot: &Slot<T>| matches!(slot, Slot::Free);
        let number = self.slots.iter().position(free)?;
        self.slots[number] = Slot::Taken(value);
        Some(number)
    }

    /// Who is in that slot.
    pub fn get_mut(&mut self, number: usize) -> Option<&mut T> {
        match self.slots.get_mut(number)? {
            Slot::Taken(value) => Some(value),
            _ => None,
        }
    }

    /// From now on the slot rests.
    pub fn remove(&mut self, number: usize) -> Option<T> {
        self.get_mut(number)?;
        match std::mem::replace(&mut self.slots[number], Slot::Rests) {
            Slot::Taken(value) => Some(value),
            _ => None,
        }
    }

    /// Slots that rest are free now.
    pub fn retire(&mut self) {
        for slot in &mut self.slots {
            if matches!(slot, Slot::Rests) {
                *slot = Slot::Free;
            }
        }
    }

    /// Those that are taken.
    pub fn iter(&self) -> impl Iterator<Item = (usize, &T)> {
        let slots = self.slots.iter().enumerate();
        slots.filter_map(|(number, slot)| match slot {
            Slot::Taken(value) => Some((number, value)),
            _ => None,
        })
    }
}
