//! Properties of the book of positions, against a model that is written differently.

use std::collections::BTreeSet;

use super::*;
use crate::{Context, Halt, Outcome, testing::Scratch};

const BOOK: Book = Book::at(3);

/// Everything that can be tried with a book.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Act {
    Issue { to: u64, amount: u64 },
    Split { by: u64, id: u64, amount: u64 },
    Merge { by: u64, into: u64, other: u64 },
    Transfer { by: u64, id: u64, to: u64 },
    Lock { by: u64, id: u64, to: u64 },
    Pledge { by: u64, id: u64, to: u64 },
    Release { by: u64, id: u64 },
    Reclaim { by: u64, id: u64 },
    Take { by: u64, id: u64 },
    Freeze { id: u64 },
    Unfreeze { id: u64 },
    Redeem { id: u64, amount: u64 },
}

fn perform(context: &mut Context<'_>, act: Act) -> Outcome<()> {
    let (party, number) = (Party::new, PositionId::new);
    match act {
        Act::Issue { to, amount } => BOOK.issue(context, party(to), amount).map(drop),
        Act::Split { by, id, amount } => {
            BOOK.split(context, party(by), number(id), amount).map(drop)
        }
        Act::Merge { by, into, other } => {
            BOOK.merge(context, party(by), number(into), number(other))
        }
        Act::Transfer { by, id, to } => BOOK.transfer(context, party(by), number(id), party(to)),
        Act::Lock { by, id, to } => BOOK.lock(context, party(by), number(id), party(to)),
        Act::Pledge { by, id, to } => BOOK.pledge(context, party(by), number(id), party(to)),
        Act::Release { by, id } => BOOK.release(context, party(by), number(id)),
        Act::Reclaim { by, id } => BOOK.reclaim(context, party(by), number(id)),
        Act::Take { by, id } => BOOK.take(context, party(by), number(id)),
        Act::Freeze { id } => BOOK.freeze(context, number(id)),
        Act::Unfreeze { id } => BOOK.unfreeze(context, number(id)),
        Act::Redeem { id, amount } => BOOK.redeem(context, number(id), amount).map(drop),
    }
}

/// What a lawyer would write down of a part.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Paper {
    holds: u64,
    owner: u64,
    root: usize,
    parent: Option<usize>,
    /// For whom it is bound, and whether that is a pledge.
    bond: Option<(u64, bool)>,
    is_frozen: bool,
    is_over: bool,
    born: u64,
    merged_in: u64,
    split_off: u64,
    merged_away: u64,
    redeemed: u64,
}

impl Paper {
    fn is_free_for(&self, party: u64) -> bool {
        self.owner == party && self.bond.is_none() && !self.is_frozen && !self.is_over
    }

    fn is_bound_to(&self, party: u64) -> bool {
        self.bond.is_some_and(|(to, _)| to == party) && !self.is_frozen && !self.is_over
    }
}

/// The papers by number less one.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Model(Vec<Paper>);

impl Model {
    fn paper(&mut self, id: u64) -> Option<&mut Paper> {
        self.0.get_mut(usize::try_from(id).ok()?.checked_sub(1)?)
    }

    fn index(id: u64) -> usize {
        usize::try_from(id).unwrap() - 1
    }

    /// Does it, if it is allowed.
    fn perform(&mut self, act: Act) -> bool {
        self.try_perform(act).is_some()
    }

