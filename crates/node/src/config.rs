//! The configuration of one validator: `qiao.toml`, overridden by `QIAO_…` variables and flags.
//!
//! Each key is declared once, in the list below, with its default and its document; the structure,
//! the annotated sample and `qiao config show` are made from that list.

mod value;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::path::{Path, PathBuf};

pub use value::PublicPages;
use value::Value;

/// The name of the configuration file in a member's home.
pub const CONFIG_FILE: &str = "qiao.toml";

/// How the URL of the index names the file with the database's password.
const PASSWORD_FILE: &str = "password_file=";

/// A configuration key as the list declares it.
#[derive(Debug, Clone, Copy)]
pub struct Key {
    /// Its name in the file.
    pub name: &'static str,
    /// What it means.
    pub doc: &'static str,
    /// Its default, as it would stand in the file.
    pub default: fn() -> String,
}

/// Where a value came from; later ones win.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// Nobody set it.
    Default,
    /// The configuration file.
    File,
    /// A `QIAO_…` variable.
    Environment,
    /// A flag of the command.
    Flag,
}

impl std::fmt::Display for Origin {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Default => "default",
            Self::File => "file",
            Self::Environment => "environment",
            Self::Flag => "flag",
        })
    }
}

/// A key with the value in effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Effective {
    /// The key.
    pub key: &'static str,
    /// Its value, as it would stand in the file.
    pub value: String,
    /// Who set it.
    pub origin: Origin,
    /// What it means.
    pub doc: &'static str,
}

/// Why a configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file is not there or cannot be read.
    #[error("configuration `{}` cannot be read: {cause}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        cause: std::io::Error,
    },
    /// The file is not TOML.
    #[error("configuration `{}` is not valid TOML: {cause}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong, and where.
        cause: String,
    },
    /// A key that does not exist.
    #[error("unknown configuration key `{key}` in {place}")]
    UnknownKey {
        /// The key.
        key: String,
        /// The key that was probably meant.
        nearest: &'static str,
        /// The file or `the environment`.
        place: String,
    },
    /// A value that the key does not take.
    #[error("configuration key `{key}` ({origin}): {rule}, not `{value}`")]
    Value {
        /// The key.
        key: &'static str,
        /// Who set it.
        origin: Origin,
        /// What the key takes.
        rule: String,
        /// What was given.
        value: String,
    },
}

impl ConfigError {
    /// What to do about it.
    pub fn hint(&self) -> String {
        match self {
            Self::Unreadable { .. } => {
                "`--home` names a folder that `qiao init` wrote, such as `net/member-1`".into()
            }
            Self::Malformed { .. } => "compare it with the output of `qiao config sample`".into(),
            Self::UnknownKey { nearest, .. } => format!("did you mean `{nearest}`?"),
            Self::Value { key, .. } => {
                format!("`qiao config sample` explains `{key}` and shows its default")
            }
        }
    }
}

