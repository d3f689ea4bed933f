//! Where reports may go: to this machine, and to the origins that the operator allows.
//!
//! A node that posted anywhere would be a way into its owner's network. So a destination must be allowed by
//! its whole origin, and the address that its name stands for is looked at when it is connected to: a name
//! that begins to stand for a machine of the owner's own network is not followed there.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    str::FromStr,
    sync::Arc,
    time::Duration,
};

use axum::http::Uri;
use ureq::{
    Agent,
    config::Config,
    tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem},
    unversioned::{
        resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver},
        transport::{DefaultConnector, NextTimeout},
    },
};

use crate::rest::{cut, problem::Problem};

/// A receiver has so long to take a report.
const PATIENCE: Duration = Duration::from_secs(10);

/// An origin to which reports may go: `https://erp.example.com`, `http://10.1.2.3:8080`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    is_secure: bool,
    host: String,
    port: u16,
}

/// Why a node cannot report to others as it is configured.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReceiversError {
    /// It is no origin.
    #[error(
        "`{0}` is no origin: `https://HOST` or `http://HOST`, with `:PORT` where it is another"
    )]
    Origin(String),
    /// There is nothing against which certificates could be checked.
    #[error("`{0}` speaks TLS, and no certificate is given that vouches for it")]
    NoAuthority(Origin),
    /// What is given as certificates is none.
    #[error("there is no certificate in PEM: {0}")]
    Certificate(String),
}

/// Receivers on other machines.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Receivers {
    origins: Vec<Origin>,
    may_be_private: bool,
    /// Certificates in DER.
    authorities: Vec<Vec<u8>>,
}

impl FromStr for Origin {
    type Err = ReceiversError;

    fn from_str(text: &str) -> Result<Self, ReceiversError> {
        let wrong = || ReceiversError::Origin(cut(text));
        let uri: Uri = text.parse().map_err(|_| wrong())?;
        let is_bare = uri.path_and_query().is_none_or(|path| path.as_str() == "/");
        let origin = Self::of(&uri).filter(|_| is_bare && !text.ends_with('/'));
        origin.ok_or_else(wrong)
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.is_secure { "https" } else { "http" };
        let host = &self.host;
        match host.contains(':') {
            true => write!(formatter, "{scheme}://[{host}]:{}", self.port),
            false => write!(formatter, "{scheme}://{host}:{}", self.port),
        }
    }
}

impl Origin {
    /// That of a URL; `None` where it is not of the web, or brings a name and password.
    fn of(uri: &Uri) -> Option<Self> {
        let is_secure = match uri.scheme_str()? {
            "https" => true,
            "http" => false,
            _ => return None,
        };
        if uri.authority()?.as_str().contains('@') {
            return None;
        }
        let host = uri.host()?.trim_matches(['[', ']']).to_ascii_lowercase();
        let port = uri.port_u16().unwrap_or(if is_secure { 443 } else { 80 });
        (!host.is_empty()).then_some(Self { is_secure, host, port })
    }

    /// The address, where the host is one.
    fn address(&self) -> Option<IpAddr> {
        self.host.parse().ok()
    }

    /// Whether it is on this machine, without TLS.
    fn is_own(&self) -> bool {
        let is_loopback = self.address().is_some_and(|address| address.is_loopback());
        !self.is_secure && (self.host == "localhost" || is_loopback)
    }
}

impl Receivers {
    /// These origins; whether their names may stand for private addresses; and the certificates (PEM) that
    /// vouch for those that speak TLS.
    ///
    /// # Errors
    /// [`ReceiversError`].
    pub fn new(
        origins: &[String],
        may_be_private: bool,
        authorities: Option<&[u8]>,
    ) -> Result<Self, ReceiversError> {
        let origins =
            origins.iter().map(|text| text.parse()).collect::<Result<Vec<Origin>, _>>()?;
        let mut certificates = Vec::new();
        for item in authorities.into_iter().flat_map(parse_pem) {
            let item = item.map_err(|error| ReceiversError::Certificate(error.to_string()))?;
            if let PemItem::Certificate(certificate) = item {
                certificates.push(certificate.der().to_vec());
            }
        }
        if authorities.is_some() && certificates.is_empty() {
            return Err(ReceiversError::Certificate("none was found".to_owned()));
        }
        let unvouched = origins.iter().find(|origin| origin.is_secure && certificates.is_empty());
        match unvouched {
            Some(origin) => Err(ReceiversError::NoAuthority(origin.clone())),
            None => Ok(Self { origins, may_be_private, authorities: certificates }),
        }
    }