    fn try_perform(&mut self, act: Act) -> Option<()> {
        let allowed = |is_allowed: bool| is_allowed.then_some(());
        match act {
            Act::Issue { to, amount } => {
                allowed(to > 0 && amount > 0)?;
                let root = self.0.len();
                let paper =
                    Paper { holds: amount, owner: to, root, born: amount, ..Paper::default() };
                self.0.push(paper);
            }
            Act::Split { by, id, amount } => {
                let whole = self.paper(id)?;
                allowed(whole.is_free_for(by) && amount > 0 && amount < whole.holds)?;
                whole.holds -= amount;
                whole.split_off += amount;
                let root = whole.root;
                let parent = Some(Self::index(id));
                let born = amount;
                self.0.push(Paper {
                    holds: amount,
                    owner: by,
                    root,
                    parent,
                    born,
                    ..Paper::default()
                });
            }
            Act::Merge { by, into, other } => {
                let ended = self.paper(other)?.clone();
                let kept = self.paper(into)?;
                allowed(into != other && kept.root == ended.root)?;
                allowed(kept.is_free_for(by) && ended.is_free_for(by))?;
                kept.holds += ended.holds;
                kept.merged_in += ended.holds;
                let paper = self.paper(other)?;
                (paper.holds, paper.merged_away, paper.is_over) = (0, ended.holds, true);
            }
            Act::Transfer { by, id, to } => {
                let paper = self.paper(id)?;
                allowed(paper.is_free_for(by) && to != by && to > 0)?;
                paper.owner = to;
            }
            Act::Lock { by, id, to } | Act::Pledge { by, id, to } => {
                let paper = self.paper(id)?;
                allowed(paper.is_free_for(by) && to != by && to > 0)?;
                paper.bond = Some((to, matches!(act, Act::Pledge { .. })));
            }
            Act::Release { by, id } => {
                let paper = self.paper(id)?;
                allowed(paper.is_bound_to(by))?;
                paper.bond = None;
            }
            Act::Reclaim { by, id } => {
                let paper = self.paper(id)?;
                let is_lock = paper.bond.is_some_and(|(_, is_pledge)| !is_pledge);
                allowed(paper.owner == by && is_lock && !paper.is_frozen)?;
                paper.bond = None;
            }
            Act::Take { by, id } => {
                let paper = self.paper(id)?;
                allowed(paper.is_bound_to(by))?;
                (paper.owner, paper.bond) = (by, None);
            }
            Act::Freeze { id } => {
                let paper = self.paper(id)?;
                allowed(!paper.is_frozen && !paper.is_over)?;
                paper.is_frozen = true;
            }
            Act::Unfreeze { id } => {
                let paper = self.paper(id)?;
                allowed(paper.is_frozen)?;
                paper.is_frozen = false;
            }
            Act::Redeem { id, amount } => {
                let paper = self.paper(id)?;
                let is_locked = paper.bond.is_some_and(|(_, is_pledge)| !is_pledge);
                allowed(!is_locked && !paper.is_frozen && !paper.is_over)?;
                allowed(amount > 0 && amount <= paper.holds)?;
                paper.holds -= amount;
                paper.redeemed += amount;
                if paper.holds == 0 {
                    (paper.is_over, paper.bond) = (true, None);
                }
            }
        }
        Some(())
    }
}

/// The book says of a part what the model says.
#[track_caller]
fn compare_paper(context: &mut Context<'_>, model: &Model, index: usize) {
    let id = PositionId::new(index as u64 + 1);
    let (paper, part) = (&model.0[index], BOOK.get(context, id).unwrap());
    let state = match (paper.is_over, paper.bond) {
        (true, _) => PositionState::Ended,
        (false, None) => PositionState::Free,
        (false, Some((_, false))) => PositionState::Locked,
        (false, Some((_, true))) => PositionState::Pledged,
    };
    let parent = paper.parent.map_or(0, |parent| parent as u64 + 1);
    assert_eq!((part.amount, part.born), (paper.holds, paper.born), "{id:?}");
    assert_eq!((part.holder.get(), part.root.get()), (paper.owner, paper.root as u64 + 1));
    assert_eq!((part.state, part.is_frozen), (state, paper.is_frozen), "{id:?}");
    assert_eq!(part.parent.get(), parent, "{id:?}");
    assert_eq!(part.beneficiary.get(), paper.bond.map_or(0, |(to, _)| to), "{id:?}");
}

