//! Graders of 00.4: each carries out one experiment and compares it with the
//! prediction.

use super::on_real::answer;

grading::graders![
    the_mean_of_a_run_with_one_interruption,
    p99_of_a_run_with_one_interruption,
    laps_on_a_coarse_clock,
    throughput_of_two_halves,
    two_threads_on_one_core,
    a_stall_in_a_closed_loop,
    a_stall_in_an_open_loop,
];

/// The prediction, asked for before anything is measured or shown.
#[track_caller]
fn predicted(name: &'static str, prediction: Option<u64>) -> Prediction {
    match prediction {
        Some(value) => Prediction { name, value },
        None => panic!(
            "{name}: no prediction yet; replace None by Some(what you expect), and \
             this grader shows what comes out"
        ),
    }
}

struct Prediction {
    name: &'static str,
    value: u64,
}

impl Prediction {
    /// Compares with what came out; `why` only shows if they differ.
    #[track_caller]
    fn compare(&self, measured: u64, why: &str) {
        let Self { name, value } = self;
        assert!(
            *value == measured,
            "{name}: you predicted {value}, and the experiment gave {measured}: \
             {why}"
        );
    }
}

fn interrupted_run() -> Vec<u64> {
    let mut readings = vec![100; 100];
    readings[61] = 1_000_000;
    readings
}

/// One reading outweighs 99 others.
fn the_mean_of_a_run_with_one_interruption() {
    let prediction = predicted("MEAN_NS", answer::MEAN_NS);
    let readings = interrupted_run();
    let total: u64 = readings.iter().sum();
    prediction.compare(
        total / readings.len() as u64,
        &format!(
            "the {} readings add up to {total} ns, and 99 % of that is the one \
             interruption; no single run took anything like the mean",
            readings.len()
        ),
    );
}

/// The rank of p99 of 100 readings is 99, and the bad one has rank 100.
fn p99_of_a_run_with_one_interruption() {
    let prediction = predicted("P99_NS", answer::P99_NS);
    let mut readings = interrupted_run();
    readings.sort_unstable();
    let rank = (readings.len() * 99).div_ceil(100);
    let p99 = readings[rank - 1];
    let max = readings[readings.len() - 1];
    prediction.compare(
        p99,
        &format!(
            "in order, reading {rank} of {} is {p99} ns and only the last one is \
             {max} ns; p99 may leave out one reading in a hundred, which is why one \
             looks at the maximum too",
            readings.len()
        ),
    );
}

/// Ten laps of 30 ns on a clock that ticks every 100.
fn laps_on_a_coarse_clock() {
    let prediction = predicted("ZERO_LAPS", answer::ZERO_LAPS);
    const TICK_NS: u64 = 100;
    const WORK_NS: u64 = 30;
    let read = |now_ns: u64| now_ns / TICK_NS * TICK_NS;
    println!("lap    from      to    clock before   clock after   lap");
    let mut zeros = 0;
    let mut total = 0;
    for lap in 0..10 {
        let (from, to) = (lap * WORK_NS, (lap + 1) * WORK_NS);
        let reading = read(to) - read(from);
        println!(
            "{lap:3} {from:7} {to:7} {:15} {:13} {reading:5}",
            read(from),
            read(to)
        );
        zeros += u64::from(reading == 0);
        total += reading;
    }
    prediction.compare(
        zeros,
        &format!(
            "ten laps take 300 ns, in which the clock ticks three times, and only a \
             lap with a tick in it is not 0; no lap says 30, and yet their mean is \
             {}, so to time something short, run it many times within one lap",
            total / 10
        ),
    );
}

