//! A client process, against a node that is a thread of the test.

use std::io::{BufReader, Cursor, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use alloy_primitives::{Bytes, keccak256};
use serde_json::{Value, json};

use super::workloads::{scene, senders};
use crate::client::{Endpoint, Observed, Plan, Ready, Start};
use crate::schedule::Arrivals;
use crate::timeline::Window;
use crate::workload::{MODULE_DEFAULT, Workload};

/// A chain that makes a block of everything that waits when it is asked for one. It stands still
/// for a while if told so.
#[derive(Debug, Default)]
struct Chain {
    pool: Vec<String>,
    blocks: Vec<Vec<String>>,
    standstill: Option<(u64, u64)>,
    sent: u64,
    started: Option<std::time::Instant>,
}

impl Chain {
    fn answer(&mut self, request: &Value) -> Value {
        let result = match request["method"].as_str().unwrap_or_default() {
            "eth_blockNumber" => json!(format!("{:#x}", self.blocks.len())),
            "eth_sendRawTransaction" => {
                self.started.get_or_insert_with(std::time::Instant::now);
                let bytes: Bytes = request["params"][0].as_str().unwrap().parse().unwrap();
                self.sent += 1;
                self.pool.push(keccak256(bytes).to_string());
                json!(self.pool.last())
            }
            "eth_getTransactionReceipt" => json!({ "status": "0x1" }),
            _ => {
                let height = request["params"][0].as_str().unwrap().trim_start_matches("0x");
                let height = usize::from_str_radix(height, 16).unwrap();
                self.make_block();
                match self.blocks.get(height - 1) {
                    Some(hashes) => json!({ "transactions": hashes }),
                    None => Value::Null,
                }
            }
        };
        json!({ "jsonrpc": "2.0", "id": request["id"], "result": result })
    }

    fn make_block(&mut self) {
        let elapsed = self.started.map_or(0, |started| started.elapsed().as_millis() as u64);
        let stands = self.standstill.is_some_and(|(from, to)| elapsed >= from && elapsed < to);
        if !self.pool.is_empty() && !stands {
            self.blocks.push(std::mem::take(&mut self.pool));
        }
    }
}

/// Serves a chain over HTTP until the process ends.
fn serve(chain: Chain) -> (String, Arc<Mutex<Chain>>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let chain = Arc::new(Mutex::new(chain));
    let shared = chain.clone();
    std::thread::spawn(move || {
        for connection in listener.incoming().flatten() {
            let chain = shared.clone();
            std::thread::spawn(move || while serve_one(&connection, &chain).is_some() {});
        }
    });
    (url, chain)
}

fn serve_one(mut connection: &TcpStream, chain: &Mutex<Chain>) -> Option<()> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        connection.read_exact(&mut byte).ok()?;
        head.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&head).to_ascii_lowercase();
    let (_, length) = head.split_once("content-length:")?;
    let mut body = vec![0; length.lines().next()?.trim().parse().ok()?];
    connection.read_exact(&mut body).ok()?;
    let request: Value = serde_json::from_slice(&body).ok()?;
    let mut chain = chain.lock().unwrap();
    let answer = match request.as_array() {
        Some(batch) => batch.iter().map(|request| chain.answer(request)).collect(),
        None => chain.answer(&request),
    };
    drop(chain);
    let body = answer.to_string();
    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len());
    connection.write_all((head + &body).as_bytes()).ok()
}

fn plan(urls: &[&str], rate: Option<u64>) -> Plan {
    let endpoint = |url: &&str| Endpoint { rpc: (*url).to_string(), rest: None };
    Plan {
        client: 0,
        clients: 1,
        workload: Workload::named("erc20", MODULE_DEFAULT).unwrap(),
        scene: scene(),
        senders: senders(3),
        transactions: 600,
        rate,
        arrivals: Arrivals::Even,
        in_flight: 10,
        window: Window::new(Duration::from_millis(100), Duration::from_millis(1_000)),
        endpoints: urls.iter().map(endpoint).collect(),
        drain: Duration::from_secs(30),
        poll: Duration::from_millis(1),
    }
}

