//! `/lens`: a regulator's search over everything, and its export.

use axum::{
    extract::{OriginalUri, Query, State, rejection::QueryRejection},
    response::Response,
};
use jiff::civil::Date;
use maud::{Markup, html};
use qiao_api::goods::EVENTS_MAX;
use qiao_documents::{Cell, Sheet};
use qiao_epcis::{Event, Identifier, Limits};
use qiao_indexer::{EventQuery, IndexedEvent};
use serde::Deserialize;

use crate::{
    console::{Console, Trouble},
    pages::{events, search::encoded, trace::identifier},
    shell::{Page, Section},
    telling, words,
};

/// Events that one page shows; the file has all.
const SHOWN_MAX: usize = 100;

/// What is searched for; what is empty does not narrow.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    thing: String,
    place: String,
    party: String,
    step: String,
    from: String,
    until: String,
}

/// What is searched for, understood.
struct Wanted {
    query: EventQuery,
    /// A product without lot: every identifier of it.
    product: Option<String>,
    place: Option<String>,
    party: Option<String>,
}

/// `GET /lens`, `/lens.csv` and `/lens.xlsx`.
pub(crate) async fn page(
    State(console): State<Console>,
    OriginalUri(uri): OriginalUri,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Response {
    let made = match asked {
        Ok(Query(asked)) => made(&console, &asked, &uri).await,
        Err(rejection) => Err(rejection.into()),
    };
    console.answer(made)
}

async fn made(
    console: &Console,
    asked: &Asked,
    uri: &axum::http::Uri,
) -> Result<Response, Trouble> {
    let wanted = Wanted::read(asked)?;
    let (found, is_cut) = wanted.find(console).await?;
    if uri.path().contains('.') {
        return Ok(super::file(&sheet(console, &found), uri.path().trim_start_matches('/')));
    }
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    let body = html! {
        p.crumb { a href="/goods" { "Goods" } }
        div.lead {
            h1 { "Search everything" }
            p.soft { "Every event of every member that this node may read." }
        }
        (form(console, asked))
        section.card aria-labelledby="found" {
            header {
                h2 id="found" { (words::count(found.len() as u64, "event", "events")) }
                span {
                    a href={ "/lens.xlsx" (query) } { "XLSX" } " · " a href={ "/lens.csv" (query) } { "CSV" }
                }
            }
            @if is_cut {
                p.empty { "Only the newest " (words::number(EVENTS_MAX as u64)) " were looked at; narrow the time." }
            }
            @if found.is_empty() { p.empty { "Nothing matches." } }
            (events::rows(console, &found[..found.len().min(SHOWN_MAX)]))
            @if found.len() > SHOWN_MAX {
                p.empty { "The first " (SHOWN_MAX) " are shown; the file has all." }
            }
        }
    };
    Ok(Page { title: "Search everything", section: Section::Goods, body }.render(&console.status()))
}

fn form(console: &Console, asked: &Asked) -> Markup {
    let parties: Vec<&str> =
        console.chain.genesis().organisations.iter().map(|one| one.name.as_str()).collect();
    let field = |name: &str, label: &str, kind: &str, value: &str, example: &str| {
        html! {
            div {
                label for=(name) { (label) }
                input id=(name) name=(name) type=(kind) value=(value) placeholder=(example) autocomplete="off";
            }
        }
    };
    html! {
        section.card aria-label="Search" {
            div.pad {
                form.fill.wide-form action="/lens" {
                    (field("thing", "Product, lot, item or pallet", "text", &asked.thing, "(01)09521002000368(10)M0318"))
                    (field("place", "Place (GLN)", "text", &asked.place, "9521001000031"))
                    div {
                        label for="party" { "Recorded by" }
                        select id="party" name="party" {
                            option value="" { "anybody" }
                            @for name in &parties {
                                option value=(name) selected[*name == asked.party] { (name) }
                            }
                        }
                    }
                    (field("step", "Business step", "text", &asked.step, "shipping"))
                    (field("from", "From day", "date", &asked.from, ""))
                    (field("until", "To day", "date", &asked.until, ""))
                    button { "Search" }
                }
            }
        }
    }
}

impl Wanted {
    fn read(asked: &Asked) -> Result<Self, Trouble> {
        let mut parameters: Vec<(&str, String)> = vec![
            ("orderBy", "eventTime".into()),
            ("orderDirection", "DESC".into()),
            ("perPage", EventQuery::PER_PAGE_MAX.to_string()),
        ];
        let mut product = None;
        if !asked.thing.trim().is_empty() {
            let id = identifier(asked.thing.trim()).map_err(Trouble::Unclear)?;
            let path = id.as_str().strip_prefix("https://id.gs1.org/01/");
            if path.is_some_and(|path| !path.contains('/')) {
                product = Some(id.as_str().to_owned());
            } else {
                let name = if id.is_class() { "MATCH_anyEPCClass" } else { "MATCH_anyEPC" };
                parameters.push((name, id.into()));
            }
        }
        if !asked.step.trim().is_empty() {
            parameters.push(("EQ_bizStep", asked.step.trim().to_owned()));
        }
        if let Some(day) = day(&asked.from)? {
            parameters.push(("GE_eventTime", format!("{day}T00:00:00Z")));
        }
        if let Some(day) = day(&asked.until)? {
            let next = day.tomorrow().map_err(|error| Trouble::Unclear(error.to_string()))?;
            parameters.push(("LT_eventTime", format!("{next}T00:00:00Z")));
        }
        let pairs = parameters.iter().map(|(name, value)| (*name, value.as_str()));
        let query =
            EventQuery::parse(pairs).map_err(|problem| Trouble::Unclear(problem.to_string()))?;
        let party = Some(asked.party.clone()).filter(|name| !name.is_empty());
        Ok(Self { query, product, place: place(&asked.place)?, party })
    }

    /// The events that match, newest first, and whether there may be more.
    async fn find(&self, console: &Console) -> Result<(Vec<IndexedEvent>, bool), Trouble> {
        let (mut found, mut looked_at) = (Vec::new(), 0);
        let mut query = self.query.clone();
        loop {
            let page = console.chain.index().events(&query).await?;
            looked_at += page.items.len();
            found.extend(page.items.into_iter().filter(|event| self.matches(event)));
            match page.next {
                Some(_) if looked_at >= EVENTS_MAX => return Ok((found, true)),
                Some(next) => query = query.after(&next),
                None => return Ok((found, false)),
            }
        }
    }

    fn matches(&self, event: &IndexedEvent) -> bool {
        let is_there = |place: &str| {
            [&event.biz_location, &event.read_point].into_iter().flatten().any(|own| own == place)
        };
        self.party.as_ref().is_none_or(|party| event.party_name.as_ref() == Some(party))
            && self.place.as_deref().is_none_or(is_there)
            && self.product.as_deref().is_none_or(|product| names(event, product))
    }
}

/// Whether an event names something of a product.
fn names(event: &IndexedEvent, product: &str) -> bool {
    let parsed = Event::parse(event.body.as_bytes(), &Limits::EVENT);
    parsed.is_ok_and(|parsed| {
        parsed.items().iter().any(|item| qiao_goods::product_of(item.id.as_str()) == product)
    })
}

fn day(text: &str) -> Result<Option<Date>, Trouble> {
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|_| Trouble::Unclear(format!("“{text}” is no day.")))
}

