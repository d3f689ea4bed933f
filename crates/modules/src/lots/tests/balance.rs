//! What leaves cannot exceed what came in.

use super::events::*;
use super::*;

fn made(id: &str, quantity: &str) -> Say {
    Say::object("ADD", "commissioning").lot(id, quantity, "KGM")
}

fn shipped(id: &str, quantity: &str) -> Say {
    Say::object("OBSERVE", "shipping").lot(id, quantity, "KGM")
}

fn received(id: &str, quantity: &str) -> Say {
    Say::object("OBSERVE", "receiving").lot(id, quantity, "KGM")
}

fn sold(id: &str, quantity: &str) -> Say {
    Say::object("OBSERVE", "retail_selling").lot(id, quantity, "KGM")
}

/// Story: the packer makes a ton of mince and ships 600 kg; the store sells what it got and not a
/// gram more, and nobody receives what was not sent to him.
#[test]
fn nobody_sells_more_than_it_got() {
    let mut chain = chain();
    let mince = lot(MINCE, "L1");
    captures(&mut chain, PACKER, &made(&mince, "1000"));
    captures(&mut chain, PACKER, &shipped(&mince, "600").towards("9521002"));
    assert_eq!(in_transit(&mut chain, &mince, STORES), 600 * KG);

    // The abattoir cannot receive what is on its way to the store.
    let (field, code, rule) = breaks(&mut chain, ABATTOIR, &received(&mince, "600"));
    assert_eq!((field.as_str(), code.as_str()), ("quantityList[0]", "lots.exceeds_balance"));
    assert!(rule.starts_with("0 KGM of lot "), "{rule}");

    captures(&mut chain, STORE, &received(&mince, "600"));
    captures(&mut chain, STORE, &sold(&mince, "400"));
    let (_, code, rule) = breaks(&mut chain, STORE, &sold(&mince, "200.000000001").at(1));
    assert_eq!(code, "lots.exceeds_balance");
    assert_eq!(
        rule,
        format!("200 KGM of lot {mince} are with the party, 200.000000001 KGM were to leave")
    );
    let grams = Say::object("OBSERVE", "retail_selling").lot(&mince, "200000", "GRM");
    captures(&mut chain, STORE, &grams);
    let found = fate(&mut chain, &mince);
    assert_eq!((found.made, found.sold), (1_000 * KG, 600 * KG));
    assert_eq!(held(&mut chain, &mince, PACKERS), 400 * KG);
    assert_eq!(held(&mut chain, &mince, STORES), 0);
}

#[test]
fn i2_what_goes_to_nobody_in_particular_is_received_by_anybody_once() {
    let mut chain = chain();
    let mince = lot(MINCE, "L1");
    captures(&mut chain, PACKER, &made(&mince, "10"));
    captures(&mut chain, PACKER, &shipped(&mince, "4").at(1));
    captures(&mut chain, PACKER, &shipped(&mince, "3").at(2).towards("9521002"));
    captures(&mut chain, STORE, &received(&mince, "3").at(3));
    captures(&mut chain, STORE, &received(&mince, "4").at(4));
    assert_eq!(breaks(&mut chain, STORE, &received(&mince, "1").at(5)).1, "lots.exceeds_balance");
    assert_eq!(held(&mut chain, &mince, STORES), 7 * KG);
}

#[test]
fn a_shipment_that_did_not_leave_is_void() {
    let mut chain = chain();
    let mince = lot(MINCE, "L1");
    captures(&mut chain, PACKER, &made(&mince, "10"));
    captures(&mut chain, PACKER, &shipped(&mince, "4").towards("9521002"));
    let void = Say::object("OBSERVE", "void_shipping").lot(&mince, "4", "KGM").towards("9521002");
    captures(&mut chain, PACKER, &void);
    assert_eq!(held(&mut chain, &mince, PACKERS), 10 * KG);
    assert_eq!(breaks(&mut chain, PACKER, &void.at(9)).1, "lots.exceeds_balance");
}