    /// Refuses destinations that this node does not post to.
    pub(super) fn check(&self, dest: &str) -> Result<(), Box<Problem>> {
        let bad = |detail: String| {
            super::routes::invalid(detail)
                .kind("epcisException:InvalidURIException", "destination not usable")
        };
        let uri: Uri = dest.parse().map_err(|_| bad("`dest` is not a URL".to_owned()))?;
        let origin = Origin::of(&uri);
        let origin = origin.ok_or_else(|| {
            bad("`dest` is not an `http` or `https` URL without name and password".to_owned())
        })?;
        if origin.is_own() || self.origins.contains(&origin) {
            return Ok(());
        }
        let detail = format!("this node does not report to `{}`", cut(&origin.to_string()));
        Err(bad(detail).hint(
            "reports go over `http` to the node's own machine, and where `webhook_origins` of its \
             configuration says",
        ))
    }

    /// Whether a host may be connected to at an address.
    fn may_reach(&self, host: &str, address: IpAddr) -> bool {
        let address = address.to_canonical();
        let host = host.trim_matches(['[', ']']);
        match host.parse::<IpAddr>() {
            // The address itself is what was allowed.
            Ok(literal) => literal.to_canonical() == address,
            Err(_) if host.eq_ignore_ascii_case("localhost") => address.is_loopback(),
            Err(_) => self.may_be_private || is_public(address),
        }
    }

    /// A client that posts reports, and follows no redirect and no proxy.
    pub(in crate::rest) fn agent(&self) -> Agent {
        let roots = self.authorities.iter().map(|der| Certificate::from_der(der).to_owned());
        let provider = tokio_rustls::rustls::crypto::ring::default_provider();
        let tls = TlsConfig::builder()
            .root_certs(RootCerts::Specific(Arc::new(roots.collect())))
            .unversioned_rustls_crypto_provider(Arc::new(provider))
            .build();
        let config = Agent::config_builder()
            .timeout_global(Some(PATIENCE))
            .max_redirects(0)
            .max_idle_connections(0)
            .proxy(None)
            .tls_config(tls)
            .build();
        Agent::with_parts(config, DefaultConnector::default(), Lookup(self.clone()))
    }
}

/// Looks names up, and leaves out the addresses that may not be connected to.
#[derive(Debug)]
struct Lookup(Receivers);

impl Resolver for Lookup {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let found = DefaultResolver::default().resolve(uri, config, timeout)?;
        let host = uri.host().unwrap_or_default();
        let may = |address: &&SocketAddr| self.0.may_reach(host, address.ip());
        let mut kept = self.empty();
        found.iter().filter(may).for_each(|address| kept.push(*address));
        if kept.is_empty() {
            let reason = format!("`{host}` stands for a private address, where nothing is posted");
            return Err(ureq::Error::Other(reason.into()));
        }
        Ok(kept)
    }
}

/// Whether an address is one of the public network, so that no machine of an inner network answers there.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

/// By the registry of special addresses (RFC 6890 and what came after it).
fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let is_shared = a == 100 && b & 0xc0 == 64;
    let is_protocols = a == 192 && b == 0 && c == 0;
    let is_benchmark = a == 198 && b & 0xfe == 18;
    !(a == 0
        || a >= 224
        || address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_documentation()
        || is_shared
        || is_protocols
        || is_benchmark)
}

/// Global unicast (2000::/3), without what leads elsewhere: tunnels to IPv4, documentation, protocols.
fn is_public_v6(address: Ipv6Addr) -> bool {
    let [a, b, ..] = address.segments();
    let is_protocols = a == 0x2001 && b < 0x0200;
    let is_documentation = a == 0x2001 && b == 0x0db8 || a == 0x3fff && b < 0x1000;
    let is_tunnel = a == 0x2002;
    a & 0xe000 == 0x2000 && !(is_protocols || is_documentation || is_tunnel)
}

#[cfg(test)]
mod tests;