/// Everything that the page of this piece promises, on the whole book.
#[track_caller]
fn check_book(scratch: &mut Scratch, model: &Model) {
    let checks = |context: &mut Context<'_>| -> Outcome<()> {
        let mut roots = vec![(0u64, 0u32, 0u32); model.0.len()];
        let mut born = vec![0u64; model.0.len()];
        for (index, paper) in model.0.iter().enumerate() {
            compare_paper(context, model, index);
            let (live, parts, count) = &mut roots[paper.root];
            *live += paper.holds;
            *parts += 1;
            *count += u32::from(!paper.is_over);
            // P3: what came in is what is there or went out.
            let came = paper.born + paper.merged_in;
            let went = paper.split_off + paper.merged_away + paper.redeemed;
            assert_eq!(came, paper.holds + went, "P3 of part {index}");
            if let Some(parent) = paper.parent {
                born[parent] += paper.born;
            }
        }
        for (index, paper) in model.0.iter().enumerate() {
            let id = PositionId::new(index as u64 + 1);
            assert_eq!(born[index], paper.split_off, "P3: children hold what was split off");
            // P2: the way up ends at the root, and every step is in the list of its parent.
            let way = BOOK.lineage(context, id)?;
            assert_eq!(way[0].get(), paper.root as u64 + 1, "P2 of part {index}");
            assert_eq!(way.len() - 1, usize::from(BOOK.get(context, id)?.depth), "P2");
            if paper.parent.is_none() {
                let issue = BOOK.issued(context, id)?;
                let (live, parts, count) = roots[index];
                assert_eq!(issue.outstanding(), live, "P1 of issue {index}");
                assert_eq!((issue.parts, issue.live), (parts, count), "P1 of issue {index}");
            }
        }
        Ok(())
    };
    scratch.run(checks).unwrap();
}

/// The book and the model do the same, and a refused act writes nothing (P4 to P8).
#[track_caller]
fn step(scratch: &mut Scratch, model: &mut Model, act: Act) -> bool {
    let writes = scratch.writes;
    let outcome = scratch.run(|context| perform(context, act));
    let is_done = model.perform(act);
    match outcome {
        Ok(()) => assert!(is_done, "the book allowed {act:?}"),
        Err(Halt::Refused(_)) => {
            assert!(!is_done, "the book refused {act:?}");
            assert_eq!(scratch.writes, writes, "P8: {act:?} was refused and wrote");
        }
        Err(other) => panic!("{act:?}: {other:?}"),
    }
    is_done
}

/// A small generator: the same seed gives the same acts.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }

    /// Mostly what may be possible: parts of the last hundred, by their holder or beneficiary.
    fn act(&mut self, model: &Model) -> Act {
        let count = model.0.len() as u64;
        let id = count.saturating_sub(self.below(100.min(count + 1)));
        let mut by = self.below(5);
        let mut most = 10;
        if let Some(paper) = id.checked_sub(1).map(|index| &model.0[index as usize]) {
            most = paper.holds + 1;
            if self.below(8) > 0 {
                by = match paper.bond {
                    Some((to, _)) if self.below(2) == 0 => to,
                    _ => paper.owner,
                };
            }
        }
        let (to, amount) = (self.below(5), self.below(most + 1));
        match self.below(40) {
            0..=3 => Act::Issue { to, amount: self.below(1_000_000) },
            4..=13 => Act::Split { by, id, amount },
            14..=17 => Act::Merge { by, into: id, other: count.saturating_sub(self.below(40)) },
            18..=23 => Act::Transfer { by, id, to },
            24..=25 => Act::Lock { by, id, to },
            26..=27 => Act::Pledge { by, id, to },
            28..=29 => Act::Release { by, id },
            30 => Act::Reclaim { by, id },
            31..=32 => Act::Take { by, id },
            33 => Act::Freeze { id },
            34..=35 => Act::Unfreeze { id },
            _ => Act::Redeem { id, amount },
        }
    }
}

/// One million acts with `QIAO_SLOW_TESTS=1`, fewer otherwise.
#[test]
fn p1_to_p8_hold_after_any_sequence_of_acts() {
    let is_slow = std::env::var_os("QIAO_SLOW_TESTS").is_some_and(|value| value == "1");
    let acts: u64 = if is_slow { 1_000_000 } else { 20_000 };
    let (mut scratch, mut model, mut dice) = (Scratch::default(), Model::default(), Dice(77));
    let mut done = 0u64;
    for number in 0..acts {
        let act = dice.act(&model);
        if step(&mut scratch, &mut model, act) {
            done += 1;
            // The newest part, and any other.
            let newest = model.0.len() - 1;
            let any = dice.below(newest as u64 + 1) as usize;
            let compared = scratch.run(|context| {
                compare_paper(context, &model, newest);
                compare_paper(context, &model, any);
                Ok(())
            });
            compared.unwrap();
        }
        if number % (acts / 10) == 0 {
            check_book(&mut scratch, &model);
        }
    }
    check_book(&mut scratch, &model);
    assert!(done > acts / 4, "only {done} acts of {acts} were possible; the test says little");
    println!("{acts} acts, {done} possible, {} parts", model.0.len());
}

