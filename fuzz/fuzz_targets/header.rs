//! Block headers: what is decoded is encoded to the same bytes.

#![no_main]

use libfuzzer_sys::fuzz_target;
use qiao_types::Block;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(header) = Block::decode_header(bytes) {
        assert_eq!(Block::encode_header(&header), bytes);
    }
});
