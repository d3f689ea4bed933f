//! Two reports side by side.

use anyhow::{Result, bail};
use serde_json::{Value, json};

/// Figures that are compared: where they are in the report, and whether more is better.
const FIGURES: [(&str, &str, bool); 13] = [
    ("/tx_per_second", "tx/s", true),
    ("/tx_per_cpu_second", "tx per CPU-second", true),
    ("/signatures/share", "of what signatures allow", true),
    ("/finality_ms/p50", "finality p50, ms", false),
    ("/finality_ms/p90", "finality p90, ms", false),
    ("/finality_ms/p99", "finality p99, ms", false),
    ("/finality_ms/p999", "finality p99.9, ms", false),
    ("/longest_gap_ms", "longest gap, ms", false),
    ("/validators_cpu_seconds", "CPU of the validators, s", false),
    ("/memory_peak_bytes_max", "memory at most, bytes", false),
    ("/disk_bytes_per_transaction/apparent", "disk per tx, bytes", false),
    ("/disk_bytes_per_transaction/allocated", "disk per tx, allocated", false),
    ("/kill/ratio", "tx/s after by before a kill", true),
];

/// What should be equal where two runs are compared.
const CONDITIONS: [&str; 7] = [
    "/load/workload",
    "/load/validators",
    "/load/rate",
    "/load/seconds",
    "/load/accounts",
    "/machine/processor",
    "/build",
];

/// The first report, the second, and the second by the first, figure by figure; with what was
/// different in their conditions.
pub fn compare(first: &Value, second: &Value) -> Result<Value> {
    for report in [first, second] {
        match report.get("schema").and_then(Value::as_str) {
            Some(super::SCHEMA) => {}
            Some(other) => bail!("a report has the schema `{other}`, not `{}`", super::SCHEMA),
            None => bail!("a file is not a report of `qiao bench --json`"),
        }
    }
    let figure = |(path, name, is_more_better): &(&str, &str, bool)| {
        let number = |report: &Value| report.pointer(path).and_then(Value::as_f64);
        let (first, second) = (number(first)?, number(second)?);
        let ratio = (first != 0.0).then(|| (second / first * 1_000.0).round() / 1_000.0);
        let better = if *is_more_better { second > first } else { second < first };
        let verdict = match first == second {
            true => "equal",
            false if better => "better",
            false => "worse",
        };
        Some(json!({
            "figure": name, "first": first, "second": second, "ratio": ratio, "second_is": verdict,
        }))
    };
    let differs = |path: &&&str| first.pointer(path) != second.pointer(path);
    let condition = |path: &&str| json!({ "field": path[1..], "first": first.pointer(path), "second": second.pointer(path) });
    Ok(json!({
        "figures": FIGURES.iter().filter_map(figure).collect::<Vec<_>>(),
        "different_conditions":
            CONDITIONS.iter().filter(differs).map(condition).collect::<Vec<_>>(),
    }))
}
