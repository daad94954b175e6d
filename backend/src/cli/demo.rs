//! The drill agency: everything needed to walk the path on one machine, with a patient who does not exist.

use std::path::Path;

use anyhow::Context as _;
use halligan_backend::services::Portal;
use halligan_shared::{assignment::Assignment, member::Role, reference::Reference};
use zeroize::Zeroizing;

use super::{
    Options, bracelet,
    enrol::{self, Attachment},
    private,
    serve::{self, Serving},
};

/// The drill patient: summary and attachments (see drill/README.md).
const SUMMARY: &[u8] = include_bytes!("../../../drill/anna-drillmann.json");
const ATTACHMENTS: [(&str, &[u8]); 2] =
    [("ECG", include_bytes!("../../../drill/ecg.pdf")), ("Pacemaker card", include_bytes!("../../../drill/pacemaker-card.png"))];

pub(super) async fn run(options: &Options, serving: &Serving) -> anyhow::Result<()> {
    serve::settle();
    // First: where the place is taken, nothing is made.
    let server = serve::bind(serving).await?;
    let house = serving.house(options).await?;
    house.portal.put_policies_in_force().await?;
    drill_bracelet(&house.portal, &options.data).await?;
    println!();
    for role in Role::ALL {
        invite(&house.portal, role, role.title(), &format!("DRILL-{role}")).await?;
    }
    // A lockdown takes two.
    invite(&house.portal, Role::Admin, "a second admin", "DRILL-admin-2").await?;
    let minutes = house.portal.settings().limits.invitation.whole_minutes();
    println!("\nInvitations are good for {minutes} minutes and once. For new ones start again, or see `halligan invite --help`.");
    println!("\nPortal: {}", house.portal.settings().origin_text());
    let origin = &house.portal.settings().origin;
    if origin.scheme() == "http" && origin.port_or_known_default() != Some(serving.port()) {
        println!("Nothing listens there: add --origin http://localhost:{}, with a data folder of its own.", serving.port());
    }
    println!("Ctrl-C stops it; everything is kept.");
    serve::serve(house, server).await
}

/// Prints the drill bracelet, sealing the patient on the first start. The typed form is kept beside the picture, because
/// the store keeps no reference: for a patient who does not exist, that betrays nobody.
async fn drill_bracelet(portal: &Portal, data: &Path) -> anyhow::Result<()> {
    let (kept, picture) = (data.join("drill-bracelet.txt"), data.join("drill-bracelet.svg"));
    let origin = portal.settings().origin_text();
    if let Ok(text) = std::fs::read_to_string(&kept) {
        let reference =
            Reference::parse(&text).with_context(|| format!("{} is not a reference; remove it to make another", kept.display()))?;
        return bracelet::show(&origin, &reference, &picture);
    }
    println!("First start: sealing a drill patient.");
    let attachments =
        ATTACHMENTS.map(|(title, content)| Attachment { title: title.to_owned(), content: Zeroizing::new(content.to_vec()) });
    let (_, reference) = enrol::seal(portal, SUMMARY, &attachments, "drill", true).await?;
    private::write(&kept, &reference.to_text())?;
    bracelet::hand_out(&origin, &reference, &picture)
}

/// A link for a member of the drill agency who has not joined yet.
async fn invite(portal: &Portal, role: Role, who: &str, agency_id: &str) -> anyhow::Result<()> {
    match portal.invite(None, agency_id.parse()?, format!("Drill {who}").parse()?, vec![role], Assignment::default()).await {
        Ok(invitation) => println!("Invitation for {who}: {}", invitation.link),
        Err(halligan_backend::services::Fault::AgencyIdTaken) => println!("Joined already: {who}"),
        Err(error) => return Err(error.into()),
    }
    Ok(())
}
