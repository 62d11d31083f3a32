//! What was called, for tests that count.

use std::collections::BTreeMap;

/// One request, as it was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// `GetSessionToken`, `ListBuckets`, `CreateToken`, `ListAccounts`, `getSigninToken`, `CreateOAuth2Token`;
    /// `Authorize` and `AnswerAuthorize`,
    /// `Device` and `AnswerDevice` for the pages, IAM's by their names; empty when the request named none.
    pub action: String,
    /// The parameters of the request, the action and the API version left out; lists are joined by blanks.
    pub params: BTreeMap<String, String>,
    /// The access key that signed; empty when nothing did.
    pub access_key_id: String,
    /// The bearer token that was shown to the SSO portal; empty when none was.
    pub bearer_token: String,
    /// The region that was signed for, or that the host's name says.
    pub region: String,
    /// Whether the server did what was asked (also when the answer was cut off on its way).
    pub accepted: bool,
    /// The code of the error that was answered.
    pub error: Option<String>,
    /// `POST`; the parameters of a GET stand in its URL.
    pub method: String,
    /// The `Host` header.
    pub host: String,
    /// Whether it came over TLS.
    pub tls: bool,
}

#[derive(Default)]
pub(super) struct Log {
    pub calls: Vec<Call>,
}
