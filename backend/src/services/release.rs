//! Release: both shares to the browser that asked, inside the window, by the grant's own credentials.

use halligan_shared::{
    audit::Kind,
    bytes::Bytes,
    crypto,
    door::Door,
    grant::Ending,
    id::{DocumentId, GrantId, RequestId},
    wire::{self, KeyTrouble},
};
use serde_json::json;
use tokio::sync::oneshot;

use super::{Fault, Portal, readiness, seconds_until};
use crate::{
    aws::{Keys, Purpose, Turn, Window},
    domain::{
        audit::Event,
        member::{Actor, SignedIn},
        request::{AccessRequest, Grant, Refusal, State},
    },
    store::{NewGrant, SealingRow},
};

/// One attempt to open a record. It goes on to its end whatever its caller does: an opening stands in the log before anything is
/// asked, so what became of it has to get there too, also when nobody waits for it any more.
struct Attempt {
    portal: Portal,
    who: SignedIn,
    request: AccessRequest,
    sealing: SealingRow,
    body: wire::ReleaseBody,
}

impl Portal {
    /// Opens a record: the first time this starts the window, after a reload it goes on in it.
    ///
    /// The event is written before anything is asked of the authority: no log, no access. An attempt that nothing comes of, because
    /// the authority fails or because nobody is there any more to take the shares, is written down as well, and uses nothing up.
    pub async fn release(&self, who: &SignedIn, id: RequestId, body: &wire::ReleaseBody) -> Result<wire::Release, Fault> {
        let request = self.request_of(who, id).await?;
        self.check_as_signed(&request).await?;
        // Whoever may not open is told that, whatever the authority does; whoever is not signed in any more, that.
        if let Err(refusal) = request.may_be_opened_by(who.sign_in, self.now()) {
            self.begin(Actor::Member(who)).await?;
            return Err(refusal.into());
        }
        let sealing = self.store().sealing(request.sealing).await?.ok_or(Fault::NotFound)?;
        let attempt = Attempt { portal: self.clone(), who: who.clone(), request, sealing, body: body.clone() };
        let (caller, answer) = oneshot::channel();
        tokio::spawn(attempt.make(caller));
        answer.await.map_err(|_| Fault::Internal)?
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

    /// Starts the window, or goes on in it; either way the log has it first, and a wipe receipt is owed, once for each opening. The
    /// grant, and the door that its request came through.
    async fn admit(&self, who: &SignedIn, id: RequestId, body: &wire::ReleaseBody) -> Result<(Grant, Door), Fault> {
        let (mut unit, now) = self.begin(Actor::Member(who)).await?;
        let request = unit.request(id).await?.filter(|request| request.by.id == who.member.id).ok_or(Fault::NotFound)?;
        let held = request.may_be_opened_by(who.sign_in, now)?;
        // Looked at where the opening is written down: what was signed as made up opens no real record, whatever changed it since.
        if request.statement.drill && !unit.is_made_up(request.record).await? {
            unit.record(&Event::of_portal(Kind::RequestAltered, json!({ "request": id })), now).await?;
            self.commit(unit, Vec::new()).await?;
            return Err(Fault::Altered);
        }
        // Another door may have opened what the first one holds no more.
        let request = if held.is_none() {
            if !self.judge(&mut unit, id, now).await? {
                self.commit(unit, Vec::new()).await?;
                return Err(Refusal::WaitsAgain.into());
            }
            unit.request(id).await?.ok_or(Fault::NotFound)?
        } else {
            request
        };
        let (State::Approved { opened, .. } | State::Released { opened, .. }) = request.state.clone() else {
            return Err(Refusal::NotApproved.into());
        };
        let (grant, kind) = if let Some(grant) = held {
            // By its own state it is open: then only a lockdown keeps it closed.
            if !unit.is_open(grant.id, now).await? {
                return Err(Fault::LockedDown);
            }
            if now >= grant.last_asked() {
                return Err(Refusal::WindowOver(Ending::Expired).into());
            }
            (grant, Kind::RecordOpenedAgain)
        } else {
            let most = self.settings().limits.window;
            let ends_at = now + opened.window.map_or(most, |window| window.min(most));
            let new = NewGrant { id: GrantId::fresh(), request: id, sign_in: who.sign_in, ends_at };
            let id = unit.release_request(&new, now).await?.ok_or(Fault::LockedDown)?;
            (Grant { id, ends_at, ending: None, reason: None }, Kind::RecordOpened)
        };
        if !unit.add_opening(grant.id, &body.wipe_commitment, now).await? {
            return Err(Fault::Invalid("This was sent before. Reload the page and open the record again."));
        }
        let facts = json!({
            "request": id, "grant": grant.id, "record": request.record, "door": opened.door, "blinded_point": body.blinded_point,
            "page_point": body.page_point, "wipe_commitment": body.wipe_commitment,
        });
        unit.record(&Event::by(&who.member.agency_id, kind, facts), now).await?;
        if kind == Kind::RecordOpened {
            self.review(&mut unit, &request, opened.door, now).await?;
        }
        self.commit(unit, Vec::new()).await?;
        Ok((grant, opened.door))
    }
}

impl Attempt {
    async fn make(self, caller: oneshot::Sender<Result<wire::Release, Fault>>) {
        let released = self.open().await;
        let grant = released.as_ref().ok().map(|release| release.grant);
        // Shares that come when their caller has hung up reach nobody, and are dropped here.
        if caller.send(released).is_err()
            && let Some(grant) = grant
            && let Err(error) = self.note_nothing(Some(grant), json!({ "why": "the caller had hung up" })).await
        {
            tracing::error!(%error, request = %self.request.id, "that a record was not opened could not be written down");
        }
    }