/// Runs a client as `qiao bench client` does, between two pipes.
fn observe(plan: &Plan) -> (Ready, Observed) {
    let unix_ns = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos() as u64;
    let start = Start { unix_ns: unix_ns + 300_000_000 };
    let lines = [serde_json::to_string(plan).unwrap(), serde_json::to_string(&start).unwrap()];
    let (mut output, input) = (Vec::new(), lines.join("\n") + "\n");
    // An input that does not end: its end would end the client's process.
    let input = BufReader::new(Cursor::new(input).chain(Endless));
    crate::client::run(input, &mut output).unwrap();
    let text = String::from_utf8(output).unwrap();
    let mut lines = text.lines();
    let ready = serde_json::from_str(lines.next().unwrap()).unwrap();
    (ready, serde_json::from_str(lines.next().unwrap()).unwrap())
}

struct Endless;

impl Read for Endless {
    fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
        loop {
            std::thread::park();
        }
    }
}

#[test]
fn a_closed_loop_keeps_no_more_under_way_than_it_may() {
    let (url, chain) = serve(Chain::default());
    let (ready, observed) = observe(&plan(&[&url], None));
    assert_eq!(ready.signed, 600);
    let chain = chain.lock().unwrap();
    assert!(chain.blocks.iter().all(|block| block.len() <= 10));
    assert_eq!(observed.finals, chain.sent);
    assert_eq!(observed.finals, chain.blocks.iter().map(Vec::len).sum::<usize>() as u64);
    assert_eq!((observed.unconfirmed, observed.unsent, observed.receipts_failed), (0, 0, 0));
    assert_eq!(observed.blocks.len(), chain.blocks.len());
}

#[test]
fn an_open_loop_counts_a_standstill_against_every_transaction_that_was_due_in_it() {
    // 400 ms without a block, of 1,000 that are measured: 40 of 100 transactions wait, those that
    // were due first the longest, and none of them is left out.
    let standstill = Some((400, 800));
    let (url, _) = serve(Chain { standstill, ..Chain::default() });
    let (_, observed) = observe(&plan(&[&url], Some(100)));
    let times = observed.timeline.all_times();
    assert_eq!(times.count(), 100, "every transaction that was due in the window counts");
    assert_eq!((observed.unconfirmed, observed.unsent), (0, 0));
    assert!(times.max_ms() >= 380.0, "{}", times.max_ms());
    let p90 = times.quantile_ms(900).unwrap();
    assert!(p90 >= 250.0, "{p90} ms: the waits were not counted from when they were due");
}

#[test]
fn what_never_becomes_final_counts_with_its_wait() {
    // The chain stands still from the beginning on; the client gives up after its patience.
    let (url, _) = serve(Chain { standstill: Some((0, u64::MAX)), ..Chain::default() });
    let mut plan = plan(&[&url], Some(20));
    plan.drain = Duration::from_millis(500);
    let (_, observed) = observe(&plan);
    assert_eq!((observed.finals, observed.unsent), (0, 0));
    assert_eq!(observed.unconfirmed, 22);
    let times = observed.timeline.all_times();
    assert_eq!(times.count(), 20);
    assert!(times.quantile_ms(1).unwrap() >= 500.0);
}

#[test]
fn a_client_turns_to_another_node_and_sends_again_what_was_not_final() {
    // The first one takes five transactions, makes no block, and is gone.
    let (dying, its) = serve(Chain { standstill: Some((0, u64::MAX)), ..Chain::default() });
    let relay = relay(&dying, move || its.lock().unwrap().sent < 5);
    let (living, chain) = serve(Chain::default());
    let (_, observed) = observe(&plan(&[&relay, &living], Some(50)));
    assert_eq!(observed.failovers.len(), 1, "{:?}", observed.failovers);
    assert_eq!((observed.unconfirmed, observed.unsent), (0, 0));
    assert_eq!(observed.finals, 55, "all that were due in 1.1 s");
    assert_eq!(chain.lock().unwrap().sent, 55);
}

/// Passes connections on while a condition holds, then cuts all of them.
fn relay(target: &str, lives: impl Fn() -> bool + Send + 'static) -> String {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let target = target.trim_start_matches("http://").to_string();
    listener.set_nonblocking(true).unwrap();
    std::thread::spawn(move || {
        let mut open: Vec<TcpStream> = Vec::new();
        while lives() {
            if let Ok((near, _)) = listener.accept() {
                near.set_nonblocking(false).unwrap();
                let far = TcpStream::connect(&target).unwrap();
                for (from, to) in [(&near, &far), (&far, &near)] {
                    let (mut from, mut to) = (from.try_clone().unwrap(), to.try_clone().unwrap());
                    std::thread::spawn(move || std::io::copy(&mut from, &mut to));
                }
                open.extend([near, far]);
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        drop(listener);
        for connection in open {
            let _ = connection.shutdown(std::net::Shutdown::Both);
        }
    });
    url
}
