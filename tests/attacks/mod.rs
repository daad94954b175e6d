//! One attack a file. Each fails loudly when its defence is gone (docs/THREATS.md names them).

mod agency_id_guessing;
mod anothers_request;
mod borrowed_session;
mod foreign_origin;
mod hurried_releases;
mod malformed_points;
mod poisoned_log;
mod replay;
mod self_approval;
mod stolen_database;
mod swapped_bracelet;
mod tampered_database;
mod tampered_log;
