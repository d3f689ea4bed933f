//! `/labels`: labels with QR codes, as PDF and for label printers.

use axum::{
    extract::{OriginalUri, Query, State, rejection::QueryRejection},
    http::{HeaderMap, header},
    response::Response,
};
use maud::html;
use qiao_documents::PDF;
use qiao_goods::labels::{LABELS_MAX, Label, Layout, pdf, zpl};
use serde::Deserialize;

use crate::{
    console::{Console, Trouble},
    pages::trace::identifier,
    shell::{Page, Section},
};

/// What is asked for.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Asked {
    /// Identifiers, one a line.
    #[serde(default)]
    id: String,
    #[serde(default)]
    copies: String,
    #[serde(default)]
    layout: String,
}

/// `GET /labels`.
pub(crate) async fn page(
    State(console): State<Console>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Response {
    let id = asked.map(|Query(asked)| asked.id).unwrap_or_default();
    let body = html! {
        p.crumb { a href="/goods" { "Goods" } }
        div.lead {
            h1 { "Labels" }
            p.soft { "Each code is the GS1 Digital Link of the thing: whoever scans it reads its page." }
        }
        section.card aria-labelledby="print" {
            header { h2 id="print" { "Print" } }
            div.pad {
                form.fill action="/labels.pdf" {
                    label for="id" { "Identifiers, one a line" }
                    textarea id="id" name="id" rows="5" required spellcheck="false"
                        placeholder="(01)09521002000566(10)M0318" { (id) }
                    label for="copies" { "Copies of each" }
                    input id="copies" name="copies" type="number" min="1" max=(LABELS_MAX) value="24";
                    label for="layout" { "Paper" }
                    select id="layout" name="layout" {
                        option value="sheet" { "A4, 24 labels of 70 × 37 mm" }
                        option value="single" { "Roll, 62 × 37 mm" }
                    }
                    button { "PDF" }
                    button formaction="/labels.zpl" { "ZPL, for label printers" }
                }
            }
        }
    };
    Page { title: "Labels", section: Section::Goods, body }.render(&console.status())
}

/// `GET /labels.pdf` and `GET /labels.zpl`.
pub(crate) async fn file(
    State(console): State<Console>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Response {
    let made = match asked {
        Ok(Query(asked)) => made(&console, &asked, uri.path(), &headers),
        Err(rejection) => Err(rejection.into()),
    };
    console.answer(made)
}

fn made(
    console: &Console,
    asked: &Asked,
    path: &str,
    headers: &HeaderMap,
) -> Result<Response, Trouble> {
    let copies = match asked.copies.trim() {
        "" => 1,
        text => text
            .parse::<usize>()
            .ok()
            .filter(|copies| *copies > 0)
            .ok_or_else(|| Trouble::Unclear(format!("“{text}” is no number of copies.")))?,
    };
    let root = root(console, headers);
    let mut labels = Vec::new();
    for line in asked.id.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let id = identifier(line).map_err(Trouble::Unclear)?;
        let title = console.labels.thing(id.as_str()).kind;
        let label = Label::of(id.as_str(), &root, &title);
        let label = label.ok_or_else(|| Trouble::Unclear(format!("“{line}” is no GS1 key.")))?;
        if labels.len() + copies > LABELS_MAX {
            return Err(Trouble::Unclear(format!("One file has at most {LABELS_MAX} labels.")));
        }
        labels.extend(std::iter::repeat_n(label, copies));
    }
    if labels.is_empty() {
        return Err(Trouble::Unclear("There is no identifier.".to_owned()));
    }
    if path.ends_with(".zpl") {
        return Ok(super::download(
            zpl(&labels).into_bytes(),
            "text/plain; charset=utf-8",
            "labels.zpl",
        ));
    }
    let layout = if asked.layout == "single" { Layout::Single } else { Layout::Sheet };
    let bytes = pdf(&labels, layout).map_err(|error| Trouble::Unclear(error.to_string()))?;
    Ok(super::download(bytes, PDF, "labels.pdf"))
}

/// Where codes lead: the public address, or the one under which the node is called.
fn root(console: &Console, headers: &HeaderMap) -> String {
    if let Some(root) = &console.settings.public_url {
        return root.clone();
    }
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    format!("http://{}", host.unwrap_or("localhost"))
}
