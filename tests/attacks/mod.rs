//! One attack a file. Each fails loudly when its defence is gone (docs/THREATS.md names them).

mod agency_id_guessing;
mod anothers_request;
mod borrowed_session;
mod dropped_calls;
mod eavesdropped_release;
mod ended_against_failing;
mod foreign_origin;
mod forged_signatures;
mod held_calls;
mod hurried_calls;
mod hurried_releases;
mod leaked_credentials;
mod lockdown;
mod lost_admin;
mod lost_tablet;
mod malformed_points;
mod many_bracelets;
mod poisoned_log;
mod references_told_apart;
mod replay;
mod resident_streams;
mod self_approval;
mod stolen_database;
mod swapped_bracelet;
mod tampered_database;
mod tampered_log;
