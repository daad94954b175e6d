//! Release: both shares to the browser that asked, inside the window, by the grant's own credentials.

use halligan_shared::{
    audit::Kind,
    bytes::Bytes,
    crypto,
    id::{DocumentId, GrantId, RequestId},
    wire,
};
use serde_json::json;

use super::{Fault, Portal, keys, seconds_until};
use crate::{
    aws::{AuthorityFault, Window},
    domain::{
        audit::Event,
        member::{Actor, SignedIn},
        request::{AccessRequest, Grant, Refusal},
    },
    store::NewGrant,
};

impl Portal {
    /// Opens a record: the first time this starts the window, after a reload it goes on in it.
    ///
    /// The event is written before anything is asked of the authority: no log, no access. A failure of the authority is written
    /// down as well, and uses nothing up.
    pub async fn release(&self, who: &SignedIn, id: RequestId, body: &wire::ReleaseBody) -> Result<wire::Release, Fault> {
        let request = self.request_of(who, id).await?;
        self.check_as_signed(&request).await?;
        let sealing = self.store().sealing(request.sealing).await?.ok_or(Fault::NotFound)?;
        // The keys that the record itself was sealed under, of those that the operator names: old and new stand side by side until
        // the last record has moved.
        let keys = self.authority().keys_for(&sealing.kek, &sealing.agreement_key).ok_or(Fault::KeyNotNamed)?;
        // Before the window begins: where nothing will be asked, nothing begins.
        let turn = match self.authority().turn() {
            Ok(turn) => turn,
            Err(resting) => {
                // Whose request is over is told that, and not to wait.
                request.may_be_opened_by(who.sign_in, self.now())?;
                return Err(self.not_opened(id, None, resting).await);
            }
        };
        let grant = self.admit(who, &request, body).await?;
        let window = Window {
            keys,
            grant: grant.id,
            agency_id: &who.member.agency_id,
            request: id,
            incident: request.justification.incident(),
            record: request.record,
            ends_at: grant.ends_at,
        };
        let held = Held { portal: self, grant: grant.id, kept: false };
        let asked = self.authority().release(&window, &sealing.wrapped_share, &body.blinded_point).await;
        self.heard(turn, &asked).await;
        let shares = match asked {
            Ok(shares) => shares,
            Err(fault) => return Err(self.not_opened(id, Some((grant.id, body.wipe_commitment)), fault).await),
        };
        let carried = crypto::carry(&shares.share1, &body.page_point, &grant.id).map_err(|_| Fault::Internal)?;
        let documents = self.store().documents(request.sealing).await?;
        // The grant may have been ended while the authority worked: then nothing goes out, and nothing is kept.
        self.open_grant(who, grant.id).await?;
        held.keep();
        Ok(wire::Release {
            grant: grant.id,
            seconds_left: seconds_until(grant.ends_at, self.now()),
            version: sealing.version,
            share1: carried,
            blinded_share: Bytes(shares.blinded),
            documents: documents
                .into_iter()
                .map(|row| wire::DocumentLine { id: row.id, kind: row.kind, bytes: row.bytes })
                .collect(),
        })
    }

    /// Writes down that the authority failed an opening, and says why. It goes on when the caller hangs up meanwhile.
    async fn not_opened(&self, request: RequestId, opening: Option<(GrantId, Bytes<32>)>, fault: AuthorityFault) -> Fault {
        tracing::warn!(%fault, %request, "a record was not opened");
        let (portal, failure) = (self.clone(), keys::told(&fault));
        match tokio::spawn(async move { portal.note_not_opened(request, opening, failure).await }).await {
            Ok(Ok(())) => Fault::Authority(fault),
            Ok(Err(error)) => error,
            Err(_) => Fault::Internal,
        }
    }

    /// Takes an opening back that nothing came of. No wipe receipt is owed for it. Where it was the only one of its grant, there is no
    /// grant either: the request is approved again, for as long as it was before the attempt began, and the window begins with
    /// the next one. What somebody ended meanwhile stays ended.
    async fn note_not_opened(
        &self,
        request: RequestId,
        opening: Option<(GrantId, Bytes<32>)>,
        failure: serde_json::Value,
    ) -> Result<(), Fault> {
        let (mut unit, now) = self.begin_of_portal().await?;
        let is_taken_back = match &opening {
            Some((grant, commitment)) => unit.take_back(*grant, commitment, now).await?,
            None => false,
        };
        let facts = json!({
            "request": request, "grant": opening.map(|(grant, _)| grant), "failure": failure,
            "wipe_commitment": opening.map(|(_, commitment)| commitment), "window_taken_back": is_taken_back,
        });
        unit.record(&Event::of_portal(Kind::RecordNotOpened, facts), now).await?;
        self.commit(unit, Vec::new()).await
    }

