//! Row numbers that sort by place in the chain.

use crate::IndexError;

/// Bits of a row number that count within a block: 16 million transactions or logs.
const WITHIN_BITS: u32 = 24;

/// The row number of the `nth` thing of a block: `block << 24 | nth`.
pub(crate) fn place(block: u64, nth: usize) -> Result<i64, IndexError> {
    if nth >= 1 << WITHIN_BITS || block >= 1 << (63 - WITHIN_BITS) {
        let reason = format!("entry `{nth}` does not fit a row number");
        return Err(IndexError::Impossible { number: block, reason });
    }
    Ok(((block << WITHIN_BITS) | nth as u64) as i64)
}

/// The block and the place within it.
pub(crate) fn split(place: i64) -> (u64, u32) {
    let place = place as u64;
    (place >> WITHIN_BITS, (place & ((1 << WITHIN_BITS) - 1)) as u32)
}

/// The smallest row number of a block; saturates beyond the last possible block.
pub(crate) fn first_place(block: u64) -> i64 {
    let block = block.min((1 << (63 - WITHIN_BITS)) - 1);
    (block << WITHIN_BITS) as i64
}

/// The largest row number of a block; saturates beyond the last possible block.
pub(crate) fn last_place(block: u64) -> i64 {
    first_place(block) | ((1 << WITHIN_BITS) - 1)
}

/// The first eight bytes of a hash as an SQL integer.
pub(crate) fn hash_start(hash: &[u8; 32]) -> i64 {
    let mut start = [0; 8];
    start.copy_from_slice(&hash[..8]);
    i64::from_be_bytes(start)
}
