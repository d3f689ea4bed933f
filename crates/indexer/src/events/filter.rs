//! Conditions on what only an event's body tells: extensions, sensors, quantities, declarations.
//!
//! They are looked at after the conditions that SQL answers, event by event.

use qiao_epcis::{Event, Json, Limits, Object};

use super::query::QueryProblem;
use super::read::IndexedEvent;
use crate::IndexError;

/// Fields of a sensor's report whose values are compared as texts.
const REPORT_TEXTS: &[&str] = &[
    "type",
    "deviceID",
    "dataProcessingMethod",
    "microorganism",
    "chemicalSubstance",
    "bizRules",
    "stringValue",
    "hexBinaryValue",
    "uriValue",
    "booleanValue",
];

/// Fields of a sensor's report that hold measurements.
const REPORT_NUMBERS: &[&str] =
    &["value", "minValue", "maxValue", "meanValue", "sDev", "percRank", "percValue"];

const QUANTITY_LISTS: &[&str] =
    &["quantityList", "childQuantityList", "inputQuantityList", "outputQuantityList"];

/// How a value is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Comparison {
    Equal,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
    Exists,
}

const COMPARISONS: &[(&str, Comparison)] = &[
    ("EQ_", Comparison::Equal),
    ("GT_", Comparison::Greater),
    ("GE_", Comparison::GreaterOrEqual),
    ("LT_", Comparison::Less),
    ("LE_", Comparison::LessOrEqual),
    ("EXISTS_", Comparison::Exists),
];

/// The object in which a field is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scope {
    Event,
    Ilmd,
    SensorElement,
    SensorMetadata,
    SensorReport,
    ErrorDeclaration,
    ReadPoint,
    BizLocation,
}

const SCOPES: &[(&str, Scope)] = &[
    ("ILMD_", Scope::Ilmd),
    ("SENSORELEMENT_", Scope::SensorElement),
    ("SENSORMETADATA_", Scope::SensorMetadata),
    ("SENSORREPORT_", Scope::SensorReport),
    ("ERROR_DECLARATION_", Scope::ErrorDeclaration),
    ("readPoint_", Scope::ReadPoint),
    ("bizLocation_", Scope::BizLocation),
];

/// One condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Condition {
    /// A field that the standard does not name.
    Extension(Extension),
    /// Standard words in `persistentDisposition`.
    PersistentDisposition { field: &'static str, words: Vec<String> },
    /// A quantity of any class in the event.
    Quantity(Measure),
    /// A measurement, in a unit if one is named.
    Report { field: &'static str, measure: Measure, uom: Option<String> },
    /// A text of a sensor's metadata or report.
    Sensor { field: &'static str, values: Vec<String> },
    /// The beginning or end of a sensor's readings.
    SensorTime { field: &'static str, comparison: TimeComparison },
    /// The event was declared wrong.
    Declared,
    /// When it was declared wrong.
    DeclaredAt(TimeComparison),
    /// Why.
    DeclaredFor(Vec<String>),
    /// The events that correct it.
    CorrectedBy(Vec<String>),
    /// Asks for master data, which no event carries.
    Never,
}

/// A field in a namespace, and what it is compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Extension {
    scope: Scope,
    is_inner: bool,
    comparison: Comparison,
    /// The name with its prefix, or with its namespace in place of the prefix.
    name: String,
    values: Vec<String>,
}

/// A comparison of numbers; those in the condition are kept as they were written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Measure {
    comparison: Comparison,
    values: Vec<String>,
}

/// From a time on, or before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TimeComparison {
    is_from: bool,
    time_ms: i64,
}

