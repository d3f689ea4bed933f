//! What an event says, and how JSON is read.

use super::{EVENT, changed, event};
use crate::{Action, Event, EventKind, ItemRole, Json, Limits, parse};

#[test]
fn an_event_tells_what_where_when_and_why() {
    let event = event(EVENT);
    assert_eq!(event.kind(), EventKind::Object);
    assert_eq!(event.action(), Some(Action::Add));
    assert_eq!(event.event_time_ms(), 1_772_618_430_500);
    assert_eq!(event.time_zone_offset(), "+01:00");
    assert_eq!(event.biz_step(), Some("commissioning"));
    assert_eq!(event.disposition(), Some("active"));
    assert_eq!(event.read_point(), Some("https://id.gs1.org/414/4012345000115/254/987"));
    assert_eq!(event.biz_location(), Some("https://id.gs1.org/414/4012345000115"));
    assert_eq!(event.biz_transactions(), [(Some("po".to_owned()), "urn:example:po:1".to_owned())]);
    let party = "https://id.gs1.org/417/4000001000005".to_owned();
    assert_eq!(event.sources(), [("owning_party".to_owned(), party)]);
    assert_eq!(event.items().len(), 3);
    let lot = &event.items()[2];
    assert_eq!(lot.id.as_str(), "https://id.gs1.org/01/04012345123456/10/Lot987");
    assert_eq!((lot.role, lot.id.is_class()), (ItemRole::Object, true));
    assert_eq!((lot.quantity.as_deref(), lot.uom.as_deref()), (Some("25.5"), Some("KGM")));
    assert!(event.corrects().is_none());
}

