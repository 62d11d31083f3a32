//! Measuring in turns.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Runs each in turn, so many rounds, and gives the median of each. The first rounds warm up and do not count. Each round
/// begins with another one, so that nobody always follows the same.
pub fn medians(rounds: usize, runs: &mut [&mut dyn FnMut() -> Duration]) -> Vec<Duration> {
    in_turn(rounds, 1, runs)
}

/// [`medians`] of several runs at each turn, the first of which does not count: it pays for what the others have pushed out
/// of the processor's caches, which is many times what a hook costs.
#[cfg(unix)]
pub fn medians_of_series(rounds: usize, runs: &mut [&mut dyn FnMut() -> Duration]) -> Vec<Duration> {
    in_turn(rounds, 6, runs)
}

fn in_turn(rounds: usize, series: usize, runs: &mut [&mut dyn FnMut() -> Duration]) -> Vec<Duration> {
    const WARM_UP: usize = 3;
    let mut times: Vec<Vec<Duration>> = vec![Vec::new(); runs.len()];
    for round in 0..rounds + WARM_UP {
        for turn in 0..runs.len() {
            let which = (round + turn) % runs.len();
            for place in 0..series {
                let time = runs[which]();
                if round >= WARM_UP && (series == 1 || place > 0) {
                    times[which].push(time);
                }
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
#[cfg(unix)]
pub fn beyond(time: Duration, base: Duration) -> Duration {
    time.saturating_sub(base).max(Duration::from_micros(1))
}
