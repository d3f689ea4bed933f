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

/// A table of two deliveries: quantities and orders that stand nowhere by chance.
const TABLE: &str = "date,time,zone,location,to,gtin,lot,quantity,unit,order\n\
    2026-02-03,09:30,+00:00,9521003000015,9521001000024,09521003000411,S1,9173.25,KGM,ORDER-83114\n\
    2026-02-03,09:40,+00:00,9521003000015,9521001000024,09521003000411,S2,9174.75,KGM,ORDER-83114\n";

#[test]
fn a_table_is_sealed_row_by_row_and_changes_nothing_when_it_is_repeated() {
    let mut network = Network::start();
    announce(&network, 1);
    announce(&network, 2);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ship.csv");
    fs::write(&file, TABLE).unwrap();
    let (table, url) = (file.to_str().unwrap(), network.url(1));
    let import = |extra: &[&'static str]| -> Vec<&str> {
        let own = ["import", table, "--stage", "ship", "--url", &url];
        own.into_iter().chain(extra.iter().copied()).collect()
    };

    for (seal, code) in [
        ("quantity=3", "sharing.no_reader_key"),
        ("certification=2", "sharing.no_such_field"),
        ("amount=2", "sharing.field"),
    ] {
        let refused = qiao(&["--json"]).args(import(&["--seal", seal])).output().unwrap();
        assert_eq!(refused.status.code(), Some(1), "{seal}: {}", transcript(&refused));
        assert!(transcript(&refused).contains(code), "{seal}: {}", transcript(&refused));
    }
    let seal = ["--seal", "quantity=2", "--seal", "bizTransaction=2"];
    let counted = |told: &Value| (told["new"].clone(), told["known"].clone());
    let looked = told(&import(&[&seal[..], &["--dry-run"]].concat()));
    assert_eq!((counted(&looked), &looked["dryRun"]), ((json!(2), json!(0)), &json!(true)));
    assert_eq!(network.event_count(1), 0, "what is refused or looked at is not captured");
    let done = told(&import(&seal));
    assert_eq!(counted(&done), (json!(2), json!(0)), "{done:#}");
    let again = told(&import(&seal));
    assert_eq!(counted(&again), (json!(0), json!(2)), "{again:#}");
    assert_eq!(again["hashes"], done["hashes"]);
    // Others than before may read: the events are the same, and stay as they are.
    let wider = told(&import(&["--seal", "quantity", "--seal", "bizTransaction=2"]));
    assert_eq!(counted(&wider), (json!(0), json!(2)), "{wider:#}");

    for (row, quantity) in [(0, "9173.25"), (1, "9174.75")] {
        let hash = done["hashes"][row].as_str().unwrap();
        for (member, is_reader) in [(1, true), (2, true), (3, false), (4, false)] {
            let event = seen(&network, member, hash).to_string();
            for value in [quantity, "ORDER-83114"] {
                assert_eq!(event.contains(value), is_reader, "member {member}: {event}");
            }
            let fields = told(&["sharing", "show", hash, "--url", &network.url(member)]);
            let state = if is_reader { "opened" } else { "closed" };
            let names = [&fields[0]["field"], &fields[1]["field"]];
            assert_eq!(names, ["quantity", "bizTransaction"], "{fields:#}");
            assert_eq!(fields[0]["state"], state, "{fields:#}");
        }
    }
    let homes: Vec<_> = (1..=4).map(|member| network.home(member)).collect();
    for member in 1..=4 {
        network.stop(member);
    }
    for home in homes {
        for value in ["9173.25", "9174.75", "ORDER-83114"] {
            assert!(!holds(&home, value), "{value} lies open in {}", home.display());
        }
    }
}
