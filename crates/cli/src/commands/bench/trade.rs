//! A made-up trade of any size: written into an index, and asked of it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use qiao_loadtest::{Filled, LookupReport, Trade};
use serde::{Deserialize, Serialize};

use super::Arguments;
use crate::failure::Failure;
use crate::output::{Output, bytes, number};

/// The file in a folder that says which trade was prepared there.
const FILE: &str = "trade.json";

/// Events of a trade that is not prepared: enough to see that all answers are right.
const EVENTS_DEFAULT: u64 = 100_000;

/// Events of a trade at most: places and products have five digits, blocks sixteen bits of captures.
const EVENTS_MAX: u64 = 100_000_000;

/// How often each question is asked.
const TIMES: u64 = 500;

/// Which trade, and where its index is.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Prepared {
    seed: u64,
    events: u64,
    index_url: String,
}

/// Writes the trade and says how to use it.
pub fn prepare(arguments: &Arguments, output: &Output) -> Result<ExitCode, Failure> {
    let home = arguments.home.as_deref().unwrap_or(Path::new("."));
    let (prepared, filled) = write(arguments, home, output)?;
    let size = file_of(&prepared).and_then(|file| fs::metadata(file).ok()).map(|file| file.len());
    if output.json {
        output.document(&serde_json::json!({
            "home": home, "seed": prepared.seed, "filled": filled, "index_bytes": size,
        }));
    } else {
        let size = size.map_or(String::new(), |size| format!(", {}", bytes(size)));
        let rate = filled.events as f64 / filled.seconds.max(f64::EPSILON);
        output.line(&format!(
            "{} events, {} lots{size}, in {:.0} s ({rate:.0} events/s)",
            number(filled.events),
            number(filled.lots),
            filled.seconds
        ));
        output.next(&format!("`qiao bench --workload trace --home {}`", home.display()));
    }
    Ok(ExitCode::SUCCESS)
}

/// Asks the trade that was prepared, or a small one.
pub fn measure(arguments: &Arguments, output: &Output) -> Result<ExitCode, Failure> {
    let temporary = tempfile::Builder::new().prefix("qiao-bench-").tempdir();
    let temporary =
        temporary.map_err(|error| Failure::environment(format!("no temporary folder: {error}")))?;
    let home = arguments.home.clone().unwrap_or_else(|| temporary.path().to_path_buf());
    let prepared = match read(&home)? {
        Some(prepared) => prepared,
        None => write(arguments, &home, output)?.0,
    };
    let trade = Trade::of(prepared.events, prepared.seed);
    let times = arguments.count.unwrap_or(TIMES);
    let served = qiao_node::serve_index(&prepared.index_url)
        .map_err(|error| Failure::environment(error.to_string()))?;
    let url = format!("http://{}", served.address);
    let say = |line: &str| output.say(line);
    let command = super::command_line();
    let mut report = qiao_loadtest::ask(&url, &trade, times, arguments.seed, &command, &say)?;
    report.index_bytes =
        file_of(&prepared).and_then(|file| fs::metadata(file).ok()).map(|file| file.len());
    print(&report, output);
    Ok(ExitCode::from(u8::from(!report.is_right())))
}

fn print(report: &LookupReport, output: &Output) {
    if output.json {
        output.document(report);
    } else {
        output.line(&report.table());
        output.next("quote the command, the machine and the commit with any number");
    }
}

fn write(
    arguments: &Arguments,
    home: &Path,
    output: &Output,
) -> Result<(Prepared, Filled), Failure> {
    let events = arguments.events.unwrap_or(EVENTS_DEFAULT);
    if events > EVENTS_MAX {
        return Err(Failure::usage(format!("`--events` is {EVENTS_MAX} at most")));
    }
    let cannot = |cause: std::io::Error| {
        Failure::environment(format!("`{}` cannot be written: {cause}", home.display()))
    };
    fs::create_dir_all(home).map_err(cannot)?;
    let file = format!("sqlite:{}", home.join("trade.sqlite").display());
    let index_url = arguments.index.clone().unwrap_or(file);
    let prepared = Prepared { seed: arguments.seed, events, index_url };
    if let Some(other) = read(home)?
        && (other.seed, other.events) != (prepared.seed, prepared.events)
    {
        let message = format!("`{}` holds another trade", home.display());
        return Err(Failure::usage(message).with_hint("name a new folder, or remove this one"));
    }
    let text = serde_json::json!(prepared).to_string();
    fs::write(home.join(FILE), text).map_err(cannot)?;
    let trade = Trade::of(events, prepared.seed);
    output.say(&format!("telling a trade of {} events", number(trade.events())));
    let filled = qiao_loadtest::fill(&prepared.index_url, &trade, &|line| output.say(line))?;
    Ok((prepared, filled))
}

fn read(home: &Path) -> Result<Option<Prepared>, Failure> {
    let file = home.join(FILE);
    let Ok(text) = fs::read_to_string(&file) else { return Ok(None) };
    let prepared = serde_json::from_str(&text).map_err(|cause| {
        Failure::environment(format!("`{}` cannot be understood: {cause}", file.display()))
            .with_hint("`qiao bench --prepare trace --events N --home DIR` writes a new folder")
    })?;
    Ok(Some(prepared))
}

/// The file of the index, where it is one.
fn file_of(prepared: &Prepared) -> Option<PathBuf> {
    prepared.index_url.strip_prefix("sqlite:").map(PathBuf::from)
}
