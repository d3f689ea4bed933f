//! The block as consensus sees it: Ethereum's block whose `extraData` carries the consensus context.

use std::sync::Arc;

use alloy_primitives::keccak256;
use bytes::{BufMut, Bytes};
use commonware_codec::{
    Buf, BufsMut, Decode as _, Encode as _, EncodeSize, Error as CodecError, MaxEncodeSize as _,
    RangeCfg, Read, ReadExt as _, Write, varint::UInt,
};
use commonware_consensus::{
    Block as BlockTrait, BoundedBlock, CertifiableBlock, Heightable,
    simplex::types::Context,
    types::{Epoch, Height, Round, View},
};
use commonware_cryptography::{Digest as _, Digestible, Signer as _, ed25519, keccak256::Digest};
use qiao_mempool::Pool;
use qiao_types::{B256, Block, Genesis, Header, SignedTransaction, StateCommitment};

use crate::{scheme::PublicKey, senders::Senders};

/// Which view a block was proposed in, by whom, on which parent.
pub type ConsensusContext = Context<Digest, PublicKey>;

const HEADER_BYTES_MAX: usize = 2_048;
/// The most transactions that one block may hold.
pub const TRANSACTIONS_MAX: usize = 65_536;
const LENGTH_BYTES_MAX: usize = 5;

/// What the header's `extraData` holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seal {
    /// The consensus context.
    pub context: ConsensusContext,
    /// Milliseconds since the Unix epoch; `timestamp` of the header is this in whole seconds.
    pub timestamp_ms: u64,
    /// The state's log of operations, which a peer fetches to sync (the root itself is the
    /// header's `stateRoot`).
    pub operations_root: B256,
    /// First operation needed.
    pub operations_start: u64,
    /// One past the last operation.
    pub operations_end: u64,
}

/// A block on the network and in the archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsensusBlock {
    block: Arc<Block>,
    encoded_header: Bytes,
    seal: Seal,
    digest: Digest,
}

/// Limits of a block and the senders that are known already.
#[derive(Clone)]
pub struct BlockCodec {
    /// Encoded transactions that a block may hold, in bytes.
    pub block_bytes_max: usize,
    /// Senders recovered earlier, by transaction hash.
    pub senders: Senders,
    /// The pool, where most transactions of a new block wait already decoded.
    pub pool: Option<Arc<Pool>>,
}

impl Seal {
    /// The bytes of `extraData`.
    pub fn encode_extra(&self) -> alloy_primitives::Bytes {
        let mut out = Vec::with_capacity(192);
        self.context.write(&mut out);
        UInt(self.timestamp_ms).write(&mut out);
        out.extend_from_slice(self.operations_root.as_slice());
        UInt(self.operations_start).write(&mut out);
        UInt(self.operations_end).write(&mut out);
        out.into()
    }

    fn decode_extra(extra: &[u8]) -> Result<Self, CodecError> {
        let mut buf = Bytes::copy_from_slice(extra);
        let seal = Self {
            context: ConsensusContext::read(&mut buf)?,
            timestamp_ms: UInt::read(&mut buf)?.into(),
            operations_root: B256::from(<[u8; 32]>::read(&mut buf)?),
            operations_start: UInt::read(&mut buf)?.into(),
            operations_end: UInt::read(&mut buf)?.into(),
        };
        if !buf.is_empty() {
            return Err(CodecError::ExtraData(buf.len()));
        }
        if seal.operations_start >= seal.operations_end {
            return Err(CodecError::Invalid("Seal", "range of operations is empty"));
        }
        Ok(seal)
    }
}

impl ConsensusBlock {
    /// Wraps a block whose header carries its seal.
    pub fn new(block: Block) -> Result<Self, CodecError> {
        let encoded_header = Bytes::from(Block::encode_header(&block.header));
        Self::assemble(encoded_header, block)
    }

