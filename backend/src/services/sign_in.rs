//! Sign-in, sessions, sign-out.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use halligan_shared::{
    audit::Kind,
    grant::Ending,
    id::{CeremonyId, GrantId, MemberId, SignInId},
    member::AgencyId,
    wire,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use time::OffsetDateTime;

use super::{Fault, Portal};
use crate::{
    domain::{
        audit::Event,
        member::{Actor, Member, SignedIn},
    },
    passkeys::{PasskeyFault, SignInState, StoredPasskey},
    store::{Stays, Unit},
};

const PURPOSE: &str = "sign_in";

/// What a session holds: who, which stay, since when (Unix seconds).
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Stay {
    /// Who.
    pub member: MemberId,
    /// Which stay.
    pub sign_in: SignInId,
    /// Since when, in seconds since 1970.
    pub since: i64,
}

/// A sign-in under way.
#[derive(Serialize, Deserialize)]
struct SigningIn {
    whose: Whose,
    /// How far the log had come.
    begun_at: u64,
    state: SignInState,
}

/// Who may finish a sign-in.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Whose {
    /// Whoever the passkey says it is of: a discoverable one knows.
    Anybody,
    /// The member whose agency id was typed.
    Member(MemberId),
    /// Nobody: the agency id that was typed is nobody's.
    Nobody,
}

impl Whose {
    /// The member whose passkey has to answer, given the one that the answer names.
    fn owner(self, named: Option<MemberId>) -> Option<MemberId> {
        match self {
            Self::Anybody => named,
            Self::Member(member) => named.is_none_or(|named| named == member).then_some(member),
            Self::Nobody => None,
        }
    }
}

impl Portal {
    /// Begins a sign-in. Without an agency id the browser offers the passkeys it has, and no list is sent. With one, the list
    /// of that member's passkeys is sent; for an id that is nobody's a made-up one, the same at every asking.
    ///
    /// Both ways take the same steps, so that neither the answer nor its time tells a stranger which agency ids exist.
    pub async fn start_sign_in(&self, agency_id: Option<&AgencyId>) -> Result<wire::Ceremony, Fault> {
        let (whose, offered) = match agency_id {
            None => (Whose::Anybody, Vec::new()),
            Some(agency_id) => self.offered(agency_id).await?,
        };
        let (options, state) = self.0.passkeys.start_sign_in(&offered)?;
        let (begun_at, _) = self.store().audit_head().await?.ok_or(Fault::Internal)?;
        self.ceremony(PURPOSE, None, options, SigningIn { whose, begun_at, state }).await
    }

    async fn offered(&self, agency_id: &AgencyId) -> Result<(Whose, Vec<StoredPasskey>), Fault> {
        let member = self.store().member_by_agency_id(agency_id).await?.map(|member| member.id);
        let key = self.decoy_key();
        let point = URL_SAFE_NO_PAD.encode(key.point(agency_id).0);
        let beside = self.store().passkey_beside(&point).await?.map(|row| row.member);
        let rows = match member.or(beside) {
            Some(model) => self.store().passkeys(model).await?,
            None => Vec::new(),
        };
        let real: Vec<_> = rows.into_iter().map(|row| row.passkey).collect();
        let made_up: Vec<_> = (0..)
            .zip(&real)
            .map(|(place, passkey)| passkey.under(key.credential_id(agency_id, place, passkey.id_length())))
            .collect();
        Ok(member.map_or((Whose::Nobody, made_up), |member| (Whose::Member(member), real)))
    }

