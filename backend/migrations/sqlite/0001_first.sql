-- Times are milliseconds since 1970 (UTC). Ids are text. JSON is canonical text. No reference, key or plaintext is ever here.

create table member (
    id text primary key not null,
    agency_id text not null unique,
    display_name text not null,
    roles text not null,
    created_at bigint not null,
    last_sign_in_at bigint
);

create table passkey (
    id text primary key not null,
    member_id text not null references member (id),
    credential_id text not null unique,
    credential text not null,
    name text not null,
    created_at bigint not null,
    last_used_at bigint
);
create index passkey_by_member on passkey (member_id);

create table invitation (
    token_digest text primary key not null,
    agency_id text not null,
    display_name text not null,
    roles text not null,
    expires_at bigint not null
);

-- A ceremony is taken out by the one statement that reads it: no answer verifies twice.
create table ceremony (
    id text primary key not null,
    purpose text not null,
    member_id text,
    state text not null,
    expires_at bigint not null
);

-- What made-up lists of passkeys are derived from, so that an agency id nobody holds is answered like one that somebody
-- does. Filled when the database is opened; hexadecimal.
create table decoy_key (
    one bigint primary key not null,
    key text not null
);

create table http_session (
    id_digest text primary key not null,
    member_id text,
    data text not null,
    expires_at bigint not null
);
create index http_session_by_member on http_session (member_id);

create table record (
    id text primary key not null,
    version bigint not null,
    file_number text not null,
    drill bigint not null
);

create table bracelet (
    reference_digest text primary key not null,
    record_id text not null unique references record (id),
    made_at bigint not null,
    -- SHA-256("halligan/v1/bracelet" || reference || record id), hexadecimal: only who holds the reference can make it.
    binding text not null
);

create table sealing (
    id text primary key not null,
    record_id text not null,
    version bigint not null,
    wrapped_share text not null,
    point text,
    sealed_by text not null,
    sealed_at bigint not null,
    committed bigint not null,
    -- Which keys it needs: KEK-Responder wraps its share 1, the agreement key derives its share 2.
    kek text not null,
    agreement_key text not null,
    unique (record_id, version, id)
);

create table document (
    sealing_id text not null references sealing (id),
    id text not null,
    kind text not null,
    place bigint not null,
    sealed blob not null,
    primary key (sealing_id, id)
);

create table access_request (
    id text primary key not null,
    member_id text not null references member (id),
    sign_in_id text not null,
    record_id text not null references record (id),
    sealing_id text not null references sealing (id),
    idempotency_key text not null,
    justification text not null,
    severity bigint not null,
    statement text not null,
    statement_digest text not null,
    assertion text not null,
    asked_at bigint not null,
    state text not null,
    -- Until when the state holds: a pending request expires, an approval lapses.
    until_at bigint not null,
    decided_by text,
    decided_at bigint,
    denial text,
    decision_statement text,
    decision_assertion text,
    unique (member_id, idempotency_key)
);
create index access_request_by_state on access_request (state, until_at);
create index access_request_by_member on access_request (member_id, asked_at);

create table access_grant (
    id text primary key not null,
    request_id text not null unique references access_request (id),
    started_at bigint not null,
    ends_at bigint not null,
    ended_at bigint,
    ending text
);

-- Each time a page opens the record, and what became of the wipe that it owes.
create table opening (
    -- SHA-256 of the secret that the wipe receipt reveals, hexadecimal: it names the opening.
    wipe_commitment text primary key not null,
    grant_id text not null references access_grant (id),
    opened_at bigint not null,
    wiped_at bigint,
    -- When it was written down that no receipt has come.
    missed_at bigint
);
create index opening_by_grant on opening (grant_id);

create table audit_head (
    one bigint primary key not null,
    sequence bigint not null,
    digest text not null
);
insert into audit_head (one, sequence, digest) values (1, 0, '0000000000000000000000000000000000000000000000000000000000000000');

create table audit_event (
    sequence bigint primary key not null,
    at bigint not null,
    kind text not null,
    actor text,
    event text not null,
    digest text not null
);
