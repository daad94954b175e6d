//! Whether the authority would do for a release what it should, and nothing else.

use std::collections::BTreeSet;

use halligan_shared::wire::KeyTrouble;
use time::{Duration, OffsetDateTime};

use super::check::{Findings, Item};
use crate::{
    aws::{Authority, AuthorityFault, Denied, KeyFound, Sample, Trial, Tried},
    services::lockdown::is_as_told,
    store::{DenyDue, DenyRow, KeysInUse, Store},
};

/// From how far apart on the clocks are not fine: a window would be that much longer or shorter at KMS than it says.
const CLOCK_OFF: Duration = Duration::seconds(30);
/// How long ago the window of what must be refused as late has ended: longer than clocks that are fine are apart, so that it has
/// ended by KMS's clock as well.
const LATE: Duration = Duration::minutes(1);

/// What a release would find at this moment.
pub(super) struct Moment {
    /// The time.
    pub(super) now: OffsetDateTime,
    /// How long a record would be readable.
    pub(super) window: Duration,
    /// What the portal's own database says of a lockdown.
    pub(super) lockdown: Lockdown,
}

/// What the portal's own database says of a lockdown.
pub(super) enum Lockdown {
    /// It does not say.
    Unknown,
    /// The authority is to refuse no session.
    Over,
    /// The authority is to refuse sessions: all of them while locked down, then those from before.
    Denies(DenyRow),
}

impl Lockdown {
    pub(super) async fn of(store: &Store) -> Self {
        match (store.deny().await, store.is_locked_down().await) {
            (Ok(Some(row)), _) => Self::Denies(row),
            (Ok(None), Ok(false)) => Self::Over,
            _ => Self::Unknown,
        }
    }
}

