-- Where members work: crew, unit, station, shift, supervisor.
alter table member add column assignment text not null default '{}';
alter table invitation add column assignment text not null default '{}';

-- What dispatchers said of a request: one word each, the last one.
create table decision (
    request_id text not null references access_request (id),
    member_id text not null references member (id),
    -- approve or deny
    verdict text not null,
    reason text not null,
    statement text not null,
    assertion text not null,
    decided_at bigint not null,
    -- 0: whoever said it may decide no more, and it opens nothing.
    counts bigint not null,
    primary key (request_id, member_id)
);
create index decision_by_member on decision (member_id);
insert into decision (request_id, member_id, verdict, reason, statement, assertion, decided_at, counts)
    select id, decided_by, case when state = 'denied' then 'deny' else 'approve' end, coalesce(denial, ''), decision_statement, decision_assertion,
        decided_at, 1
    from access_request where decided_by is not null;

-- Through which door a request was opened: dispatcher, policy or override. Absent while it waits, and where it was never opened.
alter table access_request add column door text;
update access_request set door = 'dispatcher' where decided_by is not null and state <> 'denied';
-- Until when it waits, also once it was opened: what opened it may hold no more.
alter table access_request add column waits_until bigint not null default 0;
update access_request set waits_until = until_at where state in ('pending', 'approved', 'released');
-- How long its record is readable, in milliseconds, where the door that opened it says less than the operator.
alter table access_request add column window_most bigint;
-- What the responder signed to open it alone.
alter table access_request add column override_statement text;
alter table access_request add column override_assertion text;
-- The incident that it names, as computer-aided dispatch would.
alter table access_request add column incident text not null default '';
create index access_request_by_incident on access_request (incident, state);
alter table access_request drop column decided_by;
alter table access_request drop column decided_at;
alter table access_request drop column denial;
alter table access_request drop column decision_statement;
alter table access_request drop column decision_assertion;
