//! What is affected, and how a recall stands, as tables to send on.

use qiao_documents::{Cell, Sheet};
use qiao_indexer::{Affected, ThingState};

use super::Report;

/// What is affected, where and with whom.
pub fn affected_sheet(affected: &Affected) -> Sheet {
    let heads = ["Thing", "Name", "State", "Holder", "Place", "Place name", "Quantity", "Unit"];
    let mut sheet = Sheet::new("Affected", &heads);
    for line in &affected.lines {
        let text = |text: &Option<String>| Cell::text(text.clone().unwrap_or_default());
        let quantity = line.quantity.as_ref().map_or(Cell::text(""), Cell::number);
        sheet.push(vec![
            Cell::text(line.thing.clone()),
            Cell::text(line.label.clone()),
            Cell::text(state(line.state)),
            text(&line.party_name),
            text(&line.place),
            text(&line.place_name),
            quantity,
            text(&line.unit),
        ]);
    }
    sheet
}

/// What became of something, in a word.
fn state(state: ThingState) -> &'static str {
    match state {
        ThingState::Present => "present",
        ThingState::InTransit => "in transit",
        ThingState::Sold => "sold",
        ThingState::Consumed => "used up",
        ThingState::Gone => "destroyed",
        ThingState::Unknown => "unknown",
    }
}

/// How a recall stands: a row for everybody who was told, and one for the amounts of each unit.
pub fn report_sheet(report: &Report) -> Sheet {
    let heads = [
        "Recall",
        "Row",
        "Organisation or unit",
        "State",
        "Told",
        "Acknowledged",
        "Lines",
        "Answered",
        "Affected",
        "Accounted for",
        "Recovered",
        "Held",
        "Returned",
        "Destroyed",
        "Sold",
    ];
    let mut sheet = Sheet::new("Effectiveness", &heads);
    let number = Cell::number(report.recall.recall);
    let empty = || Cell::text("");
    for notice in &report.notices {
        let mut row = vec![
            number.clone(),
            Cell::text("notice"),
            Cell::text(notice.party.name.clone()),
            Cell::text(notice.state.replace('_', " ")),
            Cell::text(time(notice.sent_at)),
            notice.acknowledged_at.map_or_else(empty, |at| Cell::text(time(at))),
            Cell::number(notice.lines),
            Cell::number(notice.answered),
        ];
        row.resize_with(heads.len(), empty);
        sheet.push(row);
    }
    for total in &report.totals {
        let mut row = vec![number.clone(), Cell::text("amount"), Cell::text(unit(total.unit))];
        row.resize_with(8, empty);
        let amounts = [
            &total.affected,
            &total.accounted,
            &total.recovered,
            &total.held,
            &total.returned,
            &total.destroyed,
            &total.sold,
        ];
        row.extend(amounts.map(Cell::number));
        sheet.push(row);
    }
    sheet
}

fn unit(unit: Option<&'static str>) -> &'static str {
    unit.unwrap_or("pieces")
}

/// Seconds as RFC 3339 has them.
fn time(seconds: u64) -> String {
    let time = i64::try_from(seconds).ok().and_then(|at| jiff::Timestamp::from_second(at).ok());
    time.map(|time| time.to_string()).unwrap_or_default()
}
