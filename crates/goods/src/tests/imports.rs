//! Tables that become events.

use crate::import::{Field, Line, Mapping, Outcome, Stage, error_table, read, template};

fn table(text: &str) -> (Vec<String>, Vec<Line>) {
    let mut rows = text.trim().lines().map(|line| -> Vec<String> {
        line.split(',').map(|cell| cell.trim().to_owned()).collect()
    });
    let heads = rows.next().unwrap();
    let lines = (2..).zip(rows).map(|(number, cells)| Line { number, cells });
    (heads, lines.collect())
}

fn done(text: &str, mapping: &Mapping) -> Outcome {
    let (heads, lines) = table(text);
    read(&heads, &lines, mapping).unwrap()
}

const SHIPPED: &str = "
    stage,gtin,lot,quantity,unit,date,time,zone,location,to,despatch_advice
    ship,09521003000411,G0401,120,,2026-03-01,08:30,+08:00,9521003000015,9521009000019,DA-4711
    ship,09521003000411,G0402,31.5,KGM,2026-03-01,08:30,+08:00,9521003000015,9521009000019,DA-4711
";

#[test]
fn a_row_becomes_an_event_and_the_same_row_the_same_event() {
    let first = done(SHIPPED, &Mapping::default());
    assert!(first.problems.is_empty(), "{:#?}", first.problems);
    assert_eq!(first.events.len(), 2);
    let event = &first.events[1].event;
    assert_eq!(event.biz_step(), Some("shipping"));
    assert_eq!(event.items()[0].quantity.as_deref(), Some("31.5"));
    assert_eq!(event.items()[0].id.as_str(), "https://id.gs1.org/01/09521003000411/10/G0402");
    assert_eq!(event.time_zone_offset(), "+08:00");
    assert_eq!(event.destinations()[0].1, "https://id.gs1.org/414/9521009000019");
    let second = done(SHIPPED, &Mapping::default());
    let hashes = |outcome: &Outcome| -> Vec<_> {
        outcome.events.iter().map(|built| built.event.hash()).collect()
    };
    assert_eq!(hashes(&first), hashes(&second));
}

#[test]
fn every_template_is_taken_as_it_is() {
    for stage in Stage::ALL {
        let (heads, cells) = template(stage);
        let lines = [Line { number: 2, cells }];
        let outcome = read(&heads, &lines, &Mapping::default()).unwrap();
        assert!(outcome.problems.is_empty(), "{stage:?}: {:#?}", outcome.problems);
        assert_eq!(outcome.events.len(), 1, "{stage:?}");
    }
}

#[test]
fn rows_of_one_production_and_of_one_pallet_are_one_event() {
    let made = done(
        "stage,gtin,lot,input_gtin,input_lot,input_quantity,input_unit,date,location
        transform,09521003000411,G0401,09521011000106,H1,20,KGM,2026-03-01 09:00,9521003000015
        transform,09521003000411,G0401,09521012000105,H2,11.5,KGM,2026-03-01 09:00,9521003000015",
        &Mapping::default(),
    );
    assert!(made.problems.is_empty(), "{:#?}", made.problems);
    assert_eq!(made.events.len(), 1);
    assert_eq!(
        (made.events[0].lines.as_slice(), made.events[0].event.items().len()),
        (&[2, 3][..], 3)
    );
    let packed = done(
        "stage,parent,gtin,serial,date,location
        aggregate,195210020000051008,09521002000566,A1,2026-03-01,9521003000015
        aggregate,195210020000051008,09521002000566,A2,2026-03-01,9521003000015",
        &Mapping::default(),
    );
    assert_eq!(packed.events.len(), 1, "{:#?}", packed.problems);
}

