//! Tests of the home folder.

use qiao_api::sharing::Keyring;
use qiao_types::{B256, Parameters, StateCommitment};

use super::*;

fn genesis(chain_id: u64) -> Genesis {
    Genesis {
        chain_id,
        name: "test".into(),
        timestamp_ms: 0,
        parameters: Parameters::default(),
        organisations: Vec::new(),
        validators: Vec::new(),
        accounts: BTreeMap::new(),
        imported: None,
        state: StateCommitment {
            root: B256::ZERO,
            operations_root: B256::ZERO,
            operations_start: 0,
            operations_end: 0,
        },
    }
}

#[test]
fn a_written_home_is_read_back_and_its_keys_are_private() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("member-1");
    let account = PrivateKeySigner::from_slice(&[7; 32]).unwrap();
    let files = MemberFiles {
        sharing_key: Keyring::fresh().to_text(),
        name: "member-1".into(),
        settings: BTreeMap::from([("http_listen", config::quoted("127.0.0.1:9001"))]),
        genesis: serde_json::to_string(&genesis(1)).unwrap(),
        validator_key: "secret".into(),
        account: account.clone(),
    };
    files.write(&home).unwrap();
    let (config, _) = config::Config::load(&home, &|_| None, &BTreeMap::new()).unwrap();
    assert_eq!(config.http_listen.port(), 9001);
    assert_eq!(read_secret(&config.validator_key_file).unwrap(), "secret");
    assert_eq!(read_account(&config.account_key_file).unwrap().address(), account.address());
    assert_eq!(read_genesis(&config.genesis).unwrap(), genesis(1));
    let error = files.write(&home).unwrap_err();
    assert!(matches!(error, HomeError::Inaccessible { .. }), "{error}");
    assert!(matches!(require_empty(&home), Err(HomeError::NotEmpty { .. })));
}

#[cfg(unix)]
#[test]
fn a_key_that_others_can_read_is_refused() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.key");
    write_file(&path, "secret", 0o600).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    let error = read_secret(&path).unwrap_err();
    assert!(error.to_string().contains("can be read by other users (mode 644)"), "{error}");
}

#[test]
fn a_data_folder_is_held_by_one_process_and_one_chain() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data");
    let held = DataFolder::open(&path, &genesis(1)).unwrap();
    let error = DataFolder::open(&path, &genesis(1)).unwrap_err();
    assert!(matches!(error, HomeError::InUse { .. }), "{error}");
    drop(held);
    let error = DataFolder::open(&path, &genesis(2)).unwrap_err();
    assert!(matches!(error, HomeError::OtherChain { .. }), "{error}");
    DataFolder::open(&path, &genesis(1)).unwrap();
}

#[test]
fn a_port_in_use_is_refused_by_its_key() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let error = require_free("http_listen", address).unwrap_err();
    assert!(error.to_string().contains("for `http_listen` is in use"), "{error}");
    drop(listener);
    require_free("http_listen", address).unwrap();
}

#[test]
fn a_missing_key_and_a_broken_genesis_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x");
    assert!(read_secret(&path).unwrap_err().to_string().starts_with("key file `"));
    write_file(&path, "{\"chain_id\": 1}", 0o600).unwrap();
    assert!(matches!(read_genesis(&path), Err(HomeError::GenesisMalformed { .. })));
    assert!(matches!(read_account(&path), Err(HomeError::KeyMalformed { .. })));
}
