//! It as one of keyring-core's stores.

use std::any::Any;
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use keyring_core::api::{CredentialApi, CredentialStoreApi};
use keyring_core::{Credential, Entry, Error, Result};

use super::service::Service;

/// The store: one connection for all its entries.
pub struct Store {
    service: Arc<Mutex<Service>>,
}

impl Store {
    /// All that is asked of it goes over this connection.
    pub fn new(service: Service) -> Self {
        Store { service: Arc::new(Mutex::new(service)) }
    }
}

impl CredentialStoreApi for Store {
    fn vendor(&self) -> String {
        "Secret Service, awsenv".into()
    }

    fn id(&self) -> String {
        concat!("awsenv ", env!("CARGO_PKG_VERSION")).into()
    }

    /// The one modifier is `label`: what people see in the keyring's own program.
    fn build(&self, service: &str, user: &str, modifiers: Option<&HashMap<&str, &str>>) -> Result<Entry> {
        let label = modifiers.and_then(|m| m.get("label")).copied().unwrap_or(user);
        let entry = Named {
            service: Arc::clone(&self.service),
            attributes: [("service", service.to_owned()), ("username", user.to_owned())],
            label: label.to_owned(),
            item: None,
        };
        for (_, text) in &entry.attributes {
            no_nul(text)?;
        }
        no_nul(label)?;
        Ok(Entry::new_with_credential(Arc::new(entry)))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn debug_fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Store")
    }
}

/// D-Bus's texts end with it.
fn no_nul(text: &str) -> Result<()> {
    if text.contains('\0') { Err(Error::Invalid(text.to_owned(), "a NUL is in it".into())) } else { Ok(()) }
}

/// An item, by the attributes that keyring-rs and Python's keyring use too.
#[derive(Clone)]
struct Named {
    service: Arc<Mutex<Service>>,
    attributes: [(&'static str, String); 2],
    label: String,
    /// Its path, where it is this one item.
    item: Option<String>,
}

impl Named {
    fn service(&self) -> MutexGuard<'_, Service> {
        self.service.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn attributes(&self) -> [(&str, &str); 2] {
        let [(service, s), (username, u)] = &self.attributes;
        [(service, s), (username, u)]
    }

    /// The one item's path.
    fn item(&self) -> Result<String> {
        if let Some(item) = &self.item {
            return Ok(item.clone());
        }
        let mut found = self.service().find(&self.attributes())?;
        match (found.pop(), found.is_empty()) {
            (None, _) => Err(Error::NoEntry),
            (Some(item), true) => Ok(item),
            (Some(item), false) => {
                found.push(item);
                let one = |item| Entry::new_with_credential(Arc::new(Named { item: Some(item), ..self.clone() }));
                Err(Error::Ambiguous(found.into_iter().map(one).collect()))
            }
        }
    }
}

impl CredentialApi for Named {
    /// Where there is an item already, in whatever collection, it is that which is replaced: its label too.
    fn set_secret(&self, secret: &[u8]) -> Result<()> {
        let collection = match self.item() {
            // The specification builds an item's path on its collection's.
            Ok(item) => item.rsplit_once('/').map(|(collection, _)| collection.to_owned()),
            Err(Error::NoEntry) => None,
            Err(other) => return Err(other),
        };
        let mut service = self.service();
        let collection = match collection {
            Some(collection) => collection,
            None => match service.default_collection()? {
                Some(collection) => collection,
                None => service.create_default_collection()?,
            },
        };
        Ok(service.create(&collection, &self.label, &self.attributes(), secret)?)
    }

    fn get_secret(&self) -> Result<Vec<u8>> {
        let item = self.item()?;
        Ok(std::mem::take(&mut *self.service().secret(&item)?))
    }

    fn delete_credential(&self) -> Result<()> {
        let item = self.item()?;
        Ok(self.service().delete(&item)?)
    }

    fn get_credential(&self) -> Result<Option<Arc<Credential>>> {
        Ok(Some(Arc::new(Named { item: Some(self.item()?), ..self.clone() })))
    }

    fn get_specifiers(&self) -> Option<(String, String)> {
        let [(_, service), (_, user)] = &self.attributes;
        Some((service.clone(), user.clone()))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn debug_fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Named").field("attributes", &self.attributes).field("item", &self.item).finish()
    }
}
