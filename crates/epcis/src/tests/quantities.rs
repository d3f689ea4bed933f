//! Amounts: exact or refused.

use crate::{Amount, AmountError, Dimension};
use proptest::prelude::*;

fn read(quantity: &str, unit: &str) -> Result<u128, AmountError> {
    Amount::read(quantity, Some(unit)).map(|amount| amount.units)
}

#[test]
fn units_are_converted_exactly() {
    assert_eq!(read("1", "KGM"), read("1000", "GRM"));
    assert_eq!(read("1", "TNE"), read("1000", "KGM"));
    assert_eq!(read("1", "LBR"), read("0.45359237", "KGM"));
    assert_eq!(read("16", "ONZ"), read("1", "LBR"));
    assert_eq!(read("2000", "LBR"), read("1", "STN"));
    assert_eq!(read("2240", "LBR"), read("1", "LTN"));
    assert_eq!(read("100", "LBR"), read("1", "CWA"));
    assert_eq!(read("112", "LBR"), read("1", "CWI"));
    assert_eq!(read("128", "OZA"), read("1", "GLL"));
    assert_eq!(read("160", "OZI"), read("1", "GLI"));
    assert_eq!(read("4", "QTL"), read("1", "GLL"));
    assert_eq!(read("8", "PTI"), read("1", "GLI"));
    assert_eq!(read("42", "GLL"), read("1", "BLL"));
    assert_eq!(read("231", "INQ"), read("1", "GLL"));
    assert_eq!(read("1728", "INQ"), read("1", "FTQ"));
    assert_eq!(read("1", "MTQ"), read("1000", "LTR"));
    assert_eq!(read("12", "INH"), read("1", "FOT"));
    assert_eq!(read("3", "FOT"), read("1", "YRD"));
    assert_eq!(read("144", "INK"), read("1", "FTK"));
    assert_eq!(read("9", "FTK"), read("1", "YDK"));
    assert_eq!(read("1", "HAR"), read("10000", "MTK"));
    assert_eq!(read("0.25", "DZN"), Ok(3));
    assert_eq!(
        Amount::read("41", None).unwrap(),
        Amount { dimension: Dimension::Count, units: 41 }
    );
}

#[test]
fn what_is_not_exact_is_refused() {
    assert_eq!(read("0.5", "EA"), Err(AmountError::TooFine));
    assert_eq!(read("0.0000000000001", "KGM"), Err(AmountError::TooFine));
    assert_eq!(read("-1", "KGM"), Err(AmountError::Negative));
    assert_eq!(read("1", "KG"), Err(AmountError::UnknownUnit));
    assert_eq!(read("1", "ACR"), Err(AmountError::UnknownUnit));
    assert_eq!(read("many", "EA"), Err(AmountError::NotNumber));
    assert_eq!(read("1e40", "EA"), Err(AmountError::TooLarge));
    assert_eq!(read("1e30", "EA"), Ok(10u128.pow(30)));
    assert_eq!(read("1e18", "KGM"), Ok(10u128.pow(30)));
    assert_eq!(read("1.000000000000000001e18", "KGM"), Err(AmountError::TooLarge));
}

#[test]
fn amounts_are_told_in_the_usual_unit() {
    let told = |quantity, unit| Amount::read(quantity, Some(unit)).unwrap().to_string();
    assert_eq!(told("2.50", "KGM"), "2.5 KGM");
    assert_eq!(told("1", "LBR"), "0.45359237 KGM");
    assert_eq!(told("1", "EA"), "1 piece");
    assert_eq!(told("3", "DZN"), "36 pieces");
    assert_eq!(told("250", "MLT"), "0.25 LTR");
}

proptest! {
    #[test]
    fn what_is_told_is_read_again(units in 0u128..10u128.pow(30), number in 0u8..5) {
        let dimension = Dimension::from_number(number).unwrap();
        let amount = Amount { dimension, units };
        prop_assert_eq!(Amount::read(&amount.decimal(), dimension.usual_unit()), Ok(amount));
    }

    #[test]
    fn no_text_makes_reading_panic(quantity in ".{0,40}", unit in "[A-Z0-9]{0,3}") {
        let _ = Amount::read(&quantity, Some(&unit));
    }

    #[test]
    fn a_sum_of_parts_is_the_whole(a in 0u64..1_000_000_000, b in 0u64..1_000_000_000) {
        let read = |thousandths: u64| {
            let text = format!("{}.{:03}", thousandths / 1000, thousandths % 1000);
            Amount::read(&text, Some("LBR")).unwrap().units
        };
        prop_assert_eq!(read(a) + read(b), read(a + b));
    }
}
