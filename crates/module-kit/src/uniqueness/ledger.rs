//! The ledger: assets and claims in a module's storage and what may happen to them.

use alloy_primitives::B256;

use super::{
    abi::IUniqueness::*,
    types::{Asset, Claim, ClaimId, ClaimState},
};
use crate::{
    context::Context,
    halt::{Outcome, ensure},
    position::Party,
    storage::{Field, Map, Part, Value},
};

const fn part(name: &'static str, kind: &'static str) -> Part {
    Part { name, kind, packed_bytes: 0, slots: 1 }
}

/// The slots of the ledger as a Solidity struct would have them.
const PARTS: &[Part] = &[
    part("last", "uint64"),
    part("assets", "mapping(bytes32 => Asset)"),
    part("claims", "mapping(uint64 => Claim)"),
];

/// The assets of a module and the claims on them; a field of its storage.
#[derive(Debug)]
pub struct Ledger(u64);

impl Ledger {
    /// How many slots the field takes.
    pub const SLOTS: u64 = 3;

    /// At this slot.
    pub const fn at(slot: u64) -> Self {
        Self(slot)
    }

    /// The field as the layout lists it.
    pub fn describe(&self, name: &'static str) -> Field {
        Field { name, slot: self.0, kind: "UniquenessLedger".to_owned(), parts: PARTS }
    }

    /// Registers an asset with its value. Registering it again with the same value and unit changes
    /// nothing; the result says whether it is new.
    ///
    /// # Errors
    /// `InvalidAssetValue`: the value is zero. `AssetDiffers`: it has another value or unit.
    pub fn register(
        &self,
        context: &mut Context<'_>,
        key: B256,
        value: u64,
        unit: u32,
    ) -> Outcome<bool> {
        ensure(value > 0, || InvalidAssetValue { asset: key, value, min: 1 })?;
        let asset = self.assets().get(context, &key)?;
        if asset.value > 0 {
            let is_same = asset.value == value && asset.unit == unit;
            ensure(is_same, || AssetDiffers { asset: key })?;
            return Ok(false);
        }
        self.assets().set(context, &key, &Asset { value, used: 0, reserved: 0, unit })?;
        Ok(true)
    }

    /// Changes the value of an asset, as an amended document says; never below what is used and
    /// reserved of it.
    ///
    /// # Errors
    /// `UnknownAsset`, `InvalidAssetValue`.
    pub fn revise(&self, context: &mut Context<'_>, key: B256, value: u64) -> Outcome<()> {
        let asset = self.known(context, key)?;
        let min = (asset.used + asset.reserved).max(1);
        ensure(value >= min, || InvalidAssetValue { asset: key, value, min })?;
        self.assets().set(context, &key, &Asset { value, ..asset })
    }

    /// Keeps an amount of an asset for a party until a time (0 for no end).
    ///
    /// # Errors
    /// `UnknownAsset`, `ExceedsBalance`.
    pub fn reserve(
        &self,
        context: &mut Context<'_>,
        key: B256,
        party: Party,
        amount: u64,
        until: u64,
    ) -> Outcome<ClaimId> {
        let mut asset = self.known(context, key)?;
        let left = asset.left();
        ensure((1..=left).contains(&amount), || ExceedsBalance {
            asset: key,
            asked: amount,
            left,
        })?;
        asset.reserved += amount;
        let id = ClaimId::new(self.last().get(context)?.get() + 1);
        let claim = Claim { asset: key, amount, party, until, state: ClaimState::Reserved };
        self.last().set(context, &id)?;
        self.assets().set(context, &key, &asset)?;
        self.claims().set(context, &id, &claim)?;
        Ok(id)
    }

