//! Has the program built anew when the pages were: they are part of it.
//!
//! Cargo follows the files that were embedded, but not a folder that was missing, nor a file that is new in it. A debug build
//! reads the pages when it runs, so that it need not be built anew for them.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if std::env::var("PROFILE").is_ok_and(|profile| profile == "release") {
        println!("cargo::rerun-if-changed=../frontend/dist");
    }
}
