-- The rotation that wrapped a sealing's share 1 last.
alter table sealing add column rotation_id text;
-- What it was wrapped as before, and by which key: kept until the rotation is ended.
alter table sealing add column former_share text;
alter table sealing add column former_kek text;

-- Wrapping every share 1 anew. One that is not over is gone on with.
create table rotation (
    id text primary key not null,
    kek text not null,
    -- How often the key's material had been replaced when it was begun.
    material bigint not null,
    begun_at bigint not null,
    ended_at bigint
);
