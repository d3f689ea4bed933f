//! `qiao dev`: a consortium of four on this machine, with sample trade.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use qiao_node::{
    DEFAULT_CHAIN_ID, DevError, DevEvent, DevOptions, InstantOptions, PUBLIC_KEYS, Serving,
};

use super::{init, start};
use crate::failure::Failure;
use crate::output::{Output, span};

/// Start four validators with sample trade on this machine
///
/// Four organisations, each with its own keys, data folder and authenticated connections over
/// loopback, in one process. A new network is filled with a food supply chain that ends in a
/// recall. Stops on Ctrl-C; without `--data` nothing is kept.
#[derive(Debug, clap::Args)]
#[command(
    after_long_help = "Examples:\n  qiao dev\n  qiao dev --data ~/qiao --http 127.0.0.1:9080\n  qiao dev --instant"
)]
pub struct Arguments {
    /// Keep the network in this folder, and continue it if it holds one.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// REST and console of the first member.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    http: SocketAddr,
    /// Ethereum JSON-RPC of the first member.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8545")]
    rpc: SocketAddr,
    /// The validators listen for each other from this port on.
    #[arg(long, value_name = "PORT", default_value_t = 9400)]
    p2p_port: u16,
    /// Leave the chain empty.
    #[arg(long)]
    no_sample: bool,
    /// One node without agreement: a block per transaction, for contract developers.
    ///
    /// Serves the `evm_*`, `hardhat_*` and `anvil_*` methods of test suites besides. Nothing is kept.
    #[arg(long, conflicts_with_all = ["data", "p2p_port", "no_sample"])]
    instant: bool,
    /// With `--instant`: contracts may be longer than the 24,576 bytes that networks allow.
    #[arg(long, requires = "instant")]
    unlimited_code_size: bool,
    /// What is logged.
    #[arg(long, value_name = "FILTER", default_value = "warn,commonware=error")]
    log: String,
}

/// Runs until Ctrl-C.
pub fn run(arguments: &Arguments, output: &Output) -> Result<ExitCode, Failure> {
    start::log_to_stderr(&arguments.log)?;
    if arguments.instant {
        return instant(arguments, output);
    }
    let temporary = tempfile::Builder::new().prefix("qiao-dev-").tempdir();
    let temporary =
        temporary.map_err(|error| Failure::environment(format!("no temporary folder: {error}")))?;
    let options = DevOptions {
        data: arguments.data.clone().unwrap_or_else(|| temporary.path().to_path_buf()),
        http: arguments.http,
        rpc: arguments.rpc,
        p2p_port: arguments.p2p_port,
        has_sample: !arguments.no_sample,
    };
    output.say("starting four validators of four organisations");
    let (teller, has_sample) = (*output, options.has_sample);
    let http = options.http;
    let tell = move |event: DevEvent| match event {
        DevEvent::Serving { http, rpc } => serving(http, rpc, has_sample, &teller),
        DevEvent::Sample(story) => {
            let source = if story.is_new { "captured" } else { "already" };
            teller.say(&format!(
                "sample trade: {} events of {} parties {source} on the chain, block {}",
                story.events, story.parties, story.block
            ));
            teller.say(&format!("\nthe suspect lot: {}", story.suspect_lot));
            teller.say(&format!("a shopper's pack: {}", story.shopper_pack));
            teller.next(&format!("open http://{http}, or `qiao trace {}`", story.suspect_lot));
        }
        DevEvent::Credit(story) => {
            teller.say(&format!(
                "\nsupply-chain finance: {} vouchers, {} passed down the tiers, {} financed, in {}",
                story.vouchers,
                story.passed,
                story.financed,
                span(story.elapsed_ms)
            ));
            teller.say(&format!("selling one part twice: {}", story.refused));
            teller.next(&format!("open http://{http}/desks/walk"));
        }
        DevEvent::SampleFailed(reason) => {
            teller.warn(&format!("the sample trade is not on the chain: {reason}"));
        }
    };
    qiao_node::dev(&options, tell).map_err(failure)?;
    output.say("stopped");
    Ok(ExitCode::SUCCESS)
}

/// Runs a developer's chain until Ctrl-C.
fn instant(arguments: &Arguments, output: &Output) -> Result<ExitCode, Failure> {
    let options = InstantOptions {
        http: arguments.http,
        rpc: arguments.rpc,
        is_code_unlimited: arguments.unlimited_code_size,
    };
    let ready = |serving: &Serving| {
        if let (Some(http), Some(rpc)) = (serving.http, serving.rpc) {
            self::serving(http, rpc, false, output);
        }
    };
    qiao_node::instant(&options, ready).map_err(|error| Failure::environment(error.to_string()))?;
    output.say("stopped");
    Ok(ExitCode::SUCCESS)
}

fn serving(http: SocketAddr, rpc: SocketAddr, has_sample: bool, output: &Output) {
    output.say(&format!("\n  console   http://{http}"));
    output.say(&format!("  REST      http://{http}/status, /epcis, /trace, /openapi.json"));
    output.say(&format!("  JSON-RPC  http://{rpc}, chain id {DEFAULT_CHAIN_ID}"));
    output.say(&format!("  account   0x{} (everybody knows this key)\n", PUBLIC_KEYS[0]));
    if has_sample {
        output.say("capturing the sample trade");
    } else {
        output.next(&format!("open http://{http}, or `qiao capture FILE`"));
    }
}

fn failure(error: DevError) -> Failure {
    match error {
        DevError::Init(error) => init::failure(error),
        DevError::Node { name, cause } => {
            let failure = start::failure(cause);
            Failure { message: format!("{name}: {}", failure.message), ..failure }
        }
        other => Failure::environment(other.to_string()),
    }
}
