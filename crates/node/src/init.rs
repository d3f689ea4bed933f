//! Writing a new network: one home per member, one genesis for all.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use alloy_signer_local::PrivateKeySigner;
use qiao_api::sharing::Keyring;
use qiao_consensus::ValidatorKeys;
use qiao_execution::genesis_changes;
use qiao_state::commit_genesis;
use qiao_types::{
    Address, B256, Genesis, GenesisAccount, GenesisMember, GenesisOrganisation, GenesisValidator,
    Parameters, RoleName, StateCommitment,
};

use crate::{
    config::{Ports, ports_of_member, quoted},
    home::{HomeError, MemberFiles, require_empty},
    status::now_ms,
};

/// What the new network is to be.
#[derive(Debug, Clone)]
pub struct InitOptions {
    /// The folder that will hold `member-1`, `member-2`, …
    pub out: PathBuf,
    /// The network's name.
    pub name: String,
    /// EIP-155 chain id.
    pub chain_id: u64,
    /// The members that run a validator, in order.
    pub members: Vec<NewMember>,
    /// Further organisations without a validator.
    pub organisations: Vec<NewOrganisation>,
    /// Balances and code at the beginning.
    pub accounts: BTreeMap<Address, GenesisAccount>,
    /// Ports of member `i` begin at `base + 10 * i`; without a base the well-known ports are used.
    pub base_port: Option<u16>,
    /// The parameters of the chain.
    pub parameters: Parameters,
    /// The time of block 0; the present if absent.
    pub timestamp_ms: Option<u64>,
}

/// A member with a validator.
#[derive(Debug, Clone)]
pub struct NewMember {
    /// The organisation.
    pub organisation: NewOrganisation,
    /// The key of its account; made anew if absent.
    pub account: Option<PrivateKeySigner>,
    /// Whether its account may supervise: freeze accounts and organisations.
    pub is_regulator: bool,
    /// Where the other members reach it, as `host:port`; a port of this machine if absent.
    pub address: Option<String>,
}

/// An organisation and its accounts.
#[derive(Debug, Clone)]
pub struct NewOrganisation {
    /// Its name.
    pub name: String,
    /// Its Global Location Number.
    pub gln: Option<String>,
    /// Its accounts besides the validator's.
    pub accounts: Vec<GenesisMember>,
}

/// What was written.
#[derive(Debug, Clone)]
pub struct InitReport {
    /// The homes, in the order of the members.
    pub homes: Vec<PathBuf>,
    /// The common genesis.
    pub genesis: Genesis,
}

/// A network cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum InitError {
    /// A folder or file.
    #[error(transparent)]
    Home(#[from] HomeError),
    /// The number of members or the ports do not work.
    #[error("`{field}` {rule}")]
    Option {
        /// Which option.
        field: &'static str,
        /// What it must be.
        rule: String,
    },
    /// The genesis breaks a rule of a module.
    #[error("the genesis is refused: {0}")]
    Refused(String),
}

/// More validators than this do not fit the messages' bounds.
const MEMBERS_MAX: usize = 100;

impl InitOptions {
    /// `count` members named after their number, as `qiao init --members` makes them. The first
    /// one is the regulator.
    pub fn plain(out: PathBuf, count: usize, base_port: Option<u16>) -> Self {
        let members = (1..=count)
            .map(|number| NewMember {
                organisation: NewOrganisation {
                    name: format!("Member {number}"),
                    gln: None,
                    accounts: Vec::new(),
                },
                account: None,
                is_regulator: number == 1,
                address: None,
            })
            .collect();
        Self {
            out,
            name: "qiao".into(),
            chain_id: DEFAULT_CHAIN_ID,
            members,
            organisations: Vec::new(),
            accounts: BTreeMap::new(),
            base_port,
            parameters: Parameters::default(),
            timestamp_ms: None,
        }
    }
}

/// The chain id of networks that do not choose one: "Qiao" as digits of a telephone keypad.
pub const DEFAULT_CHAIN_ID: u64 = 7_426;

/// Writes the homes of all members.
pub fn init(options: &InitOptions) -> Result<InitReport, InitError> {
    check(options)?;
    require_empty(&options.out)?;
    let mut random = rand::rng();
    let secrets: Vec<_> = options
        .members
        .iter()
        .map(|member| {
            let account = member.account.clone().unwrap_or_else(|| new_account(&mut random));
            (ValidatorKeys::generate(&mut random), account)
        })
        .collect();
    let genesis = build_genesis(options, &secrets)?;
    let json = serde_json::to_string_pretty(&genesis).expect("genesis has only string keys");
    let mut homes = Vec::new();
    for (position, (keys, account)) in secrets.iter().enumerate() {
        let name = validator_name(position);
        let home = options.out.join(&name);
        let files = MemberFiles {
            settings: listeners(options, position),
            genesis: json.clone(),
            validator_key: keys.to_file_string(),
            account: account.clone(),
            sharing_key: Keyring::fresh().to_text(),
            name,
        };
        files.write(&home)?;
        homes.push(home);
    }
    Ok(InitReport { homes, genesis })
}