    /// Ends a sign-in. Every failure looks alike from outside until a passkey is verified; the log knows more. Whose passkey
    /// it is may be told that they are kept out: they know already that they are a member. `browser`: where, if somebody signed in there before.
    pub async fn finish_sign_in(&self, ceremony: CeremonyId, credential: &Value, browser: Option<&str>) -> Result<Stay, Fault> {
        let SigningIn { whose, begun_at, state } = self.take(ceremony, PURPOSE, None).await.map_err(alike)?;
        let claim = self.0.passkeys.claim(credential).map_err(|_| Fault::SignInFailed)?;
        let credential_id = claim.credential_id_text();
        let owner = whose.owner(claim.member);
        let known = self.store().passkey_by_credential(&credential_id).await?.filter(|row| Some(row.member) == owner);
        let beside = self.store().passkey_beside(&credential_id).await?;
        let member = match owner {
            Some(owner) => self.store().member(owner).await?,
            None => None,
        };
        let (Some(mut row), Some(member)) = (known, member) else {
            // Judged like a passkey that is known, and written down like one: otherwise the time that a refusal takes would
            // tell which ids of a list are real. Whatever the judgement says, it is refused.
            if let Some(row) = beside {
                let _ = self.0.passkeys.finish_sign_in(credential, state, &mut row.passkey.under(claim.credential_id), &[]);
            }
            return Err(alike(self.passkey_refused(&PasskeyFault::Refused, None).await));
        };
        if let Err(fault) = self.0.passkeys.finish_sign_in(credential, state, &mut row.passkey, &member.roles) {
            return Err(alike(self.passkey_refused(&fault, Some(&member)).await));
        }
        let (unit, now) = self.begin_of_portal().await?;
        // Kept whatever the answer is: a counter that stood still while its member is kept out would hide a copy of the passkey.
        let mut unit = self.passkey_used(unit, &row, &member, now).await.map_err(alike)?;
        if unit.is_kept_out(member.id).await? {
            unit.record(&Event::by(&member.agency_id, Kind::SignInKeptOut, json!({ "passkey": row.id })), now).await?;
            unit.commit().await?;
            return Err(Fault::KeptOut);
        }
        if !unit.may_sign_in(member.id, begun_at).await? {
            return Err(Fault::SignInFailed);
        }
        let stay = Stay { member: member.id, sign_in: SignInId::fresh(), since: now.unix_timestamp() };
        unit.begin_stay(member.id, stay.sign_in, row.id, browser, now).await?;
        unit.record(&Event::by(&member.agency_id, Kind::SignInDone, json!({ "sign_in": stay.sign_in, "passkey": row.id })), now)
            .await?;
        unit.commit().await?;
        Ok(stay)
    }

    /// Who is behind a session now. `None`: nobody any more, or too long.
    pub async fn signed_in(&self, stay: Stay) -> Result<Option<SignedIn>, Fault> {
        Ok(self.stays(stay).await?.map(|(who, _)| who))
    }

    /// The same for a call that came in it: from here on its browser is known to have heard of it.
    pub async fn calls_in(&self, stay: Stay) -> Result<Option<SignedIn>, Fault> {
        let Some((who, is_unheard)) = self.stays(stay).await? else { return Ok(None) };
        if is_unheard {
            self.store().heard(who.sign_in).await?;
        }
        Ok(Some(who))
    }

    async fn stays(&self, stay: Stay) -> Result<Option<(SignedIn, bool)>, Fault> {
        let since = OffsetDateTime::from_unix_timestamp(stay.since).map_err(|_| Fault::Internal)?;
        let found = self.store().member_at(stay.member, stay.sign_in).await?;
        let found = found.map(|(member, is_unheard)| (SignedIn { member, sign_in: stay.sign_in, since }, is_unheard));
        Ok(found.filter(|(who, _)| !self.is_over(who, self.now())))
    }

    /// Whether a sign-in is as long ago as any session lives.
    pub(super) fn is_over(&self, who: &SignedIn, now: OffsetDateTime) -> bool {
        now >= who.since + self.settings().limits.session
    }

    /// What the pages must know of a session.
    pub async fn session_view(&self, who: &SignedIn, browser: Option<&str>) -> Result<wire::Session, Fault> {
        let told = match browser {
            Some(browser) => self.store().is_told_at(who.member.id, browser).await?,
            None => false,
        };
        let limits = &self.settings().limits;
        let seconds = |span: time::Duration| u32::try_from(span.whole_seconds().max(0)).unwrap_or(u32::MAX);
        Ok(wire::Session {
            member: who.member.clone().into(),
            agency: self.settings().agency.clone(),
            origin: self.settings().origin_text(),
            limits: wire::SessionLimits {
                idle: seconds(limits.idle),
                left: seconds(who.since + limits.session - self.now()),
                hidden: seconds(limits.hidden),
                window: seconds(limits.window),
            },
            told,
        })
    }

