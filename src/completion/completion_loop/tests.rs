use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use super::super::*;
use crate::testkit;

const LIMIT: Duration = Duration::from_secs(20);
const HOUR: Duration = Duration::from_secs(3600);

/// What happened, in order.
type Log = Vec<String>;

fn readiness() -> Loop<Log> {
    let config = Config {
        backend: Backend::Readiness,
        ..Config::default()
    };
    Loop::with_config(config).unwrap()
}

fn pair(completions: &mut Loop<Log>) -> (Descriptor, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let stream = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let (other, _) = listener.accept().unwrap();
    (completions.adopt(other).unwrap(), stream)
}

fn log_bytes(
    _: &mut Loop<Log>,
    log: &mut Log,
    finished: &mut Finished<usize, Vec<u8>>,
) -> Next {
    let word = match &finished.result {
        Ok(count) => format!("{count}"),
        Err(error) if is_cancelled(error) => "cancelled".to_owned(),
        Err(error) => format!("{:?}", error.kind()),
    };
    log.push(format!(
        "{}: {word} of {}",
        finished.user,
        finished.buffer.len()
    ));
    Next::Disarm
}

fn log_answer(
    _: &mut Loop<Log>,
    log: &mut Log,
    finished: &mut Finished<Answer>,
) -> Next {
    log.push(format!("{}: {:?}", finished.user, finished.result));
    Next::Rearm // which means nothing here
}

fn log_event(_: &mut Loop<Log>, log: &mut Log, finished: &mut Finished<()>) -> Next {
    let word = if finished.result.is_ok() { "ok" } else { "no" };
    log.push(format!("{}: {word}", finished.user));
    Next::Rearm
}

#[test]
fn a_read_and_a_write() {
    testkit::within(LIMIT, || {
        let (mut completions, mut log) = (readiness(), Log::new());
        let (descriptor, mut stream) = pair(&mut completions);
        completions.read(descriptor, Vec::with_capacity(8), 1, log_bytes);
        assert_eq!(completions.run(&mut log, Run::NoWait).unwrap(), 0);
        stream.write_all(b"hello").unwrap();
        completions.run(&mut log, Run::UntilDone).unwrap();
        completions.write(descriptor, b"answer".to_vec(), 2, log_bytes);
        completions.read(descriptor, Vec::new(), 3, log_bytes);
        completions.run(&mut log, Run::UntilDone).unwrap();
        assert_eq!(log, ["1: 5 of 5", "2: 6 of 6", "3: InvalidInput of 0"]);
        completions.close(descriptor).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert_eq!(answer, "answer");
    });
}

#[test]
fn cancels_in_each_life() {
    testkit::within(LIMIT, || {
        let (mut completions, mut log) = (readiness(), Log::new());
        let (descriptor, _stream) = pair(&mut completions);
        // Queued.
        let read = completions.read(descriptor, vec![0; 0], 1, log_bytes);
        completions.cancel(read, 2, log_answer);
        let timer = completions.timer(HOUR, 3, log_event);
        // In flight, twice.
        let read = completions.read(descriptor, Vec::with_capacity(9), 4, log_bytes);
        completions.run(&mut log, Run::NoWait).unwrap();
        assert_eq!(completions.life(read), Life::InFlight);
        completions.cancel(read, 5, log_answer);
        let cancel = completions.cancel(read, 6, log_answer);
        // A cancel, and what is dead.
        completions.cancel(cancel, 7, log_answer);
        completions.cancel(Completion::from_word(0), 8, log_answer);
        completions.cancel(timer, 9, log_answer);
        completions.run(&mut log, Run::UntilDone).unwrap();
        let answers = [
            "1: cancelled of 0",
            "2: Ok(Cancelled)",
            "4: cancelled of 0",
            "8: Ok(Dead)",
            "3: no",
            "5: Ok(Cancelled)",
            "6: Ok(Cancelled)",
            "9: Ok(Cancelled)",
            "7: Ok(TooLate)",
        ];
        assert_eq!(log, answers);
        assert_eq!(
            (completions.active(), completions.life(read)),
            (0, Life::Dead)
        );
    });
}

#[test]
fn a_cancel_that_meets_a_rearm_ends_it() {
    testkit::within(LIMIT, || {
        let (mut completions, mut log) = (readiness(), Log::new());
        completions.timer(Duration::ZERO, 1, |completions, log, finished| {
            log.push(format!("{:?}", finished.result.is_ok()));
            completions.cancel(finished.completion, 2, log_answer);
            Next::Rearm
        });
        completions.timer(Duration::ZERO, 3, |completions, log, finished| {
            log.push(format!("{:?}", finished.result.is_ok()));
            completions.cancel(finished.completion, 4, log_answer);
            Next::Disarm
        });
        completions.run(&mut log, Run::UntilDone).unwrap();
        // The last call of the first asks again: both are answered.
        let last = [
            "false",
            "4: Ok(TooLate)",
            "2: Ok(Cancelled)",
            "2: Ok(Cancelled)",
        ];
        assert_eq!(log[..2], ["true", "true"]);
        assert_eq!(log[2..], last);
    });
}

#[test]
fn a_panic_in_a_callback_ends_its_operation() {
    testkit::within(LIMIT, || {
        let (mut completions, mut log) = (readiness(), Log::new());
        let timer =
            completions.timer(Duration::ZERO, 1, |_, _, _| panic!("on purpose"));
        completions.timer(HOUR, 2, log_event);
        let mut run = || completions.run(&mut log, Run::Once);
        let caught =
            std::panic::catch_unwind(std::panic::AssertUnwindSafe(&mut run));
        assert!(caught.is_err());
        completions.run(&mut log, Run::NoWait).unwrap();
        assert_eq!(
            (completions.life(timer), completions.active()),
            (Life::Dead, 1)
        );
    });
}

#[test]
fn a_callback_does_not_run_its_loop() {
    let (mut completions, mut log) = (readiness(), Log::new());
    completions.timer(Duration::ZERO, 1, |completions, log, _| {
        let error = completions.run(log, Run::NoWait).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Deadlock);
        log.push("refused".to_owned());
        Next::Disarm
    });
    completions.run(&mut log, Run::UntilDone).unwrap();
    assert_eq!(log, ["refused"]);
}
