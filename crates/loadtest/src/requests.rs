//! The workload `rpc`: how many requests a node answers, one at a time on each of some connections.
//!
//! Other workloads measure until a transaction is final and send in batches; this one measures the
//! listener: each request is a POST of its own on a connection that is kept.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde::Serialize;
use serde_json::json;

use crate::accounts::Accounts;
use crate::histogram::Histogram;
use crate::machine::{Machine, commit};
use crate::prepare::{self, Prepared};
use crate::subject::Subject;
use crate::validators::Validators;
use crate::workload::{Signed, sign_all};
use crate::{Network, Options, Target};

/// A connection that gets no answer for so long is an error.
const PATIENCE: Duration = Duration::from_secs(10);

/// The longest answer that is read.
const ANSWER_BYTES_MAX: usize = 1024 * 1024;

/// The form of the report.
pub const REQUESTS_SCHEMA: &str = "qiao-bench-rpc/1";

/// What was measured.
#[derive(Debug, Clone, Serialize)]
pub struct RequestReport {
    /// [`REQUESTS_SCHEMA`].
    pub schema: &'static str,
    /// The command line.
    pub command: String,
    /// The commit of the source folder.
    pub commit: Option<String>,
    /// `release` or `development`.
    pub build: &'static str,
    /// The machine.
    pub machine: Machine,
    /// Nodes on it; the first one is asked.
    pub nodes: usize,
    /// Connections, each with one request at a time.
    pub connections: usize,
    /// `eth_getBalance`.
    pub reads: Figures,
    /// `eth_sendRawTransaction`.
    pub sends: Figures,
    /// The most memory of one node, if its process is known.
    pub memory_peak_bytes_max: u64,
}

/// One kind of request.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Figures {
    /// Answered with a result.
    pub answered: u64,
    /// Answered with an error, or not at all.
    pub errors: u64,
    /// The first of these.
    pub first_error: Option<String>,
    /// How long it took.
    pub seconds: f64,
    /// Answered per second.
    pub per_second: f64,
    /// From the request to the whole answer, in milliseconds: half, 99 of 100, the longest.
    pub p50_ms: Option<f64>,
    /// 99 of 100 answers took at most this long.
    pub p99_ms: Option<f64>,
    /// The longest.
    pub max_ms: f64,
    /// Processor time of the nodes meanwhile.
    pub nodes_cpu_seconds: f64,
}

/// Asks the first validator of a network of our own.
pub fn run_requests(
    options: &Options,
    binary: &Path,
    network: &Network,
    say: &dyn Fn(&str),
) -> Result<RequestReport> {
    say(&format!("starting {} validator processes", network.validators.len()));
    let validators = Validators::start(binary, &network.validators)?;
    let accounts = Accounts::new(options.seed, options.senders);
    let url = network.validators[0].rpc.clone();
    let prepared = prepare::own(options, &url, &accounts, network.token, network.party)?;
    measure(options, &url, &Subject::Own(validators), &prepared, say)
}

/// Asks a node that somebody else runs.
pub fn run_requests_target(
    options: &Options,
    target: &Target,
    say: &dyn Fn(&str),
) -> Result<RequestReport> {
    let (urls, processes) = (target.urls.clone(), target.processes.clone());
    let subject = Subject::Foreign { urls, processes };
    subject.check()?;
    let url = &target.urls[0];
    let prepared = prepare::foreign(options, url, &target.keys, say)?;
    measure(options, url, &subject, &prepared, say)
}

fn measure(
    options: &Options,
    url: &str,
    subject: &Subject,
    prepared: &Prepared,
    say: &dyn Fn(&str),
) -> Result<RequestReport> {
    let connections = options.clients.max(1);
    let cpu = || subject.usage().iter().map(|usage| usage.cpu_seconds).sum::<f64>();
    let accounts = Accounts::new(options.seed, options.senders.max(1)).addresses();
    let asked: Vec<Vec<u8>> = accounts
        .iter()
        .map(|account| request(url, "eth_getBalance", &[&account.to_string(), "latest"]))
        .collect();
    say(&format!("asking for {} s on {connections} connections", options.duration.as_secs()));
    let before = cpu();
    let until = Instant::now() + options.duration;
    let mut reads = on_each(url, connections, |connection, _| {
        let own = asked.iter().cycle().skip(connection);
        Box::new(own.take_while(move |_| Instant::now() < until).cloned())
    })?;
    reads.nodes_cpu_seconds = cpu() - before;
    say(&format!("signing {} transactions", options.transactions));
    let senders = prepared.senders.len();
    let signed =
        sign_all(&options.workload, &prepared.scene, &prepared.senders, options.transactions);
    let send =
        |signed: &Signed| request(url, "eth_sendRawTransaction", &[&signed.bytes.to_string()]);
    let requests: Vec<Vec<u8>> = signed.iter().map(send).collect();
    say(&format!("sending for {} s at most", options.duration.as_secs()));
    let before = cpu();
    let until = Instant::now() + options.duration;
    let connections = connections.min(senders);
    let mut sends = on_each(url, connections, |connection, connections| {
        // All of one sender go over one connection, in the order of their nonces.
        let own = requests
            .iter()
            .enumerate()
            .filter(move |(position, _)| position % senders % connections == connection);
        let own = own.map(|(_, request)| request.clone());
        Box::new(own.take_while(move |_| Instant::now() < until))
    })?;
    sends.nodes_cpu_seconds = cpu() - before;
    Ok(RequestReport {
        schema: REQUESTS_SCHEMA,
        command: options.command.clone(),
        commit: commit(),
        build: if cfg!(debug_assertions) { "development" } else { "release" },
        machine: Machine::this(),
        nodes: subject.names().len().max(1),
        connections,
        reads,
        sends,
        memory_peak_bytes_max: subject
            .usage()
            .iter()
            .map(|usage| usage.memory_peak_bytes)
            .max()
            .unwrap_or(0),
    })
}