    /// Block 0: it follows from the genesis file alone.
    pub fn genesis(genesis: &Genesis) -> Self {
        let nobody = ed25519::PrivateKey::from_seed(0).public_key();
        let seal = Seal {
            context: Context {
                round: Round::new(Epoch::zero(), View::zero()),
                leader: nobody,
                parent: (View::zero(), Digest::EMPTY),
            },
            timestamp_ms: genesis.timestamp_ms,
            operations_root: genesis.state.operations_root,
            operations_start: genesis.state.operations_start,
            operations_end: genesis.state.operations_end,
        };
        let (receipts_root, logs_bloom) = Block::receipts_root(&[]);
        let header = Header {
            state_root: genesis.state.root,
            transactions_root: Block::transactions_root(&[]),
            receipts_root,
            logs_bloom,
            gas_limit: genesis.parameters.block_gas_limit,
            timestamp: genesis.timestamp_ms / 1_000,
            // The fingerprint makes two networks differ from their first block on.
            mix_hash: genesis.fingerprint(),
            base_fee_per_gas: Some(0),
            extra_data: seal.encode_extra(),
            ..Header::default()
        };
        Self::new(Block { header, transactions: Vec::new() })
            .expect("the seal was encoded just above and the genesis state is never empty")
    }

    fn assemble(encoded_header: Bytes, block: Block) -> Result<Self, CodecError> {
        let seal = Seal::decode_extra(&block.header.extra_data)?;
        let digest = Digest::from(keccak256(&encoded_header).0);
        Ok(Self { block: Arc::new(block), encoded_header, seal, digest })
    }

    /// The Ethereum block.
    pub fn block(&self) -> &Arc<Block> {
        &self.block
    }

    /// What consensus put into the header.
    pub fn seal(&self) -> &Seal {
        &self.seal
    }

    /// The block's hash.
    pub fn hash(&self) -> B256 {
        to_b256(&self.digest)
    }

    /// What the header says of the state.
    pub fn commitment(&self) -> StateCommitment {
        StateCommitment {
            root: self.block.header.state_root,
            operations_root: self.seal.operations_root,
            operations_start: self.seal.operations_start,
            operations_end: self.seal.operations_end,
        }
    }
}

/// A consensus digest as Ethereum's hash type.
pub fn to_b256(digest: &Digest) -> B256 {
    B256::from_slice(digest.as_ref())
}

/// An Ethereum hash as the consensus digest.
pub fn to_digest(hash: &B256) -> Digest {
    Digest::from(hash.0)
}

impl Write for ConsensusBlock {
    fn write(&self, buf: &mut impl BufMut) {
        self.encoded_header.write(buf);
        UInt(self.block.transactions.len() as u32).write(buf);
        for transaction in &self.block.transactions {
            transaction.encoded().0.write(buf);
        }
    }

    fn write_bufs(&self, buf: &mut impl BufsMut) {
        self.encoded_header.write_bufs(buf);
        UInt(self.block.transactions.len() as u32).write(buf);
        for transaction in &self.block.transactions {
            transaction.encoded().0.write_bufs(buf);
        }
    }
}

impl EncodeSize for ConsensusBlock {
    fn encode_size(&self) -> usize {
        let transactions = self.block.transactions.iter();
        self.encoded_header.encode_size()
            + UInt(self.block.transactions.len() as u32).encode_size()
            + transactions.map(|tx| tx.encoded().0.encode_size()).sum::<usize>()
    }

    fn encode_inline_size(&self) -> usize {
        let transactions = self.block.transactions.iter();
        self.encoded_header.encode_inline_size()
            + UInt(self.block.transactions.len() as u32).encode_size()
            + transactions.map(|tx| tx.encoded().0.encode_inline_size()).sum::<usize>()
    }
}

impl Read for ConsensusBlock {
    type Cfg = BlockCodec;

