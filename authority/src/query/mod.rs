//! The AWS query protocol, which STS and IAM speak: a form in, XML out.

mod parameters;
mod xml;

pub(crate) use parameters::Parameters;
pub(crate) use xml::{Namespace, Xml, refusal};
