//! Tests of what the configuration says of the listeners.

use super::*;

fn config() -> Config {
    Config { rpc_listen: "0.0.0.0:8545".parse().unwrap(), ..Config::default() }
}

#[test]
fn a_listener_that_others_reach_asks_for_keys() {
    let error = door(&config()).unwrap_err();
    assert!(matches!(error, DoorError::Open { key: "rpc_listen", .. }), "{error}");
    assert!(error.hint().contains("api_keys_file"));
    let open = door(&Config { open_without_keys: true, ..config() }).unwrap();
    assert!(open.keys.is_none());
    assert!(door(&Config::default()).unwrap().keys.is_none(), "loopback is open");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("api.keys");
    let named = || Config { api_keys_file: Some(file.clone()), ..config() };
    let error = door(&named()).unwrap_err();
    assert!(error.hint().contains("qiao key add"), "a file that is not there: {error}");
    crate::access::add(&file, "erp", &"read".parse().unwrap(), crate::access::Holder::Own).unwrap();
    assert!(door(&named()).unwrap().keys.is_some());
}

#[test]
fn a_certificate_comes_with_its_key_which_nobody_else_reads() {
    use std::os::unix::fs::PermissionsExt as _;
    let certificate = Some("node.pem".into());
    let half = Config { tls_certificate_file: certificate.clone(), ..Config::default() };
    assert!(matches!(door(&half), Err(DoorError::HalfTls)));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("node.key");
    std::fs::write(&file, "key").unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
    let exposed = Config { tls_key_file: Some(file), ..half };
    assert!(matches!(door(&exposed), Err(DoorError::Secret(_))));
}

#[test]
fn a_node_reports_to_origins_whose_certificates_somebody_vouches_for() {
    let to =
        |origin: &str| Config { webhook_origins: vec![origin.to_owned()], ..Config::default() };
    let error = door(&to("erp.example.com")).unwrap_err();
    assert!(matches!(error, DoorError::Receivers(ReceiversError::Origin(_))), "{error}");
    assert!(error.hint().contains("https://"), "{}", error.hint());
    let missing =
        Config { webhook_ca_file: Some("nowhere.pem".into()), ..to("https://erp.example.com") };
    let error = door(&missing).unwrap_err();
    assert!(error.hint().contains("webhook_ca_file"), "{error}");
    assert!(door(&to("http://10.1.2.3:8080")).is_ok());
}
