//! The plot of chapter 00 is drawn here, from a simulation, and compared with the file that
//! the book includes. To draw it anew: `THREADBARE_BLESS=1 cargo test --test 00_figures`.

use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;
use std::{env, fs};
use threadbare::measure::{Load, Manual, Request, Schedule, StallingServer, Trace};

/// The server of the example: 1 ms a request, one second of stall after four seconds.
const SERVER: StallingServer = StallingServer {
    service: Duration::from_millis(1),
    stall_at: Duration::from_secs(4),
    stall_for: Duration::from_secs(1),
};

/// Ten simulated seconds.
fn simulate(schedule: Schedule) -> Trace {
    let clock = Manual::new();
    let load = Load::new(schedule, Duration::from_secs(10));
    load.run(&clock, |_| SERVER.serve(&clock))
}

// Elsewhere the system's logarithm may differ in the last digit.
#[test]
#[cfg_attr(not(target_os = "linux"), ignore)]
fn the_plot_in_the_book_is_what_the_simulation_says() {
    let drawn = plot(
        &simulate(Schedule::Closed),
        &simulate(Schedule::per_second(500)),
    );
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("book/src/00_measuring/coordinated_omission.svg");
    if env::var_os("THREADBARE_BLESS").is_some() {
        fs::write(&file, &drawn).expect("the figure can be written");
    }
    let kept = fs::read_to_string(&file).expect("the book has the figure");
    assert!(
        kept.replace("\r\n", "\n") == drawn,
        "{} is not what the simulation gives; THREADBARE_BLESS=1 draws it anew",
        file.display()
    );
}

#[test]
fn the_words_of_the_plot_are_true() {
    let closed = simulate(Schedule::Closed).response();
    let open = simulate(Schedule::per_second(500)).response();
    let slow = |samples: &threadbare::measure::Samples| {
        let slow = Duration::from_millis(1);
        samples.times().iter().filter(|time| **time > slow).count()
    };
    assert_eq!((closed.len(), slow(&closed)), (9_000, 1));
    assert_eq!((open.len(), slow(&open)), (5_000, 1_000));
    assert_eq!(closed.percentile(99.98).as_millis(), 1);
    assert_eq!(open.percentile(80.0).as_millis(), 1);
    assert_eq!(open.percentile(90.0).as_millis(), 501);
    assert_eq!(open.p99().as_millis(), 951);
    assert_eq!(
        (closed.max().as_millis(), open.max().as_millis()),
        (1_001, 1_001)
    );
}

// ---- drawing -------------------------------------------------------------------------

/// One pair of axes: where it lies on the page.
struct Panel {
    left: f64,
    top: f64,
    width: f64,
    height: f64,
}

impl Panel {
    /// `x` and `y` from 0 to 1, on the page.
    fn at(&self, x: f64, y: f64) -> (f64, f64) {
        (
            self.left + x * self.width,
            self.top + (1.0 - y) * self.height,
        )
    }

    fn grid_x(&self, svg: &mut String, x: f64, label: &str) {
        let (px, bottom) = self.at(x, 0.0);
        let top = bottom - 6.0;
        line(
            svg,
            &format!(
                "<path class=\"mute thin\" d=\"M{px:.1} {top:.1}V{bottom:.1}\"/>"
            ),
        );
        let y = bottom + 20.0;
        line(
            svg,
            &format!(
                "<text class=\"small mid\" x=\"{px:.1}\" y=\"{y:.1}\">{label}</text>"
            ),
        );
    }

    fn grid_y(&self, svg: &mut String, y: f64, label: &str) {
        let (left, py) = self.at(0.0, y);
        let right = left + self.width;
        line(
            svg,
            &format!(
                "<path class=\"mute thin\" d=\"M{left:.1} {py:.1}H{right:.1}\"/>"
            ),
        );
        let (x, y) = (left - 6.0, py + 5.0);
        line(
            svg,
            &format!(
                "<text class=\"small end\" x=\"{x:.1}\" y=\"{y:.1}\">{label}</text>"
            ),
        );
    }

    fn curve(&self, svg: &mut String, class: &str, points: &[(f64, f64)]) {
        let mut path = String::new();
        for (k, &(x, y)) in points.iter().enumerate() {
            let (x, y) = self.at(x, y);
            let pen = if k == 0 { 'M' } else { 'L' };
            write!(path, "{pen}{x:.1} {y:.1}").expect("a String takes every write");
        }
        line(svg, &format!("<path class=\"{class}\" d=\"{path}\"/>"));
    }

    fn dot(&self, svg: &mut String, class: &str, (x, y): (f64, f64)) {
        let (x, y) = self.at(x, y);
        line(
            svg,
            &format!(
                "<circle class=\"{class}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"5\"/>"
            ),
        );
    }

    fn word(&self, svg: &mut String, class: &str, (x, y): (f64, f64), word: &str) {
        let (x, y) = self.at(x, y);
        line(
            svg,
            &format!(
                "<text class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\">{word}</text>"
            ),
        );
    }
}

fn line(svg: &mut String, text: &str) {
    svg.push_str(text);
    svg.push('\n');
}

/// 1 ms is at the bottom, 1 s near the top: each step up is ten times as long.
fn height_of(time: Duration) -> f64 {
    (time.as_secs_f64() * 1e3).log10() / 3.2
}

