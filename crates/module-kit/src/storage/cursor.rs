//! A place in storage that moves over packed values.

use alloy_primitives::U256;

use crate::{context::Context, halt::Outcome};

/// Moves over the fields of a record, slot by slot. Every slot is read once and written once.
#[derive(Debug)]
pub struct Cursor {
    slot: U256,
    bytes_used: usize,
    /// What was read of, or is to be written to, the slot.
    bits: U256,
    is_loaded: bool,
    is_dirty: bool,
}

impl Cursor {
    /// At the beginning of a slot.
    pub fn at(slot: U256) -> Self {
        Self { slot, bytes_used: 0, bits: U256::ZERO, is_loaded: false, is_dirty: false }
    }

    /// Reads the next `bytes` bytes, in the next slot if this one has too few left.
    #[inline]
    pub(super) fn read_bits(&mut self, context: &mut Context<'_>, bytes: usize) -> Outcome<U256> {
        if self.bytes_used + bytes > 32 {
            self.advance(1);
        }
        if !self.is_loaded {
            self.bits = context.load(self.slot)?;
            self.is_loaded = true;
        }
        let shifted = self.bits >> (8 * self.bytes_used);
        self.bytes_used += bytes;
        Ok(if bytes == 32 { shifted } else { shifted & mask(bytes) })
    }

    /// Writes the next `bytes` bytes, in the next slot if this one has too few left.
    #[inline]
    pub(super) fn write_bits(
        &mut self,
        context: &mut Context<'_>,
        bytes: usize,
        bits: U256,
    ) -> Outcome<()> {
        if self.bytes_used + bytes > 32 {
            self.flush(context)?;
            self.advance(1);
        }
        self.bits |= bits << (8 * self.bytes_used);
        self.bytes_used += bytes;
        self.is_dirty = true;
        Ok(())
    }

    /// Writes the slot under the cursor, if anything was put into it.
    ///
    /// # Errors
    /// `StaticCall`, `OutOfGas`, `Fatal`.
    pub fn flush(&mut self, context: &mut Context<'_>) -> Outcome<()> {
        if self.is_dirty {
            self.is_dirty = false;
            context.store(self.slot, self.bits)?;
        }
        Ok(())
    }

    /// Begins a slot of its own, as strings and records do. What was put into the slot before must
    /// have been flushed.
    pub fn align(&mut self) {
        debug_assert!(!self.is_dirty, "a slot is flushed before the cursor leaves it");
        if self.bytes_used > 0 {
            self.advance(1);
        }
    }

    /// The slot of a value that takes `slots` slots of its own; the cursor then stands behind it.
    pub(super) fn take(&mut self, slots: u64) -> U256 {
        self.align();
        let slot = self.slot;
        self.advance(slots);
        slot
    }

    fn advance(&mut self, slots: u64) {
        *self = Self::at(self.slot.wrapping_add(U256::from(slots)));
    }
}

/// As many one-bits as `bytes` bytes have.
pub(super) fn mask(bytes: usize) -> U256 {
    (U256::ONE << (8 * bytes)).wrapping_sub(U256::ONE)
}
