//! The handles of which a module's storage consists.

use std::marker::PhantomData;

use alloy_primitives::{U256, keccak256};

use super::{Field, Stored, Word, cursor::mask};
use crate::{
    context::Context,
    halt::{Halt, Outcome},
};

/// One value.
#[derive(Debug)]
pub struct Value<T>(u64, PhantomData<T>);

impl<T: Stored> Value<T> {
    /// How many slots the field takes.
    pub const SLOTS: u64 = T::SLOTS;

    /// At this slot.
    pub const fn at(slot: u64) -> Self {
        Self(slot, PhantomData)
    }

    /// Reads it; what was never written is zero, empty, the first variant.
    ///
    /// # Errors
    /// `OutOfGas`, `Fatal`.
    pub fn get(&self, context: &mut Context<'_>) -> Outcome<T> {
        T::load(context, U256::from(self.0))
    }

    /// Writes it.
    ///
    /// # Errors
    /// `StaticCall`, `OutOfGas`, `Fatal`.
    pub fn set(&self, context: &mut Context<'_>, value: &T) -> Outcome<()> {
        value.save(context, U256::from(self.0))
    }

    /// The field as the layout lists it.
    pub fn describe(&self, name: &'static str) -> Field {
        Field { name, slot: self.0, kind: T::TYPE.to_owned(), parts: T::PARTS }
    }
}

/// A mapping; a tuple as key is a mapping of mappings.
#[derive(Debug)]
pub struct Map<K, V>(u64, PhantomData<(K, V)>);

impl<K: Key, V: Stored> Map<K, V> {
    /// How many slots the field takes.
    pub const SLOTS: u64 = 1;

    /// At this slot.
    pub const fn at(slot: u64) -> Self {
        Self(slot, PhantomData)
    }

    /// Reads the value of `key`; what was never written is zero, empty, the first variant.
    ///
    /// # Errors
    /// `OutOfGas`, `Fatal`.
    pub fn get(&self, context: &mut Context<'_>, key: &K) -> Outcome<V> {
        V::load(context, key.slot(U256::from(self.0)))
    }

    /// Writes the value of `key`.
    ///
    /// # Errors
    /// `StaticCall`, `OutOfGas`, `Fatal`.
    pub fn set(&self, context: &mut Context<'_>, key: &K, value: &V) -> Outcome<()> {
        value.save(context, key.slot(U256::from(self.0)))
    }

    /// Reads the value of `key`, lets `change` work on it and writes it back; the key is hashed
    /// once.
    ///
    /// # Errors
    /// Those of `change`; `StaticCall`, `OutOfGas`, `Fatal`.
    pub fn update<R>(
        &self,
        context: &mut Context<'_>,
        key: &K,
        change: impl FnOnce(&mut V) -> Outcome<R>,
    ) -> Outcome<R> {
        let slot = key.slot(U256::from(self.0));
        let mut value = V::load(context, slot)?;
        let result = change(&mut value)?;
        value.save(context, slot)?;
        Ok(result)
    }

    /// The slot of the value of `key`, for who writes it outside of any call.
    pub fn slot(&self, key: &K) -> U256 {
        key.slot(U256::from(self.0))
    }

    /// The field as the layout lists it.
    pub fn describe(&self, name: &'static str) -> Field {
        Field { name, slot: self.0, kind: K::mapping(V::TYPE), parts: V::PARTS }
    }
}

/// A growing list of words.
#[derive(Debug)]
pub struct List<T>(u64, PhantomData<T>);

impl<T: Word> List<T> {
    /// How many slots the field takes.
    pub const SLOTS: u64 = 1;

    /// At this slot.
    pub const fn at(slot: u64) -> Self {
        Self(slot, PhantomData)
    }

    /// How many items there are.
    ///
    /// # Errors
    /// `OutOfGas`, `Fatal`.
    pub fn len(&self, context: &mut Context<'_>) -> Outcome<u64> {
        length(context, U256::from(self.0))
    }

    /// The item at `index`, if there is one.
    ///
    /// # Errors
    /// `OutOfGas`, `Fatal`.
    pub fn get(&self, context: &mut Context<'_>, index: u64) -> Outcome<Option<T>> {
        item(context, U256::from(self.0), index)
    }

    /// Adds an item at the end and returns its index.
    ///
    /// # Errors
    /// `StaticCall`, `OutOfGas`, `Fatal`.
    pub fn push(&self, context: &mut Context<'_>, value: T) -> Outcome<u64> {
        push(context, U256::from(self.0), value)
    }

    /// The field as the layout lists it.
    pub fn describe(&self, name: &'static str) -> Field {
        Field { name, slot: self.0, kind: format!("{}[]", T::NAME), parts: &[] }
    }
}

