//! Drills: an admin begins one, with a name and with those who take part; from then on they open only made-up records, until it ends or
//! they leave it. Whoever leaves does so by one press: a real emergency comes first.

use std::collections::{BTreeMap, BTreeSet};

use halligan_shared::{
    audit::Kind,
    id::{DrillId, MemberId},
    shown, wire,
};
use serde_json::json;
use time::{Duration, OffsetDateTime};

use super::{Fault, Portal, seconds_until, text};
use crate::{
    domain::{
        audit::Event,
        drill::{self, Drill, TakesPart, Walked},
        member::{Actor, SignedIn},
    },
    store::Unit,
};

/// How many a refusal names: what a person reads at one look.
const NAMED: usize = 10;
/// How many drills the list shows.
const LISTED: u32 = 50;

impl Portal {
    /// The drills of the agency, the last begun first.
    pub async fn drills(&self) -> Result<Vec<wire::DrillLine>, Fault> {
        let mut lines = Vec::new();
        for drill in self.store().drills(LISTED).await? {
            lines.push(self.drill_line(drill).await?);
        }
        Ok(lines)
    }

    /// Begins a drill.
    pub async fn begin_drill(&self, who: &SignedIn, body: &wire::BeginDrill) -> Result<wire::DrillLine, Fault> {
        let name = shown::kept(&body.name, 1..=wire::DRILL_NAME_MAX).map_err(|_| {
            Fault::Invalid("Give the drill a name of 1 to 60 characters that can all be seen. Type it anew if you pasted it.")
        })?;
        if !(1..=wire::DRILL_MINUTES_MAX).contains(&body.minutes) {
            return Err(Fault::Invalid("A drill lasts from 1 minute to 1440 minutes, which is a day."));
        }
        let (mut unit, now) = self.begin(Actor::Fresh(who)).await?;
        let (id, ends_at) = (DrillId::fresh(), now + Duration::minutes(body.minutes.into()));
        unit.begin_drill((id, name), who.member.id, (now, ends_at)).await?;
        let members = join(&mut unit, id, &body.members, now).await?;
        let facts = json!({ "drill_id": id, "name": name, "minutes": body.minutes, "members": members });
        unit.record(&Event::by(&who.member.agency_id, Kind::DrillBegun, facts), now).await?;
        let drill = TakesPart { drill: id, name: name.to_owned(), until: ends_at };
        self.tell_drill(&mut unit, &drill, (&who.member, &body.members), now).await?;
        self.commit(unit, Vec::new()).await?;
        self.drill_line(self.store().drill(id).await?.ok_or(Fault::Internal)?).await
    }

    /// Makes more members take part.
    pub async fn join_drill(&self, who: &SignedIn, id: DrillId, members: &[MemberId]) -> Result<wire::DrillLine, Fault> {
        let Drill { name, ends_at, .. } = self.running(id).await?;
        let (mut unit, now) = self.begin(Actor::Fresh(who)).await?;
        let joined = join(&mut unit, id, members, now).await?;
        unit.record(&Event::by(&who.member.agency_id, Kind::DrillJoined, json!({ "drill_id": id, "members": joined })), now)
            .await?;
        self.tell_drill(&mut unit, &TakesPart { drill: id, name, until: ends_at }, (&who.member, members), now).await?;
        self.commit(unit, Vec::new()).await?;
        self.drill_line(self.store().drill(id).await?.ok_or(Fault::Internal)?).await
    }

    /// Ends a drill. One that is over stays as it is.
    pub async fn end_drill(&self, who: &SignedIn, id: DrillId) -> Result<(), Fault> {
        self.store().drill(id).await?.ok_or(Fault::NotFound)?;
        let (mut unit, now) = self.begin(Actor::Member(who)).await?;
        if unit.end_drill(id, who.member.id, now).await? {
            unit.record(&Event::by(&who.member.agency_id, Kind::DrillEnded, json!({ "drill_id": id })), now).await?;
            self.commit(unit, Vec::new()).await?;
        }
        Ok(())
    }

    /// The drill that this member takes part in.
    pub async fn own_drill(&self, who: &SignedIn) -> Result<Option<wire::OwnDrill>, Fault> {
        let now = self.now();
        let own = self.store().drill_of(who.member.id, now).await?;
        Ok(own.map(|TakesPart { name, until, .. }| wire::OwnDrill { name, seconds_left: seconds_until(until, now) }))
    }

    /// This member takes part no more. Whoever takes part in none stays as they are.
    pub async fn leave_drill(&self, who: &SignedIn) -> Result<(), Fault> {
        let (mut unit, now) = self.begin(Actor::Member(who)).await?;
        if self.leave(&mut unit, who.member.id, &who.member.agency_id, now).await? {
            self.commit(unit, Vec::new()).await?;
        }
        Ok(())
    }

    /// Takes a member out of the drill that they take part in, with the event. `false`: there is none.
    pub(super) async fn leave(
        &self,
        unit: &mut Unit,
        member: MemberId,
        by: &halligan_shared::member::AgencyId,
        now: OffsetDateTime,
    ) -> Result<bool, Fault> {
        let Some(TakesPart { drill, .. }) = unit.drill_of(member, now).await? else { return Ok(false) };
        let left = unit.member(member).await?.ok_or(Fault::NotFound)?;
        unit.leave_drill(drill, member, now).await?;
        unit.take_from_inbox(member, &drill.to_string()).await?;
        let facts = json!({ "drill_id": drill, "member": left.agency_id });
        unit.record(&Event::by(by, Kind::DrillLeft, facts), now).await?;
        Ok(true)
    }

