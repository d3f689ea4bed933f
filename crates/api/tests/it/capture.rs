//! Events in.

use std::sync::Arc;

use qiao_api::Chain;
use qiao_devchain::DevChain;
use serde_json::{Value, json};

use crate::support::{KEYS, Network, document, event, fixtures, genesis, send, signer};

#[tokio::test(flavor = "multi_thread")]
async fn every_valid_document_of_the_fixtures_is_captured() {
    let network = Network::start().await;
    for folder in ["epcis/capture", "epcis/events", "epcis/query", "fsma204"] {
        for (name, bytes) in fixtures(folder).unwrap_or_default() {
            let job = network.captured(bytes).await;
            assert_eq!(job["success"], true, "{name}: {job}");
            let (captured, duplicates) = (&job["captured"], &job["duplicates"]);
            let settled = captured.as_u64().unwrap() + duplicates.as_u64().unwrap();
            assert_eq!(settled, job["events"].as_u64().unwrap(), "{name}: {job}");
            assert_eq!(job["eventHashes"].as_array().unwrap().len() as u64, settled, "{name}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_single_event_of_the_fixtures_is_captured_by_itself() {
    let network = Network::start().await;
    for (name, bytes) in fixtures("epcis/events").unwrap_or_default() {
        let answer = network.post("/epcis/events", bytes.clone()).await;
        assert_eq!(answer.status, 201, "{name}: {}", answer.body);
        let location = answer.header("location").unwrap().to_owned();
        let found = network.get(&location).await;
        assert_eq!(found.status, 200, "{name}: {}", found.body);
        let again = network.post("/epcis/events", bytes.clone()).await;
        assert_eq!((again.status, again.json()), (200, answer.json()), "{name}");
        let event: Value = serde_json::from_slice(&bytes).unwrap();
        assert_eq!(
            (&answer.json()["type"], &again.json()["type"]),
            (&event["type"], &event["type"])
        );
        let told = ["qiao-capture", "qiao-transaction"].map(|name| answer.header(name).is_some());
        assert_eq!((told, again.header("qiao-transaction")), ([true, true], None), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_invalid_document_of_the_fixtures_is_refused_with_its_rule() {
    let network = Network::start().await;
    let expected = [
        ("Combination_of_events_with_missing", "epcis.missing_field", "eventList[0].action"),
        ("Combination_of_non_standard", "epcis.unknown_word", "eventList[0].bizStep"),
        ("ilmd_field_without_namespace", "epcis.unknown_field", "ilmd"),
        ("invalid_certificationInfo", "epcis.wrong_type", "certificationInfo"),
        ("non_standard_bizStep", "epcis.unknown_word", "bizStep"),
        ("non_standard_disposition", "epcis.unknown_word", "disposition"),
        ("unknown_field_in_quantityList", "epcis.unknown_field", "quantityList[0]"),
        ("without_identifier_list", "epcis.missing_identifiers", "eventList[0]"),
    ];
    for (name, bytes) in fixtures("epcis/invalid").unwrap_or_default() {
        let answer = network.post("/epcis/capture", bytes).await;
        assert_eq!(answer.status, 400, "{name}: {}", answer.body);
        assert_eq!(answer.header("content-type"), Some("application/problem+json"));
        let problem = answer.json();
        assert_eq!(problem["type"], "epcisException:ValidationException");
        let (_, code, field) =
            expected.iter().find(|(part, ..)| name.contains(part)).expect("the file is known");
        let first = &problem["errors"][0];
        assert_eq!(first["code"], *code, "{name}: {problem}");
        assert_eq!(first["event"], 0, "{name}: {problem}");
        assert!(first["field"].as_str().unwrap().contains(field), "{name}: {problem}");
    }
    assert_eq!(network.chain.head().number, 0, "nothing was written");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_of_many_events_takes_several_transactions() {
    let network = Network::start().await;
    let job = network.captured(document((0..2_500).map(event).collect())).await;
    assert_eq!(job["captured"], 2_500, "{}", job["captureErrors"]);
    assert_eq!(job["transactions"].as_array().unwrap().len(), 3);
    let again = network.captured(document((0..2_500).map(event).collect())).await;
    assert_eq!((&again["captured"], &again["duplicates"]), (&json!(0), &json!(2_500)));
    assert_eq!(again["eventHashes"], job["eventHashes"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_twice_in_one_document_is_recorded_once() {
    let network = Network::start().await;
    let job = network.captured(document(vec![event(1), event(1), event(2)])).await;
    assert_eq!((&job["captured"], &job["duplicates"]), (&json!(2), &json!(1)));
}

#[tokio::test(flavor = "multi_thread")]
async fn captures_at_the_same_time_share_one_account() {
    let network = Arc::new(Network::start().await);
    let captures: Vec<_> = (0..16)
        .map(|nth| {
            let network = Arc::clone(&network);
            tokio::spawn(async move { network.captured(document(vec![event(nth)])).await })
        })
        .collect();
    for capture in captures {
        let job = capture.await.unwrap();
        assert_eq!((&job["success"], &job["captured"]), (&json!(true), &json!(1)), "{job}");
    }
    let nonce = network.chain.next_nonce(signer(KEYS[0]).address()).await.unwrap();
    assert_eq!(nonce, 16);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_account_must_speak_for_the_party_that_is_named() {
    let network = Network::start().await;
    let own = network.post("/epcis/capture?party=1", document(vec![event(1)])).await;
    assert_eq!(own.status, 202, "{}", own.body);
    let other = network.post("/epcis/capture?party=2", document(vec![event(1)])).await;
    assert_eq!(other.status, 403, "{}", other.body);
    assert_eq!(other.json()["code"], "traceability.not_authorised");
    let headers =
        vec![("Content-Type", "application/json".to_owned()), ("Qiao-Party", "2".to_owned())];
    let url = format!("{}/epcis/events", network.rest);
    let named = send("POST", url.clone(), headers, event(1).to_string().into_bytes()).await;
    assert_eq!(named.status, 403, "{}", named.body);
    let headers =
        vec![("Content-Type", "application/json".to_owned()), ("Qiao-Party", "one".to_owned())];
    let unclear = send("POST", url, headers, event(1).to_string().into_bytes()).await;
    assert_eq!((unclear.status, &unclear.json()["code"]), (400, &json!("capture.party")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_without_an_account_says_so() {
    let chain = DevChain::start(genesis(), None).await.unwrap();
    let capturer = qiao_api::capture::Capturer::new(chain);
    let error = capturer.prepare(None, &[]).await.unwrap_err();
    assert_eq!(error.code(), "capture.no_signer");
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_are_listed_from_the_newest_on_in_pages() {
    let network = Network::start().await;
    for serial in 0..5 {
        network.captured(document(vec![event(serial)])).await;
    }
    let mut seen: Vec<String> = Vec::new();
    let mut next = Some("/epcis/capture?perPage=2".to_owned());
    while let Some(path) = next {
        let answer = network.get(&path).await;
        let page: Vec<Value> = serde_json::from_str(&answer.body).unwrap();
        assert!(page.len() <= 2);
        seen.extend(page.iter().map(|job| job["captureID"].as_str().unwrap().to_owned()));
        next = answer.header("link").map(|link| {
            assert!(link.ends_with("; rel=\"next\""));
            link[1..link.find('>').unwrap()].to_owned()
        });
    }
    assert_eq!(seen.len(), 5);
    assert!(seen.is_sorted_by(|newer, older| newer > older));
    let unknown = network.get("/epcis/capture/nothing").await;
    assert_eq!((unknown.status, &unknown.json()["code"]), (404, &json!("capture.unknown_job")));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_server_speaks_is_told_in_headers() {
    let network = Network::start().await;
    let url = format!("{}/epcis/capture", network.rest);
    let answer = send("OPTIONS", url.clone(), Vec::new(), Vec::new()).await;
    assert_eq!(answer.status, 204);
    assert_eq!(answer.header("gs1-epcis-version"), Some("2.0.0"));
    assert_eq!(answer.header("gs1-capture-error-behaviour"), Some("rollback"));
    assert_eq!(answer.header("gs1-epcis-capture-file-size-limit"), Some("16777216"));
    let perhaps = vec![
        ("Content-Type", "application/json".to_owned()),
        ("GS1-Capture-Error-Behaviour", "perhaps".to_owned()),
    ];
    let answer = send("POST", url, perhaps, document(vec![event(1)]).into_bytes()).await;
    assert_eq!((answer.status, &answer.json()["code"]), (400, &json!("capture.error_behaviour")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_waits_for_a_chain_that_stands_still() {
    let network = Network::start().await;
    network.chain.pause();
    let answer = network.post("/epcis/capture", document(vec![event(1)])).await;
    assert_eq!(answer.status, 202, "{}", answer.body);
    let location = answer.header("location").unwrap().to_owned();
    let transaction = sent(&network, &location).await;
    assert_eq!(network.get(&location).await.json()["running"], true);
    network.chain.make_block().await.unwrap();
    let job = network.finished(&location).await;
    assert_eq!((&job["captured"], &job["transactions"]), (&json!(1), &json!([transaction])));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_that_the_pool_lost_is_submitted_again() {
    let network = Network::start().await;
    network.chain.pause();
    let answer = network.post("/epcis/capture", document(vec![event(1)])).await;
    let location = answer.header("location").unwrap().to_owned();
    let transaction = sent(&network, &location).await;
    let hash = transaction.as_str().unwrap().parse().unwrap();
    network.chain.forget(&hash);
    network.chain.make_block().await.unwrap();
    for _ in 0..500 {
        if network.chain.pooled(hash).is_some() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    network.chain.make_block().await.unwrap();
    let job = network.finished(&location).await;
    assert_eq!((&job["success"], &job["transactions"]), (&json!(true), &json!([transaction])));
}

/// The hash of a job's transaction, once it was sent.
async fn sent(network: &Network, location: &str) -> Value {
    for _ in 0..500 {
        let job = network.get(location).await.json();
        if let Some(hash) = job["transactions"].get(0) {
            return hash.clone();
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("nothing was sent");
}