/// Story: the store sends unsold mince back; a shopper brings back what she bought.
#[test]
fn returns_come_from_partners_and_from_shoppers() {
    let mut chain = chain();
    let mince = lot(MINCE, "L1");
    captures(&mut chain, PACKER, &made(&mince, "10"));
    captures(&mut chain, PACKER, &shipped(&mince, "10").towards("9521002"));
    captures(&mut chain, STORE, &received(&mince, "10"));
    captures(&mut chain, STORE, &sold(&mince, "2"));
    captures(&mut chain, STORE, &received(&mince, "0.5").with("returned").at(1));
    captures(&mut chain, STORE, &shipped(&mince, "8.5").with("returned").at(2).towards("9521001"));
    captures(&mut chain, PACKER, &received(&mince, "8.5").with("returned").at(3));
    let destroyed = Say::object("DELETE", "destroying").lot(&mince, "8.5", "KGM");
    captures(&mut chain, PACKER, &destroyed);
    let found = fate(&mut chain, &mince);
    assert_eq!((found.made, found.sold), (10 * KG, 3 * KG / 2));
    assert_eq!((found.destroyed, found.openTransit), (17 * KG / 2, 0));
    let twice = received(&mince, "2").with("returned").at(4);
    assert_eq!(breaks(&mut chain, STORE, &twice).1, "lots.exceeds_balance");
}

/// Story: carcasses become mince; half a kilogram to the piece, and never more than went in.
#[test]
fn i3_no_more_comes_out_than_went_in() {
    let mut chain = chain();
    let (carcass, mince) = (lot(CARCASS, "C1"), lot(MINCE, "L1"));
    captures(&mut chain, ABATTOIR, &made(&carcass, "100"));
    captures(&mut chain, ABATTOIR, &shipped(&carcass, "100").towards("9521001"));
    captures(&mut chain, PACKER, &received(&carcass, "100"));
    let run = |used: &str, pieces: &str| {
        Say::transformation().uses(&carcass, used, "KGM").makes(&mince, pieces, "")
    };
    let (field, code, rule) = breaks(&mut chain, PACKER, &run("50", "101"));
    assert_eq!((field.as_str(), code.as_str()), ("outputQuantityList[0]", "lots.exceeds_yield"));
    assert_eq!(rule, "50 KGM are left of what went in, 50.5 KGM are needed for what came out");
    captures(&mut chain, PACKER, &run("50", "100"));
    assert_eq!(held(&mut chain, &mince, PACKERS), 50 * KG);
    assert_eq!(breaks(&mut chain, PACKER, &run("50.1", "90").at(1)).1, "lots.exceeds_balance");

    // Brine is added: twelve kilograms may come out of ten.
    put_under(&mut chain, PACKER_ADMIN, MINCE, "KGM", "0.5", 12_000);
    captures(&mut chain, PACKER, &run("10", "24").at(2));
    assert_eq!(breaks(&mut chain, PACKER, &run("10", "25").at(3)).1, "lots.exceeds_yield");
    // Half is lost: at most five kilograms of ten.
    put_under(&mut chain, PACKER_ADMIN, MINCE, "KGM", "0.5", 5_000);
    assert_eq!(breaks(&mut chain, PACKER, &run("10", "11").at(4)).1, "lots.exceeds_yield");
    captures(&mut chain, PACKER, &run("10", "10").at(5));
}

#[test]
fn i3_all_outputs_of_a_transformation_count_together() {
    let mut chain = chain();
    put_under(&mut chain, PACKER_ADMIN, PORK, "KGM", "", 10_000);
    chain.at_block(20, 1_800_000_200);
    let (carcass, mince, pork) = (lot(CARCASS, "C1"), lot(MINCE, "L1"), lot(PORK, "P1"));
    captures(&mut chain, ABATTOIR, &made(&carcass, "10"));
    captures(&mut chain, ABATTOIR, &shipped(&carcass, "10"));
    captures(&mut chain, PACKER, &received(&carcass, "10"));
    let run = |pork_made: &str| {
        Say::transformation()
            .uses(&carcass, "10", "KGM")
            .makes(&mince, "6", "KGM")
            .makes(&pork, pork_made, "KGM")
    };
    assert_eq!(breaks(&mut chain, PACKER, &run("4.1")).1, "lots.exceeds_yield");
    captures(&mut chain, PACKER, &run("4"));
}

