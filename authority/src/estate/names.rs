//! The names that the authority itself knows of the template: by logical id, as the template has them.

/// The role that the portal runs as. Here a user with a long-term access key stands in for it.
pub(crate) const BACKEND: &str = "BackendRole";
/// Opens one record inside one window.
pub(crate) const DECRYPTER: &str = "DecrypterRole";
/// Wraps new records' keys.
pub(crate) const REGISTRAR: &str = "RegistrarRole";
/// Wraps what is wrapped anew.
pub(crate) const ROTATION: &str = "RotationRole";
/// Wraps share 1.
pub(crate) const RESPONDER_KEY: &str = "ResponderKey";
/// Derives share 2.
pub(crate) const AGREEMENT_KEY: &str = "AgreementKey";
/// The parameter that names who deploys the template and administers the keys.
pub(crate) const ADMINISTRATOR_PARAMETER: &str = "AdministratorRoleArn";
/// The name of that role here.
pub(crate) const ADMINISTRATOR: &str = "Halligan-Administrator";
