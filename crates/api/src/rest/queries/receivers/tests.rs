//! Which destinations are taken, and which addresses are connected to.

use super::*;

const AUTHORITY: &[u8] = include_bytes!("../../../../tests/it/certificate/authority.pem");

fn allowed(origins: &[&str]) -> Receivers {
    let origins: Vec<String> = origins.iter().map(|origin| (*origin).to_owned()).collect();
    Receivers::new(&origins, false, Some(AUTHORITY)).unwrap()
}

#[test]
fn a_destination_is_allowed_by_its_whole_origin() {
    let receivers = allowed(&["https://erp.example", "http://10.1.2.3:8080", "http://[fd00::1]"]);
    for dest in [
        "https://erp.example/reports?for=qiao",
        "https://ERP.example:443/",
        "http://10.1.2.3:8080/",
        "http://[fd00::1]:80/",
        "http://localhost:9000/",
        "http://127.0.0.1:9000/",
        "http://[::1]:9000/",
    ] {
        assert!(receivers.check(dest).is_ok(), "{dest}");
    }
    for dest in [
        "http://erp.example/",
        "https://erp.example:8443/",
        "https://erp.example.evil/",
        "https://erp.example@evil/",
        "https://user:word@erp.example/",
        "http://10.1.2.3/",
        "http://10.1.2.4:8080/",
        "https://localhost/",
        "http://2130706433/",
        "ftp://erp.example/",
        "file:///etc/passwd",
        "nowhere",
        "",
    ] {
        assert!(receivers.check(dest).is_err(), "{dest}");
    }
}

#[test]
fn what_is_no_origin_is_refused_with_the_rule() {
    for text in ["erp.example", "https://", "https://erp.example/", "https://a/b", "ws://a", ""] {
        let error = Receivers::new(&[text.to_owned()], false, Some(AUTHORITY)).unwrap_err();
        assert!(matches!(error, ReceiversError::Origin(_)), "{text}: {error}");
    }
    let secure = ["https://erp.example".to_owned()];
    let error = Receivers::new(&secure, false, None).unwrap_err();
    assert_eq!(error.to_string().split(" speaks").next(), Some("`https://erp.example:443`"));
    let error = Receivers::new(&secure, false, Some(b"no certificate")).unwrap_err();
    assert!(matches!(error, ReceiversError::Certificate(_)), "{error}");
    assert_eq!(Receivers::new(&[], false, None), Ok(Receivers::default()));
}

#[test]
fn a_name_is_not_followed_into_the_owners_network() {
    let receivers = allowed(&["https://erp.example"]);
    let reach = |host: &str, address: &str| receivers.may_reach(host, address.parse().unwrap());
    for address in ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"] {
        assert!(reach("erp.example", address), "{address}");
    }
    for address in [
        "0.0.0.0",
        "10.0.0.1",
        "100.64.0.1",
        "127.0.0.1",
        "169.254.169.254",
        "172.16.0.1",
        "192.0.0.8",
        "192.168.1.1",
        "198.18.0.1",
        "203.0.113.1",
        "224.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:10.0.0.1",
        "::ffff:127.0.0.1",
        "64:ff9b::a00:1",
        "2001::1",
        "2001:db8::1",
        "2002:a00:1::",
        "fd00::1",
        "fe80::1",
        "ff02::1",
    ] {
        assert!(!reach("erp.example", address), "{address}");
    }
    // The own machine is no way to others, and an address is only itself.
    assert!(reach("localhost", "127.0.0.1") && !reach("localhost", "10.0.0.1"));
    assert!(reach("10.1.2.3", "10.1.2.3") && !reach("10.1.2.3", "10.1.2.4"));
    let open = Receivers { may_be_private: true, ..receivers.clone() };
    assert!(open.may_reach("erp.example", "10.0.0.1".parse().unwrap()));
}
