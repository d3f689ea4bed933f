//! A farm tells its customer a price that the others do not read, and the customer proves it to an auditor.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::support::{Network, qiao, run, transcript};

/// A price that stands nowhere by chance.
const PRICE: &str = "73915.27";
/// A breed, which stays open: what looks for the price finds it.
const BREED: &str = "Schwaebisch-Haellisches";

fn delivery() -> String {
    json!({
        "@context": [
            "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld",
            { "farm": "https://farm.example/" },
        ],
        "type": "ObjectEvent",
        "action": "OBSERVE",
        "bizStep": "shipping",
        "eventTime": "2026-03-01T10:00:00.000Z",
        "eventTimeZoneOffset": "+00:00",
        "quantityList": [
            { "epcClass": "urn:epc:class:lgtin:9521141.012345.L7", "quantity": 25.5, "uom": "KGM" },
        ],
        "farm:price": PRICE,
        "farm:breed": BREED,
    })
    .to_string()
}

/// What a command printed as JSON.
fn told(arguments: &[&str]) -> Value {
    let output = qiao(&["--json"]).args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", transcript(&output));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// A member announces the key that `qiao init` made; the first member, who seals, has heard of it in the end.
fn announce(network: &Network, member: usize) {
    let home = network.home(member);
    let key = told(&["sharing", "key", "--home", home.to_str().unwrap()]);
    let key = key["publicKey"].as_str().unwrap().to_owned();
    told(&["sharing", "announce", &key, "--url", &network.url(member)]);
    network.wait(&format!("the key of member {member} at member 1"), |network| {
        let keys = crate::support::get(&format!("{}/sharing/keys", network.url(1)));
        keys.is_some_and(|keys| keys[member - 1]["key"] == key)
    });
}

/// The event as a member's node shows it.
fn seen(network: &Network, member: usize, hash: &str) -> Value {
    network.wait(&format!("the event at member {member}"), |network| {
        network.event(member, hash).is_some()
    });
    let document = network.event(member, hash).unwrap();
    document.pointer("/epcisBody/queryResults/resultsBody/eventList/0").unwrap().clone()
}

/// Whether a file below a folder holds a text.
fn holds(folder: &Path, text: &str) -> bool {
    fs::read_dir(folder).unwrap().any(|entry| {
        let path = entry.unwrap().path();
        if path.is_dir() {
            return holds(&path, text);
        }
        let bytes = fs::read(&path).unwrap_or_default();
        bytes.windows(text.len()).any(|window| window == text.as_bytes())
    })
}

#[test]
fn a_price_is_read_by_the_customer_only_and_proved_to_an_auditor() {
    let mut network = Network::start();
    announce(&network, 1);
    announce(&network, 2);
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name);
    fs::write(file("delivery.json"), delivery()).unwrap();
    let delivery = file("delivery.json");
    let (path, url) = (delivery.to_str().unwrap(), network.url(1));

    // A member without a key, and a field that is misspelt: nothing is captured in the open.
    for (seal, code) in
        [("farm:price=3", "sharing.no_reader_key"), ("farm:prize=2", "sharing.no_such_field")]
    {
        let output = run(&["--json", "capture", path, "--seal", seal, "--url", &url]);
        assert_eq!(output.status.code(), Some(1), "{}", transcript(&output));
        assert!(transcript(&output).contains(code), "{}", transcript(&output));
    }
    let captured = told(&["capture", path, "--seal", "farm:price=2", "--url", &url]);
    let hash = captured.pointer("/0/job/eventHashes/0").and_then(Value::as_str).unwrap();
    let again = told(&["capture", path, "--seal", "farm:price=2", "--url", &url]);
    assert_eq!(again.pointer("/0/job/duplicates"), Some(&json!(1)), "the same event: {again:#}");

    for (member, price) in [(1, Some(PRICE)), (2, Some(PRICE)), (3, None), (4, None)] {
        let event = seen(&network, member, hash);
        assert_eq!(event["farm:price"].as_str(), price, "member {member}: {event:#}");
        assert_eq!(event["farm:breed"], BREED);
        let marker = &event["qiao:sealed"][0];
        assert_eq!(marker["qiao:field"], "farm:price");
        let words = marker["rdfs:comment"].as_str().unwrap();
        assert!(words.starts_with("sealed by organisation 1 for 1, 2"), "{words}");
        let fields = told(&["sharing", "show", hash, "--url", &network.url(member)]);
        let state = if price.is_some() { "opened" } else { "closed" };
        assert_eq!(fields[0]["state"], state, "{fields:#}");
        assert_eq!((&fields[0]["sealedBy"], &fields[0]["sealedFor"]), (&json!(1), &json!([1, 2])));
    }
    // To filter by the price finds nothing: the index has what the chain has.
    let filtered =
        format!("{}/epcis/events?EQ_https%3A%2F%2Ffarm.example%2Fprice={PRICE}", network.url(2));
    let none = crate::support::get(&filtered).unwrap();
    assert_eq!(none.pointer("/epcisBody/queryResults/resultsBody/eventList"), Some(&json!([])));

    let (price, proof) = (file("price.json"), file("delivery.proof"));
    let (price, proof) = (price.to_str().unwrap(), proof.to_str().unwrap());
    told(&["sharing", "disclose", hash, "farm:price", "--out", price, "--url", &network.url(2)]);
    told(&["prove", "event", hash, "--out", proof, "--url", &network.url(4)]);
    let refused = run(&[
        "--json",
        "sharing",
        "disclose",
        hash,
        "farm:price",
        "--out",
        price,
        "--url",
        &network.url(3),
    ]);
    assert!(transcript(&refused).contains("sharing.not_readable"), "{}", transcript(&refused));

    let genesis = network.home(4).join("genesis.json");
    let homes: Vec<_> = (1..=4).map(|member| network.home(member)).collect();
    for member in 1..=4 {
        network.stop(member);
    }
    for home in homes {
        assert!(!holds(&home, PRICE), "the price lies open in {}", home.display());
        assert!(holds(&home, BREED), "what is open is found in {}", home.display());
    }
    let verify = ["verify", proof, "--genesis", genesis.to_str().unwrap(), "--disclosure", price];
    let shown = told(&verify);
    assert_eq!(shown[1]["values"], json!({ "/farm:price": PRICE }), "{shown:#}");
    assert_eq!((&shown[1]["party"], &shown[1]["event"]), (&json!(1), &json!(hash)));
    let lie = fs::read_to_string(price).unwrap().replace(PRICE, "73915.28");
    fs::write(price, lie).unwrap();
    let refused = run(&verify);
    assert_eq!(refused.status.code(), Some(1), "{}", transcript(&refused));
    assert!(transcript(&refused).contains("does not commit"), "{}", transcript(&refused));
}
