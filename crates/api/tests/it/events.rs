//! Events out.

use serde_json::{Value, json};

use crate::support::{Network, document, event};

fn listed(document: &Value) -> &Vec<Value> {
    document["epcisBody"]["queryResults"]["resultsBody"]["eventList"].as_array().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn events_are_found_by_urn_and_by_digital_link_alike() {
    let network = Network::start().await;
    network.captured(document((0..10).map(event).collect())).await;
    let urn = "urn:epc:id:sgtin:9521321.012345.7";
    let link = "https%3A%2F%2Fexample.com%2F01%2F09521321123458%2F21%2F7";
    for id in [urn, link] {
        let answer = network.get(&format!("/epcis/events?MATCH_epc={id}")).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        let found = answer.json();
        assert_eq!(found["type"], "EPCISQueryDocument");
        assert_eq!(listed(&found).len(), 1, "{id}");
        assert_eq!(listed(&found)[0]["epcList"][0], urn);
        assert!(listed(&found)[0]["recordTime"].is_string());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_lead_through_all_events_once() {
    let network = Network::start().await;
    network.captured(document((0..25).map(event).collect())).await;
    let mut seen = std::collections::BTreeSet::new();
    let mut pages = 0;
    let mut next = Some("/epcis/events?EQ_bizStep=shipping&perPage=10".to_owned());
    while let Some(path) = next {
        let answer = network.get(&path).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        for event in listed(&answer.json()) {
            assert!(seen.insert(event["eventID"].as_str().unwrap().to_owned()));
        }
        next = answer.header("link").map(|link| link[1..link.find('>').unwrap()].to_owned());
        pages += 1;
    }
    assert_eq!((seen.len(), pages), (25, 3));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_out_has_the_hash_of_what_went_in() {
    let network = Network::start().await;
    let job = network.captured(document((0..5).map(event).collect())).await;
    let out = network.get("/epcis/events?orderBy=recordTime&orderDirection=ASC").await;
    let limits = qiao_epcis::Limits::DOCUMENT;
    let parsed = qiao_epcis::parse(out.body.as_bytes(), &limits).unwrap();
    let hashes: Vec<_> = parsed.events.iter().map(|event| event.hash().to_string()).collect();
    assert_eq!(json!(hashes), job["eventHashes"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_is_found_by_its_hash_in_every_spelling() {
    let network = Network::start().await;
    let job = network.captured(document(vec![event(1)])).await;
    let id = job["eventHashes"][0].as_str().unwrap();
    let digits = &id["ni:///sha-256;".len()..][..64];
    let encoded = id.replace(':', "%3A").replace('/', "%2F").replace(';', "%3B");
    let encoded = encoded.replace('?', "%3F").replace('=', "%3D");
    for spelling in [encoded, id.to_owned(), digits.to_owned(), format!("0x{digits}")] {
        let answer = network.get(&format!("/epcis/events/{spelling}")).await;
        assert_eq!(answer.status, 200, "{spelling}: {}", answer.body);
        assert_eq!(listed(&answer.json()).len(), 1);
        assert_eq!(answer.header("qiao-party"), Some("1"));
        assert_eq!(answer.header("qiao-transaction"), job["transactions"][0].as_str());
    }
    let unknown = network.get("/epcis/events/urn:uuid:nothing").await;
    assert_eq!((unknown.status, &unknown.json()["status"]), (404, &json!(404)));
}

#[tokio::test(flavor = "multi_thread")]
async fn parameters_that_are_not_understood_are_named() {
    let network = Network::start().await;
    let cases = [
        ("EQ_colour=red", "EQ_colour"),
        ("GE_eventTime=yesterday", "GE_eventTime"),
        ("eventType=Party", "eventType"),
        ("perPage=many", "perPage"),
        ("maxEventCount=few", "maxEventCount"),
        ("maxEventCount=1&eventCountLimit=1", "maxEventCount"),
    ];
    for (query, parameter) in cases {
        let answer = network.get(&format!("/epcis/events?{query}")).await;
        assert_eq!(answer.status, 400, "{query}: {}", answer.body);
        let problem = answer.json();
        assert_eq!(problem["type"], "epcisException:QueryParameterException", "{query}");
        assert!(problem["detail"].as_str().unwrap().contains(parameter), "{problem}");
    }
    let token = network.get("/epcis/events?nextPageToken=made-up").await;
    assert_eq!((token.status, &token.json()["code"]), (400, &json!("rest.page_token")));
}

#[tokio::test(flavor = "multi_thread")]
async fn more_events_than_max_event_count_are_refused() {
    let network = Network::start().await;
    network.captured(document((0..3).map(event).collect())).await;
    assert_eq!(network.get("/epcis/events?maxEventCount=3").await.status, 200);
    let answer = network.get("/epcis/events?maxEventCount=2").await;
    assert_eq!(answer.status, 413);
    assert_eq!(answer.json()["type"], "epcisException:QueryTooLargeException");
}

#[tokio::test(flavor = "multi_thread")]
async fn members_status_and_the_description_are_served() {
    let network = Network::start().await;
    let members = network.get("/organisations").await.json();
    assert_eq!(members[0]["name"], "Green Valley Farm");
    assert!(members[0]["accounts"][0]["roles"].as_array().unwrap().contains(&json!("capturer")));
    let status = network.get("/status").await.json();
    assert_eq!((&status["chain_id"], &status["head"]["number"]), (&json!(20_260), &json!(0)));
    assert_eq!(network.get("/health").await.json()["status"], "ok");
    let api = network.get("/openapi.json").await.json();
    for path in ["/epcis/capture", "/epcis/events", "/trace/{id}", "/status", "/organisations"] {
        assert!(api["paths"].get(path).is_some(), "{path} is not described");
    }
    for (path, item) in api["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            for status in ["400", "401", "403", "500", "503"] {
                let answer = &operation["responses"][status];
                assert!(answer["description"].is_string(), "{method} {path} {status}");
            }
            let parameters = operation["parameters"].as_array().into_iter().flatten();
            for one in parameters.filter(|one| one["in"] == "path") {
                let name = format!("{{{}}}", one["name"].as_str().unwrap());
                assert!(path.contains(&name), "{method} {path} has no {name}");
            }
        }
    }
    // What no handler saw is refused as everything is.
    let answer = network.get("/collateral/claims/none").await;
    assert_eq!((answer.status, &answer.json()["code"]), (400, &json!("rest.malformed")));
}
