//! Kills validators of a real network at random under load, for as long as is asked for.

use anyhow::Result;

use crate::shell;

const TEST: &str = "nothing_acknowledged_is_lost_to_random_kills_under_load";

/// The process test with so many kills, in the development profile.
pub fn run(kills: u64) -> Result<()> {
    let arguments = ["test", "--workspace", "--locked", "--test", "it", TEST, "--", "--nocapture"];
    shell::run(shell::cargo(&arguments).env("QIAO_SOAK_KILLS", kills.to_string()))
}
