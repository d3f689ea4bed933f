//! The figures, the comparison and the picture.

use std::time::Duration;

use serde_json::json;

use crate::client::{Observed, SeenBlock};
use crate::histogram::Histogram;
use crate::report::{Blocks, compare, latency, rate};
use crate::timeline::{Timeline, Window};

fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

fn observed(window: Window, blocks: &[(u64, u64)]) -> Observed {
    let block = |(height, seen): &(u64, u64)| SeenBlock {
        height: *height,
        seen: ms(*seen),
        transactions: 1,
    };
    Observed {
        timeline: Timeline::new(window),
        finals: 0,
        unconfirmed: 0,
        unsent: 0,
        refused: 0,
        refusal: None,
        receipts: 0,
        receipts_failed: 0,
        blocks: blocks.iter().map(block).collect(),
        heights: (1, 1),
        failovers: Vec::new(),
        ran_out: false,
    }
}

#[test]
fn a_gap_is_the_longest_time_without_a_block_with_the_edges_counted() {
    let window = Window::new(ms(1_000), ms(2_000));
    // Two clients saw the blocks at different times; the first sight counts.
    let first = observed(window, &[(1, 900), (2, 1_100), (3, 1_400), (5, 2_000)]);
    let second = observed(window, &[(2, 1_150), (3, 1_300), (4, 1_900)]);
    let blocks = Blocks::of(&[first, second]);
    assert_eq!(blocks.longest_gap_ms(window.start, window.end), 1_000.0, "2,000 to the end");
    assert_eq!(blocks.longest_gap_ms(ms(1_000), ms(2_000)), 600.0, "1,300 to 1,900");
    assert_eq!(blocks.longest_gap_ms(ms(2_500), ms(3_000)), 500.0, "none at all");
}

#[test]
fn a_rate_takes_cut_slices_in_proportion() {
    let window = Window::new(ms(1_000), ms(1_000));
    let mut timeline = Timeline::new(window);
    for seen in (1_000..2_000).step_by(10) {
        timeline.finished(ms(seen), ms(seen));
    }
    assert_eq!(rate(&timeline, window, window.start, window.end), 100.0);
    assert_eq!(rate(&timeline, window, ms(1_250), ms(1_750)), 100.0);
    assert_eq!(rate(&timeline, window, ms(1_500), ms(1_500)), 0.0);
    // Nothing in the second half.
    let mut half = Timeline::new(window);
    (1_000..1_500).step_by(10).for_each(|seen| half.finished(ms(seen), ms(seen)));
    assert_eq!(rate(&half, window, ms(1_000), ms(1_500)), 100.0);
    assert_eq!(rate(&half, window, ms(1_500), ms(2_000)), 0.0);
}

#[test]
fn no_transaction_means_no_quantile() {
    let none = latency(&Histogram::default());
    assert_eq!((none.count, none.p50, none.p999, none.max), (0, None, None, 0.0));
}

#[test]
fn reports_are_compared_figure_by_figure_and_condition_by_condition() {
    let report = |rate: f64, p50: f64, cores: &str| {
        json!({
            "schema": "qiao-bench/1", "build": "release", "tx_per_second": rate,
            "tx_per_cpu_second": null, "finality_ms": { "p50": p50 },
            "load": { "workload": "erc20" }, "machine": { "processor": cores },
        })
    };
    let compared = compare(&report(100.0, 20.0, "x"), &report(150.0, 30.0, "y")).unwrap();
    let figures = compared["figures"].as_array().unwrap();
    assert_eq!(figures.len(), 2, "a figure that one lacks is left out");
    assert_eq!((&figures[0]["ratio"], &figures[0]["second_is"]), (&json!(1.5), &json!("better")));
    assert_eq!((&figures[1]["ratio"], &figures[1]["second_is"]), (&json!(1.5), &json!("worse")));
    let different = compared["different_conditions"].as_array().unwrap();
    assert_eq!(different.len(), 1);
    assert_eq!(different[0]["field"], "machine/processor");
    assert!(compare(&json!({}), &report(1.0, 1.0, "x")).is_err());
    let other = json!({ "schema": "qiao-bench/2" });
    assert!(compare(&report(1.0, 1.0, "x"), &other).is_err());
}
