-- Who of the desk signed the responder out about whom an alarm stands, and when. Nothing once they scan on.
alter table scan_alarm add column signed_out_by text references member (id);
alter table scan_alarm add column signed_out_at bigint;
