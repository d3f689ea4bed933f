//! Properties over many events and over any bytes.

use super::{EVENT, event};
use crate::decimal::{canonical_decimal, plain_decimal};
use crate::time::{format_timestamp, parse_timestamp};
use crate::{Event, Identifier, Json, Limits, check_digit, parse};
use proptest::prelude::*;

/// Values that an extension may have.
fn any_value() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("true".to_owned()),
        any::<i32>().prop_map(|number| number.to_string()),
        (any::<i16>(), 0..1000).prop_map(|(whole, part)| format!("{whole}.{part}")),
        "[ -~]{0,12}".prop_map(|text| serde_json::to_string(&text).unwrap()),
        "[a-z:{}=0-9.é😀\\\\\"]{0,8}".prop_map(|text| serde_json::to_string(&text).unwrap()),
        Just("\"urn:epc:id:sscc:4012345.0000000333\"".to_owned()),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        let name = "farm:[a-zA-Z]{1,6}|[a-z]{1,6}|farm:itemList|type|source|bizTransaction|childEPCs|sourceList|time";
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(|v| format!("[{}]", v.join(","))),
            prop::collection::btree_map(name, inner, 0..4).prop_map(|fields| {
                // Against the alphabet, so that sorting them is a change.
                let fields = fields.iter().rev().map(|(name, value)| format!("\"{name}\":{value}"));
                format!("{{{}}}", fields.collect::<Vec<_>>().join(","))
            }),
        ]
    })
}

