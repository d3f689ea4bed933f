//! A network on this machine: four validators in one process, with the sample trade on it.
//!
//! Each validator has its own keys, its own data folder, its own runtime and its own authenticated
//! connections over loopback; nothing is shared but the process.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::{Arc, mpsc},
    thread::JoinHandle,
};

use alloy_primitives::keccak256;
use alloy_signer_local::PrivateKeySigner;
use qiao_sample::credit::{CreditRole, credit_parties};
use qiao_types::{B256, GenesisAccount, GenesisMember, Parameters, RoleName, U256};
use tokio::sync::watch;

use crate::{
    evaluators,
    home::{self, HomeError},
    init::{InitError, InitOptions, NewMember, NewOrganisation, homes_below, init},
    run::{NodeError, Prepared, Serving, stop_signal},
    story::{self, StoryError},
};

/// What `qiao dev` starts.
#[derive(Debug, Clone)]
pub struct DevOptions {
    /// The folder of the network. It is made if it is empty and used again if it holds one.
    pub data: PathBuf,
    /// REST and console of the first member.
    pub http: SocketAddr,
    /// JSON-RPC of the first member.
    pub rpc: SocketAddr,
    /// The validators listen for each other from this port on.
    pub p2p_port: u16,
    /// Whether the sample trade is captured on a new network.
    pub has_sample: bool,
}

/// What happens while the network starts and runs.
#[derive(Debug, Clone)]
pub enum DevEvent {
    /// All validators run and the interfaces answer; the sample trade is being captured.
    Serving {
        /// Console and REST.
        http: SocketAddr,
        /// JSON-RPC.
        rpc: SocketAddr,
    },
    /// The sample trade is on the chain.
    Sample(story::StoryReport),
    /// The sample of supply-chain finance is on the chain.
    Credit(story::credit::CreditReport),
    /// The sample trade could not be captured; the network goes on.
    SampleFailed(String),
}

