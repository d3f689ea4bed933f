//! `qiao simulate`: runs a network under one seed, or under many.

use std::ops::Range;
use std::panic;
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use qiao_simulator::{FAULTS, Report, SCENARIOS, Scenario, minimise, mix_of};
use serde::Serialize;
use serde_json::json;

use crate::commands::start::log_to_stderr;
use crate::failure::Failure;
use crate::output::{Output, table};

/// Run a whole network under one seed, with faults
///
/// Four validators (in the scenarios `seven` and `thirteen` so many), virtual time, a simulated network, disks
/// that tear what they had not synced: the same seed gives the same history. Fails with the scenario and the
/// seed if two validators disagree, if something final is lost, if a store differs from a plain map, or if a
/// network that could go on does not.
#[derive(Debug, clap::Args)]
#[command(
    after_long_help = "Examples:\n  qiao simulate\n  qiao simulate --scenario crash --seed 7 --log info\n  qiao simulate --seeds 1..101 --jobs 2"
)]
pub struct Arguments {
    /// Only this scenario [default: all]; `list` says what there is.
    #[arg(long, value_name = "NAME")]
    scenario: Option<String>,
    /// One seed [default: 1].
    #[arg(long, value_name = "N", conflicts_with = "seeds")]
    seed: Option<u64>,
    /// The seeds from A up to, but not including, B.
    #[arg(long, value_name = "A..B", value_parser = seeds)]
    seeds: Option<Range<u64>>,
    /// Only these of the faults of the scenario `mix`, numbered from 0, such as `3,5`.
    #[arg(long, value_name = "LIST", value_delimiter = ',', conflicts_with = "seeds")]
    only: Option<Vec<u64>>,
    /// Find out which faults of a failing `mix` are enough for it to fail.
    #[arg(long)]
    minimise: bool,
    /// Simulations at a time [default: one per core].
    #[arg(long, value_name = "NUMBER")]
    jobs: Option<usize>,
    /// What to log on stderr, such as `info` or `warn,qiao_simulator=debug`.
    #[arg(long, value_name = "FILTER")]
    log: Option<String>,
}

#[derive(Serialize)]
struct Row {
    scenario: &'static str,
    #[serde(flatten)]
    report: Report,
}

/// A simulation in which something did not hold.
#[derive(Serialize)]
struct Broken {
    scenario: &'static str,
    seed: u64,
    message: String,
}

/// More runs than this are summed up by scenario.
const ROWS_MAX: usize = 40;

/// Runs the scenarios under each seed.
pub fn run(arguments: &Arguments, output: &Output) -> Result<ExitCode, Failure> {
    if arguments.scenario.as_deref() == Some("list") {
        return Ok(list(output));
    }
    let scenarios = chosen(arguments.scenario.as_deref())?;
    if let Some(only) = &arguments.only {
        return some_faults(&scenarios, arguments.seed.unwrap_or(1), only, output);
    }
    arguments.log.as_deref().map_or(Ok(()), log_to_stderr)?;
    let one = arguments.seed.unwrap_or(1);
    let seeds = arguments.seeds.clone().unwrap_or(one..one.saturating_add(1));
    let jobs: Vec<(Scenario, u64)> =
        seeds.flat_map(|seed| scenarios.iter().map(move |scenario| (*scenario, seed))).collect();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let began = Instant::now();
    let (rows, broken) = simulate(&jobs, arguments.jobs.unwrap_or(cores).max(1), output);
    output.progress_done();
    show(&rows, &broken, began.elapsed(), output);
    match broken.first() {
        None => Ok(ExitCode::SUCCESS),
        Some(Broken { scenario, seed, message }) => {
            let count = broken.len();
            let failed = format!(
                "{count} of {} simulations failed, the first is `{scenario}` under seed {seed}: \
                 {message}",
                jobs.len()
            );
            let mut hint =
                format!("`qiao simulate --scenario {scenario} --seed {seed}` repeats it");
            if arguments.minimise && *scenario == MIX {
                let only = enough(*seed, output);
                hint = format!(
                    "`qiao simulate --scenario {MIX} --seed {seed} --only {only}` fails too"
                );
            }
            Err(Failure::refused(failed).with_hint(hint))
        }
    }
}

