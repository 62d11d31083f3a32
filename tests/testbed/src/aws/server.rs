//! The listeners, and the way of a request through faults, signature and service to its answer.

use std::collections::BTreeMap;
use std::io::{BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::account::Who;
use super::answer::{Answer, Refusal};
use super::call::Call;
use super::faults::Fault;
use super::request::Request;
use super::rest::{Route, Service};
use super::signature::Signature;
use super::sts::Caller;
use super::{Shared, State, federation, iam, login, rest, s3, sso, sts};

/// Accepts connections until it is dropped.
pub(super) struct Listener {
    pub address: SocketAddr,
    ended: Arc<AtomicBool>,
}

impl Listener {
    pub fn start(state: Shared, tls: Option<Arc<ServerConfig>>) -> Listener {
        let socket = TcpListener::bind(("127.0.0.1", 0)).expect("a free port on loopback");
        let address = socket.local_addr().expect("a bound socket has an address");
        let ended = Arc::new(AtomicBool::new(false));
        let stop = Arc::clone(&ended);
        std::thread::spawn(move || {
            for connection in socket.incoming() {
                if stop.load(Ordering::SeqCst) {
                    break;
                }
                let (Ok(connection), state, tls) = (connection, state.clone(), tls.clone()) else { continue };
                std::thread::spawn(move || serve(connection, &state, tls));
            }
        });
        Listener { address, ended }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::SeqCst);
        // Wakes the thread that waits for a connection, so that the port closes.
        let _ = TcpStream::connect(self.address);
    }
}

fn serve(connection: TcpStream, state: &Shared, tls: Option<Arc<ServerConfig>>) {
    // A client that keeps its connection and says nothing is not waited for for ever.
    let _ = connection.set_read_timeout(Some(Duration::from_secs(120)));
    let _ = connection.set_nodelay(true);
    let Ok(socket) = connection.try_clone() else { return };
    match tls {
        None => converse(connection, state, false),
        Some(config) => {
            if let Ok(server) = ServerConnection::new(config) {
                converse(StreamOwned::new(server, connection), state, true);
            }
        }
    }
    let _ = socket.shutdown(Shutdown::Both);
}

/// Answers requests until the client closes, or a fault cuts the connection.
fn converse(stream: impl Read + Write, state: &Shared, tls: bool) {
    let mut stream = BufReader::new(stream);
    while let Some(request) = Request::read(&mut stream) {
        let Some(bytes) = respond(&request, state, tls) else { return };
        let (bytes, whole) = bytes;
        let stream = stream.get_mut();
        if stream.write_all(&bytes).and_then(|()| stream.flush()).is_err() || !whole {
            return;
        }
    }
}

