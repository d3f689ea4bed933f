//! What is wrong with a document, in a form that people and programs can use.

use serde::Serialize;
use std::fmt::{self, Display, Formatter};

/// One broken rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// Index of the event in the document; none where the document itself is meant.
    pub event: Option<usize>,
    /// Where: `eventList[1].quantityList[0].uom`.
    pub field: String,
    /// Stable code, `epcis.snake_case`; all of them are in [`CODES`].
    pub code: &'static str,
    /// The rule that was broken, in words.
    pub rule: String,
}

impl Display for Problem {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        if !self.field.is_empty() {
            write!(out, "`{}`: ", self.field)?;
        }
        write!(out, "{} ({})", self.rule, self.code)
    }
}

/// A code with its meaning and what to do about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Code {
    /// `epcis.snake_case`, never renamed.
    pub code: &'static str,
    /// The rule.
    pub cause: &'static str,
    /// What the sender does.
    pub remedy: &'static str,
}

const fn code(code: &'static str, cause: &'static str, remedy: &'static str) -> Code {
    Code { code, cause, remedy }
}

/// Every code that this crate reports, in alphabetical order.
pub const CODES: &[Code] = &[
    code(
        "epcis.check_digit",
        "The check digit of a GS1 identifier is wrong.",
        "Correct the identifier; the message names the digit that was expected.",
    ),
    code(
        "epcis.empty_list",
        "A list that needs an element has none.",
        "Fill the list or leave the field out.",
    ),
    code(
        "epcis.identifier_malformed",
        "An identifier begins like a GS1 key but does not have its form.",
        "Check the length of company prefix and reference, and the characters.",
    ),
    code(
        "epcis.ilmd_without_add",
        "`ilmd` stands in an object event whose action is not `ADD`.",
        "Describe objects in the event that creates them.",
    ),
    code(
        "epcis.invalid_hexadecimal",
        "`hexBinaryValue` has something else than hexadecimal digits.",
        "Write the bytes as hexadecimal digits.",
    ),
    code(
        "epcis.invalid_time",
        "A time is not written as date, time of day and offset.",
        "Write it like `2026-01-31T12:00:00+01:00`.",
    ),
    code(
        "epcis.invalid_time_zone_offset",
        "`eventTimeZoneOffset` is not an offset between `-14:00` and `+14:00`.",
        "Write it like `+01:00`; UTC is `+00:00`.",
    ),
    code(
        "epcis.invalid_uom",
        "`uom` is not two or three capital letters or digits.",
        "Take a code of UN/ECE Recommendation 20: `KGM`, `LTR`; leave it out for pieces.",
    ),
    code("epcis.invalid_version", "`schemaVersion` is not digits and points.", "Write `2.0`."),
    code(
        "epcis.json_duplicate_field",
        "An object has a field twice.",
        "Send each field once; JSON does not say which one would count.",
    ),
    code(
        "epcis.json_syntax",
        "The bytes are not JSON in UTF-8.",
        "Correct the document at the line and column of the message.",
    ),
    code(
        "epcis.limit_bytes",
        "The document is larger than is taken.",
        "Split it into several documents.",
    ),
    code("epcis.limit_depth", "Arrays and objects nest too deep.", "Flatten the extension."),
    code(
        "epcis.limit_events",
        "The document has more events than are taken.",
        "Split it into several documents.",
    ),
    code("epcis.limit_list", "An array or object has too many elements.", "Split the event."),
    code(
        "epcis.limit_number",
        "A number has too many digits or too large an exponent.",
        "Round it, or send it as a string.",
    ),
    code(
        "epcis.limit_prefixes",
        "`@context` declares too many prefixes.",
        "Declare only the prefixes that the document uses.",
    ),
    code("epcis.limit_string", "A string is too long.", "Refer to the text by a URI."),
    code("epcis.limit_uri", "A URI, or the namespace of a prefix, is too long.", "Shorten it."),
    code(
        "epcis.limit_values",
        "The document has too many values.",
        "Split it into several documents.",
    ),
    code("epcis.missing_field", "A required field is absent.", "Add the field."),
    code(
        "epcis.missing_identifiers",
        "The event says nothing of any object: it has none of the lists that its type requires.",
        "Add one of the lists that the message names.",
    ),
    code(
        "epcis.not_uri",
        "A text that must be a URI is not one.",
        "Write an absolute URI, such as a GS1 Digital Link or an EPC URN.",
    ),
    code(
        "epcis.repeated_element",
        "A list whose elements are distinct has one twice.",
        "Send each element once.",
    ),
    code(
        "epcis.reserved_prefix",
        "`@context` declares a prefix whose meaning is fixed.",
        "Choose another prefix.",
    ),
    code(
        "epcis.undeclared_prefix",
        "A field has a prefix that `@context` does not declare.",
        "Declare it in the document itself; remote contexts are not fetched.",
    ),
    code(
        "epcis.unknown_action",
        "`action` is none of the three actions.",
        "Write `ADD`, `OBSERVE` or `DELETE`.",
    ),
    code(
        "epcis.unknown_event_type",
        "`type` is none of the five types of event.",
        "Write one of the types that the message names.",
    ),
    code(
        "epcis.unknown_field",
        "A field is neither of the standard nor an extension with a prefix.",
        "Correct its name, or declare a prefix and write `prefix:name` where \
         extensions are taken.",
    ),
    code(
        "epcis.unknown_word",
        "A word is not of the standard vocabulary.",
        "Take a word of CBV 2.0, or write your own as a URI.",
    ),
    code(
        "epcis.wrong_type",
        "A value is of another type than the field requires: in JSON of another JSON type, in XML \
         elements for a text, or a text for elements.",
        "Send the type that the message names.",
    ),
    code(
        "epcis.xml_document_type",
        "The document has a document type declaration that declares entities or elements.",
        "Leave out `<!DOCTYPE …>`, and write out what its entities stand for.",
    ),
    code(
        "epcis.xml_repeated_element",
        "An element that an event has once is there twice.",
        "Send it once.",
    ),
    code(
        "epcis.xml_syntax",
        "The bytes are not well-formed XML in UTF-8.",
        "Correct the document at the place of the message.",
    ),
    code(
        "epcis.xml_unknown_document",
        "The root element is not of EPCIS.",
        "Send an `EPCISDocument` or `EPCISQueryDocument` in the namespace of EPCIS 1.2 or 2.0.",
    ),
];
