//! `qiao simulate`: runs a network under one seed.

use std::panic;
use std::process::ExitCode;

use qiao_simulator::{Report, SCENARIOS, Scenario};
use serde::Serialize;

use crate::failure::Failure;
use crate::output::{Output, table};

/// Run a whole network under one seed, with faults
///
/// Four validators, virtual time, a simulated network: the same seed gives the same history. Fails
/// with the scenario and the seed if two validators disagree, if something final is lost, or if a
/// network that could go on does not.
#[derive(Debug, clap::Args)]
#[command(
    after_long_help = "Examples:\n  qiao simulate\n  qiao simulate --scenario crash --seed 7 --seeds 20"
)]
pub struct Arguments {
    /// Only this scenario: steady, partition, crash or epochs.
    #[arg(long, value_name = "NAME")]
    scenario: Option<String>,
    /// The first seed.
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// How many seeds, one after another.
    #[arg(long, value_name = "COUNT", default_value_t = 1)]
    seeds: u64,
}

#[derive(Serialize)]
struct Row {
    scenario: &'static str,
    #[serde(flatten)]
    report: Report,
}

/// Runs the scenarios under each seed.
pub fn run(arguments: &Arguments, output: &Output) -> Result<ExitCode, Failure> {
    let scenarios = chosen(arguments.scenario.as_deref())?;
    let mut rows = Vec::new();
    for seed in arguments.seed..arguments.seed.saturating_add(arguments.seeds) {
        for scenario in &scenarios {
            output.progress(&format!("{} under seed {seed}", scenario.name));
            let report = panic::catch_unwind(|| (scenario.run)(seed)).map_err(|_| {
                Failure::refused(format!("scenario `{}` failed under seed {seed}", scenario.name))
                    .with_hint("the message above says what did not hold; keep the seed as a test")
            })?;
            rows.push(Row { scenario: scenario.name, report });
        }
    }
    output.progress_done();
    if output.json {
        output.document(&rows);
    } else {
        let heads = ["SCENARIO", "SEED", "HEIGHT", "STATE ROOT", "FINGERPRINT"];
        output.line(&table(&heads, &rows.iter().map(cells).collect::<Vec<_>>()));
        output.next("the same command gives the same fingerprints, on every machine");
    }
    Ok(ExitCode::SUCCESS)
}

fn cells(row: &Row) -> Vec<String> {
    let report = &row.report;
    vec![
        row.scenario.to_string(),
        report.seed.to_string(),
        report.height.to_string(),
        report.state_root.to_string(),
        report.fingerprint.chars().take(16).collect(),
    ]
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
