//! Slow and hostile clients: each uses up a bounded share, and the others are answered.

use std::{
    io::{Read as _, Write as _},
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, atomic::Ordering},
    time::{Duration, Instant},
};

use qiao_api::{
    Door,
    door::{Counters, Limits, Server},
    rest, rpc,
};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpSocket, TcpStream},
    task::JoinSet,
};

use crate::support::{Network, document, event};

/// The longest that anything may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// Where the attackers come from; the well-behaved client has an address of its own.
const ATTACKER: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 66);

/// Listeners that lose their patience soon.
async fn impatient() -> Network {
    let limits = Limits {
        connections_max: 40,
        address_connections_max: 20,
        head_max: Duration::from_millis(500),
        stall_max: Duration::from_millis(500),
        held_bytes_max: 8 * 1024 * 1024,
        ..Limits::default()
    };
    let rpc_limits =
        rpc::Limits { body_time_max: Duration::from_millis(500), ..rpc::Limits::default() };
    let door = Door { limits, ..Door::default() };
    Network::behind(door, rpc_limits, rest::Limits::default()).await
}

fn address(url: &str) -> SocketAddr {
    url.trim_start_matches("http://").parse().unwrap()
}

/// A connection of an attacker, with little room for what it does not read.
async fn attacker(to: SocketAddr) -> std::io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.set_recv_buffer_size(4 * 1024)?;
    socket.bind((ATTACKER, 0).into())?;
    socket.connect(to).await
}

fn head(length: usize) -> String {
    format!(
        "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
         Content-Length: {length}\r\n\r\n"
    )
}

fn post(body: &str) -> String {
    format!("{}{body}", head(body.len()))
}

/// Reads to the end, or to an error; the status is in the beginning.
async fn answer(stream: &mut TcpStream) -> String {
    let mut all = Vec::new();
    let reading = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut all)).await;
    assert!(reading.is_ok(), "the connection was not closed");
    String::from_utf8_lossy(&all).into_owned()
}

/// The well-behaved client: both interfaces answer it.
async fn is_served(network: &Network) {
    let asking = async {
        assert_eq!(network.ok("net_listening", json!([])).await, true);
        assert_eq!(network.get("/health").await.status, 200);
    };
    tokio::time::timeout(PATIENCE, asking).await.expect("a well-behaved client is answered");
}

async fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < PATIENCE, "{what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn stalled(server: &Server) -> usize {
    server.counters().stalled.load(Ordering::Relaxed)
}