    /// Uses what was reserved.
    ///
    /// # Errors
    /// `NotYourClaim`, `ReservationExpired`.
    pub fn consume(&self, context: &mut Context<'_>, party: Party, id: ClaimId) -> Outcome<()> {
        let claim = self.own(context, party, id)?;
        let is_reserved = claim.state == ClaimState::Reserved;
        ensure(is_reserved, || NotYourClaim { claim: id.get() })?;
        let until = claim.until;
        let is_over = until > 0 && context.block_time() > until;
        ensure(!is_over, || ReservationExpired { claim: id.get(), until })?;
        let mut asset = self.assets().get(context, &claim.asset)?;
        asset.reserved -= claim.amount;
        asset.used += claim.amount;
        self.assets().set(context, &claim.asset, &asset)?;
        self.claims().set(context, &id, &Claim { state: ClaimState::Used, ..claim })
    }

    /// Makes an amount of a claim available again, as when a loan is repaid or given up.
    ///
    /// # Errors
    /// `NotYourClaim`; `ExceedsBalance` if the claim has less.
    pub fn release(
        &self,
        context: &mut Context<'_>,
        party: Party,
        id: ClaimId,
        amount: u64,
    ) -> Outcome<()> {
        let claim = self.own(context, party, id)?;
        ensure((1..=claim.amount).contains(&amount), || ExceedsBalance {
            asset: claim.asset,
            asked: amount,
            left: claim.amount,
        })?;
        self.give_back(context, id, claim, amount)
    }

    /// Makes a reservation that ran out available again; anybody may.
    ///
    /// # Errors
    /// `NotYourClaim` if it is no reservation; `ReservationRuns`.
    pub fn expire(&self, context: &mut Context<'_>, id: ClaimId) -> Outcome<()> {
        let claim = self.claims().get(context, &id)?;
        let is_reserved = claim.state == ClaimState::Reserved;
        ensure(is_reserved, || NotYourClaim { claim: id.get() })?;
        let until = claim.until;
        let is_over = until > 0 && context.block_time() > until;
        ensure(is_over, || ReservationRuns { claim: id.get(), until })?;
        let amount = claim.amount;
        self.give_back(context, id, claim, amount)
    }

    /// What is known of an asset; all zero if it was never registered.
    ///
    /// # Errors
    /// `OutOfGas`, `Fatal`.
    pub fn asset(&self, context: &mut Context<'_>, key: B256) -> Outcome<Asset> {
        self.assets().get(context, &key)
    }

    /// A claim; all zero if there is none.
    ///
    /// # Errors
    /// `OutOfGas`, `Fatal`.
    pub fn claim(&self, context: &mut Context<'_>, id: ClaimId) -> Outcome<Claim> {
        self.claims().get(context, &id)
    }

    fn give_back(
        &self,
        context: &mut Context<'_>,
        id: ClaimId,
        mut claim: Claim,
        amount: u64,
    ) -> Outcome<()> {
        let mut asset = self.assets().get(context, &claim.asset)?;
        if claim.state == ClaimState::Used {
            asset.used -= amount;
        } else {
            asset.reserved -= amount;
        }
        claim.amount -= amount;
        if claim.amount == 0 {
            claim.state = ClaimState::Released;
        }
        self.assets().set(context, &claim.asset, &asset)?;
        self.claims().set(context, &id, &claim)
    }

    fn known(&self, context: &mut Context<'_>, key: B256) -> Outcome<Asset> {
        let asset = self.assets().get(context, &key)?;
        ensure(asset.value > 0, || UnknownAsset { asset: key })?;
        Ok(asset)
    }

    /// A live claim of the party; that of another party is not told from none.
    fn own(&self, context: &mut Context<'_>, party: Party, id: ClaimId) -> Outcome<Claim> {
        let claim = self.claims().get(context, &id)?;
        let is_live = matches!(claim.state, ClaimState::Reserved | ClaimState::Used);
        ensure(is_live && claim.party == party, || NotYourClaim { claim: id.get() })?;
        Ok(claim)
    }

    const fn last(&self) -> Value<ClaimId> {
        Value::at(self.0)
    }

    const fn assets(&self) -> Map<B256, Asset> {
        Map::at(self.0 + 1)
    }

    const fn claims(&self) -> Map<ClaimId, Claim> {
        Map::at(self.0 + 2)
    }
}