fn check(options: &InitOptions) -> Result<(), InitError> {
    let option = |field, rule: String| Err(InitError::Option { field, rule });
    if options.members.is_empty() || options.members.len() > MEMBERS_MAX {
        return option("members", format!("must be from 1 to {MEMBERS_MAX}"));
    }
    for member in &options.members {
        if member.organisation.name.trim().is_empty() {
            return option("member", "must have a name".into());
        }
        let Some(address) = &member.address else { continue };
        let port = address.rsplit_once(':').filter(|(host, _)| !host.is_empty());
        if port.and_then(|(_, port)| port.parse().ok()).is_none_or(|port: u16| port == 0) {
            return option("member", format!("has an address that is not host:port: `{address}`"));
        }
    }
    let last = 10 * options.members.len() as u32;
    if options.base_port.is_some_and(|base| u32::from(base) + last > u32::from(u16::MAX)) {
        return option("base-port", format!("must leave room for {last} ports below 65536"));
    }
    Ok(())
}

fn new_account(random: &mut impl rand::Rng) -> PrivateKeySigner {
    loop {
        let mut secret = [0; 32];
        random.fill_bytes(&mut secret);
        // All but a vanishing part of the numbers are keys.
        if let Ok(account) = PrivateKeySigner::from_bytes(&B256::from(secret)) {
            return account;
        }
    }
}

/// Builds the common genesis of members with these secrets, in the order of the members.
pub fn build_genesis(
    options: &InitOptions,
    secrets: &[(ValidatorKeys, PrivateKeySigner)],
) -> Result<Genesis, InitError> {
    let mut organisations = Vec::new();
    let mut validators = Vec::new();
    for (position, (member, (keys, account))) in options.members.iter().zip(secrets).enumerate() {
        let id = position as u64 + 1;
        organisations.push(organisation(id, &member.organisation, Some((member, account))));
        validators.push(GenesisValidator {
            organisation: id,
            name: validator_name(position),
            network_key: keys.network_key(),
            vote_key: keys.vote_key(),
            possession: keys.possession(),
            account: account.address(),
            address: reached_at(options, position),
        });
    }
    for (position, further) in options.organisations.iter().enumerate() {
        let id = (options.members.len() + position) as u64 + 1;
        organisations.push(organisation(id, further, None));
    }
    let empty = StateCommitment {
        root: B256::ZERO,
        operations_root: B256::ZERO,
        operations_start: 0,
        operations_end: 0,
    };
    let mut genesis = Genesis {
        chain_id: options.chain_id,
        name: options.name.clone(),
        timestamp_ms: options.timestamp_ms.unwrap_or_else(now_ms),
        parameters: options.parameters.clone(),
        organisations,
        validators,
        accounts: options.accounts.clone(),
        imported: None,
        state: empty,
    };
    let refused = |reason: String| InitError::Refused(reason);
    let changes = genesis_changes(&genesis).map_err(|error| refused(error.to_string()))?;
    genesis.state = commit_genesis(changes).map_err(|error| refused(error.to_string()))?;
    Ok(genesis)
}

fn organisation(
    id: u64,
    new: &NewOrganisation,
    validator: Option<(&NewMember, &PrivateKeySigner)>,
) -> GenesisOrganisation {
    let own = validator.map(|(member, account)| {
        use RoleName::{Admin, Capturer, Deployer, Signer, Validator};
        let mut roles = vec![Admin, Validator, Capturer, Deployer, Signer];
        if member.is_regulator {
            roles.push(RoleName::Regulator);
        }
        GenesisMember { address: account.address(), roles }
    });
    let accounts = own.into_iter().chain(new.accounts.iter().cloned()).collect();
    GenesisOrganisation { id, name: new.name.clone(), gln: new.gln.clone(), accounts }
}

fn validator_name(position: usize) -> String {
    format!("member-{}", position + 1)
}

/// Where the others reach a member.
fn reached_at(options: &InitOptions, position: usize) -> String {
    let of_this_machine = || format!("127.0.0.1:{}", ports(options, position).p2p);
    options.members[position].address.clone().unwrap_or_else(of_this_machine)
}

fn ports(options: &InitOptions, position: usize) -> Ports {
    // Who has an address has a machine, and the well-known ports of it.
    let is_alone = options.members[position].address.is_some();
    let index = if is_alone { 0 } else { position };
    ports_of_member(options.base_port, u16::try_from(index).expect("members are bounded"))
}

fn listeners(options: &InitOptions, position: usize) -> BTreeMap<&'static str, String> {
    let ports = ports(options, position);
    let address = |port: u16| quoted(&format!("127.0.0.1:{port}"));
    // A member with an address listens on its port on all interfaces: which of them the others
    // come through is not known here.
    let own = &options.members[position].address;
    let port = own.as_ref().and_then(|address| address.rsplit_once(':')).map(|(_, port)| port);
    let others = port.map_or_else(|| address(ports.p2p), |port| quoted(&format!("0.0.0.0:{port}")));
    BTreeMap::from([
        ("p2p_listen", others),
        ("http_listen", address(ports.http)),
        ("rpc_listen", address(ports.rpc)),
    ])
}

/// The homes below a network's folder, in the order of the members.
pub fn homes_below(folder: &Path) -> Vec<PathBuf> {
    (0..MEMBERS_MAX)
        .map(|position| folder.join(validator_name(position)))
        .take_while(|home| home.is_dir())
        .collect()
}