/// The network cannot be started, or stopped for a reason.
#[derive(Debug, thiserror::Error)]
pub enum DevError {
    /// The network's folder.
    #[error(transparent)]
    Init(#[from] InitError),
    /// One of the validators.
    #[error("validator `{name}`: {cause}")]
    Node {
        /// Which.
        name: String,
        /// Why.
        cause: NodeError,
    },
    /// A validator's thread ended by a bug.
    #[error("validator `{name}` stopped by a bug; its message is above")]
    Panicked {
        /// Which.
        name: String,
    },
    /// The folder holds something that is no network of four.
    #[error("folder `{}` holds no development network", .0.display())]
    NotANetwork(PathBuf),
    /// The system gave no thread.
    #[error("no thread for a validator: {0}")]
    Thread(std::io::Error),
}

/// The folder of the keys of desks in the first member's home.
const DESKS_FOLDER: &str = "desks";
/// How many evaluators of private keys the first member's node answers for: the banks of the sample.
const EVALUATORS: usize = 2;
/// How many validators a development network has.
pub const VALIDATORS: usize = 4;
/// An account of everybody's: the first ones of the mnemonic that Hardhat and Foundry use, so that
/// their examples run as they are. Never use them outside a development network.
pub const PUBLIC_KEYS: [&str; 3] = [
    "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80",
    "59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d",
    "5de4111afa1a4b94908f83103eb1f1706367c2e68ca870fc3fb9a804cdab365a",
];

/// Starts the network and keeps it running until the process is asked to stop.
pub fn dev(
    options: &DevOptions,
    tell: impl Fn(DevEvent) + Send + Sync + 'static,
) -> Result<(), DevError> {
    let homes = homes(options)?;
    let mut prepared = Vec::new();
    for (position, home) in homes.iter().enumerate() {
        let name = format!("member-{}", position + 1);
        let open = || -> Result<Prepared, NodeError> {
            let validator = Prepared::open(home, &flags(options, position))?;
            if position == 0 {
                validator.require_free_listeners()?;
            }
            Ok(validator)
        };
        let validator = open().map_err(|cause| DevError::Node { name: name.clone(), cause })?;
        prepared.push((name, validator));
    }
    let keys: Vec<_> = prepared.iter().filter_map(|(_, one)| one.sealing_key()).collect();
    let (stop, stopped) = watch::channel(false);
    let (ended, endings) = mpsc::channel();
    let mut threads: Vec<JoinHandle<()>> = Vec::new();
    let mut tell = Some(tell);
    for (position, (name, validator)) in prepared.into_iter().enumerate() {
        let tell = if position == 0 { tell.take() } else { None };
        let (ended, stopped) = (ended.clone(), stopped.clone());
        let (has_sample, keys) = (options.has_sample, keys.clone());
        let thread = std::thread::Builder::new().name(name.clone());
        let spawned = thread.spawn(move || {
            let guard = Ending { name, ended, outcome: None };
            run_validator(guard, validator, tell, has_sample.then_some(keys), stopped);
        });
        threads.push(spawned.map_err(DevError::Thread)?);
    }
    drop(ended);
    // The first to end decides; the others are asked to follow.
    let first = endings.recv();
    stop.send_replace(true);
    for thread in threads {
        // A panic was reported through `endings` already.
        let _ = thread.join();
    }
    match first {
        Ok((_, Some(Ok(())))) | Err(_) => Ok(()),
        Ok((name, Some(Err(cause)))) => Err(DevError::Node { name, cause }),
        Ok((name, None)) => Err(DevError::Panicked { name }),
    }
}

/// Reports how a validator's thread ended, even if it ended by a panic.
struct Ending {
    name: String,
    ended: mpsc::Sender<(String, Option<Result<(), NodeError>>)>,
    outcome: Option<Result<(), NodeError>>,
}

impl Drop for Ending {
    fn drop(&mut self) {
        // Nobody listens any more once the first has ended.
        let _ = self.ended.send((std::mem::take(&mut self.name), self.outcome.take()));
    }
}

fn run_validator(
    mut ending: Ending,
    validator: Prepared,
    tell: Option<impl Fn(DevEvent) + Send + Sync + 'static>,
    sample: Option<Vec<(PrivateKeySigner, B256)>>,
    mut stopped: watch::Receiver<bool>,
) {
    let is_first = tell.is_some();
    let until = async move {
        let asked = async { while !*stopped.borrow() && stopped.changed().await.is_ok() {} };
        tokio::select! {
            () = asked => {},
            () = stop_signal() => {},
        }
    };
    let ready = move |serving: Serving| {
        let Some(tell) = tell else { return };
        if let (Some(http), Some(rpc)) = (serving.http, serving.rpc) {
            tell(DevEvent::Serving { http, rpc });
        }
        if let Some(keys) = sample {
            tokio::spawn(async move {
                let failed = |error: StoryError| DevEvent::SampleFailed(error.to_string());
                match story::capture(Arc::clone(&serving.chain), &accounts()).await {
                    Ok(report) => {
                        if report.is_new
                            && let Err(error) = story::announce(serving.chain.clone(), &keys).await
                        {
                            tell(failed(error));
                        }
                        tell(DevEvent::Sample(report));
                    }
                    Err(error) => tell(failed(error)),
                }
                let url = serving.http.map(|at| format!("http://{at}")).unwrap_or_default();
                match story::credit::tell(serving.chain, &url).await {
                    Ok(Some(report)) => tell(DevEvent::Credit(report)),
                    Ok(None) => {}
                    Err(error) => tell(failed(error)),
                }
            });
        }
    };
    ending.outcome = Some(validator.run(is_first, Box::new(ready), Box::pin(until)));
}

fn homes(options: &DevOptions) -> Result<Vec<PathBuf>, DevError> {
    let existing = homes_below(&options.data);
    match existing.len() {
        VALIDATORS => Ok(existing),
        0 => {
            let homes = init(&network(options)).map_err(explain(options))?.homes;
            write_desk_keys(&homes[0]).map_err(InitError::from)?;
            for _ in 0..EVALUATORS {
                let file = homes[0].join(evaluators::DEFAULT_FILE);
                evaluators::add(&file).map_err(InitError::from)?;
            }
            Ok(homes)
        }
        _ => Err(DevError::NotANetwork(options.data.clone())),
    }
}

fn explain(options: &DevOptions) -> impl FnOnce(InitError) -> DevError {
    let data = options.data.clone();
    move |error| match error {
        InitError::Home(HomeError::NotEmpty { .. }) => DevError::NotANetwork(data),
        other => DevError::Init(other),
    }
}

/// The parties of the sample trade: the first four run the validators.
fn network(options: &DevOptions) -> InitOptions {
    let parties = qiao_sample::parties();
    let accounts = accounts();
    let of = |position: usize| NewOrganisation {
        name: parties[position].name.to_string(),
        gln: Some(parties[position].gln()),
        accounts: Vec::new(),
    };
    let members = (0..VALIDATORS)
        .map(|position| NewMember {
            organisation: of(position),
            account: Some(accounts[position].clone()),
            is_regulator: parties[position].kind == qiao_sample::PartyKind::Regulator,
            address: None,
        })
        .collect();
    let mut organisations: Vec<_> = (VALIDATORS..parties.len())
        .map(|position| {
            let roles = vec![RoleName::Admin, RoleName::Capturer, RoleName::Signer];
            let account = GenesisMember { address: accounts[position].address(), roles };
            NewOrganisation { accounts: vec![account], ..of(position) }
        })
        .collect();
    organisations.push(developers());
    organisations.extend(creditors());
    InitOptions {
        name: "qiao dev".into(),
        members,
        organisations,
        accounts: funded(),
        parameters: Parameters::default(),
        base_port: None,
        ..InitOptions::plain(options.data.clone(), VALIDATORS, None)
    }
}

/// The parties of the sample of supply-chain finance. None runs a node: the first member's keeps their
/// desks.
fn creditors() -> impl Iterator<Item = NewOrganisation> {
    use RoleName::{Admin, Regulator, Signer};
    let parties = credit_parties().iter().zip(credit_accounts());
    parties.map(|(party, account)| {
        let role = if party.role == CreditRole::Regulator { Regulator } else { Signer };
        let member = GenesisMember { address: account.address(), roles: vec![Admin, role] };
        NewOrganisation { name: party.name.into(), gln: None, accounts: vec![member] }
    })
}

/// Their accounts: known to everybody, for development only.
fn credit_accounts() -> Vec<PrivateKeySigner> {
    let places = 0..credit_parties().len() as u64;
    places.map(|place| known_account(b"qiao development creditor ", place)).collect()
}

/// The first member's node keeps the desks of all others: a development network is tried out by one
/// person at one address.
fn write_desk_keys(home: &Path) -> Result<(), HomeError> {
    let folder = home.join(DESKS_FOLDER);
    std::fs::create_dir(&folder).map_err(home::inaccessible("folder of desk keys", &folder))?;
    let traders = accounts().into_iter().skip(1);
    for (place, account) in credit_accounts().into_iter().chain(traders).enumerate() {
        let file = folder.join(format!("{:02}.key", place + 1));
        home::write_file(&file, &format!("{:#x}\n", account.to_bytes()), 0o600)?;
    }
    Ok(())
}

fn developers() -> NewOrganisation {
    use RoleName::{Admin, Capturer, Deployer, Signer};
    let roles = [Admin, Deployer, Capturer, Signer];
    let accounts = public_accounts()
        .iter()
        .map(|account| GenesisMember { address: account.address(), roles: roles.to_vec() })
        .collect();
    NewOrganisation { name: "Developers".into(), gln: None, accounts }
}

fn funded() -> BTreeMap<qiao_types::Address, GenesisAccount> {
    let ten_thousand_ether = U256::from(10).pow(U256::from(22));
    let account = GenesisAccount { balance: ten_thousand_ether, ..GenesisAccount::default() };
    public_accounts().iter().map(|signer| (signer.address(), account.clone())).collect()
}

/// The accounts of [`PUBLIC_KEYS`].
pub fn public_accounts() -> Vec<PrivateKeySigner> {
    PUBLIC_KEYS.iter().map(|key| key.parse().expect("the constants are keys")).collect()
}

/// The accounts of the sample trade's parties: known to everybody, for development only.
fn accounts() -> Vec<PrivateKeySigner> {
    let places = 0..qiao_sample::parties().len() as u64;
    places.map(|place| known_account(b"qiao development party ", place)).collect()
}

fn known_account(name: &[u8], place: u64) -> PrivateKeySigner {
    let secret: B256 = keccak256([name, &place.to_be_bytes()].concat());
    PrivateKeySigner::from_bytes(&secret).expect("the hashes are below the group order")
}

fn flags(options: &DevOptions, position: usize) -> BTreeMap<&'static str, String> {
    let first = position == 0;
    let index = u16::try_from(position).expect("there are four validators");
    let mut flags =
        BTreeMap::from([("p2p_listen", format!("127.0.0.1:{}", options.p2p_port + index))]);
    let peers: Vec<_> = (0..VALIDATORS as u16)
        .map(|peer| format!("member-{}=127.0.0.1:{}", peer + 1, options.p2p_port + peer))
        .collect();
    flags.insert("peers", peers.join(","));
    if first {
        flags.insert("http_listen", options.http.to_string());
        flags.insert("rpc_listen", options.rpc.to_string());
        let home = options.data.join("member-1");
        if home.join(DESKS_FOLDER).is_dir() {
            flags.insert("desk_keys_dir", DESKS_FOLDER.to_string());
        }
        if home.join(evaluators::DEFAULT_FILE).is_file() {
            flags.insert("evaluator_key_file", evaluators::DEFAULT_FILE.to_string());
        }
    }
    flags
}
