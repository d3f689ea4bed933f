//! Ethereum's ordered tries of a block: the paths from a transaction and its receipt to the header.

use alloy_primitives::{B256, Bytes};
use alloy_rlp::Encodable as _;
use alloy_trie::{
    HashBuilder, Nibbles,
    proof::{ProofRetainer, verify_proof},
    root::adjust_index_for_rlp,
};

/// The nodes of the ordered trie over `items` from its root down to the one at `index`.
pub fn ordered_path(items: &[Bytes], index: usize) -> Vec<Bytes> {
    let retainer = ProofRetainer::new(vec![key(index)]);
    let mut builder = HashBuilder::default().with_proof_retainer(retainer);
    for nth in 0..items.len() {
        // The builder takes leaves in the order of their keys, which are RLP of their positions.
        let position = adjust_index_for_rlp(nth, items.len());
        builder.add_leaf(key(position), &items[position]);
    }
    let _ = builder.root();
    let nodes = builder.take_proof_nodes().into_nodes_sorted();
    nodes.into_iter().map(|(_, node)| node).collect()
}

/// Whether the ordered trie with this root holds `item` at `index`.
pub fn is_in_ordered_trie(root: B256, index: u64, item: &Bytes, path: &[Bytes]) -> bool {
    let Ok(index) = usize::try_from(index) else { return false };
    verify_proof(root, key(index), Some(item.to_vec()), path).is_ok()
}

fn key(index: usize) -> Nibbles {
    let mut encoded = Vec::with_capacity(9);
    index.encode(&mut encoded);
    Nibbles::unpack(encoded)
}
