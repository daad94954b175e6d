//! Reading policies: only what is understood to the last word is taken.

use std::{
    collections::BTreeMap,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use cedar_policy::{Policy, PolicyId, PolicySet, ValidationMode, Validator};
use halligan_shared::bytes::Bytes;
use miette::Diagnostic;
use sha2::{Digest as _, Sha256};

use super::{FILES, PolicyFault, terms, words::Words};
use crate::domain::door::Terms;

/// The file of the schema.
pub const SCHEMA: &str = "halligan.cedarschema";
/// Longest id, in characters: it stands on pages and in events.
const ID_MAX: usize = 64;

/// A file of policies.
pub(super) struct Source {
    pub(super) name: String,
    pub(super) path: PathBuf,
    pub(super) text: String,
}

/// A policy as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// Its id, which events name.
    pub id: String,
    /// The name of its file.
    pub file: String,
    /// The line that it begins in, from 1.
    pub line: usize,
    /// From its first annotation to its semicolon.
    pub text: String,
    /// The terms that it gives; `None` for one that opens no door.
    pub terms: Option<Terms>,
}

/// Whether a file of this name holds policies.
pub(super) fn is_policy(name: &str) -> bool {
    name.strip_suffix(".cedar").is_some_and(|stem| !stem.is_empty() && !stem.starts_with('.'))
}

/// The files of a folder that hold policies, by name.
pub(super) fn read(folder: &Path) -> Result<Vec<Source>, PolicyFault> {
    let unreadable = |path: &Path| {
        let path = path.to_owned();
        move |error| PolicyFault::Unreadable { path, error }
    };
    // Whoever writes them decides who opens what.
    let closed = |path: &Path| match std::fs::metadata(path).map_err(unreadable(path))?.permissions().mode() {
        mode if mode & 0o002 == 0 => Ok(()),
        _ => Err(PolicyFault::OpenToOthers(path.to_owned())),
    };
    closed(folder)?;
    let mut sources = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable(folder))? {
        let path = entry.map_err(unreadable(folder))?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()).map(ToOwned::to_owned) else { continue };
        if name == SCHEMA || is_policy(&name) {
            closed(&path)?;
            let text = std::fs::read_to_string(&path).map_err(unreadable(&path))?;
            sources.push(Source { name, path, text });
        }
    }
    sources.sort_by(|one, other| one.name.cmp(&other.name));
    // By another schema, an editor would find right what the portal does not understand.
    let own = FILES.iter().find(|(name, _)| *name == SCHEMA);
    if let Some(place) = sources.iter().position(|source| source.name == SCHEMA) {
        let copy = sources.remove(place);
        if own.is_none_or(|(_, text)| *text != copy.text) {
            return Err(PolicyFault::Schema(copy.path));
        }
    }
    if sources.is_empty() { Err(PolicyFault::None(folder.to_owned())) } else { Ok(sources) }
}

/// SHA-256(label || number of files || for each, by name, and the schema first: length of name || name || length of text || text): no
/// two sets of files spell the same bytes.
pub(super) fn version(sources: &[Source]) -> String {
    let own = FILES.iter().filter(|(name, _)| *name == SCHEMA).copied();
    let named: BTreeMap<&str, &str> = sources.iter().map(|source| (source.name.as_str(), source.text.as_str())).collect();
    let mut digest = Sha256::new_with_prefix(b"halligan/v1/policies");
    let mut put = |text: &str| {
        digest.update((text.len() as u64).to_be_bytes());
        digest.update(text);
    };
    for (name, text) in own.chain(named) {
        put(name);
        put(text);
    }
    Bytes::<32>(digest.finalize().into()).to_hex()
}

