//! What nobody may see but who got it.

use super::FakeAws;
use super::totp;

impl FakeAws {
    /// Everything secret that this AWS has given out so far and still knows: keys and tokens of every kind, the secrets of
    /// registered clients, the seeds of MFA devices, codes that stand for a sign-in.
    pub fn secrets(&self) -> Vec<String> {
        let state = self.state.lock();
        let (accounts, center) = (&state.accounts, &state.center);
        let sessions = accounts.sessions.values().flat_map(|session| [&session.secret, &session.token]);
        let seeds = accounts.devices.values().map(|device| totp::base32(&device.seed));
        accounts
            .keys
            .values()
            .map(|key| &key.secret)
            .chain(sessions)
            .chain(center.clients.values().map(|client| &client.secret))
            .chain(center.access_tokens.keys())
            .chain(center.refresh_tokens.keys())
            .chain(center.codes.keys())
            .chain(center.devices.keys())
            .chain(state.logins.refresh_tokens())
            .chain(state.signin_tokens.keys())
            .cloned()
            .chain(seeds)
            .filter(|secret| !secret.is_empty())
            .collect()
    }
}
