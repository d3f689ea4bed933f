//! The book: positions in a module's storage and what may happen to them.

use super::{
    abi::IPosition::*,
    types::{Issue, Party, Position, PositionId, PositionState},
};
use crate::{
    context::Context,
    halt::{Halt, Outcome, ensure},
    storage::{Field, Lists, Map, Part, Value},
};

/// Parts of one issue, ended ones included.
pub const PARTS_MAX: u32 = 100_000;
/// Splits from the issue down to a part.
pub const DEPTH_MAX: u8 = 64;

const fn part(name: &'static str, kind: &'static str) -> Part {
    Part { name, kind, packed_bytes: 0, slots: 1 }
}

/// The slots of the book as a Solidity struct would have them.
const PARTS: &[Part] = &[
    part("last", "uint64"),
    part("positions", "mapping(uint64 => Position)"),
    part("issues", "mapping(uint64 => Issue)"),
    part("children", "mapping(uint64 => uint64[])"),
];

/// The positions of a module; a field of its storage.
#[derive(Debug)]
pub struct Book(u64);

impl Book {
    /// How many slots the field takes.
    pub const SLOTS: u64 = 4;

    /// At this slot.
    pub const fn at(slot: u64) -> Self {
        Self(slot)
    }

    /// The field as the layout lists it.
    pub fn describe(&self, name: &'static str) -> Field {
        Field { name, slot: self.0, kind: "PositionBook".to_owned(), parts: PARTS }
    }

    /// Issues an amount to its first holder.
    ///
    /// # Errors
    /// `InvalidPositionAmount`, `InvalidReceiver`: the amount is zero, or there is no holder.
    pub fn issue(
        &self,
        context: &mut Context<'_>,
        holder: Party,
        amount: u64,
    ) -> Outcome<PositionId> {
        let id = PositionId::new(self.last().get(context)?.get() + 1);
        ensure(amount > 0, || invalid(id, amount, u64::MAX))?;
        ensure(!holder.is_none(), || InvalidReceiver { position: id.get(), party: 0 })?;
        let position = Position {
            amount,
            holder,
            root: id,
            state: PositionState::Free,
            is_frozen: false,
            depth: 0,
            parent: PositionId::NONE,
            beneficiary: Party::NONE,
            born: amount,
            successor: PositionId::NONE,
        };
        self.issues().set(
            context,
            &id,
            &Issue { issued: amount, redeemed: 0, parts: 1, live: 1 },
        )?;
        self.last().set(context, &id)?;
        self.positions().set(context, &id, &position)?;
        Ok(id)
    }

    /// Splits a part off and returns its number; the holder stays the same.
    ///
    /// # Errors
    /// `UnknownPosition`, `NotHolder`, `WrongPositionState`, `PositionFrozen`; `InvalidPositionAmount`
    /// unless something remains; `TooManyParts`, `TooDeep`.
    pub fn split(
        &self,
        context: &mut Context<'_>,
        by: Party,
        id: PositionId,
        amount: u64,
    ) -> Outcome<PositionId> {
        let mut whole = self.free(context, by, id)?;
        let max = whole.amount - 1;
        ensure((1..=max).contains(&amount), || invalid(id, amount, max))?;
        ensure(whole.depth < DEPTH_MAX, || TooDeep {
            position: id.get(),
            max: u64::from(DEPTH_MAX),
        })?;
        let mut issue = self.issues().get(context, &whole.root)?;
        ensure(issue.parts < PARTS_MAX, || TooManyParts {
            root: whole.root.get(),
            max: u64::from(PARTS_MAX),
        })?;
        let child = PositionId::new(self.last().get(context)?.get() + 1);
        let part =
            Position { amount, born: amount, parent: id, depth: whole.depth + 1, ..whole.clone() };
        whole.amount -= amount;
        issue.parts += 1;
        issue.live += 1;
        self.last().set(context, &child)?;
        self.issues().set(context, &whole.root, &issue)?;
        self.positions().set(context, &id, &whole)?;
        self.positions().set(context, &child, &part)?;
        self.children_lists().push(context, &id, child)?;
        Ok(child)
    }

    /// Merges one part of an issue into another; the first goes on, the other ends.
    ///
    /// # Errors
    /// `UnknownPosition`, `NotHolder`, `WrongPositionState`, `PositionFrozen` for either;
    /// `NotMergeable`.
    pub fn merge(
        &self,
        context: &mut Context<'_>,
        by: Party,
        into: PositionId,
        other: PositionId,
    ) -> Outcome<()> {
        let mut kept = self.free(context, by, into)?;
        let mut ended = self.free(context, by, other)?;
        let is_mergeable = into != other && kept.root == ended.root;
        ensure(is_mergeable, || NotMergeable { into: into.get(), other: other.get() })?;
        kept.amount = kept
            .amount
            .checked_add(ended.amount)
            .ok_or_else(|| Halt::bug("two parts hold more than their issue"))?;
        ended.amount = 0;
        ended.state = PositionState::Ended;
        ended.successor = into;
        let mut issue = self.issues().get(context, &kept.root)?;
        issue.live -= 1;
        self.issues().set(context, &kept.root, &issue)?;
        self.positions().set(context, &into, &kept)?;
        self.positions().set(context, &other, &ended)
    }

