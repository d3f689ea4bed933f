//! No sequence of captures, splits, merges and corrections creates quantity.
//!
//! A second set of books is kept in the test by the simplest means: it moves amounts without asking
//! whether they are there. What the chain takes must leave no amount of it below zero, what the chain
//! refuses must have left one, and both books agree at the end.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::events::*;
use super::*;

const PARTIES: [(Address, u64, &str); 3] =
    [(PACKER, PACKERS, "9521001"), (STORE, STORES, "9521002"), (ABATTOIR, ABATTOIRS, "9521004")];
/// Lots of one product and of another, each made by everybody here.
const LOTS: [(&str, &str); 3] = [(MINCE, "A"), (MINCE, "B"), (CARCASS, "C")];
const CONTAINERS: u32 = 2;

#[derive(Debug, Clone)]
enum Step {
    Make { party: usize, lot: usize, amount: u32 },
    Ship { party: usize, to: Option<usize>, lot: usize, amount: u32, is_void: bool },
    Receive { party: usize, lot: usize, amount: u32, is_return: bool },
    Pack { party: usize, container: u32, lot: usize, amount: u32, is_out: bool },
    Empty { party: usize, container: u32 },
    Transform { party: usize, run: Option<u8>, uses: (usize, u32), makes: (usize, u32) },
    Lose { party: usize, lot: usize, amount: u32, is_sale: bool },
    Repeat { earlier: usize },
    Withdraw { earlier: usize },
}

fn step() -> impl Strategy<Value = Step> {
    let party = || 0..PARTIES.len();
    let lot = || 0..LOTS.len();
    let amount = || 0u32..40;
    prop_oneof![
        3 => (party(), lot(), amount()).prop_map(|(party, lot, amount)| Step::Make { party, lot, amount }),
        3 => (party(), proptest::option::of(party()), lot(), amount(), any::<bool>())
            .prop_map(|(party, to, lot, amount, is_void)| Step::Ship { party, to, lot, amount, is_void }),
        3 => (party(), lot(), amount(), any::<bool>())
            .prop_map(|(party, lot, amount, is_return)| Step::Receive { party, lot, amount, is_return }),
        3 => (party(), 0..CONTAINERS, lot(), amount(), any::<bool>())
            .prop_map(|(party, container, lot, amount, is_out)| Step::Pack { party, container, lot, amount, is_out }),
        1 => (party(), 0..CONTAINERS).prop_map(|(party, container)| Step::Empty { party, container }),
        3 => (party(), proptest::option::of(0u8..2), (lot(), amount()), (lot(), amount()))
            .prop_map(|(party, run, uses, makes)| Step::Transform { party, run, uses, makes }),
        2 => (party(), lot(), amount(), any::<bool>())
            .prop_map(|(party, lot, amount, is_sale)| Step::Lose { party, lot, amount, is_sale }),
        1 => any::<usize>().prop_map(|earlier| Step::Repeat { earlier }),
        4 => any::<usize>().prop_map(|earlier| Step::Withdraw { earlier }),
    ]
}

/// Where an amount is, in the test's own books.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum At {
    Held(u64, usize),
    Transit(u64, usize),
    Packed(u32, usize),
    Sold(usize),
    Gone(usize),
    Run(u64, u8),
}

type Changes = Vec<(At, i64)>;

#[derive(Default)]
struct Books {
    amounts: BTreeMap<At, i64>,
    made: BTreeMap<usize, i64>,
}

impl Books {
    fn at(&self, at: &At) -> i64 {
        self.amounts.get(at).copied().unwrap_or_default()
    }

    /// Whether no amount is below zero after each of the changes.
    fn allow(&self, changes: &Changes) -> bool {
        let mut after = self.amounts.clone();
        changes.iter().all(|(at, change)| {
            let amount = after.entry(at.clone()).or_default();
            *amount += change;
            *amount >= 0
        })
    }

    fn apply(&mut self, changes: &Changes) {
        for (at, change) in changes {
            *self.amounts.entry(at.clone()).or_default() += change;
        }
    }
}