#[test]
fn a_partners_own_heads_and_dates_are_read_by_a_mapping() {
    let mapping = Mapping {
        stage: Some(Stage::Receive),
        columns: [
            (Field::Gtin, "Artikel"),
            (Field::Lot, "Charge"),
            (Field::Quantity, "Menge"),
            (Field::Date, "Eingang"),
            (Field::From, "Lieferant"),
        ]
        .map(|(field, head)| (field, head.to_owned()))
        .into(),
        values: [(Field::Location, "9521009000019"), (Field::Zone, "+01:00")]
            .map(|(field, value)| (field, value.to_owned()))
            .into(),
        dates: Some("%d.%m.%Y".to_owned()),
    };
    let text = "Artikel,Charge,Menge,Eingang,Lieferant
        9521003000411,G/7,12,05.03.2026,9521003000015";
    let outcome = done(text, &mapping);
    assert!(outcome.problems.is_empty(), "{:#?}", outcome.problems);
    let event = &outcome.events[0].event;
    assert_eq!(event.biz_step(), Some("receiving"));
    assert_eq!(event.items()[0].id.as_str(), "https://id.gs1.org/01/09521003000411/10/G%2F7");
    assert!(event.to_json().contains("2026-03-05T00:00:00+01:00"));
    let (heads, lines) = table("Artikel,Menge\n9521003000411,12");
    let refused = read(&heads, &lines, &mapping).unwrap_err();
    assert_eq!(
        (refused.code(), refused.to_string().contains("Charge")),
        ("import.no_column", true)
    );
}

#[test]
fn what_is_wrong_is_told_by_line_column_and_rule() {
    let outcome = done(
        "stage,gtin,lot,quantity,unit,date,location,to
        ship,09521003000412,G1,1,,2026-03-01,9521003000015,9521009000019
        ship,09521003000411,,1,,2026-03-01,9521003000015,9521009000019
        ship,09521003000411,G1,1.000,,01/03/2026,9521003000015,9521009000019
        ship,09521003000411,G1,\"1\",,2026-03-01,9521003000015,9521009000019
        fly,09521003000411,G1,1,,2026-03-01,9521003000015,9521009000019
        ship,09521003000411,G1,1,kilograms,2026-03-01,9521003000015,9521009000019
        ship,09521003000411,G1,1,KGM,2026-03-01,9521003000015,
        ship,09521003000411,G2,1,KGM,2026-03-01,9521003000015,9521009000019
        ship,09521003000411,G2,1,KGM,2026-03-01,9521003000015,9521009000019",
        &Mapping::default(),
    );
    let told: Vec<(usize, &str, &str)> = outcome
        .problems
        .iter()
        .map(|problem| (problem.line, problem.column.as_str(), problem.code.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            (2, "gtin", "import.key"),
            (3, "lot", "import.missing"),
            (4, "date", "import.date"),
            (5, "quantity", "import.quantity"),
            (6, "stage", "import.stage"),
            (7, "quantityList[0].uom", "epcis.invalid_uom"),
            (8, "to", "import.missing"),
        ]
    );
    assert_eq!((outcome.events.len(), outcome.repeated.as_slice()), (1, &[(10, 9)][..]));
    let (heads, lines) = table("stage,gtin\nfly,1");
    let outcome = read(&heads, &lines, &Mapping::default()).unwrap();
    let errors = error_table(&heads, &lines, &outcome);
    assert_eq!(errors[0], ["stage", "gtin", "Line", "Column", "Problem", "Code"]);
    assert_eq!(errors[1][..4], ["fly", "1", "2", "stage"]);
}

#[test]
fn attached_documents_are_named_by_their_hash() {
    let hash = "ab".repeat(32);
    let outcome = done(
        &format!(
            "stage,gtin,lot,date,location,attachments\ncommission,09521003000411,G1,2026-03-01T08:00:00Z,9521003000015,{hash}"
        ),
        &Mapping::default(),
    );
    let event = &outcome.events[0].event;
    assert_eq!(event.biz_transactions()[0], (None, format!("ni:///sha-256;{hash}")));
}

#[test]
fn no_table_makes_the_reader_panic() {
    // Cells that people and broken programs send.
    let odd = [
        "",
        "é",
        "0",
        "-",
        "%",
        "https://id.gs1.org/01/",
        "9".repeat(400).as_str(),
        "\u{0}",
        "+99:99",
        "2026-13-41",
        "urn:epc:id:sscc:1.2",
    ]
    .map(str::to_owned);
    for stage in Stage::ALL {
        let (heads, example) = template(stage);
        for place in 0..heads.len() {
            for value in &odd {
                let mut cells = example.clone();
                cells[place].clone_from(value);
                let outcome =
                    read(&heads, &[Line { number: 2, cells }], &Mapping::default()).unwrap();
                assert!(outcome.events.len() + outcome.problems.len() <= 1);
            }
        }
    }
    for dates in ["%", "%Q", "%d", "no pattern", ""] {
        let mapping = Mapping { dates: Some(dates.to_owned()), ..Mapping::default() };
        assert_eq!(mapping.check().unwrap_err().code(), "import.mapping_dates");
    }
}