    /// Passes a position on to another party.
    ///
    /// # Errors
    /// `UnknownPosition`, `NotHolder`, `WrongPositionState`, `PositionFrozen`, `InvalidReceiver`.
    pub fn transfer(
        &self,
        context: &mut Context<'_>,
        by: Party,
        id: PositionId,
        to: Party,
    ) -> Outcome<()> {
        let position = self.free(context, by, id)?;
        require_receiver(id, by, to)?;
        self.positions().set(context, &id, &Position { holder: to, ..position })
    }

    /// Promises a position to a party, who may then take or release it; the holder may reclaim it.
    ///
    /// # Errors
    /// `UnknownPosition`, `NotHolder`, `WrongPositionState`, `PositionFrozen`, `InvalidReceiver`.
    pub fn lock(
        &self,
        context: &mut Context<'_>,
        by: Party,
        id: PositionId,
        to: Party,
    ) -> Outcome<()> {
        self.bind(context, by, id, to, PositionState::Locked)
    }

    /// Pledges a position to a party, who may then take or release it; the holder may not.
    ///
    /// # Errors
    /// `UnknownPosition`, `NotHolder`, `WrongPositionState`, `PositionFrozen`, `InvalidReceiver`.
    pub fn pledge(
        &self,
        context: &mut Context<'_>,
        by: Party,
        id: PositionId,
        to: Party,
    ) -> Outcome<()> {
        self.bind(context, by, id, to, PositionState::Pledged)
    }

    /// Gives a locked or pledged position back to the free disposal of its holder, by the
    /// beneficiary.
    ///
    /// # Errors
    /// `UnknownPosition`, `WrongPositionState`, `PositionFrozen`, `NotBeneficiary`.
    pub fn release(&self, context: &mut Context<'_>, by: Party, id: PositionId) -> Outcome<()> {
        let position = self.bound(context, by, id)?;
        self.set_free(context, id, position)
    }

    /// Takes back the promise of a locked position, by the holder. A pledge is not taken back.
    ///
    /// # Errors
    /// `UnknownPosition`, `NotHolder`, `WrongPositionState`, `PositionFrozen`.
    pub fn reclaim(&self, context: &mut Context<'_>, by: Party, id: PositionId) -> Outcome<()> {
        let position = self.thawed(context, id)?;
        ensure(position.holder == by, || not_holder(id, by))?;
        ensure(position.state == PositionState::Locked, || wrong_state(id, &position))?;
        self.set_free(context, id, position)
    }

    /// Takes a locked or pledged position: the beneficiary becomes its holder.
    ///
    /// # Errors
    /// `UnknownPosition`, `WrongPositionState`, `PositionFrozen`, `NotBeneficiary`.
    pub fn take(&self, context: &mut Context<'_>, by: Party, id: PositionId) -> Outcome<()> {
        let position = self.bound(context, by, id)?;
        self.set_free(context, id, Position { holder: by, ..position })
    }

    /// Freezes a position that has not ended.
    ///
    /// # Errors
    /// `UnknownPosition`, `WrongPositionState`, `PositionFrozen`.
    pub fn freeze(&self, context: &mut Context<'_>, id: PositionId) -> Outcome<()> {
        let position = self.thawed(context, id)?;
        ensure(position.state != PositionState::Ended, || wrong_state(id, &position))?;
        self.positions().set(context, &id, &Position { is_frozen: true, ..position })
    }

    /// Unfreezes a position.
    ///
    /// # Errors
    /// `UnknownPosition`, `PositionNotFrozen`.
    pub fn unfreeze(&self, context: &mut Context<'_>, id: PositionId) -> Outcome<()> {
        let position = self.get(context, id)?;
        ensure(position.is_frozen, || PositionNotFrozen { position: id.get() })?;
        self.positions().set(context, &id, &Position { is_frozen: false, ..position })
    }

    /// Redeems an amount of a free or pledged position; a position of which nothing is left ends.
    /// Returns what is left of it.
    ///
    /// # Errors
    /// `UnknownPosition`, `WrongPositionState`, `PositionFrozen`, `InvalidPositionAmount`.
    pub fn redeem(&self, context: &mut Context<'_>, id: PositionId, amount: u64) -> Outcome<u64> {
        let mut position = self.thawed(context, id)?;
        let is_redeemable = matches!(position.state, PositionState::Free | PositionState::Pledged);
        ensure(is_redeemable, || wrong_state(id, &position))?;
        let max = position.amount;
        ensure((1..=max).contains(&amount), || invalid(id, amount, max))?;
        position.amount -= amount;
        let mut issue = self.issues().get(context, &position.root)?;
        issue.redeemed += amount;
        if position.amount == 0 {
            position.state = PositionState::Ended;
            position.beneficiary = Party::NONE;
            issue.live -= 1;
        }
        self.issues().set(context, &position.root, &issue)?;
        self.positions().set(context, &id, &position)?;
        Ok(position.amount)
    }