/// The fields of an event that proptest may shuffle and leave out, each as `"name":value`.
pub(super) fn any_fields() -> impl Strategy<Value = Vec<String>> {
    let identifier = prop_oneof![
        "[0-9]{6}".prop_map(|serial| format!("urn:epc:id:sgtin:4012345.011111.{serial}")),
        "[a-z0-9]{1,8}".prop_map(|name| format!("urn:example:{name}")),
    ];
    let ids = prop::collection::btree_set(identifier, 0..5)
        .prop_map(|ids| format!("\"epcList\":{}", serde_json::to_string(&ids).unwrap()));
    let amounts = prop::collection::vec((0..99_u32, 0..999_u32), 0..4).prop_map(|amounts| {
        let elements = amounts.iter().map(|(whole, part)| {
            format!(r#"{{"quantity":{whole}.{part},"uom":"KGM","epcClass":"urn:example:{whole}"}}"#)
        });
        format!("\"quantityList\":[{}]", elements.collect::<Vec<_>>().join(","))
    });
    let extensions =
        prop::collection::btree_map("farm:[a-z]{1,5}|farm:[a-z]List", any_value(), 0..4);
    (ids, amounts, extensions, any_value(), 0..4_000_000_000_000_i64).prop_map(
        |(ids, amounts, extensions, inside, ms)| {
            let mut fields = vec![
                "\"type\":\"ObjectEvent\"".to_owned(),
                "\"action\":\"ADD\"".to_owned(),
                format!("\"eventTime\":\"{}\"", format_timestamp(ms)),
                "\"eventTimeZoneOffset\":\"+08:00\"".to_owned(),
                format!(r#""ilmd":{{"farm:inside":{inside}}}"#),
                format!(r#""readPoint":{{"id":"urn:example:1","farm:x":{inside}}}"#),
                ids,
                amounts,
            ];
            fields.extend(extensions.iter().map(|(name, value)| format!("\"{name}\":{value}")));
            fields
        },
    )
}

pub(super) fn assemble(fields: &[String], separator: &str) -> String {
    let context = r#""@context":[{"farm":"https://farm.example/terms/"}]"#;
    format!("{{{context},{separator}{}}}", fields.join(&format!(",{separator}")))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = parse(&bytes, &Limits::DOCUMENT);
        let _ = Event::parse(&bytes, &Limits::EVENT);
    }

    #[test]
    fn no_damage_to_an_event_makes_it_panic(
        at in 0..EVENT.len(),
        length in 0..40_usize,
        patch in "[ -~]{0,10}|[\\[\\]{}\",:0-9e.é]{0,6}",
    ) {
        let mut bytes = EVENT.as_bytes().to_vec();
        let end = (at + length).min(bytes.len());
        bytes.splice(at..end, patch.bytes());
        if let Ok(event) = Event::parse(&bytes, &Limits::EVENT) {
            let again = Event::parse(event.to_json().as_bytes(), &Limits::EVENT).unwrap();
            prop_assert_eq!(again.pre_hash(), event.pre_hash());
        }
    }

    #[test]
    fn the_order_of_fields_and_white_space_do_not_count(
        (fields, shuffled) in any_fields().prop_flat_map(|fields| {
            (Just(fields.clone()), Just(fields).prop_shuffle())
        }),
    ) {
        let event = event(&assemble(&fields, ""));
        let other = super::event(&assemble(&shuffled, "\n  "));
        prop_assert_eq!(event.pre_hash(), other.pre_hash());
        prop_assert_eq!(event.hash(), other.hash());
        // The other library sorts the fields of every object.
        let sorted: serde_json::Value = serde_json::from_str(&assemble(&fields, "")).unwrap();
        prop_assert_eq!(event.pre_hash(), super::event(&sorted.to_string()).pre_hash());
    }

    #[test]
    fn an_event_survives_being_written(fields in any_fields()) {
        let first = event(&assemble(&fields, ""));
        let text = first.to_json();
        let second = event(&text);
        prop_assert_eq!(second.hash(), first.hash());
        prop_assert_eq!(second.items(), first.items());
        prop_assert_eq!(second.to_json(), text);
    }

    #[test]
    fn every_identifier_of_an_item_is_canonical(fields in any_fields()) {
        for item in event(&assemble(&fields, "")).items() {
            prop_assert_eq!(&Identifier::parse(item.id.as_str()).unwrap(), &item.id);
        }
    }

    #[test]
    fn any_text_is_an_identifier_or_a_clear_error(text in "\\PC{0,60}|(urn:epc:(id|class|idpat):[a-z]{3,5}:|https://id.gs1.org/)[0-9./*%A-Z]{0,40}") {
        if let Ok(identifier) = Identifier::parse(&text) {
            prop_assert_eq!(&Identifier::parse(identifier.as_str()).unwrap(), &identifier);
        }
    }

    #[test]
    fn a_product_has_one_identifier(
        prefix in "[0-9]{6,12}",
        rest in "[0-9]{7}",
        serial in "[A-Za-z0-9!'()*+,.:;=_-]{1,20}",
    ) {
        let item = &rest[..13 - prefix.len()];
        let urn = format!("urn:epc:id:sgtin:{prefix}.{item}.{serial}");
        let digits = format!("{}{prefix}{}", &item[..1], &item[1..]);
        let gtin = format!("{digits}{}", check_digit(&digits).unwrap());
        let link = format!("https://shop.example/products/01/{gtin}/10/LOT/21/{serial}?x=1");
        prop_assert_eq!(Identifier::parse(&urn).unwrap(), Identifier::parse(&link).unwrap());
    }

    #[test]
    fn numbers_have_one_form(digits in "[1-9][0-9]{0,15}", zeros in 0..9_usize, point in 0..9_usize) {
        let at = digits.len().saturating_sub(point);
        let whole = if at == 0 { "0" } else { &digits[..at] };
        let plain = format!("{whole}.{}{}", &digits[at..], "0".repeat(zeros + 1));
        let scaled = format!("+000{digits}.{}E-{}", "0".repeat(zeros), digits.len() - at);
        prop_assert_eq!(plain_decimal(&plain), plain_decimal(&scaled));
        prop_assert_eq!(canonical_decimal(&plain), canonical_decimal(&scaled));
        let form = plain_decimal(&plain).unwrap();
        prop_assert_eq!(plain_decimal(&form), Some(form.clone()));
        prop_assert!(!form.ends_with('.') && (!form.contains('.') || !form.ends_with('0')));
    }

    #[test]
    fn times_have_one_form(ms in -62_135_596_800_000..=253_402_300_799_999_i64) {
        let text = format_timestamp(ms);
        prop_assert_eq!(parse_timestamp(&text), Some(ms));
        let finer = text.replace('Z', "4999+00:00");
        prop_assert_eq!(parse_timestamp(&finer), Some(ms));
    }

    #[test]
    fn our_json_reader_agrees_with_another_one(
        text in prop_oneof![
            "[\\[\\]{}\",:0-9eE+\\-.truefalsn\\\\u ]{0,24}",
            any_value(),
            any_value().prop_flat_map(|text| (0..text.len().max(1), Just(text)))
                .prop_map(|(at, text)| text.chars().enumerate()
                    .filter(|(index, _)| *index != at).map(|(_, c)| c).collect::<String>()),
        ],
    ) {
        let theirs = serde_json::from_str::<serde_json::Value>(&text);
        match Json::parse(text.as_bytes(), &Limits::EVENT) {
            Ok(json) => {
                let again = serde_json::from_str::<serde_json::Value>(&json.to_string());
                prop_assert_eq!(theirs.unwrap(), again.unwrap());
            }
            // They do not refuse repeated fields, and have no limits like ours.
            Err(error) if error.code != "epcis.json_syntax" => {}
            Err(_) => prop_assert!(theirs.is_err(), "{}", text),
        }
    }
}

#[test]
fn numbers_are_written_as_in_the_published_hashes() {
    for (text, expected) in [
        ("26.0", "26"),
        ("1e3", "1000"),
        ("0012", "12"),
        ("-0.0", "0"),
        (".5", "0.5"),
        ("5.", "5"),
        ("-1.50", "-1.5"),
        ("0.0001", "0.0001"),
        ("0.00005", "5e-05"),
        ("0.0000123", "1.23e-05"),
    ] {
        assert_eq!(canonical_decimal(text).as_deref(), Some(expected), "{text}");
    }
    for text in ["", "-", ".", "e5", "1e", "1_0", "nan", "Infinity", "1e100", "+-1", "--1", "1 2"] {
        assert_eq!(canonical_decimal(text), None, "{text}");
    }
    assert_eq!(plain_decimal("5e-05").as_deref(), Some("0.00005"));
}
