//! Each scenario under a fixed seed, and one seed being one history.

use qiao_simulator::{Report, SCENARIOS};

fn run(name: &str, seed: u64) -> Report {
    let scenario =
        SCENARIOS.iter().find(|scenario| scenario.name == name).expect("it is in the list");
    (scenario.run)(seed)
}

#[test]
fn transactions_become_final_everywhere() {
    assert!(run("steady", 1).height >= 5);
}

#[test]
fn one_seed_is_one_history_and_another_seed_another() {
    let first = run("steady", 7);
    assert_eq!(run("steady", 7), first);
    assert_ne!(run("steady", 8).fingerprint, first.fingerprint);
}

#[test]
fn a_partition_keeps_agreement_and_heals() {
    run("partition", 2);
}

#[test]
fn what_was_final_survives_crashes() {
    run("crash", 3);
}

#[test]
fn the_chain_crosses_epochs_with_a_validator_away() {
    assert!(run("epochs", 4).height > 25);
}