struct Told {
    step: Step,
    time: u64,
    sender: Address,
    event: Say,
    changes: Changes,
    makes: Option<(usize, i64)>,
    is_live: bool,
}

fn name(index: usize) -> String {
    lot(LOTS[index].0, LOTS[index].1)
}

fn move_to(from: At, to: At, amount: u32) -> Changes {
    vec![(from, -i64::from(amount)), (to, i64::from(amount))]
}

/// The event of a step and what it changes.
fn tell(step: &Step, books: &Books, time: u64) -> Option<Told> {
    let kg = |amount: u32| amount.to_string();
    let mut makes = None;
    let (party, event, changes) = match *step {
        Step::Make { party, lot, amount } => {
            makes = Some((lot, i64::from(amount)));
            let event = Say::object("ADD", "commissioning").lot(&name(lot), &kg(amount), "KGM");
            (party, event, vec![(At::Held(PARTIES[party].1, lot), i64::from(amount))])
        }
        Step::Ship { party, to, lot, amount, is_void } => {
            let word = if is_void { "void_shipping" } else { "shipping" };
            let event = Say::object("OBSERVE", word).lot(&name(lot), &kg(amount), "KGM");
            let event = to.map_or(event.clone(), |to| event.towards(PARTIES[to].2));
            let held = At::Held(PARTIES[party].1, lot);
            let transit = At::Transit(to.map_or(0, |to| PARTIES[to].1), lot);
            let (from, to) = if is_void { (transit, held) } else { (held, transit) };
            (party, event, move_to(from, to, amount))
        }
        Step::Receive { party, lot, amount, is_return } => {
            let event = Say::object("OBSERVE", "receiving").lot(&name(lot), &kg(amount), "KGM");
            let event = if is_return { event.with("returned") } else { event };
            let mine = PARTIES[party].1;
            let mut sources = vec![At::Transit(mine, lot), At::Transit(0, lot)];
            if is_return {
                sources.push(At::Sold(lot));
            }
            let source = sources.iter().find(|at| books.at(at) >= i64::from(amount));
            let source = source.unwrap_or(&sources[0]).clone();
            (party, event, move_to(source, At::Held(mine, lot), amount))
        }
        Step::Pack { party, container, lot, amount, is_out } => {
            let action = if is_out { "DELETE" } else { "ADD" };
            let event = Say::aggregation(action, &box_id(container));
            let held = At::Held(PARTIES[party].1, lot);
            let packed = At::Packed(container, lot);
            let (from, to) = if is_out { (packed, held) } else { (held, packed) };
            (party, event.lot(&name(lot), &kg(amount), "KGM"), move_to(from, to, amount))
        }
        Step::Empty { party, container } => {
            let mut changes = Changes::new();
            for lot in 0..LOTS.len() {
                let packed = At::Packed(container, lot);
                let amount = u32::try_from(books.at(&packed)).unwrap();
                changes.extend(move_to(packed, At::Held(PARTIES[party].1, lot), amount));
            }
            (party, Say::aggregation("DELETE", &box_id(container)), changes)
        }
        Step::Transform { party, run, uses, makes: made } => {
            makes = Some((made.0, i64::from(made.1)));
            let event = Say::transformation().uses(&name(uses.0), &kg(uses.1), "KGM").makes(
                &name(made.0),
                &kg(made.1),
                "KGM",
            );
            let event = run.map_or(event.clone(), |run| event.named(&run.to_string()));
            let mine = PARTIES[party].1;
            let mut changes = move_to(At::Held(mine, uses.0), At::Gone(uses.0), uses.1);
            changes.push((At::Held(mine, made.0), i64::from(made.1)));
            // Mince is compared with what went in, carcasses are not. Without a run the event
            // stands alone: 255 is empty before and after it.
            let at = At::Run(mine, run.unwrap_or(255));
            let needed = if LOTS[made.0].0 == MINCE { i64::from(made.1) } else { 0 };
            changes.push((at.clone(), i64::from(uses.1)));
            changes.push((at.clone(), -needed));
            if run.is_none() {
                changes.push((at, needed - i64::from(uses.1)));
            }
            (party, event, changes)
        }
        Step::Lose { party, lot, amount, is_sale } => {
            let (action, word, to) = if is_sale {
                ("OBSERVE", "retail_selling", At::Sold(lot))
            } else {
                ("DELETE", "destroying", At::Gone(lot))
            };
            let event = Say::object(action, word).lot(&name(lot), &kg(amount), "KGM");
            (party, event, move_to(At::Held(PARTIES[party].1, lot), to, amount))
        }
        Step::Repeat { .. } | Step::Withdraw { .. } => return None,
    };
    let sender = PARTIES[party].0;
    let event = event.at(time);
    Some(Told { step: step.clone(), time, sender, event, changes, makes, is_live: true })
}

