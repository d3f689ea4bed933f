//! What is on hold stays where it is.

use super::events::*;
use super::*;

fn hold(things: &[&str], everywhere: bool, reason: u8) -> holdBackCall {
    let things = things.iter().map(|thing| (*thing).to_owned()).collect();
    holdBackCall { things, everywhere, reason, note: "sample 17 is positive".to_owned() }
}

fn release(id: u64) -> releaseCall {
    releaseCall { id, note: String::new() }
}

fn shipped(id: &str) -> Say {
    Say::object("OBSERVE", "shipping").lot(id, "1", "KGM")
}

/// Story: the packer's quality control holds a lot; it stays in the house until the admin releases
/// it. What the store has of it goes on, because only the packer's own goods are held.
#[test]
fn i9_quality_control_holds_its_own_goods() {
    let mut chain = bare_chain();
    let suspect = lot(FREE, "L1");
    let id = chain.call(PACKER, ADDRESS, hold(&[&suspect], false, 1)).unwrap();
    let (field, code, rule) = breaks(&mut chain, PACKER, &shipped(&suspect));
    assert_eq!((field.as_str(), code.as_str()), ("quantityList[0]", "lots.on_hold"));
    let expected = "is on hold 1 of organisation 1 (quality check)";
    assert!(rule.contains(expected), "{rule}");
    captures(&mut chain, STORE, &shipped(&suspect).at(1));
    // Others of the product are free, and looking at what is held is, too.
    captures(&mut chain, PACKER, &shipped(&lot(FREE, "L2")));
    captures(&mut chain, PACKER, &Say::object("OBSERVE", "inspecting").lot(&suspect, "1", "KGM"));
    for caller in [PACKER, STORE_ADMIN, REGULATOR, STRANGER] {
        chain.refuses(caller, ADDRESS, release(id), MayNotRelease { caller, id });
    }
    chain.call(PACKER_ADMIN, ADDRESS, release(id)).unwrap();
    captures(&mut chain, PACKER, &shipped(&suspect));
    chain.refuses(PACKER_ADMIN, ADDRESS, release(id), NoOpenHold { id });
    let found = ask(&mut chain, holdCall { id });
    assert_eq!((found.released, found.organisation, found.things), (true, PACKERS, 1));
}

#[test]
fn i8_what_is_on_hold_does_not_leave() {
    let mut chain = bare_chain();
    let (suspect, bottle, case) = (lot(FREE, "L1"), serial(FREE, "9"), box_id(1));
    chain.call(PACKER, ADDRESS, hold(&[&suspect, &bottle, &case], true, 3)).unwrap();
    let step = |step: &str| Say::object("OBSERVE", step);
    for (number, event) in (0..).zip([
        shipped(&suspect),
        step("retail_selling").lot(&suspect, "1", "KGM"),
        step("departing").item(&bottle),
        step("loading").item(&case),
        step("dispensing").item(&bottle),
        Say::object("DELETE", "retail_selling").item(&bottle),
        Say::transformation().uses(&suspect, "1", "KGM").makes(&lot(FREE, "L2"), "1", "KGM"),
        Say::aggregation("ADD", &box_id(2)).lot(&suspect, "1", "KGM"),
        Say::aggregation("ADD", &box_id(2)).item(&case),
    ]) {
        let event = event.at(number);
        assert_eq!(breaks(&mut chain, STORE, &event).1, "lots.on_hold", "{}", event.json());
    }
    for (number, event) in (20..).zip([
        step("receiving").lot(&suspect, "1", "KGM"),
        step("holding").lot(&suspect, "1", "KGM"),
        step("storing").item(&case),
        Say::aggregation("DELETE", &case).item(&bottle),
        Say::object("DELETE", "destroying").lot(&suspect, "1", "KGM"),
        shipped(&suspect).with("returned"),
        shipped(&suspect).with("recalled"),
    ]) {
        captures(&mut chain, STORE, &event.at(number));
    }
}