    /// Ends one stay, and with it every window it has open and every request that only it could have opened. A browser at which somebody
    /// signs out is told of notices no more, whose ever they were: others may use it next. Nor does a stay go on of which it never heard.
    pub async fn sign_out(&self, who: &SignedIn, browser: Option<&str>) -> Result<(), Fault> {
        // Ending what is over already does no harm.
        let (mut unit, now) = self.begin_of_portal().await?;
        let mut grants = Vec::new();
        if let Some(browser) = browser {
            self.leave_browser(&mut unit, Some(&who.member), browser, now).await?;
            grants = self.end_unheard(&mut unit, browser, Some(who.sign_in), now).await?;
        }
        grants.extend(self.close_stays(&mut unit, now, &who.member, Stays::One(who.sign_in), &who.member.agency_id).await?);
        let facts = json!({ "sign_in": who.sign_in });
        unit.record(&Event::by(&who.member.agency_id, Kind::SignInEnded, facts), now).await?;
        self.commit(unit, grants).await
    }

    /// Ends the stays in whose place another one begins at the same browser: the one of the session that it came with, and those of which
    /// it never heard. What its member asked and has open in them goes on in it if the same passkey began both; of somebody else, or of
    /// another passkey, nothing does.
    pub async fn succeed(&self, before: Option<&SignedIn>, who: &SignedIn, browser: Option<&str>) -> Result<(), Fault> {
        let (mut unit, now) = self.begin(Actor::Member(who)).await?;
        let mut former: Vec<_> = before.map(|before| (before.member.id, before.sign_in)).into_iter().collect();
        if let Some(browser) = browser {
            let unheard = unit.unheard_stays(browser, Some(who.sign_in)).await?;
            former.extend(unheard.into_iter().filter(|(_, stay)| before.is_none_or(|before| before.sign_in != *stay)));
        }
        let mut grants = Vec::new();
        for (member, stay) in former {
            let member = unit.member(member).await?.ok_or(Fault::Internal)?;
            let requests = unit.hand_over_requests(who.member.id, (stay, who.sign_in), now).await?;
            grants.extend(self.close_stays(&mut unit, now, &member, Stays::One(stay), &member.agency_id).await?);
            let facts = json!({ "sign_in": stay, "by": who.member.agency_id, "followed_by": who.sign_in, "requests": requests });
            unit.record(&Event::by(&member.agency_id, Kind::SignInFollowed, facts), now).await?;
        }
        self.commit(unit, grants).await
    }

    /// A browser at which somebody signs out whose session was over already.
    pub async fn leave_unknown(&self, browser: Option<&str>) -> Result<(), Fault> {
        let Some(browser) = browser else { return Ok(()) };
        // Where there is nothing to end, nobody is kept waiting.
        if !self.store().is_told_of_others_at(browser, None).await? && !self.store().is_unheard_at(browser).await? {
            return Ok(());
        }
        let (mut unit, now) = self.begin_of_portal().await?;
        self.leave_browser(&mut unit, None, browser, now).await?;
        let grants = self.end_unheard(&mut unit, browser, None, now).await?;
        self.commit(unit, grants).await
    }

    /// Ends the stays of which a browser never heard, but for one. Whose credentials go when it is committed.
    async fn end_unheard(
        &self,
        unit: &mut Unit,
        browser: &str,
        but: Option<SignInId>,
        now: OffsetDateTime,
    ) -> Result<Vec<GrantId>, Fault> {
        let mut grants = Vec::new();
        for (member, stay) in unit.unheard_stays(browser, but).await? {
            let member = unit.member(member).await?.ok_or(Fault::Internal)?;
            grants.extend(self.close_stays(unit, now, &member, Stays::One(stay), &member.agency_id).await?);
            unit.record(&Event::by(&member.agency_id, Kind::SignInEnded, json!({ "sign_in": stay })), now).await?;
        }
        Ok(grants)
    }

