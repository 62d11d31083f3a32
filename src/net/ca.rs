//! Which certificate authorities are trusted: the machine's, or only those of a bundle.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::{Error as PemError, PemObject};
use rustls::{ClientConfig, RootCertStore};

use super::Fault;
use crate::host::Host;

/// A file of certificate authorities (PEM) that replaces the machine's, as in botocore.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaBundle {
    /// The file.
    pub path: PathBuf,
    /// The variable or key that names it.
    pub origin: String,
    /// Whether the environment named it: then it is shown before a question.
    pub from_environment: bool,
}

impl CaBundle {
    /// botocore's order: `AWS_CA_BUNDLE`, the profile's `ca_bundle`, `REQUESTS_CA_BUNDLE`. The profile's comes with its
    /// place, like `ca_bundle in /home/taro/.aws/config line 3`.
    pub fn chosen(machine: &Host, profile: Option<CaBundle>) -> Option<Self> {
        let named = |name: &str| {
            let path = machine.var(name)?;
            Some(CaBundle { path: path.into(), origin: name.into(), from_environment: true })
        };
        named("AWS_CA_BUNDLE")
            .or(profile)
            .or_else(|| named("REQUESTS_CA_BUNDLE"))
            .map(|bundle| CaBundle { path: expand(machine, &bundle.path), ..bundle })
    }

    /// Reads all of it; one bad certificate is an error, for the missing one would surface as a puzzle later.
    fn roots(&self) -> Result<RootCertStore, Fault> {
        let fault = |why: String| Fault::CaBundle { path: self.path.clone(), origin: self.origin.clone(), why };
        if self.path.is_dir() {
            return Err(fault("it is a folder; one file with all certificates is needed".into()));
        }
        let pem = std::fs::read(&self.path).map_err(|e| fault(super::plain_io(&e)))?;
        let mut roots = RootCertStore::empty();
        for (number, certificate) in (1..).zip(CertificateDer::pem_slice_iter(&pem)) {
            let certificate = certificate.map_err(|e| fault(format!("certificate {number} {}", pem_words(&e))))?;
            roots
                .add(certificate)
                .map_err(|_| fault(format!("certificate {number} is not a valid X.509 certificate")))?;
        }
        if roots.is_empty() {
            return Err(fault("there is no certificate in it (-----BEGIN CERTIFICATE-----)".into()));
        }
        Ok(roots)
    }
}

fn expand(machine: &Host, path: &Path) -> PathBuf {
    match (path.strip_prefix("~"), machine.home()) {
        (Ok(rest), Some(home)) => home.join(rest),
        _ => path.to_owned(),
    }
}

fn pem_words(error: &PemError) -> String {
    match error {
        PemError::MissingSectionEnd { .. } => "has no -----END CERTIFICATE----- line".into(),
        PemError::IllegalSectionStart { .. } => "begins with a broken -----BEGIN line".into(),
        PemError::Base64Decode(_) => "is not valid base64".into(),
        other => format!("cannot be read ({})", super::one_line(&other.to_string())),
    }
}

/// The TLS side of a call to `host`: `bundle`, else the machine's authorities (also `SSL_CERT_FILE`, `SSL_CERT_DIR`).
pub(super) fn tls_config(bundle: Option<&CaBundle>, host: &str) -> Result<Arc<ClientConfig>, Fault> {
    let roots = match bundle {
        Some(bundle) => bundle.roots()?,
        None => {
            let mut roots = RootCertStore::empty();
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
            if roots.is_empty() {
                let why =
                    "no certificate authorities are found here (ca-certificates, SSL_CERT_FILE): set AWS_CA_BUNDLE";
                return Err(Fault::Tls { host: host.into(), proxy: None, why: why.into() });
            }
            roots
        }
    };
    let mut config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|e| Fault::Internal { host: host.into(), why: e.to_string() })?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}
