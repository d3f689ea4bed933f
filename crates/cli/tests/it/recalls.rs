//! A recall through the nodes of four organisations: the regulator drills and declares it, the store is
//! told at its own node, takes note and answers, and the report adds up.

use std::fs;
use std::process::Output;

use serde_json::{Value, json};

use crate::support::{Network, qiao, transcript};

/// The first member is the regulator too; the second packs, the third sells.
const AUTHORITY: usize = 1;
const PACKER: usize = 2;
const STORE: usize = 3;

const LOT: &str = "https://id.gs1.org/01/09521001000017/10/M0318";
const LABEL: &str = "(01)09521001000017(10)M0318";

/// Runs `qiao recall` at a member's node, once it has heard of everything.
fn recall(network: &Network, member: usize, arguments: &[&str]) -> Output {
    network.catch_up();
    qiao(&["recall"]).args(arguments).args(["--url", &network.url(member)]).output().unwrap()
}

/// What a command that has to succeed printed on stdout.
#[track_caller]
fn said(network: &Network, member: usize, arguments: &[&str]) -> String {
    let output = recall(network, member, arguments);
    assert!(output.status.success(), "{}", transcript(&output));
    String::from_utf8(output.stdout).unwrap()
}

/// The same as JSON.
#[track_caller]
fn told(network: &Network, member: usize, arguments: &[&str]) -> Value {
    let arguments = [arguments, &["--json"]].concat();
    serde_json::from_str(&said(network, member, &arguments)).unwrap()
}

fn capture(network: &Network, member: usize, action: &str, step: &str, kilograms: u32, hour: u32) {
    let event = json!({
        "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],
        "type": "ObjectEvent",
        "action": action,
        "bizStep": step,
        "eventTime": format!("2026-03-01T{hour:02}:00:00Z"),
        "eventTimeZoneOffset": "+00:00",
        "quantityList": [{ "epcClass": LOT, "quantity": kilograms, "uom": "KGM" }],
    });
    let file = network.home(1).with_file_name(format!("{step}.json"));
    fs::write(&file, event.to_string()).unwrap();
    let url = network.url(member);
    let output = qiao(&["capture", "--url", &url]).arg(&file).output().unwrap();
    assert!(output.status.success(), "{}", transcript(&output));
}

#[test]
fn a_lot_is_called_back_and_accounted_for_at_the_nodes_of_its_holders() {
    let mut network = Network::init();
    for member in 1..=4 {
        network.start_member(member);
    }
    for member in 1..=4 {
        network.wait(&format!("member {member} has a final block"), |network| {
            network.height(member).is_some_and(|height| height > 0)
        });
    }
    capture(&network, PACKER, "ADD", "commissioning", 10, 1);
    capture(&network, PACKER, "OBSERVE", "shipping", 6, 2);
    capture(&network, STORE, "OBSERVE", "receiving", 6, 3);
    network.wait("the authority's node has heard of the store", |network| {
        let output = recall(network, AUTHORITY, &["affected", LOT, "--json"]);
        let found: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
        found["holders"].as_array().is_some_and(|holders| holders.len() == 2)
    });
    let listed = said(&network, AUTHORITY, &["affected", LABEL]);
    assert!(listed.contains("1 lot and 0 items with 2 organisations"), "{listed}");
    assert!(listed.contains("6 KGM") && listed.contains("01/09521001000017/10/M0318"), "{listed}");

    let drilled = said(&network, AUTHORITY, &["drill", LABEL, "--reason", "contamination"]);
    assert!(drilled.contains("the chain would take it"), "{drilled}");
    assert_eq!(told(&network, AUTHORITY, &["list"]), json!([]));
    let refused = said(&network, STORE, &["drill", LOT, "--reason", "contamination"]);
    assert!(refused.contains("recall.may_not_recall"), "{refused}");

    let declare =
        ["declare", LABEL, "--reason", "contamination", "--text", "Salmonella: send back"];
    assert_eq!(said(&network, AUTHORITY, &declare).trim(), "1");
    network.wait("the store's node has its notice", |network| {
        let output = recall(network, STORE, &["show", "1", "--json"]);
        let shown: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
        shown["told"].as_array().is_some_and(|told| told.len() == 2)
    });
    let shown = said(&network, STORE, &["show", "1"]);
    assert!(shown.contains("Salmonella: send back") && shown.contains("waiting"), "{shown}");
    said(&network, STORE, &["acknowledge", "1"]);
    let again = recall(&network, STORE, &["acknowledge", "1"]);
    assert_eq!(again.status.code(), Some(1), "{}", transcript(&again));
    said(
        &network,
        STORE,
        &["answer", "1", "--thing", LABEL, "--unit", "KGM", "--destroyed", "4.5"],
    );
    let corrected = ["answer", "1", "--thing", LABEL, "--unit", "KGM", "--destroyed", "6"];
    said(&network, STORE, &corrected);
    said(&network, PACKER, &["answer", "1", "--all", "held"]);
    let notice = said(&network, STORE, &["show", "1", "--party", "3"]);
    assert!(notice.contains("6 KGM"), "{notice}");

    network.wait("the authority's node has both answers", |network| {
        told(network, AUTHORITY, &["report", "1"])["answeredPercent"] == 100
    });
    let report = told(&network, AUTHORITY, &["report", "1"]);
    let total = &report["totals"][0];
    assert_eq!((&total["accounted"], &total["destroyed"]), (&json!("10"), &json!("6")), "{report}");
    let text = said(&network, AUTHORITY, &["report", "1"]);
    assert!(text.contains("1 of 2 (50 %)") && text.contains("2 of 2 lines (100 %)"), "{text}");
    let file = network.home(1).with_file_name("report.csv");
    said(&network, AUTHORITY, &["report", "1", "--file", file.to_str().unwrap()]);
    assert!(fs::read_to_string(&file).unwrap().contains("in time"));

    let hold = told(&network, STORE, &["hold", LABEL, "--reason", "quality_check"]);
    let number = hold["number"].to_string();
    assert!(said(&network, STORE, &["holds"]).contains("recall 1"));
    said(&network, STORE, &["release", &number]);
    said(&network, AUTHORITY, &["close", "1", "--text", "All of it is accounted for"]);
    assert!(said(&network, AUTHORITY, &["list"]).contains("closed"));
}