    /// Ends every stay of the member.
    pub async fn sign_out_everywhere(&self, who: &SignedIn) -> Result<(), Fault> {
        let facts = json!({ "sign_in": who.sign_in });
        let (mut unit, now) = self.begin(Actor::Member(who)).await?;
        self.forget_devices(&mut unit, &who.member, &who.member.agency_id, now).await?;
        let event = Event::by(&who.member.agency_id, Kind::SignInEndedEverywhere, facts);
        self.end_stays(unit, now, &who.member, Stays::All, &event).await
    }

    /// Ends stays of a member, with whatever was open or asked for in them, and says so by an event.
    pub(super) async fn end_stays(
        &self,
        mut unit: Unit,
        now: OffsetDateTime,
        member: &Member,
        stays: Stays,
        event: &Event,
    ) -> Result<(), Fault> {
        let actor = event.actor.as_ref().unwrap_or(&member.agency_id);
        let grants = self.close_stays(&mut unit, now, member, stays, actor).await?;
        unit.record(event, now).await?;
        // After the event: a sign-in that was begun at the very place in the log before it is one from before.
        if matches!(stays, Stays::All) {
            unit.end_sign_ins_under_way(member.id).await?;
        }
        self.commit(unit, grants).await
    }

    /// Ends stays inside a unit that does more. Whose credentials go when it is committed. Sign-ins under way are the caller's to
    /// end, once the event is written.
    pub(super) async fn close_stays(
        &self,
        unit: &mut Unit,
        now: OffsetDateTime,
        member: &Member,
        stays: Stays,
        actor: &AgencyId,
    ) -> Result<Vec<GrantId>, Fault> {
        let ended = unit.end_stays(member.id, stays).await?;
        if matches!(stays, Stays::All) && *actor != member.agency_id {
            // So that nobody at the desk does so again, or waves the scans through.
            unit.signed_out_in_alarm(member.id, actor, now).await?;
        }
        // What a stay left behind that is long over goes with all of them.
        let of = if matches!(stays, Stays::All) { vec![None] } else { ended.into_iter().map(Some).collect() };
        let mut grants = Vec::new();
        for sign_in in of {
            // Read once writers stand in line: no window opens between the list and its end.
            for grant in unit.open_grants_of(member.id, sign_in).await? {
                if unit.end_grant(grant.id, Ending::LoggedOff, None, now).await? {
                    let facts = json!({ "grant": grant.id, "ending": Ending::LoggedOff });
                    unit.record(&Event::by(actor, Kind::GrantEnded, facts), now).await?;
                }
                grants.push(grant.id);
            }
            for request in unit.cancel_requests_of(member.id, sign_in, now).await? {
                unit.record(&Event::by(actor, Kind::RequestCancelled, json!({ "request": request })), now).await?;
            }
        }
        Ok(grants)
    }

    /// Writes a refused passkey into the log and gives back the fault to answer with.
    pub(super) async fn passkey_refused(&self, fault: &PasskeyFault, member: Option<&Member>) -> Fault {
        let kind = match fault {
            PasskeyFault::Counter => Kind::PasskeyCounterWentBack,
            PasskeyFault::NotDeviceBound => Kind::PasskeyNotDeviceBound,
            PasskeyFault::Refused | PasskeyFault::Internal => Kind::PasskeyRefused,
        };
        let event = Event { kind, actor: member.map(|member| member.agency_id.clone()), facts: json!({}) };
        let written = async {
            let (mut unit, now) = self.begin_of_portal().await?;
            unit.record(&event, now).await?;
            Ok::<_, Fault>(unit.commit().await?)
        };
        match written.await {
            Ok(()) => match fault {
                PasskeyFault::NotDeviceBound => Fault::Passkey(PasskeyFault::NotDeviceBound),
                PasskeyFault::Counter => Fault::Passkey(PasskeyFault::Counter),
                PasskeyFault::Internal => Fault::Internal,
                PasskeyFault::Refused => Fault::Passkey(PasskeyFault::Refused),
            },
            Err(error) => error,
        }
    }
}

/// Folds every failure that a stranger could learn from into one.
fn alike(fault: Fault) -> Fault {
    match fault {
        Fault::CeremonyOver | Fault::Passkey(_) | Fault::NotFound => Fault::SignInFailed,
        other => other,
    }
}
