//! What a desk asks: sheets of a lot, gaps, alerts and holds of a span of time.

use std::collections::BTreeSet;

use qiao_documents::{Cell, Sheet};
use qiao_epcis::Identifier;
use qiao_goods::{
    Recorded,
    fsma::{self, Describe},
    gaps::{self, Coverage},
    watch::{self, ColdAlert, Held},
};
use qiao_indexer::{Direction, EventQuery, IndexError, TraceLimits};

use super::{followed, product, recorded};
use crate::{
    Chain,
    finance::names::Names,
    recalls::{self, Hold, RecallError},
    sharing::Sight,
};

/// Events that one list looks at, the newest ones.
pub const EVENTS_MAX: usize = 5_000;

/// Rows of the FSMA 204 sheet of a lot and of everything in its trace, as somebody may see it; none where
/// nobody recorded the lot.
///
/// # Errors
/// The index cannot answer.
pub async fn fsma_rows(
    chain: &dyn Chain,
    sight: &Sight,
    id: &Identifier,
    names: &dyn Describe,
) -> Result<Option<Vec<fsma::Row>>, IndexError> {
    let limits = TraceLimits { items_per_step_max: 1, ..TraceLimits::default() };
    let trace = chain.index().trace(id, Direction::Both, &limits).await?;
    if !trace.found {
        return Ok(None);
    }
    let events = sight.show(chain, followed(chain.index(), &trace).await?).await;
    let events: Vec<Recorded> = events.events().iter().filter_map(recorded).collect();
    let things: BTreeSet<String> = trace.nodes.iter().map(|node| node.id.clone()).collect();
    Ok(Some(fsma::rows(&events, &things, names)))
}

/// The rows as a sheet.
pub fn fsma_sheet(rows: &[fsma::Row]) -> Sheet {
    let heads: Vec<&str> = fsma::COLUMNS.iter().map(|(head, _)| *head).collect();
    let mut sheet = Sheet::new("FSMA 204", &heads);
    for row in rows {
        let cells = fsma::cells(row).into_iter().zip(&heads);
        let cell = |(text, head): (String, &&str)| {
            // A lot code such as 00123 stays a text.
            if *head == "Quantity" && !text.is_empty() {
                Cell::number(text)
            } else {
                Cell::text(text)
            }
        };
        sheet.push(cells.map(cell).collect());
    }
    sheet
}

/// A span of time; open where a bound is absent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Span {
    /// From this time on, in milliseconds since the Unix epoch.
    pub from_ms: Option<i64>,
    /// Before this time.
    pub until_ms: Option<i64>,
}

/// The events of a span of time, newest first, as the node's own people see them, and whether there are more than are looked at.
///
/// # Errors
/// The index cannot answer.
pub async fn events_in(chain: &dyn Chain, span: Span) -> Result<(Vec<Recorded>, bool), IndexError> {
    let time = |ms: i64| jiff::Timestamp::from_millisecond(ms).map(|time| time.to_string());
    let mut parameters = vec![
        ("orderBy", "eventTime".to_owned()),
        ("orderDirection", "DESC".to_owned()),
        ("perPage", EventQuery::PER_PAGE_MAX.to_string()),
    ];
    let bounds = [("GE_eventTime", span.from_ms), ("LT_eventTime", span.until_ms)];
    for (name, bound) in bounds {
        let written = bound.and_then(|ms| time(ms).ok());
        parameters.extend(written.map(|written| (name, written)));
    }
    let pairs = parameters.iter().map(|(name, value)| (*name, value.as_str()));
    let mut query = EventQuery::parse(pairs).expect("the parameters are those of the index");
    let mut events = Vec::new();
    loop {
        let page = chain.index().events(&query).await?;
        let shown = Sight::Own.show(chain, page.items).await;
        events.extend(shown.events().iter().filter_map(recorded));
        match page.next {
            Some(_) if events.len() >= EVENTS_MAX => return Ok((events, true)),
            Some(next) => query = query.after(&next),
            None => return Ok((events, false)),
        }
    }
}

/// What quality assurance watches in a span of time.
#[derive(Debug, Clone, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Watched {
    /// Temperatures out of the bounds of products.
    pub cold_alerts: Vec<ColdAlert>,
    /// Things that events say are held back or recalled.
    pub held: Vec<Held>,
    /// Holds and recalls that are in force on the chain, the newest first.
    pub holds: Vec<Hold>,
    /// Events that were looked at.
    pub events: usize,
    /// Whether there are more.
    pub is_cut: bool,
}

/// Alerts and holds.
///
/// # Errors
/// The index or the chain cannot answer.
pub async fn watched(chain: &dyn Chain, span: Span) -> Result<Watched, RecallError> {
    let (events, is_cut) = events_in(chain, span).await?;
    let known = |id: &str| product(chain, id);
    let cold_alerts = watch::cold_alerts(&events, &known);
    let holds = recalls::holds(chain, &Names::load(chain).await?).await?;
    Ok(Watched { cold_alerts, held: watch::held(&events), holds, events: events.len(), is_cut })
}

/// Gaps by supplier, and coverage by category.
///
/// # Errors
/// The index cannot answer.
pub async fn covered(
    chain: &dyn Chain,
    span: Span,
    names: &dyn Describe,
) -> Result<(Coverage, bool), IndexError> {
    let (events, is_cut) = events_in(chain, span).await?;
    Ok((gaps::coverage(&events, names, &|id| product(chain, id)), is_cut))
}

/// The gaps as a sheet for the supplier who is to fill them.
pub fn gaps_sheet(coverage: &Coverage, supplier: Option<&str>) -> Sheet {
    let heads = ["Supplier", "Time", "Step", "Thing", "Missing", "Event Hash ID"];
    let mut sheet = Sheet::new("Missing data", &heads);
    let wanted = coverage.gaps.iter().filter(|gap| supplier.is_none_or(|name| gap.party == name));
    for gap in wanted {
        let time = jiff::Timestamp::from_millisecond(gap.time_ms);
        let time = time.map(|time| time.to_string()).unwrap_or_default();
        let cells = [&gap.party, &time, &gap.step, &gap.thing, &gap.missing.join("; "), &gap.event];
        sheet.push(cells.map(|text| Cell::text(text.clone())).into());
    }
    sheet
}
