//! The sample trade: the questions of its recall have the right answers.

use qiao_epcis::Limits;

use super::*;

pub(super) async fn traded() -> (Index, qiao_sample::Trade) {
    let trade = qiao_sample::trade(DAY_ONE_MS);
    let index = empty_index().await;
    let mut chain = ChainBuilder::new();
    for step in &trade.documents {
        let document = qiao_epcis::parse(step.document_json.as_bytes(), &Limits::DOCUMENT).unwrap();
        let bodies: Vec<String> = document.events.iter().map(|event| event.to_json()).collect();
        chain.capture_bodies(step.party_index as u64 + 1, &bodies);
        index.apply(&chain.block()).await.unwrap();
    }
    (index, trade)
}

fn labels(trace: &Trace, wanted: impl Fn(&TraceNode) -> bool) -> BTreeSet<&str> {
    trace.nodes.iter().filter(|node| wanted(node)).map(|node| node.label.as_str()).collect()
}

#[tokio::test]
async fn the_shoppers_pack_leads_back_to_the_pigs_of_both_farms() {
    let (index, trade) = traded().await;
    let back = trace(&index, &trade.shopper_pack, Direction::Back).await;
    assert!(!back.truncated);
    let pigs = labels(&back, |node| {
        node.kind == ThingKind::Item && node.roles.contains(&NodeRole::Source)
    });
    assert_eq!(pigs.iter().filter(|pig| pig.starts_with("item WB0")).count(), 6);
    assert_eq!(pigs.iter().filter(|pig| pig.starts_with("item SB7")).count(), 6);
    assert!(back.nodes.iter().all(|node| !node.missing));
    assert!(things(&back).contains(trade.suspect_lot.as_str()));
    let first = back.timeline.first().unwrap();
    assert_eq!(first.words, "Commissioned item WB0001");
    let lettuce = back.timeline.iter().filter(|step| step.biz_step.as_deref() == Some("washing"));
    assert_eq!(lettuce.count(), 0);
}

#[tokio::test]
async fn the_suspect_lot_leads_to_every_recalled_pack_and_where_it_is() {
    let (index, trade) = traded().await;
    let forward = trace(&index, &trade.suspect_lot, Direction::Forward).await;
    let reached = things(&forward);
    assert!(trade.recalled_packs.iter().all(|pack| reached.contains(pack.as_str())));
    let packs = labels(&forward, |node| node.kind == ThingKind::Item);
    // One more went to the laboratory.
    assert_eq!(packs.len(), trade.recalled_packs.len() + 1);
    let destroyed = node(&forward, &trade.destroyed_pack);
    assert_eq!(destroyed.state, ThingState::Gone);
    let sold = labels(&forward, |node| node.state == ThingState::Sold);
    let gone = labels(&forward, |node| node.state == ThingState::Gone);
    // Every pack was sold or is destroyed; the lot itself and the containers are something else.
    assert_eq!(sold.len() + gone.len(), packs.len());
    assert!(forward.nodes.iter().all(|node| node.present_place.as_deref() != Some(REGULATOR)));
    assert_eq!(node(&forward, &trade.suspect_lot).disposition.as_deref(), Some("recalled"));
}

/// The regulator's office, where the recall was written.
const REGULATOR: &str = "https://id.gs1.org/414/9521004000014";

#[tokio::test]
async fn a_corrected_count_is_shown_next_to_the_right_one() {
    let (index, trade) = traded().await;
    let found = trace(&index, &trade.corrected_lot, Direction::Both).await;
    let counts =
        found.timeline.iter().filter(|step| step.biz_step.as_deref() == Some("stock_taking"));
    let withdrawn: Vec<bool> = counts.map(|step| step.withdrawn.is_some()).collect();
    assert_eq!(withdrawn.iter().filter(|withdrawn| **withdrawn).count(), 1);
    assert_eq!(withdrawn.len(), 2);
}
