//! What storing a key changes in the AWS files: first thought through on copies, then done.

use bstr::ByteSlice;

use super::Vault;
use crate::aws_files::{self, Document, FileKind};
use crate::commands::own_process;
use crate::error::{Error, Result};
use crate::profile::{Files, KEYRING_KEY, KeyPlace, ProfileName};
use crate::session::trust;
use crate::state::Memory;

/// The id of a key in every section that has it, or an older one, in plain text or not.
pub(super) struct Change<'c> {
    /// The key that goes into the keyring.
    pub id: &'c str,
    /// The key whose place it takes, itself where it only moves.
    pub old: Option<&'c str>,
    /// The section where it belongs, where no file has one of the two yet.
    pub target: Option<&'c KeyPlace>,
}

/// Files that can be written, with the change in mind.
pub(super) struct Ready(Vec<(FileKind, aws_files::Ready)>);

impl Change<'_> {
    /// The sections that it changes.
    pub fn places(&self, files: &Files) -> Vec<KeyPlace> {
        let mut places = self.target.cloned().into_iter().collect::<Vec<_>>();
        for id in self.ids() {
            places.extend(files.places_of(id));
        }
        places
    }

    /// Tries it on copies, and whether the files can be written.
    ///
    /// # Errors
    /// A section would not give this key any more, or what keeps a file from being written.
    pub fn prepare(&self, vault: &Vault) -> Result<Ready> {
        let files = &vault.desk.files;
        let places = self.places(files);
        for place in &places {
            refuse_own_source(files, place)?;
            refuse_other_process(files, place)?;
        }
        let copy = |document: &Document| Document::parse(document.bytes().to_vec(), document.kind());
        let (mut config, mut credentials) = (copy(&files.config), copy(&files.credentials));
        self.apply(&mut credentials)?;
        self.apply(&mut config)?;
        let after = Files::of(files.paths.clone(), config, credentials);
        for place in &places {
            let name = ProfileName::from(place.section.as_bstr());
            let before = key_of(files, &name);
            let is_ours = before.as_deref().is_none_or(|id| self.ids().any(|ours| ours == id));
            if is_ours && key_of(&after, &name).as_deref() != Some(self.id) {
                let line = format!("{name} has something else beside its key, which would count then");
                return Err(
                    Error::failed(line).next("take out what is not needed: awsenv status shows what a profile is")
                );
            }
        }
        let paths = &files.paths;
        let both = [(FileKind::Credentials, &paths.credentials), (FileKind::Config, &paths.config)];
        let concerned = both.into_iter().filter(|(kind, _)| places.iter().any(|place| place.file == *kind));
        let ready = concerned.map(|(kind, path)| Ok((kind, aws_files::check_writable(path, kind)?)));
        Ok(Ready(ready.collect::<Result<_>>()?))
    }

    /// Does it, in the files as they are by now, and looks whether it is done.
    ///
    /// # Errors
    /// What could not be written; then one of two files may have it already.
    pub fn write(&self, vault: &Vault, ready: Ready) -> Result<()> {
        for (_, file) in ready.0 {
            file.edit(|document| self.apply(document))?;
        }
        let now = KeyPlace::now(&vault.desk.files.paths, self.id)?;
        if let Some(place) = now.iter().find(|place| !place.kept) {
            let line = format!("[{}] still has the key in plain text", place.section);
            return Err(Error::failed(line).next("try it again"));
        }
        if now.is_empty() {
            return Err(Error::failed(format!("another program took {} out of the AWS files", self.id)));
        }
        self.remember(vault, &now);
        Ok(())
    }

    fn apply(&self, document: &mut Document) -> Result<()> {
        let mut places: Vec<KeyPlace> = self.ids().flat_map(|id| KeyPlace::all_in(document, id)).collect();
        places.extend(self.target.filter(|target| target.file == document.kind()).cloned());
        for place in &places {
            let command = own_process::long_term(&ProfileName::from(place.section.as_bstr()))?;
            place.put_kept(document, self.id, &command)?;
        }
        Ok(())
    }

    fn ids(&self) -> impl Iterator<Item = &str> {
        [Some(self.id), self.old.filter(|old| *old != self.id)].into_iter().flatten()
    }

    /// Who stores a key in a file that an environment variable names lets it count there.
    fn remember(&self, vault: &Vault, places: &[KeyPlace]) {
        let (paths, memory) = (&vault.desk.files.paths, Memory::of(&vault.desk.host));
        for place in places {
            let (path, named) = match place.file {
                FileKind::Credentials => (&paths.credentials, paths.credentials_from_env),
                FileKind::Config => (&paths.config, paths.config_from_env),
            };
            trust::remember(&memory, named, path, &format!("{KEYRING_KEY} = {}", self.id));
        }
    }
}

/// The id of the long-term key at the beginning of a profile's way.
fn key_of(files: &Files, name: &ProfileName) -> Option<String> {
    let recipe = files.profile(name)?.recipe().ok()?;
    let (_, root) = recipe.root(name)?;
    root.long_term_keys().map(|held| held.id().to_owned())
}

/// A role that is its own source: AWS's tools take that only with the key in plain text.
fn refuse_own_source(files: &Files, place: &KeyPlace) -> Result<()> {
    let Some(profile) = files.profile(&ProfileName::from(place.section.as_bstr())) else { return Ok(()) };
    match (profile.get("role_arn"), profile.get("source_profile")) {
        (Some(_), Some(source)) if source.text == place.section => Err(Error::failed(format!(
            "{}: [{}] is a role on top of its own key, which AWS's tools take in plain text only",
            source.place, place.section
        ))
        .next("give the key a profile of its own, and name that as source_profile")),
        _ => Ok(()),
    }
}

/// A `credential_process` of another tool beside the key: it would count then, and there is room for one.
fn refuse_other_process(files: &Files, place: &KeyPlace) -> Result<()> {
    for document in [&files.credentials, &files.config] {
        let section = document.profile(place.section.as_bstr());
        let line = section.and_then(|s| s.own("credential_process")).filter(|v| !own_process::is_long_term(&v.bytes));
        if let Some(line) = line {
            let at = format!("{}:{}", document.path().display(), line.line);
            return Err(Error::failed(format!("{at}: [{}] has a credential_process of its own, too", place.section))
                .next("take out what is not needed of the two"));
        }
    }
    Ok(())
}
