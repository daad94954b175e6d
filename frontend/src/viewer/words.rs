//! What the portal's page and the viewer say to each other. None of it is a secret: keys and content stay in the viewer.

use halligan_shared::{
    bytes::Bytes,
    crypto::{CarriedShare, Point},
    id::{DocumentId, GrantId, RecordId},
};
use serde::{Deserialize, Serialize};

/// The page to the viewer.
#[derive(Serialize, Deserialize)]
pub enum Ask {
    /// Make what a release needs.
    Blind {
        /// C.
        point: Point,
        /// The record.
        record: RecordId,
        /// Its version.
        version: u32,
    },
    /// A release: derive the key.
    Unlock {
        /// The grant.
        grant: GrantId,
        /// share 1, sealed to the viewer.
        share1: CarriedShare,
        /// X.
        blinded_share: Bytes<32>,
        /// Seconds until the window ends: the viewer erases itself then, whatever has become of the page around it.
        seconds_left: f64,
    },
    /// Show the summary that comes along, sealed.
    Summary {
        /// Which document it is.
        document: DocumentId,
    },
    /// Show the attachment that comes along, sealed.
    Attachment {
        /// Which document it is.
        document: DocumentId,
    },
    /// The attachment does not come.
    Refused {
        /// Which document.
        document: DocumentId,
        /// Why, in a sentence.
        why: String,
    },
    /// The program that draws PDF files comes along; nothing does where it could not be loaded.
    Paper,
}

/// The viewer to the page.
#[derive(Debug, Serialize, Deserialize)]
#[expect(clippy::large_enum_variant, reason = "the large word is said once an opening")]
pub enum Tell {
    /// What a release needs.
    Blinded {
        /// B = r*C.
        blinded_point: Point,
        /// P.
        page_point: Point,
    },
    /// The key is derived.
    Unlocked,
    /// The summary stands in the frame.
    Shown {
        /// Whether the record says that the patient is made up.
        drill: bool,
    },
    /// It does not open.
    Fault(Fault),
    /// An attachment is wanted.
    Wanted(DocumentId),
    /// The program that draws PDF files is wanted.
    WantedPaper,
    /// Somebody touched the frame: the session is not idle.
    Touched,
}

/// Why a record, or a part of it, does not open in the viewer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum Fault {
    /// What came does not open under the key of this record.
    #[error("What the portal sent does not open as this record. Nothing of it is shown. Tell your dispatcher.")]
    Sealed,
    /// It opens, but is not what it says it is.
    #[error("This part of the record cannot be read. It was sealed in a form that this page does not show.")]
    Unreadable,
    /// The summary opens, but is no patient summary.
    #[error("The record opens, but its summary cannot be read: {0}")]
    Summary(String),
    /// The viewer does not answer.
    #[error("The page that shows the record does not answer. Try again; if that does not help, load this page anew.")]
    Silent,
    /// No random numbers.
    #[error("This device cannot make random numbers, and without them nothing can be opened safely. Use another device.")]
    NoRandomness,
}

impl From<halligan_shared::crypto::CryptoFault> for Fault {
    fn from(fault: halligan_shared::crypto::CryptoFault) -> Self {
        match fault {
            halligan_shared::crypto::CryptoFault::Refused => Self::Sealed,
            halligan_shared::crypto::CryptoFault::NoRandomness => Self::NoRandomness,
        }
    }
}

impl From<halligan_shared::crypto::FrameFault> for Fault {
    fn from(_: halligan_shared::crypto::FrameFault) -> Self {
        Self::Unreadable
    }
}

impl From<halligan_shared::ips::Fault> for Fault {
    fn from(fault: halligan_shared::ips::Fault) -> Self {
        Self::Summary(fault.to_string())
    }
}