/// A place by its GLN, or by any identifier of it.
fn place(text: &str) -> Result<Option<String>, Trouble> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let uri = if text.bytes().all(|byte| byte.is_ascii_digit()) {
        format!("https://id.gs1.org/414/{text}")
    } else {
        text.to_owned()
    };
    let id = Identifier::parse(&uri);
    id.map(|id| Some(id.into()))
        .map_err(|error| Trouble::Unclear(format!("“{text}” is no place: {error}.")))
}

/// The events as a table.
fn sheet(console: &Console, found: &[IndexedEvent]) -> Sheet {
    let heads = [
        "Time",
        "Offset",
        "Recorded",
        "Organisation",
        "Business step",
        "Disposition",
        "Place",
        "What happened",
        "Things",
        "Documents",
        "Block",
        "Transaction",
        "Event Hash ID",
    ];
    let mut sheet = Sheet::new("Events", &heads);
    for event in found {
        let time = |ms: i64| {
            jiff::Timestamp::from_millisecond(ms).map(|time| time.to_string()).unwrap_or_default()
        };
        let parsed = Event::parse(event.body.as_bytes(), &Limits::EVENT).ok();
        let told = parsed.as_ref().map(|parsed| telling::sentence_of(&console.labels, parsed));
        let things = parsed.as_ref().map(|parsed| {
            let ids = parsed.items().iter().map(|item| item.id.as_str().to_owned());
            ids.collect::<Vec<_>>().join(" ")
        });
        let documents = parsed.as_ref().map(|parsed| {
            let ids = parsed.biz_transactions().iter().map(|(_, id)| id.clone());
            ids.collect::<Vec<_>>().join(" ")
        });
        let place = event.biz_location.as_deref().or(event.read_point.as_deref());
        let record_ms = i64::try_from(event.record_time_ms).unwrap_or(i64::MAX);
        let cells = [
            time(event.event_time_ms),
            event.time_zone.clone(),
            time(record_ms),
            event.party_name.clone().unwrap_or_default(),
            event.biz_step.clone().unwrap_or_default(),
            event.disposition.clone().unwrap_or_default(),
            place.map(|id| console.labels.address(id)).unwrap_or_default(),
            told.unwrap_or_default(),
            things.unwrap_or_default(),
            documents.unwrap_or_default(),
            event.place.block.to_string(),
            event.transaction.to_string(),
            event.hash.clone(),
        ];
        sheet.push(cells.map(cut).into());
    }
    sheet
}

/// A cell of a spreadsheet holds at most 32,767 characters.
fn cut(text: String) -> Cell {
    const LETTERS_MAX: usize = 32_000;
    match text.char_indices().nth(LETTERS_MAX) {
        Some((end, _)) => Cell::text(format!("{}…", &text[..end])),
        None => Cell::text(text),
    }
}

/// The address of a search for one thing.
pub(crate) fn href(id: &str) -> String {
    format!("/lens?thing={}", encoded(id))
}