/// The bytes to send, and whether they are the whole answer; `None`: no answer at all.
fn respond(request: &Request, shared: &Shared, tls: bool) -> Option<(Vec<u8>, bool)> {
    let signature = Signature::of(request);
    let route = if signature.is_none() { rest::route(request) } else { None };
    let (action, params) = match &route {
        Some(route) => route.params(request),
        None => signed_params(request),
    };
    let fault = shared.lock().faults.take(&action);
    match &fault {
        Some(Fault::Slow(time)) => std::thread::sleep(*time),
        Some(Fault::Hold(gate)) => gate.pass(),
        _ => {}
    }

    let service = signature.as_ref().map_or("sts", |s| s.service.as_str());
    let refused = |refusal: Refusal| match &route {
        Some(route) => Answer::rest_refusal(route.service, &refusal),
        None => Answer::refusal(service, &refusal),
    };
    let xml = |refusal: Refusal| Some(refused(refusal));
    let instead = match &fault {
        Some(Fault::Throttling) => xml(route.as_ref().map_or_else(Refusal::throttled, Route::throttled)),
        Some(Fault::Refuse(status, code)) => xml(Refusal::new(*status, code, rest::words(code))),
        Some(Fault::Echo(status, code)) => xml(Refusal::new(*status, code, request.echo())),
        Some(Fault::EchoAsSent(status, code)) => xml(Refusal::new(*status, code, request.echo_as_sent())),
        Some(Fault::ServerError(status)) => {
            let (code, text) = match status {
                503 => ("ServiceUnavailable", "Service Unavailable"),
                _ if route.is_some() => ("InternalServerException", "An internal error has occurred."),
                _ => ("InternalFailure", "An internal error has occurred."),
            };
            xml(Refusal::new(*status, code, text))
        }
        Some(Fault::GatewayHtml) => Some(Answer::html(502, "502 Bad Gateway")),
        Some(Fault::Portal) => Some(Answer::html(200, "Welcome to the guest network")),
        Some(Fault::ProxyAuthentication) => {
            let page = Answer::html(407, "407 Proxy Authentication Required");
            Some(Answer { headers: vec![("Proxy-Authenticate", "Basic realm=\"proxy\"".into())], ..page })
        }
        _ => None,
    };
    let text = |field: fn(&Signature) -> &String| signature.as_ref().map(field).cloned().unwrap_or_default();
    let mut call = Call {
        action,
        params,
        access_key_id: text(|s| &s.access_key_id),
        bearer_token: request.header("x-amz-sso_bearer_token").unwrap_or_default().to_owned(),
        region: route.as_ref().and_then(|r| r.region.clone()).unwrap_or_else(|| text(|s| &s.region)),
        accepted: false,
        error: None,
        method: request.method.clone(),
        host: request.header("host").unwrap_or_default().to_owned(),
        tls,
    };

    let mut state = shared.lock();
    let cut = matches!(fault, Some(Fault::CutBefore));
    let answer = match instead {
        Some(answer) => answer,
        None if cut => Answer { error: Some("cut".into()), ..Answer::xml(200, String::new()) },
        None => match &route {
            Some(route) => unsigned(&mut state, request, route, &call),
            None => dispatch(&mut state, request, signature.as_ref(), &call),
        }
        .unwrap_or_else(refused),
    };
    call.accepted = answer.error.is_none();
    call.error.clone_from(&answer.error);
    state.log.calls.push(call);
    let bytes = written(&answer, state.now());
    drop(state);

    match fault {
        Some(Fault::CutBefore | Fault::CutAfter) => None,
        Some(Fault::CutInside) => Some((bytes[..bytes.len() / 2].to_vec(), false)),
        Some(Fault::HoldAnswer(gate)) => {
            gate.pass();
            Some((bytes, true))
        }
        _ => Some((bytes, true)),
    }
}

/// The action and the other parameters of a service with signatures.
fn signed_params(request: &Request) -> (String, BTreeMap<String, String>) {
    let mut params = request.form();
    params.remove("Version");
    let action = match params.remove("Action") {
        Some(action) => action,
        None if request.method == "GET" && request.path == "/" => "ListBuckets".to_owned(),
        None => String::new(),
    };
    (action, params)
}

fn unsigned(state: &mut State, request: &Request, route: &Route, call: &Call) -> Result<Answer, Refusal> {
    if route.service == Service::Federation {
        return federation::answer(state, &call.action, &call.params);
    }
    let scheme = if call.tls { "https" } else { "http" };
    let origin = format!("{scheme}://{}", call.host);
    match route.service {
        Service::SignIn if route.action.is_empty() => Err(Refusal::new(405, "INVALID_REQUEST", "POST is wanted")),
        Service::SignIn => login::token(state, request, &origin),
        _ => sso::answer(state, request, route, &origin),
    }
}

fn dispatch(
    state: &mut State,
    request: &Request,
    signature: Option<&Signature>,
    call: &Call,
) -> Result<Answer, Refusal> {
    let Some(signature) = signature else {
        if call.action == "AssumeRoleWithWebIdentity" {
            return sts::with_web_identity(state, &call.params);
        }
        return Err(Refusal::new(403, "MissingAuthenticationToken", "Request is missing Authentication Token"));
    };
    let caller = identify(state, request, signature)?;
    match (signature.service.as_str(), call.action.as_str()) {
        ("sts", action) => sts::answer(state, &caller, action, &call.params),
        ("iam", action) => {
            iam::check_scope(&caller, &signature.region, &call.host)?;
            iam::answer(state, &caller, action, &call.params, request)
        }
        ("s3", "ListBuckets") => s3::list_buckets(state, &caller),
        (service, action) => {
            let text = format!("This fake has no {action} of {service} ({} {})", request.method, request.path);
            Err(Refusal::new(501, "NotImplemented", text))
        }
    }
}

