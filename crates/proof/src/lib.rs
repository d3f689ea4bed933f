//! Checks proof files offline: from a claim over headers and votes to the genesis file, which is all
//! that the one who checks has to trust.
//!
//! # Invariants
//! - Nothing is believed that the file says of itself: every value that a [`Finding`] holds was
//!   compared with a root, every root is in a header, every header is an ancestor of the one that
//!   a quorum of the genesis's validators signed.
//! - No network, no clock, no node: the same file and genesis give the same answer everywhere.

mod claim;
mod error;

#[cfg(test)]
mod tests;

use qiao_consensus::{CommitteeError, FinalityVerifier};
use qiao_types::{B256, Block, Bytes, Genesis, Header, Proof};

pub use claim::Fact;
pub use error::ProofError;

/// The longest file that is read.
pub const FILE_BYTES_MAX: usize = 16 * 1024 * 1024;

/// What a proof proves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The height of the block of the claim.
    pub number: u64,
    /// Its hash.
    pub hash: B256,
    /// Seconds since the Unix epoch at which the block was proposed.
    pub timestamp: u64,
    /// The validators whose votes made it final, by name.
    pub signers: Vec<String>,
    /// How many validators the network has.
    pub validators: usize,
    /// What holds of the block.
    pub fact: Fact,
}

/// Checks proofs of one network.
pub struct Verifier<'a> {
    genesis: &'a Genesis,
    fingerprint: B256,
    finality: FinalityVerifier,
}

impl<'a> Verifier<'a> {
    /// The verifier of the network with this genesis. Where the file comes from decides what a
    /// proof is worth.
    pub fn new(genesis: &'a Genesis) -> Result<Self, CommitteeError> {
        let finality = FinalityVerifier::new(genesis)?;
        Ok(Self { genesis, fingerprint: genesis.fingerprint(), finality })
    }

    /// Says what the proof proves, or why it proves nothing.
    pub fn verify(&self, proof: &Proof) -> Result<Finding, ProofError> {
        if proof.version != Proof::VERSION {
            return Err(ProofError::Version { found: proof.version });
        }
        if proof.network.genesis != self.fingerprint {
            let (found, expected) = (proof.network.genesis, self.fingerprint);
            return Err(ProofError::OtherNetwork { found, expected });
        }
        let (header, hash, last) = linked(&proof.headers)?;
        let signers = self.finality.verify(last, &proof.certificate)?;
        let fact = claim::check(&proof.claim, &header)?;
        Ok(Finding {
            number: header.number,
            hash,
            timestamp: header.timestamp,
            signers: signers.iter().map(|key| self.name(key)).collect(),
            validators: self.genesis.validators.len(),
            fact,
        })
    }

    fn name(&self, key: &B256) -> String {
        let mut validators = self.genesis.validators.iter();
        let found = validators.find(|validator| validator.network_key == *key);
        found.map_or_else(|| key.to_string(), |validator| validator.name.clone())
    }
}

/// Reads a proof file, or the JSON-RPC answer that brought it.
pub fn read(bytes: &[u8]) -> Result<Proof, ProofError> {
    let malformed = |error: serde_json::Error| ProofError::Malformed(error.to_string());
    if bytes.len() > FILE_BYTES_MAX {
        return Err(ProofError::TooLarge { bytes: bytes.len() });
    }
    let mut json: serde_json::Value = serde_json::from_slice(bytes).map_err(malformed)?;
    if let Some(result) = json.get_mut("result") {
        json = result.take();
    }
    serde_json::from_value(json).map_err(malformed)
}

/// The first header with its hash, and the hash of the last, if each is the parent of the next.
fn linked(headers: &[Bytes]) -> Result<(Header, B256, B256), ProofError> {
    if headers.is_empty() || headers.len() > Proof::HEADERS_MAX {
        return Err(ProofError::Headers { count: headers.len() });
    }
    let mut first = None;
    let mut last: Option<B256> = None;
    for (position, encoded) in headers.iter().enumerate() {
        let header = Block::decode_header(encoded)
            .map_err(|error| ProofError::Header { position, reason: error.to_string() })?;
        if Block::encode_header(&header) != encoded.as_ref() {
            let reason = "its RLP is not canonical".to_owned();
            return Err(ProofError::Header { position, reason });
        }
        if last.is_some_and(|parent| parent != header.parent_hash) {
            return Err(ProofError::NotLinked { position });
        }
        let hash = header.hash_slow();
        last = Some(hash);
        first.get_or_insert((header, hash));
    }
    let (header, hash) = first.expect("there is a header");
    Ok((header, hash, last.unwrap_or(hash)))
}
