//! An authority that nobody here wrote: ministack, which checks signatures, trust, session policies and time by itself. How it is
//! run, and what is added to it for a release, is said in tests/contract.

use std::{
    collections::HashMap,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    sync::OnceLock,
};

use halligan_backend::aws::AuthoritySettings;

/// One for all tests of the process. It ends when its standard input does, which is when the process ends.
struct Running {
    settings: HashMap<String, String>,
    _process: Child,
}

/// Where the portal finds it, and its keys and roles there.
pub(crate) fn ministack() -> AuthoritySettings {
    static RUNNING: OnceLock<Running> = OnceLock::new();
    let settings = &RUNNING.get_or_init(start).settings;
    let setting = |name: &str| settings.get(name).unwrap_or_else(|| panic!("tests/contract/serve.py says no {name}")).clone();
    AuthoritySettings {
        endpoint: Some(setting("AWS_ENDPOINT_URL")),
        region: setting("AWS_REGION"),
        credentials: Some((setting("AWS_ACCESS_KEY_ID"), setting("AWS_SECRET_ACCESS_KEY").into())),
        kek: setting("HALLIGAN_KEK"),
        agreement_key: setting("HALLIGAN_AGREEMENT_KEY"),
        decrypter_role: setting("HALLIGAN_DECRYPTER_ROLE"),
        registrar_role: setting("HALLIGAN_REGISTRAR_ROLE"),
        rotation_role: None,
        former_keys: Vec::new(),
    }
}

fn start() -> Running {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let python = root.join(".tools/aws-clients/bin/python");
    assert!(python.exists(), "{} is not there: run scripts/setup, which installs it", python.display());
    let mut process = Command::new(python)
        .arg(root.join("tests/contract/serve.py"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let said = BufReader::new(process.stdout.take().unwrap()).lines().map(Result::unwrap);
    let settings = said.take_while(|line| !line.is_empty()).filter_map(|line| {
        let (name, value) = line.split_once('=')?;
        Some((name.to_owned(), value.to_owned()))
    });
    Running { settings: settings.collect(), _process: process }
}