/// Who signed: the key is known and active, or the session is known, whole and not over; clock and signature hold.
fn identify(state: &mut State, request: &Request, signature: &Signature) -> Result<Caller, Refusal> {
    signature.check_clock(request, state.now())?;
    let token = request.header("x-amz-security-token");
    let id = &signature.access_key_id;
    let now = state.now();
    if let Some(key) = state.accounts.keys.get_mut(id).filter(|key| key.active && token.is_none()) {
        if !key.is_known() {
            return Err(Refusal::unknown_key());
        }
        signature.check(request, &key.secret)?;
        key.used(now, &signature.service, &signature.region);
        return Ok(Caller { who: Who::User(key.user.clone()), session: false, mfa: false, issued: None });
    }
    let session = state.accounts.sessions.get(id).filter(|session| token == Some(&session.token));
    let session = session.ok_or_else(Refusal::unknown_key)?;
    if session.expires <= now {
        let text = "The security token included in the request is expired";
        return Err(Refusal::new(403, "ExpiredToken", text));
    }
    signature.check(request, &session.secret)?;
    Ok(Caller { who: session.who.clone(), session: true, mfa: session.mfa, issued: Some(session.issued) })
}

fn written(answer: &Answer, now: i64) -> Vec<u8> {
    let date = chrono::DateTime::from_timestamp(now, 0).unwrap_or_default().format("%a, %d %b %Y %H:%M:%S GMT");
    let mut head = format!("HTTP/1.1 {} Answer\r\nDate: {date}\r\n", answer.status);
    head += &format!("Content-Type: {}\r\nContent-Length: {}\r\n", answer.content_type, answer.body.len());
    for (name, value) in &answer.headers {
        head += &format!("{name}: {value}\r\n");
    }
    format!("{head}\r\n{}", answer.body).into_bytes()
}

/// A server configuration with a leaf certificate, and the CA that signed it (as PEM). rustls clients refuse a CA's
/// own certificate at a server, so there are two.
pub(super) fn certificates() -> (Arc<ServerConfig>, String) {
    let why = "certificates with these parameters can be made";
    let mut ca = CertificateParams::default();
    ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    ca.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    ca.distinguished_name.push(rcgen::DnType::CommonName, "awsenv testbed CA");
    let ca_key = KeyPair::generate().expect(why);
    let ca_pem = ca.self_signed(&ca_key).expect(why).pem();

    let regions = ["us-east-1", "us-west-2", "eu-central-1", "eu-west-1", "ap-northeast-1"];
    let mut names: Vec<String> =
        ["localhost", "127.0.0.1", "::1", "*.fake.test", "*.amazonaws.com"].map(Into::into).into();
    names.extend(regions.iter().map(|region| format!("*.{region}.amazonaws.com")));
    names.extend(regions.iter().map(|region| format!("*.sso.{region}.amazonaws.com")));
    names.extend(["*.aws.amazon.com".into(), "*.signin.aws.amazon.com".into()]);
    // IAM of the other partitions.
    names.extend(["iam.cn-north-1.amazonaws.com.cn".into(), "iam.us-gov.amazonaws.com".into()]);
    let mut leaf = CertificateParams::new(names).expect(why);
    leaf.distinguished_name.push(rcgen::DnType::CommonName, "awsenv testbed");
    leaf.use_authority_key_identifier_extension = true;
    let leaf_key = KeyPair::generate().expect(why);
    let chain = vec![leaf.signed_by(&leaf_key, &Issuer::new(ca, ca_key)).expect(why).der().clone()];

    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let key = rustls::pki_types::PrivateKeyDer::Pkcs8(leaf_key.serialize_der().into());
    let config = config.expect("ring has them").with_no_client_auth().with_single_cert(chain, key).expect(why);
    (Arc::new(config), ca_pem)
}
