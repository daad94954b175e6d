//! The one route table. Who may call what, and what it counts as, stands here and nowhere else; a route without an entry does not exist.

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    extract::DefaultBodyLimit,
    handler::Handler,
    http::Method,
    middleware,
    routing::{MethodFilter, MethodRouter, on},
};
use halligan_shared::paths;

use super::{
    audit, bulk, decide, doctor, drill, events,
    gate::{self, Access, Gate},
    incidents, lockdown, members, notices,
    openapi::{self, Operation, Speaks},
    pace::{Pace, Paces},
    reenrolment, release, request, review, seal, sign_in,
};
use crate::{
    domain::door::View::{Administer, Audit, Desk, Request, Review, Seal},
    services::{Portal, SEALED_MAX},
};

/// Longest body of an ordinary call, in bytes: a signed request with room to spare.
const BODY_MAX: usize = 64 << 10;
/// How long an ordinary call may take, its body included: the authority's three calls, each with its retries.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long an upload may take: the longest document over 1 Mbit/s, twice.
const UPLOAD: Duration = Duration::from_mins(5);

/// One row of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The method.
    pub method: Method,
    /// The path pattern.
    pub path: &'static str,
    /// Who may call it.
    pub access: Access,
    /// What a call counts as.
    pub pace: Pace,
}

/// The table while it is being laid: the router, and what stands in it.
pub(super) struct Table {
    portal: Portal,
    paces: Arc<Paces>,
    pub(super) router: Router<Portal>,
    pub(super) rows: Vec<(Entry, Operation)>,
}

/// Every route with who may call it.
pub fn entries(portal: &Portal) -> Vec<Entry> {
    let paces = Arc::new(Paces::new(&portal.settings().rates, portal.clock().clone()));
    table(portal, &paces).rows.into_iter().map(|(entry, _)| entry).collect()
}

