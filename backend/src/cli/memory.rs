//! What the process keeps in memory stays there: no core dump, no look from another process of the same user, no swap.
//!
//! Share 1 and the credentials of a grant pass through it. Freed memory is overwritten by the allocator (see main.rs).

use nix::sys::{
    mman::{MlockAllFlags, mlockall},
    prctl::set_dumpable,
    resource::{RLIM_INFINITY, Resource, getrlimit, setrlimit},
};

/// Closes the process's memory. What the system does not allow is said in the log, and nothing else is different.
pub(super) fn close() {
    if let Err(error) = setrlimit(Resource::RLIMIT_CORE, 0, 0).and_then(|()| set_dumpable(false)) {
        tracing::warn!(%error, "core dumps could not be turned off: a crash may write memory to a file");
    }
    if let Err(error) = lock() {
        tracing::warn!(%error, "memory could not be locked: allow it (ulimit -l unlimited, or LimitMEMLOCK=infinity), or run without swap");
    }
}

/// Locks everything, now and later. Only without a limit: under one, memory that is asked for later would be refused.
fn lock() -> nix::Result<()> {
    setrlimit(Resource::RLIMIT_MEMLOCK, RLIM_INFINITY, RLIM_INFINITY)?;
    mlockall(MlockAllFlags::MCL_CURRENT | MlockAllFlags::MCL_FUTURE)
}

/// Allows as many open files as the system does: each connection is one.
pub(super) fn raise_file_limit() {
    let raised = getrlimit(Resource::RLIMIT_NOFILE).and_then(|(_, most)| setrlimit(Resource::RLIMIT_NOFILE, most, most));
    if let Err(error) = raised {
        tracing::warn!(%error, "the limit of open files could not be raised: fewer can be connected at once");
    }
}