/// Every act that two parties, a stranger and amounts up to three can try on these parts.
fn every_act(parts: u64) -> Vec<Act> {
    let mut acts = Vec::new();
    for by in 1..=2 {
        for id in 1..=parts {
            for amount in 0..=3 {
                acts.push(Act::Split { by, id, amount });
            }
            acts.extend((1..=parts).map(|other| Act::Merge { by, into: id, other }));
            for to in 0..=2 {
                acts.push(Act::Transfer { by, id, to });
                acts.push(Act::Lock { by, id, to });
                acts.push(Act::Pledge { by, id, to });
            }
            acts.extend([Act::Release { by, id }, Act::Reclaim { by, id }, Act::Take { by, id }]);
        }
    }
    for id in 1..=parts + 1 {
        acts.extend([Act::Freeze { id }, Act::Unfreeze { id }]);
        acts.extend((0..=3).map(|amount| Act::Redeem { id, amount }));
    }
    acts.extend((0..=2).map(|to| Act::Issue { to, amount: 1 }));
    acts
}

/// Every sequence of acts up to a length, in a world of two parties and an issue of three: each
/// state that can be reached is visited once, and every act is tried in it.
#[test]
fn every_short_sequence_in_a_small_world_keeps_the_invariants() {
    let is_slow = std::env::var_os("QIAO_SLOW_TESTS").is_some_and(|value| value == "1");
    let length = if is_slow { 6 } else { 4 };
    let mut start = (Scratch::default(), Model::default());
    assert!(step(&mut start.0, &mut start.1, Act::Issue { to: 1, amount: 3 }));
    let mut seen = BTreeSet::from([start.1.clone()]);
    let mut edge = vec![start];
    let mut tried = 0u64;
    for _ in 0..length {
        let mut next = Vec::new();
        for (scratch, model) in edge {
            for act in every_act(model.0.len() as u64) {
                let (mut scratch, mut model) = (scratch.clone(), model.clone());
                tried += 1;
                let is_new = step(&mut scratch, &mut model, act) && seen.insert(model.clone());
                if is_new && model.0.len() <= 4 {
                    check_book(&mut scratch, &model);
                    next.push((scratch, model));
                }
            }
        }
        edge = next;
    }
    assert!(seen.len() > 1_000, "{} states say little", seen.len());
    println!("{} states, {tried} acts tried, sequences up to {length}", seen.len());
}

#[test]
fn a_split_that_leaves_nothing_is_refused_with_the_bound() {
    let mut scratch = Scratch::default();
    let refusal = scratch.run(|context| {
        let id = BOOK.issue(context, Party::new(1), 10)?;
        BOOK.split(context, Party::new(1), id, 10)
    });
    let expected = IPosition::InvalidPositionAmount { position: 1, amount: 10, max: 9 };
    assert_eq!(refusal, Err(expected.into()));
}

#[test]
fn splits_end_at_the_greatest_depth() {
    let mut scratch = Scratch::default();
    let refusal = scratch.run(|context| {
        let mut id = BOOK.issue(context, Party::new(1), 1_000)?;
        for _ in 0..DEPTH_MAX {
            let amount = BOOK.get(context, id)?.amount - 1;
            id = BOOK.split(context, Party::new(1), id, amount)?;
        }
        assert_eq!(BOOK.lineage(context, id)?.len(), usize::from(DEPTH_MAX) + 1);
        BOOK.split(context, Party::new(1), id, 1)
    });
    let expected = IPosition::TooDeep { position: 65, max: 64 };
    assert_eq!(refusal, Err(expected.into()));
}

#[test]
fn a_position_takes_two_slots_and_an_issue_one() {
    use crate::storage::Stored;
    assert_eq!((Position::SLOTS, Issue::SLOTS), (2, 1));
    let described = BOOK.describe("PARTS");
    assert_eq!((described.slot, described.kind.as_str()), (3, "PositionBook"));
    assert_eq!(described.parts.len() as u64, Book::SLOTS);
}
