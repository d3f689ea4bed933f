//! The sortable spreadsheet of FSMA 204.

use std::{collections::BTreeSet, path::PathBuf};

use qiao_epcis::Limits;

use super::trade;
use crate::{
    Recorded,
    fsma::{COLUMNS, Describe, Row, Tracking, cells, rows},
};

/// Names by number only.
struct Numbers;

impl Describe for Numbers {
    fn product(&self, id: &str) -> String {
        let labels = qiao_sample::labels();
        labels
            .get(crate::product_of(id))
            .map_or_else(|| "Food".to_owned(), |name| (*name).to_owned())
    }

    fn place(&self, id: &str) -> String {
        qiao_sample::labels().get(id).map_or_else(|| id.to_owned(), |name| (*name).to_owned())
    }
}

fn all_lots(events: &[Recorded]) -> BTreeSet<String> {
    let items = events.iter().flat_map(|one| one.event.items());
    items.map(|item| item.id.to_string()).collect()
}

fn told(events: &[Recorded]) -> Vec<Row> {
    rows(events, &all_lots(events), &Numbers)
}

/// A template of GS1 US; `None`, said loudly, where it is absent.
fn template(name: &str) -> Option<Vec<Row>> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/fixtures");
    let root = std::env::var_os("QIAO_FIXTURES").map_or(root, PathBuf::from);
    let path = root.join("fsma204").join(format!("{name}-cte.jsonld"));
    let Ok(bytes) = std::fs::read(&path) else {
        eprintln!("SKIPPED: no template at {}", path.display());
        return None;
    };
    let document = qiao_epcis::parse(&bytes, &Limits::DOCUMENT).unwrap();
    let events = document.events.into_iter().map(|event| Recorded {
        id: event.hash().to_string(),
        event,
        party: 1,
        party_name: Some("Acme".to_owned()),
        record_time_ms: 0,
        block: 1,
        transaction: "0x01".to_owned(),
        is_withdrawn: false,
    });
    Some(told(&events.collect::<Vec<_>>()))
}

fn only(rows: &[Row], tracking: Tracking) -> &Row {
    let found: Vec<&Row> = rows.iter().filter(|row| row.tracking == Some(tracking)).collect();
    assert_eq!(found.len(), 1, "{tracking:?} in {rows:#?}");
    found[0]
}

#[test]
fn a_harvest_has_its_farm_and_where_it_went() {
    let Some(rows) = template("harvest") else { return };
    let row = only(&rows, Tracking::Harvesting);
    assert_eq!(
        (row.code.as_str(), row.quantity.as_str(), row.unit.as_str()),
        ("ABC1234", "25000", "LBR")
    );
    assert_eq!((row.date.as_str(), row.time.as_str()), ("2026-04-17", "09:26 -04:00"));
    assert!(row.farm.contains("0860009999060"), "{row:?}");
    assert!(row.subsequent_recipient.contains("0860009999992"), "{row:?}");
    assert_eq!(row.document_numbers, "HARVEST-2026-0417");
    assert_eq!(row.missing, Vec::<&str>::new());
}

#[test]
fn cooling_is_known_by_its_temperature() {
    let Some(rows) = template("cooling") else { return };
    let row = only(&rows, Tracking::Cooling);
    assert!(row.location.contains("0860009999077"));
    assert!(row.subsequent_recipient.contains("0860009999992"));
    assert_eq!(row.missing, ["reference document", "farm"]);
    assert!(only(&rows, Tracking::Receiving).previous_source.contains("0860009999060"));
}

#[test]
fn initial_packing_brings_along_what_happened_in_the_field() {
    let Some(rows) = template("initial-packing") else { return };
    let row = only(&rows, Tracking::InitialPacking);
    assert_eq!((row.quantity.as_str(), row.unit.as_str()), ("500", "CS"));
    assert_eq!(row.harvest_date, "2026-04-17");
    assert!(row.farm.contains("0860009999060") && row.code_source.contains("0860009999992"));
    assert_eq!((row.cooling_date.as_str(), row.harvester.as_str()), ("2026-04-17", "Acme"));
    assert!(row.related_lots.contains("ABC1234"));
    assert_eq!(row.missing, Vec::<&str>::new());
}

#[test]
fn seafood_is_landed_with_species_and_catch_area() {
    let Some(rows) = template("first-land-based-receiver") else { return };
    let row = only(&rows, Tracking::FirstLandBasedReceiving);
    assert_eq!((row.species.as_str(), row.catch_area.as_str()), ("SWORDFISH", "21.4R; 27.14.a"));
    assert_eq!(row.document_types, "cert; recadv; po");
    assert_eq!(row.missing, Vec::<&str>::new());
}

#[test]
fn shipping_receiving_and_transformation_have_what_the_rule_asks() {
    if let Some(rows) = template("shipping") {
        let shipped: Vec<&Row> =
            rows.iter().filter(|row| row.tracking == Some(Tracking::Shipping)).collect();
        assert!(!shipped.is_empty());
        for row in shipped {
            assert!(
                !row.subsequent_recipient.is_empty() && !row.document_numbers.is_empty(),
                "{row:?}"
            );
        }
    }
    if let Some(rows) = template("receiving") {
        let row = rows.iter().find(|row| row.tracking == Some(Tracking::Receiving)).unwrap();
        assert!(!row.previous_source.is_empty() && !row.code.is_empty(), "{row:?}");
    }
    if let Some(rows) = template("transformation") {
        let made: Vec<&Row> = rows
            .iter()
            .filter(|row| row.tracking == Some(Tracking::TransformationOutput))
            .collect();
        assert!(!made.is_empty());
        assert!(made.iter().all(|row| !row.related_lots.is_empty() && !row.code_source.is_empty()));
        assert!(rows.iter().any(|row| row.tracking == Some(Tracking::TransformationInput)));
    }
}

#[test]
fn a_shipped_pallet_is_told_for_the_lots_in_it() {
    let rows = told(&trade());
    let lot = "https://id.gs1.org/01/09521002000566/10/M0318";
    let own = |tracking| -> Vec<&Row> {
        rows.iter().filter(|row| row.lot == lot && row.tracking == Some(tracking)).collect()
    };
    // Forty packs with serial numbers, in four cases on a pallet.
    let shipped = own(Tracking::Shipping);
    assert_eq!(shipped[0].quantity, "40", "{shipped:#?}");
    assert_eq!(
        (shipped[0].unit.as_str(), shipped[0].description.as_str()),
        ("EA", "Minced pork 1 kg")
    );
    assert!(shipped[0].subsequent_recipient.contains("Pearl Bay"), "{shipped:#?}");
    assert!(own(Tracking::Receiving)[0].previous_source.contains("Red Gate"));
    assert_eq!(own(Tracking::TransformationOutput)[0].quantity, "41");
}

#[test]
fn every_row_has_every_column() {
    let rows = told(&trade());
    assert!(rows.len() > 40, "{}", rows.len());
    for row in &rows {
        assert_eq!(cells(row).len(), COLUMNS.len());
        assert!(row.event.starts_with("ni:///"));
    }
    let lettuce = rows.iter().find(|row| row.tracking == Some(Tracking::InitialPacking)).unwrap();
    assert!(lettuce.farm.contains("fields") && !lettuce.harvest_date.is_empty(), "{lettuce:?}");
}
