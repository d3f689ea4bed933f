//! Encrypted connections: the certificate of a listener, read again when its files change.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
    time::SystemTime,
};

use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::ring,
        pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
    },
};

/// Why a certificate cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file holds no certificate or no key.
    #[error("`{}` holds no {what} in PEM: {cause}", path.display())]
    Malformed {
        /// `certificate` or `private key`.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        cause: String,
    },
    /// The two do not belong together, or are of a kind that is not known.
    #[error("the certificate of `{}` cannot be used: {cause}", path.display())]
    Unusable {
        /// The file of the certificate.
        path: PathBuf,
        /// Why.
        cause: String,
    },
}

/// The certificate of a listener.
#[derive(Debug)]
pub struct Tls {
    certificate: PathBuf,
    key: PathBuf,
    current: RwLock<(Arc<ServerConfig>, Option<Stamps>)>,
}

/// When the two files were changed.
type Stamps = (SystemTime, SystemTime);

impl Tls {
    /// Reads a chain of certificates and its private key, both in PEM.
    ///
    /// # Errors
    /// The files cannot be read or used.
    pub fn open(certificate: &Path, key: &Path) -> Result<Arc<Self>, TlsError> {
        let stamps = stamps(certificate, key);
        let config = Arc::new(read(certificate, key)?);
        Ok(Arc::new(Self {
            certificate: certificate.to_path_buf(),
            key: key.to_path_buf(),
            current: RwLock::new((config, stamps)),
        }))
    }

    /// Reads the files again if they changed. What cannot be used is logged, and the certificate
    /// stays what it was.
    pub fn refresh(&self) {
        let stamps = stamps(&self.certificate, &self.key);
        if stamps.is_none()
            || stamps == self.current.read().unwrap_or_else(PoisonError::into_inner).1
        {
            return;
        }
        let read = read(&self.certificate, &self.key);
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        current.1 = stamps;
        match read {
            Ok(config) => current.0 = Arc::new(config),
            Err(error) => tracing::error!(%error, "the certificate stays what it was"),
        }
    }

    pub(super) fn acceptor(&self) -> TlsAcceptor {
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
        TlsAcceptor::from(Arc::clone(&current.0))
    }
}

fn stamps(certificate: &Path, key: &Path) -> Option<Stamps> {
    let changed = |path: &Path| fs::metadata(path).and_then(|file| file.modified()).ok();
    Some((changed(certificate)?, changed(key)?))
}

fn read(certificate: &Path, key: &Path) -> Result<ServerConfig, TlsError> {
    let malformed = |what, path: &Path, cause: String| TlsError::Malformed {
        what,
        path: path.to_path_buf(),
        cause,
    };
    let chain = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|cause| malformed("certificate", certificate, cause.to_string()))?;
    if chain.is_empty() {
        return Err(malformed("certificate", certificate, "it is empty".to_owned()));
    }
    let private = PrivateKeyDer::from_pem_file(key)
        .map_err(|cause| malformed("private key", key, cause.to_string()))?;
    let unusable = |cause: tokio_rustls::rustls::Error| TlsError::Unusable {
        path: certificate.to_path_buf(),
        cause: cause.to_string(),
    };
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(unusable)?
        .with_no_client_auth()
        .with_single_cert(chain, private)
        .map_err(unusable)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}
