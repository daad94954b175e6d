//! Folders and files that only their owner can look into.

use std::{
    fs::{DirBuilder, File, OpenOptions, Permissions},
    io::{Read as _, Write as _},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _},
    path::Path,
};

use anyhow::{Context as _, ensure};
use zeroize::Zeroizing;

/// Longest file that is read: a key and then some.
const READ_MAX: u16 = 4_096;

/// Makes a folder. One that is there already and open to others is not used: what is made in it would be open to them as well.
pub(super) fn folder(path: &Path) -> anyhow::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)?;
    let mode = std::fs::metadata(path)?.permissions().mode() & 0o777;
    ensure!(mode == mode & 0o700, "others can look into it; close it with chmod 700, or name another folder");
    Ok(())
}

/// Writes a file. One that was there before, and open to others, is closed before anything is in it.
pub(super) fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    opened(path, OpenOptions::new().write(true).truncate(true))
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .with_context(|| format!("cannot write {}", path.display()))
}

/// Opens a file to write on at its end. What was there before stays, and is closed to others.
pub(super) fn append(path: &Path) -> anyhow::Result<File> {
    opened(path, OpenOptions::new().append(true)).with_context(|| format!("cannot write {}", path.display()))
}

/// Reads a file with a secret in it. One that others can read is not used: they may have read it already.
pub(super) fn read(path: &Path) -> anyhow::Result<Zeroizing<String>> {
    let file = File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
    let mode = file.metadata()?.permissions().mode() & 0o777;
    ensure!(
        mode | 0o700 == 0o700,
        "{} is open to others, who may have read it: make another key, in a file closed with chmod 600",
        path.display()
    );
    // As long as it can become, so that no copy is left where it grew.
    let mut text = Zeroizing::new(String::with_capacity(READ_MAX.into()));
    file.take(READ_MAX.into()).read_to_string(&mut text).with_context(|| format!("cannot read {}", path.display()))?;
    ensure!(text.len() < usize::from(READ_MAX), "{} is longer than any key", path.display());
    Ok(text)
}

fn opened(path: &Path, how: &mut OpenOptions) -> std::io::Result<File> {
    let file = how.create(true).mode(0o600).open(path)?;
    // Not of a device, such as /dev/null, which belongs to others too.
    if file.metadata()?.is_file() {
        file.set_permissions(Permissions::from_mode(0o600))?;
    }
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        std::fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn what_is_made_is_the_owners_alone() {
        let place = tempfile::tempdir().unwrap();
        let inner = place.path().join("data");
        folder(&inner).unwrap();
        write(&inner.join("bracelet"), "reference").unwrap();
        assert_eq!((mode(&inner), mode(&inner.join("bracelet"))), (0o700, 0o600));
        folder(&inner).unwrap();
        std::fs::set_permissions(inner.join("bracelet"), Permissions::from_mode(0o644)).unwrap();
        write(&inner.join("bracelet"), "reference").unwrap();
        assert_eq!(mode(&inner.join("bracelet")), 0o600);
        for line in ["one", "two"] {
            writeln!(append(&inner.join("trail")).unwrap(), "{line}").unwrap();
            assert_eq!(mode(&inner.join("trail")), 0o600);
            std::fs::set_permissions(inner.join("trail"), Permissions::from_mode(0o644)).unwrap();
        }
        assert_eq!(std::fs::read_to_string(inner.join("trail")).unwrap(), "one\ntwo\n");
    }

    #[test]
    fn a_folder_that_others_can_look_into_is_not_used() {
        let place = tempfile::tempdir().unwrap();
        for open in [0o750, 0o705, 0o770] {
            std::fs::set_permissions(place.path(), Permissions::from_mode(open)).unwrap();
            assert!(folder(place.path()).is_err(), "{open:o}");
        }
    }

    #[test]
    fn a_secret_that_others_can_read_is_not_used() {
        let place = tempfile::tempdir().unwrap();
        let secret = place.path().join("secret");
        write(&secret, "0a0b").unwrap();
        assert_eq!(read(&secret).unwrap().as_str(), "0a0b");
        for open in [0o640, 0o604, 0o620, 0o601] {
            std::fs::set_permissions(&secret, Permissions::from_mode(open)).unwrap();
            assert!(read(&secret).is_err(), "{open:o}");
        }
        assert!(read(&place.path().join("nothing")).is_err());
    }

    #[test]
    fn what_is_no_file_belongs_to_others_too() {
        let place = tempfile::tempdir().unwrap();
        let pipe = place.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        std::fs::set_permissions(&pipe, Permissions::from_mode(0o666)).unwrap();
        let reading = std::thread::spawn({
            let pipe = pipe.clone();
            move || File::open(pipe).unwrap()
        });
        drop(append(&pipe).unwrap());
        reading.join().unwrap();
        assert_eq!(mode(&pipe), 0o666);
    }
}