/// Rates are averaged by time.
fn throughput_of_two_halves() {
    let prediction = predicted("MIB_PER_S", answer::MIB_PER_S);
    let (half_mib, slow, fast) = (48, 1000, 3000);
    let (first_ms, second_ms) = (half_mib * 1000 / slow, half_mib * 1000 / fast);
    let total_ms = first_ms + second_ms;
    prediction.compare(
        2 * half_mib * 1000 / total_ms,
        &format!(
            "the first half took {first_ms} ms, the second {second_ms} ms, so {} \
             MiB took {total_ms} ms; most of the time was spent at the slow rate, \
             so add up times, and never average rates",
            2 * half_mib
        ),
    );
}

/// Round robin, as a scheduler does it.
fn two_threads_on_one_core() {
    let prediction = predicted("FIRST_DONE_MS", answer::FIRST_DONE_MS);
    const TURN_MS: u64 = 10;
    let mut left_ms = [50, 50];
    let mut done_ms = [0, 0];
    let mut now_ms = 0;
    println!("  from      to   runs   A has left   B has left");
    while left_ms.iter().any(|left| *left > 0) {
        for (thread, name) in [(0, "A"), (1, "B")] {
            let turn = TURN_MS.min(left_ms[thread]);
            if turn == 0 {
                continue;
            }
            left_ms[thread] -= turn;
            let from = now_ms;
            now_ms += turn;
            println!(
                "{from:6} {now_ms:7} {name:>6} {:12} {:12}",
                left_ms[0], left_ms[1]
            );
            if left_ms[thread] == 0 {
                done_ms[thread] = now_ms;
            }
        }
    }
    let [first, last] = done_ms;
    prediction.compare(
        first,
        &format!(
            "the first has the core only every other turn and is done at {first} \
             ms, the second at {last} ms; one after the other it would have been 50 \
             and {last}. Threads that share a core finish no sooner, most finish \
             later, and the stopwatch of each counts the turns of the other"
        ),
    );
}

const FIRST_SERVICE_MS: u64 = 1000;
const SERVICE_MS: u64 = 1;
const REQUESTS: u64 = 2000;

fn service_ms(request: u64) -> u64 {
    if request == 0 {
        FIRST_SERVICE_MS
    } else {
        SERVICE_MS
    }
}

/// The client that waits sends nothing meanwhile.
fn a_stall_in_a_closed_loop() {
    let prediction = predicted("SLOW_IN_CLOSED_LOOP", answer::SLOW_IN_CLOSED_LOOP);
    let mut now_ms = 0;
    let mut slow = 0;
    for request in 0..REQUESTS {
        let sent_ms = now_ms;
        now_ms += service_ms(request);
        slow += u64::from(now_ms - sent_ms > SERVICE_MS);
    }
    prediction.compare(
        slow,
        "while the server stalls, the client waits for that one answer and sends \
         nothing, so nothing else can be slow; the load stops exactly when it would \
         hurt",
    );
}

/// The queue built up in the stall takes as long again to drain.
fn a_stall_in_an_open_loop() {
    let prediction = predicted("SLOW_IN_OPEN_LOOP", answer::SLOW_IN_OPEN_LOOP);
    const EVERY_MS: u64 = 2;
    let mut free_ms = 0;
    let mut slow = 0;
    println!("request     due    sent    done   latency");
    for request in 0..REQUESTS {
        let due_ms = request * EVERY_MS;
        let sent_ms = due_ms.max(free_ms);
        free_ms = sent_ms + service_ms(request);
        let latency = free_ms - due_ms;
        slow += u64::from(latency > SERVICE_MS);
        if [0, 1, 2, 250, 499, 500, 501, 750, 998, 999, 1000].contains(&request) {
            println!("{request:7} {due_ms:7} {sent_ms:7} {free_ms:7} {latency:9}");
        }
    }
    prediction.compare(
        slow,
        "500 requests are due while the server stalls. They queue, and while it \
         works them off at one each ms, a new one joins the queue every 2 ms: each \
         request is 1 ms less late than the one before, and the stall is felt for \
         twice as long as it lasted. The last of them is request 998: request 999 \
         is answered after exactly 1 ms, and that is not more than 1 ms",
    );
}