/// The scenario whose faults can be left out.
const MIX: &str = "mix";

/// Runs one mix with some of its faults.
fn some_faults(
    scenarios: &[Scenario],
    seed: u64,
    only: &[u64],
    output: &Output,
) -> Result<ExitCode, Failure> {
    let [Scenario { name: MIX, .. }] = scenarios else {
        return Err(Failure::usage("`--only` is for the scenario `mix`"));
    };
    if let Some(fault) = only.iter().find(|fault| **fault >= FAULTS) {
        let message = format!("`--only`: there is no fault `{fault}`");
        return Err(Failure::usage(message).with_hint(format!("0 to {}", FAULTS - 1)));
    }
    let began = Instant::now();
    let report = mix_of(seed, &only.iter().copied().collect());
    show(&[Row { scenario: MIX, report }], &[], began.elapsed(), output);
    Ok(ExitCode::SUCCESS)
}

/// The faults of a failing mix that are enough for it to fail, as `--only` takes them.
fn enough(seed: u64, output: &Output) -> String {
    let usual = panic::take_hook();
    panic::set_hook(Box::new(|_| ()));
    let left = minimise((0..FAULTS).collect(), |faults| {
        output.progress(&format!("{} faults", faults.len()));
        panic::catch_unwind(|| mix_of(seed, faults)).is_err()
    });
    panic::set_hook(usual);
    output.progress_done();
    left.iter().map(u64::to_string).collect::<Vec<_>>().join(",")
}

/// Runs all jobs, so many at a time; the results are in the order of the jobs.
fn simulate(jobs: &[(Scenario, u64)], threads: usize, output: &Output) -> (Vec<Row>, Vec<Broken>) {
    let next = AtomicUsize::new(0);
    let done = Mutex::new((Vec::new(), Vec::new()));
    // A simulation that fails says so in the summary; the usual report would drown in the others.
    let usual = panic::take_hook();
    panic::set_hook(Box::new(|_| ()));
    std::thread::scope(|scope| {
        for _ in 0..threads.min(jobs.len()) {
            scope.spawn(|| {
                loop {
                    let position = next.fetch_add(1, Ordering::Relaxed);
                    let Some((scenario, seed)) = jobs.get(position) else { break };
                    let result = panic::catch_unwind(|| (scenario.run)(*seed));
                    let mut done = done.lock().expect("no holder of the lock panics");
                    match result {
                        Ok(report) => {
                            done.0.push((position, Row { scenario: scenario.name, report }));
                        }
                        Err(payload) => {
                            let message = message(payload.as_ref());
                            let (scenario, seed) = (scenario.name, *seed);
                            done.1.push((position, Broken { scenario, seed, message }));
                        }
                    }
                    let (well, badly) = (done.0.len(), done.1.len());
                    output.progress(&format!("{} of {}, {badly} failed", well + badly, jobs.len()));
                }
            });
        }
    });
    panic::set_hook(usual);
    let (rows, broken) = done.into_inner().expect("no holder of the lock panics");
    (in_order(rows), in_order(broken))
}

fn in_order<T>(mut results: Vec<(usize, T)>) -> Vec<T> {
    results.sort_by_key(|(position, _)| *position);
    results.into_iter().map(|(_, result)| result).collect()
}

fn message(payload: &(dyn std::any::Any + Send)) -> String {
    let text = payload.downcast_ref::<String>().cloned();
    let text = text.or_else(|| payload.downcast_ref::<&str>().map(|text| text.to_string()));
    text.unwrap_or_else(|| "a failure without a message".into())
}

