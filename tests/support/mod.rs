//! The portal under test, and the people who use it.

mod authenticator;
mod member;
mod portal;

pub(crate) use self::{
    authenticator::Device,
    member::{Answer, Client, ForeignRecord, NotOpened, Opened},
    portal::{ORIGIN, Set, TestPortal},
};
