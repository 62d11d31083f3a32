//! Text that stands in links and headers: base64 for them, and what nobody can guess.

use aws_smithy_types::base64;
use secrecy::SecretString;

use crate::error::{Error, Result};

/// RFC 4648's alphabet for links (section 5), without padding.
pub fn url_safe(bytes: &[u8]) -> String {
    base64::encode(bytes).trim_end_matches('=').replace('+', "-").replace('/', "_")
}

/// 256 bits that nobody can guess, in letters that a link carries as they are.
///
/// # Errors
/// Says that the system gives no random numbers.
pub fn unguessable() -> Result<SecretString> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|e| Error::failed(format!("the system gives no random numbers: {e}")))?;
    Ok(url_safe(&bytes).into())
}
