-- A member who may not sign in any more, until an admin says otherwise.
alter table member add column suspended_at bigint;
-- How far the log had come when every session of the member was last ended: no sign-in that was begun before counts. A place in
-- the log and no instant, since clocks are put right.
alter table member add column sign_ins_after bigint not null default 0;

-- Which admin invited: keeping that one out withdraws what is unused. Absent where the operator invited.
alter table invitation add column invited_by text references member (id);

-- A member at a browser, from the sign-in until it ends. Made and ended in the transactions that say so in the log: a cookie
-- session whose stay is gone is nobody's, however late it was saved.
create table stay (
    id text primary key not null,
    member_id text not null references member (id),
    -- Which passkey began it: it ends when that is removed.
    passkey_id text not null,
    since bigint not null
);
create index stay_by_member on stay (member_id);
alter table http_session add column sign_in_id text;
-- Sessions from before have no stay.
delete from http_session;

-- Bracelets that a responder looked up of late. Rows go when they no longer count.
create table scan (
    member_id text not null references member (id),
    -- Known or not: who tries references out shows here all the same.
    reference_digest text not null,
    at bigint not null,
    primary key (member_id, reference_digest)
);
create index scan_by_time on scan (at);

-- Responders who looked up many bracelets in a short time, until a dispatcher says that it is in order.
create table scan_alarm (
    member_id text primary key not null references member (id),
    raised_at bigint not null,
    -- How many bracelets since, and with those that raised it.
    bracelets bigint not null,
    -- When the last of them was let through.
    last_at bigint not null
);
