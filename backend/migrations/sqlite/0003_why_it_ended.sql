-- What the dispatcher who ended the window said for the responder to read; empty: nothing.
alter table access_grant add column revocation text not null default '';
