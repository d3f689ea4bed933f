//! Stories, invariants and properties of `lots`, told with the events that `traceability` captures.

mod alarms;
mod balance;
mod events;
mod holds;
mod sequences;

use alloy_primitives::{Address, Bytes, address};
use alloy_sol_types::{SolCall, SolError};
use qiao_module_kit::{
    conformance,
    testing::{Refused, Sandbox},
};
use qiao_types::{Genesis, GenesisMember, GenesisOrganisation, RoleName};

use super::{ADDRESS, ILots::*};
use crate::{
    MODULES, fixtures,
    members::IMembers,
    traceability::{self, ITraceability},
};
use events::{BOTTLE, CARCASS, MINCE, Say};

const PACKER_ADMIN: Address = address!("00000000000000000000000000000000000000a1");
const PACKER: Address = address!("00000000000000000000000000000000000000a2");
const STORE_ADMIN: Address = address!("00000000000000000000000000000000000000b1");
const STORE: Address = address!("00000000000000000000000000000000000000b2");
const REGULATOR: Address = address!("00000000000000000000000000000000000000c1");
const ABATTOIR: Address = address!("00000000000000000000000000000000000000d2");
const STRANGER: Address = address!("00000000000000000000000000000000000000ff");

/// Numbers of the organisations: prefix 9521001 belongs to the packer, 9521002 to the store,
/// 9521004 to the abattoir.
const PACKERS: u64 = 1;
const STORES: u64 = 2;
const AUTHORITY: u64 = 3;
const ABATTOIRS: u64 = 4;

const KG: u128 = 1_000_000_000_000;

fn genesis() -> Genesis {
    let organisation = |id, name: &str, accounts: &[(Address, &[RoleName])]| GenesisOrganisation {
        id,
        name: name.to_owned(),
        gln: None,
        accounts: accounts
            .iter()
            .map(|(address, roles)| GenesisMember { address: *address, roles: roles.to_vec() })
            .collect(),
    };
    let (admin, capturer) = (&[RoleName::Admin][..], &[RoleName::Capturer][..]);
    let both = &[RoleName::Admin, RoleName::Capturer][..];
    let regulator = &[RoleName::Admin, RoleName::Regulator][..];
    Genesis {
        organisations: vec![
            organisation(PACKERS, "Red Packer", &[(PACKER_ADMIN, admin), (PACKER, capturer)]),
            organisation(STORES, "Corner Store", &[(STORE_ADMIN, admin), (STORE, capturer)]),
            organisation(AUTHORITY, "Market Authority", &[(REGULATOR, regulator)]),
            organisation(ABATTOIRS, "River Abattoir", &[(ABATTOIR, both)]),
        ],
        ..fixtures::genesis()
    }
}

/// A chain on which the company prefixes are registered and nothing has rules.
fn bare_chain() -> Sandbox {
    let mut chain = Sandbox::new(MODULES, &genesis());
    for (prefix, organisation) in
        [("9521001", PACKERS), ("9521002", STORES), ("9521004", ABATTOIRS)]
    {
        let call = registerPrefixCall { prefix: prefix.to_owned(), organisation };
        chain.call(REGULATOR, ADDRESS, call).unwrap();
    }
    chain
}

/// A chain on which carcasses and mince are in the books by mass, and bottles by number.
fn chain() -> Sandbox {
    let mut chain = bare_chain();
    put_under(&mut chain, ABATTOIR, CARCASS, "KGM", "", 0);
    put_under(&mut chain, PACKER_ADMIN, MINCE, "KGM", "0.5", 10_000);
    put_under(&mut chain, PACKER_ADMIN, BOTTLE, "", "", 0);
    chain.at_block(10, 1_800_000_100);
    chain
}

#[track_caller]
fn put_under(
    chain: &mut Sandbox,
    sender: Address,
    gtin: &str,
    unit: &str,
    content: &str,
    yields: u32,
) {
    chain.call(sender, ADDRESS, rules(gtin, unit, content, yields, 3_600)).unwrap();
}

fn rules(gtin: &str, unit: &str, content: &str, yields: u32, clone_seconds: u32) -> setRulesCall {
    setRulesCall {
        gtin: gtin.to_owned(),
        balanced: true,
        unit: unit.to_owned(),
        content: content.to_owned(),
        yieldBasisPoints: yields,
        cloneSeconds: clone_seconds,
    }
}

