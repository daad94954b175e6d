-- What an admin proposes about a lockdown, and who confirmed it. Both signatures stand in the log.
create table lockdown_proposal (
    id text primary key not null,
    lockdown_id text not null,
    -- begin or lift
    act text not null,
    statement text not null,
    proposed_by text not null references member (id),
    proposed_at bigint not null,
    -- Until when it may be confirmed.
    until_at bigint not null,
    confirmed_by text references member (id),
    confirmed_at bigint
);
create index lockdown_proposal_by_time on lockdown_proposal (until_at);

-- How the portal stands now, in one row. A release needs this row to say that there is no lockdown.
create table lockdown (
    one bigint primary key not null,
    -- The confirmed proposal that began the lockdown in force; absent: there is none.
    begun_by text references lockdown_proposal (id),
    -- Goes up with everything that the admins' page shows of it, so that other backends on this database notice.
    revision bigint not null,
    -- While locked down the authority is to refuse every session of the decrypter role, and after that those issued before this;
    -- absent: none are left.
    deny_before bigint,
    -- Since when it does; absent: it could not be told yet.
    deny_since bigint,
    -- Why the authority could not be told yet.
    deny_failure text,
    -- Before this nobody tries again.
    deny_next_at bigint
);
insert into lockdown (one, revision) values (1, 0);
