-- Which browser a device is, and what it said of itself: for its member to know it by, and so that it is told no more once somebody signs
-- out at it. Those that were added before are known by neither.
alter table push_device add column name text not null default '';
alter table push_device add column browser text;
create index push_device_at on push_device (browser) where browser is not null;