fn party_of(sender: Address) -> u64 {
    match sender {
        PACKER | PACKER_ADMIN => PACKERS,
        STORE | STORE_ADMIN => STORES,
        ABATTOIR => ABATTOIRS,
        _ => AUTHORITY,
    }
}

fn try_capture(chain: &mut Sandbox, sender: Address, event: &Say) -> Result<u32, Refused> {
    let (party, events) = (party_of(sender), vec![Bytes::from(event.json().into_bytes())]);
    let call = ITraceability::captureCall { party, events };
    chain.call(sender, traceability::ADDRESS, call).map(|answer| answer.captured)
}

#[track_caller]
fn captures(chain: &mut Sandbox, sender: Address, event: &Say) {
    match try_capture(chain, sender, event) {
        Ok(captured) => assert_eq!(captured, 1, "it was captured before"),
        Err(refused) => panic!("refused: {}", told(&refused)),
    }
}

/// Field and code of the rule that the event breaks, and the rule itself.
#[track_caller]
fn breaks(chain: &mut Sandbox, sender: Address, event: &Say) -> (String, String, String) {
    let refused = try_capture(chain, sender, event).expect_err("a rule is broken");
    let error = ITraceability::EventRefused::abi_decode(&refused.0).expect("a rule for events");
    (error.field, error.code, error.rule)
}

fn told(refused: &Refused) -> String {
    match ITraceability::EventRefused::abi_decode(&refused.0) {
        Ok(error) => format!("{} {}: {}", error.code, error.field, error.rule),
        Err(_) => format!("{refused:?}"),
    }
}

#[track_caller]
fn ask<C: SolCall>(chain: &mut Sandbox, call: C) -> C::Return {
    chain.call(STRANGER, ADDRESS, call).unwrap()
}

fn held(chain: &mut Sandbox, lot: &str, organisation: u64) -> u128 {
    ask(chain, heldByCall { id: lot.to_owned(), organisation })
}

fn in_transit(chain: &mut Sandbox, lot: &str, organisation: u64) -> u128 {
    ask(chain, inTransitToCall { id: lot.to_owned(), organisation })
}

fn packed(chain: &mut Sandbox, lot: &str, container: &str) -> u128 {
    ask(chain, packedInCall { id: lot.to_owned(), container: container.to_owned() })
}

fn fate(chain: &mut Sandbox, lot: &str) -> Lot {
    ask(chain, lotCall { id: lot.to_owned() })
}

const PEOPLE: [Address; 7] =
    [PACKER_ADMIN, PACKER, STORE_ADMIN, STORE, REGULATOR, ABATTOIR, STRANGER];

conformance! {
    module: super::super::MODULE,
    calls: ILotsCalls, errors: ILotsErrors, events: ILotsEvents,
    chain: chain,
    people: &PEOPLE,
    gas: gas,
}

