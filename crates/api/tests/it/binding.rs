//! The REST binding of EPCIS beyond JSON: XML, negotiation, resources.

use qiao_epcis::{Limits, parse_xml};
use serde_json::{Value, json};

use crate::support::{Answer, Network, document, event, fixtures_of, send};

const EVENT: &str = "<eventTime>2026-03-01T10:00:00.000Z</eventTime>\
    <eventTimeZoneOffset>+00:00</eventTimeZoneOffset>\
    <epcList><epc>urn:epc:id:sgtin:9521321.012345.7</epc></epcList><action>OBSERVE</action>\
    <bizStep>urn:epcglobal:cbv:bizstep:shipping</bizStep>\
    <readPoint><id>urn:epc:id:sgln:9521321.00001.0</id></readPoint>";

fn xml(version: u8) -> String {
    format!(
        "<?xml version=\"1.0\"?><epcis:EPCISDocument xmlns:epcis=\"urn:epcglobal:epcis:xsd:{version}\" \
         schemaVersion=\"{version}\" creationDate=\"2026-03-01T10:00:00Z\"><EPCISBody><EventList>\
         <ObjectEvent>{EVENT}</ObjectEvent></EventList></EPCISBody></epcis:EPCISDocument>"
    )
}

async fn post_xml(network: &Network, path: &str, body: impl Into<Vec<u8>>) -> Answer {
    let headers = vec![("Content-Type", "application/xml".to_owned())];
    send("POST", format!("{}{path}", network.rest), headers, body.into()).await
}