#[test]
fn an_event_on_its_own_declares_only_what_it_uses() {
    let text = event(EVENT).to_json();
    assert!(text.starts_with(concat!(
        r#"{"@context":["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld","#,
        r#"{"farm":"https://farm.example/terms/"}],"type":"ObjectEvent","#
    )));
    assert!(!text.contains("unused"));
    assert!(text.contains(r#""quantity":25.50"#), "numbers keep their text");
    assert_eq!(event(&text).to_json(), text);
}

#[test]
fn the_same_event_written_otherwise_has_the_same_hash() {
    let hash = event(EVENT).hash();
    for (from, to) in [
        ("\n    ", " "),
        ("2026-03-04T11:00:30.5+01:00", "2026-03-04T10:00:30.500Z"),
        ("25.50", "2.55e1"),
        (
            "urn:epc:class:lgtin:4012345.012345.Lot987",
            "http://a.example/gtin/4012345123456/lot/Lot987",
        ),
        ("\"commissioning\"", "\"https://ref.gs1.org/cbv/BizStep-commissioning\""),
        ("\"commissioning\"", "\"urn:epcglobal:cbv:bizstep:commissioning\""),
        ("\"commissioning\"", "\"cbv:BizStep-commissioning\""),
        ("\"Temperature\"", "\"gs1:Temperature\""),
        (
            "\"type\": \"po\", \"bizTransaction\": \"urn:example:po:1\"",
            "\"bizTransaction\": \"urn:example:po:1\", \"type\": \"po\"",
        ),
        (
            "\"action\"",
            "\"eventID\": \"urn:uuid:1\", \"recordTime\": \"2026-03-05T00:00:00Z\", \"action\"",
        ),
        (
            "\"action\"",
            "\"errorDeclaration\": {\"declarationTime\": \"2026-03-05T00:00:00Z\"}, \"action\"",
        ),
        ("\"action\"", "\"_comment\": [{}], \"action\""),
        ("farm", "hof"),
        ("[12.50, 3]", "[3.0, 12.5]"),
    ] {
        // The namespace itself must not change with its prefix.
        let text = changed(from, to).replace("https://hof.example", "https://farm.example");
        assert_eq!(event(&text).hash(), hash, "`{from}` as `{to}`");
    }
}

#[test]
fn fields_inside_an_extension_may_stand_in_any_order() {
    let with = |inside: &str| event(&changed("\"inner\": true", inside)).hash();
    let (one, other) =
        (r#""source": 1, "time": 2, "type": 3"#, r#""type": 3, "source": 1, "time": 2"#);
    assert_eq!(with(one), with(other));
}

#[test]
fn another_event_has_another_hash() {
    let hash = event(EVENT).hash();
    for (from, to) in [
        ("30.5+01:00", "30.501+01:00"),
        ("25.50", "25.501"),
        ("Duroc", "Duroc "),
        ("\"active\"", "\"in_progress\""),
        ("Lot987", "lot987"),
        ("\"inner\": true", "\"inner\": false"),
        ("\"ADD\"", "\"OBSERVE\", \"farm:x\": 1"),
    ] {
        let text = changed(from, to);
        let text =
            if to.contains("OBSERVE") { text.replace("\"ilmd\"", "\"farm:ilmd\"") } else { text };
        // White space around a value does not count.
        assert_eq!(event(&text).hash() == hash, to == "Duroc ", "`{from}` as `{to}`");
    }
}

#[test]
fn long_numbers_are_not_rounded() {
    let with = |number: &str| event(&changed("25.50", number)).hash();
    assert_ne!(with("100000000000000000001"), with("100000000000000000002"));
    assert_ne!(with("0.1"), with("0.10000000000000000001"));
}

#[test]
fn an_error_declaration_has_the_hash_of_what_it_withdraws() {
    let declaration = r#""errorDeclaration": {"declarationTime": "2026-03-05T00:00:00Z",
        "reason": "did_not_occur", "correctiveEventIDs": ["urn:uuid:2"]}, "action""#;
    let withdrawn = event(&changed("\"action\"", declaration));
    let declared = withdrawn.corrects().unwrap();
    assert_eq!(declared.reason.as_deref(), Some("did_not_occur"));
    assert_eq!(declared.corrective_event_ids, ["urn:uuid:2"]);
    assert_eq!(withdrawn.hash(), event(EVENT).hash());
}

#[test]
fn prefixes_stand_for_their_namespace_in_identifiers() {
    let text = changed(r#"{"unused": "https://unused.example/"}"#, r#"{"x": "urn:epc:id:sscc:"}"#)
        .replace("urn:epc:id:sscc:4012345.0000000333", "x:4012345.0000000333");
    assert_eq!(event(&text).hash(), event(EVENT).hash());
    assert_eq!(event(&text).items(), event(EVENT).items());
}

#[test]
fn digital_links_are_another_way_to_write_the_same_event() {
    let linked = event(EVENT).with_digital_links();
    assert_eq!(linked.hash(), event(EVENT).hash());
    let text = linked.to_json();
    assert!(!text.contains("urn:epc:"), "{text}");
    assert!(text.contains(r#""epcClass":"https://id.gs1.org/01/04012345123456/10/Lot987""#));
    assert!(text.contains(r#""bizTransaction":"urn:example:po:1""#));
}

#[test]
fn documents_queries_and_arrays_hold_events() {
    let mut bare: String = EVENT.to_owned();
    let array = format!("[{EVENT}, {EVENT}]");
    assert_eq!(parse(array.as_bytes(), &Limits::DOCUMENT).unwrap().events.len(), 2);
    // Inside a document the context is the document's.
    bare.replace_range(bare.find("\"@context\"").unwrap()..bare.find("\"type\"").unwrap(), "");
    let head = r#""@context": {"farm": "https://farm.example/terms/"}, "schemaVersion": "2.0",
        "creationDate": "2026-01-01T00:00:00Z""#;
    let document = format!(
        r#"{{{head}, "type": "EPCISDocument", "_c": 1, "epcisBody": {{"eventList": [{bare}]}}}}"#
    );
    let query = format!(
        r#"{{{head}, "type": "EPCISQueryDocument", "epcisBody": {{"queryResults": {{
            "queryName": "q", "resultsBody": {{"eventList": [{bare}]}}}}}}}}"#
    );
    for text in [document, query] {
        let events = parse(text.as_bytes(), &Limits::DOCUMENT).unwrap().events;
        assert_eq!(events[0].hash(), event(EVENT).hash());
        assert_eq!(event(&events[0].to_json()).hash(), event(EVENT).hash());
    }
}

#[test]
fn json_keeps_what_was_written() {
    let text = r#"{"a":[1.50,-0,1E2,true,null,"\"\\/é😀\u0001"],"b":{}}"#;
    let json = Json::parse(text.as_bytes(), &Limits::EVENT).unwrap();
    assert_eq!(json.to_string(), text.replace("\\/", "\\\\/").replace("\\\\\\/", "\\\\/"));
    let escaped = r#""\ud83d\ude00\u00e9\n\/""#;
    assert_eq!(Json::parse(escaped.as_bytes(), &Limits::EVENT), Ok(Json::String("😀é\n/".into())));
}

#[test]
fn what_is_not_json_is_refused_with_its_place() {
    for (text, code) in [
        ("", "epcis.json_syntax"),
        ("{\"a\":1,}", "epcis.json_syntax"),
        ("[1 2]", "epcis.json_syntax"),
        ("{} {}", "epcis.json_syntax"),
        ("01", "epcis.json_syntax"),
        ("1.", "epcis.json_syntax"),
        ("nul", "epcis.json_syntax"),
        ("\"\\ud800\"", "epcis.json_syntax"),
        ("\"a\nb\"", "epcis.json_syntax"),
        ("{\"a\":1,\"\\u0061\":2}", "epcis.json_duplicate_field"),
        ("1e100", "epcis.limit_number"),
    ] {
        let error = Json::parse(text.as_bytes(), &Limits::EVENT).unwrap_err();
        assert_eq!(error.code, code, "{text}");
    }
    let error = Json::parse(b"{\n  \"a\": x}", &Limits::EVENT).unwrap_err();
    assert_eq!(error.rule, "a JSON value was expected (line 2, column 8)");
    assert_eq!(Json::parse(b"\"\xff\"", &Limits::EVENT).unwrap_err().code, "epcis.json_syntax");
}

#[test]
fn large_objects_are_searched_for_repeated_fields_too() {
    let fields = |last: usize| {
        let names = (0..100).chain([last]).map(|n| format!("\"f{n}\":0"));
        format!("{{{}}}", names.collect::<Vec<_>>().join(","))
    };
    assert!(Json::parse(fields(100).as_bytes(), &Limits::EVENT).is_ok());
    let error = Json::parse(fields(50).as_bytes(), &Limits::EVENT).unwrap_err();
    assert_eq!(error.code, "epcis.json_duplicate_field");
}

#[test]
fn limits_hold() {
    let limits = Limits {
        document_bytes_max: 10_000,
        depth_max: 8,
        events_max: 2,
        values_max: 300,
        list_length_max: 100,
        string_bytes_max: 1000,
        problems_max: 3,
        takes_valid: false,
    };
    let deep = "[".repeat(9);
    let long = format!("[{}]", vec!["0"; 101].join(","));
    let many = format!("[{0},{0},{0}]", format!("[{}]", vec!["0"; 100].join(",")));
    let text = format!("\"{}\"", "x".repeat(1001));
    let escaped = format!("\"\\n{}\"", "x".repeat(1000));
    for (document, code) in [
        (" ".repeat(10_001), "epcis.limit_bytes"),
        (deep, "epcis.limit_depth"),
        (long, "epcis.limit_list"),
        (many, "epcis.limit_values"),
        (text, "epcis.limit_string"),
        (escaped, "epcis.limit_string"),
        ("[{},{},{}]".to_owned(), "epcis.limit_events"),
    ] {
        let problems = parse(document.as_bytes(), &limits).unwrap_err();
        assert_eq!(problems[0].code, code);
        assert!(problems.len() <= 3);
    }
    let deep = "[".repeat(1 << 20);
    let unlimited = Limits { depth_max: usize::MAX, ..Limits::DOCUMENT };
    assert_eq!(parse(deep.as_bytes(), &unlimited).unwrap_err()[0].code, "epcis.limit_depth");
    assert_eq!(
        Event::parse(deep.as_bytes(), &Limits::EVENT).unwrap_err()[0].code,
        "epcis.limit_depth"
    );
}