/// What the calls of the stories cost, and what events of products in the books cost.
fn gas(chain: &mut Sandbox) -> Vec<(&'static str, u64)> {
    let mut calls = Vec::new();
    let mut pay = |name, sender, to, input: Vec<u8>| {
        let done = chain.send(sender, to, input.into());
        assert!(!done.is_refused, "{name}");
        calls.push((name, done.gas_used));
    };
    let prefix = registerPrefixCall { prefix: "9521003".to_owned(), organisation: STORES };
    pay("registerPrefix", REGULATOR, ADDRESS, prefix.abi_encode());
    pay("setRules", REGULATOR, ADDRESS, rules(events::PORK, "KGM", "", 0, 0).abi_encode());
    let maker = setMakerCall { gtin: MINCE.to_owned(), organisation: STORES, allowed: true };
    pay("setMaker", PACKER_ADMIN, ADDRESS, maker.abi_encode());
    let mince = events::lot(MINCE, "G1");
    let admit = admitCall {
        id: mince.clone(),
        holder: PACKERS,
        quantity: "10".to_owned(),
        unit: "KGM".to_owned(),
    };
    pay("admit", PACKER_ADMIN, ADDRESS, admit.abi_encode());
    let event = |sender, say: &Say| {
        let events = vec![Bytes::from(say.json().into_bytes())];
        ITraceability::captureCall { party: party_of(sender), events }.abi_encode()
    };
    let (to, pack) = (traceability::ADDRESS, events::box_id(1));
    let made = Say::object("ADD", "commissioning").lot(&mince, "20", "KGM").at(1);
    pay("capture: made", PACKER, to, event(PACKER, &made));
    let shipped =
        Say::object("OBSERVE", "shipping").lot(&mince, "5", "KGM").at(2).towards("9521002");
    pay("capture: shipped", PACKER, to, event(PACKER, &shipped));
    let received = Say::object("OBSERVE", "receiving").lot(&mince, "5", "KGM").at(3);
    pay("capture: received", STORE, to, event(STORE, &received));
    let put_in = Say::aggregation("ADD", &pack).lot(&mince, "5", "KGM").at(4);
    pay("capture: packed", PACKER, to, event(PACKER, &put_in));
    let free = Say::object("OBSERVE", "shipping").lot(&events::lot(events::FREE, "1"), "5", "KGM");
    pay("capture: a product without rules", PACKER, to, event(PACKER, &free.at(5)));
    pay("capture: withdrawn", PACKER, to, event(PACKER, &put_in.withdrawn()));
    let hold = |everywhere| holdBackCall {
        things: vec![mince.clone()],
        everywhere,
        reason: 1,
        note: String::new(),
    };
    pay("holdBack", PACKER, ADDRESS, hold(false).abi_encode());
    let release = releaseCall { id: 1, note: String::new() };
    pay("release", PACKER_ADMIN, ADDRESS, release.abi_encode());
    pay("lot", STRANGER, ADDRESS, lotCall { id: mince.clone() }.abi_encode());
    calls
}

/// Prefixes, rules, makers and admissions: who says what a product is.
mod owners {
    use super::*;

    #[test]
    fn i11_company_prefixes_do_not_overlap() {
        let mut chain = bare_chain();
        let register = |prefix: &str, organisation| registerPrefixCall {
            prefix: prefix.to_owned(),
            organisation,
        };
        let overlaps = |prefix: &str| PrefixOverlaps { prefix: prefix.to_owned() };
        for prefix in ["95210011", "952100", "9521"] {
            chain.refuses(REGULATOR, ADDRESS, register(prefix, STORES), overlaps(prefix));
        }
        for prefix in ["952", "0000012", "95x1", "1234567890123", "0000"] {
            let error = InvalidPrefix { prefix: prefix.to_owned() };
            chain.refuses(REGULATOR, ADDRESS, register(prefix, STORES), error);
        }
        let error = NoOrganisation { organisation: 9 };
        chain.refuses(REGULATOR, ADDRESS, register("9521009", 9), error);
        let error = IMembers::NotRegulator { caller: PACKER_ADMIN };
        chain.refuses(PACKER_ADMIN, ADDRESS, register("9521009", PACKERS), error);

        // The prefix of a company that was bought goes to its buyer.
        chain.call(REGULATOR, ADDRESS, register("9521001", STORES)).unwrap();
        let id = format!("https://id.gs1.org/01/{MINCE}");
        assert_eq!(ask(&mut chain, ownerOfCall { id }), STORES);
    }

    #[test]
    fn the_owner_of_every_gs1_key_is_found_by_its_prefix() {
        let mut chain = bare_chain();
        let pallet = format!("https://id.gs1.org/00/{}", events::sscc(7));
        let place = format!("https://id.gs1.org/414/{}", events::gln("9521002"));
        for (id, owner) in [
            (events::lot(MINCE, "L1"), PACKERS),
            (events::serial(BOTTLE, "1"), PACKERS),
            (pallet, PACKERS),
            (place, STORES),
            ("https://id.gs1.org/01/10614141073464".to_owned(), 0),
            ("urn:example:thing".to_owned(), 0),
        ] {
            assert_eq!(ask(&mut chain, ownerOfCall { id: id.clone() }), owner, "{id}");
        }
    }

    #[test]
    fn only_the_owner_and_a_regulator_set_rules() {
        let mut chain = bare_chain();
        let call = || rules(MINCE, "KGM", "0.5", 10_000, 0);
        let id = format!("https://id.gs1.org/01/{MINCE}");
        for caller in [STORE_ADMIN, PACKER, STRANGER] {
            let error = NotProductOwner { caller, id: id.clone() };
            chain.refuses(caller, ADDRESS, call(), error);
        }
        chain.call(PACKER_ADMIN, ADDRESS, call()).unwrap();
        chain.call(REGULATOR, ADDRESS, call()).unwrap();
        let found = ask(&mut chain, rulesOfCall { gtin: MINCE.to_owned() });
        assert_eq!((found.unit.as_str(), found.content.as_str()), ("KGM", "0.5"));
        assert_eq!((found.balanced, found.yieldBasisPoints, found.since), (true, 10_000, 2));
    }

