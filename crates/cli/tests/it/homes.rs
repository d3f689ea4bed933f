//! What `qiao init` writes, and what `qiao start` refuses.

use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::support::{Network, qiao, stderr, transcript};

/// Starts a home that must be refused; the error text.
fn refused(home: &Path) -> String {
    let mut process =
        qiao(&["start", "--home"]).arg(home).stderr(std::process::Stdio::piped()).spawn().unwrap();
    let deadline = Instant::now() + Duration::from_secs(60);
    while process.try_wait().unwrap().is_none() {
        if Instant::now() > deadline {
            process.kill().unwrap();
            panic!("the node started: {}", transcript(&process.wait_with_output().unwrap()));
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    let output = process.wait_with_output().unwrap();
    let text = stderr(&output);
    assert_eq!(output.status.code(), Some(3), "{text}");
    assert_eq!(text.matches("error: ").count(), 1, "{text}");
    assert!(text.contains("\n\nhint: "), "{text}");
    text
}

#[cfg(unix)]
#[test]
fn init_writes_a_private_folder_per_member_and_one_genesis() {
    use std::os::unix::fs::PermissionsExt as _;
    let network = Network::init();
    let genesis = fs::read(network.home(1).join("genesis.json")).unwrap();
    let mut keys = std::collections::BTreeSet::new();
    for member in 1..=4 {
        let home = network.home(member);
        assert_eq!(fs::read(home.join("genesis.json")).unwrap(), genesis);
        for name in ["validator.key", "account.key", "sharing.key"] {
            let mode = fs::metadata(home.join(name)).unwrap().permissions().mode() & 0o777;
            assert_eq!(mode, 0o600, "{name}");
            assert!(keys.insert(fs::read(home.join(name)).unwrap()), "a key was given twice");
        }
        let shown = qiao(&["config", "show", "--json", "--home"]).arg(&home).output().unwrap();
        assert!(shown.status.success(), "{}", transcript(&shown));
    }
}

#[test]
fn init_refuses_a_folder_that_is_not_empty() {
    let network = Network::init();
    let output = qiao(&["init", "--out"]).arg(network.home(1)).output().unwrap();
    assert_eq!(output.status.code(), Some(3));
    assert!(stderr(&output).contains("is not empty"), "{}", stderr(&output));
}

#[test]
fn start_refuses_an_unknown_key_and_names_the_nearest() {
    let network = Network::init();
    let file = network.home(1).join("qiao.toml");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replace("http_listen =", "http_lisen =")).unwrap();
    let text = refused(&network.home(1));
    assert!(text.contains("unknown configuration key `http_lisen`"), "{text}");
    assert!(text.contains("did you mean `http_listen`?"), "{text}");
}

#[cfg(unix)]
#[test]
fn start_refuses_keys_that_others_can_read_and_keys_that_are_gone() {
    use std::os::unix::fs::PermissionsExt as _;
    let network = Network::init();
    let key = network.home(1).join("validator.key");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    let text = refused(&network.home(1));
    assert!(text.contains("can be read by other users"), "{text}");
    fs::remove_file(&key).unwrap();
    assert!(refused(&network.home(1)).contains("validator.key"));
}

#[test]
fn start_refuses_the_genesis_of_another_network() {
    let (ours, theirs) = (Network::init(), Network::init());
    let foreign = theirs.home(1).join("genesis.json");
    fs::copy(foreign, ours.home(1).join("genesis.json")).unwrap();
    let text = refused(&ours.home(1));
    assert!(text.contains("is the wrong one"), "{text}");
}

#[test]
fn start_refuses_accounts_that_do_not_make_the_state_that_the_genesis_states() {
    let network = Network::init();
    let file = network.home(1).join("genesis.json");
    let mut genesis: serde_json::Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
    genesis["accounts"]["0x00000000000000000000000000000000000000aa"] =
        serde_json::json!({ "balance": "0x1" });
    fs::write(&file, genesis.to_string()).unwrap();
    let text = refused(&network.home(1));
    assert!(text.contains("but its contents amount to"), "{text}");
    assert!(text.contains("a first start needs the whole `genesis.json`"), "{text}");
}

#[test]
fn start_refuses_the_data_of_another_chain() {
    let network = Network::init();
    let data = network.home(1).join("data");
    fs::create_dir_all(&data).unwrap();
    fs::write(data.join("chain"), format!("0x{:064}\n", 7)).unwrap();
    let text = refused(&network.home(1));
    assert!(text.contains("belongs to another chain"), "{text}");
}

#[test]
fn start_refuses_a_port_in_use_by_its_key() {
    let network = Network::init();
    let url = network.url(1);
    let _taken = TcpListener::bind(url.trim_start_matches("http://")).unwrap();
    let text = refused(&network.home(1));
    assert!(text.contains("for `http_listen` is in use"), "{text}");
}

#[test]
fn start_refuses_a_data_folder_in_use() {
    let mut network = Network::init();
    network.start_member(1);
    let lock = network.home(1).join("data/lock");
    network.wait("the data folder is locked", |_| {
        fs::read_to_string(&lock).is_ok_and(|holder| !holder.is_empty())
    });
    let text = refused(&network.home(1));
    assert!(text.contains("in use by another process"), "{text}");
}

#[test]
fn doctor_says_that_a_node_is_down() {
    let network = Network::init();
    let output = qiao(&["doctor", "--home"]).arg(network.home(1)).output().unwrap();
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    assert_eq!(output.status.code(), Some(3), "{text}");
    assert!(text.contains("the node is not running"), "{text}");
    assert!(text.contains("no node answers"), "{text}");
}
