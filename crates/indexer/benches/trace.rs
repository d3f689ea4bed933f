//! Indexes a made-up trade of many events and measures traces and queries in it.
//!
//! `cargo bench -p qiao-indexer --bench trace -- --events 1000000`; `--data FILE` keeps the index.

use std::sync::Arc;
use std::time::{Duration, Instant};

use alloy_consensus::{
    Receipt, ReceiptEnvelope, ReceiptWithBloom, SignableTransaction, TxEip1559, TxEnvelope,
};
use alloy_primitives::{Address, B256, Bytes, Log, Signature, TxKind, U256};
use alloy_sol_types::{SolCall as _, SolEvent as _};
use qiao_epcis::{Event, Identifier, Limits, check_digit};
use qiao_indexer::{Direction, EventQuery, Index, TraceLimits};
use qiao_modules::traceability::{self, ITraceability};
use qiao_types::{Block, ExecutedReceipt, FinalizedBlock, Header, SignedTransaction};

/// Events of one run of the trade: two raw lots become eight packs, packed, carried and sold.
const EVENTS_PER_RUN: u64 = 16;

/// Runs in one block.
const RUNS_PER_BLOCK: u64 = 60;

/// Roll cages that all runs share, again and again.
const CAGES: u64 = 500;

const CONTEXT: &str = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld";

/// Makes an identifier or another value out of the number of a run.
type OfRun = fn(u64) -> String;

/// Traces and queries measured.
const SAMPLES: u64 = 500;

fn checked(digits: &str) -> String {
    format!("{digits}{}", check_digit(digits).expect("digits"))
}

fn lot(kind: u64, run: u64) -> String {
    format!("https://id.gs1.org/01/{}/10/L{run}", checked(&format!("09521000{kind:05}")))
}

fn pack(run: u64, nth: u64) -> String {
    format!("https://id.gs1.org/01/{}/21/{run}-{nth}", checked("0952100000077"))
}

fn case(run: u64, nth: u64) -> String {
    format!("https://id.gs1.org/00/{}", checked(&format!("09521000{:09}", run * 2 + nth)))
}

fn cage(run: u64) -> String {
    format!("https://id.gs1.org/8003/0{}C{}", checked("952100000001"), run % CAGES)
}

fn place(nth: u64) -> String {
    format!("https://id.gs1.org/414/{}", checked(&format!("9521000{:05}", nth % 1_000)))
}

/// Writes the events of one run, one after another.
struct Teller {
    run: u64,
    told: Vec<String>,
}

