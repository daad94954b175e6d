-- While locked down the authority is to refuse every session; `deny_before` is for after that, when those from before are to be refused
-- still. Whether it was told says `deny_since`.
alter table lockdown drop column deny_state;
update lockdown set deny_before = null, deny_since = null, deny_failure = null, deny_next_at = null where begun_by is not null;
