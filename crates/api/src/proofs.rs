//! Proof files: an answer with everything that somebody needs to check it offline.

use std::sync::Arc;

use alloy_eips::eip2718::Encodable2718 as _;
use alloy_primitives::{Address, B256, Bytes, U64, U256};
use qiao_types::{
    AccountClaim, AccountState, Block, Claim, ClaimedAccount, FinalizedBlock, Proof, ProofNetwork,
    ProvedEntry, SlotClaim, StateKey, TransactionClaim, ordered_path,
};

use crate::{Chain, ChainFailure};

/// Why there is no proof. [`Unproved::code`] is stable.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unproved {
    /// Nobody knows the transaction, or it is not final.
    #[error("transaction `{0}` is not in a final block")]
    UnknownTransaction(B256),
    /// Too much for one proof.
    #[error("{asked} slots were asked for; one proof holds at most {}", Proof::SLOTS_MAX)]
    TooManySlots {
        /// How many.
        asked: usize,
    },
    /// The state has gone on.
    #[error(
        "the state of block {asked} has no paths any more, only the newest has ({newest}); what \
         happened in a block is proved by its transactions"
    )]
    OldState {
        /// The block asked for.
        asked: u64,
        /// The block whose state can be proved.
        newest: u64,
    },
    /// Nobody's votes are here.
    #[error("this node holds no votes for block {0} nor for one soon after it")]
    NoCertificate(u64),
    /// The node could not answer, or its chain has nothing that proves anything.
    #[error(transparent)]
    Chain(#[from] ChainFailure),
}

impl Unproved {
    /// The stable code of this refusal.
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnknownTransaction(_) => "proof.unknown_transaction",
            Self::TooManySlots { .. } => "proof.too_many_slots",
            Self::OldState { .. } => "proof.old_state",
            Self::NoCertificate(_) => "proof.no_certificate",
            Self::Chain(ChainFailure::NoProofs) => "proof.no_validators",
            Self::Chain(_) => "node.failure",
        }
    }
}

/// What an account and slots of its storage hold in the newest state. `block` is the height that the
/// asker means, if it means one.
pub async fn account(
    chain: &dyn Chain,
    address: Address,
    slots: &[U256],
    block: Option<u64>,
) -> Result<Proof, Unproved> {
    if slots.len() > Proof::SLOTS_MAX {
        return Err(Unproved::TooManySlots { asked: slots.len() });
    }
    let mut keys = vec![StateKey::account(address)];
    keys.extend(slots.iter().map(|slot| StateKey::storage(address, *slot)));
    let proved = chain.prove(&keys).await?;
    if let Some(asked) = block.filter(|asked| *asked != proved.number) {
        return Err(Unproved::OldState { asked, newest: proved.number });
    }
    let mut entries = proved.entries.into_iter();
    let first = entries.next().expect("an entry for each key");
    let storage = slots.iter().zip(entries).map(|(slot, entry)| slot_claim(*slot, entry));
    let claim = Claim::Account(AccountClaim {
        address,
        account: first.value.as_ref().map(claimed_account).transpose()?,
        path: first.path,
        storage: storage.collect::<Result<_, _>>()?,
    });
    proof(chain, proved.number, claim).await
}

/// A transaction with its receipt.
pub async fn transaction(chain: &dyn Chain, hash: B256) -> Result<Proof, Unproved> {
    let found = chain.transaction(hash).await?;
    let (block, index) = found.ok_or(Unproved::UnknownTransaction(hash))?;
    let transactions: Vec<Bytes> =
        block.block.transactions.iter().map(|tx| tx.encoded().clone()).collect();
    let receipts: Vec<Bytes> =
        block.receipts.iter().map(|receipt| receipt.envelope.encoded_2718().into()).collect();
    let claim = Claim::Transaction(TransactionClaim {
        index: index as u64,
        transaction_path: ordered_path(&transactions, index),
        transaction: transactions[index].clone(),
        receipt_path: ordered_path(&receipts, index),
        receipt: receipts[index].clone(),
    });
    proof(chain, block.block.number(), claim).await
}

fn claimed_account(value: &Bytes) -> Result<ClaimedAccount, ChainFailure> {
    let account = AccountState::decode(value).map_err(damaged)?;
    let AccountState { nonce, balance, code_hash } = account;
    Ok(ClaimedAccount { nonce: U64::from(nonce), balance, code_hash })
}

fn slot_claim(slot: U256, entry: ProvedEntry) -> Result<SlotClaim, ChainFailure> {
    let value = entry.value.unwrap_or_default();
    let value = U256::try_from_be_slice(&value).ok_or_else(|| damaged("a slot is too long"))?;
    Ok(SlotClaim { slot, value, path: entry.path })
}

fn damaged(reason: impl std::fmt::Display) -> ChainFailure {
    ChainFailure::Store(reason.to_string())
}

/// The claim with the headers and votes that make its block final.
async fn proof(chain: &dyn Chain, number: u64, claim: Claim) -> Result<Proof, Unproved> {
    let (headers, certificate) = finality(chain, number).await?;
    let genesis = chain.genesis();
    Ok(Proof {
        version: Proof::VERSION,
        network: ProofNetwork {
            name: genesis.name.clone(),
            chain_id: genesis.chain_id,
            genesis: genesis.fingerprint(),
        },
        claim,
        headers,
        certificate,
    })
}

/// The headers from a block to the next one that has votes of its own, which most have.
async fn finality(chain: &dyn Chain, number: u64) -> Result<(Vec<Bytes>, Bytes), Unproved> {
    let mut headers = Vec::new();
    for number in (number..).take(Proof::HEADERS_MAX) {
        let Some(block) = chain.block_by_number(number).await? else { break };
        headers.push(header(&block));
        if let Some(certificate) = chain.certificate(number).await {
            return Ok((headers, certificate));
        }
    }
    Err(Unproved::NoCertificate(number))
}

fn header(block: &Arc<FinalizedBlock>) -> Bytes {
    Block::encode_header(&block.block.header).into()
}
