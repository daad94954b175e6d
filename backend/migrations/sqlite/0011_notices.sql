-- What members are told without having asked. `about` is the id of what it is about; nothing here says of which record.
create table notice (
    id text primary key,
    topic text not null,
    about text not null,
    facts text not null,
    made_at bigint not null,
    until_at bigint not null,
    closed_at bigint,
    closed_how text,
    closed_by text
);
create index notice_about on notice (about);
create index notice_open on notice (topic, closed_at);
create index notice_over on notice (closed_at) where closed_at is not null;

-- In whose inbox it is.
create table notice_to (
    notice_id text not null references notice (id),
    member_id text not null references member (id),
    read_at bigint,
    primary key (notice_id, member_id)
);
create index notice_of_member on notice_to (member_id, notice_id);
create index notice_unread on notice_to (member_id) where read_at is null;

-- Browsers that are told by push. What one is told by: anybody who has the address can tell it something, and only the keys make it readable.
create table push_device (
    id text primary key,
    member_id text not null references member (id),
    endpoint text not null unique,
    p256dh text not null,
    auth text not null,
    made_at bigint not null,
    last_ok_at bigint,
    failing_since bigint
);
create index push_device_of_member on push_device (member_id);

-- The outbox, written with what is told. `told`: 0 nothing yet, 1 the notice, 2 its end.
create table delivery (
    id text primary key,
    notice_id text not null references notice (id),
    channel text not null,
    device_id text references push_device (id) on delete cascade,
    event text not null,
    state text not null,
    told bigint not null default 0,
    attempts bigint not null default 0,
    next_at bigint not null,
    claimed_until bigint not null default 0,
    until_at bigint not null
);
create index delivery_due on delivery (state, channel, next_at);
create index delivery_of_notice on delivery (notice_id);
create index delivery_of_device on delivery (device_id);

-- How the one webhook is.
create table webhook (
    one integer primary key check (one = 1),
    last_ok_at bigint,
    failing_since bigint
);
insert into webhook (one) values (1);
