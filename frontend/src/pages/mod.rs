//! One file a page; each owns its actions.

pub mod alone;
pub mod audit;
pub mod before_asking;
pub mod desk;
pub mod devices;
pub mod doctor;
pub mod drills;
pub mod elsewhere;
pub mod home;
pub mod join;
pub mod justify;
pub mod lockdown;
pub mod members;
mod moving;
pub mod notices;
pub mod passkeys;
pub mod record;
pub mod records;
pub mod reviews;
pub mod scan;
pub mod sign_in;
pub mod signing;
mod stage;
pub mod waiting;
