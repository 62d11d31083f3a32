//! What every call has around it: the way is worked out, proxies that refused are left alone, a runtime exists.

use std::sync::Arc;

use super::route::Line;
use super::{Endpoint, Fault, Proxy, RefusedProxies, Route};
use crate::host::Host;

/// The way to one endpoint.
#[derive(Clone, Copy)]
pub struct Transport<'a> {
    /// Environment and clock.
    pub machine: &'a Host,
    /// The way there.
    pub route: &'a Route,
    /// Where it is.
    pub endpoint: &'a Endpoint,
    /// The memory of proxies that answered 407.
    pub refused: &'a dyn RefusedProxies,
}

/// What a call can end with, of which some is no answer at all.
pub(super) trait MayBeFault: From<Fault> {
    /// Why there was no answer; none where the service answered.
    fn fault(&self) -> Option<&Fault>;
}

impl Transport<'_> {
    /// Runs `work` with a line to the endpoint.
    pub(super) fn call<T, E: MayBeFault>(&self, work: impl AsyncFnOnce(Arc<Line>) -> Result<T, E>) -> Result<T, E> {
        let endpoint = self.endpoint;
        let line = self.route.line(self.machine, endpoint.host(), endpoint.port(), endpoint.is_tls())?;
        let key = line.proxy.as_ref().map(Proxy::refusal_key);
        self.stay_away(&line, key.as_deref())?;
        if let (Some(proxy), Some(key)) = (&line.proxy, &key)
            && proxy.address.username.is_some()
        {
            *line.turn.lock().unwrap_or_else(|e| e.into_inner()) = self.refused.turn(key);
            // Whoever had the turn before us may have been refused.
            self.stay_away(&line, Some(key))?;
        }
        let line = Arc::new(line);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|e| Fault::Internal { host: endpoint.host().into(), why: e.to_string() })?;
        let outcome = runtime.block_on(work(line.clone()));
        // A name look-up that still hangs in the system's resolver must not hold the answer up.
        runtime.shutdown_background();
        if let (Some(Fault::ProxyAuth { .. }), Some(key)) = (outcome.as_ref().err().and_then(E::fault), key) {
            self.refused.remember(&key);
        }
        line.end_turn();
        outcome
    }

    /// Sends nothing to a proxy that refused this user and password a short while ago.
    fn stay_away(&self, line: &Line, key: Option<&str>) -> Result<(), Fault> {
        let since = key.and_then(|key| self.refused.refused_since(key));
        let (Some(proxy), Some(since)) = (&line.proxy, since) else { return Ok(()) };
        let seconds = self.machine.now().since(since).max(0);
        let given = proxy.address.username.is_some();
        Err(Fault::ProxyRemembered { proxy: proxy.to_string(), given, seconds })
    }
}
