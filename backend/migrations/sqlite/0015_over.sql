-- What runs out by itself is looked for each second. Of what goes on there is little, of what is over ever more: these hold only the former.
create index access_grant_open on access_grant (ends_at) where ending is null;
create index opening_owed on opening (grant_id) where wiped_at is null and missed_at is null;
create index sealing_begun on sealing (sealed_at) where committed = 0;
create index drill_on on drill (ends_at) where over = 0;