/// Declares the keys: the structure, the list and the reading are made from this.
macro_rules! keys {
    ($($(#[doc = $doc:literal])+ $name:ident: $kind:ty = $default:expr;)+) => {
        /// The configuration of one validator.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct Config {
            $($(#[doc = $doc])+ pub $name: $kind,)+
        }

        /// Every key, in the order of the sample.
        pub const KEYS: &[Key] = &[$(Key {
            name: stringify!($name),
            doc: concat!($($doc, "\n",)+),
            default: || <$kind as Value>::show(&$default),
        },)+];

        impl Default for Config {
            fn default() -> Self {
                Self { $($name: $default,)+ }
            }
        }

        impl Config {
            fn read(settings: &Settings) -> Result<(Self, Vec<Effective>), ConfigError> {
                let mut effective = Vec::new();
                let config = Self {
                    $($name: settings.take(stringify!($name), $default, &mut effective)?,)+
                };
                Ok((config, effective))
            }
        }
    };
}

keys! {
    /// The name of this validator, as the genesis file lists it.
    name: String = "member-1".to_string();
    /// The common genesis file.
    genesis: PathBuf = PathBuf::from("genesis.json");
    /// The folder of blocks, state and index; one process at a time uses it.
    data_dir: PathBuf = PathBuf::from("data");
    /// The file with the validator's network and vote keys (mode 0600).
    validator_key_file: PathBuf = PathBuf::from("validator.key");
    /// The file with the member's Ethereum account, which signs captured events (mode 0600).
    account_key_file: PathBuf = PathBuf::from("account.key");
    /// A folder of further account keys (`*.key`, mode 0600): of organisations without a node of their
    /// own, whose desks this node keeps and for which it signs.
    desk_keys_dir: Option<PathBuf> = None;
    /// Where the other validators connect to.
    p2p_listen: SocketAddr = loopback(9400);
    /// REST and console.
    http_listen: SocketAddr = loopback(8080);
    /// Ethereum JSON-RPC.
    rpc_listen: SocketAddr = loopback(8545);
    /// The file of API keys, which `qiao key` writes; empty if nobody needs one. Then REST, console and
    /// JSON-RPC may listen on loopback only.
    api_keys_file: Option<PathBuf> = None;
    /// Whether REST, console and JSON-RPC may listen on other addresses without keys.
    open_without_keys: bool = false;
    /// What people without a key may read of goods at the paths of their GS1 Digital Links: `off`, `plain`
    /// (journeys without the names of organisations, places and products) or `named`.
    public_pages: PublicPages = PublicPages::Off;
    /// Where everybody reaches those pages, as QR codes and linksets name it: `https://id.example.com`;
    /// empty for the address under which they are called.
    public_url: String = String::new();
    /// The certificates (PEM, the node's own first) with which REST, console and JSON-RPC are
    /// encrypted; empty for plain HTTP.
    tls_certificate_file: Option<PathBuf> = None;
    /// The private key of the certificate (PEM, mode 0600).
    tls_key_file: Option<PathBuf> = None;
    /// The file with the secrets of an evaluator of private keys, one in each line (mode 0600), which
    /// `qiao collateral evaluator-key` writes; empty if this node is none.
    evaluator_key_file: Option<PathBuf> = None;
    /// Identities that an evaluator answers for one organisation a day: as many guesses has it.
    evaluations_per_day: u64 = 10_000;
    /// The certificate (PEM) that vouches for those of the evaluators' nodes, for `https`.
    evaluators_ca_file: Option<PathBuf> = None;
    /// The file with the keys that open what was sealed for this member (mode 0600), which `qiao init` and
    /// `qiao sharing key` write; empty if the node is to seal and open nothing.
    sharing_key_file: Option<PathBuf> = None;
    /// Connections that REST and console, and JSON-RPC, hold at one time, each.
    connections_max: u64 = 400;
    /// Connections of one address at one time; raise it behind a proxy.
    address_connections_max: u64 = 100;
    /// Addresses that replace those of the genesis file, each `name=host:port`.
    peers: Vec<String> = Vec::new();
    /// Host names, besides `localhost` and addresses, under which the listeners are reached.
    hosts: Vec<String> = Vec::new();
    /// Origins such as `https://erp.example.com` whose pages may call the listeners.
    origins: Vec<String> = Vec::new();
    /// Origins on other machines to which subscriptions may report, besides this one:
    /// `https://erp.example.com`, `http://10.1.2.3:8080`.
    webhook_origins: Vec<String> = Vec::new();
    /// Whether names of `webhook_origins` may stand for private addresses.
    webhook_private_addresses: bool = false;
    /// The certificates (PEM) that vouch for those of `webhook_origins`; empty for those that the system
    /// trusts.
    webhook_ca_file: Option<PathBuf> = None;
    /// Where the index is: empty for a file in `data_dir`, a `sqlite:` URL, or a PostgreSQL database such
    /// as `postgres://qiao@db.example/trade?password_file=db.password` (`docs/operating/database.md`).
    index_url: String = String::new();
    /// Recent blocks at which `eth_call` answers.
    state_window_blocks: u64 = 256;
    /// Transactions of one sender that may wait in the pool.
    pool_sender_transactions_max: u64 = 4_096;
    /// Transactions that may wait in the pool.
    pool_transactions_max: u64 = 50_000;
    /// Bytes that the transactions in the pool may have together.
    pool_bytes_max: u64 = 256 * 1024 * 1024;
    /// How far beyond the next nonce a transaction may be and still wait.
    pool_nonce_gap_max: u64 = 1_024;
    /// Bytes of a request to REST or JSON-RPC.
    request_bytes_max: u64 = 16 * 1024 * 1024;
    /// What is logged: `error`, `warn`, `info`, `debug`, or a filter such as `info,qiao_api=debug`.
    log: String = "info,commonware=error".to_string();
}

impl Config {
    /// Reads the file in a member's home; then the environment, then flags override it.
    ///
    /// Relative paths are taken from the home folder. `environment` answers for a variable's name.
    pub fn load(
        home: &Path,
        environment: &dyn Fn(&str) -> Option<String>,
        flags: &BTreeMap<&'static str, String>,
    ) -> Result<(Self, Vec<Effective>), ConfigError> {
        let path = home.join(CONFIG_FILE);
        let text = std::fs::read_to_string(&path)
            .map_err(|cause| ConfigError::Unreadable { path: path.clone(), cause })?;
        let file: toml::Table = text.parse().map_err(|cause: toml::de::Error| {
            let cause = cause.to_string().trim_end().to_string();
            ConfigError::Malformed { path: path.clone(), cause }
        })?;
        for key in file.keys() {
            check_known(key, &format!("`{}`", path.display()))?;
        }
        let environment = KEYS
            .iter()
            .filter_map(|key| Some((key.name, environment(&variable(key.name))?)))
            .collect();
        let settings = Settings { file, environment, flags: flags.clone() };
        let (mut config, effective) = Self::read(&settings)?;
        for path in [
            &mut config.genesis,
            &mut config.data_dir,
            &mut config.validator_key_file,
            &mut config.account_key_file,
        ] {
            *path = home.join(&path);
        }
        for path in [
            &mut config.desk_keys_dir,
            &mut config.api_keys_file,
            &mut config.tls_certificate_file,
            &mut config.tls_key_file,
            &mut config.evaluator_key_file,
            &mut config.evaluators_ca_file,
            &mut config.sharing_key_file,
            &mut config.webhook_ca_file,
        ] {
            *path = path.take().map(|path| home.join(path));
        }
        if let Some(path) = config.index_password_file() {
            let absolute = format!("{PASSWORD_FILE}{}", home.join(&path).display());
            let given = format!("{PASSWORD_FILE}{}", path.display());
            config.index_url = config.index_url.replace(&given, &absolute);
        }
        Ok((config, effective))
    }

    /// The URL of the index, with the default filled in.
    pub fn index_url(&self) -> String {
        if self.index_url.is_empty() {
            format!("sqlite:{}", self.data_dir.join("index.sqlite").display())
        } else {
            self.index_url.clone()
        }
    }

    /// The file with the password of the index's database, if its URL names one.
    pub fn index_password_file(&self) -> Option<PathBuf> {
        let (_, query) = self.index_url.split_once('?')?;
        query
            .split('&')
            .find_map(|parameter| parameter.strip_prefix(PASSWORD_FILE))
            .map(PathBuf::from)
    }

    /// The address for a peer, if the configuration replaces it.
    pub fn peer_address(&self, name: &str) -> Option<&str> {
        self.peers.iter().find_map(|peer| peer.strip_prefix(name)?.strip_prefix('='))
    }
}

/// An annotated file: the given values, everything else as a comment with its default.
pub fn annotated(values: &BTreeMap<&'static str, String>) -> String {
    let mut text = String::from(
        "# The configuration of one validator. `qiao config show` prints what is in effect.\n",
    );
    for key in KEYS {
        text.push('\n');
        for line in key.doc.lines() {
            text.push_str(&format!("#{line}\n"));
        }
        match values.get(key.name) {
            Some(value) => text.push_str(&format!("{} = {value}\n", key.name)),
            None => text.push_str(&format!("# {} = {}\n", key.name, (key.default)())),
        }
    }
    text
}

/// The variable that overrides a key.
pub fn variable(key: &str) -> String {
    format!("QIAO_{}", key.to_ascii_uppercase())
}

/// The ports of a member on one machine.
///
/// Without a base, the first member has the well-known ports (8080, 8545) and each further one the
/// next; with a base, each member has a block of ten.
pub fn ports_of_member(base: Option<u16>, index: u16) -> Ports {
    match base {
        None => Ports { p2p: 9400 + index, http: 8080 + index, rpc: 8545 + index },
        Some(base) => {
            let first = base + 10 * index;
            Ports { p2p: first, http: first + 1, rpc: first + 2 }
        }
    }
}

/// The three ports of a validator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ports {
    /// The other validators.
    pub p2p: u16,
    /// REST and console.
    pub http: u16,
    /// Ethereum JSON-RPC.
    pub rpc: u16,
}

/// A value as it stands in the file: text in quotes.
pub fn quoted(text: &str) -> String {
    toml::Value::String(text.to_string()).to_string()
}

const fn loopback(port: u16) -> SocketAddr {
    SocketAddr::V4(SocketAddrV4::new(Ipv4Addr::LOCALHOST, port))
}

fn check_known(key: &str, place: &str) -> Result<(), ConfigError> {
    if KEYS.iter().any(|known| known.name == key) {
        return Ok(());
    }
    let nearest = KEYS
        .iter()
        .map(|known| known.name)
        .min_by_key(|known| strsim::damerau_levenshtein(known, key))
        .expect("there are keys");
    Err(ConfigError::UnknownKey { key: key.to_string(), nearest, place: place.to_string() })
}

/// What was set, by whom.
struct Settings {
    file: toml::Table,
    environment: BTreeMap<&'static str, String>,
    flags: BTreeMap<&'static str, String>,
}

impl Settings {
    /// The value in effect for a key; notes it and its origin.
    fn take<V: Value>(
        &self,
        key: &'static str,
        default: V,
        effective: &mut Vec<Effective>,
    ) -> Result<V, ConfigError> {
        let doc = KEYS.iter().find(|known| known.name == key).map_or("", |known| known.doc);
        let refuse = |origin: Origin, value: String| {
            move |rule: String| ConfigError::Value { key, origin, rule, value }
        };
        let (value, origin) = if let Some(text) = self.flags.get(key) {
            (V::parse(text).map_err(refuse(Origin::Flag, text.clone()))?, Origin::Flag)
        } else if let Some(text) = self.environment.get(key) {
            let refuse = refuse(Origin::Environment, text.clone());
            (V::parse(text).map_err(refuse)?, Origin::Environment)
        } else if let Some(value) = self.file.get(key) {
            (V::read(value).map_err(refuse(Origin::File, value.to_string()))?, Origin::File)
        } else {
            (default, Origin::Default)
        };
        effective.push(Effective { key, value: value.show(), origin, doc });
        Ok(value)
    }
}
