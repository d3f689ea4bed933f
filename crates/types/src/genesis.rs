//! The common file from which every member starts the same chain.

use std::collections::BTreeMap;

use alloy_primitives::{Address, B256, Bytes, U256, keccak256};
use serde::{Deserialize, Serialize, de::IgnoredAny};

/// Everything that the members agreed on before the first block. The file is JSON; all members
/// hold the same bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Genesis {
    /// EIP-155 chain id.
    pub chain_id: u64,
    /// The network's name, shown to people.
    pub name: String,
    /// Milliseconds since the Unix epoch: the time of block 0.
    pub timestamp_ms: u64,
    /// The parameters of the chain.
    pub parameters: Parameters,
    /// The member organisations, their accounts and roles.
    pub organisations: Vec<GenesisOrganisation>,
    /// The validators of the first epoch.
    pub validators: Vec<GenesisValidator>,
    /// Balances, code and storage that exist at the beginning.
    #[serde(default)]
    pub accounts: BTreeMap<Address, GenesisAccount>,
    /// The state of an earlier chain, with which this one goes on. It replaces what organisations
    /// and accounts would give; they stay in the file as a record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub imported: Option<ImportedState>,
    /// The state that all of this amounts to; computed when the file is made, checked at start.
    pub state: StateCommitment,
}

/// Parameters that every node applies alike.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameters {
    /// Gas that one block may use.
    pub block_gas_limit: u64,
    /// Encoded transactions that one block may hold, in bytes.
    pub block_bytes_max: u64,
    /// An idle chain makes a block after this many milliseconds.
    pub heartbeat_ms: u64,
    /// Blocks per epoch; the validator set may change only where an epoch ends.
    pub epoch_blocks: u64,
}

impl Default for Parameters {
    fn default() -> Self {
        Self {
            block_gas_limit: 1_000_000_000,
            block_bytes_max: 4 * 1024 * 1024,
            heartbeat_ms: 1_000,
            epoch_blocks: 14_400,
        }
    }
}

/// A member organisation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GenesisOrganisation {
    /// Its number on the chain, from 1.
    pub id: u64,
    /// Its name.
    pub name: String,
    /// GS1 Global Location Number of the party, if it has one (13 digits).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gln: Option<String>,
    /// Its accounts.
    pub accounts: Vec<GenesisMember>,
}

/// An account of an organisation and what it may do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GenesisMember {
    /// The Ethereum account.
    pub address: Address,
    /// Its roles; an account without a role may send transactions and call contracts.
    #[serde(default)]
    pub roles: Vec<RoleName>,
}

/// The roles of the `members` module by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RoleName {
    /// Administers its organisation: accounts, roles, delegation.
    Admin,
    /// Runs a validator.
    Validator,
    /// Captures events for its organisation.
    Capturer,
    /// Supervises: may freeze and see.
    Regulator,
    /// Deploys contracts.
    Deployer,
    /// Signs for its organisation in matters of money.
    Signer,
}

/// A validator of the first epoch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GenesisValidator {
    /// The organisation that runs it.
    pub organisation: u64,
    /// Its name, shown to people, unique.
    pub name: String,
    /// Ed25519 public key: the identity on the network.
    pub network_key: B256,
    /// BLS12-381 public key (MinSig: 96 bytes) for votes.
    pub vote_key: Bytes,
    /// Proof of possession of the vote key.
    pub possession: Bytes,
    /// The Ethereum account of the validator: the blocks' beneficiary.
    pub account: Address,
    /// Where the others reach it: `host:port`.
    pub address: String,
}

/// An account that exists at the beginning.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GenesisAccount {
    /// Balance in wei.
    #[serde(default)]
    pub balance: U256,
    /// Nonce.
    #[serde(default)]
    pub nonce: u64,
    /// Code.
    #[serde(default)]
    pub code: Bytes,
    /// Storage.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub storage: BTreeMap<U256, U256>,
}

/// The whole state of an earlier chain at one of its final blocks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImportedState {
    /// The fingerprint of that chain's genesis.
    pub chain: B256,
    /// The height of the block.
    pub number: u64,
    /// Its hash.
    pub hash: B256,
    /// The state root in its header.
    pub state_root: B256,
    /// Every entry of the state, by key.
    pub entries: BTreeMap<B256, Bytes>,
}

/// What a header commits to of the authenticated state: its root, and what a peer needs to fetch
/// the state and check it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StateCommitment {
    /// The root against which keys are proved present or absent.
    pub root: B256,
    /// The root over the log of operations.
    pub operations_root: B256,
    /// The first operation that the state still needs.
    pub operations_start: u64,
    /// One past the last operation.
    pub operations_end: u64,
}

impl Genesis {
    /// What tells this network from every other: keccak-256 of the canonical JSON of its header. What the
    /// header leaves out is in the state that it states.
    pub fn fingerprint(&self) -> B256 {
        let json = serde_json::to_vec(&self.header()).expect("genesis has only string keys");
        keccak256(json)
    }

    /// All of it but the accounts and the entries of an earlier chain, which may be millions and are
    /// needed only to put the first state into an empty store.
    pub fn header(&self) -> Self {
        let imported = self.imported.as_ref().map(|imported| ImportedState {
            chain: imported.chain,
            number: imported.number,
            hash: imported.hash,
            state_root: imported.state_root,
            entries: BTreeMap::new(),
        });
        Self {
            chain_id: self.chain_id,
            name: self.name.clone(),
            timestamp_ms: self.timestamp_ms,
            parameters: self.parameters.clone(),
            organisations: self.organisations.clone(),
            validators: self.validators.clone(),
            accounts: BTreeMap::new(),
            imported,
            state: self.state.clone(),
        }
    }

    /// The header of a genesis file, without making anything of the rest.
    ///
    /// # Errors
    /// The text is no JSON, or its header is none.
    pub fn header_from_json(text: &str) -> Result<Self, serde_json::Error> {
        let read: Header = serde_json::from_str(text)?;
        let imported = read.imported.map(|imported| ImportedState {
            chain: imported.chain,
            number: imported.number,
            hash: imported.hash,
            state_root: imported.state_root,
            entries: BTreeMap::new(),
        });
        Ok(Self {
            chain_id: read.chain_id,
            name: read.name,
            timestamp_ms: read.timestamp_ms,
            parameters: read.parameters,
            organisations: read.organisations,
            validators: read.validators,
            accounts: BTreeMap::new(),
            imported,
            state: read.state,
        })
    }

    /// The organisation with this number.
    pub fn organisation(&self, id: u64) -> Option<&GenesisOrganisation> {
        self.organisations.iter().find(|organisation| organisation.id == id)
    }
}

/// A genesis file of which accounts and entries are passed over.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    chain_id: u64,
    name: String,
    timestamp_ms: u64,
    parameters: Parameters,
    organisations: Vec<GenesisOrganisation>,
    validators: Vec<GenesisValidator>,
    #[serde(default, rename = "accounts")]
    _accounts: IgnoredAny,
    #[serde(default)]
    imported: Option<ImportedHeader>,
    state: StateCommitment,
}

/// An imported state of which the entries are passed over.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ImportedHeader {
    chain: B256,
    number: u64,
    hash: B256,
    state_root: B256,
    #[serde(rename = "entries")]
    _entries: IgnoredAny,
}
