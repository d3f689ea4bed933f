//! What the node says of the network.

use std::path::Path;
use std::time::Duration;

use qiao_api::{NodeStatus, ValidatorStatus};

use super::local::Probe;
use super::{Finding, Verdict, local};
use crate::client::Client;
use crate::commands::status::{now_ms, understand};
use crate::failure::{Failure, Kind};
use crate::output::{bytes, number, span};

/// A validator is silent if it has not voted for this many times the usual time between blocks.
const SILENT_BLOCKS: u64 = 5;

/// The least time without a vote that counts as silence.
const SILENT_MS_MIN: u64 = 5_000;

/// Clocks may differ by this much.
const CLOCK_MS_MAX: u64 = 2_000;

/// Less free disk than this at the node is a problem.
const DISK_OUT_BYTES: u64 = 500_000_000;

/// Asks the node, twice, and judges what it says.
pub fn check(
    client: &Client,
    home: Option<&Path>,
    findings: &mut Vec<Finding>,
) -> Result<(), Failure> {
    let url = client.url();
    let first = match client.get("/status").and_then(understand) {
        Ok(status) => status,
        Err(failure) if failure.kind == Kind::Usage => return Err(failure),
        Err(failure) => {
            findings.push(silent(&failure, home));
            return Ok(());
        }
    };
    findings
        .push(Finding::fine("node", format!("{} answers at {url}, {}", first.node, first.version)));
    // A heartbeat is due within this time on a healthy chain.
    std::thread::sleep(Duration::from_millis((first.block_interval_ms + 200).clamp(500, 3_000)));
    let second = client.get("/status").and_then(understand).unwrap_or_else(|_| first.clone());
    progress(&first, &second, findings);
    clock(&first, &second, findings);
    for validator in &second.validators {
        findings.push(vote(validator, &second));
    }
    if home.is_none() && second.disk_free_bytes > 0 && second.disk_free_bytes < DISK_OUT_BYTES {
        let found = format!("{} free for `{}`", bytes(second.disk_free_bytes), second.data_dir);
        findings.push(Finding::bad("disk", Verdict::Machine, found, "free some space"));
    }
    if let Some(trouble) = &second.index_trouble {
        findings.push(Finding::bad(
            "index",
            Verdict::Machine,
            format!("stands at block {}: {trouble}", number(second.index_block)),
            if second.missing_blocks.is_some() {
                "wait, and ask another member's node meanwhile"
            } else {
                "bring the database of `index_url` back; the node then catches up by itself"
            },
        ));
    } else if second.head.number > second.index_block + 10 {
        findings.push(Finding::bad(
            "index",
            Verdict::Warning,
            format!(
                "at block {}, behind block {}",
                number(second.index_block),
                number(second.head.number)
            ),
            "wait; if it stays behind, `qiao index rebuild`",
        ));
    }
    Ok(())
}

fn silent(failure: &Failure, home: Option<&Path>) -> Finding {
    let remedy = if home.is_some() {
        "see the lines above: not started, still starting, or its port is taken"
    } else {
        "`qiao doctor --home DIR` looks at the node's own folder, disk and ports"
    };
    Finding::bad("node", Verdict::Machine, failure.message.clone(), remedy)
}

fn progress(first: &NodeStatus, second: &NodeStatus, findings: &mut Vec<Finding>) {
    let height = number(second.head.number);
    if second.head.number > first.head.number || second.is_final_progressing {
        findings.push(Finding::fine("finality", format!("progressing, height {height}")));
        return;
    }
    let voters = second.validators.len();
    let needed = voters - (voters.saturating_sub(1)) / 3;
    let reason = second.stalled_reason.clone().unwrap_or_else(|| "the reason is not known".into());
    let age = span(now_ms().saturating_sub(second.head.timestamp_ms));
    findings.push(Finding::bad(
        "finality",
        Verdict::Network,
        format!("height {height} since {age}: {reason}"),
        format!("bring back validators until {needed} of {voters} vote; nothing final is lost"),
    ));
}

fn clock(first: &NodeStatus, second: &NodeStatus, findings: &mut Vec<Finding>) {
    let now = now_ms();
    let head = second.head.timestamp_ms;
    let is_moving = second.head.number > first.head.number;
    let lag_max = second.block_interval_ms.max(1_000) + CLOCK_MS_MAX;
    let ahead = head.saturating_sub(now);
    let behind = now.saturating_sub(head);
    if ahead > CLOCK_MS_MAX || (is_moving && behind > lag_max) {
        let apart = span(ahead.max(behind));
        findings.push(Finding::bad(
            "clock",
            Verdict::Machine,
            format!("this machine and the validators' blocks are {apart} apart"),
            "synchronise the clock (NTP) here and at the members",
        ));
    } else if is_moving {
        findings.push(Finding::fine("clock", "agrees with the blocks"));
    }
}

fn vote(validator: &ValidatorStatus, status: &NodeStatus) -> Finding {
    let subject = format!("{} ({})", validator.name, validator.organisation);
    let silence_max = (SILENT_BLOCKS * status.block_interval_ms).max(SILENT_MS_MIN);
    let is_silent = validator.last_voted_ago_ms.is_none_or(|ago| ago > silence_max);
    let voted =
        validator.last_voted_ago_ms.map_or("has not voted since this node started".into(), |ago| {
            format!("voted {} ago", span(ago))
        });
    if validator.is_self {
        return if is_silent && status.is_final_progressing {
            Finding::bad(
                &subject,
                Verdict::Machine,
                format!("this node {voted}"),
                "it may be catching up; if it stays so, read its log",
            )
        } else {
            Finding::fine(&subject, format!("this node, {voted}"))
        };
    }
    let ask =
        format!("ask {} to start it or to open {}", validator.organisation, validator.address);
    match (validator.connected, is_silent) {
        (true, false) => Finding::fine(&subject, format!("connected, {voted}")),
        (true, true) if !status.is_final_progressing => {
            Finding::fine(&subject, format!("connected, waiting for the others; {voted}"))
        }
        (true, true) => {
            let why = local::probe(&validator.address).words();
            Finding::bad(&subject, Verdict::Network, format!("connected, {voted}; {why}"), ask)
        }
        (false, is_silent) => match local::probe(&validator.address) {
            // Its votes arrive with the others' certificates.
            Probe::Answers if !is_silent => Finding::bad(
                &subject,
                Verdict::Warning,
                format!("not connected, {voted}; its port answers"),
                "wait until the two have found each other; if it stays so, look for a firewall",
            ),
            probe => {
                let found = format!("not connected, {voted}; {}", probe.words());
                Finding::bad(&subject, Verdict::Network, found, ask)
            }
        },
    }
}
