-- Who is about to decide what: a sign for the other desks, and no lock.
create table deciding (
    request_id text not null references access_request (id),
    member_id text not null references member (id),
    until_at bigint not null,
    primary key (request_id, member_id)
);
