//! The request being made: the scanned reference and what was typed, in memory only.
//!
//! Guarantees that a reference never reaches an address, a storage or the backend (which gets its digest), and that
//! nothing typed is lost to a refusal, a lost session or a walk through other pages.

use halligan_shared::{
    bytes::Bytes,
    id::{RecordId, RequestId},
    justification::{Justification, Reason, Severity},
    reference::{Reference, ReferenceDigest},
    wire::{GrantState, RequestState, RequestView},
};
use leptos::prelude::*;
use uuid::Uuid;

/// What is known of the bracelet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bracelet {
    /// None read yet.
    None,
    /// The link opened was no bracelet's.
    Refused,
    /// Its reference is here.
    Read,
}

/// Where a request stands that is not over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Dispatch may still answer it, or it is approved and was not opened yet.
    Asked(RequestId),
    /// Its window lasts.
    Window(RequestId),
}

impl Standing {
    fn of(request: &RequestView) -> Option<Self> {
        match &request.state {
            _ if !request.here => None,
            RequestState::Pending { .. } | RequestState::Approved { .. } => Some(Self::Asked(request.id)),
            RequestState::Released { grant, .. } if matches!(grant.state, GrantState::Active { .. }) => {
                Some(Self::Window(request.id))
            }
            _ => None,
        }
    }

    const fn request(self) -> RequestId {
        match self {
            Self::Asked(request) | Self::Window(request) => request,
        }
    }
}

/// The request being made.
#[derive(Clone, Copy)]
pub struct Asking {
    reference: StoredValue<Option<Reference>, LocalStorage>,
    bracelet: RwSignal<Bracelet>,
    key: StoredValue<Uuid>,
    spent: StoredValue<bool>,
    /// What signing out would end, as far as the pages have seen.
    pub standing: RwSignal<Vec<Standing>>,
    /// How much time there is, once chosen.
    pub severity: RwSignal<Option<Severity>>,
    /// The coded reason, once chosen.
    pub reason: RwSignal<Option<Reason>>,
    /// The incident number, as typed.
    pub incident: RwSignal<String>,
    /// The free text, as typed.
    pub text: RwSignal<String>,
}

impl Asking {
    /// Provides it, empty.
    pub fn provide() -> Self {
        let asking = Self {
            reference: StoredValue::new_local(None),
            bracelet: RwSignal::new(Bracelet::None),
            key: StoredValue::new(Uuid::now_v7()),
            spent: StoredValue::new(false),
            standing: RwSignal::default(),
            severity: RwSignal::new(None),
            reason: RwSignal::new(None),
            incident: RwSignal::new(String::new()),
            text: RwSignal::new(String::new()),
        };
        provide_context(asking);
        asking
    }

    /// Keeps the reference of the bracelet just read. What was typed for a request already filed is not carried over to
    /// another patient.
    pub fn scan(&self, reference: Reference) {
        if self.spent.get_value() {
            self.clear();
        }
        self.reference.set_value(Some(reference));
        self.renew();
        self.bracelet.set(Bracelet::Read);
    }

    /// Notes that a link was opened that is no bracelet's.
    pub fn refuse(&self) {
        self.reference.set_value(None);
        self.bracelet.set(Bracelet::Refused);
    }

    /// Whether a bracelet has been read.
    pub fn bracelet(&self) -> Bracelet {
        self.bracelet.get()
    }

    /// What names the record to the backend.
    pub fn digest(&self) -> Option<ReferenceDigest> {
        self.reference.with_value(|reference| reference.as_ref().map(Reference::digest))
    }

    /// What ties the bracelet read to a record: equal to what the portal keeps only if that record is its own.
    pub fn binding_for(&self, record: &RecordId) -> Option<Bytes<32>> {
        self.reference.with_value(|reference| reference.as_ref().map(|reference| reference.binding(record)))
    }

    /// Fills the form with what was asked before.
    pub fn ask_again(&self, asked: &Justification) {
        self.severity.set(Some(asked.severity()));
        self.reason.set(Some(asked.reason()));
        self.incident.set(asked.incident().to_owned());
        self.text.set(asked.text().to_owned());
        self.spent.set_value(false);
        self.renew();
    }

    /// Notes that the request was filed.
    pub fn filed(&self) {
        self.spent.set_value(true);
        self.renew();
    }

    /// The idempotency key: one for all attempts at one request.
    pub fn key(&self) -> Uuid {
        self.key.get_value()
    }

    /// The next attempt is a request of its own.
    pub fn renew(&self) {
        self.key.set_value(Uuid::now_v7());
    }

    /// Notes where a request stands.
    pub fn saw(&self, request: &RequestView) {
        let mut standing = self.standing.get_untracked();
        standing.retain(|other| other.request() != request.id);
        standing.extend(Standing::of(request));
        self.standing.set(standing);
    }

    /// Whether the pages have seen that this browser could open it.
    pub fn has_asked(&self, request: RequestId) -> bool {
        self.standing.with_untracked(|standing| standing.iter().any(|standing| standing.request() == request))
    }

    /// Notes where all requests of the member stand that still matter.
    pub fn saw_all(&self, requests: &[RequestView]) {
        self.standing.set(requests.iter().filter_map(Standing::of).collect());
    }

    /// Forgets the bracelet and everything typed, and what was asked.
    pub fn forget(&self) {
        self.standing.set(Vec::new());
        self.clear();
    }

    fn clear(&self) {
        self.reference.set_value(None);
        self.bracelet.set(Bracelet::None);
        self.severity.set(None);
        self.reason.set(None);
        self.incident.set(String::new());
        self.text.set(String::new());
        self.spent.set_value(false);
        self.renew();
    }
}

/// The request being made.
pub fn use_asking() -> Asking {
    expect_context()
}