/// The requests of one connection.
type Requests<'a> = Box<dyn Iterator<Item = Vec<u8>> + 'a>;

/// Sends the requests of each connection, one after the other, and adds up what came back.
fn on_each<'a>(
    url: &str,
    connections: usize,
    requests: impl Fn(usize, usize) -> Requests<'a> + Sync,
) -> Result<Figures> {
    let begun = Instant::now();
    let requests = &requests;
    let parts = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..connections)
            .map(|nth| scope.spawn(move || converse(url, requests(nth, connections))))
            .collect();
        let parts = threads.into_iter().map(|thread| thread.join().expect("no thread panics"));
        parts.collect::<Result<Vec<_>>>()
    })?;
    let seconds = begun.elapsed().as_secs_f64();
    let (mut times, mut figures) = (Histogram::default(), Figures::default());
    for (part, errors, first_error) in parts {
        times.add(&part);
        figures.errors += errors;
        figures.first_error = figures.first_error.or(first_error);
    }
    figures.answered = times.count();
    figures.seconds = (seconds * 100.0).round() / 100.0;
    figures.per_second = (times.count() as f64 / seconds).round();
    (figures.p50_ms, figures.p99_ms) = (times.quantile_ms(500), times.quantile_ms(990));
    figures.max_ms = times.max_ms();
    Ok(figures)
}

/// The times of the answers, how many were none, and the first of these.
type Conversed = (Histogram, u64, Option<String>);

fn converse(url: &str, requests: Requests<'_>) -> Result<Conversed> {
    let mut stream = connect(url)?;
    let (mut times, mut errors, mut first_error) = (Histogram::default(), 0, None);
    let mut answer = Vec::new();
    for request in requests {
        let sent = Instant::now();
        match ask(&mut stream, &request, &mut answer) {
            Ok(body) if answer[body..].windows(8).any(|part| part == b"\"result\"") => {
                times.record(sent.elapsed());
                continue;
            }
            Ok(body) => {
                let text = String::from_utf8_lossy(&answer[body..]).into_owned();
                first_error = first_error.or(Some(text));
            }
            Err(error) => {
                first_error = first_error.or(Some(error.to_string()));
                stream = connect(url)?;
            }
        }
        errors += 1;
    }
    Ok((times, errors, first_error))
}

fn connect(url: &str) -> Result<TcpStream> {
    let stream = TcpStream::connect(authority(url)).with_context(|| format!("`{url}`"))?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    Ok(stream)
}

/// Sends a request and reads its answer; where the body begins.
fn ask(stream: &mut TcpStream, request: &[u8], answer: &mut Vec<u8>) -> Result<usize> {
    stream.write_all(request)?;
    answer.clear();
    let mut part = [0; 4096];
    loop {
        let read = stream.read(&mut part)?;
        if read == 0 {
            bail!("the connection was closed");
        }
        answer.extend_from_slice(&part[..read]);
        let Some(end) = answer.windows(4).position(|part| part == b"\r\n\r\n") else { continue };
        let head = String::from_utf8_lossy(&answer[..end]).to_ascii_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
        let length: usize = length.and_then(|text| text.trim().parse().ok()).unwrap_or(0);
        if length > ANSWER_BYTES_MAX {
            bail!("an answer of {length} bytes");
        }
        if answer.len() >= end + 4 + length {
            return Ok(end + 4);
        }
    }
}

/// A whole request, ready to be written.
fn request(url: &str, method: &str, parameters: &[&str]) -> Vec<u8> {
    let body =
        json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": parameters }).to_string();
    let (authority, length) = (authority(url), body.len());
    format!(
        "POST / HTTP/1.1\r\nHost: {authority}\r\nContent-Type: application/json\r\n\
         Content-Length: {length}\r\n\r\n{body}"
    )
    .into_bytes()
}

fn authority(url: &str) -> &str {
    url.trim_start_matches("http://").trim_end_matches('/')
}

impl RequestReport {
    /// The figures as a table for a person.
    pub fn table(&self) -> String {
        let line = |name: &str, figures: &Figures| {
            let ms = |value: Option<f64>| value.map_or("-".to_string(), |value| format!("{value}"));
            let error = figures.first_error.as_ref().map_or(String::new(), |error| {
                format!("\n  first error: {}", error.chars().take(200).collect::<String>())
            });
            format!(
                "{name:<24} {:>8}/s  {} answered, {} errors, {} / {} / {} ms (p50 / p99 / longest), \
                 {:.1} s of the nodes' processors in {} s{error}",
                figures.per_second,
                figures.answered,
                figures.errors,
                ms(figures.p50_ms),
                ms(figures.p99_ms),
                figures.max_ms,
                figures.nodes_cpu_seconds,
                figures.seconds,
            )
        };
        let commit = self.commit.as_deref().unwrap_or("unknown");
        format!(
            "{}\n{}\n{} node(s), {} connections, at most {} MB in one node; {} build of {commit}",
            line("eth_getBalance", &self.reads),
            line("eth_sendRawTransaction", &self.sends),
            self.nodes,
            self.connections,
            self.memory_peak_bytes_max / 1_000_000,
            self.build,
        )
    }
}