impl Condition {
    /// The condition that a parameter makes; `None` if it is none of those here.
    pub(super) fn parse(name: &str, value: &str) -> Result<Option<Self>, QueryProblem> {
        let texts = || -> Vec<String> { split(value).map(str::to_owned).collect() };
        let time = |is_from| Ok(TimeComparison { is_from, time_ms: time_ms(name, value)? });
        if name.starts_with("HASATTR_") || name.starts_with("EQATTR_") {
            return Ok(Some(Self::Never));
        }
        Ok(Some(match name {
            "EQ_persistentDisposition_set" => {
                Self::PersistentDisposition { field: "set", words: words(value) }
            }
            "EQ_persistentDisposition_unset" => {
                Self::PersistentDisposition { field: "unset", words: words(value) }
            }
            "EXISTS_errorDeclaration" => Self::Declared,
            "GE_errorDeclarationTime" => Self::DeclaredAt(time(true)?),
            "LT_errorDeclarationTime" => Self::DeclaredAt(time(false)?),
            "EQ_errorReason" => Self::DeclaredFor(words(value)),
            "EQ_correctiveEventID" => Self::CorrectedBy(texts()),
            "GE_startTime" => Self::SensorTime { field: "startTime", comparison: time(true)? },
            "LT_startTime" => Self::SensorTime { field: "startTime", comparison: time(false)? },
            "GE_endTime" => Self::SensorTime { field: "endTime", comparison: time(true)? },
            "LT_endTime" => Self::SensorTime { field: "endTime", comparison: time(false)? },
            _ => return Self::parse_compared(name, value),
        }))
    }

    fn parse_compared(name: &str, value: &str) -> Result<Option<Self>, QueryProblem> {
        let found = COMPARISONS.iter().find_map(|(prefix, comparison)| {
            name.strip_prefix(prefix).map(|field| (*comparison, field))
        });
        let Some((comparison, field)) = found else { return Ok(None) };
        let values: Vec<String> = split(value).map(str::to_owned).collect();
        if let Some(field) = REPORT_TEXTS.iter().find(|known| **known == field) {
            let values = if *field == "type" { words(value) } else { values };
            let is_truth = |value: &String| matches!(value.as_str(), "true" | "false");
            if *field == "booleanValue" && !values.iter().all(is_truth) {
                return Err(problem(name, "is `true` or `false`"));
            }
            let is_equal = comparison == Comparison::Equal;
            return Ok(is_equal.then_some(Self::Sensor { field, values }));
        }
        let (measured, uom) = match field.split_once('_') {
            Some((measured, uom)) => (measured, Some(uom.to_owned())),
            None => (field, None),
        };
        let measured_field = REPORT_NUMBERS.iter().find(|known| **known == measured);
        if measured_field.is_some() || field == "quantity" {
            if comparison == Comparison::Exists {
                return Ok(None);
            }
            for text in &values {
                number(text).ok_or_else(|| problem(name, format!("`{text}` is not a number")))?;
            }
            let measure = Measure { comparison, values };
            return Ok(Some(match measured_field {
                Some(field) => Self::Report { field, measure, uom },
                None => Self::Quantity(measure),
            }));
        }
        Ok(extension(comparison, field, values).map(Self::Extension))
    }

    /// Whether an event fulfils the condition.
    fn holds(&self, indexed: &IndexedEvent, event: &Event) -> bool {
        match self {
            Self::Never => false,
            Self::Extension(extension) => extension.holds(event),
            Self::PersistentDisposition { field, words: wanted } => {
                let found = event.json().get("persistentDisposition").and_then(Json::as_object);
                let found = found.map(|object| object.array(field)).unwrap_or_default();
                found.iter().filter_map(Json::as_str).any(|text| is_wanted(event, text, wanted))
            }
            Self::Quantity(measure) => {
                let lists = QUANTITY_LISTS.iter().flat_map(|list| event.json().array(list));
                lists
                    .filter_map(Json::as_object)
                    .filter_map(|element| element.get("quantity"))
                    .any(|value| measure.holds(value))
            }
            Self::Report { field, measure, uom } => reports(event).into_iter().any(|report| {
                let is_unit = uom.as_deref().is_none_or(|uom| report.str("uom") == Some(uom));
                is_unit && report.get(field).is_some_and(|value| measure.holds(value))
            }),
            Self::Sensor { field, values } => {
                let objects = metadata(event).into_iter().chain(reports(event));
                objects.filter_map(|object| object.get(field)).any(|value| match value {
                    Json::Bool(value) => values.contains(&value.to_string()),
                    value => value.as_str().is_some_and(|text| {
                        is_wanted(event, text, values) || is_same_thing(event, text, values)
                    }),
                })
            }
            Self::SensorTime { field, comparison } => {
                let times = metadata(event).into_iter().filter_map(|object| object.str(field));
                times.filter_map(milliseconds).any(|ms| comparison.holds(ms))
            }
            Self::Declared => indexed.withdrawn.is_some() || event.corrects().is_some(),
            Self::DeclaredAt(comparison) => {
                let body = event.corrects().map(|declared| declared.declaration_time_ms);
                let later = indexed.withdrawn.as_ref().map(|withdrawn| withdrawn.declared_ms);
                [body, later].into_iter().flatten().any(|ms| comparison.holds(ms))
            }
            Self::DeclaredFor(reasons) => {
                let body = event.corrects().and_then(|declared| declared.reason.as_deref());
                let later = indexed.withdrawn.as_ref().and_then(|w| w.reason.as_deref());
                [body, later].into_iter().flatten().any(|text| is_wanted(event, text, reasons))
            }
            Self::CorrectedBy(ids) => event.corrects().is_some_and(|declared| {
                declared.corrective_event_ids.iter().any(|id| ids.contains(id))
            }),
        }
    }
}

