//! The template that roles and keys come from, as somebody else may have changed it.

use halligan_authority::{
    policy::{Circumstances, Decision},
    template::{Deployment, Stack},
};
use time::macros::datetime;

/// Longer ones say nothing new, and every input of this target is read several times.
const LONGEST: usize = 16 * 1024;
const HERE: &str = "123456789012";
const ELSEWHERE: &str = "210987654321";
const KEY: &str = "arn:aws:kms:eu-central-1:123456789012:key/0198c0de-0000-4000-8000-000000000001";
const NO_KEY: &str = "arn:aws:kms:eu-central-1:123456789012:key/0198c0de-0000-4000-8000-000000000002";

/// Read as a whole or not at all; what is not in it is used by nobody; comments and a second reading change nothing; and in another
/// account it says the same of that account's own.
pub(crate) fn stack(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else { return };
    if text.len() > LONGEST {
        return;
    }
    let (Ok(stack), commented) =
        (Stack::read(text, &deployment(HERE)), Stack::read(&format!("# A comment\n{text}"), &deployment(HERE)))
    else {
        return;
    };
    let again = Stack::read(text, &deployment(HERE)).unwrap_or_else(|fault| panic!("{fault}"));
    let elsewhere = Stack::read(text, &deployment(ELSEWHERE)).ok();
    let circumstances = Circumstances::at(datetime!(2026-11-26 10:05:00 UTC)).with("kms:EncryptionContext:halligan:record", "ab");
    for who in ["BackendRole", "DecrypterRole", "RegistrarRole", "One"] {
        let Some(actor) = stack.session(who, "fuzz") else { continue };
        for action in ["kms:Decrypt", "kms:GenerateDataKey", "sts:AssumeRole", "iam:PutRolePolicy"] {
            let says = |stack: &Stack, resource: &str| {
                let actor = stack.session(who, "fuzz").unwrap();
                stack.decide(&actor, action, resource, &circumstances).decision
            };
            for role in ["DecrypterRole", "One"] {
                let Some(role) = stack.role(role) else { continue };
                let here = says(&stack, &role.arn);
                assert_eq!(says(&again, &role.arn), here);
                if let Ok(commented) = &commented {
                    assert_eq!(says(commented, &role.arn), here);
                }
            }
            if let Some(elsewhere) = &elsewhere
                && !text.contains(HERE)
                && !text.contains(ELSEWHERE)
            {
                assert_eq!(says(elsewhere, &KEY.replace(HERE, ELSEWHERE)), says(&stack, KEY), "{who} {action}");
            }
            let unknown = stack.decide(&actor, "kms:Decrypt", NO_KEY, &circumstances).decision;
            assert!(unknown != Decision::Allow, "{who} uses a key that is not there");
        }
    }
}

fn deployment(account: &str) -> Deployment {
    let owned = |(name, value): (&str, &str)| (name.to_owned(), value.replace(HERE, account));
    Deployment {
        account: account.to_owned(),
        region: "eu-central-1".to_owned(),
        parameters: [("AdministratorRoleArn", "arn:aws:iam::123456789012:role/Halligan-Administrator")].map(owned).into(),
        arns: [("ResponderKey", KEY), ("AgreementKey", &KEY.replace("000001", "000003"))].map(owned).into(),
    }
}
