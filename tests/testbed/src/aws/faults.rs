//! What goes wrong on the way to AWS, scripted for the next calls.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

/// A way in which a call goes wrong.
#[derive(Debug, Clone)]
pub enum Fault {
    /// 400 `Throttling`; 429 `TooManyRequestsException` of the portal, `SlowDownException` of OIDC.
    Throttling,
    /// This status and exception, in the words and the form of the service (`401, "UnauthorizedException"`); nothing
    /// happens.
    Refuse(u16, &'static str),
    /// The same, and the words are what it was sent: headers that carry a secret, the query, the body.
    Echo(u16, &'static str),
    /// The same of query and body, encoded as they were.
    EchoAsSent(u16, &'static str),
    /// An answer that takes this long.
    Slow(Duration),
    /// The connection ends before anything happens: a code stays unused.
    CutBefore,
    /// AWS does what was asked (a code is used), then the connection ends without an answer.
    CutAfter,
    /// AWS does what was asked, and half the answer arrives.
    CutInside,
    /// This status (500 to 599) with AWS's XML; nothing happens.
    ServerError(u16),
    /// 502 with a page of HTML, as gateways and filters answer.
    GatewayHtml,
    /// 407, as a proxy answers in AWS's place.
    ProxyAuthentication,
    /// 200 with something that is not AWS's XML (a captive portal).
    Portal,
    /// Waits at the gate before anything happens.
    Hold(Gate),
    /// AWS does what was asked; the answer waits at the gate.
    HoldAnswer(Gate),
}

/// Where held calls wait until the test lets them go.
#[derive(Debug, Clone, Default)]
pub struct Gate(Arc<(Mutex<Passing>, Condvar)>);

#[derive(Debug, Default)]
struct Passing {
    arrived: usize,
    open: bool,
}

impl Gate {
    /// A closed gate.
    pub fn new() -> Gate {
        Gate::default()
    }

    /// Waits until this many calls have arrived (deadline 20 s).
    pub fn wait_arrived(&self, count: usize) {
        let (passing, changed) = &*self.0;
        let passing = passing.lock().expect("nobody panics at a gate");
        let waited = changed.wait_timeout_while(passing, Duration::from_secs(20), |p| p.arrived < count);
        let (passing, timeout) = waited.expect("nobody panics at a gate");
        assert!(!timeout.timed_out(), "{count} calls should have arrived at the gate, {} have", passing.arrived);
    }

    /// Lets all calls go, also those to come.
    pub fn open(&self) {
        let (passing, changed) = &*self.0;
        passing.lock().expect("nobody panics at a gate").open = true;
        changed.notify_all();
    }

    pub(super) fn pass(&self) {
        let (passing, changed) = &*self.0;
        let mut passing = passing.lock().expect("nobody panics at a gate");
        passing.arrived += 1;
        changed.notify_all();
        // A test that forgot its gate does not hold this thread for ever.
        let waited = changed.wait_timeout_while(passing, Duration::from_secs(120), |p| !p.open);
        drop(waited);
    }
}

#[derive(Default)]
pub(super) struct Faults(VecDeque<(Option<String>, Fault)>);

impl Faults {
    pub fn add(&mut self, action: Option<&str>, fault: &Fault, count: usize) {
        self.0.extend(std::iter::repeat_n((action.map(str::to_owned), fault.clone()), count));
    }

    /// The next fault that is meant for this action, taken off the list.
    pub fn take(&mut self, action: &str) -> Option<Fault> {
        let meant = |(wanted, _): &(Option<String>, Fault)| wanted.as_deref().is_none_or(|w| w == action);
        let index = self.0.iter().position(meant)?;
        self.0.remove(index).map(|(_, fault)| fault)
    }
}
