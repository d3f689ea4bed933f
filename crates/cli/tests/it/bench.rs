//! `qiao bench` on real processes: its report adds up, with a validator killed on the way.

use serde_json::Value;

use crate::support::{qiao, run, transcript};

fn number(report: &Value, path: &str) -> f64 {
    let value = report.pointer(path).and_then(Value::as_f64);
    value.unwrap_or_else(|| panic!("`{path}` is missing: {report}"))
}

fn sum(report: &Value, list: &str, field: &str) -> f64 {
    let entries = report.pointer(list).and_then(Value::as_array).unwrap();
    entries.iter().map(|entry| entry[field].as_f64().unwrap()).sum()
}

fn numbers(report: &Value, path: &str) -> Vec<f64> {
    let values = report.pointer(path).and_then(Value::as_array).unwrap();
    values.iter().filter_map(Value::as_f64).collect()
}

/// Equal but for the rounding of both to two decimals.
fn assert_close(left: f64, right: f64, what: &str) {
    assert!((left - right).abs() <= 0.02 + right.abs() * 0.01, "{what}: {left} and {right}");
}

#[test]
fn a_bench_with_a_kill_reports_what_adds_up_and_draws_it() {
    let folder = tempfile::tempdir().unwrap();
    let picture = folder.path().join("bench.svg");
    let arguments = [
        "bench",
        "--json",
        "--workload",
        "mixed",
        "--rate",
        "40",
        "--duration",
        "3",
        "--warmup",
        "1",
        "--kill",
        "1",
        "--restart",
        "2",
        "--clients",
        "2",
        "--senders",
        "4",
        "--accounts",
        "50",
        "--hot",
        "5",
        "--events",
        "2",
        "--svg",
    ];
    let output = qiao(&arguments).arg(&picture).output().unwrap();
    assert!(output.status.success(), "{}", transcript(&output));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["schema"], "qiao-bench/1");
    assert_eq!(report["load"]["workload"], "mixed");
    assert_eq!(report["load"]["clients"], 2);

    // Transactions: by client, by slice, by second and in all.
    let transactions = number(&report, "/transactions");
    assert_eq!(sum(&report, "/clients", "transactions"), transactions);
    assert_eq!(numbers(&report, "/timeline/transactions").iter().sum::<f64>(), transactions);
    assert_close(number(&report, "/tx_per_second"), transactions / 3.0, "throughput");
    let finals = number(&report, "/outcome/finals");
    assert!(finals >= transactions && transactions > 0.0, "{report}");
    // Every transaction that was due counts in the times, whatever became of it.
    let due = number(&report, "/finality_ms/count");
    assert!((60.0..180.0).contains(&due), "{due} of about 120");
    assert!(finals + number(&report, "/outcome/unconfirmed") >= due, "{report}");
    assert_eq!(report["outcome"]["receipts_failed"], 0);
    assert_eq!(report["outcome"]["ran_out"], false);

    // Times are in order, and the longest gap is no longer than the run.
    let quantiles: Vec<f64> = ["p50", "p90", "p99", "p999", "max"]
        .iter()
        .map(|name| number(&report, &format!("/finality_ms/{name}")))
        .collect();
    assert!(quantiles.is_sorted() && quantiles[0] > 0.0, "{quantiles:?}");
    assert!(number(&report, "/longest_gap_ms") <= 3_000.0);

    // Processor time: of each process and in all.
    let cpu = number(&report, "/validators_cpu_seconds");
    assert_close(sum(&report, "/validators", "cpu_seconds"), cpu, "CPU of the validators");
    assert_close(number(&report, "/tx_per_cpu_second"), transactions / cpu, "per CPU-second");
    let recoveries = number(&report, "/signatures/recoveries_per_cpu_second");
    let at_most = number(&report, "/signatures/tx_per_cpu_second_at_most");
    assert_close(at_most, recoveries / 4.0, "four validators recover each sender");
    assert_close(number(&report, "/signatures/share"), transactions / cpu / at_most, "share");
    let clients = number(&report, "/clients_cpu_seconds");
    assert_close(sum(&report, "/clients", "cpu_seconds"), clients, "CPU of the clients");

    // Disk: the growth of all four, by all transactions of the run.
    for (field, size) in [("apparent", "apparent_bytes"), ("allocated", "allocated_bytes")] {
        let total = |when: &str| {
            let validators = report["validators"].as_array().unwrap();
            validators.iter().map(|one| one[when][size].as_f64().unwrap()).sum::<f64>()
        };
        let growth = (total("disk_after") - total("disk_before")) / 4.0 / finals;
        let found = number(&report, &format!("/disk_bytes_per_transaction/{field}"));
        assert_close(found, growth, field);
    }

    // The kill: the last validator, at its time, with the rates of both sides.
    assert_eq!(report["kill"]["validator"], "member-4");
    let (before, after) = ("/kill/tx_per_second_before", "/kill/tx_per_second_after");
    let (before, after) = (number(&report, before), number(&report, after));
    assert_close(number(&report, "/kill/ratio"), after / before, "ratio");
    let restarted = number(&report, "/restart/at_seconds").min(3.0);
    let killed = number(&report, "/kill/at_seconds");
    assert!(killed >= 1.0 && restarted >= 2.0 && killed < restarted, "{report}");
    let rest = number(&report, "/restart/tx_per_second_after");
    let parts = before * killed + after * (restarted - killed) + rest * (3.0 - restarted);
    assert_close(parts, transactions, "before, after and after the restart");
    assert!(report["restart"]["caught_up_after_seconds"].is_number(), "{report}");

    let svg = std::fs::read_to_string(&picture).unwrap();
    assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>\n"));
    for words in ["member-4 killed", "started again", "prefers-color-scheme: dark"] {
        assert!(svg.contains(words), "`{words}` is missing in the picture");
    }
    let file = folder.path().join("report.json");
    std::fs::write(&file, &output.stdout).unwrap();
    let file = file.display().to_string();
    let compared = run(&["bench", "compare", &file, &file]);
    let text = String::from_utf8(compared.stdout.clone()).unwrap();
    assert!(compared.status.success(), "{}", transcript(&compared));
    assert!(text.contains("tx/s") && text.contains("equal") && !text.contains("worse"), "{text}");
}

