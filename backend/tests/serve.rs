//! `halligan serve` as a process: what it does where it cannot.

use std::{
    net::TcpListener,
    process::{Command, Stdio},
};

#[test]
fn where_the_port_is_taken_it_says_so_and_makes_nothing() {
    let place = tempfile::tempdir().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let listen = taken.local_addr().unwrap().to_string();
    for verb in ["serve", "demo"] {
        let data = place.path().join(verb);
        let refused = Command::new(env!("CARGO_BIN_EXE_halligan"))
            .args([verb, "--listen", &listen, "--origin", "http://localhost:8080"])
            .env_clear()
            .env("HALLIGAN_DATA", &data)
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let words = String::from_utf8(refused.stderr).unwrap();
        assert!(!refused.status.success() && words.contains("is the portal running already?"), "{words}");
        assert!(words.contains(&listen) && !data.exists(), "{verb} made {}", data.display());
    }
}