/// 0 per cent at the left; each step to the right leaves a tenth of the requests.
fn place_of(percent: f64) -> f64 {
    -((100.0 - percent) / 100.0).log10() / 4.0
}

fn plot(closed: &Trace, open: &Trace) -> String {
    let mut svg = String::new();
    line(
        &mut svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 480 640\" role=\"img\" \
         aria-labelledby=\"m00-co-t m00-co-d\">",
    );
    line(
        &mut svg,
        "<title id=\"m00-co-t\">One stall, seen by two load generators</title>",
    );
    line(
        &mut svg,
        "<desc id=\"m00-co-d\">Upper plot: response time over ten simulated seconds. The \
         closed loop has a single point at 1001 ms, where the stall begins, and otherwise 1 \
         ms. The open loop has 1000 requests in a row that are slow, from 1001 ms at second \
         4 down to 1 ms at second 6. Lower plot: response time by percentile. The closed \
         loop stays at 1 ms up to p99.98; the open loop leaves 1 ms at p80 and is at 501 ms \
         at p90 and at 951 ms at p99.</desc>",
    );
    let heights = [(1, "1 ms"), (10, "10 ms"), (100, "100 ms"), (1000, "1 s")]
        .map(|(ms, label)| (height_of(Duration::from_millis(ms)), label));

    let over_time = Panel {
        left: 62.0,
        top: 44.0,
        width: 388.0,
        height: 210.0,
    };
    line(
        &mut svg,
        "<text x=\"10\" y=\"22\">Response time, by when the request was due</text>",
    );
    for second in [0, 2, 4, 6, 8, 10] {
        over_time.grid_x(&mut svg, f64::from(second) / 10.0, &format!("{second} s"));
    }
    for (y, label) in heights {
        over_time.grid_y(&mut svg, y, label);
    }
    for (outline, filled, trace) in [("t2s", "t2", open), ("t1s", "t1", closed)] {
        for points in by_time(trace) {
            over_time.curve(&mut svg, outline, &points);
            if points.iter().all(|point| *point == points[0]) {
                over_time.dot(&mut svg, filled, points[0]);
            }
        }
    }
    over_time.word(&mut svg, "t2 bold", (0.59, 0.82), "open loop:");
    over_time.word(&mut svg, "t2", (0.59, 0.73), "1,000 slow requests");
    over_time.word(&mut svg, "t1 bold end", (0.37, 0.82), "closed loop:");
    over_time.word(&mut svg, "t1 end", (0.37, 0.73), "one slow request");

    let by_rank = Panel {
        left: 62.0,
        top: 366.0,
        width: 388.0,
        height: 210.0,
    };
    line(
        &mut svg,
        "<text x=\"10\" y=\"336\">Response time, by percentile</text>",
    );
    for percent in [0.0, 90.0, 99.0, 99.9, 99.99] {
        let label = if percent == 0.0 {
            "p0".into()
        } else {
            format!("p{percent}")
        };
        by_rank.grid_x(&mut svg, place_of(percent), &label);
    }
    for (y, label) in heights {
        by_rank.grid_y(&mut svg, y, label);
    }
    for (class, trace) in [("t2s", open), ("t1s", closed)] {
        by_rank.curve(&mut svg, class, &by_percentile(trace));
    }
    by_rank.word(&mut svg, "t2 bold", (0.3, 0.74), "open loop");
    by_rank.word(&mut svg, "t1 bold", (0.56, 0.06), "closed loop");
    line(
        &mut svg,
        "<text class=\"small mid mute\" x=\"262\" y=\"624\">each step to the right: a tenth of the requests is left</text>",
    );
    svg.push_str("</svg>\n");
    svg
}

/// The curve of response times over the run, torn where no request was due or where one
/// took far longer than the one before. A point whose neighbours say the same is left out.
fn by_time(trace: &Trace) -> Vec<Vec<(f64, f64)>> {
    let together = |a: &Request, b: &Request| {
        b.intended - a.intended < Duration::from_millis(10)
            && b.response() < 3 * a.response()
    };
    let point =
        |r: &Request| (r.intended.as_secs_f64() / 10.0, height_of(r.response()));
    let mut curves = vec![];
    for run in trace.requests.chunk_by(together) {
        let mut points = vec![point(&run[0])];
        for three in run.windows(3) {
            let (last, this) = (points[points.len() - 1], point(&three[1]));
            let flat = three[0].response() == three[2].response();
            // Nor does anybody see a step of less than a pixel.
            if !flat && (this.0 - last.0 > 0.002 || last.1 - this.1 > 0.004) {
                points.push(this);
            }
        }
        points.push(point(&run[run.len() - 1]));
        curves.push(points);
    }
    curves
}

/// The curve of percentiles, as far to the right as there are requests.
fn by_percentile(trace: &Trace) -> Vec<(f64, f64)> {
    let samples = trace.response();
    let last = place_of(100.0 - 100.0 / samples.len() as f64).min(1.0);
    let places = (0..=400)
        .map(|k| f64::from(k) / 400.0)
        .filter(|&x| x <= last);
    let percent = |x: f64| 100.0 * (1.0 - 10_f64.powf(-4.0 * x));
    places
        .map(|x| (x, height_of(samples.percentile(percent(x)))))
        .collect()
}