    /// What came of a drill, so far or in all.
    pub async fn drill_report(&self, id: DrillId) -> Result<wire::DrillReport, Fault> {
        let drill = self.store().drill(id).await?.ok_or(Fault::NotFound)?;
        let events = self.store().events_of_drill(id).await?;
        let outcomes = self.store().outcomes_of_drill(id).await?;
        let drill = self.drill_line(drill).await?;
        let (mut requests, mut names) = (Vec::new(), BTreeMap::new());
        for step in drill::walked(&events) {
            let by = self.store().member_by_agency_id(&step.by).await?.ok_or(Fault::Internal)?;
            for (id, ..) in &step.answers {
                if !names.contains_key(id) {
                    names.insert(id.clone(), self.name_of(id).await?);
                }
            }
            let outcome = outcomes.get(&step.request.to_string()).cloned().unwrap_or_default();
            requests.push(line(step, by.into(), outcome, &names));
        }
        Ok(wire::DrillReport { drill, requests })
    }

    /// The display name of whoever the log names so; of somebody unknown here, what it names them.
    async fn name_of(&self, by: &str) -> Result<String, Fault> {
        let Ok(id) = by.parse() else { return Ok(by.to_owned()) };
        let member = self.store().member_by_agency_id(&id).await?;
        Ok(member.map_or_else(|| by.to_owned(), |member| member.display_name.into()))
    }

    async fn running(&self, id: DrillId) -> Result<Drill, Fault> {
        let drill = self.store().drill(id).await?.ok_or(Fault::NotFound)?;
        if drill.ends_at <= self.now() {
            return Err(Fault::NotNow("This drill is over. Begin another one."));
        }
        Ok(drill)
    }

    async fn drill_line(&self, drill: Drill) -> Result<wire::DrillLine, Fault> {
        let now = self.now();
        let members = self.store().members_of_drill(drill.id).await?;
        let runs = drill.ends_at > now;
        Ok(wire::DrillLine {
            id: drill.id,
            name: drill.name,
            begun_by: drill.begun_by.into(),
            begun_at: text(drill.begun_at),
            seconds_left: runs.then(|| seconds_until(drill.ends_at, now)),
            ended_at: (!runs).then(|| text(drill.ends_at)),
            ended_by: drill.ended_by.map(Into::into),
            members: members.into_iter().map(|(member, left)| wire::DrillMember { member: member.into(), left }).collect(),
        })
    }
}

/// Makes these take part, all or nobody; by which agency ids the log names them.
async fn join(unit: &mut Unit, drill: DrillId, members: &[MemberId], now: OffsetDateTime) -> Result<Vec<String>, Fault> {
    let members: BTreeSet<_> = members.iter().copied().collect();
    if members.is_empty() || members.len() > wire::DRILL_MEMBERS_MAX {
        return Err(Fault::Invalid("Choose who takes part: at least one member, at most 500."));
    }
    let (mut names, mut kept) = (Vec::new(), Vec::new());
    for id in members {
        let member = unit.member(id).await?.ok_or(Fault::NotFound)?;
        if unit.join_drill(drill, id, now).await? {
            names.push(member.agency_id.to_string());
            continue;
        }
        let why = match unit.drill_of(id, now).await? {
            Some(other) => format!("takes part in “{}”", other.name),
            None if unit.is_kept_out(id).await? => "is kept out".to_owned(),
            None => "has left this drill".to_owned(),
        };
        kept.push(format!("{} ({}) {why}", member.display_name, member.agency_id));
    }
    if !kept.is_empty() {
        let more = kept.len().saturating_sub(NAMED);
        kept.truncate(NAMED);
        let rest = if more == 0 { String::new() } else { format!("; and {more} more") };
        return Err(Fault::NotJoined(format!(
            "Nobody was added: {}{rest}. Leave them out, or end the other drill.",
            kept.join("; ")
        )));
    }
    names.sort_unstable();
    Ok(names)
}

/// One request of a report; `names`: those of whoever answered, by agency id.
fn line(step: Walked, by: wire::MemberView, outcome: String, names: &BTreeMap<String, String>) -> wire::DrilledRequest {
    let Walked { request, by: _, asked_at, severity, answers, opened, released, ended, wiped } = step;
    let seconds = |span: Duration| span.as_seconds_f64();
    wire::DrilledRequest {
        request,
        by,
        asked_at: text(asked_at),
        severity,
        answers: answers
            .into_iter()
            .map(|(by, verdict, after)| {
                let name = names.get(&by).cloned().unwrap_or_default();
                wire::DrillAnswer { by, name, verdict, seconds: seconds(after) }
            })
            .collect(),
        door: opened.map(|(door, _)| door),
        opened: opened.map(|(_, after)| seconds(after)),
        released: released.map(seconds),
        ended: ended.map(seconds),
        wiped: wiped.map(seconds),
        outcome,
    }
}
