-- Which keys a sealing needs: KEK-Responder wraps its share 1, the agreement key derives its share 2. Absent for sealings from before, until
-- the next start of a portal that names its keys writes down those.
alter table sealing add column kek text;
alter table sealing add column agreement_key text;
-- The rotation that wrapped its share 1 last.
alter table sealing add column rotation_id text;

-- Wrapping every share 1 anew. One that is not over is gone on with.
create table rotation (
    id text primary key not null,
    kek text not null,
    begun_at bigint not null,
    ended_at bigint
);
