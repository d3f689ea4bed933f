//! What a partner's subscriptions report: fields of its profile, by webhook and by WebSocket.

use std::{future::Future, time::Duration};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

use crate::{
    queries::{Reports, receiver},
    sharing::{SECRETS, Shared, delivery},
};

/// How long anything may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// Waits until something is so.
async fn until<F: Future<Output = bool>>(what: &str, is_so: impl Fn() -> F) {
    let waiting = async {
        while !is_so().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(PATIENCE, waiting).await.unwrap_or_else(|_| panic!("{what}: never"));
}

fn events_of(report: &Value) -> Vec<Value> {
    let list = report.pointer("/epcisBody/queryResults/resultsBody/eventList");
    list.and_then(Value::as_array).cloned().unwrap_or_default()
}

/// All events that a receiver was sent.
async fn received(reports: &Reports) -> Vec<Value> {
    reports.lock().await.iter().flat_map(|(_, report)| events_of(report)).collect()
}

/// Which secrets a text tells.
fn told(text: &str) -> Vec<&'static str> {
    SECRETS.into_iter().filter(|secret| text.contains(secret)).collect()
}

impl Shared {
    async fn capture(&self, serial: u64) {
        let event = delivery(serial).to_string();
        let captured = self.ask(&self.own, "POST", "/epcis/events", &event).await;
        assert_eq!(captured.status, 201, "{}", captured.body);
    }

    async fn name_query(&self, name: &str, query: Value) {
        let body = json!({ "name": name, "query": query }).to_string();
        let made = self.ask(&self.own, "POST", "/epcis/queries", &body).await;
        assert_eq!(made.status, 201, "{}", made.body);
    }

    /// Subscribes, for the partner or for the node's own people; the status and the code of the answer.
    async fn subscribe(&self, query: &str, dest: &str, partner: Option<&str>) -> (u16, Value) {
        let mut body = json!({ "dest": dest, "stream": true });
        if let Some(partner) = partner {
            body["partner"] = json!(partner);
        }
        let path = format!("/epcis/queries/{query}/subscriptions");
        let answer = self.ask(&self.own, "POST", &path, &body.to_string()).await;
        (answer.status, answer.json()["code"].clone())
    }

    /// Asks for a WebSocket with a key, and reads the head of the answer.
    async fn socket(&self, key: &str, query: &str) -> (TcpStream, String) {
        let authority = self.network.rest.trim_start_matches("http://");
        let mut stream = TcpStream::connect(authority).await.unwrap();
        let request = format!(
            "GET /epcis/queries/{query}/events?stream=true HTTP/1.1\r\nHost: {authority}\r\n\
             Authorization: Bearer {key}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.unwrap());
        }
        (stream, String::from_utf8(head).unwrap())
    }

    /// A WebSocket that was opened.
    async fn opened(&self, key: &str, query: &str) -> TcpStream {
        let (stream, head) = self.socket(key, query).await;
        assert!(head.starts_with("HTTP/1.1 101"), "{head}");
        stream
    }
}

/// What a server sends: a text, or the code with which it closes.
#[derive(Debug, PartialEq, Eq)]
enum Sent {
    Text(String),
    Closed(u16),
}

/// The next text or the end of a WebSocket.
async fn next(stream: &mut TcpStream) -> Sent {
    let reading = async {
        loop {
            let kind = stream.read_u8().await.unwrap() & 0x0f;
            let length = match stream.read_u8().await.unwrap() {
                126 => usize::from(stream.read_u16().await.unwrap()),
                127 => usize::try_from(stream.read_u64().await.unwrap()).unwrap(),
                short => usize::from(short),
            };
            let mut bytes = vec![0; length];
            stream.read_exact(&mut bytes).await.unwrap();
            match kind {
                1 => return Sent::Text(String::from_utf8(bytes).unwrap()),
                8 => return Sent::Closed(u16::from_be_bytes([bytes[0], bytes[1]])),
                _ => {}
            }
        }
    };
    timeout(PATIENCE, reading).await.expect("nothing was sent")
}