async fn get_with(network: &Network, path: &str, headers: &[(&'static str, &str)]) -> Answer {
    let headers = headers.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
    send("GET", format!("{}{path}", network.rest), headers, Vec::new()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn xml_is_captured_as_the_event_that_it_is() {
    let network = Network::start().await;
    let first = network.captured(document(vec![event(7)])).await;
    for version in [1, 2] {
        let answer = post_xml(&network, "/epcis/capture", xml(version)).await;
        assert_eq!(answer.status, 202, "{}", answer.body);
        let job = network.finished(answer.header("location").unwrap()).await;
        assert_eq!(job["eventHashes"], first["eventHashes"]);
        assert_eq!((&job["captured"], &job["duplicates"]), (&json!(0), &json!(1)));
    }
    let single = format!(
        "<e:ObjectEvent xmlns:e=\"urn:epcglobal:epcis:xsd:2\">{}</e:ObjectEvent>",
        EVENT.replace("12345.7", "12345.8")
    );
    let answer = post_xml(&network, "/epcis/events", single).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    let found = network.get(answer.header("location").unwrap()).await.json();
    let list = &found["epcisBody"]["queryResults"]["resultsBody"]["eventList"];
    assert_eq!(list[0]["bizStep"], "shipping", "{found}");
}

#[tokio::test(flavor = "multi_thread")]
async fn published_documents_in_xml_are_captured_with_their_hashes() {
    let network = Network::start().await;
    for (name, bytes) in fixtures_of("event-hash", &["xml"]).unwrap_or_default() {
        let answer = post_xml(&network, "/epcis/capture", bytes).await;
        assert_eq!(answer.status, 202, "{name}: {}", answer.body);
        let job = network.finished(answer.header("location").unwrap()).await;
        assert_eq!(job["success"], true, "{name}: {job}");
        let published = std::fs::read_to_string(name.replace(".xml", ".hashes")).unwrap();
        let hashes = job["eventHashes"].as_array().unwrap();
        let differing =
            hashes.iter().zip(published.lines()).filter(|(ours, theirs)| *ours != theirs);
        // One published hash is of a number that was rounded.
        let rounded = usize::from(name.ends_with("SensorDataExamples.xml"));
        assert_eq!(
            (hashes.len(), differing.count()),
            (published.lines().count(), rounded),
            "{name}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_problem_in_xml_names_the_element() {
    let network = Network::start().await;
    let bad = xml(2).replace("OBSERVE", "WATCH");
    let answer = post_xml(&network, "/epcis/capture", bad).await;
    let problem = answer.json();
    assert_eq!((answer.status, &problem["code"]), (400, &json!("epcis.unknown_action")));
    assert_eq!(problem["errors"][0]["field"], "EPCISBody/EventList/*[1]/action");
    let entities = "<!DOCTYPE a [<!ENTITY b 'c'>]><a/>";
    let answer = post_xml(&network, "/epcis/capture", entities).await;
    assert_eq!((answer.status, &answer.json()["code"]), (400, &json!("epcis.xml_document_type")));
}

#[tokio::test(flavor = "multi_thread")]
async fn events_come_out_in_the_form_that_is_asked_for() {
    let network = Network::start().await;
    let job = network.captured(document(vec![event(7)])).await;
    let path = "/epcis/events?EQ_bizStep=shipping";
    for (accept, media) in [
        ("*/*", "application/json"),
        ("application/ld+json", "application/ld+json"),
        ("text/html, application/xml;q=0.9, application/json;q=0.8", "application/xml"),
        ("text/xml", "application/xml"),
    ] {
        let answer = get_with(&network, path, &[("Accept", accept)]).await;
        assert_eq!((answer.status, answer.header("content-type")), (200, Some(media)), "{accept}");
    }
    for (headers, version, root) in [
        (vec![("Accept", "application/xml")], "2.0.0", "urn:epcglobal:epcis-query:xsd:2"),
        (
            vec![("Accept", "application/xml"), ("GS1-EPCIS-Max", "1.2"), ("GS1-CBV-Max", "1.2")],
            "1.2.0",
            "urn:epcglobal:epcis-query:xsd:1",
        ),
    ] {
        let answer = get_with(&network, path, &headers).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        assert_eq!(answer.header("gs1-epcis-version"), Some(version));
        assert!(answer.body.contains(root), "{}", answer.body);
        let events = parse_xml(answer.body.as_bytes(), &Limits::DOCUMENT).unwrap().events;
        assert_eq!(json!([events[0].hash().to_string()]), job["eventHashes"]);
        assert!(events[0].json().get("recordTime").is_some());
    }
    let links = [("GS1-EPC-Format", "Always_GS1_Digital_Link")];
    let answer = get_with(&network, path, &links).await;
    let list = answer.json()["epcisBody"]["queryResults"]["resultsBody"]["eventList"].clone();
    assert_eq!(list[0]["epcList"][0], "https://id.gs1.org/01/09521321123458/21/7");
    let web = [("Accept", "application/xml"), ("GS1-CBV-XML-Format", "Always_Web_URI")];
    assert!(get_with(&network, path, &web).await.body.contains("https://ref.gs1.org/cbv/BizStep-"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_had_is_not_acceptable() {
    let network = Network::start().await;
    for (header, value, code) in [
        ("Accept", "text/html", "rest.not_acceptable"),
        ("GS1-EPCIS-Min", "3.0", "epcis.version"),
        ("GS1-EPCIS-Max", "1.2", "epcis.version"),
        ("GS1-CBV-Max", "1.0", "epcis.version"),
        ("GS1-EPC-Format", "Always_EPC_URN", "epcis.epc_format"),
        ("GS1-CBV-XML-Format", "Sometimes", "epcis.format"),
    ] {
        let answer = get_with(&network, "/epcis/events", &[(header, value)]).await;
        assert_eq!((answer.status, &answer.json()["code"]), (406, &json!(code)), "{header}");
    }
    let xml_only = [("Accept", "application/xml")];
    assert_eq!(get_with(&network, "/epcis/bizSteps", &xml_only).await.status, 406);
    let url = format!("{}/epcis/queries", network.rest);
    let answer = send("OPTIONS", url, Vec::new(), Vec::new()).await;
    assert_eq!((answer.status, answer.header("allow")), (204, Some("GET, POST, OPTIONS")));
    assert_eq!(answer.header("gs1-epcis-min"), Some("1.2.0"));
}

#[tokio::test(flavor = "multi_thread")]
async fn resources_lead_to_their_events() {
    let network = Network::start().await;
    network.captured(document((0..3).map(event).collect())).await;
    let members = |answer: Answer| answer.json()["member"].clone();
    assert_eq!(members(network.get("/epcis").await).as_array().unwrap().len(), 9);
    assert_eq!(members(network.get("/epcis/eventTypes").await).as_array().unwrap().len(), 5);
    assert_eq!(members(network.get("/epcis/bizSteps").await), json!(["shipping"]));
    assert_eq!(members(network.get("/epcis/dispositions").await), json!([]));
    let place = "https://id.gs1.org/414/9521321000018";
    assert_eq!(members(network.get("/epcis/readPoints").await), json!([place]));
    let page = network.get("/epcis/epcs?perPage=2").await;
    let link = page.header("link").unwrap().to_owned();
    assert_eq!(members(page).as_array().unwrap().len(), 2);
    let next = network.get(&link[1..link.find('>').unwrap()]).await;
    assert_eq!(members(next), json!(["https://id.gs1.org/01/09521321123458/21/2"]));
    for (path, found) in [
        ("bizSteps/shipping", 3),
        ("bizSteps/https%3A%2F%2Fref.gs1.org%2Fcbv%2FBizStep-shipping", 3),
        ("eventTypes/ObjectEvent", 3),
        ("eventTypes/AggregationEvent", 0),
        ("epcs/urn:epc:id:sgtin:9521321.012345.1", 1),
        ("readPoints/urn:epc:id:sgln:9521321.00001.0", 3),
    ] {
        let one = network.get(&format!("/epcis/{path}")).await;
        assert_eq!(one.status, 200, "{path}: {}", one.body);
        assert_eq!(members(one), json!(["events"]));
        let answer = network.get(&format!("/epcis/{path}/events?EQ_action=OBSERVE")).await;
        let results = &answer.json()["epcisBody"]["queryResults"];
        let list = results["resultsBody"]["eventList"].as_array().map(Vec::len);
        assert_eq!(list, Some(found), "{path}: {}", answer.body);
    }
    for path in ["eventTypes", "bizSteps", "bizSteps/shipping", "bizSteps/shipping/events"] {
        for length in ["0", "many", "2&perPage=3"] {
            let answer = network.get(&format!("/epcis/{path}?perPage={length}")).await;
            let allowed = path.ends_with("events") && length.contains('&');
            assert_eq!(answer.status, if allowed { 200 } else { 400 }, "{path} {length}");
        }
    }
    for path in ["bizSteps/flying", "epcs/urn:x:1/events", "colours", "eventTypes/Party"] {
        assert_eq!(network.get(&format!("/epcis/{path}")).await.status, 404, "{path}");
    }
    let paged = network.get("/epcis/bizSteps/shipping/events?perPage=2").await;
    let link = paged.header("link").unwrap().to_owned();
    let rest: Value = network.get(&link[1..link.find('>').unwrap()]).await.json();
    let list = &rest["epcisBody"]["queryResults"]["resultsBody"]["eventList"];
    assert_eq!(list.as_array().map(Vec::len), Some(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn extensions_are_found_by_a_prefix_of_the_client() {
    let network = Network::start().await;
    let mut farm = event(1);
    farm["@context"] = json!([{ "farm": "https://farm.example/" }]);
    farm["farm:field"] = json!("north");
    network.captured(json!([farm, event(2)]).to_string()).await;
    let headers = [("GS1-Extensions", "f=https://farm.example/")];
    let found = get_with(&network, "/epcis/events?EQ_f:field=north", &headers).await.json();
    let list = &found["epcisBody"]["queryResults"]["resultsBody"]["eventList"];
    assert_eq!(list.as_array().map(Vec::len), Some(1), "{found}");
}
