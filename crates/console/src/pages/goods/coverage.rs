//! `/coverage`: what suppliers' events do not tell, and how much is covered by category.

use axum::{
    extract::{OriginalUri, Query, State, rejection::QueryRejection},
    response::Response,
};
use maud::{Markup, html};
use qiao_api::goods::{self, Span};
use qiao_goods::gaps::{Category, Coverage, Gap, Supplier};
use serde::Deserialize;

use crate::{
    console::{Console, Trouble},
    pages::{events, search::encoded},
    shell::{Page, Section},
    words,
};

/// Gaps that one page shows; the file has all.
const SHOWN_MAX: usize = 100;

#[derive(Debug, Default, Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    supplier: String,
}

/// `GET /coverage`, `/coverage.csv` and `/coverage.xlsx`.
pub(crate) async fn page(
    State(console): State<Console>,
    OriginalUri(uri): OriginalUri,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Response {
    let made = match asked {
        Ok(Query(asked)) => made(&console, &asked.supplier, uri.path()).await,
        Err(rejection) => Err(rejection.into()),
    };
    console.answer(made)
}

async fn made(console: &Console, supplier: &str, path: &str) -> Result<Response, Trouble> {
    let covered = goods::covered(&*console.chain, Span::default(), &*console.labels).await?;
    let (coverage, is_cut) = covered;
    let only = Some(supplier).filter(|name| !name.is_empty());
    if path.contains('.') {
        let sheet = goods::gaps_sheet(&coverage, only);
        return Ok(super::file(
            &sheet,
            &path.trim_start_matches('/').replace("coverage", "missing-data"),
        ));
    }
    let gaps: Vec<&Gap> =
        coverage.gaps.iter().filter(|gap| only.is_none_or(|name| gap.party == name)).collect();
    let body = html! {
        p.crumb { a href="/goods" { "Goods" } }
        div.lead {
            h1 { "Missing data" }
            p.soft {
                "Of the newest " (words::number(coverage.events as u64)) " events"
                @if is_cut { ", older ones are not looked at" } ". Every event is asked what, when, where and \
                 why; products on the Food Traceability List also for the data of FSMA 204."
            }
        }
        div.columns.even {
            (suppliers(&coverage, supplier))
            (categories(&coverage.categories))
        }
        (listed(console, &gaps, supplier))
    };
    Ok(Page { title: "Missing data", section: Section::Goods, body }.render(&console.status()))
}

fn percent(part: usize, whole: usize) -> String {
    let percent = (part * 100).checked_div(whole);
    percent.map_or_else(|| "–".to_owned(), |percent| format!("{percent} %"))
}

fn suppliers(coverage: &Coverage, chosen: &str) -> Markup {
    html! {
        section.card aria-labelledby="suppliers" {
            header { h2 id="suppliers" { "By supplier" } @if !chosen.is_empty() { a href="/coverage" { "All" } } }
            ul.rows { @for one in &coverage.suppliers { (supplier(one)) } }
        }
    }
}

fn supplier(one: &Supplier) -> Markup {
    let missing: Vec<String> =
        one.missing.iter().take(4).map(|(what, count)| format!("{what} ({count})")).collect();
    html! {
        li {
            div.main {
                a href={ "/coverage?supplier=" (encoded(&one.party)) } { (one.party) }
                span.line {
                    @if missing.is_empty() { "Nothing is missing" } @else { (missing.join(", ")) }
                }
            }
            div.aside {
                span.tag.good[one.complete == one.events].warn[one.complete < one.events] {
                    (percent(one.complete, one.events)) " complete"
                }
                span.line { (words::count(one.events as u64, "event", "events")) }
            }
        }
    }
}

fn categories(categories: &[Category]) -> Markup {
    html! {
        section.card aria-labelledby="categories" {
            header { h2 id="categories" { "By category" } }
            div.scroll { table {
                thead { tr {
                    th { "Category" } th.right { "Products" } th.right { "Lots" }
                    th.right { "With origin" } th.right { "Complete" }
                } }
                tbody { @for one in categories {
                    tr {
                        td { (one.name) }
                        td.right { (one.products) }
                        td.right { (one.lots) }
                        td.right { (percent(one.lots_with_origin, one.lots)) }
                        td.right { (percent(one.complete, one.events)) }
                    }
                } }
            } }
        }
    }
}

fn listed(console: &Console, gaps: &[&Gap], supplier: &str) -> Markup {
    let query = if supplier.is_empty() {
        String::new()
    } else {
        format!("?supplier={}", encoded(supplier))
    };
    html! {
        section.card aria-labelledby="gaps" {
            header {
                h2 id="gaps" {
                    "Events with gaps" @if !supplier.is_empty() { " of " (supplier) }
                }
                span {
                    a href={ "/coverage.xlsx" (query) } { "XLSX" } " · "
                    a href={ "/coverage.csv" (query) } { "CSV" }
                }
            }
            @if gaps.is_empty() { p.empty { "Nothing is missing." } }
            ul.rows {
                @for gap in gaps.iter().take(SHOWN_MAX) {
                    li {
                        div.main {
                            a href=(events::href(&gap.event)) { (gap.missing.join(", ")) }
                            span.line {
                                (gap.step.replace('_', " ")) " · " (console.labels.line(&gap.thing))
                            }
                            span.line { (gap.party) }
                        }
                        div.aside { span.line { (words::local_short(gap.time_ms, &gap.time_zone)) } }
                    }
                }
            }
            @if gaps.len() > SHOWN_MAX {
                p.empty { "and " (gaps.len() - SHOWN_MAX) " more; the file has all." }
            }
        }
    }
}