impl Teller {
    fn tell(&mut self, kind: &str, action: &str, step: &str, at: u64, fields: String) {
        let second = self.run as i64 * 600 + self.told.len() as i64;
        let time = jiff::Timestamp::from_second(1_767_225_600 + second).expect("a time");
        let place = place(self.run * 7 + at);
        let action =
            if action.is_empty() { String::new() } else { format!(r#""action":"{action}","#) };
        let head = format!(r#"{{"@context":["{CONTEXT}"],"type":"{kind}","eventTime":"{time}","#);
        let what = format!(r#""eventTimeZoneOffset":"+08:00",{action}"bizStep":"{step}","#);
        let places = format!(r#""readPoint":{{"id":"{place}"}},"bizLocation":{{"id":"{place}"}},"#);
        self.told.push(format!("{head}{what}{places}{fields}}}"));
    }

    fn see(&mut self, action: &str, step: &str, at: u64, fields: String) {
        self.tell("ObjectEvent", action, step, at, fields);
    }

    fn make(&mut self, inputs: String, outputs: String) {
        let fields = format!("{inputs},{outputs}");
        self.tell("TransformationEvent", "", "commissioning", 2, fields);
    }

    fn pack(&mut self, action: &str, at: u64, parent: &str, children: &[String]) {
        let step = if action == "ADD" { "packing" } else { "unpacking" };
        let fields = format!(r#""parentID":"{parent}",{}"#, list("childEPCs", children));
        self.tell("AggregationEvent", action, step, at, fields);
    }
}

fn list(field: &str, ids: &[String]) -> String {
    format!(r#""{field}":["{}"]"#, ids.join(r#"",""#))
}

fn class(field: &str, id: &str, quantity: u64) -> String {
    format!(r#""{field}":[{{"epcClass":"{id}","quantity":{quantity},"uom":"KGM"}}]"#)
}

/// The events of one run, as JSON.
fn run_events(run: u64) -> Vec<String> {
    let (left, right, mixed) = (lot(1, run), lot(2, run), lot(3, run));
    let packs: Vec<String> = (0..8).map(|nth| pack(run, nth)).collect();
    let cases = [case(run, 0), case(run, 1)];
    let cage = [cage(run)];
    let mut teller = Teller { run, told: Vec::new() };
    teller.see("ADD", "commissioning", 0, class("quantityList", &left, 40));
    teller.see("ADD", "commissioning", 1, class("quantityList", &right, 60));
    teller.see("OBSERVE", "shipping", 0, class("quantityList", &left, 40));
    teller.see("OBSERVE", "receiving", 2, class("quantityList", &left, 40));
    let raw = format!(r#""inputQuantityList":[{{"epcClass":"{left}"}},{{"epcClass":"{right}"}}]"#);
    teller.make(raw, class("outputQuantityList", &mixed, 95));
    teller.make(class("inputQuantityList", &mixed, 95), list("outputEPCList", &packs));
    teller.pack("ADD", 2, &cases[0], &packs[..4]);
    teller.pack("ADD", 2, &cases[1], &packs[4..]);
    teller.pack("ADD", 2, &cage[0], &cases);
    teller.see("OBSERVE", "shipping", 2, list("epcList", &cage));
    teller.see("OBSERVE", "receiving", 3, list("epcList", &cage));
    teller.pack("DELETE", 3, &cage[0], &cases);
    teller.pack("DELETE", 3, &cases[0], &packs[..4]);
    teller.pack("DELETE", 3, &cases[1], &packs[4..]);
    teller.see("OBSERVE", "retail_selling", 3, list("epcList", &packs[..4]));
    teller.see("OBSERVE", "retail_selling", 3, list("epcList", &packs[4..]));
    teller.told
}

/// A capture transaction with its receipt.
fn capture(run: u64) -> (Arc<SignedTransaction>, ExecutedReceipt) {
    let bodies = run_events(run);
    assert_eq!(bodies.len() as u64, EVENTS_PER_RUN);
    let capturer = Address::repeat_byte(7);
    let logs = bodies
        .iter()
        .zip(0..)
        .map(|(body, position)| {
            let event = Event::parse(body.as_bytes(), &Limits::EVENT)
                .unwrap_or_else(|problems| panic!("{problems:?} in {body}"));
            let captured = ITraceability::Captured {
                eventHash: event.hash().0.into(),
                party: run % 12 + 1,
                capturer,
                position,
                identifiers: vec![B256::ZERO; event.items().len()],
            };
            Log { address: traceability::ADDRESS, data: captured.encode_log_data() }
        })
        .collect();
    let events = bodies.into_iter().map(|body| Bytes::from(body.into_bytes())).collect();
    let call = ITraceability::captureCall { party: run % 12 + 1, events };
    let transaction = TxEip1559 {
        nonce: run,
        gas_limit: 10_000_000,
        to: TxKind::Call(traceability::ADDRESS),
        input: call.abi_encode().into(),
        ..Default::default()
    };
    let signature = Signature::new(U256::from(1), U256::from(1), false);
    let envelope = TxEnvelope::from(transaction.into_signed(signature));
    let encoded = encoding_of(&envelope);
    let signed = SignedTransaction::decode_with_sender(encoded, capturer).expect("it decodes");
    let receipt = Receipt { status: true.into(), cumulative_gas_used: 0, logs };
    let receipt = ExecutedReceipt {
        envelope: ReceiptEnvelope::Eip1559(ReceiptWithBloom::from(receipt)),
        gas_used: 0,
        contract_address: None,
        output: Bytes::new(),
    };
    (Arc::new(signed), receipt)
}

fn encoding_of(envelope: &TxEnvelope) -> Bytes {
    use alloy_eips::eip2718::Encodable2718 as _;
    envelope.encoded_2718().into()
}

fn block(number: u64, parent: B256, runs: std::ops::Range<u64>) -> FinalizedBlock {
    let (transactions, receipts) = runs.map(capture).unzip();
    let header = Header { number, parent_hash: parent, ..Default::default() };
    let block = Block { header, transactions };
    let timestamp_ms = 1_800_000_000_000 + number * 1_000;
    FinalizedBlock { hash: block.hash(), block, receipts, timestamp_ms, proposer: B256::ZERO }
}

fn argument(name: &str) -> Option<String> {
    let mut arguments = std::env::args().skip_while(|argument| argument != name);
    arguments.nth(1)
}

/// Median, 99th percentile and the worst.
fn summary(mut times: Vec<Duration>) -> String {
    times.sort_unstable();
    let at = |percent: usize| times[(times.len() - 1) * percent / 100];
    format!("p50 {:.1?}, p99 {:.1?}, worst {:.1?}", at(50), at(99), at(100))
}

async fn measure_traces(index: &Index, runs: u64) {
    let cases: [(&str, Direction, OfRun); 3] = [
        ("pack, back", Direction::Back, |run| pack(run, run % 8)),
        ("raw lot, forward", Direction::Forward, |run| lot(1, run)),
        ("case, both", Direction::Both, |run| case(run, 0)),
    ];
    for (name, direction, thing) in cases {
        let mut times = Vec::new();
        let mut steps = 0;
        for sample in 0..SAMPLES {
            let run = sample * 7_919 % runs;
            let id = Identifier::parse(&thing(run)).expect("a valid identifier");
            let started = Instant::now();
            let trace = index.trace(&id, direction, &TraceLimits::default()).await;
            times.push(started.elapsed());
            let trace = trace.expect("it can be traced");
            assert!(trace.found && !trace.truncated, "{id}");
            steps += trace.timeline.len();
        }
        println!("trace {name}: {}, {} steps each", summary(times), steps as u64 / SAMPLES);
    }
}

async fn measure_queries(index: &Index, runs: u64) {
    let cases: [(&str, &str, OfRun); 3] = [
        ("by thing", "MATCH_anyEPC", |run| pack(run, 1)),
        ("by place", "EQ_bizLocation", place),
        ("by step", "EQ_bizStep", |_| "shipping".to_owned()),
    ];
    for (name, parameter, value) in cases {
        let mut times = Vec::new();
        for sample in 0..SAMPLES {
            let value = value(sample * 7_919 % runs);
            let parameters = [(parameter, value.as_str()), ("orderBy", "eventTime")];
            let query = EventQuery::parse(parameters).expect("a valid query");
            let started = Instant::now();
            let page = index.events(&query).await.expect("it can be asked");
            times.push(started.elapsed());
            assert!(!page.items.is_empty(), "{parameter}={value}");
        }
        println!("query {name}: {}", summary(times));
    }
}

#[tokio::main]
async fn main() {
    let events: u64 =
        argument("--events").map_or(20_000, |text| text.parse().expect("a number of events"));
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = argument("--data").map_or_else(|| folder.path().join("index.db"), Into::into);
    let index = Index::open(&format!("sqlite:{}", file.display())).await.expect("it opens");
    let runs = events / EVENTS_PER_RUN;
    let mut applying = Duration::ZERO;
    let mut parent = B256::ZERO;
    let first = index.last_block().await.expect("it answers").unwrap_or(0);
    for number in first + 1..=runs.div_ceil(RUNS_PER_BLOCK) {
        let from = (number - 1) * RUNS_PER_BLOCK;
        let block = block(number, parent, from..(from + RUNS_PER_BLOCK).min(runs));
        parent = block.hash;
        let started = Instant::now();
        index.apply(&block).await.expect("it applies");
        applying += started.elapsed();
    }
    let rate = events as f64 / applying.as_secs_f64().max(f64::EPSILON);
    println!("{events} events applied in {applying:.1?}: {rate:.0} events/s");
    let bytes = std::fs::metadata(&file).expect("the file is there").len();
    println!("{} MB on disk: {} bytes/event", bytes >> 20, bytes / events.max(1));
    measure_traces(&index, runs).await;
    measure_queries(&index, runs).await;
}
