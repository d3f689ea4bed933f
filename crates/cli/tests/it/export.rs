//! A network ends, its state goes into a file, and a new network begins with it.

use std::fs;
use std::path::Path;
use std::process::Output;

use serde_json::{Value, json};

use crate::support::{Network, document, qiao, stderr, transcript};

fn export(home: &Path, file: &Path) -> Output {
    qiao(&["export", "--json", "--home"]).arg(home).arg("--out").arg(file).output().unwrap()
}

fn continued(file: &Path, home: &Path, out: &Path) -> Output {
    let mut command = qiao(&["init", "--json", "--from-export"]);
    command.arg(file).arg("--home").arg(home).arg("--out").arg(out).output().unwrap()
}

fn json(output: &Output) -> Value {
    assert!(output.status.success(), "{}", transcript(output));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The nonce of the account in a member's genesis entry: part of the state that goes over.
fn nonce(network: &Network, member: usize) -> Option<Value> {
    let genesis = fs::read_to_string(network.home(1).join("genesis.json")).unwrap();
    let genesis: Value = serde_json::from_str(&genesis).unwrap();
    let account = genesis["validators"][member - 1]["account"].clone();
    network.rpc(1, "eth_getTransactionCount", json!([account, "latest"]))
}

#[test]
fn a_new_network_begins_with_the_state_of_an_old_one() {
    let mut network = Network::start();
    let output = network.capture(2, &document(1, 20));
    assert!(output.status.success(), "{}", transcript(&output));
    network.wait("member 1 has the events", |network| network.event_count(1) == 20);
    let spent = nonce(&network, 2).unwrap();
    assert_ne!(spent, json!("0x0"));
    let folder = network.home(1).parent().unwrap().to_path_buf();
    let file = folder.join("network.export");
    let running = export(&network.home(1), &file);
    assert_eq!(running.status.code(), Some(3), "{}", transcript(&running));
    assert!(stderr(&running).contains("in use by another process"), "{}", stderr(&running));
    for member in 1..=4 {
        network.stop(member);
    }
    let manifest = json(&export(&network.home(1), &file));
    assert!(manifest["number"].as_u64().unwrap() > 0);
    let again = export(&network.home(1), &file);
    assert_eq!(again.status.code(), Some(3), "an export was overwritten: {}", transcript(&again));
    refuses_what_was_changed(&network, &file);
    let mut fingerprints = Vec::new();
    for member in 1..=4 {
        let out = folder.join(format!("new-{member}"));
        let report = json(&continued(&file, &network.home(member), &out));
        fingerprints.push(report["genesis"].clone());
        if member == 1 {
            assert_eq!(report["is_own_state"], true);
        }
        network.move_home(member, &out);
    }
    assert!(fingerprints.iter().all(|one| *one == fingerprints[0]), "{fingerprints:?}");
    for member in 1..=4 {
        network.start_member(member);
    }
    network.wait("the new network makes blocks", |network| {
        (1..=4).all(|member| network.height(member).is_some_and(|height| height > 0))
    });
    // Nonces went over, so nothing can be replayed; and so did the events' records.
    assert_eq!(nonce(&network, 2), Some(spent));
    let output = network.capture(2, &document(1, 20));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
    assert_eq!(report.pointer("/0/job/captured"), Some(&json!(0)), "{}", transcript(&output));
    let output = network.capture(3, &document(2, 5));
    assert!(output.status.success(), "{}\n{}", transcript(&output), network.logs());
}

/// Whatever is changed in the file is found before anything is written.
fn refuses_what_was_changed(network: &Network, file: &Path) {
    let text = fs::read_to_string(file).unwrap();
    let (first, entries) = text.split_once('\n').unwrap();
    let manifest: Value = serde_json::from_str(first).unwrap();
    let with = |change: &dyn Fn(&mut Value)| {
        let mut changed = manifest.clone();
        change(&mut changed);
        format!("{changed}\n{entries}")
    };
    let digit = text.len() - 2;
    let flipped = if text.as_bytes()[digit] == b'0' { "1" } else { "0" };
    let cases = [
        (format!("{}{flipped}\n", &text[..digit]), "entries were changed"),
        (text[..text.len() - 200].rsplit_once('\n').unwrap().0.to_string(), "entries are missing"),
        (with(&|manifest| manifest["number"] = json!(7)), "its signature is not the exporter's"),
        (with(&|manifest| manifest["qiao_export"] = json!(9)), "form 9 is not known"),
        (with(&|manifest| manifest["genesis"]["chain_id"] = json!(5)), "its genesis was changed"),
        (with(&|manifest| manifest["exporter"] = json!(format!("0x{:040}", 1))), "not signed by a"),
        ("hello\n".to_string(), "its first line is no manifest"),
    ];
    let folder = file.parent().unwrap();
    for (text, reason) in cases {
        let changed = folder.join("changed.export");
        fs::write(&changed, text).unwrap();
        let out = folder.join("never");
        let output = continued(&changed, &network.home(1), &out);
        assert_eq!(output.status.code(), Some(1), "{}", transcript(&output));
        assert!(stderr(&output).contains(reason), "{reason}: {}", stderr(&output));
        assert!(!out.exists(), "{reason}: something was written");
    }
    // Any one character, anywhere.
    for place in 1..=24 {
        let mut bytes = text.clone().into_bytes();
        let at = bytes.len() / 25 * place + place;
        bytes[at] ^= 1;
        let changed = folder.join("changed.export");
        fs::write(&changed, bytes).unwrap();
        let out = folder.join("never");
        let output = continued(&changed, &network.home(1), &out);
        assert_eq!(output.status.code(), Some(1), "byte {at}: {}", transcript(&output));
        assert!(stderr(&output).contains("hint: "), "byte {at}: {}", stderr(&output));
        assert!(!out.exists(), "byte {at}: something was written");
    }
}
