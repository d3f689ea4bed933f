//! Strings and byte strings: up to 31 bytes in the slot itself, longer ones from its hash.

use alloy_primitives::{Bytes, U256, keccak256};

use super::{Cursor, Stored};
use crate::{
    context::Context,
    halt::{Halt, Outcome},
};

impl Stored for String {
    const PACKED_BYTES: usize = 0;
    const SLOTS: u64 = 1;
    const TYPE: &'static str = "string";

    fn read(context: &mut Context<'_>, cursor: &mut Cursor) -> Outcome<Self> {
        String::from_utf8(load_bytes(context, cursor.take(1))?)
            .map_err(|_| Halt::bug("storage holds a string that is no UTF-8"))
    }

    fn write(&self, context: &mut Context<'_>, cursor: &mut Cursor) -> Outcome<()> {
        cursor.flush(context)?;
        save_bytes(context, cursor.take(1), self.as_bytes())
    }
}

impl Stored for Bytes {
    const PACKED_BYTES: usize = 0;
    const SLOTS: u64 = 1;
    const TYPE: &'static str = "bytes";

    fn read(context: &mut Context<'_>, cursor: &mut Cursor) -> Outcome<Self> {
        Ok(load_bytes(context, cursor.take(1))?.into())
    }

    fn write(&self, context: &mut Context<'_>, cursor: &mut Cursor) -> Outcome<()> {
        cursor.flush(context)?;
        save_bytes(context, cursor.take(1), self)
    }
}

fn load_bytes(context: &mut Context<'_>, slot: U256) -> Outcome<Vec<u8>> {
    let head = context.load(slot)?;
    let Some(length) = long_length(head)? else {
        let inline = head.to_be_bytes::<32>();
        let length = usize::from(inline[31] / 2);
        return inline
            .get(..length)
            .map(<[u8]>::to_vec)
            .ok_or_else(|| Halt::bug("storage holds a short string of more than 32 bytes"));
    };
    let mut bytes = Vec::new();
    let mut at = tail(slot);
    for _ in 0..length.div_ceil(32) {
        bytes.extend_from_slice(&context.load(at)?.to_be_bytes::<32>());
        at = at.wrapping_add(U256::ONE);
    }
    bytes.truncate(length);
    Ok(bytes)
}

fn save_bytes(context: &mut Context<'_>, slot: U256, bytes: &[u8]) -> Outcome<()> {
    let words_before = long_length(context.load(slot)?)?.unwrap_or(0).div_ceil(32);
    let words = if bytes.len() < 32 { 0 } else { bytes.len().div_ceil(32) };
    if words == 0 {
        let mut inline = [0; 32];
        inline[..bytes.len()].copy_from_slice(bytes);
        inline[31] = u8::try_from(bytes.len() * 2).expect("31 bytes at most, doubled");
        context.store(slot, U256::from_be_bytes(inline))?;
    } else {
        context.store(slot, U256::from(bytes.len()) * U256::from(2) + U256::ONE)?;
    }
    let mut at = tail(slot);
    for index in 0..words.max(words_before) {
        let mut word = [0; 32];
        if index < words {
            let chunk = &bytes[32 * index..bytes.len().min(32 * (index + 1))];
            word[..chunk.len()].copy_from_slice(chunk);
        }
        context.store(at, U256::from_be_bytes(word))?;
        at = at.wrapping_add(U256::ONE);
    }
    Ok(())
}

/// The length of a string that does not fit into its slot; `None` for one that does.
fn long_length(head: U256) -> Outcome<Option<usize>> {
    if !head.bit(0) {
        return Ok(None);
    }
    let length = head >> 1usize;
    usize::try_from(length)
        .map(Some)
        .map_err(|_| Halt::bug(format!("storage holds a string of {length} bytes")))
}

fn tail(slot: U256) -> U256 {
    keccak256(slot.to_be_bytes::<32>()).into()
}