#[test]
fn i3_events_of_one_transformation_count_together() {
    let mut chain = chain();
    let (carcass, mince) = (lot(CARCASS, "C1"), lot(MINCE, "L1"));
    captures(&mut chain, ABATTOIR, &made(&carcass, "10"));
    captures(&mut chain, ABATTOIR, &shipped(&carcass, "10"));
    captures(&mut chain, PACKER, &received(&carcass, "10"));
    let uses = |used: &str| Say::transformation().named("1").uses(&carcass, used, "KGM");
    let makes = |made: &str| Say::transformation().named("1").makes(&mince, made, "KGM");
    // What came out is recorded first: it waits for what went in.
    assert_eq!(breaks(&mut chain, PACKER, &makes("3")).1, "lots.exceeds_yield");
    captures(&mut chain, PACKER, &uses("4"));
    captures(&mut chain, PACKER, &makes("3"));
    let (_, _, rule) = breaks(&mut chain, PACKER, &makes("2").at(1));
    assert_eq!(rule, "1 KGM are left of what went in, 2 KGM are needed for what came out");
    captures(&mut chain, PACKER, &uses("6").at(2));
    captures(&mut chain, PACKER, &makes("7").at(3));
    // An input that was needed cannot be withdrawn any more; the last output can.
    let withdrawn = uses("6").at(2).withdrawn();
    assert_eq!(breaks(&mut chain, PACKER, &withdrawn).1, "lots.correction_too_late");
    assert_eq!(try_capture(&mut chain, PACKER, &makes("7").at(3).withdrawn()), Ok(0));
    assert_eq!(try_capture(&mut chain, PACKER, &withdrawn), Ok(0));
}

/// Story: cases are packed, shipped unopened, and opened in the store.
#[test]
fn what_comes_out_of_a_case_went_into_it() {
    let mut chain = chain();
    let (mince, other, case) = (lot(MINCE, "L1"), lot(MINCE, "L2"), box_id(1));
    captures(&mut chain, PACKER, &made(&mince, "10"));
    captures(&mut chain, PACKER, &made(&other, "1"));
    let pack = |amount: &str| Say::aggregation("ADD", &case).lot(&mince, amount, "KGM");
    assert_eq!(breaks(&mut chain, PACKER, &pack("11")).1, "lots.exceeds_balance");
    captures(&mut chain, PACKER, &pack("8"));
    captures(&mut chain, PACKER, &Say::aggregation("ADD", &case).lot(&other, "1", "KGM").at(1));
    assert_eq!(packed(&mut chain, &mince, &case), 8 * KG);
    captures(&mut chain, PACKER, &Say::object("OBSERVE", "shipping").item(&case));
    let unpack = |amount: &str| Say::aggregation("DELETE", &case).lot(&mince, amount, "KGM");
    assert_eq!(breaks(&mut chain, STORE, &unpack("9")).1, "lots.exceeds_balance");
    captures(&mut chain, STORE, &unpack("3"));
    assert_eq!(held(&mut chain, &mince, STORES), 3 * KG);

    // Emptied without saying what came out: everything did.
    let empty = Say::aggregation("DELETE", &case);
    captures(&mut chain, STORE, &empty);
    assert_eq!(held(&mut chain, &mince, STORES), 8 * KG);
    assert_eq!(held(&mut chain, &other, STORES), KG);
    assert_eq!(packed(&mut chain, &mince, &case), 0);
    assert_eq!(try_capture(&mut chain, STORE, &empty.withdrawn()), Ok(0));
    assert_eq!(packed(&mut chain, &mince, &case), 5 * KG);
    assert_eq!(packed(&mut chain, &other, &case), KG);
    captures(&mut chain, STORE, &empty.at(9));
    assert_eq!(held(&mut chain, &mince, STORES), 8 * KG);
}

#[test]
fn a_container_holds_a_bounded_number_of_lots_and_may_be_used_again() {
    let mut chain = chain();
    let case = box_id(1);
    for number in 0..66 {
        let id = lot(MINCE, &format!("L{number}"));
        captures(&mut chain, PACKER, &made(&id, "1"));
        let put_in = Say::aggregation("ADD", &case).lot(&id, "1", "KGM").at(number);
        if number < 64 {
            captures(&mut chain, PACKER, &put_in);
        } else {
            assert_eq!(breaks(&mut chain, PACKER, &put_in).1, "lots.too_many_contents");
        }
    }
    let first = lot(MINCE, "L0");
    let out = Say::aggregation("DELETE", &case).lot(&first, "1", "KGM");
    captures(&mut chain, PACKER, &out);
    let put_in = Say::aggregation("ADD", &case).lot(&lot(MINCE, "L64"), "1", "KGM");
    captures(&mut chain, PACKER, &put_in.at(100));
    captures(&mut chain, PACKER, &Say::aggregation("DELETE", &case).at(200));
    assert_eq!(held(&mut chain, &lot(MINCE, "L64"), PACKERS), KG);
    assert_eq!(held(&mut chain, &lot(MINCE, "L63"), PACKERS), KG);
}

