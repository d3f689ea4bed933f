//! The headers of the EPCIS REST binding: what this server speaks, and what a client asks.

use std::cmp::Reverse;

use axum::{
    extract::State,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use qiao_epcis::{XmlForm, XmlVersion, XmlWords};

use super::{Context, body::Format, problem::Problem};
use crate::capture::ErrorBehaviour;

const EPCIS_VERSION: HeaderName = HeaderName::from_static("gs1-epcis-version");
const EPCIS_MIN: HeaderName = HeaderName::from_static("gs1-epcis-min");
const EPCIS_MAX: HeaderName = HeaderName::from_static("gs1-epcis-max");
const CBV_VERSION: HeaderName = HeaderName::from_static("gs1-cbv-version");
const CBV_MIN: HeaderName = HeaderName::from_static("gs1-cbv-min");
const CBV_MAX: HeaderName = HeaderName::from_static("gs1-cbv-max");
const EPC_FORMAT: HeaderName = HeaderName::from_static("gs1-epc-format");
const XML_FORMAT: HeaderName = HeaderName::from_static("gs1-cbv-xml-format");
const EXTENSIONS: HeaderName = HeaderName::from_static("gs1-extensions");
const ERROR_BEHAVIOUR: HeaderName = HeaderName::from_static("gs1-capture-error-behaviour");

/// The header that names the organisation for which events are captured.
pub(super) const PARTY: HeaderName = HeaderName::from_static("qiao-party");

/// Adds the headers that every EPCIS answer carries.
pub(super) async fn versions(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.entry(EPCIS_VERSION).or_insert(HeaderValue::from_static("2.0.0"));
    headers.entry(CBV_VERSION).or_insert(HeaderValue::from_static("2.0.0"));
    response
}

/// How a body is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Media {
    /// `application/json`.
    Json,
    /// `application/ld+json`.
    JsonLd,
    /// `application/xml`.
    Xml,
}

impl Media {
    /// The media type.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::JsonLd => "application/ld+json",
            Self::Xml => "application/xml",
        }
    }

    fn offered(range: &str) -> Option<Self> {
        match range {
            "*/*" | "application/*" | "application/json" => Some(Self::Json),
            "application/ld+json" => Some(Self::JsonLd),
            "application/xml" | "text/xml" | "text/*" => Some(Self::Xml),
            _ => None,
        }
    }
}

/// The form in which a client wants events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Wish {
    pub(super) media: Media,
    /// Version and words, for XML.
    pub(super) xml: XmlForm,
    /// Whether GS1 keys are written as Digital Links.
    pub(super) links: bool,
}

/// What a client wants of an answer with events; refused with 406 where it is not spoken here.
pub(super) fn wish(headers: &HeaderMap) -> Result<Wish, Box<Problem>> {
    let media = accepted(headers)?;
    let within = |min: &HeaderName, max: &HeaderName, version: &[u32]| -> bool {
        let bound = |name: &HeaderName| headers.get(name).and_then(version_of);
        bound(min).is_none_or(|min| *version >= *min)
            && bound(max).is_none_or(|max| *version <= *max)
    };
    let version = if within(&EPCIS_MIN, &EPCIS_MAX, &[2]) {
        XmlVersion::V2_0
    } else if media == Media::Xml && within(&EPCIS_MIN, &EPCIS_MAX, &[1, 2]) {
        XmlVersion::V1_2
    } else {
        let detail = "EPCIS 2.0 is spoken here, and 1.2 in XML; neither is within \
                      `GS1-EPCIS-Min` and `GS1-EPCIS-Max`";
        return Err(not_acceptable("epcis.version", detail));
    };
    let is_cbv_known = [&[2][..], &[1, 2]].iter().any(|cbv| within(&CBV_MIN, &CBV_MAX, cbv));
    if !is_cbv_known {
        let detail = "CBV 2.0 and 1.2 are spoken here; neither is within `GS1-CBV-Min` and \
                      `GS1-CBV-Max`";
        return Err(not_acceptable("epcis.version", detail));
    }
    let words = match text(headers, &XML_FORMAT).as_deref() {
        None | Some("No_Preference" | "Always_URN" | "Never_Translates") => XmlWords::Urn,
        Some("Always_Web_URI") => XmlWords::WebUri,
        Some(other) => return Err(unknown_format(&XML_FORMAT, other)),
    };
    let links = match text(headers, &EPC_FORMAT).as_deref() {
        None | Some("No_Preference" | "Never_Translates") => false,
        Some("Always_GS1_Digital_Link") => true,
        Some("Always_EPC_URN") => {
            let detail = "a Digital Link does not tell the length of its company prefix, so it \
                          cannot be written as an EPC URN";
            let problem = not_acceptable("epcis.epc_format", detail);
            return Err(problem.hint("ask for `Always_GS1_Digital_Link` or `No_Preference`"));
        }
        Some(other) => return Err(unknown_format(&EPC_FORMAT, other)),
    };
    Ok(Wish { media, xml: XmlForm { version, words }, links })
}

