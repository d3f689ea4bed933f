//! Tests of what people make of events, mostly on the sample trade.

mod imports;
mod journeys;
mod labelled;
mod linked;
mod sheets;
mod watched;

use qiao_epcis::Limits;

use crate::{Recorded, journey::Line};

/// Everything that the sample trade records, in order. Withdrawn is what an error declaration names.
fn trade() -> Vec<Recorded> {
    let trade = qiao_sample::trade(1_767_225_600_000);
    let mut recorded: Vec<Recorded> = Vec::new();
    for (block, step) in (1..).zip(&trade.documents) {
        let document = qiao_epcis::parse(step.document_json.as_bytes(), &Limits::DOCUMENT).unwrap();
        for event in document.events {
            if event.corrects().is_some() {
                let hash = event.hash();
                for known in recorded.iter_mut().filter(|known| known.event.hash() == hash) {
                    known.is_withdrawn = true;
                }
                continue;
            }
            recorded.push(Recorded {
                id: event.hash().to_string(),
                event,
                party: step.party_index as u64 + 1,
                party_name: Some(trade.parties[step.party_index].name.to_owned()),
                record_time_ms: u64::try_from(step.captured_ms).unwrap(),
                block,
                transaction: format!("0x{block:064x}"),
                is_withdrawn: false,
            });
        }
    }
    recorded
}

/// One event, recorded by somebody.
fn recorded(json: &str) -> Recorded {
    let event = qiao_epcis::Event::parse(json.as_bytes(), &Limits::EVENT).unwrap();
    Recorded {
        id: event.hash().to_string(),
        event,
        party: 1,
        party_name: Some("Somebody".to_owned()),
        record_time_ms: 0,
        block: 1,
        transaction: "0x01".to_owned(),
        is_withdrawn: false,
    }
}

fn line(ids: &[&str]) -> Line {
    Line { goods: ids.iter().map(|id| (*id).to_owned()).collect(), ..Line::default() }
}
