-- The rotation that wrapped a sealing's share 1 last.
alter table sealing add column rotation_id text;

-- Wrapping every share 1 anew. One that is not over is gone on with.
create table rotation (
    id text primary key not null,
    kek text not null,
    begun_at bigint not null,
    ended_at bigint
);
