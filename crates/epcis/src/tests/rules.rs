//! Each rule, by a document that breaks it alone.

use super::{EVENT, changed, event, problem, problems};
use crate::{Limits, parse};

const HEAD: &str = r#""@context": "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld",
    "eventTime": "2026-03-04T11:00:30Z", "eventTimeZoneOffset": "+00:00""#;

/// An event of this type with these fields.
fn event_of(kind: &str, fields: &str) -> String {
    format!(r#"{{{HEAD}, "type": "{kind}", {fields}}}"#)
}

#[test]
fn values_must_have_their_form() {
    for (from, to, field, code) in [
        ("2026-03-04T11", "2026-02-29T11", "eventTime", "epcis.invalid_time"),
        ("30.5+01:00", "30.5", "eventTime", "epcis.invalid_time"),
        ("\"+01:00\"", "\"+15:00\"", "eventTimeZoneOffset", "epcis.invalid_time_zone_offset"),
        ("\"+01:00\"", "\"+0100\"", "eventTimeZoneOffset", "epcis.invalid_time_zone_offset"),
        ("\"ADD\"", "\"add\"", "action", "epcis.unknown_action"),
        ("\"po\"", "\"order\"", "bizTransactionList[0].type", "epcis.unknown_word"),
        ("\"owning_party\"", "\"owner\"", "sourceList[0].type", "epcis.unknown_word"),
        ("\"KGM\"", "\"kg\"", "quantityList[0].uom", "epcis.invalid_uom"),
        ("25.50", "\"25.50\"", "quantityList[0].quantity", "epcis.wrong_type"),
        ("4.0,", "\"4\",", "sensorElementList[0].sensorReport[0].value", "epcis.wrong_type"),
        ("0000000333", "000000333", "epcList[0]", "epcis.identifier_malformed"),
        ("0000000333", "0000000111", "epcList", "epcis.repeated_element"),
        ("4012345000115", "4012345000114", "bizLocation.id", "epcis.check_digit"),
        ("urn:example:po:1", "po 1", "bizTransactionList[0].bizTransaction", "epcis.not_uri"),
        (
            "\"Temperature\"",
            "\"how warm?\"",
            "sensorElementList[0].sensorReport[0].type",
            "epcis.unknown_word",
        ),
        ("\"action\"", "\"eventID\": \"7\", \"action\"", "eventID", "epcis.not_uri"),
        (
            "\"action\"",
            "\"certificationInfo\": [{}], \"action\"",
            "certificationInfo[0]",
            "epcis.wrong_type",
        ),
        (
            "\"action\"",
            "\"persistentDisposition\": {\"set\": []}, \"action\"",
            "persistentDisposition.set",
            "epcis.empty_list",
        ),
        (
            "\"action\"",
            "\"persistentDisposition\": {}, \"action\"",
            "persistentDisposition.set",
            "epcis.missing_field",
        ),
        (
            "\"action\"",
            "\"errorDeclaration\": {}, \"action\"",
            "errorDeclaration.declarationTime",
            "epcis.missing_field",
        ),
        (
            "\"value\": 4.0",
            "\"hexBinaryValue\": \"xyz\"",
            "sensorElementList[0].sensorReport[0].hexBinaryValue",
            "epcis.invalid_hexadecimal",
        ),
        (
            "\"value\": 4.0",
            "\"booleanValue\": 1",
            "sensorElementList[0].sensorReport[0].booleanValue",
            "epcis.wrong_type",
        ),
    ] {
        assert_eq!(problem(&changed(from, to)), (field.to_owned(), code), "`{from}` as `{to}`");
    }
}

#[test]
fn fields_must_be_known_or_have_a_declared_prefix() {
    let long = format!("https://long.example/{}/", "x".repeat(256));
    for (from, to, field, code) in [
        ("\"farm:note\"", "\"note\"", "note", "epcis.unknown_field"),
        ("\"farm:note\"", "\":note\"", ":note", "epcis.unknown_field"),
        ("\"farm:note\"", "\"barn:note\"", "barn:note", "epcis.undeclared_prefix"),
        ("\"inner\"", "\"barn:inner\"", "farm:note.barn:inner", "epcis.undeclared_prefix"),
        ("\"farm:breed\"", "\"breed\"", "ilmd.breed", "epcis.unknown_field"),
        ("\"farm:note\"", "\"parentID\"", "parentID", "epcis.unknown_field"),
        (
            "\"uom\": \"KGM\"",
            "\"farm:unit\": 1",
            "quantityList[0].farm:unit",
            "epcis.unknown_field",
        ),
        (
            "\"uom\": \"CEL\"",
            "\"unit\": 1",
            "sensorElementList[0].sensorReport[0].unit",
            "epcis.unknown_field",
        ),
        (
            "{\"type\": \"po\",",
            "{\"kind\": \"po\",",
            "bizTransactionList[0].kind",
            "epcis.unknown_field",
        ),
        ("https://unused.example/", &long, "@context[2].unused", "epcis.limit_uri"),
        ("\"unused\"", "\"urn\"", "@context[2].urn", "epcis.reserved_prefix"),
        ("\"unused\"", "\"cbv\"", "@context[2].cbv", "epcis.reserved_prefix"),
        ("{\"unused\": \"https://unused.example/\"}", "7", "@context[2]", "epcis.wrong_type"),
        ("{\"unused\": \"https://unused.example/\"}", "\"x\"", "@context[2]", "epcis.not_uri"),
    ] {
        assert_eq!(problem(&changed(from, to)), (field.to_owned(), code), "`{from}` as `{to}`");
    }
    for accepted in ["https://farm.example/note", "urn:example:note", "cbvmda:lot", "gs1:note"] {
        event(&changed("farm:note", accepted));
    }
}

#[test]
fn each_type_of_event_needs_its_fields() {
    let child = r#""childEPCs": ["urn:example:1"]"#;
    let parent = r#""parentID": "urn:example:0""#;
    let order = r#""bizTransactionList": [{"bizTransaction": "urn:example:po"}]"#;
    let input = r#""inputEPCList": ["urn:example:1"]"#;
    let output = r#""outputQuantityList": [{"epcClass": "urn:example:2"}]"#;
    for (kind, fields, expected) in [
        ("ObjectEvent", r#""action": "ADD""#.to_owned(), ("", "missing_identifiers")),
        ("ObjectEvent", r#""epcList": []"#.to_owned(), ("action", "missing_field")),
        (
            "ObjectEvent",
            r#""epcList": [], "action": "OBSERVE", "ilmd": {}"#.to_owned(),
            ("ilmd", "ilmd_without_add"),
        ),
        ("AggregationEvent", format!(r#"{parent}, "action": "ADD""#), ("", "missing_identifiers")),
        ("AggregationEvent", format!(r#"{child}, "action": "ADD""#), ("parentID", "missing_field")),
        (
            "AssociationEvent",
            format!(r#"{child}, "action": "OBSERVE""#),
            ("parentID", "missing_field"),
        ),
        ("TransactionEvent", format!(r#"{order}, "action": "ADD""#), ("", "missing_identifiers")),
        (
            "TransactionEvent",
            r#""epcList": [], "action": "ADD""#.to_owned(),
            ("bizTransactionList", "missing_field"),
        ),
        (
            "TransactionEvent",
            r#""epcList": [], "bizTransactionList": [], "action": "ADD""#.to_owned(),
            ("bizTransactionList", "empty_list"),
        ),
        ("TransformationEvent", input.to_owned(), ("", "missing_identifiers")),
        (
            "TransformationEvent",
            format!(r#"{input}, {output}, "action": "ADD""#),
            ("action", "unknown_field"),
        ),
        ("SaleEvent", input.to_owned(), ("type", "unknown_event_type")),
    ] {
        let (field, code) = problem(&event_of(kind, &fields));
        assert_eq!(
            (field.as_str(), code.trim_start_matches("epcis.")),
            expected,
            "{kind} {fields}"
        );
    }
    for (kind, fields) in [
        ("ObjectEvent", r#""action": "OBSERVE", "readPoint": {"id": "urn:example:1"}, "sensorElementList": [{"sensorReport": [{"exception": "ALARM_CONDITION"}]}]"#.to_owned()),
        ("AggregationEvent", format!(r#"{child}, "action": "OBSERVE""#)),
        ("AggregationEvent", format!(r#"{parent}, "action": "DELETE""#)),
        ("AssociationEvent", format!(r#"{parent}, {child}, "action": "ADD""#)),
        ("TransactionEvent", format!(r#"{order}, "action": "DELETE""#)),
        ("TransformationEvent", format!("{input}, {output}")),
        ("TransformationEvent", format!(r#"{input}, "transformationID": "urn:example:t""#)),
    ] {
        event(&event_of(kind, &fields));
    }
}

#[test]
fn an_event_on_its_own_needs_a_context() {
    let text = changed("\"@context\"", "\"_context\"").replace("farm:", "gs1:");
    assert_eq!(problem(&text), ("@context".to_owned(), "epcis.missing_field"));
    let many: Vec<_> = (0..65).map(|n| format!(r#""p{n}": "https://p.example/{n}/""#)).collect();
    let text = changed(r#""unused": "https://unused.example/""#, &many.join(","));
    assert_eq!(problem(&text), ("@context".to_owned(), "epcis.limit_prefixes"));
}

#[test]
fn a_document_needs_its_frame() {
    let codes = |text: &str| {
        let problems = parse(text.as_bytes(), &Limits::DOCUMENT).unwrap_err();
        problems.into_iter().map(|p| (p.event, p.field, p.code)).collect::<Vec<_>>()
    };
    let missing = |field: &str| (None, field.to_owned(), "epcis.missing_field");
    assert_eq!(
        codes(r#"{"type": "EPCISDocument", "epcisBody": {}}"#),
        [
            missing("@context"),
            missing("schemaVersion"),
            missing("creationDate"),
            missing("epcisBody.eventList")
        ]
    );
    assert_eq!(
        codes(
            r#"{"type": "EPCISQueryDocument", "@context": [], "epcisBody": {"queryResults": {}}}"#
        ),
        [
            missing("epcisBody.queryResults.queryName"),
            missing("epcisBody.queryResults.resultsBody")
        ]
    );
    let frame = r#""@context": [], "type": "EPCISDocument", "schemaVersion": "two", "x": 1,
        "creationDate": "today", "epcisBody": {"eventList": [7, {}]}"#;
    assert_eq!(
        codes(&format!("{{{frame}}}")),
        [
            (None, "schemaVersion".to_owned(), "epcis.invalid_version"),
            (None, "x".to_owned(), "epcis.unknown_field"),
            (None, "creationDate".to_owned(), "epcis.invalid_time"),
            (Some(0), "eventList[0]".to_owned(), "epcis.wrong_type"),
            (Some(1), "eventList[1].type".to_owned(), "epcis.missing_field"),
        ]
    );
    assert_eq!(codes("7"), [(None, String::new(), "epcis.wrong_type")]);
}

#[test]
fn master_data_in_the_header_is_checked() {
    let with = |master_data: &str| {
        format!(
            r#"{{"@context": [], "type": "EPCISDocument", "schemaVersion": "2.0",
                "creationDate": "2026-01-01T00:00:00Z", "epcisBody": {{"eventList": []}},
                "epcisHeader": {{"epcisMasterData": {{"vocabularyList": {master_data}}}}}}}"#
        )
    };
    let valid = r#"[{"type": "urn:epcglobal:epcis:vtype:Location", "vocabularyElementList": [
        {"id": "urn:epc:id:sgln:4012345.00005.0", "attributes":
            [{"id": "cbvmda:countryCode", "attribute": "DE"}], "children": ["urn:example:1"]}]}]"#;
    assert!(parse(with(valid).as_bytes(), &Limits::DOCUMENT).unwrap().events.is_empty());
    for (broken, field) in [
        ("7", ""),
        ("[7]", "[0]"),
        ("[{}]", "[0].type"),
        (r#"[{"type": "Location"}]"#, "[0].type"),
        (r#"[{"type": "a:b", "vocabularyElementList": [{}]}]"#, "[0].vocabularyElementList[0].id"),
    ] {
        let problems = parse(with(broken).as_bytes(), &Limits::DOCUMENT).unwrap_err();
        let field = format!("epcisHeader.epcisMasterData.vocabularyList{field}");
        assert_eq!(problems[0].field, field, "{problems:#?}");
    }
}

#[test]
fn problems_are_counted_but_not_without_end() {
    let names: Vec<_> = (0..500).map(|n| format!("\"f{n}\": 0")).collect();
    let text = changed("\"action\"", &format!("{}, \"action\"", names.join(",")));
    assert_eq!(problems(&text).len(), Limits::DOCUMENT.problems_max);
    let long = changed("\"farm:note\"", &format!("\"{}\"", "x".repeat(60_000)));
    assert!(problems(&long)[0].rule.len() < 300, "a message stays short");
    assert!(problems(&long)[0].field.len() < 300, "a path stays short");
    event(EVENT);
}
