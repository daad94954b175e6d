//! Why policies are not used, in a sentence for whoever wrote them.

use std::path::PathBuf;

/// Why policies are not used.
#[derive(Debug, thiserror::Error)]
pub enum PolicyFault {
    /// A folder or file cannot be read.
    #[error("cannot read {}: {error}", path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// Nothing would be allowed to anybody.
    #[error("{} holds no policies: put files there whose names end with .cedar, or start from `halligan policy show`", .0.display())]
    None(PathBuf),
    /// Every request would be refused.
    #[error(
        "these policies open no door, so that nobody could ever read a record: permit one of open_by_dispatcher, open_by_policy and open_by_override, as `halligan policy show` does in doors.cedar"
    )]
    NoDoor,
    /// Another program's words.
    #[error(
        "{} is not this program's: its words are fixed. Take the file away, or write this program's own over it by `halligan policy show`",
        .0.display()
    )]
    Schema(PathBuf),
    /// Anybody may write to it.
    #[error("{} can be written by anybody on this machine, who would decide who opens records: chmod o-w", .0.display())]
    OpenToOthers(PathBuf),
    /// Something in a file.
    #[error("{}, line {line}: {what}", path.display())]
    At {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong there, and what to do.
        what: String,
    },
    /// The program's own schema is not one.
    #[error("the program's own schema of policies cannot be read: {0}")]
    OwnSchema(String),
}

/// Why cases cannot be held against policies.
#[derive(Debug, thiserror::Error)]
pub enum CaseFault {
    /// The file does not say what cases say.
    #[error("the cases cannot be read: {0}")]
    Unreadable(#[from] toml::de::Error),
    /// Somebody in it cannot be described so.
    #[error(transparent)]
    Person(#[from] halligan_shared::member::MemberFault),
}
