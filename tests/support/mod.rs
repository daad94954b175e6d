//! The portal under test, and the people who use it.

mod authenticator;
mod cad;
mod contract;
mod held;
mod listener;
mod member;
mod peer;
mod portal;
mod reenrolment;
mod relay;
mod review;
mod served;

pub(crate) use self::{
    authenticator::Device,
    cad::{Cad, Call},
    contract::Contract,
    held::{Held, so_far},
    listener::{Browser, Heard, Listener},
    member::{Answer, Client, ForeignRecord, NotOpened, Opened, pressing},
    portal::{ORIGIN, Set, TestPortal, Way},
    relay::{Does, Gate, Relay},
    served::{Served, here},
};
