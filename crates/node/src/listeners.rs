//! The listeners of a node for its members' systems, and who may come in.

use std::{fs, io, net::SocketAddr, path::PathBuf, sync::Arc};

use qiao_api::{
    Chain, Door, Guard,
    door::{self, Keys, KeysError, Kind, Limits, Server, Tls, TlsError},
    rest::{self, Receivers, ReceiversError},
    rpc,
};
use qiao_goods::journey::Names;

use crate::{
    config::{Config, PublicPages},
    home::{self, HomeError},
    run::NodeError,
};

/// The listeners cannot be opened as they are configured.
#[derive(Debug, thiserror::Error)]
pub enum DoorError {
    /// Everybody could come in.
    #[error("`{key}` is {address}, where others reach it, and no key is asked for")]
    Open {
        /// The configuration key.
        key: &'static str,
        /// The address.
        address: SocketAddr,
    },
    /// The file of keys.
    #[error(transparent)]
    Keys(#[from] KeysError),
    /// The certificate.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The file of the certificate's private key.
    #[error(transparent)]
    Secret(#[from] HomeError),
    /// The public address is none.
    #[error("`public_url` is `{0}`, which is no `http://` or `https://` address")]
    PublicUrl(String),
    /// Where subscriptions may report to.
    #[error("`webhook_origins`: {0}")]
    Receivers(#[from] ReceiversError),
    /// The certificates that vouch for receivers.
    #[error("`webhook_ca_file` is `{}`, which cannot be read: {cause}", path.display())]
    Authorities {
        /// The file.
        path: PathBuf,
        /// Why.
        cause: io::Error,
    },
    /// One of the two files is named alone.
    #[error("`tls_certificate_file` and `tls_key_file` are set together or not at all")]
    HalfTls,
}

impl DoorError {
    /// What to do about it.
    pub fn hint(&self) -> String {
        match self {
            Self::Open { .. } => "make a key with `qiao key add NAME --home DIR` and set \
                `api_keys_file`, listen on 127.0.0.1, or set `open_without_keys = true` if \
                something else keeps strangers out"
                .into(),
            Self::Keys(KeysError::Unreadable { .. }) => {
                "`qiao key add NAME --home DIR` makes the first key and the file".into()
            }
            Self::Keys(KeysError::Malformed { .. }) => {
                "correct the line, or take it out and make a new key with `qiao key add`".into()
            }
            Self::Tls(_) => "both files are PEM; the node's own certificate comes first".into(),
            Self::Secret(error) => error.hint(),
            Self::PublicUrl(_) => "write it as `https://id.example.com`, without a path".into(),
            Self::Receivers(ReceiversError::NoAuthority(_)) | Self::Authorities { .. } => {
                "set `webhook_ca_file` to a file with the certificate of its authority in PEM"
                    .into()
            }
            Self::Receivers(_) => "write it as `https://erp.example.com`, without a path".into(),
            Self::HalfTls => "set both, or neither for plain HTTP".into(),
        }
    }
}

/// Checks what a configuration says of the listeners.
pub fn door(config: &Config) -> Result<Door, DoorError> {
    let listeners = [("http_listen", config.http_listen), ("rpc_listen", config.rpc_listen)];
    if config.api_keys_file.is_none() && !config.open_without_keys {
        let open = listeners.into_iter().find(|(_, address)| !address.ip().is_loopback());
        if let Some((key, address)) = open {
            return Err(DoorError::Open { key, address });
        }
    }
    let is_address = |url: &str| {
        let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
        rest.is_some_and(|rest| {
            let rest = rest.trim_end_matches('/');
            !rest.is_empty()
                && rest.bytes().all(|b| b.is_ascii_alphanumeric() || b".-:[]".contains(&b))
        })
    };
    if !config.public_url.is_empty() && !is_address(&config.public_url) {
        return Err(DoorError::PublicUrl(config.public_url.clone()));
    }
    receivers(config)?;
    let tls = match (&config.tls_certificate_file, &config.tls_key_file) {
        (None, None) => None,
        (Some(certificate), Some(key)) => {
            // Refuses a private key that others can read.
            home::read_secret(key)?;
            Some(Tls::open(certificate, key)?)
        }
        _ => return Err(DoorError::HalfTls),
    };
    let count = |value: u64| usize::try_from(value).unwrap_or(usize::MAX);
    Ok(Door {
        guard: Guard { hosts: config.hosts.clone(), origins: config.origins.clone() },
        keys: config.api_keys_file.as_deref().map(Keys::open).transpose()?,
        tls,
        public: match config.public_pages {
            PublicPages::Off => None,
            PublicPages::Plain => Some(Names::Hidden),
            PublicPages::Named => Some(Names::Told),
        },
        limits: Limits {
            connections_max: count(config.connections_max),
            address_connections_max: count(config.address_connections_max),
            ..Limits::default()
        },
    })
}

/// Where a system keeps the certificates that it trusts: Debian and Alpine, Red Hat.
const TRUSTED: [&str; 2] =
    ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt"];

/// Where subscriptions may report to.
fn receivers(config: &Config) -> Result<Receivers, DoorError> {
    let is_secure = config.webhook_origins.iter().any(|origin| origin.starts_with("https:"));
    let authorities = match &config.webhook_ca_file {
        Some(path) => {
            let wrong = |cause| DoorError::Authorities { path: path.clone(), cause };
            Some(fs::read(path).map_err(wrong)?)
        }
        None if is_secure => TRUSTED.iter().find_map(|path| fs::read(path).ok()),
        None => None,
    };
    let (origins, may_be_private) = (&config.webhook_origins, config.webhook_private_addresses);
    Ok(Receivers::new(origins, may_be_private, authorities.as_deref())?)
}

pub(crate) async fn serve_http(
    config: &Config,
    door: &Door,
    chain: Arc<dyn Chain>,
) -> Result<Server, NodeError> {
    let (key, address) = ("http_listen", config.http_listen);
    let limits = rest::Limits {
        body_bytes_max: usize::try_from(config.request_bytes_max).unwrap_or(usize::MAX),
        receivers: receivers(config)?,
        ..rest::Limits::default()
    };
    let settings = qiao_console::Settings {
        names: match config.public_pages {
            PublicPages::Plain => Names::Hidden,
            PublicPages::Off | PublicPages::Named => Names::Told,
        },
        public_url: Some(config.public_url.clone()).filter(|url| !url.is_empty()),
    };
    let console = qiao_console::router_with(chain.clone(), settings);
    let routes = rest::router_with(chain, limits).merge(console);
    let served = door::serve(address, routes, door.clone(), Kind::Pages).await;
    served.map_err(|cause| NodeError::Listener { key, address, cause })
}

pub(crate) async fn serve_rpc(
    config: &Config,
    door: &Door,
    chain: Arc<dyn Chain>,
) -> Result<Server, NodeError> {
    let (key, address) = ("rpc_listen", config.rpc_listen);
    let limits = rpc::Limits {
        body_bytes_max: u32::try_from(config.request_bytes_max).unwrap_or(u32::MAX),
        ..rpc::Limits::default()
    };
    let served = rpc::serve(chain, address, limits, door.clone()).await;
    served.map_err(|cause| NodeError::Listener { key, address, cause })
}

#[cfg(test)]
mod tests;
