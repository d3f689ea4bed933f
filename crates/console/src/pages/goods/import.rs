//! `/import`: a table that becomes events.

use axum::{extract::State, response::Response};
use maud::{Markup, html};
use qiao_api::goods::Drawer;
use qiao_goods::import::Stage;

use crate::{
    assets,
    console::Console,
    pages::{goods::choices::title, sealed},
    shell::{Page, Section},
};

/// `GET /import`.
pub(crate) async fn page(State(console): State<Console>) -> Response {
    let mappings = console.chain.cabinet().map(|kept| kept.names(Drawer::Mappings));
    let mappings = mappings.unwrap_or_default();
    let own = sealed::own(&console).await;
    let body = html! {
        p.crumb { a href="/goods" { "Goods" } }
        div.lead {
            h1 { "Import a table" }
            p.soft {
                "Each row becomes an event. Look first what would become of it; a file that was imported \
                 before changes nothing."
            }
        }
        div.columns.even {
            section.card aria-labelledby="file-head" {
                header { h2 id="file-head" { "File" } }
                div.pad {
                    form.fill data-import {
                        label for="file" { "CSV or XLSX, up to 10,000 rows and 8 MB" }
                        input id="file" type="file" name="file" required accept=".csv,.xlsx,text/csv";
                        label for="mapping" { "Columns" }
                        select id="mapping" name="mapping" {
                            option value="" { "as in the template" }
                            @for name in &mappings { option value=(name) { (name) } }
                        }
                        label for="stage" { "What happened, for rows that do not say" }
                        select id="stage" name="stage" {
                            option value="" { "–" }
                            @for stage in Stage::ALL { option value=(stage.as_str()) { (title(stage)) } }
                        }
                        (sealing(own))
                        button { "Look at it first" }
                    }
                    div.verdict data-report aria-live="polite" hidden {}
                    noscript { p.soft {
                        "This page needs scripts; " code { "qiao import FILE --dry-run" } " does the same."
                    } }
                }
            }
            section.card aria-labelledby="templates" {
                header { h2 id="templates" { "Templates" } }
                ul.rows {
                    @for stage in Stage::ALL {
                        li {
                            div.main { strong { (title(stage)) } span.line { code { (stage.as_str()) } } }
                            div.aside {
                                a href={ "/imports/template.xlsx?stage=" (stage.as_str()) } { "XLSX" } " · "
                                a href={ "/imports/template.csv?stage=" (stage.as_str()) } { "CSV" }
                            }
                        }
                    }
                }
                p.empty {
                    "A partner’s own columns are read by a mapping: " code { "PUT /mappings/NAME" } "."
                }
            }
        }
        script type="module" src=(assets::import_path()) {}
    };
    Page { title: "Import", section: Section::Goods, body }.render(&console.status())
}

/// Fields of a row that can be sealed, as people call them.
const SEALABLE: [(&str, &str); 5] = [
    ("quantity", "How much"),
    ("bizTransaction", "Orders, delivery notes and invoices"),
    ("source", "From whom"),
    ("destination", "To whom"),
    ("sensor", "Temperatures"),
];

/// What only some members are to read, at a node that has keys for it. Those members who have one too are
/// asked for by the script.
fn sealing(own: Option<u64>) -> Markup {
    let Some(own) = own else { return html! {} };
    html! {
        details data-sealing=(own) {
            summary { "Show some of it to named members only" }
            p.soft.small {
                "What is ticked goes on the chain sealed: you and the members below read it, others see that it \
                 is sealed, and for whom."
            }
            fieldset.checks {
                legend { "What" }
                @for (field, words) in SEALABLE {
                    label { input type="checkbox" name="seal" value=(field); " " (words) }
                }
            }
            fieldset.checks data-readers { legend { "For whom, besides you" } }
        }
    }
}
