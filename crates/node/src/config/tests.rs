//! Tests of the configuration.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

fn home(text: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(CONFIG_FILE), text).unwrap();
    folder
}

fn load(text: &str) -> Result<(Config, Vec<Effective>), ConfigError> {
    let home = home(text);
    Config::load(home.path(), &|_| None, &BTreeMap::new())
}

#[test]
fn an_unknown_key_is_refused_with_the_nearest() {
    let error = load("http_liste = \"127.0.0.1:1\"").unwrap_err();
    assert!(error.to_string().starts_with("unknown configuration key `http_liste`"), "{error}");
    assert_eq!(error.hint(), "did you mean `http_listen`?");
}

#[test]
fn the_password_of_the_index_is_a_file_in_the_home() {
    let home = home("index_url = \"postgres://q@db/t?password_file=db.password&schema=a\"");
    let (config, _) = Config::load(home.path(), &|_| None, &BTreeMap::new()).unwrap();
    let file = home.path().join("db.password");
    assert_eq!(config.index_password_file(), Some(file.clone()));
    let url = format!("postgres://q@db/t?password_file={}&schema=a", file.display());
    assert_eq!(config.index_url(), url);
}

#[test]
fn flag_goes_before_environment_before_file_before_default() {
    let home = home("name = \"file\"\nhttp_listen = \"127.0.0.1:1\"\nrpc_listen = \"127.0.0.1:2\"");
    let environment = |name: &str| match name {
        "QIAO_NAME" => Some("environment".to_string()),
        "QIAO_HTTP_LISTEN" => Some("127.0.0.1:3".to_string()),
        _ => None,
    };
    let flags = BTreeMap::from([("name", "flag".to_string())]);
    let (config, effective) = Config::load(home.path(), &environment, &flags).unwrap();
    assert_eq!(config.name, "flag");
    assert_eq!(config.http_listen.port(), 3);
    assert_eq!(config.rpc_listen.port(), 2);
    assert_eq!(config.data_dir, home.path().join("data"));
    let origins: BTreeMap<_, _> = effective.iter().map(|e| (e.key, e.origin)).collect();
    assert_eq!(origins["name"], Origin::Flag);
    assert_eq!(origins["http_listen"], Origin::Environment);
    assert_eq!(origins["rpc_listen"], Origin::File);
    assert_eq!(origins["log"], Origin::Default);
}

#[test]
fn a_wrong_value_names_key_origin_and_rule() {
    let error = load("state_window_blocks = \"many\"").unwrap_err();
    assert_eq!(
        error.to_string(),
        "configuration key `state_window_blocks` (file): must be a whole number above 0, not `\"many\"`"
    );
    assert!(load("state_window_blocks = -1").is_err());
    assert!(load("p2p_listen = \"localhost\"").is_err());
    assert!(load("peers = \"a\"").is_err());
    assert!(matches!(load("a = ="), Err(ConfigError::Malformed { .. })));
}

#[test]
fn the_annotated_sample_is_read_back_as_the_default() {
    let text = annotated(&BTreeMap::new());
    let all = text.replace("\n# ", "\n").replace("\n#", "\n");
    let keys: Vec<&str> = all.lines().filter(|line| line.contains(" = ")).collect();
    assert_eq!(keys.len(), KEYS.len(), "{text}");
    let home = home(&keys.join("\n"));
    let (config, effective) = Config::load(home.path(), &|_| None, &BTreeMap::new()).unwrap();
    let (default, _) = load("").unwrap();
    assert_eq!(config.http_listen, default.http_listen);
    assert_eq!(config.pool_bytes_max, default.pool_bytes_max);
    assert!(effective.iter().all(|e| e.origin == Origin::File));
}

#[test]
fn peers_replace_addresses_by_name() {
    let (config, _) = load("peers = [\"member-2=10.0.0.2:9400\"]").unwrap();
    assert_eq!(config.peer_address("member-2"), Some("10.0.0.2:9400"));
    assert_eq!(config.peer_address("member-3"), None);
}

proptest! {
    #[test]
    fn no_file_breaks_the_reader_and_every_refusal_has_a_hint(text in "\\PC{0,200}") {
        if let Err(error) = load(&text) {
            prop_assert!(!error.to_string().is_empty());
            prop_assert!(!error.hint().is_empty());
        }
    }

    #[test]
    fn any_value_of_any_key_is_taken_or_refused_with_the_key(
        key in 0..KEYS.len(),
        value in prop_oneof![
            "[0-9]{1,25}", "-[0-9]{1,5}", "\\[[0-9, ]{0,9}\\]", "(true|false)", "\"[^\"\\\\\\pC]{0,40}\"",
        ],
    ) {
        let name = KEYS[key].name;
        if let Err(error) = load(&format!("{name} = {value}")) {
            let text = error.to_string();
            prop_assert!(text.contains(name) || matches!(error, ConfigError::Malformed { .. }), "{}", text);
        }
    }
}
