//! One thing has one identifier, however it is written.

use crate::{Identifier, IdentifierError, Level, check_digit};

fn canonical(text: &str) -> String {
    Identifier::parse(text).unwrap_or_else(|error| panic!("{error}")).to_string()
}

/// An EPC URN, its canonical form after the domain, and whether it names a class.
const URNS: &[(&str, &str, bool)] = &[
    ("id:sgtin:4012345.011111.98%22", "01/04012345111118/21/98%22", false),
    ("id:sgtin:415056789012.0.987654", "01/04150567890128/21/987654", false),
    ("id:sgtin:0614141.812345.6789%2f!()", "01/80614141123458/21/6789%2F%21%28%29", false),
    ("id:sscc:4012345.3111111111", "00/340123451111111111", false),
    ("id:sgln:4012345.00005.122", "414/4012345000054/254/122", false),
    ("id:sgln:4012345.00005.0", "414/4012345000054", false),
    ("id:sgln:401234512345..0", "414/4012345123456", false),
    ("id:pgln:4000001.00000", "417/4000001000005", false),
    ("id:grai:4012345.00022.334455", "8003/04012345000221334455", false),
    ("id:giai:4012345.ABC345", "8004/4012345ABC345", false),
    ("id:gsrn:4012345.0000006765", "8018/401234500000067657", false),
    ("id:gsrnp:4012345.0000000007", "8017/401234500000000074", false),
    ("id:gdti:4012345.00009.PO-4711", "253/4012345000092PO-4711", false),
    ("id:gdti:987659999999..9", "253/98765999999929", false),
    ("id:cpi:0614141.11-A%23%2F.1234", "8010/061414111-A%23%2F/8011/1234", false),
    ("id:sgcn:4012345.99999.044", "255/4012345999990044", false),
    ("id:ginc:0614141.xyz47%2F11", "401/0614141xyz47%2F11", false),
    ("id:gsin:4012345.222333444", "402/40123452223334442", false),
    ("id:itip:4012345.011111.01.02.987", "8006/040123451111180102/21/987", false),
    ("id:upui:1234567.098765.51qIgY)", "01/01234567987651/235/51qIgY%29", false),
    ("class:lgtin:4012345.012345.Lot987", "01/04012345123456/10/Lot987", true),
    ("idpat:sgtin:4012345.012345.*", "01/04012345123456", true),
    ("idpat:upui:4012345.012345.*", "01/04012345123456", true),
    ("idpat:grai:4012345.99999.*", "8003/04012345999990", true),
    ("idpat:gdti:4012345.11111.*", "253/4012345111118", true),
    ("idpat:sgcn:4012345.22222.*", "255/4012345222227", true),
    ("idpat:cpi:4012345.AB12.*", "8010/4012345AB12", true),
    ("idpat:itip:4012345.012345.01.02.*", "8006/040123451234560102", true),
];

#[test]
fn a_urn_becomes_the_digital_link_of_its_key() {
    for (urn, link, is_class) in URNS {
        let link = format!("https://id.gs1.org/{link}");
        let identifier = Identifier::parse(&format!("urn:epc:{urn}")).unwrap();
        assert_eq!(identifier.as_str(), link, "{urn}");
        assert_eq!(identifier.is_class(), *is_class, "{urn}");
        assert_eq!(Identifier::parse(&link), Ok(identifier), "canonical forms stay");
    }
}

#[test]
fn a_digital_link_on_any_domain_becomes_the_canonical_one() {
    for (written, expected) in [
        ("http://example.com/a/b/01/09780345418913?17=250101", "01/09780345418913"),
        ("https://example.com:8080/gtin/9780345418913/lot/1223/", "01/09780345418913/10/1223"),
        ("https://x.org/01/9780345418913/22/v/10/1223/21/765tz#x", "01/09780345418913/21/765tz"),
        ("https://x.org/01/09780345418913/cpv/344", "01/09780345418913"),
        ("https://x.org/01/09780345418913/21/a%2fb", "01/09780345418913/21/a%2Fb"),
        ("https://x.org/01/09780345418913/21/a(b)", "01/09780345418913/21/a%28b%29"),
        ("HTTPS://x.org/sscc/340123453111111115", "00/340123453111111115"),
        ("https://x.org/party/4226350800008", "417/4226350800008"),
        ("https://x.org/gln/4280000000002/254/12", "414/4280000000002/254/12"),
        ("https://x.org/8018/385888700111111111/8019/7", "8018/385888700111111111"),
    ] {
        assert_eq!(canonical(written), format!("https://id.gs1.org/{expected}"), "{written}");
    }
}

#[test]
fn what_is_no_gs1_key_stands_for_itself() {
    for text in [
        "urn:uuid:6f8b3f6e-1c1e-4a51-9d2c-5b8f0a1c2d3e",
        "urn:epc:id:gid:95100000.12345.400",
        "urn:epc:idpat:sgtin:4012345.*.*",
        "urn:epcglobal:cbv:bt:4012345000009:ASN1099",
        "geo:50.94,6.92",
        "https://example.com/01/news",
        "https://example.com/01/09780345418913/99/x",
        "https://example.com/",
        "https://id.gs1.org/8013/1987654Ad4X4bL5ttr2310c2K",
    ] {
        let identifier = Identifier::parse(text).unwrap();
        assert_eq!((identifier.as_str(), identifier.level()), (text, Level::Other));
    }
}

#[test]
fn a_wrong_check_digit_is_refused_with_the_right_one() {
    for (text, key, expected) in [
        ("https://id.gs1.org/01/09780345418914", "09780345418914", '3'),
        ("https://example.com/00/340123453111111110", "340123453111111110", '5'),
        ("https://example.com/414/4280000000003/254/1", "4280000000003", '2'),
    ] {
        let error = IdentifierError::CheckDigit { key: key.to_owned(), expected };
        assert_eq!(Identifier::parse(text), Err(error));
    }
}

#[test]
fn malformed_keys_are_refused() {
    for text in [
        "urn:epc:id:sgtin:4012345.01111.9876",
        "urn:epc:id:sgtin:4012345.011111.",
        "urn:epc:id:sgtin:4012345.011111.a/b",
        "urn:epc:id:sgtin:40123.45.9876",
        "urn:epc:id:sscc:4012345.000000033",
        "urn:epc:id:sgln:4012345.00011",
        "urn:epc:id:sgcn:4012345.99999.04A",
        "urn:epc:id:itip:4012345.011111.1.02.987",
        "urn:epc:class:lgtin:4012345.012345",
        "https://id.gs1.org/01/123",
        "https://id.gs1.org/414/428000000000X",
    ] {
        let error = Identifier::parse(text).unwrap_err();
        assert_eq!(error.code(), "epcis.identifier_malformed", "{text}");
    }
}

#[test]
fn texts_that_are_no_uris_are_refused() {
    for text in ["", "box 7", "4012345", "urn:", "https://example.com/a b", "urn:x:%G0", "a:é"] {
        assert_eq!(Identifier::parse(text).unwrap_err().code(), "epcis.not_uri", "{text}");
    }
    let long = format!("urn:example:{}", "x".repeat(3000));
    assert_eq!(Identifier::parse(&long).unwrap_err().code(), "epcis.limit_uri");
}

#[test]
fn check_digits_follow_the_general_specifications() {
    assert_eq!(check_digit("629104150021"), Some('3'));
    assert_eq!(check_digit("37610425002123456"), Some('9'));
    assert_eq!(check_digit(""), None);
    assert_eq!(check_digit("12a"), None);
}
