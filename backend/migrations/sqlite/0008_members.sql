-- Invitations get an id by which an admin takes one back; the token's digest is nobody's to know. They live for minutes: those
-- from before are made anew.
delete from invitation;
alter table invitation add column id text not null default '';
create unique index invitation_by_id on invitation (id);
-- Inviting somebody again replaces the invitation that they have not used.
create unique index invitation_by_agency_id on invitation (agency_id);

-- A member's passkeys are to be replaced: proposed by one admin, confirmed by another, and then waited for in case the member
-- objects. Both signatures stand in the log.
create table reenrolment (
    id text primary key not null,
    member_id text not null references member (id),
    statement text not null,
    proposed_by text not null references member (id),
    proposed_at bigint not null,
    -- Until when it may be confirmed.
    until_at bigint not null,
    confirmed_by text references member (id),
    -- From when the link may be handed out, and until when it can be used at all.
    ready_at bigint,
    ends_at bigint,
    -- Of the last link that was handed out.
    token_digest text unique,
    token_until_at bigint,
    stopped_at bigint,
    done_at bigint
);
create index reenrolment_by_member on reenrolment (member_id);
