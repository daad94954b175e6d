-- By what mark the browser is known at which a stay began, until it calls in it: then it has heard that it is signed in. Whoever signs in there
-- once more before that, because the answer never arrived, goes on with what the stay took over. Absent where no browser was known.
alter table stay add column unheard_at text;
