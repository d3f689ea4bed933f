//! Each scenario under a few fixed seeds, and one seed being one history.

// Helpers of tests may unwrap as tests do.
#![allow(clippy::unwrap_used)]

mod linearizability;

use std::collections::BTreeSet;

use qiao_simulator::{FAULTS, Report, SCENARIOS, minimise, mix_of};

fn run(name: &str, seed: u64) -> Report {
    let scenario =
        SCENARIOS.iter().find(|scenario| scenario.name == name).expect("it is in the list");
    (scenario.run)(seed)
}

#[test]
fn transactions_become_final_everywhere() {
    let report = run("steady", 1);
    assert!(report.height >= 5);
    assert_eq!(report.transactions, 20);
}

#[test]
fn one_seed_is_one_history_and_another_seed_another() {
    let first = run("crash", 7);
    assert_eq!(run("crash", 7), first);
    assert_ne!(run("steady", 8).fingerprint, run("steady", 9).fingerprint);
}

#[test]
fn the_chain_crosses_epochs_with_a_validator_away() {
    assert!(run("epochs", 4).height > 25);
}

#[test]
fn a_committee_of_any_size_goes_on_when_as_many_fall_as_may() {
    for name in ["four", "seven", "thirteen"] {
        let report = run(name, 1);
        assert!(report.transactions > 0, "{name}: {report:?}");
    }
}

#[test]
fn a_partition_keeps_agreement_and_heals() {
    run("partition", 2);
}

#[test]
fn lost_repeated_and_late_messages_change_nothing() {
    run("loss", 1);
}

#[test]
fn slow_wires_slow_the_chain_and_nothing_else() {
    run("slow", 1);
}

#[test]
fn what_was_final_survives_falls_in_the_middle_of_a_write() {
    run("crash", 3);
}

#[test]
fn what_was_final_survives_a_blackout() {
    run("blackout", 1);
}

#[test]
fn a_validator_whose_clock_is_wrong_holds_nobody_up() {
    run("clocks", 1);
}

#[test]
fn a_validator_with_a_full_disk_stops_and_catches_up_when_it_has_room() {
    run("disk", 1);
}

#[test]
fn damaged_stores_are_found_and_made_again_and_never_shown() {
    for seed in 1..4 {
        run("damage", seed);
    }
}

#[test]
fn a_validator_that_lost_its_votes_listens_until_they_cannot_matter() {
    for seed in 1..3 {
        run("amnesia", seed);
    }
}

#[test]
fn a_validator_without_data_fetches_the_state_of_the_others() {
    run("fetch", 1);
}

#[test]
fn a_spammer_is_shut_out() {
    run("spam", 1);
}

#[test]
fn blocks_that_are_kept_back_do_not_stop_the_chain() {
    run("withhold", 1);
}

#[test]
fn two_copies_of_one_validator_cannot_split_the_chain() {
    run("twins", 1);
}

#[test]
fn money_debts_and_collateral_are_conserved_while_validators_fall() {
    for seed in 1..3 {
        let [accounts, parts, claims] = run("trade", seed).deals;
        println!("{accounts} accounts, {parts} parts of vouchers, {claims} claims");
    }
}

#[test]
fn everything_at_once_is_survived() {
    for seed in 1..4 {
        run("mix", seed);
    }
}

#[test]
fn what_a_failure_does_not_need_is_left_out() {
    // Fails with 3 and one of 5 and 9.
    let fails = |faults: &BTreeSet<u64>| {
        faults.contains(&3) && (faults.contains(&5) || faults.contains(&9))
    };
    assert_eq!(minimise((0..FAULTS).collect(), fails), BTreeSet::from([3, 5]));
    assert_eq!(minimise((0..FAULTS).collect(), |_| true), BTreeSet::new());
}

#[test]
fn with_all_of_its_faults_a_mix_is_the_mix() {
    assert_eq!(mix_of(2, &(0..FAULTS).collect()), run("mix", 2));
}

/// Seeds that found a fault once, with what it was.
const MENDED: &[(&str, u64, &str)] = &[
    ("mix", 24, "two certified a block that two others found too early: decision 12"),
    ("mix", 96, "the same, at the beginning of the chain: decision 12"),
    ("fetch", 2, "blocks of an attempt that fell were taken for the run that leads to the head"),
    ("fetch", 6, "receipts of an attempt that fell were taken for those of the fetched state"),
];

#[test]
fn what_was_mended_stays_mended() {
    for (scenario, seed, _) in MENDED {
        run(scenario, *seed);
    }
}
