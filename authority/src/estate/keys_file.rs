//! The file that holds the estate: readable by its owner only, replaced as a whole or not at all.
//!
//! A file named like it with `.lock` behind stands for the right to write. Whoever changes or creates the file holds that
//! lock, so that two processes that start at once agree on one estate and no change is lost. Readers take no lock: a
//! rename shows them the old file or the new one. Unix only; the permissions are what protects the keys.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Read, Write},
    os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use zeroize::Zeroizing;

use super::{Estate, Holdings, UnfitHoldings};
use crate::secret::NoRandomness;

/// Room for the text of the estate, so that writing it never moves it and leaves a copy behind; also the most that is read.
const ROOM: usize = 256 * 1024;

/// Why the keys file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// Others than its owner may read or write it.
    #[error(
        "the keys file {path} is open to others than its owner (mode {mode:03o}); run `chmod 600` on it, and replace its keys if anybody may have read it"
    )]
    OpenToOthers {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// It is not a file, or larger than any estate.
    #[error("{0} is not a keys file; name another path")]
    NotAKeysFile(PathBuf),
    /// It is a file of another program, of a newer version, or damaged.
    #[error(
        "the keys file {path} cannot be understood: {reason}. Restore it from a backup; without it no sealed record can be opened"
    )]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong, without a word of its content.
        reason: String,
    },
    /// It cannot be read.
    #[error("the keys file {path} cannot be read; check that it is there and belongs to the user who runs this program")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// It cannot be written.
    #[error("the keys file {path} cannot be written; check the folder's permissions and the space left on the disk")]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The program is shutting down.
    #[error("the program stopped while it changed the keys; the keys file is as it was before or as it should be after")]
    Interrupted,
    /// No new keys without randomness.
    #[error(transparent)]
    Randomness(#[from] NoRandomness),
}

/// Where the file is.
pub(super) struct KeysFile {
    path: PathBuf,
}

/// One state of the file. A rename puts another inode in its place, and any change of content or permissions moves the time of
/// the last change, so equal stamps mean that what was read still holds.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamp {
    inode: u64,
    seconds: i64,
    nanoseconds: i64,
}

/// The right to write the file, until dropped.
pub(super) struct WriteLock {
    _file: File,
}

impl KeysFile {
    pub(super) fn at(path: PathBuf) -> Self {
        Self { path }
    }

    /// Waits until no other process writes. Creates the folder, for the owner only, if there is none.
    pub(super) fn lock(&self) -> Result<WriteLock, KeysError> {
        let unwritable = |source| KeysError::Unwritable { path: self.path.clone(), source };
        DirBuilder::new().recursive(true).mode(0o700).create(self.folder()).map_err(unwritable)?;
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(self.beside("lock"))
            .map_err(unwritable)?;
        file.lock().map_err(unwritable)?;
        Ok(WriteLock { _file: file })
    }

    pub(super) fn stamp(&self) -> Result<Stamp, KeysError> {
        fs::metadata(&self.path).map(|metadata| Stamp::of(&metadata)).map_err(|source| self.unreadable(source))
    }

    /// The estate in the file, or nothing if there is no file.
    pub(super) fn read(&self) -> Result<Option<(Stamp, Holdings)>, KeysError> {
        let file = match File::open(&self.path) {
            Ok(file) => file,
            Err(fault) if fault.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(self.unreadable(source)),
        };
        // Asked of the open file, not of the path: what was checked is what is read.
        let metadata = file.metadata().map_err(|source| self.unreadable(source))?;
        if !metadata.is_file() || metadata.len() >= ROOM as u64 {
            return Err(KeysError::NotAKeysFile(self.path.clone()));
        }
        let mode = metadata.mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(KeysError::OpenToOthers { path: self.path.clone(), mode });
        }
        let mut text = Zeroizing::new(Vec::with_capacity(ROOM));
        file.take(ROOM as u64).read_to_end(&mut text).map_err(|source| self.unreadable(source))?;
        let holdings = parse(&text).map_err(|reason| KeysError::Malformed { path: self.path.clone(), reason })?;
        Ok(Some((Stamp::of(&metadata), holdings)))
    }

    /// Replaces the file. After this returns, a power cut does not bring the old one back.
    pub(super) fn write(&self, holdings: &Holdings, _lock: &WriteLock) -> Result<(), KeysError> {
        let text = text(holdings).map_err(|reason| KeysError::Malformed { path: self.path.clone(), reason })?;
        self.replace(&text).map_err(|source| KeysError::Unwritable { path: self.path.clone(), source })
    }

    fn replace(&self, text: &[u8]) -> io::Result<()> {
        let new = self.beside("new");
        // A left-over of a writer that died; nobody else writes while we hold the lock.
        match fs::remove_file(&new) {
            Err(fault) if fault.kind() != io::ErrorKind::NotFound => return Err(fault),
            _ => {}
        }
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&new)?;
        file.write_all(text)?;
        file.sync_all()?;
        fs::rename(&new, &self.path)?;
        File::open(self.folder())?.sync_all()
    }

    fn folder(&self) -> &Path {
        match self.path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        }
    }

    fn beside(&self, suffix: &str) -> PathBuf {
        let mut name = self.path.clone().into_os_string();
        name.push(".");
        name.push(suffix);
        name.into()
    }

    fn unreadable(&self, source: io::Error) -> KeysError {
        KeysError::Unreadable { path: self.path.clone(), source }
    }

    /// The file was there and is not any more.
    pub(super) fn gone(&self) -> KeysError {
        self.unreadable(io::ErrorKind::NotFound.into())
    }

    /// What the file holds, if it fits together.
    pub(super) fn estate(&self, holdings: Holdings) -> Result<Estate, KeysError> {
        let malformed = |reason: UnfitHoldings| KeysError::Malformed { path: self.path.clone(), reason: reason.to_string() };
        Estate::try_from(holdings).map_err(malformed)
    }
}

impl Stamp {
    fn of(metadata: &fs::Metadata) -> Self {
        Self { inode: metadata.ino(), seconds: metadata.ctime(), nanoseconds: metadata.ctime_nsec() }
    }
}

/// The estate as text, in memory that zeroizes.
pub(super) fn text(holdings: &Holdings) -> Result<Zeroizing<Vec<u8>>, String> {
    let mut text = Zeroizing::new(Vec::with_capacity(ROOM));
    serde_json::to_writer_pretty(&mut *text, holdings).map_err(|_| "it cannot be written as JSON".to_owned())?;
    if text.len() >= ROOM { Err("it would hold too many keys".to_owned()) } else { Ok(text) }
}

/// The estate in a text. The fault names a place only: the parser's own words could quote a secret.
pub(super) fn parse(text: &[u8]) -> Result<Holdings, String> {
    serde_json::from_slice(text)
        .map_err(|fault| format!("not the JSON it should be, at line {} column {}", fault.line(), fault.column()))
}