    async fn open(&self) -> Result<wire::Release, Fault> {
        // The keys that the record itself was sealed under, of those that the operator names: old and new stand side by side until
        // the last record has moved.
        let (authority, sealing) = (self.portal.authority(), &self.sealing);
        let Some(keys) = authority.keys_for(&sealing.kek, &sealing.agreement_key) else {
            return Err(self.nothing_came(None, Fault::KeyNotNamed).await);
        };
        // Before the window begins: where nothing will be asked, nothing begins.
        let turn = match authority.turn(Purpose::Release) {
            Ok(turn) => turn,
            Err(resting) => return Err(self.nothing_came(None, resting.into()).await),
        };
        let (grant, door) = self.portal.admit(&self.who, self.request.id, &self.body).await?;
        match self.release(turn, keys, &grant, door).await {
            Ok(release) => Ok(release),
            Err(fault) => Err(self.nothing_came(Some(grant.id), fault).await),
        }
    }

    async fn release(&self, turn: Turn<'_>, keys: Keys<'_>, grant: &Grant, door: Door) -> Result<wire::Release, Fault> {
        let Self { portal, who, request, sealing, body } = self;
        let window = Window {
            keys,
            grant: grant.id,
            agency_id: &who.member.agency_id,
            request: request.id,
            incident: request.justification.incident(),
            record: request.record,
            door,
            ends_at: grant.ends_at,
        };
        let asked = portal.authority().release(&window, &sealing.wrapped_share, &body.blinded_point).await;
        // What is asked in time and arrives when the window is over, KMS refuses: no failure of the keys.
        let is_denied = asked.as_ref().is_err_and(|fault| fault.trouble() == KeyTrouble::Denied);
        if is_denied && portal.now() >= grant.last_asked() {
            return Err(Refusal::WindowOver(Ending::Expired).into());
        }
        portal.heard(turn, &asked).await;
        let shares = asked?;
        let carried = crypto::carry(&shares.share1, &body.page_point, &grant.id).map_err(|_| Fault::Internal)?;
        let documents = portal.store().documents(request.sealing).await?;
        // The grant may have been ended while the authority worked: then nothing goes out, and nothing is kept.
        portal.open_grant(who, grant.id).await?;
        Ok(wire::Release {
            grant: grant.id,
            seconds_left: seconds_until(grant.ends_at, portal.now()),
            version: sealing.version,
            share1: carried,
            blinded_share: Bytes(shares.blinded),
            documents: documents
                .into_iter()
                .map(|row| wire::DocumentLine { id: row.id, kind: row.kind, bytes: row.bytes })
                .collect(),
        })
    }

    /// Writes down that nothing came of the attempt, and why. What the caller is told.
    async fn nothing_came(&self, grant: Option<GrantId>, fault: Fault) -> Fault {
        tracing::warn!(%fault, request = %self.request.id, "a record was not opened");
        let why = match &fault {
            Fault::Authority(fault) => readiness::told(fault),
            Fault::Refused(_) => json!({ "why": "the window was ended meanwhile" }),
            Fault::KeyNotNamed => json!({ "why": "the record is under a key that the portal is not told to use" }),
            _ => json!({ "why": "the portal itself failed" }),
        };
        match self.note_nothing(grant, why).await {
            Ok(()) => fault,
            Err(error) => error,
        }
    }

    /// Takes an opening back that nothing came of: nobody holds its credentials, and no wipe receipt is owed for it. Where it was
    /// the only one of its grant, the request is approved again, for as long as it was before the attempt began, and the window
    /// begins with the next one. What somebody ended meanwhile stays ended.
    async fn note_nothing(&self, grant: Option<GrantId>, failure: serde_json::Value) -> Result<(), Fault> {
        let (portal, commitment) = (&self.portal, &self.body.wipe_commitment);
        // First: once it is taken back, the grant may be another attempt's, with credentials that end with another window.
        if let Some(grant) = grant {
            portal.authority().close_window(grant);
        }
        let (mut unit, now) = portal.begin_of_portal().await?;
        let is_taken_back = match grant {
            Some(grant) => unit.take_back(grant, commitment, now).await?,
            None => false,
        };
        let facts = json!({
            "request": self.request.id, "grant": grant, "failure": failure, "wipe_commitment": grant.map(|_| commitment),
            "window_taken_back": is_taken_back,
        });
        unit.record(&Event::of_portal(Kind::RecordNotOpened, facts), now).await?;
        portal.commit(unit, Vec::new()).await
    }
}
