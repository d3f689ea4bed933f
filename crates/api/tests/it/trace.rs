//! Traces over HTTP.

use serde_json::{Value, json};

use crate::support::{Network, document};

fn transformation() -> Value {
    json!({
        "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],
        "type": "TransformationEvent",
        "eventTime": "2026-03-02T10:00:00.000Z",
        "eventTimeZoneOffset": "+00:00",
        "bizStep": "creating_class_instance",
        "inputQuantityList": [{
            "epcClass": "urn:epc:class:lgtin:9521321.012345.PIG7", "quantity": 80, "uom": "KGM"
        }],
        "outputQuantityList": [{
            "epcClass": "urn:epc:class:lgtin:9521321.067890.SAUSAGE7", "quantity": 60, "uom": "KGM"
        }],
        "readPoint": { "id": "urn:epc:id:sgln:9521321.00001.0" }
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_product_is_traced_to_what_it_was_made_of_in_every_spelling() {
    let network = Network::start().await;
    let job = network.captured(document(vec![transformation()])).await;
    assert_eq!(job["captured"], 1, "{job}");
    let class = "urn:epc:class:lgtin:9521321.067890.SAUSAGE7";
    let link = "https%3A%2F%2Fexample.com%2F01%2F09521321678903%2F10%2FSAUSAGE7";
    for id in [class, link, "01/09521321678903/10/SAUSAGE7"] {
        let answer = network.get(&format!("/trace/{id}?direction=back")).await;
        assert_eq!(answer.status, 200, "{id}: {}", answer.body);
        let trace = answer.json();
        assert_eq!(trace["root"], "https://id.gs1.org/01/09521321678903/10/SAUSAGE7");
        assert_eq!(trace["direction"], "back");
        let from = trace["nodes"].as_array().unwrap().iter().map(|node| &node["id"]);
        let pig = json!("https://id.gs1.org/01/09521321123458/10/PIG7");
        assert!(from.into_iter().any(|id| *id == pig), "{trace}");
        assert_eq!(trace["timeline"][0]["event"], job["eventHashes"][0]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_event_names_is_not_found() {
    let network = Network::start().await;
    let answer = network.get("/trace/01/09521321678903/10/NOTHING").await;
    assert_eq!((answer.status, &answer.json()["code"]), (404, &json!("trace.unknown")));
    let answer = network.get("/trace/01/09521321678903/10/X?direction=sideways").await;
    assert_eq!((answer.status, &answer.json()["code"]), (400, &json!("rest.query")));
    let answer = network.get("/trace/01/09521321678904/10/X").await;
    assert_eq!((answer.status, &answer.json()["code"]), (400, &json!("trace.identifier")));
}
