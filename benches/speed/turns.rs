//! Measuring in turns.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Runs each in turn, so many rounds, and gives the median of each. The first rounds warm up and do not count.
pub fn medians(rounds: usize, runs: &mut [&mut dyn FnMut() -> Duration]) -> Vec<Duration> {
    const WARM_UP: usize = 3;
    let mut times: Vec<Vec<Duration>> = vec![Vec::new(); runs.len()];
    for round in 0..rounds + WARM_UP {
        for (run, times) in runs.iter_mut().zip(&mut times) {
            let time = run();
            if round >= WARM_UP {
                times.push(time);
            }
        }
    }
    times.into_iter().map(median).collect()
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

/// How long a program takes from start to end, its output read through a pipe as shells and SDKs do.
pub fn run(command: &mut Command) -> Duration {
    let command = command.stdin(Stdio::null());
    let start = Instant::now();
    let output = command.output();
    let time = start.elapsed();
    let output = output.unwrap_or_else(|e| panic!("{command:?}: {e}"));
    assert!(output.status.success(), "{command:?}: {output:?}");
    time
}

/// How many times `base` is in `time`.
pub fn ratio(time: Duration, base: Duration) -> f64 {
    time.as_secs_f64() / base.as_secs_f64().max(1e-9)
}

/// What `time` has beyond `base`; at least a microsecond, below which nothing is measured here.
pub fn beyond(time: Duration, base: Duration) -> Duration {
    time.saturating_sub(base).max(Duration::from_micros(1))
}