/// Whether an event fulfils all conditions.
pub(super) fn holds(conditions: &[Condition], indexed: &IndexedEvent) -> Result<bool, IndexError> {
    let event = Event::parse(indexed.body.as_bytes(), &Limits::EVENT)
        .map_err(|_| IndexError::Damaged(format!("body of event {}", indexed.hash)))?;
    Ok(conditions.iter().all(|condition| condition.holds(indexed, &event)))
}

/// Names in a namespace are extensions: `EQ_ILMD_farm:breed`, `EXISTS_INNER_https://…/name`.
fn extension(comparison: Comparison, field: &str, values: Vec<String>) -> Option<Extension> {
    let (is_inner, rest) = match field.strip_prefix("INNER_") {
        Some(rest) => (true, rest),
        None => (false, field),
    };
    let scoped = SCOPES
        .iter()
        .find_map(|(prefix, scope)| rest.strip_prefix(prefix).map(|name| (*scope, name)));
    let (scope, name) = scoped.unwrap_or((Scope::Event, rest));
    let has_namespace = name.split_once(':').is_some_and(|(_, local)| !local.is_empty());
    has_namespace.then(|| Extension { scope, is_inner, comparison, name: name.to_owned(), values })
}

impl Extension {
    fn holds(&self, event: &Event) -> bool {
        let json = event.json();
        let field = |name: &str| json.get(name).and_then(Json::as_object).into_iter().collect();
        let objects: Vec<&Object> = match self.scope {
            Scope::Event => vec![json],
            Scope::Ilmd => field("ilmd"),
            Scope::ErrorDeclaration => field("errorDeclaration"),
            Scope::ReadPoint => field("readPoint"),
            Scope::BizLocation => field("bizLocation"),
            Scope::SensorElement => elements(event).collect(),
            Scope::SensorMetadata => metadata(event),
            Scope::SensorReport => reports(event),
        };
        objects.into_iter().any(|object| {
            if self.is_inner {
                object.iter().any(|(_, value)| self.is_inside(event, value))
            } else {
                self.is_in(event, object)
            }
        })
    }

    /// At any depth inside a value.
    fn is_inside(&self, event: &Event, value: &Json) -> bool {
        match value {
            Json::Object(object) => {
                self.is_in(event, object)
                    || object.iter().any(|(_, value)| self.is_inside(event, value))
            }
            Json::Array(items) => items.iter().any(|item| self.is_inside(event, item)),
            _ => false,
        }
    }

    fn is_in(&self, event: &Event, object: &Object) -> bool {
        object.iter().any(|(name, value)| {
            (name == self.name || event.expanded(name) == self.name) && self.fits(event, value)
        })
    }

    fn fits(&self, event: &Event, value: &Json) -> bool {
        match value {
            _ if self.comparison == Comparison::Exists => true,
            Json::Array(items) => items.iter().any(|item| self.fits(event, item)),
            Json::Object(object) => object.get("#text").is_some_and(|text| self.fits(event, text)),
            Json::Null => false,
            scalar => {
                let text = match scalar {
                    Json::String(text) => text.clone(),
                    other => other.to_string(),
                };
                self.values.iter().any(|wanted| self.comparison.holds(&text, wanted))
                    || self.comparison == Comparison::Equal && is_wanted(event, &text, &self.values)
            }
        }
    }
}

