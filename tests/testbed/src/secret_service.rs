//! A Secret Service that does as a test says, and the session bus that it is on in one.

use std::io::Write;
use std::net::Shutdown;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::Home;
use crate::dbus::{self, ERROR, Header, RETURN, Reader, SIGNAL, Values};
use crate::keyring::confirm_bus;
use crate::pty::DEADLINE;

/// Its own name on the bus.
const NAME: &str = ":1.1";
const COLLECTION: &str = "/org/freedesktop/secrets/collection/login";
const PROMPT: &str = "/org/freedesktop/secrets/prompt/p1";
const SESSION: &str = "/org/freedesktop/secrets/session/s1";
/// In the place of an object where there is none.
const NONE: &str = "/";

/// What the person at the desktop does when it asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Person {
    /// Gives the password.
    Answers,
    /// Closes the dialogue.
    Closes,
    /// Is not there.
    Sleeps,
}

/// A secret and what it is found by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    pub attributes: Vec<(String, String)>,
    pub label: String,
    pub secret: Vec<u8>,
    path: String,
}

/// Its state; what a test changes holds for the next call.
pub struct State {
    /// Whether its one collection is locked.
    pub locked: bool,
    /// Whether it has that collection.
    pub has_collection: bool,
    /// Locked items are not found, as in KeePassXC.
    pub hides_locked: bool,
    /// It asks before it writes or deletes, as KeePassXC does.
    pub asks_first: bool,
    pub person: Person,
    pub items: Vec<Item>,
    /// Every method that was called.
    pub calls: Vec<String>,
    made: usize,
    /// What the dialogue is for, and its answer is.
    pending: Option<(Vec<u8>, Pending)>,
    own_way: Option<OwnWay>,
}

type OwnWay = Box<dyn FnMut(&Header) -> Option<Vec<u8>> + Send>;

#[derive(Clone)]
enum Pending {
    Unlock,
    Make,
    Create(Item),
    Delete(String),
}

/// The service. It listens as long as this lives; the socket goes with the home.
pub struct SecretService {
    state: Arc<Mutex<State>>,
    socket: PathBuf,
    ended: Arc<std::sync::atomic::AtomicBool>,
}