fn world() -> Sandbox {
    let mut chain = bare_chain();
    put_under(&mut chain, REGULATOR, MINCE, "KGM", "", 10_000);
    put_under(&mut chain, REGULATOR, CARCASS, "KGM", "", 0);
    for gtin in [MINCE, CARCASS] {
        for (_, organisation, _) in PARTIES {
            let call = setMakerCall { gtin: gtin.to_owned(), organisation, allowed: true };
            chain.call(REGULATOR, ADDRESS, call).unwrap();
        }
    }
    chain.at_block(10, 1_800_000_100);
    chain
}

/// Whether the chain refuses for want of an amount; any other refusal fails the test.
fn is_refused(chain: &mut Sandbox, sender: Address, event: &Say) -> bool {
    match try_capture(chain, sender, event) {
        Ok(_) => false,
        Err(refused) => {
            let error = ITraceability::EventRefused::abi_decode(&refused.0).unwrap();
            let expected = [
                "lots.exceeds_balance",
                "lots.exceeds_yield",
                "lots.unknown_lot",
                "lots.correction_too_late",
            ];
            assert!(expected.contains(&error.code.as_str()), "{}", told(&refused));
            true
        }
    }
}

fn run(steps: &[Step]) -> (Sandbox, Books, Vec<Told>) {
    let (mut chain, mut books, mut done) = (world(), Books::default(), Vec::<Told>::new());
    for (time, step) in (1..).zip(steps) {
        if let Some(told) = tell(step, &books, time) {
            let is_refused = is_refused(&mut chain, told.sender, &told.event);
            assert_eq!(is_refused, !is_allowed(&books, &told), "{step:?}");
            if !is_refused {
                books.apply(&told.changes);
                if let Some((lot, amount)) = told.makes {
                    *books.made.entry(lot).or_default() += amount;
                }
                done.push(told);
            }
            continue;
        }
        let (Step::Repeat { earlier } | Step::Withdraw { earlier }) = step else { continue };
        let Some(at) = earlier.checked_rem(done.len()) else { continue };
        let told = &mut done[at];
        if matches!(step, Step::Repeat { .. }) {
            assert_eq!(try_capture(&mut chain, told.sender, &told.event), Ok(0));
            continue;
        }
        let back: Changes = told.changes.iter().rev().map(|(at, by)| (at.clone(), -by)).collect();
        let is_refused = is_refused(&mut chain, told.sender, &told.event.withdrawn());
        assert_eq!(
            is_refused,
            told.is_live && !books.allow(&back),
            "withdraw {}",
            told.event.json()
        );
        if told.is_live && !is_refused {
            told.is_live = false;
            books.apply(&back);
            if let Some((lot, amount)) = told.makes {
                *books.made.entry(lot).or_default() -= amount;
            }
        }
    }
    (chain, books, done)
}

/// Whether the test's own books allow an event. A lot that nobody made moves nowhere, not even by
/// nothing; an event that moves nothing is not asked about.
fn is_allowed(books: &Books, told: &Told) -> bool {
    books.allow(&told.changes)
}