impl Comparison {
    /// Numbers are compared as numbers, times as times, other texts for being equal.
    fn holds(self, found: &str, wanted: &str) -> bool {
        if self == Self::Equal && found == wanted {
            return true;
        }
        let order = match (number(found), number(wanted)) {
            (Some(found), Some(wanted)) => found.partial_cmp(&wanted),
            _ => milliseconds(found).zip(milliseconds(wanted)).map(|(f, w)| f.cmp(&w)),
        };
        let Some(order) = order else { return false };
        match self {
            Self::Equal => order.is_eq(),
            Self::Greater => order.is_gt(),
            Self::GreaterOrEqual => order.is_ge(),
            Self::Less => order.is_lt(),
            Self::LessOrEqual => order.is_le(),
            Self::Exists => true,
        }
    }
}

impl Measure {
    fn holds(&self, value: &Json) -> bool {
        let Json::Number(found) = value else { return false };
        self.values.iter().any(|wanted| self.comparison.holds(found, wanted))
    }
}

impl TimeComparison {
    fn holds(self, ms: i64) -> bool {
        if self.is_from { ms >= self.time_ms } else { ms < self.time_ms }
    }
}

fn elements(event: &Event) -> impl Iterator<Item = &Object> {
    event.json().array("sensorElementList").iter().filter_map(Json::as_object)
}

fn metadata(event: &Event) -> Vec<&Object> {
    elements(event).filter_map(|e| e.get("sensorMetadata")?.as_object()).collect()
}

fn reports(event: &Event) -> Vec<&Object> {
    elements(event).flat_map(|e| e.array("sensorReport")).filter_map(Json::as_object).collect()
}

/// Whether a text of an event is one of those wanted, in whichever way a word is written.
fn is_wanted(event: &Event, text: &str, wanted: &[String]) -> bool {
    let expanded = event.expanded(text);
    let short = short(&expanded);
    wanted.iter().any(|wanted| wanted == text || *wanted == expanded || wanted == short)
}

/// Whether an identifier names the same thing as one of those wanted.
fn is_same_thing(event: &Event, text: &str, wanted: &[String]) -> bool {
    let canonical = |text: &str| qiao_epcis::Identifier::parse(text).ok();
    let Some(found) = canonical(&event.expanded(text)).filter(|found| found.is_gs1_key()) else {
        return false;
    };
    wanted.iter().any(|wanted| canonical(wanted).as_ref() == Some(&found))
}

/// Words as they are by themselves, where they were written as URIs.
fn words(value: &str) -> Vec<String> {
    split(value).map(|word| short(word).to_owned()).collect()
}

fn short(text: &str) -> &str {
    const BEFORE: &[&str] = &[
        "https://ref.gs1.org/cbv/Disp-",
        "cbv:Disp-",
        "urn:epcglobal:cbv:disp:",
        "https://ref.gs1.org/cbv/ER-",
        "cbv:ER-",
        "urn:epcglobal:cbv:er:",
        "https://gs1.org/voc/",
        "gs1:",
    ];
    BEFORE.iter().find_map(|before| text.strip_prefix(before)).unwrap_or(text)
}

fn split(value: &str) -> impl Iterator<Item = &str> {
    value.split('|').map(str::trim).filter(|part| !part.is_empty())
}

fn number(text: &str) -> Option<f64> {
    let is_number = text.bytes().all(|b| b.is_ascii_digit() || b"+-.eE".contains(&b));
    text.parse::<f64>().ok().filter(|value| is_number && value.is_finite())
}

fn milliseconds(text: &str) -> Option<i64> {
    text.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_millisecond)
}

fn time_ms(name: &str, value: &str) -> Result<i64, QueryProblem> {
    milliseconds(value)
        .ok_or_else(|| problem(name, format!("`{value}` is not a time with an offset")))
}

fn problem(parameter: &str, rule: impl Into<String>) -> QueryProblem {
    QueryProblem { parameter: parameter.to_owned(), rule: rule.into() }
}

#[cfg(test)]
mod tests;
