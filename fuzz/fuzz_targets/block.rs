//! Blocks from a peer or from the archive: what is decoded is encoded to the same bytes.

#![no_main]

use libfuzzer_sys::fuzz_target;
use qiao_consensus::{
    block::{BlockCodec, decode, encode},
    senders::Senders,
};
use qiao_types::Bytes;

fuzz_target!(|bytes: &[u8]| {
    let codec = BlockCodec { block_bytes_max: 1 << 20, senders: Senders::default(), pool: None };
    if let Ok(block) = decode(Bytes::copy_from_slice(bytes).0, &codec) {
        assert_eq!(encode(&block), bytes);
        assert_eq!(block.hash(), block.block().header.hash_slow());
    }
});