#[rustfmt::skip]
pub(super) fn table(portal: &Portal, paces: &Arc<Paces>) -> Table {
    use Access::{Machine, Member, Public, See};
    use Pace::{After, Bracelet, Decision, Feed, Filing, First, General, Release, Sealing, SignIn};
    Table { portal: portal.clone(), paces: Arc::clone(paces), router: Router::new(), rows: Vec::new() }
        .get(Public, General, paths::OPENAPI, openapi::document)
        .get(Public, General, paths::HEALTH, sign_in::health)
        .post(Public, SignIn, paths::SIGN_IN_START, sign_in::start)
        .post(Public, SignIn, paths::SIGN_IN_FINISH, sign_in::finish)
        .post(Public, SignIn, paths::INVITATION_VIEW, sign_in::view_invitation)
        .post(Public, SignIn, paths::INVITATION_START, sign_in::start_joining)
        .post(Public, SignIn, paths::INVITATION_FINISH, sign_in::finish_joining)
        .get(Member, First, paths::SESSION, sign_in::session)
        // Also when the session is over already: a browser has more to forget than that.
        .post(Public, After, paths::SIGN_OUT, sign_in::sign_out)
        .post(Member, General, paths::SIGN_OUT_EVERYWHERE, sign_in::sign_out_everywhere)
        .get(Member, General, paths::OWN_REENROLMENT, reenrolment::own)
        .post(Member, General, paths::OWN_REENROLMENT_STOP, reenrolment::stop_own)
        .get(Member, General, paths::OWN_DRILL, drill::own)
        .post(Member, General, paths::OWN_DRILL_LEAVE, drill::leave)
        .get(Member, General, paths::PASSKEYS, members::passkeys)
        .post(Member, General, paths::PASSKEY_START, members::start_passkey)
        .post(Member, General, paths::PASSKEY_FINISH, members::finish_passkey)
        .put(Member, General, paths::PASSKEY, members::name_passkey)
        .delete(Member, General, paths::PASSKEY, members::remove_passkey)
        .get(Member, General, paths::NOTICES, notices::list)
        .get(Member, General, paths::NOTICE_EVENTS, events::notices)
        .get(Member, General, paths::UNREAD_EVENTS, events::unread)
        .post(Member, General, paths::NOTICES_READ, notices::read)
        .get(Member, General, paths::PUSH_DEVICES, notices::devices)
        .put(Member, General, paths::PUSH_DEVICES, notices::add_device)
        .delete(Member, General, paths::PUSH_DEVICE, notices::remove_device)
        .post(See(Request), Bracelet, paths::REQUEST_PREPARE, request::prepare)
        .post(See(Request), Filing, paths::REQUESTS, request::file)
        .get(See(Request), Filing, paths::REQUESTS, request::list)
        .get(See(Request), General, paths::REQUEST, request::show)
        .get(See(Request), General, paths::REQUEST_EVENTS, events::request)
        .post(See(Request), Filing, paths::REQUEST_CANCEL, request::cancel)
        .post(See(Request), Decision, paths::OVERRIDE_PREPARE, request::prepare_override)
        .post(See(Request), Decision, paths::OVERRIDE, request::open_alone)
        .post(See(Request), Release, paths::RELEASE, release::release)
        .get(See(Request), General, paths::GRANT_DOCUMENT, release::document)
        // The secret that it reveals is what lets a receipt in: it may come when the session is over.
        .post(Public, After, paths::GRANT_WIPED, release::wiped)
        .get(Member, General, paths::READINESS, release::readiness)
        .get(See(Desk), General, paths::DESK, decide::desk)
        .get(See(Desk), General, paths::DESK_EVENTS, events::desk)
        .post(See(Desk), Decision, paths::DECISION_PREPARE, decide::prepare)
        .get(See(Desk), Decision, paths::DECISION, decide::may_decide)
        .post(See(Desk), Decision, paths::DECISION, decide::decide)
        .put(See(Desk), Decision, paths::DECIDING, decide::deciding)
        .delete(See(Desk), Decision, paths::DESK_DECIDING, decide::deciding_nothing)
        .post(See(Desk), Decision, paths::BULK_PREPARE, bulk::prepare)
        .post(See(Desk), Decision, paths::BULK, bulk::approve)
        .post(See(Desk), Decision, paths::GRANT_REVOKE, decide::revoke)
        .post(See(Desk), General, paths::DESK_ALLOW, decide::allow_bracelets)
        .post(See(Desk), General, paths::DESK_SIGN_OUT, decide::sign_out_responder)
        .get(See(Desk), General, paths::INCIDENTS, incidents::list)
        .put(Machine, Feed, paths::INCIDENT, incidents::tell)
        .post(Machine, Feed, paths::INCIDENT_HEARTBEAT, incidents::heartbeat)
        .post(See(Seal), Sealing, paths::SEALINGS, seal::start)
        .large(See(Seal), General, paths::SEALING_DOCUMENT, seal::put_document)
        .post(See(Seal), General, paths::SEALING_COMMIT, seal::commit)
        .get(See(Seal), General, paths::RECORDS, seal::list)
        .post(See(Seal), General, paths::RECORD_BRACELET, seal::replace_bracelet)
        .get(See(Administer), General, paths::LOCKDOWN, lockdown::board)
        .get(See(Administer), General, paths::LOCKDOWN_EVENTS, events::lockdown)
        .post(See(Administer), Decision, paths::LOCKDOWN_PREPARE, lockdown::prepare)
        .post(See(Administer), Decision, paths::LOCKDOWN_PROPOSALS, lockdown::propose)
        .post(See(Administer), Decision, paths::LOCKDOWN_CONFIRMATION_PREPARE, lockdown::prepare_confirmation)
        .post(See(Administer), Decision, paths::LOCKDOWN_CONFIRMATION, lockdown::confirm)
        .get(See(Audit), General, paths::AUDIT, audit::list)
        .get(See(Review), General, paths::REVIEWS, review::list)
        .get(See(Administer), General, paths::REVIEWS_OVERDUE, review::overdue)
        .get(See(Review), General, paths::REVIEW, review::show)
        .post(See(Review), General, paths::REVIEW_OWNER, review::take)
        .post(See(Review), Decision, paths::REVIEW_FINDING_PREPARE, review::prepare)
        .post(See(Review), Decision, paths::REVIEW_FINDING, review::close)
        .post(See(Administer), Release, paths::DOCTOR, doctor::examine)
        .get(See(Administer), General, paths::DRILLS, drill::list)
        .post(See(Administer), General, paths::DRILLS, drill::begin)
        .get(See(Administer), General, paths::DRILL, drill::report)
        .post(See(Administer), General, paths::DRILL_END, drill::end)
        .post(See(Administer), General, paths::DRILL_MEMBERS, drill::join)
        .get(See(Administer), General, paths::MEMBERS, members::list)
        .post(See(Administer), General, paths::INVITATIONS, members::invite)
        .post(See(Administer), General, paths::MEMBER_SIGN_OUT, members::sign_out)
        .post(See(Administer), General, paths::MEMBER_SUSPEND, members::suspend)
        .post(See(Administer), General, paths::MEMBER_REINSTATE, members::reinstate)
        .get(See(Administer), General, paths::INVITATIONS, members::invitations)
        .delete(See(Administer), General, paths::INVITATION, members::withdraw)
        .put(See(Administer), General, paths::MEMBER_ASSIGNMENT, members::assign)
        .put(See(Administer), General, paths::MEMBER_ROLES, members::set_roles)
        .post(See(Administer), Decision, paths::REENROLMENT_PREPARE, reenrolment::prepare)
        .get(See(Administer), General, paths::REENROLMENTS, reenrolment::list)
        .post(See(Administer), Decision, paths::REENROLMENTS, reenrolment::propose)
        .post(See(Administer), Decision, paths::REENROLMENT_CONFIRMATION_PREPARE, reenrolment::prepare_confirmation)
        .post(See(Administer), Decision, paths::REENROLMENT_CONFIRMATION, reenrolment::confirm)
        .post(See(Administer), Decision, paths::REENROLMENT_LINK, reenrolment::hand_out)
        .post(See(Administer), General, paths::REENROLMENT_STOP, reenrolment::stop)
}

