//! Proofs that a node hands out, checked by a program that asks nobody.

use std::fs;
use std::path::Path;
use std::process::Output;

use serde_json::{Value, json};

use crate::support::{Network, document, qiao, transcript};

/// The module `traceability`.
const TRACEABILITY: &str = "0x5169616f00000000000000000000000000000002";

/// Stores a proof in `file`.
fn prove(network: &Network, what: &[&str], file: &Path) {
    let mut command = qiao(&["prove"]);
    let output = command.args(what).args(["--url", &network.url(2), "--out"]).arg(file).output();
    let output = output.unwrap();
    assert!(output.status.success(), "{}\n{}", transcript(&output), network.logs());
}

fn verify(file: &Path, genesis: &Path) -> Output {
    qiao(&["--json", "verify"]).arg(file).arg("--genesis").arg(genesis).output().unwrap()
}

/// What a proof file proves.
fn finding(file: &Path, genesis: &Path) -> Value {
    let output = verify(file, genesis);
    assert!(output.status.success(), "{}", transcript(&output));
    let all: Value = serde_json::from_slice(&output.stdout).unwrap();
    all[0].clone()
}

/// The stable code with which a file is refused.
fn refusal(file: &Path, genesis: &Path) -> String {
    let output = verify(file, genesis);
    assert_eq!(output.status.code(), Some(1), "{}", transcript(&output));
    let told: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
    told["code"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn what_a_node_proved_is_checked_when_all_nodes_are_gone() {
    let mut network = Network::start();
    let captured = network.capture(1, &document(1, 3));
    assert!(captured.status.success(), "{}\n{}", transcript(&captured), network.logs());
    let report: Value = serde_json::from_slice(&captured.stdout).unwrap();
    let event = report.pointer("/0/job/eventHashes/1").and_then(Value::as_str).unwrap();
    network.wait("the event at member 2", |network| network.event(2, event).is_some());
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name);
    prove(&network, &["event", event], &file("event.proof"));
    prove(&network, &["account", TRACEABILITY, "--slot", "0x7"], &file("account.proof"));
    let nobody = "0x00000000000000000000000000000000000000aa";
    let answer = network.rpc(3, "qiao_getProof", json!([nobody, ["0x0"], "latest"])).unwrap();
    fs::write(file("nobody.proof"), json!({ "result": answer }).to_string()).unwrap();
    let genesis = file("genesis.json");
    fs::copy(network.home(4).join("genesis.json"), &genesis).unwrap();
    for member in 1..=4 {
        network.kill(member);
    }

    let found = finding(&file("event.proof"), &genesis);
    assert!(found["signers"].as_array().unwrap().len() >= 3, "{found:#}");
    assert_eq!(found.pointer("/fact/succeeded"), Some(&json!(true)));
    let events = found.pointer("/fact/events").and_then(Value::as_array).unwrap();
    assert_eq!(events.len(), 3);
    let proved = events.iter().find(|proved| proved["hash"] == event).unwrap();
    assert_eq!(proved.pointer("/event/type"), Some(&json!("ObjectEvent")), "{proved:#}");

    let found = finding(&file("account.proof"), &genesis);
    assert_eq!(found.pointer("/fact/address"), Some(&json!(TRACEABILITY)));
    assert_eq!(found.pointer("/fact/storage/0/slot"), Some(&json!("0x7")));
    let found = finding(&file("nobody.proof"), &genesis);
    assert_eq!(found.pointer("/fact/account"), Some(&Value::Null), "{found:#}");

    // In words, for people.
    let output = qiao(&["verify"]).arg(file("event.proof")).arg("--genesis").arg(&genesis).output();
    let words = String::from_utf8(output.unwrap().stdout).unwrap();
    assert!(words.contains("to module traceability"), "{words}");
    assert!(words.contains(&format!("event {event} of organisation 1")), "{words}");
    assert!(words.contains("of 4 validators: "), "{words}");
    assert_forgeries_are_refused(&file("event.proof"), &file("account.proof"), &genesis);
}

/// Files in which somebody changed a claim, and a genesis file with other validators.
fn assert_forgeries_are_refused(event: &Path, account: &Path, genesis: &Path) {
    let forged = event.with_extension("forged");
    let change = |from: &Path, pointer: &str, value: Value| {
        let mut proof: Value = serde_json::from_slice(&fs::read(from).unwrap()).unwrap();
        *proof.pointer_mut(pointer).unwrap() = value;
        fs::write(&forged, proof.to_string()).unwrap();
        refusal(&forged, genesis)
    };
    assert_eq!(change(account, "/claim/account/nonce", json!("0x99")), "proof_state_path");
    assert_eq!(change(account, "/claim/storage/0/value", json!("0x1")), "proof_state_path");
    assert_eq!(change(event, "/claim/receipt", json!("0x00")), "proof_claim");
    assert_eq!(change(event, "/headers", json!([])), "proof_header");
    assert_eq!(change(event, "/certificate", json!("0x1234")), "proof_not_final");
    let mut other: Value = serde_json::from_slice(&fs::read(genesis).unwrap()).unwrap();
    other["name"] = json!("another network");
    let impostor = genesis.with_extension("other");
    fs::write(&impostor, other.to_string()).unwrap();
    assert_eq!(refusal(event, &impostor), "proof_other_network");
}

#[test]
fn states_are_proved_while_blocks_go_on() {
    let network = Network::start();
    let folder = tempfile::tempdir().unwrap();
    let genesis = network.home(1).join("genesis.json");
    std::thread::scope(|scope| {
        let captures = scope.spawn(|| {
            for batch in 0..10 {
                let output = network.capture(1, &document(batch, 10));
                assert!(output.status.success(), "{}", transcript(&output));
            }
        });
        // As long as there are blocks with events, however slow the machine, and once more after them.
        let mut heights = Vec::new();
        let mut is_over = false;
        while heights.len() < 30 || !is_over {
            is_over = captures.is_finished();
            if is_over {
                network.catch_up();
            }
            let file = folder.path().join(format!("{}.proof", heights.len()));
            prove(&network, &["account", TRACEABILITY, "--slot", "0"], &file);
            heights.push(finding(&file, &genesis).pointer("/block/number").unwrap().as_u64());
        }
        assert!(heights.is_sorted(), "{heights:?}");
        assert!(heights.first() < heights.last(), "{heights:?}");
    });
}
