//! The texts of the command line are an interface: they are compared with what was reviewed.
//!
//! `QIAO_UPDATE_SNAPSHOTS=1 cargo test -p qiao-cli` writes them anew.

use std::fs;
use std::path::Path;

use crate::support::{qiao, run, stderr, transcript};

const COMMANDS: [&str; 25] = [
    "dev",
    "init",
    "start",
    "status",
    "doctor",
    "capture",
    "import",
    "trace",
    "prove",
    "verify",
    "recall",
    "sharing",
    "contract",
    "voucher",
    "finance",
    "collateral",
    "payments",
    "event-hash",
    "bench",
    "simulate",
    "index",
    "export",
    "repair",
    "config",
    "key",
];

/// Lines and columns of a screen.
const SCREEN: (usize, usize) = (50, 100);

fn compare(name: &str, text: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/snapshots").join(name);
    if std::env::var_os("QIAO_UPDATE_SNAPSHOTS").is_some() {
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, text).unwrap();
    }
    let expected = fs::read_to_string(&file).unwrap_or_default();
    assert_eq!(text, expected, "differs from `{}`", file.display());
}

#[test]
fn help_is_as_reviewed_and_fits_a_screen() {
    let mut all = String::new();
    let short = run(&["-h"]);
    all.push_str(&transcript(&short));
    for command in COMMANDS {
        let output = run(&[command, "-h"]);
        let text = String::from_utf8(output.stdout.clone()).unwrap();
        assert!(text.lines().count() <= SCREEN.0, "`{command} -h` is too long");
        for line in text.lines() {
            assert!(line.chars().count() <= SCREEN.1 + 20, "`{command} -h`: {line}");
        }
        all.push_str(&format!("\n$ qiao {command} -h\n{text}"));
    }
    compare("help.txt", &all);
}

#[test]
fn long_help_shows_examples() {
    for command in COMMANDS {
        let output = run(&[command, "--help"]);
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(text.contains("Examples:\n  qiao ") || text.contains("\n  cat "), "{text}");
    }
}

#[test]
fn errors_say_what_and_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let broken = file("broken.json", "{\"type\": ");
    let wrong = file(
        "wrong.json",
        "{\"@context\":[\"https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld\"],\
         \"type\":\"ObjectEvent\",\"eventTime\":\"yesterday\",\"eventTimeZoneOffset\":\"+00:00\",\
         \"epcList\":[\"urn:epc:id:sgtin:9521141.012345.1\"],\"action\":\"LOOK\"}",
    );
    let missing = folder.path().join("absent.json").display().to_string();
    let calls: [&[&str]; 8] = [
        &["event-hash", &broken],
        &["event-hash", &wrong],
        &["event-hash", &missing],
        &["status", "--url", "http://127.0.0.1:9"],
        &["status", "--url", "127.0.0.1"],
        &["trace", "--url", "http://127.0.0.1:9", "urn:epc:id:sgtin:9521141.012345.1"],
        &["frobnicate"],
        &["config", "show", "--home", "nowhere"],
    ];
    let mut all = String::new();
    for call in calls {
        let text = transcript(&run(call)).replace(&folder.path().display().to_string(), "…");
        let call = call.join(" ").replace(&folder.path().display().to_string(), "…");
        all.push_str(&format!("$ qiao {call}\n{text}\n"));
    }
    compare("errors.txt", &all);
}

#[test]
fn exit_codes_tell_refusal_usage_and_environment_apart() {
    let folder = tempfile::tempdir().unwrap();
    let empty = folder.path().join("empty.json");
    fs::write(&empty, "{}").unwrap();
    let refused = qiao(&["event-hash"]).arg(&empty).output().unwrap();
    assert_eq!(refused.status.code(), Some(1), "{}", stderr(&refused));
    assert_eq!(run(&["event-hash"]).status.code(), Some(2));
    assert_eq!(run(&["status", "--url", "http://127.0.0.1:9"]).status.code(), Some(3));
    assert_eq!(run(&["--help"]).status.code(), Some(0));
}

#[test]
fn the_sample_configuration_names_every_key() {
    let output = run(&["config", "sample"]);
    let text = String::from_utf8(output.stdout).unwrap();
    compare("qiao.toml", &text);
}
