//! Reviews, as a privacy officer's page takes them.

use halligan_shared::{
    id::RequestId,
    paths,
    review::Finding,
    wire::{PrepareReview, PreparedReview, ReviewList, ReviewView, SignedReview},
};
use serde_json::json;

use super::{Answer, Client};

impl Client {
    /// The reviews that this privacy officer may close, and the last that were closed.
    pub(crate) async fn reviews(&mut self) -> ReviewList {
        self.get(paths::REVIEWS).await.ok()
    }

    /// The review of a request, with the facts.
    pub(crate) async fn review(&mut self, request: RequestId) -> ReviewView {
        self.get(&paths::review_of(request)).await.ok()
    }

    pub(crate) async fn prepare_finding(&mut self, request: RequestId, finding: Finding) -> Answer {
        let shown = self.get(&paths::review_of(request)).await;
        if !shown.status.is_success() {
            return shown;
        }
        let body =
            PrepareReview { finding, note: "There was no such incident".into(), last_event: shown.ok::<ReviewView>().last_event };
        self.post(&paths::review_finding_prepare_of(request), &body).await
    }

    pub(crate) async fn signed_review(&self, prepared: &PreparedReview) -> SignedReview {
        let credential = self.device.sign(&prepared.ceremony.options).await;
        SignedReview { ceremony: prepared.ceremony.ceremony, credential }
    }

    /// Closes a review.
    pub(crate) async fn close_review(&mut self, request: RequestId, finding: Finding) -> Answer {
        let prepared = self.prepare_finding(request, finding).await;
        if !prepared.status.is_success() {
            return prepared;
        }
        let signed = self.signed_review(&prepared.ok()).await;
        self.post(&paths::review_finding_of(request), &signed).await
    }

    /// Takes a review over.
    pub(crate) async fn take_review(&mut self, request: RequestId) -> Answer {
        self.post(&paths::review_owner_of(request), &json!({})).await
    }
}