#[test]
fn what_cannot_be_measured_is_refused_with_the_reason() {
    let refused = |arguments: &[&str], words: &str| {
        let output = run(arguments);
        assert_eq!(output.status.code(), Some(2), "{}", transcript(&output));
        let text = transcript(&output);
        assert!(text.contains(words), "{text}");
    };
    refused(&["bench", "--kill", "30"], "within `--duration`");
    refused(&["bench", "--kill", "3", "--restart", "2"], "after `--kill`");
    refused(&["bench", "--kill", "3", "--validators", "3"], "four validators");
    refused(&["bench", "--hot", "20000"], "`--accounts`");
    refused(&["bench", "--call", "members.dance"], "members.grantRole");
    refused(&["bench", "--target", "http://127.0.0.1:9"], "--key");
    let module = ["bench", "--target", "http://127.0.0.1:9", "--key", "k", "--workload", "module"];
    refused(&module, "`transfer`, `erc20` and `rpc`");
}

#[test]
fn requests_are_counted_one_by_one() {
    let arguments = "bench --json --workload rpc --validators 1 --duration 2 --clients 4 \
                     --senders 8 --accounts 10 --transactions 200";
    let output = run(&arguments.split_whitespace().collect::<Vec<_>>());
    assert!(output.status.success(), "{}", transcript(&output));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["schema"], "qiao-bench-rpc/1");
    for kind in ["reads", "sends"] {
        assert!(number(&report, &format!("/{kind}/answered")) > 0.0, "{report}");
        assert!(number(&report, &format!("/{kind}/errors")).abs() < 0.5, "{report}");
    }
    assert!(number(&report, "/sends/answered") <= 200.0, "{report}");
}

#[test]
fn a_trade_of_a_hundred_thousand_events_is_told_and_every_answer_about_it_is_right() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("trade");
    let prepare = ["bench", "--prepare", "trace", "--events", "100000", "--json", "--home"];
    let prepared = qiao(&prepare).arg(&home).output().unwrap();
    assert!(prepared.status.success(), "{}", transcript(&prepared));
    let filled: Value = serde_json::from_slice(&prepared.stdout).unwrap();
    assert_eq!(
        (&filled["filled"]["events"], &filled["filled"]["lots"]),
        (&100_000.into(), &10_000.into())
    );
    let other =
        qiao(&["bench", "--prepare", "trace", "--events", "40", "--home"]).arg(&home).output();
    assert_eq!(other.unwrap().status.code(), Some(2), "a folder holds one trade");
    let ask = ["bench", "--workload", "trace", "--count", "25", "--json", "--home"];
    let asked = qiao(&ask).arg(&home).output().unwrap();
    assert!(asked.status.success(), "{}", transcript(&asked));
    let report: Value = serde_json::from_slice(&asked.stdout).unwrap();
    assert_eq!(report["schema"], "qiao-bench-trace/1");
    let questions = report["questions"].as_array().unwrap();
    assert_eq!(questions.len(), 8);
    for question in questions {
        assert_eq!((&question["asked"], &question["wrong"]), (&25.into(), &0.into()), "{question}");
    }
}