    #[test]
    fn what_the_books_rest_on_stays() {
        let mut chain = chain();
        let stands = || RuleStands { gtin: MINCE.to_owned() };
        for call in [
            rules(MINCE, "LTR", "0.5", 10_000, 0),
            rules(MINCE, "KGM", "0.4", 10_000, 0),
            setRulesCall { balanced: false, ..rules(MINCE, "KGM", "0.5", 10_000, 0) },
        ] {
            chain.refuses(PACKER_ADMIN, ADDRESS, call, stands());
        }
        // The same content in another unit, and another yield, are no change of the books.
        chain.call(PACKER_ADMIN, ADDRESS, rules(MINCE, "GRM", "500", 9_000, 60)).unwrap();
        for (unit, content) in [("KG", ""), ("", "2"), ("KGM", "x"), ("KGM", "0")] {
            let refused = chain.call(REGULATOR, ADDRESS, rules(events::PORK, unit, content, 0, 0));
            assert!(InvalidRule::abi_decode(&refused.unwrap_err().0).is_ok(), "{unit} {content}");
        }
        let error = InvalidGtin { gtin: "1".to_owned() };
        chain.refuses(REGULATOR, ADDRESS, rules("1", "", "", 0, 0), error);
    }

    #[test]
    fn i4_only_the_owner_and_whom_it_allows_make_a_product() {
        let mut chain = chain();
        let made = Say::object("ADD", "commissioning").lot(&events::lot(MINCE, "L1"), "1", "KGM");
        let (field, code, rule) = breaks(&mut chain, STORE, &made);
        assert_eq!((field.as_str(), code.as_str()), ("quantityList[0]", "lots.not_maker"));
        assert!(rule.contains("organisation 2") && rule.contains(MINCE), "{rule}");
        let allow =
            |allowed| setMakerCall { gtin: MINCE.to_owned(), organisation: STORES, allowed };
        chain.call(PACKER_ADMIN, ADDRESS, allow(true)).unwrap();
        captures(&mut chain, STORE, &made);
        chain.call(PACKER_ADMIN, ADDRESS, allow(false)).unwrap();
        let more = Say::object("ADD", "commissioning").lot(&events::lot(MINCE, "L2"), "1", "KGM");
        assert_eq!(breaks(&mut chain, STORE, &more).1, "lots.not_maker");
    }

    /// Story: when mince came under rules, the store had some on its shelves.
    #[test]
    fn stock_from_before_the_rule_is_admitted() {
        let mut chain = chain();
        let id = events::lot(MINCE, "OLD");
        let sold = Say::object("OBSERVE", "retail_selling").lot(&id, "2", "KGM");
        assert_eq!(breaks(&mut chain, STORE, &sold).1, "lots.unknown_lot");
        let admit = |id: &str, quantity: &str| admitCall {
            id: id.to_owned(),
            holder: STORES,
            quantity: quantity.to_owned(),
            unit: "KGM".to_owned(),
        };
        let refused = NotProductOwner { caller: STORE_ADMIN, id: id.clone() };
        chain.refuses(STORE_ADMIN, ADDRESS, admit(&id, "3"), refused);
        chain.call(PACKER_ADMIN, ADDRESS, admit(&id, "3")).unwrap();
        captures(&mut chain, STORE, &sold);
        assert_eq!(held(&mut chain, &id, STORES), KG);

        let serial = events::serial(MINCE, "77");
        chain.call(PACKER_ADMIN, ADDRESS, admit(&serial, "0.5")).unwrap();
        let known = SerialKnown { id: serial.clone() };
        chain.refuses(PACKER_ADMIN, ADDRESS, admit(&serial, "0.5"), known);
        captures(&mut chain, STORE, &Say::object("OBSERVE", "retail_selling").item(&serial));
        let free = events::lot(events::FREE, "1");
        let error = NotBalanced { id: free.clone() };
        chain.refuses(PACKER_ADMIN, ADDRESS, admit(&free, "3"), error);
    }
}
