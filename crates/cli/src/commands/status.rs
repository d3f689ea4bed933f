//! `qiao status`: what the chain is doing, as one node sees it.

use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use qiao_api::{NodeStatus, ValidatorStatus};

use crate::client::NodeArguments;
use crate::failure::Failure;
use crate::output::{Output, bytes, number, span, table};

/// Show height, finality, pool and validators as one node sees them
///
/// Asks a node and prints what it knows: the newest final block, how fast blocks become final, what
/// waits in the pool, and every validator with its connection, last vote and version.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:\n  qiao status\n  qiao status --home net/member-2 --json")]
pub struct Arguments {
    #[command(flatten)]
    node: NodeArguments,
}

/// Prints what the node answers; exit code 0 if it answers.
pub fn run(arguments: &Arguments, output: &Output) -> Result<ExitCode, Failure> {
    let client = arguments.node.client()?;
    let answer = client.get("/status")?;
    if output.json {
        output.document(&answer);
        return Ok(ExitCode::SUCCESS);
    }
    let status = understand(answer)?;
    print(&status, output);
    Ok(ExitCode::SUCCESS)
}

/// Reads the answer to `GET /status`.
pub fn understand(answer: serde_json::Value) -> Result<NodeStatus, Failure> {
    serde_json::from_value(answer).map_err(|error| {
        Failure::environment(format!("the node's status cannot be understood: {error}"))
            .with_hint("is it a node of this version? `qiao --version` shows this one's")
    })
}

/// Milliseconds since the Unix epoch on this machine.
pub fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

fn print(status: &NodeStatus, output: &Output) {
    for (name, value) in facts(status) {
        output.line(&format!("{name:<10} {value}"));
    }
    output.line("");
    let rows: Vec<Vec<String>> = status.validators.iter().map(row).collect();
    let heads =
        ["VALIDATOR", "ORGANISATION", "CONNECTED", "LAST VOTE", "PROPOSED", "VERSION", "ADDRESS"];
    output.line(&table(&heads, &rows));
    if status.is_final_progressing && status.stalled_reason.is_none() {
        output.next("`qiao capture FILE` records events, `qiao trace ID` follows them");
        return;
    }
    let reason = status.stalled_reason.as_deref().unwrap_or("the reason is not known");
    output.warn(&format!("blocks are not being finalized: {reason}"));
    output.next("`qiao doctor` says who is missing and what to try");
}

/// What is said of the node and the chain, line by line.
fn facts(status: &NodeStatus) -> Vec<(&'static str, String)> {
    let now = now_ms();
    let head = &status.head;
    let genesis = short(&status.genesis.to_string());
    let hash = short(&head.hash.to_string());
    let age = span(now.saturating_sub(head.timestamp_ms));
    let up = span(now.saturating_sub(status.started_ms));
    let quantile =
        |value: Option<f64>| value.map_or("–".into(), |value| format!("{value:.1} ms"));
    let finality = &status.finality_ms;
    let (p50, p99) = (quantile(finality.p50), quantile(finality.p99));
    let (last, interval) = (quantile(finality.last), span(status.block_interval_ms));
    let pool = &status.pool;
    let (ready, queued) = (number(pool.ready), number(pool.queued));
    let rate = status.transactions_per_second;
    let free = bytes(status.disk_free_bytes);
    vec![
        ("network", format!("{}, chain {}, genesis {genesis}", status.network, status.chain_id)),
        (
            "node",
            format!("{} of {}, {}, up {up}", status.node, status.organisation, status.version),
        ),
        ("height", format!("{} final, {age} ago, {hash}", number(head.number))),
        ("state", head.state_root.to_string()),
        ("finality", format!("p50 {p50}, p99 {p99}, last {last}; a block every {interval}")),
        ("load", format!("{rate:.1} transactions/s")),
        ("pool", format!("{ready} ready, {queued} waiting, {}", bytes(pool.bytes))),
        ("agreement", format!("epoch {}, view {}", status.epoch, number(status.view))),
        ("index", index(status)),
        ("disk", format!("{free} free for {}", status.data_dir)),
    ]
}

fn index(status: &NodeStatus) -> String {
    let block = number(status.index_block);
    match &status.index_trouble {
        Some(trouble) => format!("block {block}, does not follow: {trouble}"),
        None => format!("block {block}"),
    }
}

fn row(validator: &ValidatorStatus) -> Vec<String> {
    let connected = match (validator.is_self, validator.connected) {
        (true, _) => "this node",
        (false, true) => "yes",
        (false, false) => "no",
    };
    let voted =
        validator.last_voted_ago_ms.map_or("–".into(), |ago| format!("{} ago", span(ago)));
    vec![
        validator.name.clone(),
        validator.organisation.clone(),
        connected.into(),
        voted,
        validator.last_proposed_height.map_or("–".into(), number),
        validator.version.clone().unwrap_or_else(|| "–".into()),
        validator.address.clone(),
    ]
}

/// The beginning of a hash.
fn short(hash: &str) -> String {
    format!("{}…", hash.chars().take(12).collect::<String>())
}
