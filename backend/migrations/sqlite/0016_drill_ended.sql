-- Who ended it; absent while it runs, and where it ran out.
alter table drill add column ended_by text references member (id);
