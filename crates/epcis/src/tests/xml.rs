//! Documents in XML: the same events as in JSON-LD, and the same rules.

use super::properties::{any_fields, assemble};
use crate::xml::names;
use crate::{
    Document, Event, Json, Limits, Problem, XmlForm, XmlVersion, XmlWords, parse, parse_any,
    parse_xml,
};
use proptest::prelude::*;

/// The event of [`super::EVENT`], as version 2.0 writes it.
const EVENT: &str = r#"<ObjectEvent>
    <eventTime>2026-03-04T11:00:30.5+01:00</eventTime>
    <eventTimeZoneOffset>+01:00</eventTimeZoneOffset>
    <epcList>
        <epc>urn:epc:id:sscc:4012345.0000000333</epc>
        <epc>urn:epc:id:sscc:4012345.0000000111</epc>
    </epcList>
    <action>ADD</action>
    <bizStep>urn:epcglobal:cbv:bizstep:commissioning</bizStep>
    <disposition>https://ref.gs1.org/cbv/Disp-active</disposition>
    <readPoint><id>urn:epc:id:sgln:4012345.00011.987</id></readPoint>
    <bizLocation><id>https://example.com/414/4012345000115</id></bizLocation>
    <bizTransactionList>
        <bizTransaction type="urn:epcglobal:cbv:btt:po">urn:example:po:1</bizTransaction>
    </bizTransactionList>
    <quantityList>
        <quantityElement>
            <epcClass>urn:epc:class:lgtin:4012345.012345.Lot987</epcClass>
            <quantity>+25.50</quantity>
            <uom>KGM</uom>
        </quantityElement>
    </quantityList>
    <sourceList>
        <source type="cbv:SDT-owning_party">urn:epc:id:pgln:4000001.00000</source>
    </sourceList>
    <destinationList>
        <destination type="urn:epcglobal:cbv:sdt:location">urn:epc:id:sgln:4012345.00005.0</destination>
    </destinationList>
    <sensorElementList>
        <sensorElement><sensorReport type="gs1:Temperature" value="4.0" uom="CEL"/></sensorElement>
    </sensorElementList>
    <ilmd>
        <farm:breed>Duroc</farm:breed>
        <farm:weights>12.50</farm:weights>
        <farm:weights>3</farm:weights>
    </ilmd>
    <farm:note><inner>true</inner></farm:note>
</ObjectEvent>"#;

fn document_of(events: &str) -> String {
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<epcis:EPCISDocument xmlns:epcis="urn:epcglobal:epcis:xsd:2" schemaVersion="2.0"
    creationDate="2026-03-05T00:00:00Z" xmlns:farm="https://farm.example/terms/">
  <EPCISBody><EventList>{events}</EventList></EPCISBody>
</epcis:EPCISDocument>"#
    )
}

fn read(text: &str) -> Document {
    parse_xml(text.as_bytes(), &Limits::DOCUMENT).unwrap_or_else(|p| panic!("{p:#?}\n{text}"))
}

fn event(text: &str) -> Event {
    read(&document_of(text)).events.remove(0)
}

fn problems(text: &str) -> Vec<Problem> {
    parse_xml(text.as_bytes(), &Limits::DOCUMENT).expect_err(text)
}

/// Path and code of the only problem of a document with this event.
fn problem(event: &str) -> (String, &'static str) {
    let problems = problems(&document_of(event));
    assert_eq!(problems.len(), 1, "{problems:#?}");
    (problems[0].field.clone(), problems[0].code)
}

#[test]
fn an_event_in_xml_is_the_event_in_json() {
    let (xml, json) = (event(EVENT), super::event(super::EVENT));
    assert_eq!(xml.pre_hash(), json.pre_hash());
    assert_eq!(xml.items(), json.items());
    assert_eq!(xml.biz_step(), Some("commissioning"));
    assert_eq!(xml.disposition(), Some("active"));
    assert_eq!(xml.biz_transactions(), json.biz_transactions());
    assert_eq!((xml.sources(), xml.destinations()), (json.sources(), json.destinations()));
    let again = super::event(&xml.to_json());
    assert_eq!(again.hash(), json.hash());
    assert_eq!(again.to_json(), xml.to_json());
}

