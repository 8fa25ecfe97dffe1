//! Each rung in one row: the table and the chart that grow with the course.

use super::measure::Load;
use super::{CALLS, CHAPTER, CONNECTIONS, CPU, MEMORY};
use benches::load::Pace;
use benches::raw::Recorder;
use benches::rungs::Rung;

/// What the summary takes from one load and one rung.
#[derive(Clone)]
pub(super) struct Figures {
    pub(super) per_second: f64,
    pub(super) p99: f64,
    pub(super) cpu_ns: Option<f64>,
    pub(super) calls: Option<f64>,
}

/// Collects what the summary needs while the loads run.
#[derive(Default)]
pub(super) struct Summary {
    closed: Option<Vec<Figures>>,
    open: Option<(u32, Vec<Figures>)>,
    bytes: Option<(usize, Vec<Option<f64>>)>,
}

impl Summary {
    pub(super) fn add(&mut self, load: &Load, figures: Vec<Figures>) {
        match load.pace {
            Pace::Closed { pipeline: 1 } if load.connections == CONNECTIONS => {
                self.closed = Some(figures);
            }
            Pace::Closed { .. } => {}
            Pace::Open { per_second } => self.open = Some((per_second, figures)),
        }
    }

    pub(super) fn add_idle(&mut self, idle: usize, bytes: Vec<Option<f64>>) {
        self.bytes = Some((idle, bytes));
    }

    /// `None` if a load that it needs was not run.
    pub(super) fn into_recorder(self, rungs: &[&Rung]) -> Option<Recorder> {
        const P99: &str = "p99";
        let (closed, (rate, open), (idle, bytes)) =
            (self.closed?, self.open?, self.bytes?);
        let mut recorder = Recorder::new(CHAPTER, "summary");
        recorder.title("The ladder").ratio("requests/s").ratio(CPU);
        recorder
            .chart("requests/s")
            .chart(CPU)
            .chart(CALLS)
            .chart(P99)
            .chart(MEMORY);
        recorder.note(&format!(
            "{CONNECTIONS} connections, one core for the server; p99 at {rate} requests a \
             second, from the moment each was meant to start; memory with {idle} silent \
             connections."
        ));
        let rows = closed.into_iter().zip(open).zip(bytes);
        for (rung, ((closed, open), bytes)) in rungs.iter().zip(rows) {
            let mut row = recorder.row(rung.name);
            row = row.value("requests/s", "/s", closed.per_second);
            if let Some(ns) = closed.cpu_ns {
                row = row.value(CPU, "ns", ns);
            }
            if let Some(calls) = closed.calls {
                row = row.value(CALLS, "", calls);
            }
            row = row.value(P99, "ns", open.p99);
            if let Some(bytes) = bytes {
                row.value(MEMORY, "B", bytes);
            }
        }
        Some(recorder)
    }
}
