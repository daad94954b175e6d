//! Holds the estate while the authority runs, and lets it change.
//!
//! With a file, the file is the truth: each call asks whether it was replaced, so a key that one process disables is disabled
//! in all of them. A file that has become unreadable or open to others stops every call; keys are never used past it.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

use time::OffsetDateTime;

use super::{
    Estate, Holdings,
    keys_file::{KeysError, KeysFile, Stamp, parse, text},
};

/// The estate, current at every call.
#[derive(Clone)]
pub(crate) struct EstateHolder(Arc<Held>);

struct Held {
    file: Option<KeysFile>,
    /// What governs an estate in memory, where a test says so.
    template: Option<String>,
    /// A std mutex: nothing is awaited while it is held.
    current: Mutex<Current>,
}

struct Current {
    stamp: Option<Stamp>,
    estate: Arc<Estate>,
}

impl EstateHolder {
    /// Loads the estate, or creates it. Waits for other processes' locks: not for the threads of an async runtime.
    pub(crate) fn open(path: Option<PathBuf>, template: Option<String>, now: OffsetDateTime) -> Result<Self, KeysError> {
        let (file, current) = match path.map(KeysFile::at) {
            None => (None, Current { stamp: None, estate: Arc::new(in_memory(Holdings::generate(now)?, template.as_deref())?) }),
            Some(file) => {
                let (stamp, holdings) = load_or_create(&file, now)?;
                let estate = Arc::new(file.estate(holdings)?);
                (Some(file), Current { stamp: Some(stamp), estate })
            }
        };
        Ok(Self(Arc::new(Held { file, template, current: Mutex::new(current) })))
    }

    /// The estate as it is now. One look at the file's metadata; the file itself is read only after it was replaced.
    pub(crate) fn current(&self) -> Result<Arc<Estate>, KeysError> {
        let Held { file, current, .. } = &*self.0;
        let mut current = current.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(file) = file
            && Some(file.stamp()?) != current.stamp
        {
            *current = reload(file)?;
        }
        Ok(Arc::clone(&current.estate))
    }

    /// Changes the estate for every process that holds it.
    pub(crate) async fn change<T: Send + 'static>(
        &self,
        change: impl FnOnce(&mut Holdings) -> T + Send + 'static,
    ) -> Result<T, KeysError> {
        let held = Arc::clone(&self.0);
        let changing = tokio::task::spawn_blocking(move || held.change(change));
        changing.await.map_err(|_| KeysError::Interrupted)?
    }
}

impl Held {
    /// Waits for locks and for the disk.
    fn change<T>(&self, change: impl FnOnce(&mut Holdings) -> T) -> Result<T, KeysError> {
        if let Some(file) = &self.file {
            let lock = file.lock()?;
            let (_, mut holdings) = file.read()?.ok_or_else(|| file.gone())?;
            let outcome = change(&mut holdings);
            file.write(&holdings, &lock)?;
            *self.current.lock().unwrap_or_else(PoisonError::into_inner) = reload(file)?;
            Ok(outcome)
        } else {
            let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
            // Secrets cannot be cloned; through their text they can, in memory that zeroizes.
            let copy = text(&current.estate.holdings).and_then(|text| parse(&text));
            let mut holdings = copy.map_err(|reason| KeysError::Malformed { path: PathBuf::new(), reason })?;
            let outcome = change(&mut holdings);
            current.estate = Arc::new(in_memory(holdings, self.template.as_deref())?);
            Ok(outcome)
        }
    }
}

fn load_or_create(file: &KeysFile, now: OffsetDateTime) -> Result<(Stamp, Holdings), KeysError> {
    if let Some(there) = file.read()? {
        return Ok(there);
    }
    let lock = file.lock()?;
    // Another process may have created it while this one waited.
    if let Some(there) = file.read()? {
        return Ok(there);
    }
    file.write(&Holdings::generate(now)?, &lock)?;
    tracing::info!("created the embedded authority's keys");
    file.read()?.ok_or_else(|| file.gone())
}

fn reload(file: &KeysFile) -> Result<Current, KeysError> {
    let (stamp, holdings) = file.read()?.ok_or_else(|| file.gone())?;
    Ok(Current { stamp: Some(stamp), estate: Arc::new(file.estate(holdings)?) })
}

fn in_memory(holdings: Holdings, template: Option<&str>) -> Result<Estate, KeysError> {
    Estate::governed(holdings, template).map_err(|reason| KeysError::Malformed { path: PathBuf::new(), reason: reason.to_string() })
}
