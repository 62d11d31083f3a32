//! The calls, one function each.

use secrecy::zeroize::Zeroizing;

use super::fault::Fault;
use crate::host::Host;
use crate::keyring::dbus::{self, Body, Bus, Call, Message};
use crate::terminal::Tty;

/// The name on the bus, and its one object.
const NAME: &str = "org.freedesktop.secrets";
const PATH: &str = "/org/freedesktop/secrets";

const SERVICE: &str = "org.freedesktop.Secret.Service";
const COLLECTION: &str = "org.freedesktop.Secret.Collection";
const ITEM: &str = "org.freedesktop.Secret.Item";

/// In the place of an object where there is none.
pub(super) const NONE: &str = "/";

type Result<T> = std::result::Result<T, Fault>;

/// A session with it.
pub struct Service {
    pub(super) bus: Bus,
    session: String,
    /// Its own name on the bus: what is not from it is not listened to.
    pub(super) name: String,
    /// Whether a dialogue of the desktop may ask for the password.
    pub(super) may_ask: bool,
}

impl Service {
    /// Connects, and starts the program that offers it where the bus knows how. Secrets go over the bus as they are, which
    /// is this login's own or confirmed by a person; whoever may listen there may also ask for them.
    pub fn open(host: &Host, tty: Option<&Tty>) -> Result<Self> {
        let mut bus = Bus::open(host, tty)?;
        let open = Call { destination: NAME, path: PATH, interface: SERVICE, member: "OpenSession" };
        let algorithm = Body::new("sv", |w| w.string("plain").variant("s").string(""));
        let answer = bus.call(open, &algorithm)?;
        let mut values = answer.body("vo")?;
        values.skip_variant()?;
        let session = values.path()?.to_owned();
        Ok(Service { bus, session, name: answer.sender.clone(), may_ask: tty.is_some() })
    }

    pub(super) fn call(&mut self, path: &str, interface: &str, member: &str, body: &Body) -> Result<Message> {
        Ok(self.bus.call(Call { destination: &self.name, path, interface, member }, body)?)
    }

    /// The items that have these attributes, unlocked.
    pub fn find(&mut self, attributes: &[(&str, &str)]) -> Result<Vec<String>> {
        let (mut found, mut locked) = self.search(attributes)?;
        // KeePassXC cannot look into a database that is locked.
        if found.is_empty()
            && locked.is_empty()
            && let Some(collection) = self.default_collection()?
            && self.is_locked(&collection)?
        {
            self.unlock(&[&collection])?;
            (found, locked) = self.search(attributes)?;
        }
        if !locked.is_empty() {
            self.unlock(&locked.iter().map(String::as_str).collect::<Vec<_>>())?;
            found.append(&mut locked);
        }
        Ok(found)
    }

    fn search(&mut self, attributes: &[(&str, &str)]) -> Result<(Vec<String>, Vec<String>)> {
        let answer = self.call(PATH, SERVICE, "SearchItems", &Body::new("a{ss}", |w| w.dictionary(attributes)))?;
        let mut values = answer.body("aoao")?;
        Ok((values.paths()?, values.paths()?))
    }

    fn unlock(&mut self, objects: &[&str]) -> Result<()> {
        let list = Body::new("ao", |w| {
            w.array(4, |array| {
                for path in objects {
                    array.string(path);
                }
            })
        });
        let answer = self.call(PATH, SERVICE, "Unlock", &list)?;
        let mut values = answer.body("aoo")?;
        let (_unlocked, prompt) = (values.paths()?, values.path()?);
        self.ask_unless_done(prompt).map_err(|fault| match fault {
            Fault::WouldAsk => Fault::Locked,
            Fault::Dismissed => Fault::StaysLocked,
            other => other,
        })
    }

    /// The secret of an item that is not locked.
    pub fn secret(&mut self, item: &str) -> Result<Zeroizing<Vec<u8>>> {
        let session = self.session.clone();
        let answer = self.call(item, ITEM, "GetSecret", &Body::new("o", |w| w.string(&session)))?;
        let mut values = answer.body("(oayays)")?;
        values.begin_struct()?;
        let (_session, _parameters) = (values.path()?, values.byte_array()?);
        Ok(Zeroizing::new(values.byte_array()?.to_vec()))
    }

    /// Puts an item into a collection, in the place of one with the same attributes.
    pub fn create(&mut self, collection: &str, label: &str, attributes: &[(&str, &str)], secret: &[u8]) -> Result<()> {
        if self.is_locked(collection)? {
            self.unlock(&[collection])?;
        }
        let item = Body::new("a{sv}(oayays)b", |w| {
            w.array(8, |properties| {
                properties.begin_struct().string("org.freedesktop.Secret.Item.Label").variant("s").string(label);
                properties.begin_struct().string("org.freedesktop.Secret.Item.Attributes").variant("a{ss}");
                properties.dictionary(attributes);
            });
            w.begin_struct().string(&self.session).byte_array(&[]).byte_array(secret).string("text/plain");
            w.bool(true)
        });
        let answer = self.call(collection, COLLECTION, "CreateItem", &item)?;
        let mut values = answer.body("oo")?;
        values.path()?;
        let prompt = values.path()?;
        self.ask_unless_done(prompt)
    }

    /// Takes an item out.
    pub fn delete(&mut self, item: &str) -> Result<()> {
        let answer = self.call(item, ITEM, "Delete", &Body::empty())?;
        let mut values = answer.body("o")?;
        self.ask_unless_done(values.path()?)
    }

    /// Some do what they are asked only when their dialogue has been started, whether it has something to show or not.
    fn ask_unless_done(&mut self, prompt: &str) -> Result<()> {
        if prompt == NONE { Ok(()) } else { self.ask(prompt).map(drop) }
    }

    /// Where secrets go that nobody has chosen a place for.
    pub fn default_collection(&mut self) -> Result<Option<String>> {
        let answer = self.call(PATH, SERVICE, "ReadAlias", &Body::new("s", |w| w.string("default")))?;
        let path = answer.body("o")?.path()?;
        Ok((path != NONE).then(|| path.to_owned()))
    }

    /// Makes it. A person chooses its password.
    pub fn create_default_collection(&mut self) -> Result<String> {
        let default = Body::new("a{sv}s", |w| {
            w.array(8, |properties| {
                let label = "org.freedesktop.Secret.Collection.Label";
                properties.begin_struct().string(label).variant("s").string("Default");
            });
            w.string("default")
        });
        let answer = self.call(PATH, SERVICE, "CreateCollection", &default)?;
        let mut values = answer.body("oo")?;
        let (made, prompt) = (values.path()?, values.path()?);
        if prompt == NONE {
            return Ok(made.to_owned());
        }
        let answer = self.ask(prompt)?;
        let mut values = answer.body("bv")?;
        values.bool()?;
        match values.signature()? {
            "o" => Ok(values.path()?.to_owned()),
            _ => Err(dbus::Fault::Broken("no path of the new collection").into()),
        }
    }

    /// Whether a collection is locked.
    pub fn is_locked(&mut self, collection: &str) -> Result<bool> {
        let property = Body::new("ss", |w| w.string(COLLECTION).string("Locked"));
        let answer = self.call(collection, "org.freedesktop.DBus.Properties", "Get", &property)?;
        let mut values = answer.body("v")?;
        match values.signature()? {
            "b" => Ok(values.bool()?),
            _ => Err(dbus::Fault::Broken("Locked is neither true nor false").into()),
        }
    }
}
