//! The keys file: kept across restarts, readable by its owner only, one estate however many open it at once.

use std::{
    fs,
    os::unix::fs::{PermissionsExt, symlink},
    path::Path,
};

use halligan_authority::{KeysError, StartError};
use tempfile::tempdir;

use crate::support::{RECORD, TestAuthority, code, session};

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

async fn refusal(path: &Path) -> KeysError {
    match TestAuthority::start_with(Some(path.to_owned())).await {
        Err(StartError::Keys(fault)) => fault,
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("it started"),
    }
}

#[tokio::test]
async fn a_restart_keeps_every_key_and_every_session() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("keys.json");
    let first = TestAuthority::start_with(Some(path.clone())).await.unwrap();
    let (data_key, blob) = first.data_key("ab").await;
    let grant = session(&first.decrypter().send().await.unwrap());
    let made = first.kms(first.administrator()).create_key().send().await.unwrap().key_metadata.unwrap();
    let before = first.connection;
    first.authority.shutdown().await;

    let second = TestAuthority::start_with(Some(path)).await.unwrap();
    assert_eq!(second.connection.access_key_id, before.access_key_id);
    assert_eq!(*second.connection.secret_access_key, *before.secret_access_key);
    assert_eq!(second.connection.kek_arn, before.kek_arn);
    let opened = second.kms(grant).decrypt().ciphertext_blob(blob).encryption_context(RECORD, "ab").send().await.unwrap();
    assert_eq!(opened.plaintext().unwrap().as_ref(), data_key);
    // Known still, and still none of the backend's.
    let described = second.kms(second.backend()).describe_key().key_id(made.key_id()).send().await;
    assert_eq!(code(described), "AccessDeniedException");
    assert!(second.kms(second.administrator()).describe_key().key_id(made.key_id()).send().await.is_ok());
}

#[tokio::test]
async fn file_and_folder_are_their_owners_only() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("new/er/keys.json");
    let _authority = TestAuthority::start_with(Some(path.clone())).await.unwrap();
    assert_eq!(mode(&path), 0o600);
    assert_eq!(mode(path.parent().unwrap()), 0o700);
    for entry in fs::read_dir(path.parent().unwrap()).unwrap() {
        assert_eq!(mode(&entry.unwrap().path()), 0o600);
    }
}

#[tokio::test]
async fn a_file_that_others_may_read_is_not_loaded() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("keys.json");
    TestAuthority::start_with(Some(path.clone())).await.unwrap().authority.shutdown().await;
    for open in [0o640, 0o604, 0o620, 0o602, 0o666] {
        fs::set_permissions(&path, fs::Permissions::from_mode(open)).unwrap();
        let fault = refusal(&path).await;
        assert!(matches!(fault, KeysError::OpenToOthers { mode, .. } if mode == open), "{fault}");
        assert!(fault.to_string().contains("chmod 600"));
    }
    for closed in [0o400, 0o600] {
        fs::set_permissions(&path, fs::Permissions::from_mode(closed)).unwrap();
        assert!(TestAuthority::start_with(Some(path.clone())).await.is_ok());
    }
}

#[tokio::test]
async fn what_is_not_a_keys_file_is_left_alone_and_not_repeated() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("keys.json");
    let older =
        r#"{"form":1,"place":{"account":"1","region":"x"},"backend":{"user_id":"","access_key_id":"","secret_access_key":""}}"#;
    for content in ["", "{}", "null", older, r#"{"form":1,"session_key":"hunter2"}"#] {
        fs::write(&path, content).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        let fault = refusal(&path).await;
        assert!(matches!(fault, KeysError::Malformed { .. }), "{fault}");
        assert!(!format!("{fault:?}").contains("hunter2"), "{fault:?}");
        assert_eq!(fs::read_to_string(&path).unwrap(), content);
    }
    assert!(matches!(refusal(folder.path()).await, KeysError::NotAKeysFile(_) | KeysError::OpenToOthers { .. }));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_that_start_at_once_share_one_estate() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("folder/keys.json");
    let starting: Vec<_> = (0..8).map(|_| tokio::spawn(TestAuthority::start_with(Some(path.clone())))).collect();
    let mut authorities = Vec::new();
    for started in starting {
        authorities.push(started.await.unwrap().unwrap());
    }
    let first = &authorities[0];
    let (data_key, blob) = first.data_key("ab").await;
    let grant = session(&first.decrypter().send().await.unwrap());
    for authority in &authorities {
        assert_eq!(authority.connection.kek_arn, first.connection.kek_arn);
        let request = authority.kms(grant.clone()).decrypt().ciphertext_blob(blob.clone()).encryption_context(RECORD, "ab");
        assert_eq!(request.send().await.unwrap().plaintext().unwrap().as_ref(), data_key);
    }
}

#[tokio::test]
async fn what_one_process_changes_all_of_them_see() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("keys.json");
    let (here, there) = (
        TestAuthority::start_with(Some(path.clone())).await.unwrap(),
        TestAuthority::start_with(Some(path.clone())).await.unwrap(),
    );
    let (_, blob) = here.data_key("ab").await;
    let grant = there.grant("ab").await;
    let decrypt = || grant.decrypt().ciphertext_blob(blob.clone()).encryption_context(RECORD, "ab").send();
    here.authority.set_key_enabled(&here.connection.kek_arn, false).await.unwrap();
    assert_eq!(code(decrypt().await), "DisabledException");
    there.authority.set_key_enabled(&here.connection.kek_arn, true).await.unwrap();
    assert!(decrypt().await.is_ok());

    // Keys that both create at once are all kept.
    let (one, other) = (here.kms(here.administrator()), there.kms(there.administrator()));
    let made = tokio::join!(one.create_key().send(), other.create_key().send(), one.create_key().send(), other.create_key().send());
    let ids = [made.0, made.1, made.2, made.3].map(|key| key.unwrap().key_metadata.unwrap().key_id);
    let kept = fs::read_to_string(&path).unwrap();
    assert!(ids.iter().all(|id| kept.contains(id.as_str())));
}

#[tokio::test]
async fn a_file_that_vanishes_or_opens_up_stops_every_call() {
    let folder = tempdir().unwrap();
    let (path, aside) = (folder.path().join("keys.json"), folder.path().join("aside.json"));
    let authority = TestAuthority::start_with(Some(path.clone())).await.unwrap();
    let identify = || authority.sts(authority.backend()).get_caller_identity().send();
    fs::rename(&path, &aside).unwrap();
    assert_eq!(code(identify().await), "InternalFailure");
    fs::rename(&aside, &path).unwrap();
    assert!(identify().await.is_ok());
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    assert_eq!(code(identify().await), "InternalFailure");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    fs::rename(&path, &aside).unwrap();
    symlink(&aside, &path).unwrap();
    assert!(identify().await.is_ok(), "a link to a closed file, as secret mounts make them, is fine");
}