/// Refuses a client that takes no JSON where there is nothing else.
pub(super) fn wish_json(headers: &HeaderMap) -> Result<(), Box<Problem>> {
    match accepted(headers)? {
        Media::Json | Media::JsonLd => Ok(()),
        Media::Xml => {
            Err(not_acceptable("rest.not_acceptable", "this resource is told in JSON only"))
        }
    }
}

/// The best of what the client accepts.
fn accepted(headers: &HeaderMap) -> Result<Media, Box<Problem>> {
    let ranges: Vec<String> = headers
        .get_all(header::ACCEPT)
        .iter()
        .flat_map(|value| value.as_bytes().split(|byte| *byte == b','))
        .map(|range| String::from_utf8_lossy(range).trim().to_owned())
        .filter(|range| !range.is_empty())
        .collect();
    if ranges.is_empty() {
        return Ok(Media::Json);
    }
    let mut offers: Vec<(u32, Media)> = Vec::new();
    for range in &ranges {
        let mut parts = range.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default().to_ascii_lowercase();
        let quality = parts.find_map(|part| part.strip_prefix("q=")).map_or(1000, thousandths);
        if let Some(media) = Media::offered(&name).filter(|_| quality > 0) {
            offers.push((quality, media));
        }
    }
    // The sort is stable: of equal ones the first counts.
    offers.sort_by_key(|(quality, _)| Reverse(*quality));
    offers.first().map(|(_, media)| *media).ok_or_else(|| {
        let detail = format!("`Accept: {}` is not spoken here", super::cut(&ranges.join(", ")));
        not_acceptable("rest.not_acceptable", detail)
            .hint("accept `application/json`, `application/ld+json` or `application/xml`")
    })
}

fn thousandths(text: &str) -> u32 {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let part: String = part.chars().chain("000".chars()).take(3).collect();
    whole.parse::<u32>().unwrap_or(0) * 1000 + part.parse::<u32>().unwrap_or(0)
}

/// Refuses a client that insists on what this server does not do.
pub(super) fn check(headers: &HeaderMap, format: Format) -> Result<(), Box<Problem>> {
    for name in [EPCIS_VERSION, CBV_VERSION] {
        let Some(asked) = text(headers, &name) else { continue };
        let version = headers.get(&name).and_then(version_of).unwrap_or_default();
        let is_known = matches!(version.as_slice(), [2] | [2, 0, ..])
            || format == Format::Xml && matches!(version.as_slice(), [1, 0..=2, ..]);
        if !is_known {
            let detail = format!(
                "`{name}: {}` is not spoken here; 2.0 is, and 1.2 in XML",
                super::cut(&asked)
            );
            return Err(not_acceptable("epcis.version", detail));
        }
    }
    behaviour(headers).map(|_| ())
}

