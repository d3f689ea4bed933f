//! Named queries and subscriptions.

use std::{sync::Arc, time::Duration};

use axum::{Router, extract::State, http::HeaderMap, routing::post};
use qiao_api::{
    Door,
    door::{self, Kind, Server, Tls},
    rest::{self, Receivers},
    rpc,
};
use serde_json::{Value, json};
use tokio::sync::Mutex;

use crate::{
    keys::certificate,
    support::{Answer, Network, document, event, send},
};

pub type Reports = Arc<Mutex<Vec<(HeaderMap, Value)>>>;

/// A subscriber: what it was sent.
pub async fn receiver() -> (String, Reports) {
    let reports = Reports::default();
    let routes = taking(&reports);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, routes).await });
    (format!("http://{address}/reports"), reports)
}

fn taking(reports: &Reports) -> Router {
    let take = |State(reports): State<Reports>, headers: HeaderMap, body: String| async move {
        reports.lock().await.push((headers, serde_json::from_str(&body).unwrap()));
    };
    Router::new().route("/reports", post(take)).with_state(reports.clone())
}

/// A subscriber that speaks TLS, with a certificate of the authority of these tests for `localhost`.
async fn secure_receiver() -> (Server, Reports) {
    let reports = Reports::default();
    let tls = Tls::open(&certificate("node.pem"), &certificate("node.key")).unwrap();
    let door = Door { tls: Some(tls), ..Door::default() };
    let any = ([127, 0, 0, 1], 0).into();
    let server = door::serve(any, taking(&reports), door, Kind::Pages).await.unwrap();
    (server, reports)
}

async fn name_query(network: &Network, name: &str, query: Value) -> Answer {
    network.post("/epcis/queries", json!({ "name": name, "query": query }).to_string()).await
}

async fn delete(network: &Network, path: &str) -> u16 {
    send("DELETE", format!("{}{path}", network.rest), Vec::new(), Vec::new()).await.status
}