fn show(rows: &[Row], broken: &[Broken], elapsed: Duration, output: &Output) {
    let simulated_ms: u64 = rows.iter().map(|row| row.report.simulated_ms).sum();
    let hours = simulated_ms as f64 / 3_600_000.0;
    let minutes = elapsed.as_secs_f64() / 60.0;
    if output.json {
        output.document(&json!({
            "runs": rows,
            "failed": broken,
            "simulated_hours": hours,
            "wall_minutes": minutes,
        }));
        return;
    }
    if rows.len() <= ROWS_MAX {
        let heads = ["SCENARIO", "SEED", "HEIGHT", "FINAL", "STATE ROOT", "FINGERPRINT"];
        output.line(&table(&heads, &rows.iter().map(cells).collect::<Vec<_>>()));
    } else {
        let heads = ["SCENARIO", "SEEDS", "SIMULATED", "BLOCKS", "FINAL"];
        output.line(&table(&heads, &summary(rows)));
    }
    for Broken { scenario, seed, message } in broken {
        output.say(&format!("failed: `{scenario}` under seed {seed}: {message}"));
    }
    output.say(&format!(
        "{} runs, {} failed; {hours:.2} simulated hours in {minutes:.1} minutes: {:.2} hours per \
         minute",
        rows.len() + broken.len(),
        broken.len(),
        hours / minutes.max(1e-9),
    ));
    if broken.is_empty() {
        output.next("the same command gives the same fingerprints, on every machine");
    }
}

fn cells(row: &Row) -> Vec<String> {
    let report = &row.report;
    vec![
        row.scenario.to_string(),
        report.seed.to_string(),
        report.height.to_string(),
        report.transactions.to_string(),
        report.state_root.to_string(),
        report.fingerprint.chars().take(16).collect(),
    ]
}

fn summary(rows: &[Row]) -> Vec<Vec<String>> {
    let of = |scenario: &Scenario| {
        let rows: Vec<_> = rows.iter().filter(|row| row.scenario == scenario.name).collect();
        let sum =
            |count: fn(&Report) -> u64| rows.iter().map(|row| count(&row.report)).sum::<u64>();
        let seconds = sum(|report| report.simulated_ms) / 1_000;
        (!rows.is_empty()).then(|| {
            vec![
                scenario.name.to_string(),
                rows.len().to_string(),
                format!("{seconds} s"),
                sum(|report| report.height).to_string(),
                sum(|report| report.transactions as u64).to_string(),
            ]
        })
    };
    SCENARIOS.iter().filter_map(of).collect()
}

fn list(output: &Output) -> ExitCode {
    let rows: Vec<_> =
        SCENARIOS.iter().map(|one| vec![one.name.to_string(), one.about.to_string()]).collect();
    if output.json {
        let names: Vec<_> =
            SCENARIOS.iter().map(|one| json!({ "name": one.name, "about": one.about })).collect();
        output.document(&names);
    } else {
        output.line(&table(&["SCENARIO", "WHAT HAPPENS"], &rows));
        output.next("`qiao simulate --scenario NAME --seeds 1..11`");
    }
    ExitCode::SUCCESS
}

fn chosen(name: Option<&str>) -> Result<Vec<Scenario>, Failure> {
    let Some(name) = name else { return Ok(SCENARIOS.to_vec()) };
    let found: Vec<_> = SCENARIOS.iter().copied().filter(|one| one.name == name).collect();
    if found.is_empty() {
        let names: Vec<_> = SCENARIOS.iter().map(|one| one.name).collect();
        let message = format!("there is no scenario `{name}`");
        return Err(Failure::usage(message).with_hint(format!("one of: {}", names.join(", "))));
    }
    Ok(found)
}

fn seeds(text: &str) -> Result<Range<u64>, String> {
    let wrong = || "two numbers, the first below the second, such as `1..101`".to_string();
    let (first, end) = text.split_once("..").ok_or_else(wrong)?;
    let first: u64 = first.trim().parse().map_err(|_| wrong())?;
    let end: u64 = end.trim().parse().map_err(|_| wrong())?;
    if first < end { Ok(first..end) } else { Err(wrong()) }
}