impl Table {
    fn get<H: Handler<T, Portal> + Speaks<A>, T: 'static, A>(
        self,
        access: Access,
        pace: Pace,
        path: &'static str,
        handler: H,
    ) -> Self {
        self.small(MethodFilter::GET, Entry { method: Method::GET, path, access, pace }, handler)
    }

    fn post<H: Handler<T, Portal> + Speaks<A>, T: 'static, A>(
        self,
        access: Access,
        pace: Pace,
        path: &'static str,
        handler: H,
    ) -> Self {
        self.small(MethodFilter::POST, Entry { method: Method::POST, path, access, pace }, handler)
    }

    fn put<H: Handler<T, Portal> + Speaks<A>, T: 'static, A>(
        self,
        access: Access,
        pace: Pace,
        path: &'static str,
        handler: H,
    ) -> Self {
        self.small(MethodFilter::PUT, Entry { method: Method::PUT, path, access, pace }, handler)
    }

    fn delete<H: Handler<T, Portal> + Speaks<A>, T: 'static, A>(
        self,
        access: Access,
        pace: Pace,
        path: &'static str,
        handler: H,
    ) -> Self {
        self.small(MethodFilter::DELETE, Entry { method: Method::DELETE, path, access, pace }, handler)
    }

    /// A PUT whose body may be as long as a sealed document.
    fn large<H: Handler<T, Portal> + Speaks<A>, T: 'static, A>(
        self,
        access: Access,
        pace: Pace,
        path: &'static str,
        handler: H,
    ) -> Self {
        let (operation, route) = (Operation::of(&handler), on(MethodFilter::PUT, handler));
        self.add(Entry { method: Method::PUT, path, access, pace }, operation, route, SEALED_MAX, UPLOAD)
    }

    fn small<H: Handler<T, Portal> + Speaks<A>, T: 'static, A>(self, filter: MethodFilter, entry: Entry, handler: H) -> Self {
        let (operation, route) = (Operation::of(&handler), on(filter, handler));
        self.add(entry, operation, route, BODY_MAX, PATIENCE)
    }

    fn add(mut self, entry: Entry, operation: Operation, route: MethodRouter<Portal>, body_max: usize, patience: Duration) -> Self {
        let (portal, paces) = (self.portal.clone(), Arc::clone(&self.paces));
        let gate = Gate {
            portal,
            paces,
            path: entry.path,
            access: entry.access,
            pace: entry.pace,
            patience,
            is_stream: operation.is_stream(),
        };
        // A handler that asks who is signed in gets an answer only from this gate.
        let gated = route.layer(DefaultBodyLimit::max(body_max)).route_layer(middleware::from_fn_with_state(gate, gate::admit));
        self.router = self.router.route(entry.path, gated);
        self.rows.push((entry, operation));
        self
    }
}