/// A growing list of words for each key.
#[derive(Debug)]
pub struct Lists<K, T>(u64, PhantomData<(K, T)>);

impl<K: Key, T: Word> Lists<K, T> {
    /// How many slots the field takes.
    pub const SLOTS: u64 = 1;

    /// At this slot.
    pub const fn at(slot: u64) -> Self {
        Self(slot, PhantomData)
    }

    /// How many items `key` has.
    ///
    /// # Errors
    /// `OutOfGas`, `Fatal`.
    pub fn len(&self, context: &mut Context<'_>, key: &K) -> Outcome<u64> {
        length(context, key.slot(U256::from(self.0)))
    }

    /// The item of `key` at `index`, if there is one.
    ///
    /// # Errors
    /// `OutOfGas`, `Fatal`.
    pub fn get(&self, context: &mut Context<'_>, key: &K, index: u64) -> Outcome<Option<T>> {
        item(context, key.slot(U256::from(self.0)), index)
    }

    /// Adds an item at the end of the list of `key` and returns its index.
    ///
    /// # Errors
    /// `StaticCall`, `OutOfGas`, `Fatal`.
    pub fn push(&self, context: &mut Context<'_>, key: &K, value: T) -> Outcome<u64> {
        push(context, key.slot(U256::from(self.0)), value)
    }

    /// The field as the layout lists it.
    pub fn describe(&self, name: &'static str) -> Field {
        let kind = K::mapping(&format!("{}[]", T::NAME));
        Field { name, slot: self.0, kind, parts: &[] }
    }
}

fn length(context: &mut Context<'_>, head: U256) -> Outcome<u64> {
    let length = context.load(head)?;
    u64::try_from(length).map_err(|_| Halt::bug(format!("storage holds a list of {length} items")))
}

fn item<T: Word>(context: &mut Context<'_>, head: U256, index: u64) -> Outcome<Option<T>> {
    if index >= length(context, head)? {
        return Ok(None);
    }
    let (slot, shift) = place::<T>(head, index);
    let bits = (context.load(slot)? >> shift) & element_mask::<T>();
    T::unpack(bits)
        .map(Some)
        .ok_or_else(|| Halt::bug(format!("storage holds {bits} for a `{}`", T::NAME)))
}

fn push<T: Word>(context: &mut Context<'_>, head: U256, value: T) -> Outcome<u64> {
    let index = length(context, head)?;
    let (slot, shift) = place::<T>(head, index);
    let others = context.load(slot)? & !(element_mask::<T>() << shift);
    context.store(slot, others | (value.pack() << shift))?;
    context.store(head, U256::from(index) + U256::ONE)?;
    Ok(index)
}

/// Slot and shift of an item: Solidity packs as many as fit into a slot.
fn place<T: Word>(head: U256, index: u64) -> (U256, usize) {
    let per_slot = 32 / T::BYTES as u64;
    let first = U256::from_be_bytes(keccak256(head.to_be_bytes::<32>()).0);
    let offset = usize::try_from(index % per_slot).expect("at most 32 items share a slot");
    (first.wrapping_add(U256::from(index / per_slot)), 8 * T::BYTES * offset)
}

fn element_mask<T: Word>() -> U256 {
    if T::BYTES == 32 { U256::MAX } else { mask(T::BYTES) }
}

/// What a mapping can be asked for.
pub trait Key {
    /// The slot of this key's value in the mapping at `base`.
    fn slot(&self, base: U256) -> U256;

    /// The Solidity type of a mapping from this key.
    fn mapping(value: &str) -> String;
}

impl<T: Word> Key for T {
    #[inline]
    fn slot(&self, base: U256) -> U256 {
        let mut preimage = [0; 64];
        preimage[..32].copy_from_slice(&self.pack().to_be_bytes::<32>());
        preimage[32..].copy_from_slice(&base.to_be_bytes::<32>());
        keccak256(preimage).into()
    }

    fn mapping(value: &str) -> String {
        format!("mapping({} => {value})", T::NAME)
    }
}

impl Key for String {
    fn slot(&self, base: U256) -> U256 {
        keccak256([self.as_bytes(), &base.to_be_bytes::<32>()].concat()).into()
    }

    fn mapping(value: &str) -> String {
        format!("mapping(string => {value})")
    }
}

impl<A: Key, B: Key> Key for (A, B) {
    #[inline]
    fn slot(&self, base: U256) -> U256 {
        self.1.slot(self.0.slot(base))
    }

    fn mapping(value: &str) -> String {
        A::mapping(&B::mapping(value))
    }
}
