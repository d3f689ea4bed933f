//! Master data is kept by the node and answers questions about places.

use serde_json::{Value, json};

use crate::support::{Network, document, event, send};

const WAREHOUSE: &str = "urn:epc:id:sgln:9521321.00001.0";
const YARD: &str = "https://id.gs1.org/414/9521321000018";
const COUNTRY: &str = "urn:epcglobal:cbv:mda#countryCode";

/// A document with master data of places, and these events.
fn with_places(places: Value, events: Vec<Value>) -> String {
    let mut whole: Value = serde_json::from_str(&document(events)).unwrap();
    whole["epcisHeader"] = json!({ "epcisMasterData": { "vocabularyList": [{
        "type": "urn:epcglobal:epcis:vtype:BusinessLocation", "vocabularyElementList": places,
    }] } });
    whole.to_string()
}

async fn found(network: &Network, query: &str) -> usize {
    let answer = network.get(&format!("/epcis/events?{query}")).await;
    assert_eq!(answer.status, 200, "{query}: {}", answer.body);
    let list = &answer.json()["epcisBody"]["queryResults"]["resultsBody"]["eventList"];
    list.as_array().unwrap().len()
}

#[tokio::test(flavor = "multi_thread")]
async fn attributes_of_places_find_the_events_there() {
    let network = Network::start().await;
    let mut elsewhere = event(2);
    elsewhere["readPoint"] = json!({ "id": "urn:epc:id:sgln:9521321.00002.0" });
    let places = json!([
        { "id": WAREHOUSE, "attributes": [{ "id": COUNTRY, "attribute": "NL" }] },
        { "id": "urn:epc:id:sgln:9521321.00003.0", "children": [WAREHOUSE] },
    ]);
    let has = "HASATTR_readPoint=urn%3Aepcglobal%3Acbv%3Amda%23countryCode";
    assert_eq!(found(&network, has).await, 0);
    network.captured(with_places(places, vec![event(1), elsewhere])).await;
    assert_eq!(found(&network, has).await, 1);
    let is = "EQATTR_readPoint_urn%3Aepcglobal%3Acbv%3Amda%23countryCode";
    assert_eq!(found(&network, &format!("{is}=NL")).await, 1);
    assert_eq!(found(&network, &format!("{is}=DE")).await, 0);
    assert_eq!(found(&network, &format!("{is}=DE%7CNL&EQ_bizStep=shipping")).await, 1);
    assert_eq!(found(&network, "HASATTR_bizStep=anything").await, 0);
    let within = "WD_readPoint=urn:epc:id:sgln:9521321.00003.0";
    assert_eq!(found(&network, within).await, 1);
    assert_eq!(found(&network, "EQ_readPoint=urn:epc:id:sgln:9521321.00003.0").await, 0);

    // Alone, in the other notation of the same place: a new value in place of the old one.
    let moved = json!([{ "id": YARD, "attributes": [{ "id": COUNTRY, "attribute": "DE" }] }]);
    let job = network.captured(with_places(moved, Vec::new())).await;
    assert_eq!((&job["success"], &job["events"]), (&json!(true), &json!(0)));
    let changed =
        (found(&network, &format!("{is}=DE")).await, found(&network, &format!("{is}=NL")).await);
    assert_eq!(changed, (1, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_that_is_refused_leaves_no_master_data() {
    let network = Network::start().await;
    network.captured(document(vec![event(1)])).await;
    let mut wrong = event(3);
    wrong["action"] = json!("SEE");
    let places = json!([{ "id": WAREHOUSE, "attributes": [{ "id": COUNTRY, "attribute": "NL" }] }]);
    let answer = network.post("/epcis/capture", with_places(places, vec![wrong])).await;
    assert_eq!(answer.status, 400);
    let has = "HASATTR_readPoint=urn%3Aepcglobal%3Acbv%3Amda%23countryCode";
    assert_eq!(found(&network, has).await, 0);
    let long = json!([{ "id": WAREHOUSE, "attributes": [{ "id": COUNTRY, "attribute": "x".repeat(5_000) }] }]);
    let answer = network.post("/epcis/capture", with_places(long, Vec::new())).await;
    assert_eq!((answer.status, &answer.json()["code"]), (413, &json!("epcis.limit_master_data")));
    assert_eq!(network.post("/epcis/capture", document(Vec::new())).await.status, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn proceeding_captures_what_is_valid_and_names_the_rest() {
    let network = Network::start().await;
    let (mut wrong, mut large) = (event(2), event(4));
    wrong["action"] = json!("SEE");
    large["ext:note"] = json!("x".repeat(60_000));
    large["@context"] = json!([large["@context"][0], { "ext": "https://ext.example/" }]);
    let events = vec![event(1), wrong, event(3), large];
    let headers = || {
        vec![
            ("Content-Type", "application/ld+json".to_owned()),
            ("GS1-Capture-Error-Behaviour", "proceed".to_owned()),
        ]
    };
    let url = format!("{}/epcis/capture", network.rest);
    let body = document(events).into_bytes();
    let answer = send("POST", url.clone(), headers(), body).await;
    assert_eq!(answer.status, 202, "{}", answer.body);
    let job = network.finished(answer.header("location").unwrap()).await;
    assert_eq!(job["captureErrorBehaviour"], "proceed");
    assert_eq!((&job["success"], &job["captured"]), (&json!(false), &job["events"]), "{job}");
    assert_eq!(job["errors"][0]["event"], 1, "{job}");
    assert_eq!(job["errors"][0]["field"], "eventList[1].action");
    assert!(found(&network, "EQ_bizStep=shipping").await >= 2);
    // What is wrong with the document itself refuses all of it.
    let answer = send("POST", url, headers(), b"{\"type\":\"EPCISDocument\"}".to_vec()).await;
    assert_eq!(answer.status, 400);
}