#[tokio::test(flavor = "multi_thread")]
async fn heads_that_never_end_are_cut_off() {
    let network = impatient().await;
    for url in [&network.rpc, &network.rest] {
        let mut silent = attacker(address(url)).await.unwrap();
        let mut slow = attacker(address(url)).await.unwrap();
        slow.write_all(b"POST / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ").await.unwrap();
        is_served(&network).await;
        for stream in [&mut silent, &mut slow] {
            let told = answer(stream).await;
            assert!(told.is_empty() || told.starts_with("HTTP/1.1 408"), "{told}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_dribbles_is_cut_off() {
    let network = impatient().await;
    let mut stream = attacker(address(&network.rpc)).await.unwrap();
    stream.write_all(head(1_000).as_bytes()).await.unwrap();
    let (mut reader, mut writer) = stream.into_split();
    let dribbling = tokio::spawn(async move {
        while writer.write_all(b" ").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    let mut told = [0; 12];
    let reading = tokio::time::timeout(PATIENCE, reader.read_exact(&mut told)).await;
    reading.expect("the node loses its patience").unwrap();
    assert_eq!(&told, b"HTTP/1.1 408");
    is_served(&network).await;
    dribbling.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn heads_that_are_too_long_are_refused() {
    let network = impatient().await;
    let long =
        format!("GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: {}\r\n\r\n", "a".repeat(1 << 20));
    let many = (0..1_000).map(|nth| format!("X-{nth}: a\r\n")).collect::<String>();
    let many = format!("GET / HTTP/1.1\r\nHost: localhost\r\n{many}\r\n");
    for url in [&network.rpc, &network.rest] {
        for head in [&long, &many] {
            let mut stream = attacker(address(url)).await.unwrap();
            // The node may close before all of it is sent.
            let _ = stream.write_all(head.as_bytes()).await;
            let told = answer(&mut stream).await;
            assert!(told.is_empty() || told.starts_with("HTTP/1.1 431"), "{told}");
        }
    }
    is_served(&network).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn thousands_of_connections_leave_room_for_others() {
    let network = impatient().await;
    let to = address(&network.rpc);
    let mut held = Vec::new();
    for nth in 0..3_000 {
        if let Ok(stream) = attacker(to).await {
            held.push(stream);
        }
        if nth % 500 == 0 {
            is_served(&network).await;
        }
    }
    is_served(&network).await;
    assert!(network.rpc_server.connections() <= 21, "20 of the attacker and one of the client");
    assert!(network.rest_server.connections() <= 1, "each listener has its own");
    let Counters { displaced, refused, .. } = network.rpc_server.counters();
    let turned_away = displaced.load(Ordering::Relaxed) + refused.load(Ordering::Relaxed);
    assert!(turned_away >= 2_900, "{turned_away}");
}

#[tokio::test(flavor = "multi_thread")]
async fn busy_connections_of_one_address_are_bounded() {
    let network = impatient().await;
    let to = address(&network.rpc);
    let mut open = Vec::new();
    for _ in 0..30 {
        let Ok(mut stream) = attacker(to).await else { continue };
        let request = "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n\
             Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
        let mut told = [0; 12];
        let _ = stream.write_all(request.as_bytes()).await;
        if stream.read_exact(&mut told).await.is_ok() {
            assert_eq!(&told, b"HTTP/1.1 101");
            open.push(stream);
        }
    }
    assert_eq!(open.len(), 20);
    assert!(network.rpc_server.counters().refused.load(Ordering::Relaxed) >= 10);
    is_served(&network).await;
}

/// A batch that asks for the modules' interfaces again and again: its answer has about so many bytes.
async fn long_answer(network: &Network, bytes: usize) -> String {
    let one = json!({ "jsonrpc": "2.0", "id": 1, "method": "qiao_modules" });
    let length = network.raw(one.to_string()).await.body.len();
    Value::from(vec![one; bytes / length]).to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn who_takes_no_answer_is_dropped() {
    let network = impatient().await;
    let call = long_answer(&network, 5 << 20).await;
    let mut stream = attacker(address(&network.rpc)).await.unwrap();
    stream.write_all(post(&call).as_bytes()).await.unwrap();
    is_served(&network).await;
    until("slow readers are dropped", || stalled(&network.rpc_server) == 1).await;
    let told = answer(&mut stream).await;
    assert!(told.starts_with("HTTP/1.1 200") && told.len() < 4 << 20, "{}", told.len());
    is_served(&network).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_that_nobody_takes_share_a_bounded_memory() {
    let limits = Limits { held_bytes_max: 8 * 1024 * 1024, ..Limits::default() };
    let door = Door { limits, ..Door::default() };
    let network = Network::behind(door, rpc::Limits::default(), rest::Limits::default()).await;
    let call = long_answer(&network, 5 << 20).await;
    let mut streams = Vec::new();
    let mut told = Vec::new();
    for _ in 0..4 {
        let mut stream = attacker(address(&network.rpc)).await.unwrap();
        stream.write_all(post(&call).as_bytes()).await.unwrap();
        let mut status = [0; 12];
        stream.read_exact(&mut status).await.unwrap();
        told.push(String::from_utf8_lossy(&status).into_owned());
        streams.push(stream);
    }
    let (held, busy) = ("HTTP/1.1 200", "HTTP/1.1 503");
    assert_eq!(told, [held, busy, busy, busy], "8 MiB hold one answer of 5");
    is_served(&network).await;
    drop(streams);
}

#[tokio::test(flavor = "multi_thread")]
async fn long_bodies_share_a_bounded_memory() {
    let network = impatient().await;
    let to = address(&network.rpc);
    let mut sending = JoinSet::new();
    for _ in 0..16 {
        sending.spawn(async move {
            let mut stream = attacker(to).await.unwrap();
            stream.write_all(head(4 << 20).as_bytes()).await.unwrap();
            let part = vec![b' '; 1 << 20];
            for _ in 0..3 {
                if stream.write_all(&part).await.is_err() {
                    break;
                }
            }
            let mut told = [0; 12];
            let _ = stream.read_exact(&mut told).await;
            String::from_utf8_lossy(&told).into_owned()
        });
    }
    is_served(&network).await;
    let told = sending.join_all().await;
    assert!(told.iter().any(|told| told == "HTTP/1.1 503"), "{told:?}");
    let answer = network.post("/epcis/capture", document(vec![event(1)])).await;
    assert_eq!(answer.status, 202, "{}", answer.body);
    is_served(&network).await;
}

/// A frame of a WebSocket's client.
pub fn frame(text: &str) -> Vec<u8> {
    let mut frame = vec![0x81];
    match text.len() {
        short @ ..126 => frame.push(0x80 | short as u8),
        long => {
            frame.push(0x80 | 126);
            frame.extend_from_slice(&u16::try_from(long).unwrap().to_be_bytes());
        }
    }
    // A mask of zeros leaves the text as it is.
    frame.extend_from_slice(&[0; 4]);
    frame.extend_from_slice(text.as_bytes());
    frame
}

pub async fn websocket(to: SocketAddr) -> TcpStream {
    let mut stream = attacker(to).await.unwrap();
    let request = "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n\
         Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut told = Vec::new();
    while !told.ends_with(b"\r\n\r\n") {
        told.push(stream.read_u8().await.unwrap());
    }
    stream
}

#[tokio::test(flavor = "multi_thread")]
async fn a_websocket_that_takes_nothing_is_not_read_and_then_dropped() {
    let network = impatient().await;
    let mut stream = websocket(address(&network.rpc)).await;
    let call = frame(r#"{"jsonrpc":"2.0","id":1,"method":"qiao_modules"}"#);
    let calls: Vec<u8> = call.iter().copied().cycle().take(call.len() * 1_000).collect();
    // Far more calls than are ever executed: the node stops reading, then drops the connection.
    let sending = tokio::spawn(async move {
        for _ in 0..1_000 {
            if stream.write_all(&calls).await.is_err() {
                return true;
            }
        }
        false
    });
    is_served(&network).await;
    until("it is dropped", || stalled(&network.rpc_server) >= 1).await;
    assert!(sending.await.unwrap(), "a million calls were read");
    until("its place is free", || network.rpc_server.connections() <= 1).await;
    is_served(&network).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_websocket_that_sends_many_calls_gets_all_their_answers() {
    let network = Network::start().await;
    let stream = websocket(address(&network.rpc)).await;
    let (mut reader, mut writer) = stream.into_split();
    let call = frame(r#"{"jsonrpc":"2.0","id":1,"method":"eth_chainId"}"#);
    let calls: Vec<u8> = call.iter().copied().cycle().take(call.len() * 5_000).collect();
    let sending = tokio::spawn(async move {
        writer.write_all(&calls).await.unwrap();
        writer
    });
    let mut answers = 0;
    let mut all = Vec::new();
    while answers < 5_000 {
        let mut part = [0; 16 * 1024];
        let read = tokio::time::timeout(PATIENCE, reader.read(&mut part)).await.unwrap().unwrap();
        assert!(read > 0, "closed after {answers} answers");
        all.extend_from_slice(&part[..read]);
        answers = all.windows(8).filter(|window| window == b"\"0x4f24\"").count();
    }
    drop(sending.await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn subscriptions_that_are_never_read_end() {
    let network = impatient().await;
    let mut stream = websocket(address(&network.rpc)).await;
    for kind in ["newHeads"; 64] {
        let call =
            json!({ "jsonrpc": "2.0", "id": 1, "method": "eth_subscribe", "params": [kind] });
        stream.write_all(&frame(&call.to_string())).await.unwrap();
    }
    // Nothing is read from here on; blocks are made until the connection is dropped.
    let begun = Instant::now();
    while stalled(&network.rpc_server) == 0 {
        assert!(begun.elapsed() < PATIENCE, "the connection was not dropped");
        network.chain.make_block().await.unwrap();
    }
    until("its place is free", || network.rpc_server.connections() <= 1).await;
    is_served(&network).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn huge_batches_and_deep_json_do_not_hold_up_others() {
    let network = Arc::new(impatient().await);
    let deep = format!(
        r#"{{"jsonrpc":"2.0","id":1,"method":"eth_call","params":[{}{}]}}"#,
        "[".repeat(1_000_000),
        "]".repeat(1_000_000)
    );
    let one = json!({ "jsonrpc": "2.0", "id": 1, "method": "eth_getLogs", "params": [{}] });
    let batch = Value::from(vec![one.clone(); 1_000]).to_string();
    let too_many = Value::from(vec![one; 1_001]).to_string();
    let mut attackers = JoinSet::new();
    for body in [deep, batch, too_many] {
        for _ in 0..4 {
            let (network, body) = (Arc::clone(&network), body.clone());
            attackers.spawn(async move { network.raw(body).await });
        }
    }
    is_served(&network).await;
    for answer in attackers.join_all().await {
        assert!(answer.body.contains("\"jsonrpc\":\"2.0\""), "{}", answer.body.len());
    }
    is_served(&network).await;
}

#[test]
fn plain_sockets_are_refused_without_a_request() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let network = runtime.block_on(impatient());
    let mut stream = std::net::TcpStream::connect(address(&network.rest)).unwrap();
    stream.write_all(b"\x16\x03\x01 this is no HTTP\r\n\r\n").unwrap();
    let mut told = Vec::new();
    let _ = stream.read_to_end(&mut told);
    let told = String::from_utf8_lossy(&told);
    assert!(told.is_empty() || told.starts_with("HTTP/1.1 400"), "{told}");
}