    /// A position.
    ///
    /// # Errors
    /// `UnknownPosition`.
    pub fn get(&self, context: &mut Context<'_>, id: PositionId) -> Outcome<Position> {
        let position = self.positions().get(context, &id)?;
        let is_known = position.state != PositionState::None;
        ensure(is_known, || UnknownPosition { position: id.get() })?;
        Ok(position)
    }

    /// What was issued with this root; all zero if it is none.
    ///
    /// # Errors
    /// `OutOfGas`, `Fatal`.
    pub fn issued(&self, context: &mut Context<'_>, root: PositionId) -> Outcome<Issue> {
        self.issues().get(context, &root)
    }

    /// The way from the issue down to a position, both included.
    ///
    /// # Errors
    /// `UnknownPosition`.
    pub fn lineage(&self, context: &mut Context<'_>, id: PositionId) -> Outcome<Vec<PositionId>> {
        let mut way = vec![id];
        let mut position = self.get(context, id)?;
        while !position.parent.is_none() {
            way.push(position.parent);
            position = self.get(context, position.parent)?;
        }
        way.reverse();
        Ok(way)
    }

    /// How many parts were split off from a position.
    ///
    /// # Errors
    /// `OutOfGas`, `Fatal`.
    pub fn children_count(&self, context: &mut Context<'_>, id: PositionId) -> Outcome<u64> {
        self.children_lists().len(context, &id)
    }

    /// The part that was split off at this index.
    ///
    /// # Errors
    /// `OutOfGas`, `Fatal`.
    pub fn child(
        &self,
        context: &mut Context<'_>,
        id: PositionId,
        index: u64,
    ) -> Outcome<Option<PositionId>> {
        self.children_lists().get(context, &id, index)
    }

    fn bind(
        &self,
        context: &mut Context<'_>,
        by: Party,
        id: PositionId,
        to: Party,
        state: PositionState,
    ) -> Outcome<()> {
        let position = self.free(context, by, id)?;
        require_receiver(id, by, to)?;
        self.positions().set(context, &id, &Position { state, beneficiary: to, ..position })
    }

    fn set_free(
        &self,
        context: &mut Context<'_>,
        id: PositionId,
        position: Position,
    ) -> Outcome<()> {
        let (state, beneficiary) = (PositionState::Free, Party::NONE);
        self.positions().set(context, &id, &Position { state, beneficiary, ..position })
    }

    /// A position of which `by` disposes freely.
    fn free(&self, context: &mut Context<'_>, by: Party, id: PositionId) -> Outcome<Position> {
        let position = self.thawed(context, id)?;
        ensure(position.holder == by, || not_holder(id, by))?;
        ensure(position.state == PositionState::Free, || wrong_state(id, &position))?;
        Ok(position)
    }

    /// A position that is locked for `by` or pledged to it.
    fn bound(&self, context: &mut Context<'_>, by: Party, id: PositionId) -> Outcome<Position> {
        let position = self.thawed(context, id)?;
        let is_bound = matches!(position.state, PositionState::Locked | PositionState::Pledged);
        ensure(is_bound, || wrong_state(id, &position))?;
        let is_beneficiary = position.beneficiary == by;
        ensure(is_beneficiary, || NotBeneficiary { position: id.get(), party: by.get() })?;
        Ok(position)
    }

    fn thawed(&self, context: &mut Context<'_>, id: PositionId) -> Outcome<Position> {
        let position = self.get(context, id)?;
        ensure(!position.is_frozen, || PositionFrozen { position: id.get() })?;
        Ok(position)
    }

    const fn last(&self) -> Value<PositionId> {
        Value::at(self.0)
    }

    const fn positions(&self) -> Map<PositionId, Position> {
        Map::at(self.0 + 1)
    }

    const fn issues(&self) -> Map<PositionId, Issue> {
        Map::at(self.0 + 2)
    }

    const fn children_lists(&self) -> Lists<PositionId, PositionId> {
        Lists::at(self.0 + 3)
    }
}

fn require_receiver(id: PositionId, from: Party, to: Party) -> Outcome<()> {
    let is_possible = !to.is_none() && to != from;
    ensure(is_possible, || InvalidReceiver { position: id.get(), party: to.get() })
}

fn invalid(id: PositionId, amount: u64, max: u64) -> InvalidPositionAmount {
    InvalidPositionAmount { position: id.get(), amount, max }
}

fn not_holder(id: PositionId, party: Party) -> NotHolder {
    NotHolder { position: id.get(), party: party.get() }
}

fn wrong_state(id: PositionId, position: &Position) -> WrongPositionState {
    WrongPositionState { position: id.get(), state: position.state as u8 }
}
