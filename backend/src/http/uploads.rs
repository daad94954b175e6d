//! How many uploads are read at once. Each lies in memory whole until it is written, in memory that is never swapped out: without an end to
//! them one session could take all that the machine has.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use halligan_shared::id::MemberId;

use super::problem::Refused;

/// Most uploads of one member at once. The page sends one document after the other; where a line went dead in the middle of one, it is sent
/// again while the portal still waits for the rest of the first.
const MEMBER_MAX: usize = 2;
/// Most uploads of everybody at once, 80 MB of bodies: a few registrars seal at the same time, each at a line that is slower than the portal.
const ALL_MAX: usize = 8;
/// How long whoever comes too many waits: a document of 10 MB takes as long over 16 Mbit/s.
const WAIT: Duration = Duration::from_secs(5);

/// Whose uploads are on their way, and how many each. Nobody has an entry who has none.
#[derive(Default)]
pub(super) struct Uploads(Mutex<HashMap<MemberId, usize>>);

impl Uploads {
    /// A place for one more.
    pub(super) fn begin(self: &Arc<Self>, member: MemberId) -> Result<Place, Refused> {
        let mut under_way = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let own = under_way.get(&member).copied().unwrap_or_default();
        if own >= MEMBER_MAX {
            return Err(Refused::TooManyUploads { are_own: true, wait: WAIT });
        }
        if under_way.values().sum::<usize>() >= ALL_MAX {
            return Err(Refused::TooManyUploads { are_own: false, wait: WAIT });
        }
        under_way.insert(member, own + 1);
        Ok(Place { member, uploads: Arc::clone(self) })
    }
}

/// A place, free again when dropped: whatever became of the upload.
pub(super) struct Place {
    member: MemberId,
    uploads: Arc<Uploads>,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut under_way = self.uploads.0.lock().unwrap_or_else(PoisonError::into_inner);
        match under_way.get_mut(&self.member) {
            Some(own) if *own > 1 => *own -= 1,
            _ => {
                under_way.remove(&self.member);
            }
        }
    }
}
