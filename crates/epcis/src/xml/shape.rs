//! Where the fields of an event stand in XML: the one table that reading and writing follow.

use crate::vocabulary::{
    BIZ_STEP, BIZ_TRANSACTION_TYPE, COMPONENT, DISPOSITION, ERROR_REASON, MEASUREMENT,
    SENSOR_ALERT, SOURCE_DESTINATION_TYPE, Vocabulary,
};

/// What a field holds.
#[derive(Clone, Copy, Debug)]
pub(super) enum Shape {
    /// A text.
    Text,
    /// A decimal number.
    Number,
    /// `true` or `false`.
    Boolean,
    /// A standard word or a URI.
    Word(&'static Vocabulary),
    /// A list: the name of its elements, and what each holds.
    List(&'static str, &'static Shape),
    /// An identifier with its type as an attribute: the name of the identifier in JSON.
    Typed(&'static str, &'static Vocabulary),
    /// Fields of its own.
    Object(&'static [Field]),
    /// An attribute of master data: an identifier, and anything inside.
    Described,
}

/// A field of an object.
#[derive(Clone, Copy, Debug)]
pub(super) struct Field {
    /// Its name in JSON.
    pub(super) name: &'static str,
    /// The name of its element or attribute.
    pub(super) xml: &'static str,
    pub(super) shape: Shape,
    pub(super) place: Place,
}

/// How a field stands in its element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// As one element.
    Element,
    /// As any number of elements; always an array in JSON.
    Elements,
    /// As any number of elements; an array in JSON where there are several.
    OneOrMore,
    /// As an attribute.
    Attribute,
}

const fn element(name: &'static str, shape: Shape) -> Field {
    Field { name, xml: name, shape, place: Place::Element }
}

const fn elements(name: &'static str, shape: Shape) -> Field {
    Field { name, xml: name, shape, place: Place::Elements }
}

const fn attribute(name: &'static str, shape: Shape) -> Field {
    Field { name, xml: name, shape, place: Place::Attribute }
}

const fn named(name: &'static str, xml: &'static str, shape: Shape, place: Place) -> Field {
    Field { name, xml, shape, place }
}

const EPCS: Shape = Shape::List("epc", &Shape::Text);
const QUANTITIES: Shape = Shape::List(
    "quantityElement",
    &Shape::Object(&[
        element("epcClass", Shape::Text),
        element("quantity", Shape::Number),
        element("uom", Shape::Text),
    ]),
);
const PLACE: Shape = Shape::Object(&[element("id", Shape::Text)]);
const BIZ_TRANSACTIONS: Shape =
    Shape::List("bizTransaction", &Shape::Typed("bizTransaction", &BIZ_TRANSACTION_TYPE));

/// The fields of all events, in the order of the schema of 2.0. `bizTransactionList` of a
/// transaction and `childQuantityList` of an association come earlier.
pub(super) const EVENT: &[Field] = &[
    element("eventTime", Shape::Text),
    element("recordTime", Shape::Text),
    element("eventTimeZoneOffset", Shape::Text),
    element("eventID", Shape::Text),
    element("errorDeclaration", Shape::Object(ERROR_DECLARATION)),
    named("certificationInfo", "certificationInfo", Shape::Text, Place::OneOrMore),
    element("parentID", Shape::Text),
    element("epcList", EPCS),
    element("childEPCs", EPCS),
    element("inputEPCList", EPCS),
    element("inputQuantityList", QUANTITIES),
    element("outputEPCList", EPCS),
    element("outputQuantityList", QUANTITIES),
    element("transformationID", Shape::Text),
    element("action", Shape::Text),
    element("bizStep", Shape::Word(&BIZ_STEP)),
    element("disposition", Shape::Word(&DISPOSITION)),
    element("readPoint", PLACE),
    element("bizLocation", PLACE),
    element("bizTransactionList", BIZ_TRANSACTIONS),
    element("quantityList", QUANTITIES),
    element("childQuantityList", QUANTITIES),
    element("sourceList", Shape::List("source", &Shape::Typed("source", &SOURCE_DESTINATION_TYPE))),
    element(
        "destinationList",
        Shape::List("destination", &Shape::Typed("destination", &SOURCE_DESTINATION_TYPE)),
    ),
    element("sensorElementList", Shape::List("sensorElement", &Shape::Object(SENSOR_ELEMENT))),
    element(
        "persistentDisposition",
        Shape::Object(&[
            elements("unset", Shape::Word(&DISPOSITION)),
            elements("set", Shape::Word(&DISPOSITION)),
        ]),
    ),
    element("ilmd", Shape::Object(&[])),
];

const ERROR_DECLARATION: &[Field] = &[
    element("declarationTime", Shape::Text),
    element("reason", Shape::Word(&ERROR_REASON)),
    element("correctiveEventIDs", Shape::List("correctiveEventID", &Shape::Text)),
];

const SENSOR_ELEMENT: &[Field] = &[
    element(
        "sensorMetadata",
        Shape::Object(&[
            attribute("time", Shape::Text),
            attribute("startTime", Shape::Text),
            attribute("endTime", Shape::Text),
            attribute("deviceID", Shape::Text),
            attribute("deviceMetadata", Shape::Text),
            attribute("rawData", Shape::Text),
            attribute("dataProcessingMethod", Shape::Text),
            attribute("bizRules", Shape::Text),
        ]),
    ),
    elements(
        "sensorReport",
        Shape::Object(&[
            attribute("type", Shape::Word(&MEASUREMENT)),
            attribute("exception", Shape::Word(&SENSOR_ALERT)),
            attribute("deviceID", Shape::Text),
            attribute("deviceMetadata", Shape::Text),
            attribute("rawData", Shape::Text),
            attribute("dataProcessingMethod", Shape::Text),
            attribute("bizRules", Shape::Text),
            attribute("time", Shape::Text),
            attribute("microorganism", Shape::Text),
            attribute("chemicalSubstance", Shape::Text),
            attribute("value", Shape::Number),
            attribute("component", Shape::Word(&COMPONENT)),
            attribute("stringValue", Shape::Text),
            attribute("booleanValue", Shape::Boolean),
            attribute("hexBinaryValue", Shape::Text),
            attribute("uriValue", Shape::Text),
            attribute("minValue", Shape::Number),
            attribute("maxValue", Shape::Number),
            attribute("meanValue", Shape::Number),
            attribute("sDev", Shape::Number),
            attribute("percRank", Shape::Number),
            attribute("percValue", Shape::Number),
            attribute("uom", Shape::Text),
            attribute("coordinateReferenceSystem", Shape::Text),
        ]),
    ),
];

/// The master data of a list of vocabularies.
pub(super) const VOCABULARY_LIST: Field = named(
    "vocabularyList",
    "VocabularyList",
    Shape::List(
        "Vocabulary",
        &Shape::Object(&[
            attribute("type", Shape::Text),
            named(
                "vocabularyElementList",
                "VocabularyElementList",
                Shape::List("VocabularyElement", &Shape::Object(VOCABULARY_ELEMENT)),
                Place::Element,
            ),
        ]),
    ),
    Place::Element,
);

const VOCABULARY_ELEMENT: &[Field] = &[
    attribute("id", Shape::Text),
    named("attributes", "attribute", Shape::Described, Place::Elements),
    element("children", Shape::List("id", &Shape::Text)),
];

/// `EPCISHeader`.
const HEADER: &[Field] = &[named(
    "epcisMasterData",
    "EPCISMasterData",
    Shape::Object(&[VOCABULARY_LIST]),
    Place::Element,
)];

/// A document around its list of events.
pub(super) const DOCUMENT: &[Field] = &[
    attribute("schemaVersion", Shape::Text),
    attribute("creationDate", Shape::Text),
    named("epcisHeader", "EPCISHeader", Shape::Object(HEADER), Place::Element),
    named("epcisBody", "EPCISBody", Shape::Object(BODY), Place::Element),
];

/// `EPCISBody`; the events are read by themselves.
const BODY: &[Field] = &[
    VOCABULARY_LIST,
    named(
        "queryResults",
        "QueryResults",
        Shape::Object(&[
            element("queryName", Shape::Text),
            element("subscriptionID", Shape::Text),
            element("resultsBody", Shape::Object(&[VOCABULARY_LIST])),
        ]),
        Place::Element,
    ),
];
