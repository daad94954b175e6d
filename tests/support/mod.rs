//! The portal under test, and the people who use it.

mod authenticator;
mod contract;
mod held;
mod member;
mod peer;
mod portal;
mod reenrolment;
mod relay;

pub(crate) use self::{
    authenticator::Device,
    contract::Contract,
    held::{Held, so_far},
    member::{Answer, Client, ForeignRecord, NotOpened, Opened},
    portal::{ORIGIN, Set, TestPortal, Way},
    relay::{Does, Gate, Relay},
};