/// What a client wants of a document in which some events are not valid.
pub(super) fn behaviour(headers: &HeaderMap) -> Result<ErrorBehaviour, Box<Problem>> {
    match headers.get(ERROR_BEHAVIOUR).map(HeaderValue::as_bytes) {
        None => Ok(ErrorBehaviour::Rollback),
        Some(asked) if asked.eq_ignore_ascii_case(b"rollback") => Ok(ErrorBehaviour::Rollback),
        Some(asked) if asked.eq_ignore_ascii_case(b"proceed") => Ok(ErrorBehaviour::Proceed),
        Some(_) => {
            let detail = "`GS1-Capture-Error-Behaviour` is `rollback` or `proceed`";
            Err(Problem::new(StatusCode::BAD_REQUEST, "capture.error_behaviour", detail))
        }
    }
}

/// The prefixes that a client declares in `GS1-Extensions`, with their namespaces.
pub(super) fn extensions(headers: &HeaderMap) -> Vec<(String, String)> {
    let Some(declared) = text(headers, &EXTENSIONS) else { return Vec::new() };
    let pairs = declared.split(',').filter_map(|pair| pair.split_once('='));
    pairs.map(|(prefix, uri)| (prefix.trim().to_owned(), uri.trim().to_owned())).collect()
}

/// Says in an answer which version of EPCIS its XML has.
pub(super) fn name_version(headers: &mut HeaderMap, wish: Wish) {
    if wish.media == Media::Xml && wish.xml.version == XmlVersion::V1_2 {
        headers.insert(EPCIS_VERSION, HeaderValue::from_static("1.2.0"));
        headers.insert(CBV_VERSION, HeaderValue::from_static("1.2.0"));
    }
}

fn text(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).trim().to_owned())
}

/// The numbers of a version, without zeros at its end.
fn version_of(value: &HeaderValue) -> Option<Vec<u32>> {
    let text = value.to_str().ok()?.trim();
    let mut numbers =
        text.split('.').map(|part| part.parse().ok()).collect::<Option<Vec<u32>>>()?;
    while numbers.last() == Some(&0) {
        numbers.pop();
    }
    Some(numbers)
}

fn not_acceptable(code: &str, detail: impl Into<String>) -> Box<Problem> {
    Problem::new(StatusCode::NOT_ACCEPTABLE, code, detail)
}

fn unknown_format(name: &HeaderName, value: &str) -> Box<Problem> {
    let detail = format!("`{name}: {}` is none of the standard's", super::cut(value));
    not_acceptable("epcis.format", detail)
}

/// `OPTIONS`: what this server speaks, and the methods of the resource.
pub(super) fn discover(methods: &'static str) -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    let headers = response.headers_mut();
    headers.insert(header::ALLOW, HeaderValue::from_static(methods));
    headers.insert(EPCIS_MIN, HeaderValue::from_static("1.2.0"));
    headers.insert(EPCIS_MAX, HeaderValue::from_static("2.0.0"));
    headers.insert(CBV_MIN, HeaderValue::from_static("1.2.0"));
    headers.insert(CBV_MAX, HeaderValue::from_static("2.0.0"));
    headers.insert(EPC_FORMAT, HeaderValue::from_static("No_Preference"));
    headers.insert(XML_FORMAT, HeaderValue::from_static("No_Preference"));
    headers.insert("gs1-vendor-version", HeaderValue::from_static(env!("CARGO_PKG_VERSION")));
    response
}

/// `OPTIONS /epcis/capture`: the limits of a capture besides.
pub(super) async fn discover_capture(State(context): State<Context>) -> Response {
    let mut response = discover("GET, POST, OPTIONS");
    let headers = response.headers_mut();
    let events = qiao_epcis::Limits::DOCUMENT.events_max;
    let bytes = context.limits.body_bytes_max;
    headers.insert("gs1-epcis-capture-limit", HeaderValue::from(events));
    headers.insert("gs1-epcis-capture-file-size-limit", HeaderValue::from(bytes));
    headers.insert(ERROR_BEHAVIOUR, HeaderValue::from_static("rollback"));
    response
}
