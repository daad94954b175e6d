-- Which request an event is about, for whoever reads what became of one. Not part of what its digest is of; `audit verify` compares it.
alter table audit_event add column request_id text;
update audit_event set request_id = coalesce(
        json_extract(event, '$.facts.request'),
        json_extract(event, '$.facts.statement.request'),
        (select g.request_id from access_grant g where g.id = json_extract(event, '$.facts.grant')))
    where json_valid(event);
create index audit_event_by_request on audit_event (request_id, sequence);

-- Whether what was opened was opened with good reason: one review a request, opened in the transaction that it is about.
create table review (
    request_id text primary key not null references access_request (id),
    -- override, after_denial or sample
    reason text not null,
    opened_at bigint not null,
    due_at bigint not null,
    -- Whose it is; absent: nobody's.
    owner_id text references member (id),
    -- Who was of the crew of whoever asked when it was opened, as JSON; absent where they had none.
    crew text,
    -- When it was written down that it was not closed in time.
    overdue_at bigint,
    closed_by text references member (id),
    closed_at bigint,
    -- justified, not_justified or unclear
    finding text,
    note text,
    statement text,
    assertion text
);
create index review_by_deadline on review (closed_at, due_at);
create index review_by_owner on review (owner_id, closed_at);
