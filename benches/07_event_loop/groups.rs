//! The groups, and the copies of this program that some of them start.

mod accept;
#[cfg(target_os = "linux")]
mod designs;
mod driver;
mod echo;
#[cfg(target_os = "linux")]
mod epoll;
mod loops;
mod register;
mod server;
mod wake;

use benches::child;

const CHAPTER: &str = "07_event_loop";

pub(crate) fn main() {
    #[cfg(target_os = "linux")]
    let servers = [echo::SERVERS, designs::SERVERS];
    #[cfg(not(target_os = "linux"))]
    let servers = [echo::SERVERS];
    let start = |name: &str| child::start_of(&servers, name);
    if child::serving_copy(start) || register::idle_copy() {
        return;
    }
    child::last_core();
    echo::echo();
    echo::designs();
    register::register();
    wake::wake();
    register::idle();
    accept::accept_calls();
    accept::accept_shared();
}