    /// A sealed document of an open grant, for the session that opened it.
    pub async fn grant_document(&self, who: &SignedIn, grant: GrantId, document: DocumentId) -> Result<Vec<u8>, Fault> {
        let (request, _) = self.open_grant(who, grant).await?;
        let sealed = self.store().document(request.sealing, document).await?.ok_or(Fault::NotFound)?;
        let (mut unit, now) = self.begin(Actor::Member(who)).await?;
        if !unit.is_open(grant, now).await? {
            drop(unit);
            self.open_grant(who, grant).await?;
            return Err(Fault::Internal);
        }
        unit.record(&Event::by(&who.member.agency_id, Kind::DocumentSent, json!({ "grant": grant, "document": document })), now)
            .await?;
        unit.commit().await?;
        Ok(sealed)
    }

    /// An open grant of this very session.
    pub(super) async fn open_grant(&self, who: &SignedIn, grant: GrantId) -> Result<(AccessRequest, Grant), Fault> {
        let request =
            self.store().request_by_grant(grant).await?.filter(|request| request.by.id == who.member.id).ok_or(Fault::NotFound)?;
        let grant = request.may_be_opened_by(who.sign_in, self.now())?.ok_or(Fault::NotFound)?;
        Ok((request, grant))
    }

    /// Starts the window, or goes on in it; either way the log has it first, and a wipe receipt is owed, once for each opening.
    async fn admit(&self, who: &SignedIn, request: &AccessRequest, body: &wire::ReleaseBody) -> Result<Grant, Fault> {
        if let Some(grant) = self.try_admit(who, request, body).await? {
            return Ok(grant);
        }
        // Another page of the same session was faster, or the window was ended: judged anew by what stands now.
        let request = self.request_of(who, request.id).await?;
        if let Some(grant) = self.try_admit(who, &request, body).await? {
            return Ok(grant);
        }
        Err(if self.store().is_locked_down().await? { Fault::LockedDown } else { Fault::Refused(Refusal::NotApproved) })
    }

    /// `None`: the request was no longer as it was read.
    async fn try_admit(&self, who: &SignedIn, request: &AccessRequest, body: &wire::ReleaseBody) -> Result<Option<Grant>, Fault> {
        let (mut unit, now) = self.begin(Actor::Member(who)).await?;
        let (grant, kind, admitted) = if let Some(grant) = request.may_be_opened_by(who.sign_in, now)? {
            let admitted = unit.is_open(grant.id, now).await?;
            (grant, Kind::RecordOpenedAgain, admitted)
        } else {
            let ends_at = now + self.settings().limits.window;
            let new = NewGrant { id: GrantId::fresh(), request: request.id, sign_in: who.sign_in, ends_at };
            let admitted = unit.release_request(&new, now).await?;
            (Grant { id: new.id, ends_at, ending: None, reason: None }, Kind::RecordOpened, admitted)
        };
        if !admitted {
            return Ok(None);
        }
        if !unit.add_opening(grant.id, &body.wipe_commitment, now).await? {
            return Err(Fault::Invalid("This was sent before. Reload the page and open the record again."));
        }
        let facts = json!({
            "request": request.id, "grant": grant.id, "record": request.record, "blinded_point": body.blinded_point,
            "page_point": body.page_point, "wipe_commitment": body.wipe_commitment,
        });
        unit.record(&Event::by(&who.member.agency_id, kind, facts), now).await?;
        self.commit(unit, Vec::new()).await?;
        Ok(Some(grant))
    }
}

/// The grant's credentials while a release works with them. They are forgotten unless it succeeds: also when the caller hangs up
/// in the middle, and then nothing but this drop would run.
struct Held<'a> {
    portal: &'a Portal,
    grant: GrantId,
    kept: bool,
}

impl Held<'_> {
    fn keep(mut self) {
        self.kept = true;
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        if !self.kept {
            self.portal.authority().close_window(self.grant);
        }
    }
}
