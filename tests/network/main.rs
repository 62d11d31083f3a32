//! The network as a user meets it: a fake AWS that checks codes, a real tinyproxy, proxies and servers that misbehave.

mod calls;
mod certificates;
mod proxies;
mod stand_ins;

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use awsenv::host::Host;
use awsenv::net::{
    Answer, AssumeRole, CaBundle, Caller, Configured, Endpoint, Failure, Keys, Mfa, NoMemory, ProxyChoice,
    RefusedProxies, Region, Route, Service, Session, Sts,
};
use awsenv::terminal::Code;
use awsenv::time::Timestamp;
use testbed::aws::{Credentials, Device, FakeAws, Key};

/// One caller of STS: everything that a call needs, changed by the test before it calls.
struct Party {
    machine: Host,
    route: Route,
    region: Region,
    configured: Configured,
    keys: Keys,
    skew: i64,
    refused: Box<dyn RefusedProxies>,
}

impl Party {
    /// With these keys, at this endpoint (`None`: AWS's own host), without any variable.
    fn new(key: &Key, endpoint: Option<&str>) -> Self {
        Party {
            machine: machine(&[]),
            route: Route { proxy: ProxyChoice::Environment, ..Route::default() },
            region: Region::new("us-east-1").expect("a region"),
            configured: Configured {
                profile_url: endpoint.map(|url| (url.to_owned(), "endpoint_url in config line 3".into())),
                ..Configured::default()
            },
            keys: long_term(key),
            skew: 0,
            refused: Box::new(NoMemory),
        }
    }

    /// Trusts the authority of this AWS only.
    fn trusting(mut self, aws: &FakeAws, folder: &Path) -> Self {
        let path = folder.join("ca.pem");
        std::fs::write(&path, aws.ca_pem()).expect("a file in the test's folder");
        self.route.ca_bundle = Some(bundle(&path));
        self
    }

    /// Remembers refused proxies in this folder, as awsenv does.
    fn remembering(mut self, folder: &Path) -> Self {
        let state = folder.join("state");
        self.refused = Box::new(awsenv::state::Memory::of(&machine(&[("AWSENV_STATE_DIR", &state.to_string_lossy())])));
        self
    }

    fn with_sts<T>(&self, call: impl FnOnce(&Sts<'_>) -> T) -> T {
        let endpoint =
            Endpoint::resolve(&self.machine, Service::Sts, &self.region, &self.configured).expect("an endpoint");
        call(&Sts {
            machine: &self.machine,
            route: &self.route,
            region: &self.region,
            endpoint: &endpoint,
            signer: awsenv::net::Signer::Keys(&self.keys),
            skew: self.skew,
            refused: &*self.refused,
        })
    }

    fn sign_in(&self, serial: &str, code: &str) -> Result<Answer<Session>, Failure> {
        let mfa = Mfa { serial: serial.into(), code: Code::parse(code).expect("six digits") };
        self.with_sts(|sts| sts.get_session_token(Some(&mfa), Some(3600)))
    }

    fn sign_in_with(&self, device: &Device) -> Result<Answer<Session>, Failure> {
        self.sign_in(device.serial(), &device.code())
    }

    fn who(&self) -> Result<Answer<Caller>, Failure> {
        self.with_sts(|sts| sts.get_caller_identity())
    }

    fn assume(&self, role: &AssumeRole) -> Result<Answer<Session>, Failure> {
        self.with_sts(|sts| sts.assume_role(role))
    }
}

/// The line that a person would read; always exactly one, and never with one of the usual secrets in it.
fn line<T>(outcome: Result<T, Failure>) -> String {
    let Err(failure) = outcome else { panic!("this call should have failed") };
    let line = awsenv::error::Error::from(failure).to_string();
    assert!(!line.is_empty() && !line.contains('\n'), "{line:?}");
    assert!(!line.contains("hunter2"), "{line}");
    line
}

fn machine(vars: &[(&str, &str)]) -> Host {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock after 1970").as_secs();
    Host::fixed(vars, Path::new("/dev/null/home"), Timestamp(i64::try_from(now).expect("a near year")))
}

fn bundle(path: &Path) -> CaBundle {
    CaBundle { path: path.to_owned(), origin: "AWS_CA_BUNDLE".into(), from_environment: true }
}

fn long_term(key: &Key) -> Keys {
    Keys { access_key_id: key.id.clone(), secret_access_key: key.secret.clone().into(), session_token: None }
}

fn of_session(session: &Credentials) -> Keys {
    Keys {
        access_key_id: session.access_key_id.clone(),
        secret_access_key: session.secret_access_key.clone().into(),
        session_token: Some(session.session_token.clone().into()),
    }
}