/// Story: the store counts wrong, says so, and records it again.
#[test]
fn i6_a_withdrawn_event_is_as_if_it_had_not_been() {
    let mut chain = chain();
    let mince = lot(MINCE, "L1");
    captures(&mut chain, PACKER, &made(&mince, "10"));
    let sent = shipped(&mince, "6").towards("9521002");
    captures(&mut chain, PACKER, &sent);
    let before = amounts(&chain);
    let wrong = received(&mince, "5");
    captures(&mut chain, STORE, &wrong);
    // Another party's declaration changes nothing.
    assert_eq!(try_capture(&mut chain, PACKER, &wrong.withdrawn()), Ok(0));
    assert_eq!(held(&mut chain, &mince, STORES), 5 * KG);
    assert_eq!(try_capture(&mut chain, STORE, &wrong.withdrawn()), Ok(0));
    assert_eq!(chain.events::<Undone>().len(), 1);
    assert_eq!(amounts(&chain), before);
    // Once withdrawn, always withdrawn.
    for again in [wrong.withdrawn(), wrong] {
        assert_eq!(try_capture(&mut chain, STORE, &again), Ok(0));
        assert_eq!(held(&mut chain, &mince, STORES), 0);
    }
    captures(&mut chain, STORE, &received(&mince, "6"));
    captures(&mut chain, STORE, &sold(&mince, "1"));
    // What was passed on since cannot be taken back: first the sale, then the receipt.
    let receipt = received(&mince, "6").withdrawn();
    let (_, code, rule) = breaks(&mut chain, STORE, &receipt);
    assert_eq!(code, "lots.correction_too_late");
    assert!(rule.contains("with the party"), "{rule}");
    assert_eq!(try_capture(&mut chain, STORE, &sold(&mince, "1").withdrawn()), Ok(0));
    assert_eq!(try_capture(&mut chain, STORE, &receipt), Ok(0));
    assert_eq!(try_capture(&mut chain, PACKER, &sent.withdrawn()), Ok(0));
    assert_eq!(held(&mut chain, &mince, PACKERS), 10 * KG);
}

/// The slots of the module that hold amounts: what is zero is not there, journals are left out by
/// comparing after they are empty again.
fn amounts(chain: &Sandbox) -> Vec<alloy_primitives::U256> {
    let mut values: Vec<_> = chain.storage(ADDRESS).into_values().collect();
    values.retain(|value| *value >= alloy_primitives::U256::from(KG / 1_000));
    values.retain(|value| *value < alloy_primitives::U256::from(10u128.pow(33)));
    values.sort_unstable();
    values
}

#[test]
fn i5_a_serial_number_is_made_once_and_sold_while_it_is_there() {
    let mut chain = chain();
    let bottle = serial(BOTTLE, "A1");
    let sold = Say::object("OBSERVE", "retail_selling").item(&bottle);
    assert_eq!(breaks(&mut chain, STORE, &sold).1, "lots.serial_unknown");
    let made = Say::object("ADD", "commissioning").item(&bottle);
    captures(&mut chain, PACKER, &made);
    assert_eq!(breaks(&mut chain, PACKER, &made.clone().at(1)).1, "lots.serial_taken");
    // Where it is, is not asked: a trace tells that.
    captures(&mut chain, STORE, &sold);
    assert_eq!(breaks(&mut chain, STORE, &sold.clone().at(1)).1, "lots.serial_gone");
    let destroyed = Say::object("DELETE", "destroying").item(&bottle);
    assert_eq!(breaks(&mut chain, STORE, &destroyed).1, "lots.serial_gone");
    captures(
        &mut chain,
        STORE,
        &Say::object("OBSERVE", "receiving").item(&bottle).with("returned"),
    );
    captures(&mut chain, STORE, &destroyed);
    assert_eq!(ask(&mut chain, serialCall { id: bottle.clone() }), 3);
    assert_eq!(breaks(&mut chain, PACKER, &made.clone().at(2)).1, "lots.serial_taken");
    // Backwards, one after the other; not out of turn.
    assert_eq!(breaks(&mut chain, PACKER, &made.withdrawn()).1, "lots.correction_too_late");
    assert_eq!(try_capture(&mut chain, STORE, &destroyed.withdrawn()), Ok(0));
    assert_eq!(ask(&mut chain, serialCall { id: bottle }), 1);
}

