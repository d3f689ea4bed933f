//! `qiao event-hash` against the reference data of the community.

use std::fs;

use crate::support::{fixtures, qiao, stderr};

#[test]
fn event_hashes_equal_those_of_the_reference_implementation() {
    let Some(folder) = fixtures("event-hash") else { return };
    let mut compared = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let expected = path.with_extension("hashes");
        if path.extension().is_none_or(|extension| extension != "jsonld" && extension != "json") {
            continue;
        }
        let output = qiao(&["event-hash"]).arg(&path).output().unwrap();
        assert!(output.status.success(), "{}: {}", path.display(), stderr(&output));
        let found = String::from_utf8(output.stdout).unwrap();
        let expected = fs::read_to_string(&expected).unwrap();
        assert_eq!(found.trim_end(), expected.trim_end(), "{}", path.display());
        compared += 1;
    }
    assert!(compared >= 12, "only {compared} documents were compared");
}

#[test]
fn json_tells_file_position_and_hash() {
    let Some(folder) = fixtures("event-hash") else { return };
    let path = folder.join("epcisQueryDocument.jsonld");
    let output = qiao(&["--json", "event-hash"]).arg(&path).output().unwrap();
    let found: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(found.as_array().unwrap().len(), 2);
    assert_eq!(found[1]["event"], 1);
    assert!(found[1]["hash"].as_str().unwrap().starts_with("ni:///sha-256;"));
}
