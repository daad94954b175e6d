//! The command line: what an operator types. Prints for people; logs go to standard error.

mod audit;
mod authority;
mod bracelet;
mod demo;
mod doctor;
mod enrol;
mod house;
mod invite;
mod limits;
mod memory;
mod outside;
mod policy;
mod private;
mod rotation;
mod serve;

use std::{path::PathBuf, process::ExitCode};

use anyhow::Context as _;
use clap::{Args, Parser, Subcommand};
use halligan_shared::{
    id::RecordId,
    member::{AgencyId, DisplayName, Role},
};
use url::Url;

/// Halligan: emergency access to health records, for five minutes, with evidence.
#[derive(Parser)]
#[command(name = "halligan", version, propagate_version = true)]
pub(crate) struct Command {
    #[command(flatten)]
    options: Options,
    #[command(subcommand)]
    step: Step,
}

/// What every step needs to know. Each can be set in the environment as well.
#[derive(Args, Clone)]
pub(crate) struct Options {
    /// Folder for the database and the embedded authority's keys
    #[arg(long, env = "HALLIGAN_DATA", default_value = "halligan-data", global = true)]
    data: PathBuf,
    /// Where browsers reach the portal; passkeys and bracelets are bound to it
    #[arg(long, env = "HALLIGAN_ORIGIN", default_value = "http://localhost:8080", global = true, value_parser = origin)]
    origin: Url,
    /// The agency's name
    #[arg(long, env = "HALLIGAN_AGENCY", default_value = "Drill County EMS", global = true)]
    agency: String,
    /// Roles whose passkeys must stay on their device
    #[arg(long, env = "HALLIGAN_DEVICE_BOUND", value_delimiter = ',', global = true)]
    device_bound: Vec<Role>,
    /// Where the embedded authority writes each call down, in CloudTrail's shape, one a line; nowhere without it
    #[arg(long, env = "HALLIGAN_TRAIL", value_name = "FILE", global = true)]
    trail: Option<PathBuf>,
    #[command(flatten)]
    aws: Aws,
}

/// Where STS and KMS are. Without these, the embedded authority is used.
#[derive(Args, Clone)]
pub(crate) struct Aws {
    /// ARN of the key KEK-Responder; naming it turns to AWS instead of the embedded authority
    #[arg(long, env = "HALLIGAN_KEK", global = true)]
    kek: Option<String>,
    /// ARN of the key KEK-Responder-ECDH
    #[arg(long, env = "HALLIGAN_AGREEMENT_KEY", global = true)]
    agreement_key: Option<String>,
    /// ARN of the role KEK-Responder-Decrypter
    #[arg(long, env = "HALLIGAN_DECRYPTER_ROLE", global = true)]
    decrypter_role: Option<String>,
    /// ARN of the role KEK-Registrar
    #[arg(long, env = "HALLIGAN_REGISTRAR_ROLE", global = true)]
    registrar_role: Option<String>,
    /// ARN of the role Halligan-Rotation, for `rotate kek`
    #[arg(long, env = "HALLIGAN_ROTATION_ROLE", global = true)]
    rotation_role: Option<String>,
    /// ARNs of keys that records may still be under, separated by commas
    #[arg(long, env = "HALLIGAN_FORMER_KEYS", value_delimiter = ',', global = true)]
    former_keys: Vec<String>,
    /// Region of the keys
    #[arg(long, env = "AWS_REGION", default_value = "eu-central-1", global = true)]
    region: String,
    /// Endpoint of STS, KMS and IAM, if not AWS's own
    #[arg(long, env = "AWS_ENDPOINT_URL", global = true)]
    endpoint: Option<String>,
}