impl SecretService {
    /// Starts it, open and empty; programs in this home find it.
    pub fn start(home: &mut Home) -> SecretService {
        let socket = home.outside().join("bus with a blank");
        let listener = UnixListener::bind(&socket).expect("a socket can be made");
        let address = format!("unix:path={}", socket.display()).replace(' ', "%20");
        // Where nobody listens, the next one counts.
        home.set("DBUS_SESSION_BUS_ADDRESS", format!("unix:path=/nobody,guid=0f;{address},guid=0f"));
        let state = State {
            locked: false,
            has_collection: true,
            hides_locked: false,
            asks_first: false,
            person: Person::Answers,
            items: Vec::new(),
            calls: Vec::new(),
            made: 0,
            pending: None,
            own_way: None,
        };
        let state = Arc::new(Mutex::new(state));
        let ended = Arc::new(std::sync::atomic::AtomicBool::new(false));
        let (shared, end) = (Arc::clone(&state), Arc::clone(&ended));
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if end.load(std::sync::atomic::Ordering::SeqCst) {
                    break;
                }
                let state = Arc::clone(&shared);
                std::thread::spawn(move || serve(stream, &state));
            }
        });
        confirm_bus(home);
        lock(&state).calls.clear();
        SecretService { state, socket, ended }
    }

    /// Its state.
    pub fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    /// Waits until this was called last: nobody may wait for its answer.
    pub fn wait_for(&self, member: &str) {
        let end = Instant::now() + DEADLINE;
        while self.state().calls.last().is_none_or(|last| last != member) {
            assert!(Instant::now() < end, "{member} is not called: {:?}", self.state().calls);
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// From now on these bytes answer a call for which they are given; no bytes: the connection ends.
    pub fn answer_by(&self, own_way: impl FnMut(&Header) -> Option<Vec<u8>> + Send + 'static) -> &Self {
        self.state().own_way = Some(Box::new(own_way));
        self
    }

    /// Puts a secret there as another program would.
    pub fn put(&self, attributes: &[(&str, &str)], secret: &[u8]) -> &Self {
        let attributes = attributes.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        self.state().keep(Item { attributes, label: "put there".into(), secret: secret.to_vec(), path: String::new() });
        self
    }
}

impl Drop for SecretService {
    fn drop(&mut self) {
        self.ended.store(true, std::sync::atomic::Ordering::SeqCst);
        let _ = UnixStream::connect(&self.socket);
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

fn serve(mut stream: UnixStream, state: &Mutex<State>) {
    let mut line = Vec::new();
    while !line.ends_with(b"BEGIN\r\n") {
        let mut byte = [0];
        if std::io::Read::read_exact(&mut stream, &mut byte).is_err() {
            return;
        }
        line.push(byte[0]);
        if line.ends_with(b"\r\n") && line.starts_with(b"\0AUTH EXTERNAL ") {
            line.clear();
            let _ = stream.write_all(b"OK 0123456789abcdef0123456789abcdef\r\n");
        }
    }
    while let Some((call, body)) = dbus::receive(&mut stream) {
        let out = {
            let mut state = lock(state);
            state.calls.push(call.member.clone());
            let own = state.own_way.as_mut().and_then(|own| own(&call));
            own.unwrap_or_else(|| state.answer(&call, &body))
        };
        if out.is_empty() || stream.write_all(&out).is_err() {
            break;
        }
    }
    let _ = stream.shutdown(Shutdown::Both);
}

/// The answer to a call.
pub fn answer(call: &Header, signature: &str, body: &[u8]) -> Vec<u8> {
    let (reply_to, sender, signature) = (call.serial, NAME.into(), signature.into());
    dbus::message(&Header { kind: RETURN, serial: 7, reply_to, sender, signature, ..Header::default() }, body)
}

/// An error in the place of one.
pub fn refuse(call: &Header, error: &str, says: &str) -> Vec<u8> {
    let (reply_to, sender, error) = (call.serial, NAME.into(), error.into());
    let header = Header { kind: ERROR, serial: 7, reply_to, sender, error, signature: "s".into(), ..Header::default() };
    dbus::message(&header, &Values::of(|v| v.text(says)))
}

impl State {
    fn answer(&mut self, call: &Header, body: &[u8]) -> Vec<u8> {
        let mut values = Reader::new(body);
        let said = |signature: &str, body: Vec<u8>| answer(call, signature, &body);
        match call.member.as_str() {
            "Hello" => said("s", Values::of(|v| v.text(":1.2"))),
            "AddMatch" => said("", Vec::new()),
            "OpenSession" => said("vo", Values::of(|v| v.signature("s").text("").text(SESSION))),
            "ReadAlias" => said("o", Values::of(|v| v.text(if self.has_collection { COLLECTION } else { NONE }))),
            "Get" => said("v", Values::of(|v| v.signature("b").number(self.locked.into()))),
            "SearchItems" => {
                let wanted = values.dictionary();
                let fits = |item: &&Item| wanted.iter().all(|pair| item.attributes.contains(pair));
                let mut found: Vec<_> = self.items.iter().filter(fits).map(|item| item.path.clone()).collect();
                let mut locked = if self.locked { std::mem::take(&mut found) } else { Vec::new() };
                if self.hides_locked {
                    locked.clear();
                }
                said("aoao", Values::of(|v| v.paths(&found).paths(&locked)))
            }
            "Unlock" if self.locked => {
                self.pending = Some((Values::of(|v| v.signature("ao").paths(&[])), Pending::Unlock));
                said("aoo", Values::of(|v| v.paths(&[]).text(PROMPT)))
            }
            "Unlock" => {
                let end = values.array(4);
                let mut paths = Vec::new();
                while !values.is_at(end) {
                    paths.push(values.text());
                }
                said("aoo", Values::of(|v| v.paths(&paths).text(NONE)))
            }
            "GetSecret" => match self.items.iter().find(|item| item.path == call.path) {
                _ if self.locked => refuse(call, "org.freedesktop.Secret.Error.IsLocked", "it is locked"),
                Some(item) => {
                    said("(oayays)", Values::of(|v| v.text(SESSION).bytes(&[]).bytes(&item.secret).text("text/plain")))
                }
                None => refuse(call, "org.freedesktop.Secret.Error.NoSuchObject", "no such item"),
            },
            "CreateCollection" => {
                self.pending = Some((Values::of(|v| v.signature("o").text(COLLECTION)), Pending::Make));
                said("oo", Values::of(|v| v.text(NONE).text(PROMPT)))
            }
            "CreateItem" => {
                let item = item(&mut values);
                let made = Values::of(|v| v.signature("o").text(COLLECTION));
                let prompt = self.now_or_later(made, Pending::Create(item));
                said("oo", Values::of(|v| v.text(NONE).text(prompt)))
            }
            "Delete" => {
                let prompt =
                    self.now_or_later(Values::of(|v| v.signature("s").text("")), Pending::Delete(call.path.clone()));
                said("o", Values::of(|v| v.text(prompt)))
            }
            "Prompt" => {
                // Before the answer, as it may be; and another program's, which is nobody's business. KWallet answers only
                // when the person has.
                let signal = match self.person {
                    Person::Answers => self.pending.take().map(|(result, pending)| {
                        self.go_on(pending);
                        completed(NAME, false, &result)
                    }),
                    Person::Closes => Some(closed()),
                    Person::Sleeps => None,
                };
                let strange = completed(":1.66", true, &Values::of(|v| v.signature("s").text("")));
                let answered = if self.person == Person::Sleeps { Vec::new() } else { said("", Vec::new()) };
                [strange, signal.unwrap_or_default(), answered].concat()
            }
            "Dismiss" => [closed(), said("", Vec::new())].concat(),
            _ => refuse(call, "org.freedesktop.DBus.Error.UnknownMethod", "there is no such method"),
        }
    }

    fn now_or_later(&mut self, result: Vec<u8>, pending: Pending) -> &'static str {
        if self.asks_first {
            self.pending = Some((result, pending));
            return PROMPT;
        }
        self.go_on(pending);
        NONE
    }

    fn go_on(&mut self, pending: Pending) {
        match pending {
            Pending::Unlock => self.locked = false,
            Pending::Make => self.has_collection = true,
            Pending::Create(item) => self.keep(item),
            Pending::Delete(path) => self.items.retain(|item| item.path != path),
        }
    }

    fn keep(&mut self, mut item: Item) {
        self.items.retain(|other| other.attributes != item.attributes);
        self.made += 1;
        item.path = format!("{COLLECTION}/{}", self.made);
        self.items.push(item);
    }
}

/// The values of CreateItem, which is always asked to replace.
fn item(values: &mut Reader) -> Item {
    let mut item = Item { attributes: Vec::new(), label: String::new(), secret: Vec::new(), path: String::new() };
    let end = values.array(8);
    while !values.is_at(end) {
        let name = values.align(8).text();
        match (name.rsplit('.').next(), values.signature().as_str()) {
            (Some("Label"), "s") => item.label = values.text(),
            (Some("Attributes"), "a{ss}") => item.attributes = values.dictionary(),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!((values.align(8).text().as_str(), values.bytes()), (SESSION, &[][..]));
    item.secret = values.bytes().to_vec();
    assert_eq!((values.text().as_str(), values.number()), ("text/plain", 1));
    item
}

fn closed() -> Vec<u8> {
    completed(NAME, true, &Values::of(|v| v.signature("s").text("")))
}

fn completed(sender: &str, dismissed: bool, result: &[u8]) -> Vec<u8> {
    let header = Header {
        kind: SIGNAL,
        serial: 8,
        path: PROMPT.into(),
        interface: "org.freedesktop.Secret.Prompt".into(),
        member: "Completed".into(),
        sender: sender.into(),
        signature: "bv".into(),
        ..Header::default()
    };
    let mut body = Values::of(|v| v.number(dismissed.into()));
    body.extend(result);
    dbus::message(&header, &body)
}
