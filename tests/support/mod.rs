//! The portal under test, and the people who use it.

mod authenticator;
mod contract;
mod member;
mod portal;

pub(crate) use self::{
    authenticator::Device,
    contract::Contract,
    member::{Answer, Client, ForeignRecord, NotOpened, Opened},
    portal::{ORIGIN, Set, TestPortal},
};