#[derive(Subcommand)]
enum Step {
    /// Serve the portal
    Serve(serve::Serving),
    /// Serve the portal with a drill agency: a made-up patient, a bracelet, and an invitation for every role
    Demo(serve::Serving),
    /// Seal a patient summary and its attachments, and make the bracelet
    Enrol(enrol::Enrol),
    /// Give a record a new bracelet; the old one stops working at once
    Bracelet {
        /// The record's id, as the registrar's page lists it
        record: RecordId,
        /// Where to write the bracelet for printing (SVG)
        #[arg(long, default_value = "bracelet.svg")]
        out: PathBuf,
    },
    /// Invite a member; the link works once. The portal may be running meanwhile
    Invite {
        /// The agency's id for the member, such as EMS-4711
        #[arg(long)]
        agency_id: AgencyId,
        /// The member's name
        #[arg(long)]
        name: DisplayName,
        /// Roles: responder, dispatcher, registrar, auditor, admin
        #[arg(long = "role", required = true, value_delimiter = ',')]
        roles: Vec<Role>,
        #[command(flatten)]
        assignment: invite::AssignmentOptions,
        #[command(flatten)]
        limits: limits::InvitationOption,
    },
    /// Run the embedded authority alone, and write the settings by which portals find it into a file
    Authority(authority::Alone),
    /// Replace the keys that records are under
    #[command(subcommand)]
    Rotate(rotation::Rotate),
    /// Say before the emergency what would fail in it; ends with 0 if nothing would, 1 if something, 2 if it could not be seen
    Doctor(doctor::Doctor),
    /// Look at policies before they are in force
    #[command(subcommand)]
    Policy(policy::Policy),
    /// Look at the evidence
    #[command(subcommand)]
    Audit(audit::Audit),
}

impl Command {
    /// Does what was typed.
    pub(crate) async fn run(self) -> anyhow::Result<ExitCode> {
        let options = self.options;
        let done = match self.step {
            Step::Doctor(doctor) => return doctor.run(&options).await,
            Step::Policy(policy) => return policy.run(),
            Step::Serve(serving) => serve::run(&options, &serving).await,
            Step::Demo(serving) => demo::run(&options, &serving).await,
            Step::Enrol(enrol) => enrol.run(&options).await,
            Step::Bracelet { record, out } => bracelet::replace(&options, record, &out).await,
            Step::Invite { agency_id, name, roles, assignment, limits } => {
                let portal = house::open_without_keys(&options, limits.checked()?).await?;
                let invited = portal.invite(None, agency_id.clone(), name, roles, assignment.into()).await;
                let invitation = invited.with_context(|| format!("cannot invite {agency_id}"))?;
                println!("{}", bracelet::terminal(&invitation.link)?);
                println!("Invitation: {}", invitation.link);
                println!("It works once, for {} seconds.", invitation.seconds_left);
                Ok(())
            }
            Step::Authority(alone) => alone.run(&options).await,
            Step::Rotate(rotate) => rotate.run(&options).await,
            Step::Audit(audit) => audit.run(&options).await,
        };
        done.map(|()| ExitCode::SUCCESS)
    }
}

/// An origin on which browsers allow passkeys and cameras: TLS, or this machine itself.
fn origin(text: &str) -> Result<Url, String> {
    let origin: Url = text.parse().map_err(|_| "give an address such as https://halligan.example")?;
    let is_here = matches!(origin.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    if !(origin.scheme() == "https" || origin.scheme() == "http" && is_here) {
        return Err("browsers allow passkeys and cameras only over https, or on localhost".to_owned());
    }
    if origin.path() != "/" || origin.query().is_some() || origin.fragment().is_some() || !origin.username().is_empty() {
        return Err("give scheme, name and port alone, such as https://halligan.example".to_owned());
    }
    Ok(origin)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A setting that an operator cannot read of is one that nobody sets.
    #[test]
    fn every_setting_stands_in_the_table_of_the_operators_guide() {
        let guide = include_str!("../../../docs/OPERATING.md");
        let command = <Command as clap::CommandFactory>::command();
        let steps = command.get_subcommands().chain([&command]);
        let settings: Vec<_> = steps.flat_map(clap::Command::get_arguments).filter_map(clap::Arg::get_env).collect();
        assert!(settings.len() > 20);
        for setting in settings {
            let setting = setting.to_str().unwrap();
            assert!(guide.contains(&format!("`{setting}`")), "docs/OPERATING.md does not know {setting}");
        }
    }

    #[test]
    fn an_origin_is_secure_and_nothing_but_an_origin() {
        for good in ["https://halligan.example", "https://halligan.example:8443", "http://localhost:8080"] {
            assert!(origin(good).is_ok(), "{good}");
        }
        for bad in [
            "http://halligan.example",
            "https://a.example/path",
            "https://a.example?b",
            "ftp://a.example",
            "halligan",
            "https://a@b.example",
        ] {
            assert!(origin(bad).is_err(), "{bad}");
        }
    }
}
