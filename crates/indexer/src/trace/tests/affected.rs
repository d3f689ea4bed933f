//! What a recall concerns: the sample trade's suspect mince, and lots that are divided.

use super::sample::traded;
use super::*;

async fn affected(index: &Index, id: &str) -> Affected {
    let suspects = [Identifier::parse(id).unwrap()];
    index.affected(&suspects, &TraceLimits::default()).await.unwrap()
}

#[tokio::test]
async fn the_suspect_mince_is_found_with_every_pack_and_its_fate() {
    let (index, trade) = traded().await;
    let found = affected(&index, &trade.suspect_lot).await;
    assert!(!found.truncated);
    assert_eq!(found.items as usize, trade.recalled_packs.len() + 1);
    let state = |state| found.lines.iter().filter(move |line| line.state == state);
    let is_item = |line: &&AffectedLine| line.kind == ThingKind::Item;
    let sold = state(ThingState::Sold).filter(is_item).count();
    let gone = state(ThingState::Gone).filter(is_item).count();
    assert_eq!((sold, sold + gone), (20, trade.recalled_packs.len() + 1));
    // Every gram of the suspect lot was used for the packs.
    let mince: Vec<&AffectedLine> =
        found.lines.iter().filter(|line| line.thing == trade.suspect_lot).collect();
    assert_eq!(mince.len(), 1, "{mince:?}");
    assert_eq!(mince[0].state, ThingState::Consumed);
    assert_eq!(mince[0].unit.as_deref(), Some("KGM"));
    assert!(found.holders.iter().any(|holder| holder.party == 1), "{:?}", found.holders);
    let lines: u32 = found.holders.iter().map(|holder| holder.lines).sum();
    assert_eq!(lines as usize, found.lines.len());
}

#[tokio::test]
async fn a_lot_that_nobody_names_is_said_to_be_unknown() {
    let (index, _) = traded().await;
    let found = affected(&index, "https://id.gs1.org/01/09521002000368/10/NONE").await;
    assert_eq!(found.unknown.len(), 1);
    assert!(found.lines.is_empty());
}

#[tokio::test]
async fn lettuce_is_counted_where_it_lies() {
    let (index, trade) = traded().await;
    let found = affected(&index, &trade.corrected_lot).await;
    let lines: Vec<&AffectedLine> =
        found.lines.iter().filter(|line| line.thing == trade.corrected_lot).collect();
    assert!(!lines.is_empty());
    assert!(lines.iter().all(|line| line.quantity.is_some()), "{lines:?}");
}