/// The next report of a WebSocket, with its events.
async fn report(stream: &mut TcpStream) -> (String, Vec<Value>) {
    match next(stream).await {
        Sent::Text(text) => {
            let events = events_of(&serde_json::from_str(&text).unwrap());
            (text, events)
        }
        closed => panic!("{closed:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_for_a_partner_shows_what_the_profile_shows_at_that_time() {
    let shared = Shared::start().await;
    shared.show(&["quantity", "bizStep"]).await;
    shared.name_query("all", json!({ "eventType": "ObjectEvent" })).await;
    let (own_url, own) = receiver().await;
    let (url, partners) = receiver().await;
    assert_eq!(shared.subscribe("all", &own_url, None).await.0, 201);
    assert_eq!(shared.subscribe("all", &url, Some("acme")).await.0, 201);

    shared.capture(1).await;
    until("two reports", || async {
        received(&own).await.len() == 1 && received(&partners).await.len() == 1
    })
    .await;
    let (full, seen) = (received(&own).await.remove(0), received(&partners).await.remove(0));
    assert_eq!(told(&full.to_string()).len(), SECRETS.len(), "{full}");
    assert!(full["eventID"].is_string());
    assert_eq!(told(&seen.to_string()), ["417.25", "KGM", "shipping"], "{seen}");
    assert!(seen.get("eventID").is_none(), "{seen}");

    // A profile that is narrowed, and one that is gone, count from the next report on.
    shared.show(&[]).await;
    shared.capture(2).await;
    until("a second report", || async { received(&partners).await.len() == 2 }).await;
    let gone = shared.ask(&shared.own, "DELETE", "/partners/acme", "").await;
    assert_eq!(gone.status, 204);
    shared.capture(3).await;
    until("a third report", || async { received(&partners).await.len() == 3 }).await;
    let whole: Vec<String> =
        partners.lock().await.iter().skip(1).map(|(_, report)| report.to_string()).collect();
    whole.iter().for_each(|text| assert!(told(text).is_empty(), "{:?} in {text}", told(text)));
}

#[tokio::test(flavor = "multi_thread")]
async fn no_report_tells_by_its_filter_what_the_profile_hides() {
    let shared = Shared::start().await;
    shared.show(&["bizStep"]).await;
    shared.name_query("shipped", json!({ "EQ_bizStep": "shipping" })).await;
    shared.name_query("dear", json!({ "GE_quantity": 400 })).await;
    let (url, reports) = receiver().await;
    let refused = shared.subscribe("dear", &url, Some("acme")).await;
    assert_eq!(refused, (403, json!("sharing.hidden")));
    let (_, head) = shared.socket(&shared.partner, "dear").await;
    assert!(head.starts_with("HTTP/1.1 403"), "{head}");

    assert_eq!(shared.subscribe("shipped", &url, Some("acme")).await.0, 201);
    let mut socket = shared.opened(&shared.partner, "shipped").await;
    shared.capture(1).await;
    assert_eq!(report(&mut socket).await.1.len(), 1);
    until("a report", || async { received(&reports).await.len() == 1 }).await;

    // Once the business step is hidden, that an event is reported would tell it.
    shared.show(&["quantity"]).await;
    shared.capture(2).await;
    assert_eq!(next(&mut socket).await, Sent::Closed(1008));
    let (_, head) = shared.socket(&shared.partner, "shipped").await;
    assert!(head.starts_with("HTTP/1.1 403"), "{head}");
    assert_eq!(received(&reports).await.len(), 1);
    // When it is shown again, what was held back is reported.
    shared.show(&["bizStep"]).await;
    until("the second report", || async { received(&reports).await.len() == 2 }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_websocket_of_a_partner_shows_what_the_profile_shows_at_that_time() {
    let shared = Shared::start().await;
    shared.show(&["quantity", "bizStep"]).await;
    shared.name_query("all", json!({ "eventType": "ObjectEvent" })).await;
    let mut own = shared.opened(&shared.own, "all").await;
    let mut partner = shared.opened(&shared.partner, "all").await;

    shared.capture(1).await;
    let (full, events) = report(&mut own).await;
    assert_eq!((told(&full).len(), events.len()), (SECRETS.len(), 1), "{full}");
    let (seen, events) = report(&mut partner).await;
    assert_eq!(told(&seen), ["417.25", "KGM", "shipping"], "{seen}");
    assert!(events.len() == 1 && events[0].get("eventID").is_none(), "{seen}");

    shared.show(&[]).await;
    shared.capture(2).await;
    let (seen, events) = report(&mut partner).await;
    assert_eq!((told(&seen), events.len()), (Vec::new(), 1), "{seen}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_sealed_for_the_node_is_in_its_own_reports_and_in_no_partners() {
    let shared = Shared::start().await;
    shared.show(&["all"]).await;
    shared.name_query("all", json!({ "eventType": "ObjectEvent" })).await;
    let (own_url, own) = receiver().await;
    let (url, partners) = receiver().await;
    assert_eq!(shared.subscribe("all", &own_url, None).await.0, 201);
    assert_eq!(shared.subscribe("all", &url, Some("acme")).await.0, 201);
    let mut socket = shared.opened(&shared.partner, "all").await;
    let mut own_socket = shared.opened(&shared.own, "all").await;
    let headers = vec![
        ("Content-Type", "application/ld+json".to_owned()),
        ("Authorization", format!("Bearer {}", shared.own)),
        ("Qiao-Seal", "farm:price; quantity".to_owned()),
    ];
    let url = format!("{}/epcis/events", shared.network.rest);
    let body = delivery(1).to_string().into_bytes();
    let captured = crate::support::send("POST", url, headers, body).await;
    assert_eq!(captured.status, 201, "{}", captured.body);
    until("two reports", || async {
        received(&own).await.len() == 1 && received(&partners).await.len() == 1
    })
    .await;
    for opened in [received(&own).await[0].to_string(), report(&mut own_socket).await.0] {
        assert!(opened.contains("73915.27") && opened.contains("417.25"), "{opened}");
    }
    for closed in [received(&partners).await[0].to_string(), report(&mut socket).await.0] {
        assert!(!closed.contains("73915.27") && !closed.contains("417.25"), "{closed}");
        assert!(closed.contains("Duroc") && closed.contains("qiao:sealed"), "{closed}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_websocket_ends_when_its_key_is_taken_out() {
    let shared = Shared::start().await;
    shared.show(&["all"]).await;
    shared.name_query("all", json!({ "eventType": "ObjectEvent" })).await;
    let mut own = shared.opened(&shared.own, "all").await;
    let mut partner = shared.opened(&shared.partner, "all").await;
    shared.forget_keys();
    assert_eq!(next(&mut own).await, Sent::Closed(1008));
    assert_eq!(next(&mut partner).await, Sent::Closed(1008));
}
