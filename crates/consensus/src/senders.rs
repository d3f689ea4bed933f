//! Senders of transactions that this node has seen, so that each signature is recovered once.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex},
};

use qiao_types::{Address, B256, Bytes, SignedTransaction, TransactionDecodeError};
use rayon::prelude::*;

/// A bounded memory from transaction hash to sender; shared by gossip, pool and block decoding.
#[derive(Clone, Default)]
pub struct Senders {
    known: Arc<Mutex<Known>>,
}

#[derive(Default)]
struct Known {
    by_hash: HashMap<B256, Address>,
    order: VecDeque<B256>,
}

/// To recover fewer senders than this costs less than to wake other threads for it.
const WORTH_WAKING: usize = 64;
/// About 10 MB of memory; twice the transactions of the largest block.
const SENDERS_MAX: usize = 131_072;

impl Senders {
    /// Decodes a transaction whose bytes have this hash, recovering the sender unless it is
    /// remembered.
    pub fn decode(
        &self,
        encoded: Bytes,
        hash: B256,
    ) -> Result<SignedTransaction, TransactionDecodeError> {
        let remembered = self.lock().by_hash.get(&hash).copied();
        if let Some(sender) = remembered {
            return SignedTransaction::decode_known(encoded, hash, sender);
        }
        let transaction = SignedTransaction::decode_hashed(encoded, hash)?;
        self.remember(hash, transaction.sender());
        Ok(transaction)
    }

    /// Decodes many, each like [`Senders::decode`], on all cores.
    pub fn decode_all(
        &self,
        encoded: Vec<(Bytes, B256)>,
    ) -> Vec<Result<SignedTransaction, TransactionDecodeError>> {
        let decode = |(bytes, hash)| self.decode(bytes, hash);
        if encoded.len() < WORTH_WAKING {
            return encoded.into_iter().map(decode).collect();
        }
        encoded.into_par_iter().map(decode).collect()
    }

    /// Remembers a sender that was recovered elsewhere.
    pub fn remember(&self, hash: B256, sender: Address) {
        let mut known = self.lock();
        if known.by_hash.insert(hash, sender).is_none() {
            known.order.push_back(hash);
        }
        while known.order.len() > SENDERS_MAX {
            let Some(oldest) = known.order.pop_front() else { break };
            known.by_hash.remove(&oldest);
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Known> {
        self.known.lock().expect("no holder of the lock panics")
    }
}