    fn read_cfg(buf: &mut impl Buf, codec: &BlockCodec) -> Result<Self, CodecError> {
        let encoded_header = Bytes::read_cfg(buf, &RangeCfg::new(0..=HEADER_BYTES_MAX))?;
        let header = Block::decode_header(&encoded_header)
            .map_err(|_| CodecError::Invalid("ConsensusBlock", "header is not RLP"))?;
        let count: u32 = UInt::read(buf)?.into();
        if count as usize > TRANSACTIONS_MAX {
            return Err(CodecError::InvalidLength(count as usize));
        }
        let mut left = codec.block_bytes_max;
        let mut encoded = Vec::new();
        for _ in 0..count {
            let bytes = Bytes::read_cfg(buf, &RangeCfg::new(0..=left))?;
            left -= bytes.len();
            encoded.push(bytes);
        }
        let transactions = codec.transactions(encoded)?;
        if Block::encode_header(&header) != encoded_header {
            return Err(CodecError::Invalid("ConsensusBlock", "header is not canonical"));
        }
        // The digest is the header's hash, so the body must be the one that the header names.
        if Block::transactions_root(&transactions) != header.transactions_root {
            return Err(CodecError::Invalid("ConsensusBlock", "transactions root differs"));
        }
        Self::assemble(encoded_header, Block { header, transactions })
    }
}

impl BlockCodec {
    /// The transactions with these encodings: from the pool, or decoded on all cores.
    fn transactions(&self, encoded: Vec<Bytes>) -> Result<Transactions, CodecError> {
        let hashes: Vec<B256> = encoded.iter().map(keccak256).collect();
        let pooled = match &self.pool {
            Some(pool) => pool.get_many(&hashes),
            None => vec![None; hashes.len()],
        };
        let unknown = encoded
            .into_iter()
            .zip(hashes)
            .zip(&pooled)
            .filter(|(_, pooled)| pooled.is_none())
            .map(|((bytes, hash), _)| (bytes.into(), hash))
            .collect();
        let mut decoded = self.senders.decode_all(unknown).into_iter();
        pooled
            .into_iter()
            .map(|pooled| match pooled {
                Some(transaction) => Ok(transaction),
                None => decoded.next().expect("each unknown one was decoded").map(Arc::new),
            })
            .collect::<Result<Vec<_>, _>>()
            .map_err(|_| CodecError::Invalid("ConsensusBlock", "transaction does not decode"))
    }
}

impl Digestible for ConsensusBlock {
    type Digest = Digest;

    fn digest(&self) -> Digest {
        self.digest
    }
}

impl Heightable for ConsensusBlock {
    fn height(&self) -> Height {
        Height::new(self.block.header.number)
    }
}

impl BlockTrait for ConsensusBlock {
    fn parent(&self) -> Digest {
        to_digest(&self.block.header.parent_hash)
    }
}

impl CertifiableBlock for ConsensusBlock {
    type Context = ConsensusContext;

    fn context(&self) -> ConsensusContext {
        self.seal.context.clone()
    }
}

impl BoundedBlock for ConsensusBlock {
    fn max_encode_size(codec: &BlockCodec) -> usize {
        HEADER_BYTES_MAX
            + 2 * LENGTH_BYTES_MAX
            + codec.block_bytes_max
            + TRANSACTIONS_MAX * LENGTH_BYTES_MAX
    }
}

/// Encodes a block the way the network and the archive see it.
pub fn encode(block: &ConsensusBlock) -> Bytes {
    block.encode()
}

/// Decodes what [`encode`] wrote, with all checks that bytes from a stranger get.
pub fn decode(bytes: Bytes, codec: &BlockCodec) -> Result<ConsensusBlock, CodecError> {
    ConsensusBlock::decode_cfg(bytes, codec)
}

/// The longest `extraData` that a seal takes.
pub fn extra_bytes_max() -> usize {
    ConsensusContext::MAX_ENCODE_SIZE + 10 + 32 + 20
}

/// The transactions of a block as the pool shares them.
pub type Transactions = Vec<Arc<SignedTransaction>>;