/// The amount of the chain at a place of the test's books, in kilograms.
fn on_chain(chain: &mut Sandbox, at: &At) -> Option<i64> {
    let units = match at {
        At::Held(party, lot) => held(chain, &name(*lot), *party),
        At::Transit(0, lot) => fate(chain, &name(*lot)).openTransit,
        At::Transit(party, lot) => in_transit(chain, &name(*lot), *party),
        At::Packed(container, lot) => packed(chain, &name(*lot), &box_id(*container)),
        At::Sold(lot) => fate(chain, &name(*lot)).sold,
        At::Gone(lot) => {
            let fate = fate(chain, &name(*lot));
            fate.used + fate.destroyed
        }
        At::Run(..) => return None,
    };
    assert_eq!(units % KG, 0);
    Some(i64::try_from(units / KG).unwrap())
}

fn compare(chain: &mut Sandbox, books: &Books) {
    for (at, amount) in &books.amounts {
        assert!(*amount >= 0, "{at:?} is below zero");
        if let Some(found) = on_chain(chain, at) {
            assert_eq!(found, *amount, "{at:?}");
        }
    }
    // I1: what was made is what is anywhere.
    for lot in 0..LOTS.len() {
        let made = i64::try_from(fate(chain, &name(lot)).made / KG).unwrap();
        assert_eq!(made, books.made.get(&lot).copied().unwrap_or_default());
        let is_of_lot = |at: &At| match at {
            At::Held(_, of) | At::Transit(_, of) | At::Packed(_, of) => *of == lot,
            At::Sold(of) | At::Gone(of) => *of == lot,
            At::Run(..) => false,
        };
        let anywhere = books.amounts.iter().filter(|(at, _)| is_of_lot(at)).map(|(_, sum)| sum);
        assert_eq!(anywhere.sum::<i64>(), made);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn i1_no_sequence_of_events_creates_quantity(
        steps in proptest::collection::vec(step(), 1..40)
    ) {
        let (mut chain, books, done) = run(&steps);
        compare(&mut chain, &books);

        // The same events again give the same state, byte for byte.
        let (again, _, _) = run(&steps);
        prop_assert_eq!(chain.storage(ADDRESS), again.storage(ADDRESS));

        // Without those that were withdrawn, in their order, both books agree again.
        let mut fresh = world();
        let mut replayed = Books::default();
        for one in done.iter().filter(|told| told.is_live) {
            let told = tell(&one.step, &replayed, one.time).expect("it was told before");
            if is_refused(&mut fresh, told.sender, &told.event) {
                // It rested, in between, on what was withdrawn and made good later.
                return Ok(());
            }
            replayed.apply(&told.changes);
            if let Some((lot, amount)) = told.makes {
                *replayed.made.entry(lot).or_default() += amount;
            }
        }
        compare(&mut fresh, &replayed);
        // Emptying and receiving take what is there, which may be something else by then.
        let by_state = |step: &Step| matches!(step, Step::Empty { .. } | Step::Receive { .. });
        if !steps.iter().any(by_state) {
            for at in books.amounts.keys() {
                prop_assert_eq!(on_chain(&mut chain, at), on_chain(&mut fresh, at), "{:?}", at);
            }
        }
    }

    #[test]
    fn i6_all_withdrawn_in_reverse_is_nothing(
        steps in proptest::collection::vec(step(), 1..20)
    ) {
        // Out of turn, what is withdrawn may have been made good by what has to be withdrawn next.
        let is_withdrawal = |step: &Step| matches!(step, Step::Withdraw { .. });
        let steps: Vec<Step> = steps.into_iter().filter(|step| !is_withdrawal(step)).collect();
        let (mut chain, mut books, done) = run(&steps);
        for told in done.iter().rev().filter(|told| told.is_live) {
            prop_assert_eq!(try_capture(&mut chain, told.sender, &told.event.withdrawn()), Ok(0));
            let back = told.changes.iter().rev().map(|(at, by)| (at.clone(), -by)).collect();
            books.apply(&back);
        }
        books.made.clear();
        compare(&mut chain, &books);
        prop_assert!(books.amounts.values().all(|amount| *amount == 0));
    }
}
