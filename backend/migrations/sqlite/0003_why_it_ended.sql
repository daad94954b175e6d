-- What the dispatcher who ended the window said for the responder to read, if anything.
alter table access_grant add column reason text;