#[test]
fn i5_numbered_pieces_count_with_their_content() {
    let mut chain = chain();
    let carcass = lot(CARCASS, "C1");
    captures(&mut chain, ABATTOIR, &made(&carcass, "1"));
    captures(&mut chain, ABATTOIR, &shipped(&carcass, "1"));
    captures(&mut chain, PACKER, &received(&carcass, "1"));
    let (a, b, c) = (serial(MINCE, "A"), serial(MINCE, "B"), serial(MINCE, "C"));
    let run = Say::transformation().uses(&carcass, "1", "KGM").makes_item(&a).makes_item(&b);
    assert_eq!(breaks(&mut chain, PACKER, &run.clone().makes_item(&c)).1, "lots.exceeds_yield");
    captures(&mut chain, PACKER, &run);
    // A piece that is worked again counts as what it holds, once.
    let again = Say::transformation().uses_item(&a).makes(&lot(MINCE, "L9"), "0.6", "KGM");
    assert_eq!(breaks(&mut chain, PACKER, &again).1, "lots.exceeds_yield");
    let again = Say::transformation().uses_item(&a).makes(&lot(MINCE, "L9"), "0.5", "KGM");
    captures(&mut chain, PACKER, &again);
    assert_eq!(breaks(&mut chain, PACKER, &again.at(1)).1, "lots.serial_gone");
}

#[test]
fn amounts_in_the_books_have_lot_quantity_and_a_unit_that_fits() {
    let mut chain = chain();
    let mince = lot(MINCE, "L1");
    let add = || Say::object("ADD", "commissioning");
    let product = format!("https://id.gs1.org/01/{MINCE}");
    for (event, code) in [
        (add().lot(&product, "1", "KGM"), "lots.lot_required"),
        (add().lot_without_quantity(&mince), "lots.quantity_required"),
        (add().lot(&mince, "1", "LTR"), "lots.unit_mismatch"),
        (add().lot(&mince, "1", "ZZ"), "lots.quantity_invalid"),
        (add().lot(&mince, "0.0000000000001", "KGM"), "lots.quantity_invalid"),
        (add().lot(&mince, "1e31", "KGM"), "lots.quantity_invalid"),
        (add().lot(&lot(CARCASS, "C1"), "1", ""), "lots.not_maker"),
        (add().item(&serial(MINCE, "1")).lot(&mince, "-1", "KGM"), "lots.quantity_invalid"),
    ] {
        assert_eq!(breaks(&mut chain, PACKER, &event).1, code, "{}", event.json());
    }
    // Carcasses have no fixed content, so that pieces of them say nothing.
    let piece = add().lot(&lot(CARCASS, "C1"), "1", "");
    assert_eq!(breaks(&mut chain, ABATTOIR, &piece).1, "lots.unit_mismatch");
    let item = add().item(&serial(CARCASS, "1"));
    assert_eq!(breaks(&mut chain, ABATTOIR, &item).1, "lots.unit_mismatch");
}

#[test]
fn i7_a_product_without_rules_is_captured_as_before() {
    let mut chain = chain();
    let free = lot(FREE, "1");
    let before = chain.storage(ADDRESS);
    captures(&mut chain, STORE, &sold(&free, "5"));
    captures(&mut chain, STORE, &received(&free, "500"));
    captures(&mut chain, STORE, &Say::object("ADD", "commissioning").item(&serial(FREE, "1")));
    captures(&mut chain, STORE, &Say::aggregation("ADD", &box_id(1)).lot(&free, "1", "KGM"));
    assert_eq!(try_capture(&mut chain, STORE, &sold(&free, "5").withdrawn()), Ok(0));
    assert_eq!(chain.storage(ADDRESS), before);
}

#[test]
fn rules_hold_from_the_next_block_on() {
    let mut chain = bare_chain();
    let early = lot(MINCE, "EARLY");
    put_under(&mut chain, PACKER_ADMIN, MINCE, "KGM", "0.5", 0);
    let sale = sold(&early, "5");
    captures(&mut chain, STORE, &sale);
    chain.at_block(2, 1_800_000_001);
    assert_eq!(breaks(&mut chain, STORE, &sold(&early, "4")).1, "lots.unknown_lot");
    // The sale of before was never in the books, so that nothing is undone.
    assert_eq!(try_capture(&mut chain, STORE, &sale.withdrawn()), Ok(0));
    assert!(chain.events::<Undone>().is_empty());
}
