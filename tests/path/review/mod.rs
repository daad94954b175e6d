//! Reviews: which requests get one, whose it is, who may close it, what it shows, and that nothing waits for it.

mod closing;
mod opening;
mod owning;
mod reading;

use halligan_shared::{
    grant::WipeCause,
    id::RequestId,
    member::Role,
    notice::{Closing, Topic},
    paths,
    reference::Reference,
    statement::Verdict,
    wire::NoticeBoard,
};

use crate::support::{Client, Device, Set, TestPortal};

const PRIVACY: &[Role] = &[Role::PrivacyOfficer];
/// Three days, in milliseconds.
const DUE: i64 = 3 * 24 * 3_600_000;

/// A county: a record, a responder, a dispatcher. Sessions outlive the test's clock by signing in anew.
struct County {
    portal: TestPortal,
    reference: Reference,
    responder: Client,
    dispatcher: Client,
}

impl County {
    async fn new(review_sample: u8) -> Self {
        let portal = TestPortal::start_with(Set { review_sample, ..Set::unhurried() }).await;
        let (_, reference) = portal.member("REG-1", &[Role::Registrar]).await.seal(b"{}").await;
        let responder = portal.member_with(Device::synchronised(), "EMS-1", &[Role::Responder]).await;
        let dispatcher = portal.member_with(Device::synchronised(), "DSP-1", &[Role::Dispatcher]).await;
        Self { portal, reference, responder, dispatcher }
    }

    /// The same with a patient who is not made up.
    async fn real(review_sample: u8) -> Self {
        let county = Self::new(review_sample).await;
        assert_eq!(county.portal.tamper("update record set drill = 0").await, 1);
        county
    }

    async fn officer(&self, id: &str) -> Client {
        self.portal.member_with(Device::synchronised(), id, PRIVACY).await
    }

    /// A request that the responder opened alone, and did not read.
    async fn overridden(&mut self) -> RequestId {
        let request = self.responder.ask(&self.reference).await.id;
        self.portal.pass(60_000);
        self.responder.open_alone(request).await.done();
        request
    }

    /// A request that the responder opened alone, read and wiped.
    async fn read_alone(&mut self) -> RequestId {
        let request = self.overridden().await;
        let opened = self.responder.open(request).await;
        self.responder.wiped(opened.release.grant, opened.secret, WipeCause::Done).await.done();
        request
    }

    /// A request that a dispatcher approved, read and wiped.
    async fn read(&mut self) -> RequestId {
        let request = self.responder.ask(&self.reference).await.id;
        self.dispatcher.decide(request, Verdict::Approve).await.done();
        let opened = self.responder.open(request).await;
        self.responder.wiped(opened.release.grant, opened.secret, WipeCause::Done).await.done();
        request
    }

    async fn reviews(&self) -> i64 {
        self.portal.count("select count(*) from review").await
    }

    async fn told(&self, kind: &str) -> usize {
        self.portal.kinds().await.iter().filter(|one| *one == kind).count()
    }
}

/// What a member was told, the last first, and how it ended.
async fn topics(member: &mut Client) -> Vec<(Topic, Option<Closing>)> {
    let board: NoticeBoard = member.get(paths::NOTICES).await.ok();
    board
        .notices
        .into_iter()
        .filter(|line| line.topic != Topic::OpenedAlone)
        .map(|line| (line.topic, line.closed.map(|closed| closed.how)))
        .collect()
}
