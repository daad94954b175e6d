-- Incidents as computer-aided dispatch last told them. Rows go a day after they were closed.
create table incident (
    number text primary key not null,
    -- In the words that were told, a JSON array.
    statuses text not null,
    -- Call signs of the units that are on it, a JSON array.
    units text not null,
    -- When that was so, by the clock of computer-aided dispatch: an earlier word changes nothing.
    updated_at bigint not null,
    -- When it was told, by the portal's own.
    heard_at bigint not null,
    -- Since when it is over, by the portal's own; absent: it goes on.
    closed_at bigint
);
create index incident_by_update on incident (updated_at);
create index incident_by_end on incident (closed_at);

-- When computer-aided dispatch was last heard, of any incident or of none, in one row; absent: never.
create table incident_feed (
    one bigint primary key not null,
    heard_at bigint
);
insert into incident_feed (one) values (1);