#[test]
fn an_event_may_stand_by_itself() {
    let declared = EVENT.replacen(
        "<ObjectEvent>",
        "<e:ObjectEvent xmlns:e='urn:epcglobal:epcis:xsd:2' \
         xmlns:farm='https://farm.example/terms/'>",
        1,
    );
    let bare = declared.replace("</ObjectEvent>", "</e:ObjectEvent>");
    assert_eq!(read(&bare).events[0].hash(), super::event(super::EVENT).hash());
    let found = parse_any(bare.as_bytes(), &Limits::DOCUMENT).unwrap();
    assert_eq!(found.events.len(), 1);
    assert_eq!(parse_any(super::EVENT.as_bytes(), &Limits::DOCUMENT).unwrap().events.len(), 1);
}

#[test]
fn wrappers_of_version_1_2_say_nothing() {
    let old = r#"<epcis:EPCISDocument xmlns:epcis="urn:epcglobal:epcis:xsd:1" schemaVersion="1.2"
        creationDate="2026-03-05T00:00:00Z"><EPCISBody><EventList><extension>
        <TransformationEvent>
            <eventTime>2026-03-04T10:00:00Z</eventTime>
            <eventTimeZoneOffset>+00:00</eventTimeZoneOffset>
            <baseExtension>
                <eventID>urn:uuid:1</eventID>
                <errorDeclaration>
                    <declarationTime>2026-03-05T00:00:00Z</declarationTime>
                    <reason>urn:epcglobal:cbv:er:did_not_occur</reason>
                    <correctiveEventIDs><correctiveEventID>urn:uuid:2</correctiveEventID></correctiveEventIDs>
                </errorDeclaration>
            </baseExtension>
            <inputEPCList><epc>urn:example:1</epc></inputEPCList>
            <outputEPCList><epc>urn:example:2</epc></outputEPCList>
            <extension><extension><persistentDisposition>
                <set>urn:epcglobal:cbv:disp:damaged</set>
            </persistentDisposition></extension></extension>
        </TransformationEvent></extension></EventList></EPCISBody></epcis:EPCISDocument>"#;
    let event = &read(old).events[0];
    assert_eq!(event.event_id(), Some("urn:uuid:1"));
    let declaration = event.corrects().unwrap();
    assert_eq!(declaration.reason.as_deref(), Some("did_not_occur"));
    assert_eq!(declaration.corrective_event_ids, ["urn:uuid:2"]);
    let body = event.to_json();
    assert!(body.contains(r#""persistentDisposition":{"set":["damaged"]}"#), "{body}");
}

#[test]
fn everything_beside_the_standard_is_kept() {
    let text = EVENT.replace(
        "<farm:note>",
        r#"<farm:scale unit="KGM" farm:no="7">12.5</farm:scale>
           <farm:itemList><farm:item>1</farm:item><farm:item>2</farm:item></farm:itemList>
           <x:empty xmlns:x="urn:x"/><y:q xmlns:y="https://y.example/"><y:deep a="1"><b/></y:deep></y:q>
           <farm:note>"#,
    );
    let body = event(&text).to_json();
    for part in [
        r##""farm:scale":{"unit":"KGM","farm:no":"7","#text":"12.5"}"##,
        r#""farm:itemList":["1","2"]"#,
        r#""x:empty":"""#,
        r#""y:q":{"y:deep":{"a":"1","b":""}}"#,
        r#"{"x":"urn:x"}"#,
        r#""sensorReport":[{"type":"Temperature","value":4.0,"uom":"CEL"}]"#,
    ] {
        assert!(body.contains(part), "{part} in {body}");
    }
}

#[test]
fn a_value_keeps_its_meaning_whatever_the_prefixes_of_names() {
    // In XML `farm:x` is a text of its own; in JSON-LD it would stand for a URI.
    let text = EVENT.replace("<inner>true</inner>", "<inner>farm:x</inner>");
    let event = event(&text);
    assert!(event.pre_hash().ends_with("{https://farm.example/terms/}noteinner=farm:x"));
    assert_eq!(super::event(&event.to_json()).pre_hash(), event.pre_hash());
    for (prefix, uri) in [("http", "https://farm.example/terms/"), ("cbv", "urn:mine")] {
        let head = format!(r#"<{prefix}:note xmlns:{prefix}="{uri}">"#);
        let text = EVENT
            .replace("<farm:note>", &head)
            .replace("</farm:note>", &format!("</{prefix}:note>"));
        let event = self::event(&text);
        assert!(event.pre_hash().contains(&format!("{{{uri}}}note")), "{}", event.pre_hash());
        assert_eq!(super::event(&event.to_json()).hash(), event.hash());
    }
}

#[test]
fn the_header_and_master_data_are_kept() {
    let header = r#"<EPCISHeader>
      <sbdh:StandardBusinessDocumentHeader
        xmlns:sbdh="http://www.unece.org/cefact/namespaces/StandardBusinessDocumentHeader">
        <sbdh:HeaderVersion>1.0</sbdh:HeaderVersion>
        <sbdh:Sender><sbdh:Identifier>urn:epc:id:pgln:4012345.00000</sbdh:Identifier></sbdh:Sender>
        <sbdh:Receiver><sbdh:Identifier>urn:epc:id:pgln:4000001.00000</sbdh:Identifier></sbdh:Receiver>
        <sbdh:DocumentIdentification>
          <sbdh:InstanceIdentifier>4711</sbdh:InstanceIdentifier>
        </sbdh:DocumentIdentification>
      </sbdh:StandardBusinessDocumentHeader>
      <extension><EPCISMasterData><VocabularyList>
        <Vocabulary type="urn:epcglobal:epcis:vtype:BusinessLocation"><VocabularyElementList>
          <VocabularyElement id="urn:epc:id:sgln:4012345.00005.0">
            <attribute id="cbvmda:site">1</attribute>
            <attribute id="cbvmda:address"><farm:street>Way</farm:street></attribute>
            <children><id>urn:epc:id:sgln:4012345.00005.1</id></children>
          </VocabularyElement>
        </VocabularyElementList></Vocabulary>
      </VocabularyList></EPCISMasterData></extension></EPCISHeader>"#;
    let text = document_of(EVENT).replace("<EPCISBody>", &format!("{header}<EPCISBody>"));
    let frame = read(&text).frame;
    assert_eq!(frame.str("sender"), Some("urn:epc:id:pgln:4012345.00000"));
    assert_eq!(frame.str("receiver"), Some("urn:epc:id:pgln:4000001.00000"));
    assert_eq!(frame.str("instanceIdentifier"), Some("4711"));
    let kept = frame.get("epcisHeader").unwrap().to_string();
    for part in [
        r#""sbdh:HeaderVersion":"1.0""#,
        r#"{"id":"cbvmda:address","attribute":{"farm:street":"Way"}}"#,
        r#""children":["urn:epc:id:sgln:4012345.00005.1"]"#,
    ] {
        assert!(kept.contains(part), "{part} in {kept}");
    }
    let bad = text.replace(
        r#"<VocabularyElement id="urn:epc:id:sgln:4012345.00005.0">"#,
        "<VocabularyElement>",
    );
    let problems = problems(&bad);
    let path = "EPCISHeader/EPCISMasterData/VocabularyList/Vocabulary[1]/VocabularyElementList/\
                VocabularyElement[1]/@id";
    assert_eq!((problems[0].field.as_str(), problems[0].code), (path, "epcis.missing_field"));
}

#[test]
fn problems_name_the_element_and_the_rule() {
    let list = "EPCISBody/EventList/*[1]";
    for (from, to, path, code) in [
        ("<action>ADD</action>", "", "/action", "epcis.missing_field"),
        ("bizstep:commissioning", "bizstep:farming", "/bizStep", "epcis.unknown_word"),
        ("KGM</uom>", "kg</uom>", "/quantityList/quantityElement[1]/uom", "epcis.invalid_uom"),
        ("+25.50", "many", "/quantityList/quantityElement[1]/quantity", "epcis.wrong_type"),
        ("+25.50", "1e200", "/quantityList/quantityElement[1]/quantity", "epcis.limit_number"),
        (
            "cbv:btt:po",
            "cbv:btt:xx",
            "/bizTransactionList/bizTransaction[1]/@type",
            "epcis.unknown_word",
        ),
        ("urn:example:po:1", "po 1", "/bizTransactionList/bizTransaction[1]", "epcis.not_uri"),
        (
            "value=\"4.0\"",
            "value=\"x\"",
            "/sensorElementList/sensorElement[1]/sensorReport[1]/@value",
            "epcis.wrong_type",
        ),
        ("0000000333</epc>", "x</epc>", "/epcList/epc[1]", "epcis.identifier_malformed"),
        ("<epcList>", "<epcList><id/>", "/epcList", "epcis.unknown_field"),
        ("</action>", "</action><action>ADD</action>", "/action", "epcis.xml_repeated_element"),
        ("<farm:breed>", "<breed>x</breed><farm:breed>", "/ilmd/breed", "epcis.unknown_field"),
        ("<action>", "stray<action>", "", "epcis.wrong_type"),
        ("<action>ADD", "<action x='1'>ADD", "/action", "epcis.unknown_field"),
        ("ADD</action>", "<b/>ADD</action>", "/action", "epcis.wrong_type"),
    ] {
        assert!(EVENT.contains(from), "{from}");
        let found = problems(&document_of(&EVENT.replacen(from, to, 1)));
        let first = found.iter().find(|p| p.code == code).unwrap_or_else(|| panic!("{found:#?}"));
        assert_eq!(first.field, format!("{list}{path}"), "`{from}` as `{to}`");
        assert_eq!(first.event, Some(0));
    }
    let (path, code) = problem("<QuantityEvent><a/></QuantityEvent>");
    assert_eq!((path, code), (format!("{list}/type"), "epcis.unknown_event_type"));
}

#[test]
fn what_is_no_document_is_refused() {
    for (text, code) in [
        ("<a", "epcis.xml_syntax"),
        ("<a></b>", "epcis.xml_syntax"),
        ("<a/><b/>", "epcis.xml_syntax"),
        ("<a>&x;</a>", "epcis.xml_syntax"),
        ("<a b='&x;'/>", "epcis.xml_syntax"),
        ("<a b='1' b='2'/>", "epcis.xml_syntax"),
        ("<a>&#1;</a>", "epcis.xml_syntax"),
        ("<1/>", "epcis.xml_syntax"),
        ("x<a/>", "epcis.xml_syntax"),
        ("<?xml version='1.0' encoding='ISO-8859-1'?><a/>", "epcis.xml_syntax"),
        ("<!DOCTYPE a [<!ENTITY x 'y'>]><a/>", "epcis.xml_document_type"),
        ("<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>", "epcis.xml_document_type"),
        ("<!DOCTYPE a><a/>", "epcis.xml_unknown_document"),
        ("<x:a/>", "epcis.undeclared_prefix"),
        ("<a xmlns='urn:other'/>", "epcis.xml_unknown_document"),
        ("<EPCISThing/>", "epcis.xml_unknown_document"),
    ] {
        assert_eq!(problems(text)[0].code, code, "{text}");
    }
    let place = &problems("<a>\n <b></c></a>")[0];
    assert!(place.rule.ends_with(')') && place.rule.contains("line 2"), "{place}");
}

#[test]
fn limits_hold_for_xml() {
    let limits = Limits {
        document_bytes_max: 4000,
        depth_max: 8,
        events_max: 1,
        values_max: 40,
        list_length_max: 10,
        string_bytes_max: 100,
        problems_max: 3,
        takes_valid: false,
    };
    let deep = format!("{}{}", "<a>".repeat(5), "</a>".repeat(5));
    let many = format!("<a>{}</a>", "<b/>".repeat(11));
    let rows = format!("<a>{}</a>", format!("<c>{}</c>", "<b/>".repeat(9)).repeat(9));
    let prefixes: String = (0..200).map(|n| format!(" xmlns:p{n}='u'")).collect();
    for (text, code) in [
        (" ".repeat(4001), "epcis.limit_bytes"),
        (deep, "epcis.limit_depth"),
        (many, "epcis.limit_list"),
        (rows, "epcis.limit_values"),
        (format!("<a>{}</a>", "x".repeat(101)), "epcis.limit_string"),
        (format!("<a b='{}'/>", "x".repeat(101)), "epcis.limit_string"),
        (format!("<a{prefixes}/>"), "epcis.limit_prefixes"),
    ] {
        assert_eq!(parse_xml(text.as_bytes(), &limits).unwrap_err()[0].code, code, "{text}");
    }
    let limits = Limits { events_max: 1, ..Limits::DOCUMENT };
    let two = document_of(&format!("{EVENT}{EVENT}"));
    assert_eq!(parse_xml(two.as_bytes(), &limits).unwrap_err()[0].code, "epcis.limit_events");
}

#[test]
fn an_element_that_is_nil_is_absent() {
    let nil = r#"<disposition xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:nil="true"/>"#;
    let active = "<disposition>https://ref.gs1.org/cbv/Disp-active</disposition>";
    assert_eq!(event(&EVENT.replace(active, nil)).disposition(), None);
}

#[test]
fn comments_and_space_do_not_count() {
    let spaced = EVENT.replace('\n', "\r\n \t").replace("<action>", "<!-- now --><action> ");
    assert_eq!(event(&spaced).hash(), event(EVENT).hash());
    let data = EVENT.replace("Duroc", "<![CDATA[Dur]]>&#111;c");
    assert_eq!(event(&data).hash(), event(EVENT).hash());
}

const FORMS: [XmlForm; 3] = [
    XmlForm { version: XmlVersion::V2_0, words: XmlWords::Urn },
    XmlForm { version: XmlVersion::V2_0, words: XmlWords::WebUri },
    XmlForm { version: XmlVersion::V1_2, words: XmlWords::Urn },
];

#[test]
fn an_event_is_written_in_the_order_of_the_schema() {
    let text = super::event(super::EVENT).to_xml(XmlForm::default());
    let steps = [
        "<eventTime>",
        "<epcList>",
        "<action>",
        "<bizStep>urn:epcglobal:cbv:bizstep:comm",
        "<readPoint><id>",
        "<bizTransactionList>",
        "<quantityList>",
        "<quantity>25.5<",
        "<source type=\"urn:epcglobal:cbv:sdt:owning_party\">",
        "<sensorReport type=",
        "<ilmd>",
        "<farm:weights>12.50</farm:weights><farm:weights>3</farm:weights>",
        "<farm:note>",
    ];
    let places: Vec<_> =
        steps.map(|step| text.find(step).unwrap_or_else(|| panic!("{step} {text}"))).into();
    assert!(places.is_sorted(), "{text}");
    assert!(
        text.contains("<epcis:ObjectEvent xmlns:epcis=\"urn:epcglobal:epcis:xsd:2\" xmlns:farm=")
    );
    let web = super::event(super::EVENT).to_xml(FORMS[1]);
    assert!(web.contains("<bizStep>https://ref.gs1.org/cbv/BizStep-commissioning</bizStep>"));
}

#[test]
fn version_1_2_has_what_it_does_not_know_in_its_extensions() {
    let text = super::event(super::EVENT).to_xml(FORMS[2]);
    let inside = "<extension><quantityList>";
    assert!(text.contains(inside) && text.contains("<extension><sensorElementList>"), "{text}");
    assert!(text.contains("urn:epcglobal:epcis:xsd:1"));
}

#[test]
fn documents_come_back_from_xml_with_their_frame() {
    let json = r#"{"@context": {"farm": "https://farm.example/"}, "type": "EPCISDocument",
        "schemaVersion": "2.0", "creationDate": "2026-01-01T00:00:00Z", "sender": "urn:x:1",
        "epcisHeader": {"epcisMasterData": {"vocabularyList": [{"type": "urn:t", "vocabularyElementList": [
            {"id": "urn:e", "attributes": [{"id": "urn:a", "attribute": "1 < 2"}, {"id": "urn:b",
            "attribute": {"farm:c": ["1", "2"]}}], "children": ["urn:d"]}]}]}},
        "epcisBody": {"eventList": []}}"#;
    let document = parse(json.as_bytes(), &Limits::DOCUMENT).unwrap();
    for form in FORMS {
        let text = document.to_xml(form);
        let again = read(&text);
        assert_eq!(again.frame.str("sender"), Some("urn:x:1"));
        let header = |document: &Document| {
            let header = document.frame.get("epcisHeader").and_then(Json::as_object);
            header.and_then(|header| header.get("epcisMasterData")).unwrap().to_string()
        };
        assert_eq!(header(&again), header(&document), "{text}");
    }
}

#[test]
fn an_answer_to_a_query_is_a_query_document() {
    let events = vec![super::event(super::EVENT), event(EVENT)];
    let hash = events[0].hash();
    let answer = Document::of_query("mine", Some("7"), "2026-01-01T00:00:00Z", events);
    for form in FORMS {
        let text = answer.to_xml(form);
        let again = read(&text);
        assert!(again.events.iter().all(|event| event.hash() == hash), "{text}");
        let body = again.frame.get("epcisBody").unwrap().to_string();
        assert!(body.contains(r#""queryName":"mine","subscriptionID":"7""#), "{body}");
    }
}

/// Whether an array stands in an array, which XML cannot say.
fn has_nested_array(value: &Json) -> bool {
    let is_array = |value: &Json| value.as_array().is_some();
    match value {
        Json::Array(items) => items.iter().any(|item| is_array(item) || has_nested_array(item)),
        Json::Object(object) => object.iter().any(|(_, value)| has_nested_array(value)),
        _ => false,
    }
}

#[test]
fn json_documents_keep_their_frame_too() {
    let text = r#"{"@context": {}, "type": "EPCISDocument", "schemaVersion": "2.0", "sender": "x",
        "creationDate": "2026-01-01T00:00:00Z", "epcisBody": {"eventList": []}}"#;
    let frame = parse(text.as_bytes(), &Limits::DOCUMENT).unwrap().frame;
    assert_eq!((frame.str("sender"), frame.str("schemaVersion")), (Some("x"), Some("2.0")));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_bytes_make_the_xml_reader_panic(text in "[<>/=\"'&;:a-cA-C \n!\\[\\]\\-?x#é]{0,60}") {
        let _ = parse_xml(text.as_bytes(), &Limits::DOCUMENT);
    }

    #[test]
    fn no_damage_to_a_document_in_xml_makes_it_panic(
        at in 0..2600_usize,
        length in 0..40_usize,
        patch in "[ -~]{0,10}|[<>/=\"'&;:a-z]{0,6}|<farm:[a-z]{1,3}/>",
    ) {
        let mut bytes = document_of(EVENT).into_bytes();
        let at = at.min(bytes.len());
        let end = (at + length).min(bytes.len());
        bytes.splice(at..end, patch.bytes());
        if let Ok(document) = parse_xml(&bytes, &Limits::DOCUMENT) {
            for event in document.events {
                let again = super::event(&event.to_json());
                prop_assert_eq!(again.pre_hash(), event.pre_hash());
                prop_assert_eq!(again.to_json(), event.to_json());
            }
        }
    }

    #[test]
    fn an_event_survives_being_written_as_xml(fields in any_fields()) {
        let first = super::event(&assemble(&fields, ""));
        prop_assume!(!has_nested_array(&Json::Object(first.json().clone())));
        for form in FORMS {
            let text = first.to_xml(form);
            let second = &read(&text).events[0];
            prop_assert_eq!(second.pre_hash(), first.pre_hash(), "{}", text);
            prop_assert_eq!(second.items(), first.items());
            let again = super::event(&second.to_json());
            prop_assert_eq!(again.hash(), first.hash());
        }
    }

    #[test]
    fn any_text_has_a_name_in_xml(name in "\\PC{1,12}|[_xA-F0-9]{1,12}") {
        let encoded = names::encoded(&name);
        prop_assert_eq!(names::decoded(&encoded), name);
        let element = format!("<{encoded}/>");
        prop_assert_ne!(problems(&element)[0].code, "epcis.xml_syntax");
    }
}
