//! Enrolment from the command line: the same sealing as in the registrar's browser.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::Args;
use halligan_backend::{domain::member::Actor, services::Portal};
use halligan_shared::{
    crypto::{self, AttachmentLine, Header, MediaType, RecordKey, SealContext},
    id::{DocumentId, RecordId},
    ips,
    member::AgencyId,
    reference::Reference,
    wire,
};
use zeroize::Zeroizing;

use super::{Options, bracelet, house::House};

/// Who the log names for what the command line does.
pub(super) const OPERATOR: &str = "OPERATOR";

#[derive(Args)]
pub(super) struct Enrol {
    /// The patient summary (FHIR R4 IPS, JSON), then attachments (PDF, PNG, JPEG)
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// The patient is made up
    #[arg(long)]
    drill: bool,
    /// The agency's own file number; no patient's name
    #[arg(long, default_value = "")]
    file_number: String,
    /// Where to write the bracelet for printing (SVG)
    #[arg(long, default_value = "bracelet.svg")]
    out: PathBuf,
}

/// A file to be sealed.
pub(super) struct Attachment {
    pub(super) title: String,
    pub(super) content: Zeroizing<Vec<u8>>,
}

impl Enrol {
    pub(super) async fn run(self, options: &Options) -> anyhow::Result<()> {
        let (summary, attachments) = read_all(&self.files)?;
        let house = House::open_unserved(options).await?;
        let sealed = seal(&house.portal, &summary, &attachments, &self.file_number, self.drill).await;
        let (record, reference) = match sealed {
            Ok(sealed) => sealed,
            Err(error) => {
                house.close().await;
                return Err(error);
            }
        };
        println!("Sealed as record {record}.");
        let handed_out = bracelet::hand_out(&house.portal.settings().origin_text(), &reference, &self.out);
        house.close().await;
        handed_out
    }
}

/// Reads a summary and its attachments.
pub(super) fn read_all(files: &[PathBuf]) -> anyhow::Result<(Zeroizing<Vec<u8>>, Vec<Attachment>)> {
    let Some((summary, attachments)) = files.split_first() else { bail!("name the patient summary") };
    let summary = read(summary, crypto::SUMMARY_MAX)?;
    let attachments = attachments
        .iter()
        .map(|file| Ok(Attachment { title: title(file), content: read(file, crypto::ATTACHMENT_MAX)? }))
        .collect::<anyhow::Result<Vec<_>>>()?;
    Ok((summary, attachments))
}

/// Checks, seals and keeps a record with a fresh bracelet.
pub(super) async fn seal(
    portal: &Portal,
    summary: &[u8],
    attachments: &[Attachment],
    file_number: &str,
    drill: bool,
) -> anyhow::Result<(RecordId, Reference)> {
    let reference = Reference::random()?;
    let record = seal_as(portal, None, Some(&reference), summary, attachments, file_number, drill).await?;
    Ok((record, reference))
}

/// Checks, seals and keeps a record, new and with a bracelet, or as the next version of one that has its own.
pub(super) async fn seal_as(
    portal: &Portal,
    record: Option<RecordId>,
    reference: Option<&Reference>,
    summary: &[u8],
    attachments: &[Attachment],
    file_number: &str,
    drill: bool,
) -> anyhow::Result<RecordId> {
    ips::check(summary)?;
    let lines = attachments.iter().map(line).collect::<anyhow::Result<Vec<_>>>()?;
    let operator: AgencyId = OPERATOR.parse()?;
    let operator = Actor::Operator(&operator);
    let wire::Sealing { id: sealing, record, version, share1, authority_point } = portal.start_sealing(operator, record).await?;
    let (share2, point) = crypto::agree(&authority_point)?;
    let key = crypto::record_key(&share1.into(), &share2, &point, &record)?;
    let context = |document| SealContext { record, document, version };

    let first = DocumentId::random()?;
    let header = Header::Summary { bytes: summary.len() as u64, drill, attachments: lines.clone() };
    portal.put_document(operator, sealing, first, &sealed(&key, &context(first), &header, summary)?).await?;
    for (line, attachment) in lines.iter().zip(attachments) {
        let header = Header::Attachment { bytes: line.bytes, title: line.title.clone(), media_type: line.media_type };
        portal
            .put_document(operator, sealing, line.document, &sealed(&key, &context(line.document), &header, &attachment.content)?)
            .await?;
    }
    let commit = wire::CommitSealing {
        point,
        summary: first,
        attachments: lines.iter().map(|line| line.document).collect(),
        bracelet: reference.map(|reference| wire::Bracelet::of(reference, &record)),
        file_number: file_number.to_owned(),
        drill,
    };
    portal.commit_sealing(operator, sealing, &commit).await?;
    Ok(record)
}

fn sealed(key: &RecordKey, place: &SealContext, header: &Header, content: &[u8]) -> anyhow::Result<Vec<u8>> {
    Ok(crypto::seal(key, place, &crypto::frame(header, content)?)?)
}

fn line(attachment: &Attachment) -> anyhow::Result<AttachmentLine> {
    let media_type =
        MediaType::sniff(&attachment.content).with_context(|| format!("{} is not a PDF, PNG or JPEG", attachment.title))?;
    Ok(AttachmentLine {
        document: DocumentId::random()?,
        title: attachment.title.clone(),
        media_type,
        bytes: attachment.content.len() as u64,
    })
}

/// Reads a file of no more bytes than `most`.
fn read(file: &Path, most: usize) -> anyhow::Result<Zeroizing<Vec<u8>>> {
    // Looked at before it is read: a wrong file can be of any size.
    let length = std::fs::metadata(file).with_context(|| format!("cannot read {}", file.display()))?.len();
    if length > most as u64 {
        bail!("{} is larger than the {} MB that it may have", file.display(), most >> 20);
    }
    std::fs::read(file).map(Zeroizing::new).with_context(|| format!("cannot read {}", file.display()))
}

fn title(file: &Path) -> String {
    file.file_stem().map(|stem| stem.to_string_lossy().chars().take(120).collect()).unwrap_or_default()
}