/// The policies of these files, by their ids, if every one is valid.
pub(super) fn check(words: &Words, sources: &[Source]) -> Result<(PolicySet, Vec<Written>), PolicyFault> {
    let (mut set, mut written, mut places) = (PolicySet::new(), Vec::<Written>::new(), BTreeMap::new());
    for source in sources {
        for (policy, line) in parsed(source)? {
            let at = |what: String| PolicyFault::At { path: source.path.clone(), line, what };
            let id = id(&policy).map_err(at)?;
            if let Some(Written { file, line, .. }) = written.iter().find(|other| other.id == id) {
                return Err(at(format!("the id {id} is taken by the policy in {file}, line {line}: give each an id of its own")));
            }
            let terms = terms::read(&policy).map_err(at)?;
            let text = policy.to_cedar().unwrap_or_default();
            set.add(policy.new_id(PolicyId::new(&id))).map_err(|error| at(error.to_string()))?;
            places.insert(id.clone(), (source, line));
            written.push(Written { id, file: source.name.clone(), line, text, terms });
        }
    }
    let found = Validator::new(words.schema().clone()).validate(&set, ValidationMode::Strict);
    let errors = found.validation_errors().map(|error| (error.policy_id(), error as &dyn Diagnostic));
    // A policy that can never hold, or whose words only look like what they are, is one that somebody relies on in vain.
    let warnings = found.validation_warnings().map(|warning| (warning.policy_id(), warning as &dyn Diagnostic));
    match errors.chain(warnings).next() {
        None if set.policies().any(terms::opens) => Ok((set, written)),
        None => Err(PolicyFault::NoDoor),
        Some((id, fault)) => Err(match places.get(AsRef::<str>::as_ref(id)) {
            Some((source, line)) => located(source, fault, *line),
            None => PolicyFault::OwnSchema(fault.to_string()),
        }),
    }
}

/// The policies of a file in the order of its lines, each with the one that it begins in.
fn parsed(source: &Source) -> Result<Vec<(Policy, usize)>, PolicyFault> {
    let set: PolicySet = source.text.parse().map_err(|errors: cedar_policy::ParseErrors| match errors.iter().next() {
        Some(error) => located(source, error, 1),
        None => PolicyFault::At { path: source.path.clone(), line: 1, what: errors.to_string() },
    })?;
    if let Some(template) = set.templates().next() {
        let line = source.text.find(&template.to_cedar()).map_or(1, |offset| line_of(&source.text, offset));
        let what = "a policy with ?principal or ?resource stands for many, and nothing here fills it in: write the policy itself"
            .to_owned();
        return Err(PolicyFault::At { path: source.path.clone(), line, what });
    }
    let mut policies: Vec<_> = set.policies().cloned().collect();
    // Cedar numbers them as they stand: policy0, policy1 and so on.
    policies.sort_by_key(|policy| {
        AsRef::<str>::as_ref(policy.id()).trim_start_matches(|c: char| !c.is_ascii_digit()).parse().unwrap_or(u32::MAX)
    });
    let mut from = 0;
    let place = |policy: Policy| {
        let text = policy.to_cedar().unwrap_or_default();
        let offset = source.text.get(from..).and_then(|rest| rest.find(&text)).map_or(from, |offset| from + offset);
        from = offset + text.len();
        (policy, line_of(&source.text, offset))
    };
    Ok(policies.into_iter().map(place).collect())
}

fn id(policy: &Policy) -> Result<String, String> {
    let form = "lower-case letters, digits and hyphens, such as @id(\"doors-night\")";
    let Some(id) = policy.annotation("id") else {
        return Err(format!("the policy has no id, by which the log would name it: write one before it, of {form}"));
    };
    let is_named = (1..=ID_MAX).contains(&id.len())
        && id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    if is_named { Ok(id.to_owned()) } else { Err(format!("@id(\"{id}\") is not an id: write at most {ID_MAX} {form}")) }
}

/// A fault with the line that Cedar points to, or else the one that its policy begins in.
fn located(source: &Source, fault: &(impl Diagnostic + ?Sized), line: usize) -> PolicyFault {
    let label = fault.labels().and_then(|mut labels| labels.next());
    let line = label.map_or(line, |label| line_of(&source.text, label.offset()));
    let help = fault.help().map(|help| format!(" ({help})")).unwrap_or_default();
    PolicyFault::At { path: source.path.clone(), line, what: format!("{fault}{help}") }
}

fn line_of(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1
}

#[cfg(test)]
mod tests {
    use std::fs::Permissions;

    use super::*;

    #[test]
    fn policies_that_anybody_can_write_are_not_read() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("doors.cedar");
        std::fs::write(&file, "").unwrap();
        for (path, mode) in [(folder.path(), 0o757), (file.as_path(), 0o646)] {
            let before = std::fs::metadata(path).unwrap().permissions();
            std::fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
            assert!(matches!(read(folder.path()), Err(PolicyFault::OpenToOthers(open)) if open == path));
            std::fs::set_permissions(path, before).unwrap();
        }
        assert!(read(folder.path()).is_ok());
    }
}