#[test]
fn only_the_owner_and_a_regulator_hold_everywhere() {
    let mut chain = bare_chain();
    let suspect = lot(FREE, "L1");
    let not_owner = NotProductOwner { caller: STORE, id: suspect.clone() };
    chain.refuses(STORE, ADDRESS, hold(&[&suspect], true, 1), not_owner);
    chain.refuses(STRANGER, ADDRESS, hold(&[&suspect], true, 1), MayNotHold { caller: STRANGER });
    let owners = chain.call(PACKER, ADDRESS, hold(&[&suspect], true, 1)).unwrap();
    let regulators = chain.call(REGULATOR, ADDRESS, hold(&[&suspect], true, 10)).unwrap();
    assert_eq!(breaks(&mut chain, STORE, &shipped(&suspect)).1, "lots.on_hold");
    let on = holdOnCall { id: suspect.clone(), organisation: STORES };
    assert_eq!(ask(&mut chain, on.clone()), regulators);
    let refused = MayNotRelease { caller: PACKER_ADMIN, id: regulators };
    chain.refuses(PACKER_ADMIN, ADDRESS, release(regulators), refused);
    // Two holds are two: the first ends, the second stays.
    chain.call(REGULATOR, ADDRESS, release(regulators)).unwrap();
    assert_eq!(ask(&mut chain, on.clone()), owners);
    assert_eq!(breaks(&mut chain, STORE, &shipped(&suspect)).1, "lots.on_hold");
    chain.call(PACKER_ADMIN, ADDRESS, release(owners)).unwrap();
    assert_eq!(ask(&mut chain, on), 0);
    captures(&mut chain, STORE, &shipped(&suspect));
}

/// Story: a lot is held after it was packed; the case that holds it does not leave either.
#[test]
fn a_case_with_a_held_lot_does_not_leave() {
    let mut chain = chain();
    let (mince, case) = (lot(MINCE, "L1"), box_id(1));
    captures(&mut chain, PACKER, &Say::object("ADD", "commissioning").lot(&mince, "5", "KGM"));
    captures(&mut chain, PACKER, &Say::aggregation("ADD", &case).lot(&mince, "5", "KGM"));
    chain.call(PACKER, ADDRESS, hold(&[&mince], false, 1)).unwrap();
    let leaves = Say::object("OBSERVE", "shipping").item(&case);
    let (field, code, _) = breaks(&mut chain, PACKER, &leaves);
    assert_eq!((field.as_str(), code.as_str()), ("epcList[0]", "lots.on_hold"));
    captures(&mut chain, PACKER, &Say::aggregation("DELETE", &case));
    captures(&mut chain, PACKER, &leaves);
}

#[test]
fn holds_are_checked_before_they_are_written() {
    let mut chain = bare_chain();
    let product = format!("https://id.gs1.org/01/{FREE}");
    for thing in ["no URI", "urn:example:thing", product.as_str()] {
        let refused = chain.call(PACKER, ADDRESS, hold(&[thing], false, 1)).unwrap_err();
        assert!(InvalidThing::abi_decode(&refused.0).is_ok(), "{thing}");
    }
    let suspect = lot(FREE, "L1");
    let error = UnknownReason { reason: 11 };
    chain.refuses(PACKER, ADDRESS, hold(&[&suspect], false, 11), error);
    chain.refuses(PACKER, ADDRESS, hold(&[], false, 1), TooManyThings { count: 0, max: 1_000 });
    let long = holdBackCall { note: "x".repeat(513), ..hold(&[&suspect], false, 1) };
    let refused = chain.call(PACKER, ADDRESS, long).unwrap_err();
    assert!(IMembers::InvalidText::abi_decode(&refused.0).is_ok());
    // The same lot in two notations is one thing.
    let urn = "urn:epc:class:lgtin:9521001.000004.L1";
    let id = chain.call(PACKER, ADDRESS, hold(&[&suspect, urn], false, 1)).unwrap();
    assert_eq!(ask(&mut chain, holdCall { id }).things, 1);
}