/// Looks at everything that a release and a sealing need of the authority, one after the other; where one thing fails that all the
/// others need, they are not tried.
pub(super) async fn examine(found: &mut Findings, authority: &Authority, samples: &[Sample<'_>], moment: &Moment) {
    names(found, authority);
    if !is_there(found, authority).await {
        return;
    }
    deny(found, authority.denied().await, &moment.lockdown, moment.now);
    key(found, Item::Kek, authority.describe_kek().await, ("ENCRYPT_DECRYPT", "SYMMETRIC_DEFAULT"));
    key(found, Item::AgreementKey, authority.describe_agreement_key().await, ("KEY_AGREEMENT", "ECC_NIST_P256"));
    // A record opens by its own keys, so what holds under the newest says nothing of those under former ones.
    let mut ahead = None;
    for sample in samples {
        let mut tried = Findings::default();
        let own = authority.own(sample.keys).decrypt(&sample.record, None).await;
        refused(&mut tried, Item::OwnDecrypt, &own);
        ahead = ahead.or(release(&mut tried, authority, sample, moment).await).or_else(|| match &own {
            Trial::Not(fault) => fault.ahead(),
            Trial::Allowed => None,
        });
        let of = match sample.keys {
            keys if keys == authority.current_keys() => String::new(),
            keys => format!(", under {} and {}", keys.kek, keys.agreement_key),
        };
        found.or_worse(tried, &of);
    }
    if let Some(sample) = samples.first() {
        seal(found, authority, sample).await;
    }
    if let Some(ahead) = ahead {
        clock(found, ahead);
    }
}

/// Whether the operator names every key that a record's current version is under: the others do not open, whatever KMS would say.
pub(super) fn named(found: &mut Findings, authority: &Authority, in_use: &[KeysInUse]) {
    let (named, unnamed): (Vec<_>, Vec<_>) =
        in_use.iter().partition(|keys| authority.keys_for(&keys.kek, &keys.agreement_key).is_some());
    let records = |rows: &[&KeysInUse]| rows.iter().map(|keys| keys.records).sum::<u64>();
    if unnamed.is_empty() {
        return found.fine(Item::Named, format!("each of {} records is under keys that are named", records(&named)));
    }
    let is_named = |key: &str| authority.named_keys().any(|named| named == key);
    let keys: BTreeSet<&str> =
        unnamed.iter().flat_map(|keys| [keys.kek.as_str(), keys.agreement_key.as_str()]).filter(|key| !is_named(key)).collect();
    let (under, all) = (records(&unnamed), records(&named) + records(&unnamed));
    found.fails(Item::Named, format!("{under} of {all} records are under a key that is not named: {keys:?}"));
}

/// Whether every name is an ARN of its kind, and the keys are where calls are signed for.
fn names(found: &mut Findings, authority: &Authority) {
    let region = authority.region();
    let is_key =
        |arn: &&str| matches!(arn.split(':').collect::<Vec<_>>()[..], ["arn", _, "kms", _, _, key] if key.starts_with("key/"));
    let is_role =
        |arn: &&str| matches!(arn.split(':').collect::<Vec<_>>()[..], ["arn", _, "iam", "", _, role] if role.starts_with("role/"));
    let region_of = |arn: &str| arn.split(':').nth(3).unwrap_or_default().to_owned();
    if let Some(odd) = authority.named_keys().find(|arn| !is_key(arn)) {
        found.fails(Item::Names, format!("{odd} is not the ARN of a key"));
    } else if let Some(odd) = authority.named_roles().into_iter().find(|arn| !is_role(arn)) {
        found.fails(Item::Names, format!("{odd} is not the ARN of a role"));
    } else if let Some(odd) = authority.named_keys().find(|arn| region_of(arn) != region) {
        found.fails(Item::Names, format!("{odd} is in {}, and calls are signed for {region}", region_of(odd)));
    } else {
        found.fine(Item::Names, format!("{} keys in {region}, two roles", authority.named_keys().count()));
    }
}

/// Whether both services answer, and know the portal.
async fn is_there(found: &mut Findings, authority: &Authority) -> bool {
    let place = authority.endpoint().unwrap_or("AWS's own endpoints").to_owned();
    let answered = match authority.identity().await {
        Ok(arn) => authority.agreement_point().await.map(|_| arn),
        Err(fault) => Err(fault),
    };
    let fault = match answered {
        Ok(arn) => {
            found.fine(Item::Endpoint, format!("STS and KMS answer at {place}"));
            found.fine(Item::Credentials, format!("the portal is {arn}"));
            return true;
        }
        Err(fault) => fault,
    };
    match fault.trouble() {
        KeyTrouble::Clock => {
            found.fine(Item::Endpoint, format!("STS and KMS answer at {place}"));
            match fault.ahead() {
                Some(ahead) => clock(found, ahead),
                None => found.fails(Item::Clock, fault.to_string()),
            }
            false
        }
        KeyTrouble::Credentials => {
            found.fine(Item::Endpoint, format!("STS and KMS answer at {place}"));
            found.fails(Item::Credentials, fault.to_string());
            false
        }
        // Of the key, which is looked at by itself.
        KeyTrouble::Denied => {
            found.fine(Item::Endpoint, format!("STS and KMS answer at {place}"));
            found.fine(Item::Credentials, "they are known");
            true
        }
        _ => {
            found.fails(Item::Endpoint, format!("{place}: {fault}"));
            false
        }
    }
}

fn clock(found: &mut Findings, ahead: Duration) {
    let seconds = ahead.whole_seconds();
    let words = match seconds {
        0 => "as the key service's, to the second".to_owned(),
        1.. => format!("{seconds} seconds behind the key service's"),
        _ => format!("{} seconds ahead of the key service's", -seconds),
    };
    found.judge(Item::Clock, ahead.abs() < CLOCK_OFF, words);
}

fn key(found: &mut Findings, item: Item, answer: Result<KeyFound, AuthorityFault>, (usage, spec): (&str, &str)) {
    match answer {
        Ok(key) if !key.enabled => found.fails(item, "the key is disabled"),
        Ok(key) => found.judge(item, key.usage == usage && key.spec == spec, format!("enabled, for {}, {}", key.usage, key.spec)),
        Err(fault) if is_denial(&fault) => found.unknown(item, format!("it may not be looked at: {fault}")),
        Err(fault) => found.fails(item, fault.to_string()),
    }
}

/// The role of releases, within its policy and outside. How far the authority's clock is ahead.
async fn release(found: &mut Findings, authority: &Authority, sample: &Sample<'_>, moment: &Moment) -> Option<Duration> {
    let tried = match authority.try_decrypter(sample.keys, &sample.record, moment.now + moment.window).await {
        Ok(tried) => tried,
        Err(fault) if matches!(fault.code(), Some("PackedPolicyTooLarge" | "MalformedPolicyDocument")) => {
            found.fine(Item::Decrypter, "the role can be assumed");
            found.fails(Item::Policy, fault.to_string());
            return None;
        }
        Err(fault) => {
            found.fails(Item::Decrypter, fault.to_string());
            return None;
        }
    };
    found.fine(Item::Decrypter, "can be assumed, with source identity and tags");
    let packed = tried.packed.map_or("accepted".to_owned(), |packed| format!("accepted; they take {packed} % of their room"));
    found.fine(Item::Policy, packed);
    if let Lockdown::Denies(DenyRow { told: DenyDue::All(_), since, .. }) = &moment.lockdown {
        closed(found, &tried, sample, since.is_some()).await;
        return tried.ahead;
    }
    found.fine(Item::DenyHolds, "the portal is not locked down");
    let wrapped = sample.wrapped_share.as_deref();
    let of_what = if wrapped.is_some() {
        "share 1 of a record that is kept would be given"
    } else {
        "it would be given; there is no record to try it with"
    };
    allowed(found, Item::Decrypt, &tried.decrypt(&sample.record, wrapped).await, of_what);
    allowed(found, Item::Derive, &tried.derive(&sample.point).await, "it would be derived");
    match halligan_shared::id::RecordId::random() {
        Ok(other) => refused(found, Item::DecryptOther, &tried.decrypt(&other, None).await),
        Err(_) => found.unknown(Item::DecryptOther, "the system gave no random bytes"),
    }
    binding(found, authority, sample, moment).await;
    match authority.try_decrypter(sample.keys, &sample.record, moment.now - LATE).await {
        Ok(late) => {
            refused(found, Item::DecryptLate, &late.decrypt(&sample.record, None).await);
            refused(found, Item::DeriveLate, &late.derive(&sample.point).await);
        }
        Err(fault) => {
            found.unknown(Item::DecryptLate, fault.to_string());
            found.unknown(Item::DeriveLate, fault.to_string());
        }
    }
    tried.ahead
}

/// What the session policy hides: whether role, boundary and key themselves tie a session to the record that it is tagged with. So the
/// session policy of this one names none.
async fn binding(found: &mut Findings, authority: &Authority, sample: &Sample<'_>, moment: &Moment) {
    let item = Item::Binding;
    let tried = match authority.try_unbound(sample.keys, &sample.record, moment.now + moment.window).await {
        Ok(tried) => tried,
        Err(fault) => return found.unknown(item, fault.to_string()),
    };
    // A refusal says something only of a session that is not refused its own.
    if let Trial::Not(fault) = tried.decrypt(&sample.record, None).await {
        return found.unknown(item, format!("it is refused its own record too: {fault}"));
    }
    match halligan_shared::id::RecordId::random() {
        Ok(other) => refused(found, item, &tried.decrypt(&other, None).await),
        Err(_) => found.unknown(item, "the system gave no random bytes"),
    }
}

/// While the portal is locked down: whether every session is refused, as the authority was told. How it would be without that
/// nothing here can say.
async fn closed(found: &mut Findings, tried: &Tried<'_>, sample: &Sample<'_>, is_told: bool) {
    for item in [Item::DecryptOther, Item::Binding, Item::DecryptLate, Item::DeriveLate] {
        found.unknown(item, "not looked at: the portal is locked down");
    }
    let trials = [
        (Item::Decrypt, "Decrypt", tried.decrypt(&sample.record, sample.wrapped_share.as_deref()).await),
        (Item::Derive, "DeriveSharedSecret", tried.derive(&sample.point).await),
    ];
    let (mut done, mut odd) = (Vec::new(), Vec::new());
    for (item, call, trial) in trials {
        let words = match trial {
            Trial::Allowed => {
                done.push(call);
                "it would be done".to_owned()
            }
            Trial::Not(fault) if is_denial(&fault) => "it is refused, as it has to be".to_owned(),
            Trial::Not(fault) => {
                odd.push(fault.to_string());
                fault.to_string()
            }
        };
        found.unknown(item, format!("the portal is locked down: {words}"));
    }
    let holds = Item::DenyHolds;
    match (done.as_slice(), odd.first()) {
        _ if !is_told => found.unknown(holds, "the portal is locked down, and the key service is not told yet"),
        ([], None) => found.fine(holds, "the portal is locked down, and the key service refuses share 1 and share 2"),
        ([], Some(odd)) => found.unknown(holds, format!("the portal is locked down: {odd}")),
        (done, _) => found.fails(holds, format!("the portal is locked down, and {} would be done", done.join(" and "))),
    }
}

/// Whether the policy that refuses sessions is at IAM as it should be. That it can be looked at shows that IAM is reached and the
/// portal has its kill switch; only putting it would show that it can be put.
fn deny(found: &mut Findings, seen: Result<Denied, AuthorityFault>, lockdown: &Lockdown, now: OffsetDateTime) {
    let item = Item::Deny;
    let seen = match seen {
        Ok(seen) => seen,
        Err(fault) => return found.fails(item, fault.to_string()),
    };
    match lockdown {
        Lockdown::Unknown => found.unknown(item, format!("{seen}; the database does not say how it should be")),
        Lockdown::Over => found.judge(item, seen == Denied::None, format!("{seen}; no lockdown asks for one")),
        Lockdown::Denies(DenyRow { told, failure, .. }) => {
            let wanted = match told {
                DenyDue::All(_) => "the portal is locked down",
                DenyDue::Older(_) | DenyDue::Nothing(_) => "a lockdown was lifted",
            };
            let failure = failure.as_ref().map(|why| format!("; {why}")).unwrap_or_default();
            found.judge(item, is_as_told(*told, seen, now), format!("{seen}; {wanted}{failure}"));
        }
    }
}

async fn seal(found: &mut Findings, authority: &Authority, sample: &Sample<'_>) {
    let tried: Tried<'_> = match authority.try_registrar().await {
        Ok(tried) => tried,
        Err(fault) => return found.fails(Item::Registrar, fault.to_string()),
    };
    found.fine(Item::Registrar, "can be assumed, with source identity");
    allowed(found, Item::DataKey, &tried.data_key(&sample.record).await, "it would be made");
    refused(found, Item::RegistrarDecrypt, &tried.decrypt(&sample.record, None).await);
}

fn allowed(found: &mut Findings, item: Item, trial: &Trial, words: &str) {
    match trial {
        Trial::Allowed => found.fine(item, words),
        Trial::Not(fault) => found.fails(item, fault.to_string()),
    }
}

/// Fine only by a refusal of the policies: whatever else came may hide that they allow it.
fn refused(found: &mut Findings, item: Item, trial: &Trial) {
    match trial {
        Trial::Allowed => found.fails(item, "it would be done"),
        Trial::Not(fault) if is_denial(fault) => found.fine(item, "it is refused"),
        Trial::Not(fault) => found.unknown(item, fault.to_string()),
    }
}

fn is_denial(fault: &AuthorityFault) -> bool {
    matches!(fault.code(), Some("AccessDenied" | "AccessDeniedException"))
}