fn listed(document: &Value) -> usize {
    let results = &document["epcisBody"]["queryResults"]["resultsBody"];
    results["eventList"].as_array().unwrap().len()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_is_named_asked_and_forgotten() {
    let network = Network::start().await;
    network.captured(document((0..3).map(event).collect())).await;
    let query = json!({ "EQ_bizStep": ["shipping", "receiving"], "eventType": ["ObjectEvent"] });
    let made = name_query(&network, "outgoing", query.clone()).await;
    assert_eq!((made.status, made.header("location")), (201, Some("/epcis/queries/outgoing")));
    let again = name_query(&network, "outgoing", query.clone()).await;
    assert_eq!(again.status, 409);
    assert_eq!(again.json()["type"], "epcisException:ResourceAlreadyExistsException");
    assert_eq!(network.get("/epcis/queries/outgoing").await.json()["query"], query);
    assert_eq!(network.get("/epcis/queries").await.json()[0]["name"], "outgoing");
    let first = network.get("/epcis/queries/outgoing/events?perPage=2").await;
    assert_eq!(listed(&first.json()), 2, "{}", first.body);
    assert_eq!(first.json()["epcisBody"]["queryResults"]["queryName"], "outgoing");
    let link = first.header("link").unwrap().to_owned();
    assert_eq!(listed(&network.get(&link[1..link.find('>').unwrap()]).await.json()), 1);
    let other = network.get("/epcis/queries/outgoing/events?EQ_action=ADD").await;
    assert_eq!(other.status, 400);
    assert_eq!(delete(&network, "/epcis/queries/outgoing").await, 204);
    assert_eq!(delete(&network, "/epcis/queries/outgoing").await, 404);
    assert_eq!(network.get("/epcis/queries/outgoing/events").await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_that_cannot_be_asked_is_not_named() {
    let network = Network::start().await;
    let unknown = name_query(&network, "a", json!({ "EQ_colour": "red" })).await;
    assert_eq!(unknown.json()["type"], "epcisException:QueryParameterException");
    for body in
        ["{}", "[]", r#"{"name": "", "query": {}}"#, r#"{"name": "a", "query": {"eventType": {}}}"#]
    {
        let answer = network.post("/epcis/queries", body).await;
        assert_eq!((answer.status, &answer.json()["code"]), (400, &json!("rest.query_document")));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscriber_is_sent_what_matches_and_each_event_once() {
    let network = Network::start().await;
    let (url, reports) = receiver().await;
    name_query(&network, "all", json!({ "EQ_bizStep": "shipping" })).await;
    let past = "2000-01-01T00:00:00Z";
    let wanted = json!({ "dest": url, "stream": true, "signatureToken": "secret",
        "initialRecordTime": past });
    let made = network.post("/epcis/queries/all/subscriptions", wanted.to_string()).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let id = made.json()["subscriptionID"].as_str().unwrap().to_owned();
    assert!(made.json().get("signatureToken").is_none());
    for serial in 0..3 {
        network.captured(document(vec![event(serial)])).await;
    }
    let mut seen = 0;
    for _ in 0..500 {
        seen = reports.lock().await.iter().map(|(_, report)| listed(report)).sum();
        if seen >= 3 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(seen, 3);
    let (headers, report) = reports.lock().await[0].clone();
    assert_eq!(headers["gs1-signature"].len(), 64);
    let results = &report["epcisBody"]["queryResults"];
    assert_eq!((&results["queryName"], &results["subscriptionID"]), (&json!("all"), &json!(id)));
    let path = format!("/epcis/queries/all/subscriptions/{id}");
    assert_eq!(network.get(&path).await.json()["dest"], url);
    let list = network.get("/epcis/queries/all/subscriptions").await.json();
    assert_eq!(list.as_array().unwrap().len(), 1);
    assert_eq!(delete(&network, &path).await, 204);
    assert_eq!(network.get(&path).await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscription_needs_controls_and_a_receiver_that_is_allowed() {
    let network = Network::start().await;
    name_query(&network, "all", json!({})).await;
    name_query(&network, "few", json!({ "eventCountLimit": 1 })).await;
    let local = "http://127.0.0.1:9/";
    for (query, wanted, kind) in [
        ("all", json!({ "dest": local }), "SubscriptionControlsException"),
        ("all", json!({ "dest": local, "schedule": {} }), "SubscriptionControlsException"),
        (
            "all",
            json!({ "dest": local, "schedule": { "hour": "24" } }),
            "SubscriptionControlsException",
        ),
        ("all", json!({ "dest": "http://10.0.0.1/", "stream": true }), "InvalidURIException"),
        ("all", json!({ "dest": "https://localhost/", "stream": true }), "InvalidURIException"),
        ("all", json!({ "dest": "nowhere", "stream": true }), "InvalidURIException"),
        ("few", json!({ "dest": local, "stream": true }), "SubscribeNotPermittedException"),
    ] {
        let path = format!("/epcis/queries/{query}/subscriptions");
        let answer = network.post(&path, wanted.to_string()).await;
        assert_eq!(answer.status, 400, "{wanted}: {}", answer.body);
        assert_eq!(answer.json()["type"], format!("epcisException:{kind}"), "{wanted}");
    }
    let path = "/epcis/queries/none/subscriptions";
    let answer = network.post(path, json!({ "dest": local, "stream": true }).to_string()).await;
    assert_eq!(answer.status, 404);
}

/// A node that may report over TLS to this port of its own machine.
async fn reporting_to(port: u16, authority: &str) -> Network {
    let origins = [format!("https://localhost:{port}")];
    let authority = std::fs::read(certificate(authority)).unwrap();
    let receivers = Receivers::new(&origins, false, Some(&authority)).unwrap();
    let limits = rest::Limits { receivers, ..rest::Limits::default() };
    Network::behind(Door::default(), rpc::Limits::default(), limits).await
}

#[tokio::test(flavor = "multi_thread")]
async fn reports_go_over_tls_to_origins_that_the_operator_allows() {
    let (server, reports) = secure_receiver().await;
    let port = server.address().port();
    let network = reporting_to(port, "authority.pem").await;
    name_query(&network, "all", json!({})).await;
    let path = "/epcis/queries/all/subscriptions";
    let dest = format!("https://localhost:{port}/reports");
    let made = network.post(path, json!({ "dest": dest, "stream": true }).to_string()).await;
    assert_eq!(made.status, 201, "{}", made.body);
    for dest in [format!("https://localhost:{}/", port ^ 1), format!("https://127.0.0.1:{port}/")] {
        let made = network.post(path, json!({ "dest": dest, "stream": true }).to_string()).await;
        assert_eq!(made.json()["type"], "epcisException:InvalidURIException", "{dest}");
        assert!(made.body.contains("webhook_origins"), "{}", made.body);
    }
    network.captured(document(vec![event(1)])).await;
    for _ in 0..500 {
        if let Some((_, report)) = reports.lock().await.first() {
            assert_eq!(listed(report), 1);
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("no report came");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_whose_certificate_nobody_vouches_for_is_told_nothing() {
    let (server, secure) = secure_receiver().await;
    let port = server.address().port();
    // The receiver's own certificate is no authority's.
    let network = reporting_to(port, "node.pem").await;
    let (plain_url, plain) = receiver().await;
    name_query(&network, "all", json!({})).await;
    for dest in [format!("https://localhost:{port}/reports"), plain_url] {
        let wanted = json!({ "dest": dest, "stream": true }).to_string();
        let made = network.post("/epcis/queries/all/subscriptions", wanted).await;
        assert_eq!(made.status, 201, "{}", made.body);
    }
    network.captured(document(vec![event(1)])).await;
    // Subscriptions are served in their order.
    for _ in 0..500 {
        if !plain.lock().await.is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(plain.lock().await.len(), 1);
    assert!(secure.lock().await.is_empty());
    let kept = network.get("/epcis/queries/all/subscriptions").await.json();
    assert!(kept[0].get("lastNotifiedAt").is_none(), "{kept}");
    assert!(kept[1]["lastNotifiedAt"].is_string(), "{kept}");
}
