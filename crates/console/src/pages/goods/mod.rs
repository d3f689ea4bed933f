//! `/goods`: what each person does with traceability, and the pages for it.

pub(crate) mod choices;
pub(crate) mod coverage;
pub(crate) mod import;
pub(crate) mod labels;
pub(crate) mod lens;
pub(crate) mod phone;
pub(crate) mod quality;
pub(crate) mod sheet;

use axum::{
    extract::State,
    http::{HeaderValue, header},
    response::{IntoResponse as _, Response},
};
use maud::html;
use qiao_documents::{CSV, Sheet, XLSX};
use qiao_goods::fsma::Describe;

use crate::{
    console::Console,
    labels::Labels,
    pages::search::encoded,
    shell::{Page, Section},
};

/// A page: its path, its name, and what it is for.
type Way = (&'static str, &'static str, &'static str);

/// Who does what, and where.
const PATHS: &[(&str, &[Way])] = &[
    (
        "Supplier",
        &[
            ("/phone", "Capture on a phone", "Scan, type, photograph; works without a network"),
            ("/import", "Import a table", "CSV or XLSX, with a dry run and errors by row"),
            ("/labels", "Print labels", "QR codes of products, lots, items and pallets"),
        ],
    ),
    (
        "Quality assurance",
        &[
            (
                "/quality",
                "Alerts and holds",
                "Temperatures out of bounds, what is held back or recalled",
            ),
            (
                "/quality/recalls",
                "Recalls",
                "From a suspect lot to everybody who has some of it; drill, declare, follow",
            ),
        ],
    ),
    (
        "Retailer",
        &[(
            "/coverage",
            "Missing data",
            "What suppliers’ events do not tell, and coverage by category",
        )],
    ),
    (
        "Regulator",
        &[
            (
                "/lens",
                "Search everything",
                "By product, lot, place, party, step and time; as a file",
            ),
            ("/trace", "Trace a lot", "With the FSMA 204 spreadsheet in one click"),
            ("/quality/recalls", "Recalls", "Who was told, who took note, what is accounted for"),
        ],
    ),
    (
        "Shopper",
        &[("/trace", "The page behind a code", "Every thing has one, at its GS1 Digital Link")],
    ),
];

/// `GET /goods`.
pub(crate) async fn hub(State(console): State<Console>) -> Response {
    let body = html! {
        div.lead {
            h1 { "Goods" }
            p.soft { "What each person needs to know where goods come from and go to." }
        }
        div.grid {
            @for (person, paths) in PATHS {
                section.card aria-label=(person) {
                    header { h2 { (person) } }
                    ul.rows {
                        @for (href, name, what) in *paths {
                            li { div.main { a href=(href) { (name) } span.line { (what) } } }
                        }
                    }
                }
            }
        }
    };
    Page { title: "Goods", section: Section::Goods, body }.render(&console.status())
}

impl Describe for Labels {
    fn product(&self, id: &str) -> String {
        self.thing(id).kind
    }

    fn place(&self, id: &str) -> String {
        self.address(id)
    }
}

/// Where a suspect thing leads.
pub(crate) fn suspect_href(id: &str) -> String {
    format!("/quality/recalls?thing={}", encoded(id))
}

/// A sheet as a file, by the extension of its name.
pub(crate) fn file(sheet: &Sheet, name: &str) -> Response {
    match name.ends_with(".xlsx") {
        true => download(sheet.to_xlsx(), XLSX, name),
        false => download(sheet.to_csv(), CSV, name),
    }
}

/// A file that browsers save.
pub(crate) fn download(bytes: Vec<u8>, media_type: &'static str, name: &str) -> Response {
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    if let Ok(name) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
        headers.insert(header::CONTENT_DISPOSITION, name);
    }
    response
}
