-- Drills: the same path on made-up patients, by members whom an admin chose.
create table drill (
    id text primary key not null,
    name text not null,
    begun_by text not null references member (id),
    begun_at bigint not null,
    -- When it ends by itself, or ended.
    ends_at bigint not null,
    -- 1: its end stands in the log.
    over bigint not null
);
create table drill_member (
    drill_id text not null references drill (id),
    member_id text not null references member (id),
    -- Before the end of the drill; absent: they stayed.
    left_at bigint,
    primary key (drill_id, member_id)
);
create index drill_member_by_member on drill_member (member_id);

-- The drill in which it was made. Its record must be a made-up one.
alter table access_request add column drill_id text references drill (id);
create index access_request_by_drill on access_request (drill_id);

-- What a record was sealed as is read where it is opened.
create index audit_event_of_sealed on audit_event (case when json_valid(event) then json_extract(event, '$.facts.record') end, sequence)
    where kind = 'record.sealed';
